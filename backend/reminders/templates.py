"""The fields each configured WeChat template must have, held against what WeChat says they are."""

from collections.abc import Mapping

from backend.reminders.wording import Template
from backend.wechat.client import WeChatClient

FIELDS: Mapping[Template, Mapping[str, str]] = {
    Template.BOOKED: {
        "thing1": "course",
        "time2": "next lesson",
        "thing3": "place and room",
        "phrase4": "result",
        "thing5": "hint",
    },
    Template.OFFERED: {
        "thing1": "course",
        "time2": "next lesson",
        "time3": "answer by",
        "thing4": "hint",
    },
    Template.CHANGED: {
        "thing1": "course",
        "thing2": "what changed",
        "time3": "lesson",
        "thing4": "hint",
    },
    Template.LESSON: {
        "thing1": "course or room",
        "time2": "lesson or start",
        "thing3": "place and room",
        "thing4": "hint",
    },
}
"""What an operator picks in WeChat's console: these types in this order, under any labels."""


def problems(client: WeChatClient, configured: Mapping[str, str]) -> list[str]:
    """What is wrong with the configured templates, a sentence each. Raises WeChatError."""
    if not configured:
        return []
    owned = {template.template_id: template for template in client.templates()}
    found = []
    for kind, fields in FIELDS.items():
        template_id = configured.get(kind)
        template = owned.get(template_id or "")
        if template_id is None:
            found.append(f"WX_TEMPLATES names no template for {kind}")
        elif template is None:
            found.append(f"{kind}: the account has no template {template_id}")
        elif set(template.fields) != set(fields):
            found.append(
                f"{kind}: {template_id} has the fields {', '.join(template.fields)}, "
                f"needed are {', '.join(fields)}"
            )
    return found
