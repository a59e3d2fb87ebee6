"""A city: its words, its batches, and the rules that differ from city to city."""

from collections.abc import Mapping
from dataclasses import dataclass

from saima.ledgers import STAGE_TERMS
from saima.reference.settings import Settings


@dataclass(frozen=True)
class Batch:
    """One 批 of a city. `metric` is what its card counts, None where it has no card."""

    id: str
    name: str
    metric: str | None


@dataclass(frozen=True)
class City:
    """One city: its words, its batches and the rules that differ from city to city.

    Amounts of its ledgers are 万 of `currency`. `stage_words` maps a raw word to a canonical stage or
    "exited"; `stage_terms` maps every canonical stage to the city's own word. `landing` is "filed" or
    "rule" (data-model.md section 3), `unfiled` "carry" or "blank" (section 1). `map_centre` is
    (longitude, latitude, span in degrees) of the enlarged centre, None where there is none. A period is
    filed in time up to `filing_due_day` of the next month, or of its own (`filing_due_month` "this").
    """

    code: str
    name: str
    short_name: str
    currency: str
    stage_words: Mapping[str, str]
    stage_terms: Mapping[str, str]
    batches: tuple[Batch, ...]
    landing: str
    unfiled: str
    dates_from_snapshots: bool
    coordinates: str
    map_centre: tuple[float, float, float] | None
    approval_number: str
    filing_due_day: int
    filing_due_month: str


def read_city(code: str, settings: Settings) -> City:
    """The city of one file; a city that names only itself gets the defaults."""
    settings.only(
        *("name", "short_name", "currency", "landing", "unfiled", "dates_from_snapshots", "coordinates"),
        *("approval_number", "map_centre", "stage_terms", "stage_words", "batches"),
        *("filing_due_day", "filing_due_month"),
    )
    name = settings.word("name")
    terms, centre = settings.table("stage_terms"), settings.table("map_centre")
    terms.only(*STAGE_TERMS)
    centre.only("lon", "lat", "span")
    return City(
        code=code,
        name=name,
        short_name=settings.word("short_name", name.removesuffix("市")),
        currency=settings.word("currency", "元"),
        stage_words=_stage_words(settings.table("stage_words")),
        stage_terms={stage: terms.word(stage, term) for stage, term in STAGE_TERMS.items()},
        batches=_batches(settings),
        landing=settings.word("landing", "filed", ("filed", "rule")),
        unfiled=settings.word("unfiled", "carry", ("carry", "blank")),
        dates_from_snapshots=settings.flag("dates_from_snapshots", default=False),
        coordinates=settings.word("coordinates", "GCJ-02", ("GCJ-02", "WGS-84", "CGCS2000", "BD-09")),
        map_centre=(
            centre.number("lon", low=-180, high=180),
            centre.number("lat", low=-90, high=90),
            centre.number("span", low=0.01, high=90),
        )
        if centre.values
        else None,
        approval_number=settings.word("approval_number", ""),
        filing_due_day=_day_of_month(settings, "filing_due_day", 25),
        filing_due_month=settings.word("filing_due_month", "next", ("this", "next")),
    )


def _day_of_month(settings: Settings, key: str, default: int) -> int:
    """A day from 1 to 31; a month that is shorter ends earlier."""
    day = settings.number(key, default, low=1, high=31)
    if not day.is_integer():
        raise settings.refused(key, f"值“{day:g}”不对", "1 到 31 的整数")
    return int(day)


def _stage_words(settings: Settings) -> dict[str, str]:
    """Raw word → stage. The canonical terms are always understood."""
    settings.only(*STAGE_TERMS)
    words: dict[str, str] = {}
    for stage in settings.values:
        for word in settings.words(stage):
            if words.setdefault(word, stage) != stage:
                raise settings.refused(stage, f"“{word}”已归入 {words[word]}", "每个词只归一个阶段")
    return {term: stage for stage, term in STAGE_TERMS.items()} | words


_DEFAULT_BATCHES = (
    Batch("planned", "谋划一批", "planned_investment"),
    Batch("signed", "签约一批", "signed_projects"),
    Batch("started", "开工一批", "started_projects"),
    Batch("completed", "投产一批", "completed_projects"),
)
"""The four batches of S0, for a city whose file names none."""


def _batches(settings: Settings) -> tuple[Batch, ...]:
    tables = settings.tables("batches")
    settings.distinct(tables)
    batches = []
    for table in tables:
        table.only("id", "name", "metric")
        batches.append(
            Batch(
                id=table.word("id"),
                name=table.word("name"),
                metric=table.word("metric", "") or None,
            )
        )
    return tuple(batches) or _DEFAULT_BATCHES
