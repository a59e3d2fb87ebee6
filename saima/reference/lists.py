"""The lists of a city: what makes a project a member of each, and which of them are counted together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from saima.ledgers import LEDGERS, STAGES
from saima.reference.settings import Settings

EVENTS = (*STAGES, "finished")
"""What may happen in the year to a project of a list."""

FUND_SOURCES = LEDGERS["funds"].column("source").values
NATURES = LEDGERS["projects"].column("nature").values
MEASURES = LEDGERS["economy"].column("measure").values


@dataclass(frozen=True)
class ListRule:
    """What a document asks of the members of a list; all conditions that are there must hold.

    Amounts are 万元, lower ends included; `relaxed_from` holds for projects with one of `relaxed_tags` or
    `relaxed_natures`, members of the lists that `includes` names count at any size. `tags` are a scheme or
    `scheme:value`. `event` fell in the year; `awaits_landing` is signed and not landed; `fund_sources` are
    those of funds that the project has won. `is_beside` keeps the list out of totals and overlaps.
    """

    list: str
    clause: str = ""
    wording: str = ""
    investment_from: float | None = None
    relaxed_from: float | None = None
    relaxed_tags: tuple[str, ...] = ()
    relaxed_natures: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    event: str | None = None
    awaits_landing: bool = False
    fund_sources: tuple[str, ...] = ()
    is_beside: bool = False

    @property
    def is_computed(self) -> bool:
        """Whether the list has a condition; without one people choose its members."""
        told = (self.investment_from, self.tags, self.stages, self.event, self.awaits_landing)
        return any(told) or bool(self.fund_sources)


@dataclass(frozen=True)
class ListRules:
    """The lists of a city in the order shown: `rules` has every list of lists.csv once.

    `large` is the list that is told by kinds of carry-over, `by_unit` the one told by leading unit, empty
    where there is none. The list `share_of` is held against the measure of the economy `share_measure`.
    """

    name: str = "项目清单"
    label: str = "按填报的清单列示，没有认定规则"
    rules: tuple[ListRule, ...] = ()
    large: str = ""
    by_unit: str = ""
    share_of: str = ""
    share_measure: str = "固定资产投资"
    share_clause: str = ""

    @property
    def counted(self) -> tuple[ListRule, ...]:
        """The lists that are counted together."""
        return tuple(rule for rule in self.rules if not rule.is_beside)


def read_lists(settings: Settings, lists: Sequence[str], tags: Sequence[str]) -> ListRules:
    """The rules of one file; lists that it does not name stand behind those it does, without a rule."""
    settings.only("name", "label", "large", "by_unit", "share", "lists")
    ours = ListRules()
    schemes = {tag.partition(":")[0] for tag in tags}
    known_tags = [*sorted(schemes), *tags]
    rules = [_rule(found, lists, known_tags) for found in settings.tables("lists")]
    seen: set[str] = set()
    for found, rule in zip(settings.tables("lists"), rules, strict=True):
        if rule.list in seen:
            raise found.refused("list", f"值“{rule.list}”重复", "每个清单一次")
        if rule.list in rule.includes:
            raise found.refused("includes", f"“{rule.list}”包含自己", "其他清单")
        seen.add(rule.list)
    share = settings.table("share")
    share.only("list", "measure", "clause")

    def named(key: str) -> str:
        return settings.word(key, allowed=lists) if key in settings.values else ""

    return ListRules(
        name=settings.word("name", ours.name),
        label=settings.word("label", ours.label),
        rules=(*rules, *(ListRule(name) for name in lists if name not in seen)),
        large=named("large"),
        by_unit=named("by_unit"),
        share_of=share.word("list", allowed=lists) if share.values else "",
        share_measure=share.word("measure", ours.share_measure, MEASURES),
        share_clause=share.word("clause", ""),
    )


def rules_of(known: Mapping[str, ListRules], city: str, lists: Sequence[str]) -> ListRules:
    """The rules of that city; where it has no file of its own its lists as they are filed."""
    return known.get(city) or ListRules(rules=tuple(ListRule(name) for name in lists))


def _rule(found: Settings, lists: Sequence[str], tags: Sequence[str]) -> ListRule:
    found.only(*ListRule.__dataclass_fields__)

    def amount(key: str) -> float | None:
        return found.number(key, low=0, high=10**9) if key in found.values else None

    rule = ListRule(
        list=found.word("list", allowed=lists),
        clause=found.word("clause", ""),
        wording=found.word("wording", ""),
        investment_from=amount("investment_from"),
        relaxed_from=amount("relaxed_from"),
        relaxed_tags=found.words("relaxed_tags", [], tags),
        relaxed_natures=found.words("relaxed_natures", [], NATURES),
        includes=found.words("includes", [], lists),
        tags=found.words("tags", [], tags),
        stages=found.words("stages", [], STAGES),
        event=found.word("event", allowed=EVENTS) if "event" in found.values else None,
        awaits_landing=found.flag("awaits_landing", False),
        fund_sources=found.words("fund_sources", [], FUND_SOURCES),
        is_beside=found.flag("is_beside", False),
    )
    if rule.investment_from is None and (rule.relaxed_from is not None or rule.includes):
        raise found.refused("investment_from", "写了放宽或包含而没有总投资下限", "总投资下限，或都不写")
    if rule.relaxed_from is not None and rule.investment_from is not None:
        if rule.relaxed_from > rule.investment_from:
            raise found.refused(
                "relaxed_from",
                f"值“{rule.relaxed_from:g}”高于 investment_from",
                f"不高于 {rule.investment_from:g} 的数字",
            )
        if not (rule.relaxed_tags or rule.relaxed_natures):
            raise found.refused("relaxed_from", "没有写哪些项目放宽", "relaxed_tags 或 relaxed_natures")
    return rule
