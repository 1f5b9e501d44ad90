"""The message templates the stand-in's account owns, listed as WeChat's library lists them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

_PLACEHOLDER = re.compile(r"^(.*?):\{\{(\w+)\.DATA\}\}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """One template; `content` has a line `label:{{key.DATA}}` for each field."""

    template_id: str
    title: str
    content: str
    long_term: bool = False

    @property
    def fields(self) -> dict[str, str]:
        """Field keys in order, with their labels."""
        return {key: label for label, key in _PLACEHOLDER.findall(self.content)}


def _template(title: str, **labels: str) -> MessageTemplate:
    content = "\n".join(f"{label}:{{{{{key}.DATA}}}}" for key, label in labels.items())
    return MessageTemplate("", title, content)


BY_KIND = {
    "booked": _template(
        "报名结果通知",
        thing1="课程名称",
        time2="上课时间",
        thing3="上课地点",
        phrase4="报名结果",
        thing5="温馨提示",
    ),
    "offered": _template(
        "候补名额通知",
        thing1="课程名称",
        time2="上课时间",
        time3="请在此前确认",
        thing4="温馨提示",
    ),
    "changed": _template(
        "课程变更通知",
        thing1="课程名称",
        thing2="变更内容",
        time3="上课时间",
        thing4="温馨提示",
    ),
    "lesson": _template(
        "上课提醒",
        thing1="课程名称",
        time2="上课时间",
        thing3="上课地点",
        thing4="温馨提示",
    ),
}


def templates(ids: Mapping[str, str]) -> tuple[MessageTemplate, ...]:
    """The account's templates, under the ids the product is configured with (`kind: id`).

    A kind without an id gets `standin-<kind>`.
    """
    return tuple(
        replace(template, template_id=ids.get(kind, f"standin-{kind}"))
        for kind, template in BY_KIND.items()
    )
