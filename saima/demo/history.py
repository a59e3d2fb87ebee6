"""What truly happened in an invented city: its projects, month by month, before anybody files them.

Each year has as many signings, landings, starts and completions as the city's targets times its
attainment. They are dealt out to areas, categories and months, and each is given to a project that
waits for it: what is never chosen is stuck, as in life.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import exp, floor, log
from random import Random

import polars as pl

from saima.ledgers import DIRECT, PROVING_DATES
from saima.reference import Reference

PUBLIC = ("基础设施", "民生保障")
"""Categories that government builds: no signing, no landing, from plan to approval to start."""

FIRST_YEAR = 2021
YEARS = (2023, 2024)
END = 2024 * 12 + 11
"""Month number (year × 12 + month − 1) of the last month that happened: 2024-12."""

SEASON = (0.35, 0.4, 0.75, 1.0, 1.1, 1.2, 1.1, 1.15, 1.25, 1.2, 1.15, 1.35)
"""How much is built in each month: winter is slow, the year's end is not."""

_CURVES = {
    "planned": (10, 7, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8),
    "signed": (6, 5, 10, 9.5, 9.5, 10, 9, 10, 12, 8, 6.5, 4.5),
    "landed": (4, 4, 8, 8.5, 9, 10, 9, 9.5, 10.5, 10, 9, 8.5),
    "started": (2.2, 2.6, 8, 10.2, 11.2, 12.1, 9.9, 9.9, 11, 10, 7.6, 5.3),
    "completed": (3, 3, 5, 7, 8.5, 10.5, 10, 11.5, 13, 12, 9.5, 7),
}
_METRICS = {
    "signed": "signed_projects",
    "landed": "landed_projects",
    "started": "started_projects",
    "completed": "completed_projects",
}
_PROVING = {column for columns in PROVING_DATES.values() for column in columns}
_BEFORE = {2021: 0.25, 2022: 0.5}
"""Years before the first ledger, as shares of the first year's flows."""


@dataclass(frozen=True)
class Shape:
    """What is typical of a city: mixes by category, attainment of its targets by year, sizes in 亿元."""

    attained: Mapping[int, Mapping[str, float]]
    mixes: Mapping[str, Mapping[str, float]]
    small: Mapping[str, float]
    sizes: Mapping[str, float]
    giants: float
    haste: float
    lags: tuple[int, int, int, int]
    staleness: float
    years_to_build: float
    reserves: int
    reserve_size: float
    reserves_a_year: Mapping[int, int]
    talents: int
    foreign: tuple[float, float]


SHAPES = {
    "210100": Shape(
        attained={
            2023: {"signed": 0.99, "landed": 0.985, "started": 1.04, "completed": 1.04},
            2024: {"signed": 1.03, "landed": 1.022, "started": 1.055, "completed": 1.04},
        },
        mixes={
            "signed": {"工业": 0.443, "服务业": 0.468, "农业": 0.027, "房地产": 0.062},
            "landed": {"工业": 0.455, "服务业": 0.43, "农业": 0.028, "房地产": 0.087},
            "started": {
                "工业": 0.376,
                "服务业": 0.34,
                "农业": 0.042,
                "基础设施": 0.12,
                "民生保障": 0.08,
                "房地产": 0.042,
            },
            "completed": {
                "工业": 0.317,
                "服务业": 0.236,
                "农业": 0.063,
                "基础设施": 0.121,
                "民生保障": 0.18,
                "房地产": 0.083,
            },
        },
        small={"工业": 0.08, "服务业": 0.1, "农业": 0.45, "基础设施": 0.25, "民生保障": 0.5},
        sizes={"工业": 5.2, "服务业": 5.5, "农业": 2.4, "基础设施": 7.5, "民生保障": 2.8, "房地产": 12.0},
        giants=0.01,
        haste=1.8,
        lags=(6, 24, 40, 30),
        staleness=0.34,
        years_to_build=3.6,
        reserves=250,
        reserve_size=70.0,
        reserves_a_year={2023: 65, 2024: 105},
        talents=0,
        foreign=(0.04, 0.01),
    ),
    "210200": Shape(
        attained={
            2023: {"signed": 0.97, "landed": 0.94, "started": 1.0, "completed": 1.02},
            2024: {"signed": 0.99, "landed": 0.95, "started": 1.01, "completed": 0.97},
        },
        mixes={
            "signed": {"工业": 0.42, "服务业": 0.44, "农业": 0.04, "房地产": 0.1},
            "landed": {"工业": 0.43, "服务业": 0.41, "农业": 0.04, "房地产": 0.12},
            "started": {
                "工业": 0.37,
                "服务业": 0.3,
                "农业": 0.05,
                "基础设施": 0.15,
                "民生保障": 0.07,
                "房地产": 0.06,
            },
            "completed": {
                "工业": 0.35,
                "服务业": 0.25,
                "农业": 0.06,
                "基础设施": 0.14,
                "民生保障": 0.12,
                "房地产": 0.08,
            },
        },
        small={"工业": 0.08, "服务业": 0.08, "农业": 0.4, "基础设施": 0.2, "民生保障": 0.45},
        sizes={"工业": 6.5, "服务业": 6.0, "农业": 2.6, "基础设施": 9.0, "民生保障": 3.0, "房地产": 13.0},
        giants=0.018,
        haste=1.8,
        lags=(6, 24, 40, 30),
        staleness=0.25,
        years_to_build=3.4,
        reserves=330,
        reserve_size=42.0,
        reserves_a_year={2023: 45, 2024: 60},
        talents=0,
        foreign=(0.07, 0.02),
    ),
    "320800": Shape(
        attained={
            2023: {"signed": 1.1, "landed": 1.17, "started": 1.1, "completed": 1.07},
            2024: {"signed": 1.05, "landed": 1.14, "started": 1.05, "completed": 1.05},
        },
        mixes={
            "signed": {"工业": 0.79, "服务业": 0.122, "农业": 0.08, "房地产": 0.008},
            "landed": {"工业": 0.765, "服务业": 0.115, "农业": 0.11, "房地产": 0.01},
            "started": {
                "工业": 0.645,
                "服务业": 0.1,
                "农业": 0.205,
                "基础设施": 0.025,
                "民生保障": 0.015,
                "房地产": 0.01,
            },
            "completed": {
                "工业": 0.54,
                "服务业": 0.155,
                "农业": 0.265,
                "基础设施": 0.02,
                "民生保障": 0.01,
                "房地产": 0.01,
            },
        },
        small={"工业": 0.02, "服务业": 0.03, "农业": 0.56, "基础设施": 0.2, "民生保障": 0.5},
        sizes={"工业": 2.6, "服务业": 5.5, "农业": 1.8, "基础设施": 5.0, "民生保障": 2.2, "房地产": 9.0},
        giants=0.045,
        haste=4.5,
        lags=(35, 45, 15, 5),
        staleness=0.13,
        years_to_build=4.2,
        reserves=150,
        reserve_size=17.0,
        reserves_a_year={2023: 30, 2024: 30},
        talents=400,
        foreign=(0.075, 0.09),
    ),
}
"""The three cities that have demonstration ledgers."""


@dataclass(slots=True)
class Fact:
    """A date that happened, the month in which it is filed, and how it is misfiled before `fixed`."""

    on: date
    known: int
    precision: str = "day"
    wrong: date | None = None
    fixed: int = 0


@dataclass(slots=True, eq=False)
class Project:
    """One project: what it is, what happened to it, what was planned and what was spent."""

    number: int
    area: str
    category: str
    is_big: bool
    investment: int
    is_reserve: bool = False
    facts: dict[str, Fact] = field(default_factory=dict)
    traits: dict[str, object] = field(default_factory=dict)
    dues: list[tuple[int, date, str]] = field(default_factory=list)
    plans: list[tuple[int, int, int]] = field(default_factory=list)
    spent: dict[int, int] = field(default_factory=dict)
    is_slow: bool = False

    @property
    def is_public(self) -> bool:
        """Whether government builds it."""
        return self.category in PUBLIC

    @property
    def seen(self) -> int:
        """The month in which the ledger first shows it: when it first has a date that proves a stage."""
        return min(fact.known for event, fact in self.facts.items() if f"{event}_on" in _PROVING)

    @property
    def latest(self) -> date:
        """The day of the last thing that happened to it."""
        return max(fact.on for fact in self.facts.values())

    def month(self, event: str) -> int | None:
        """Month number of an event, None where it has not happened."""
        fact = self.facts.get(event)
        return None if fact is None else month_of(fact.on)


def month_of(day: date) -> int:
    """Month number (year × 12 + month − 1) of a day."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """First day of a month by its number."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """Last day of a month by its number."""
    return first_day(month + 1) - timedelta(days=1)


def parted(total: int, weights: Sequence[float], offset: float = 0.5) -> list[int]:
    """Whole parts of `total` in proportion to the weights, that add up to it exactly.

    `offset` (0 to below 1) decides who gets what cannot be split: at random, nobody is always short.
    """
    whole, reached, given = sum(weights) or 1.0, 0.0, 0
    parts = []
    for weight in weights:
        reached += weight
        parts.append(floor(total * reached / whole + offset + 1e-9) - given)
        given += parts[-1]
    return parts


Lane = tuple[str, str, bool]
"""Area, category, and whether 亿元以上: where a happening looks for its project."""


class Living:
    """One city coming to life: `projects` is its history up to the end of 2024."""

    def __init__(self, reference: Reference, city: str, seed: int, scale: float) -> None:
        self.reference, self.city, self.scale, self.seed = reference, city, scale, seed
        self.shape = SHAPES[city]
        self.rng = Random(f"{seed}-{city}")
        self.areas = {
            row["area_id"]: row
            for row in reference.areas_of(city).iter_rows(named=True)
            if row["reports"] and row["kind"] != "未分区"
        }
        self.ranked = [area for area, row in self.areas.items() if row["is_ranked"]]
        self.direct = f"{city}-{DIRECT}"
        self._give_character()
        self.projects: list[Project] = []
        self.waiting: dict[tuple[str, str, str, bool], list[Project]] = defaultdict(list)
        self._live()

    def target(self, year: int, metric: str) -> float:
        """The city's target of a year; that of the first ledger's year for the years before."""
        rows = self.reference.targets_of(self.city, max(year, YEARS[0])).filter(
            pl.col("area_id").is_null(), pl.col("metric") == metric, pl.col("filters").is_null()
        )
        return float(rows["value_base"][0]) * _BEFORE.get(year, 1.0)

    def shares(self, year: int, metric: str) -> dict[str, float]:
        """Each ranked area's part of the city's target."""
        rows = self.reference.targets_of(self.city, max(year, YEARS[0])).filter(
            pl.col("metric") == metric, pl.col("filters").is_null()
        )
        parts = {
            area: float(value) for area, value in rows.select("area_id", "value_base").iter_rows() if area
        }
        return {area: parts.get(area, 0.0) for area in self.ranked}

    def _give_character(self) -> None:
        """Each area's pace by year and whether it hurries early or late; one leads, one lags."""
        rng = self.rng
        self.pace = {year: {area: rng.uniform(0.94, 1.06) for area in self.ranked} for year in YEARS}
        by_size = sorted(self.ranked, key=self.shares(YEARS[-1], "started_projects").__getitem__)
        half = len(by_size) // 2
        leader, lagging = rng.choice(by_size[half:]), rng.choice(by_size[:half])
        for year in YEARS:
            self.pace[year][leader] = rng.uniform(1.08, 1.12)
            self.pace[year][lagging] = rng.uniform(0.87, 0.9)
        self.tilt = {(area, year): rng.uniform(-0.5, 0.5) for area in self.ranked for year in YEARS}
        self.tilt[leader, YEARS[-1]], self.tilt[lagging, YEARS[-1]] = -0.2, 0.45
        self.zones: dict[str, list[tuple[str, float]]] = {}
        for area in self.ranked:
            inside = [zone for zone, row in self.areas.items() if row["rolls_up_to"] == area and zone != area]
            part = 0.45 / max(len(inside), 1)
            self.zones[area] = [(area, 1 - part * len(inside)), *((zone, part) for zone in inside)]

    def _happenings(self, year: int, event: str) -> list[tuple[int, Lane]]:
        """Every occurrence of an event in a year: month, area, category, whether 亿元以上."""
        shape, rng = self.shape, self.rng
        attained = shape.attained.get(year, shape.attained[YEARS[0]])
        columns: dict[tuple[str, bool], float] = {}
        started = self.target(year, "started_projects") * attained["started"]
        if event in {"signed", "landed"}:
            total = self.target(year, _METRICS[event]) * attained[event]
            extra = 1.2 if event == "signed" else 1.06
            for category, share in shape.mixes[event].items():
                small = started * shape.mixes["started"][category] * shape.small.get(category, 0.0) * extra
                columns[category, True] = total * share
                columns[category, False] = small
            if event == "signed" and shape.talents:
                columns["工业", False] += shape.talents * 0.6
                columns["服务业", False] += shape.talents * 0.4
        elif event == "planned":
            for category in shape.mixes["started"]:
                small = shape.small.get(category, 0.0)
                part = (
                    started * shape.mixes["started"][category] * 1.07
                    if category in PUBLIC
                    else self.target(year, "signed_projects") * shape.mixes["signed"][category] * 0.33
                )
                columns[category, True], columns[category, False] = part * (1 - small), part * small
        else:
            total = self.target(year, _METRICS[event]) * attained[event]
            for category, share in shape.mixes[event].items():
                small = shape.small.get(category, 0.0)
                columns[category, True] = total * share * (1 - small)
                columns[category, False] = total * share * small
        lanes = list(columns)
        counts = parted(round(sum(columns.values()) * self.scale), list(columns.values()))
        shares = self._area_shares(year, event, lanes, counts)
        happenings = []
        for lane, count, by_area in zip(lanes, counts, shares, strict=True):
            dealt = parted(count, by_area, rng.random())
            for area, places in zip([*self.ranked, self.direct], dealt, strict=True):
                months = self._months(year, event, area, places)
                for month in months:
                    zone = area
                    if area in self.zones:
                        inside, parts = zip(*self.zones[area], strict=True)
                        zone = rng.choices(inside, parts)[0]
                    happenings.append((month, (zone, *lane)))
        rng.shuffle(happenings)
        return happenings

    def _area_shares(
        self, year: int, event: str, lanes: Sequence[tuple[str, bool]], counts: Sequence[int]
    ) -> list[list[float]]:
        """Weights of the areas (市本级 last) for each lane, so that areas keep their part of the target."""
        pace = self.pace.get(year, self.pace[YEARS[0]])
        metric = _METRICS.get(event, "planned_investment")
        wanted = [share * pace[area] for area, share in self.shares(year, metric).items()]
        total = sum(counts)
        rows = [total * 0.985 * share / sum(wanted) for share in wanted]
        table = [
            [max(count, 0.01) * self._liking(area, category) for area in self.ranked]
            for (category, _), count in zip(lanes, counts, strict=True)
        ]
        for _ in range(25):
            for place, row in enumerate(rows):
                factor = row / max(sum(lane[place] for lane in table), 1e-9)
                for lane in table:
                    lane[place] *= factor
            for number, count in enumerate(counts):
                factor = count / max(sum(table[number]), 1e-9)
                table[number] = [weight * factor for weight in table[number]]
        return [
            [*lane, sum(lane) * 0.06 if category in PUBLIC else 0.0]
            for (category, _), lane in zip(lanes, table, strict=True)
        ]

    def _liking(self, area: str, category: str) -> float:
        """Counties farm, inner districts serve and build homes."""
        is_county = self.areas[area]["kind"] in {"县", "县级市"}
        return {"农业": 2.2 if is_county else 0.7, "服务业": 0.6 if is_county else 1.1}.get(category, 1.0)

    def _months(self, year: int, event: str, area: str, places: int) -> list[int]:
        tilt = self.tilt.get((area, year), 0.0)
        weights = [weight * exp(tilt * (month - 5.5) / 5.5) for month, weight in enumerate(_CURVES[event])]
        return [year * 12 + month for month in self.rng.choices(range(12), weights, k=places)]

    def _live(self) -> None:
        """Walk the months; each happening goes to a project that waits for it in its lane."""
        self._found_reserves(round(self.shape.reserves * self.scale), FIRST_YEAR * 12 - 24, FIRST_YEAR * 12)
        for year in range(FIRST_YEAR, YEARS[-1] + 1):
            calendar: dict[tuple[int, str], list[Lane]] = defaultdict(list)
            for event in _CURVES:
                for month, lane in self._happenings(year, event):
                    calendar[month, event].append(lane)
            for month in range(year * 12, year * 12 + 12):
                for event in _CURVES:
                    # What finds nobody waiting is tried again next month.
                    unmet = [lane for lane in calendar[month, event] if not self._happen(event, month, *lane)]
                    calendar[month + 1, event] += unmet
                self._withdraw(month)
            more = round(self.shape.reserves_a_year.get(year, 0) * self.scale)
            self._found_reserves(more, year * 12, year * 12 + 12)

    def _happen(self, event: str, month: int, area: str, category: str, is_big: bool) -> bool:
        lane = (area, category, is_big)
        if event == "planned":
            self._move(self._born(*lane), "planned", month)
            return True
        if event == "signed":
            planned = self.waiting["planned", *lane]
            known = self._taken(planned, False, month) if self.rng.random() < 0.33 else None
            self._move(known or self._born(*lane), "signed", month)
            return True
        before = {"landed": "signed", "started": "planned" if category in PUBLIC else "landed"}
        for near in self._near(area):
            queue = self.waiting[before.get(event, "started"), near, category, is_big]
            project = self._taken(queue, event == "completed", month)
            if project is not None:
                self._move(project, event, month)
                return True
        return False

    def _near(self, area: str) -> list[str]:
        """The area, then those whose total is the same: where one has nothing ready, another has."""
        inside = [near for near, _ in self.zones.get(self.areas[area]["rolls_up_to"], [])]
        return [area, *(near for near in inside if near != area)]

    def _taken(self, queue: list[Project], is_built: bool, month: int) -> Project | None:
        """One that waits: of the builders an early one after eight months, else the recent are luckier."""
        if is_built:
            ready = [project for project in queue if month - (project.month("started") or 0) >= 8]
            chosen = ready[int(len(ready) * self.rng.random() ** 1.8)] if ready else None
        else:
            before = month - self.rng.choices((0, 1, 2, 3), self.shape.lags)[0]
            ready = queue[: bisect_right(queue, before, key=lambda project: month_of(project.latest))]
            place = int(len(ready) * (1 - self.rng.random() ** self.shape.haste))
            chosen = ready[min(place, len(ready) - 1)] if ready else None
        if chosen is not None:
            queue.remove(chosen)
        return chosen

    def _move(self, project: Project, event: str, month: int) -> None:
        start = max(project.latest, first_day(month)) if project.facts else first_day(month)
        day = start + timedelta(days=self.rng.randint(0, (last_day(month) - start).days))
        project.facts[event] = Fact(day, month)
        self.waiting[event, project.area, project.category, project.is_big].append(project)

    def _born(self, area: str, category: str, is_big: bool) -> Project:
        rng, shape = self.rng, self.shape
        if not is_big:
            investment = round(10 ** rng.uniform(2.9, 3.99), -1)
            if category == "农业":
                investment = max(investment, 1000)
        elif category == "工业" and rng.random() < shape.giants:
            investment = round(rng.uniform(50, 82), 1) * 10_000
        else:
            mean = shape.sizes[category] - 1
            investment = round(1 + min(rng.lognormvariate(log(mean) - 0.72, 1.2), 90.0), 2) * 10_000
        project = Project(len(self.projects) + 1, area, category, is_big, round(investment))
        self.projects.append(project)
        return project

    def _found_reserves(self, count: int, first: int, end: int) -> None:
        """Large ideas in the reserve that few people expect to be built soon."""
        rng = self.rng
        shares = self.shares(max(first // 12, YEARS[0]), "planned_investment")
        for area, places in zip(shares, parted(count, list(shares.values())), strict=True):
            for _ in range(places):
                category = rng.choices(["工业", "服务业", "基础设施", "农业"], [45, 25, 26, 4])[0]
                project = self._born(area, category, True)
                size = min(rng.lognormvariate(log(self.shape.reserve_size) - 0.4, 0.9), 300.0)
                project.investment = round(max(size, 3.0) * 10) * 1000
                project.is_reserve = True
                month = rng.randrange(first, end)
                day = first_day(month) + timedelta(days=rng.randint(0, 27))
                project.facts["planned"] = Fact(day, month)

    def _withdraw(self, month: int) -> None:
        """Some of those that have waited long are given up, most of them when the year is cleared up."""
        stale = self.shape.staleness * (2.5 if month % 12 in {0, 11} else 1.0)
        patience = {
            "planned": (15, stale / 5),
            "signed": (11, stale),
            "landed": (12, stale / 2),
            "started": (20, 0.0006),
        }
        for (stage, *_), queue in self.waiting.items():
            if stage not in patience:
                continue
            months, share = patience[stage]
            for project in list(queue):
                if month - (project.month(stage) or 0) >= months and self.rng.random() < share:
                    queue.remove(project)
                    day = first_day(month) + timedelta(days=self.rng.randint(0, 27))
                    project.facts["exited"] = Fact(max(day, project.facts[stage].on), month)
