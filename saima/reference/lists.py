"""Who belongs on which list of projects, as far as a rule can tell."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from saima.ledgers import LEDGERS, PROJECTS
from saima.reference.settings import Settings

_NATURES = PROJECTS.column("nature").values
_SOURCES = LEDGERS["funds"].column("source").values
_EVENTS = ("planned", "signed", "landed", "approved", "started", "finished", "produced", "ramped")


@dataclass(frozen=True)
class ListRule:
    """Who belongs on a list: all that is said must hold, but `also_schemes` belong in any case.

    `investment_from` (万元) is the size; `relaxed_from` that of projects with a tag of `relaxed_schemes` or
    of `relaxed_natures`. `schemes`: a tag of one of them. `happened`: that event in the year. `waits`:
    signed, and that event has not come. `fund_sources`: a fund of one of them. `words` say the rule.
    """

    list: str
    words: str = ""
    investment_from: float | None = None
    relaxed_from: float | None = None
    relaxed_schemes: tuple[str, ...] = ()
    relaxed_natures: tuple[str, ...] = ()
    also_schemes: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    happened: str | None = None
    waits: str | None = None
    fund_sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListRules:
    """The rules of a city's lists; `share_of` is the list whose share of the city's investment is told,
    beside a share (0..1) from elsewhere."""

    name: str = "项目清单"
    note: str = "没有设置入选规则，只统计填报的清单"
    rules: tuple[ListRule, ...] = ()
    share_of: str | None = None
    share_reference: float | None = None
    share_source: str = ""


def read_lists(settings: Settings, lists: Sequence[str], schemes: Collection[str]) -> ListRules:
    """The rules of one file, each about a list of lists.csv and with schemes of schemes.csv."""
    settings.only("name", "note", "rules", "share_of", "share_reference", "share_source")
    ours = ListRules()
    rules: list[ListRule] = []
    for found in settings.tables("rules"):
        found.only(*ListRule.__dataclass_fields__)
        name = found.word("list", allowed=lists)
        if any(rule.list == name for rule in rules):
            raise found.refused("list", f"值“{name}”重复", "每个清单一次")

        def size(key: str, found: Settings = found) -> float | None:
            return found.number(key, low=0, high=10**8) if key in found.values else None

        def event(key: str, found: Settings = found) -> str | None:
            return found.word(key, allowed=_EVENTS) if key in found.values else None

        def tagged(key: str, found: Settings = found) -> tuple[str, ...]:
            named = found.words(key, [])
            for scheme in named:
                if scheme not in schemes:
                    allowed = "、".join(sorted(schemes)) or "schemes.csv 里的标签体系"
                    raise found.refused(key, f"值“{scheme}”不认识", allowed)
            return named

        rule = ListRule(
            list=name,
            words=found.word("words"),
            investment_from=size("investment_from"),
            relaxed_from=size("relaxed_from"),
            relaxed_schemes=tagged("relaxed_schemes"),
            relaxed_natures=found.words("relaxed_natures", [], _NATURES),
            also_schemes=tagged("also_schemes"),
            schemes=tagged("schemes"),
            happened=event("happened"),
            waits=event("waits"),
            fund_sources=found.words("fund_sources", [], _SOURCES),
        )
        if rule.relaxed_from is not None and rule.investment_from is None:
            raise found.refused("relaxed_from", "没有可放宽的 investment_from", "先写 investment_from")
        if rule == ListRule(name, rule.words):
            raise found.refused("list", f"清单“{name}”没有写任何条件", "至少一个条件，或删去这一段")
        rules.append(rule)
    share = (
        settings.number("share_reference", low=0, high=100) if "share_reference" in settings.values else None
    )
    return ListRules(
        name=settings.word("name", ours.name),
        note=settings.word("note", ours.note),
        rules=tuple(rules),
        share_of=settings.word("share_of", allowed=lists) if "share_of" in settings.values else None,
        share_reference=None if share is None else share / 100,
        share_source=settings.word("share_source", ""),
    )
