"""The links that staff have handed out."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import BigInt, Id, Model, Moment


class TeacherLink(Model):
    """A link to one class's attendance, `name` being who it was given to.

    The link itself is signed and not kept here; it ends with the class, or when it is revoked.
    """

    __tablename__ = "teacher_link"

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("course_run.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(40))
    staff_id: Mapped[int] = mapped_column(BigInt, ForeignKey("staff.id"))
    created_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    revoked_by: Mapped[int | None] = mapped_column(BigInt, ForeignKey("staff.id"))
