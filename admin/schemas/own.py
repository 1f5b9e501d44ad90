"""Forms about one's own sign-in."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validates_schema

from admin.schemas.base import Asked, Choice, Text
from backend.languages import LANGUAGES


class SignInForm(Asked):
    """Username and password."""

    username = Text(longest=64, required=True)
    password = fields.String(required=True, error_messages=Text.default_error_messages)
    next = fields.String(load_default="")


class PasswordForm(Asked):
    """A new password, with the current one as proof and the new one twice."""

    current = fields.String(required=True, error_messages=Text.default_error_messages)
    password = fields.String(required=True, error_messages=Text.default_error_messages)
    again = fields.String(required=True, error_messages=Text.default_error_messages)

    @validates_schema
    def is_typed_twice(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """A typing error would lock its owner out."""
        if data.get("password") != data.get("again"):
            raise ValidationError({"again": [str(_("两次输入的新密码不一致。"))]})


class LanguageForm(Asked):
    """In which language the console speaks; `back` is the page to return to."""

    language = Choice(LANGUAGES, required=True)
    back = fields.String(load_default="")
