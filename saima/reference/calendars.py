"""The calendar of a city's office: the phases and milestones of a campaign, and what recurs."""

from dataclasses import dataclass
from datetime import date

from saima.ledgers import LEDGERS
from saima.reference.settings import Settings

EVERY = {
    "week": "每周",
    "ten_days": "每旬",
    "month": "每月",
    "quarter": "每季",
    "half_year": "每半年",
    "year": "每年",
    "odd_month": "单月",
    "even_month": "双月",
}
"""How often a cadence comes round."""

ACTIVITIES = LEDGERS["activities"].column("kind").values


@dataclass(frozen=True)
class Phase:
    """A stretch of a campaign, both days included."""

    name: str
    starts_on: date
    ends_on: date
    clause: str
    wording: str


@dataclass(frozen=True)
class Milestone:
    """What is to be done by a day. It is told by a metric (narrowed by `filters` as in targets.csv) that
    reaches `value`, or shown without a verdict where there is no `value`; by an activity; or by nobody."""

    name: str
    due_on: date
    clause: str
    wording: str
    metric: str | None
    filters: str | None
    value: float | None
    activity: str | None
    line: int


@dataclass(frozen=True)
class Cadence:
    """What recurs, within `starts_on` and `ends_on` where they are said, told by activities of a kind."""

    name: str
    every: str
    activity: str
    clause: str
    wording: str
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True)
class Calendar:
    """The calendar of a city; `note` says what does not fit in the document."""

    city: str
    name: str
    document: str
    note: str
    phases: tuple[Phase, ...]
    milestones: tuple[Milestone, ...]
    cadences: tuple[Cadence, ...]


def read_calendar(code: str, settings: Settings) -> Calendar:
    """The calendar of one file."""
    settings.only("name", "document", "note", "phases", "milestones", "cadences")
    return Calendar(
        city=code,
        name=settings.word("name"),
        document=settings.word("document"),
        note=settings.word("note", ""),
        phases=tuple(_phase(found) for found in settings.tables("phases")),
        milestones=tuple(_milestone(found) for found in settings.tables("milestones")),
        cadences=tuple(_cadence(found) for found in settings.tables("cadences")),
    )


def _phase(found: Settings) -> Phase:
    found.only("name", "starts_on", "ends_on", "clause", "wording")
    starts_on, ends_on = found.day("starts_on"), found.day("ends_on")
    if ends_on < starts_on:
        raise found.refused("ends_on", f"值“{ends_on}”早于 starts_on", "不早于开始日的日期")
    return Phase(found.word("name"), starts_on, ends_on, found.word("clause"), found.word("wording"))


def _milestone(found: Settings) -> Milestone:
    found.only("name", "due_on", "clause", "wording", "metric", "filters", "value", "activity")
    metric = found.word("metric") if "metric" in found.values else None
    if metric is None and {"filters", "value"} & found.values.keys():
        raise found.refused("metric", "写了 filters 或 value 而没有指标", "metric 填指标，或都不写")
    return Milestone(
        name=found.word("name"),
        due_on=found.day("due_on"),
        clause=found.word("clause"),
        wording=found.word("wording"),
        metric=metric,
        filters=found.word("filters") if "filters" in found.values else None,
        value=found.number("value", low=0, high=10**9) if "value" in found.values else None,
        activity=found.word("activity", allowed=ACTIVITIES) if "activity" in found.values else None,
        line=found.line("metric"),
    )


def _cadence(found: Settings) -> Cadence:
    found.only("name", "every", "activity", "clause", "wording", "starts_on", "ends_on")
    return Cadence(
        name=found.word("name"),
        every=found.word("every", allowed=EVERY),
        activity=found.word("activity", allowed=ACTIVITIES),
        clause=found.word("clause"),
        wording=found.word("wording"),
        starts_on=found.day("starts_on") if "starts_on" in found.values else None,
        ends_on=found.day("ends_on") if "ends_on" in found.values else None,
    )
