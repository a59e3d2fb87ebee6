"""The letters of the office: their wording, with places that the ledger fills."""

import re
from dataclasses import dataclass

from saima.reference.lights import LETTER_KINDS
from saima.reference.refusal import ReferenceError
from saima.reference.settings import Settings

PLACES = (
    *("城市", "地区", "报告期", "月份", "红灯个数", "黄灯个数", "新增个数", "加重个数", "最长期数"),
    *("目标情况", "名次情况", "说明原因", "回复期限", "发文日期"),
)
"""What a text may ask for, as {名称}."""

PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a letter; `when` names the place without whose content it is left out."""

    text: str
    when: str | None


@dataclass(frozen=True)
class LetterTemplate:
    """One kind of letter. Every text may hold PLACES; `label` says that the wording is ours."""

    kind: str
    name: str
    label: str
    title: str
    addressee: str
    issuer: str
    attachment: str
    reply_days: int
    paragraphs: tuple[Paragraph, ...]


def read_letter(kind: str, settings: Settings) -> LetterTemplate:
    """The letter of one file."""
    if kind not in LETTER_KINDS:
        raise ReferenceError(settings.file, f"没有函件“{kind}”", allowed="、".join(LETTER_KINDS))
    settings.only("name", "label", "title", "addressee", "issuer", "attachment", "reply_days", "paragraphs")
    days = settings.number("reply_days", 10, low=0, high=365)
    if not days.is_integer():
        raise settings.refused("reply_days", f"值“{days:g}”不对", "0 到 365 的整数")
    paragraphs = settings.tables("paragraphs")
    if not paragraphs:
        raise settings.refused("paragraphs", "没有正文", "至少一个 [[paragraphs]]")
    return LetterTemplate(
        kind=kind,
        name=settings.word("name"),
        label=settings.word("label", ""),
        title=_text(settings, "title"),
        addressee=_text(settings, "addressee"),
        issuer=_text(settings, "issuer"),
        attachment=_text(settings, "attachment"),
        reply_days=int(days),
        paragraphs=tuple(_paragraph(found) for found in paragraphs),
    )


def _paragraph(found: Settings) -> Paragraph:
    found.only("text", "when")
    when = found.word("when", allowed=PLACES) if "when" in found.values else None
    return Paragraph(_text(found, "text"), when)


def _text(found: Settings, key: str) -> str:
    """A text whose places are all known and whose braces are in pairs."""
    text = found.word(key)
    for place in PLACE.findall(text):
        if place not in PLACES:
            raise found.refused(key, f"没有占位“{place}”", "、".join(PLACES))
    if re.search(r"[{}]", PLACE.sub("", text)):
        raise found.refused(key, "花括号没有成对", "{地区} 这样的写法")
    return text
