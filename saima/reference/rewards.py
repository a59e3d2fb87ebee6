"""The rewards that a document promises: what it says, and how the office reads what it leaves open."""

from dataclasses import dataclass
from decimal import Decimal

from saima.reference.settings import Settings

MODES = ("relative", "points")
"""超出计划投资进度30%: 1.3 times what was due, or 30 points above 序时."""

PLANS = ("baseline", "current")
"""The plan as first filed in the year, or as it stands."""

ACTUALS = ("invested", "effective")
"""What is held against the plan: all that was invested, or without the cost of land."""

STACKS = ("each", "once")
"""A project that meets both clauses of projects is rewarded for each, or once."""


@dataclass(frozen=True)
class Clause:
    """One promise: its place in the document, its wording, and the reward in 万元."""

    clause: str
    wording: str
    amount: Decimal


@dataclass(frozen=True)
class FastRules(Clause):
    """Much invested and ahead of the plan: at least `floor` 万元, `excess` percent (or points) above it; not
    for `excluded` categories."""

    floor: Decimal
    excess: Decimal
    mode: str
    plan: str
    actual: str
    excluded: tuple[str, ...]


@dataclass(frozen=True)
class PromptRules(Clause):
    """Begun, completed and in production within the year: at least `floor` 万元, of these `categories`."""

    floor: Decimal
    categories: tuple[str, ...]


@dataclass(frozen=True)
class ListedRules(Clause):
    """An enterprise that enters statistics for the first time, of one of the `kinds` as ledgers word them."""

    kinds: tuple[str, ...]


@dataclass(frozen=True)
class RewardRules:
    """The rewards of a city for one year; `label` says what of the reading is ours.

    `other_kinds` are kinds of enterprises that no clause rewards; any further kind is not understood.
    """

    document: str
    year: int
    label: str
    stack: str
    other_kinds: tuple[str, ...]
    fast: FastRules
    prompt: PromptRules
    service: ListedRules
    industry: ListedRules


def read_rewards(settings: Settings) -> RewardRules:
    """The rewards of one file."""
    settings.only("document", "year", "label", "stack", "other_kinds", *_TABLES)
    year = settings.number("year", low=2000, high=2100)
    if not year.is_integer():
        raise settings.refused("year", f"值“{year:g}”不对", "年份，如 2024")
    fast, prompt, service, industry = (_table(settings, name) for name in _TABLES)
    fast.only(*_EVERY, "floor", "excess", "mode", "plan", "actual", "excluded")
    prompt.only(*_EVERY, "floor", "categories")
    kinds: dict[str, str] = {}
    for table in (service, industry):
        table.only(*_EVERY, "kinds")
        for kind in table.words("kinds"):
            if kinds.setdefault(kind, table.header) != table.header:
                raise table.refused("kinds", f"“{kind}”已归入 {kinds[kind]}", "每个词只归一条")
    return RewardRules(
        document=settings.word("document"),
        year=int(year),
        label=settings.word("label", "口径：本系统默认，可改"),
        stack=settings.word("stack", "each", STACKS),
        other_kinds=settings.words("other_kinds", []),
        fast=FastRules(
            *_clause(fast),
            floor=_amount(fast, "floor"),
            excess=_amount(fast, "excess", high=1000),
            mode=fast.word("mode", "relative", MODES),
            plan=fast.word("plan", "baseline", PLANS),
            actual=fast.word("actual", "invested", ACTUALS),
            excluded=fast.words("excluded", []),
        ),
        prompt=PromptRules(
            *_clause(prompt), floor=_amount(prompt, "floor"), categories=prompt.words("categories")
        ),
        service=ListedRules(*_clause(service), kinds=service.words("kinds")),
        industry=ListedRules(*_clause(industry), kinds=industry.words("kinds")),
    )


_TABLES = ("fast", "prompt", "service", "industry")
_EVERY = ("clause", "wording", "amount")


def _table(settings: Settings, name: str) -> Settings:
    if name not in settings.values:
        raise settings.refused(name, "缺少这一条", f"[{name}]")
    return settings.table(name)


def _clause(found: Settings) -> tuple[str, str, Decimal]:
    return found.word("clause"), found.word("wording"), _amount(found, "amount")


def _amount(found: Settings, key: str, high: float = 10**8) -> Decimal:
    return Decimal(repr(found.number(key, low=0, high=high)))
