"""The table WeChat's client needs: the access token all processes share."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Model, Moment
from backend.people.crypto import Encrypted


class WeChatAccessToken(Model):
    """The current access token of one mini-program, and who is fetching the next.

    `version` counts the tokens, so that a refused one can be dropped without dropping the one
    that replaced it meanwhile.
    """

    __tablename__ = "wechat_access_token"

    appid: Mapped[str] = mapped_column(Text, primary_key=True)
    token: Mapped[str | None] = mapped_column(Encrypted)
    expires_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(default=0)
    lease_holder: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[Moment | None]
