"""WeChat's subscriptions."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from marshmallow import INCLUDE, Schema, ValidationError, fields, validates_schema

from backend import config

ANSWERS = ("accept", "reject", "ban", "filter")


class TemplateSchema(Schema):
    """A message template; `kind` says what it is used for."""

    kind = fields.String(required=True, metadata={"example": "offered"})
    template_id = fields.String(required=True)


class SubscriptionsBody(Schema):
    """Template ids, each with accept, reject, ban or filter."""

    class Meta:
        unknown = INCLUDE

    @validates_schema
    def only_ours(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        """Only templates that are configured, only WeChat's words for them."""
        known = set(config.current().wx_templates.values())
        wrong = {
            template_id: [_("订阅模板或结果无法识别。")]
            for template_id, answer in data.items()
            if template_id not in known or answer not in ANSWERS
        }
        if wrong:
            raise ValidationError(wrong)


class SubscriptionsCountedSchema(Schema):
    """Whether the report counts, or WeChat's own push does."""

    counted = fields.Boolean(required=True)
