"""What truly happened in an invented city: its projects, month by month, before anybody files them.

Each year has as many signings, landings, starts and completions as the city's targets times its
attainment. They are dealt out to areas, categories and months, and each is given to a project that
waits for it: what is never chosen is stuck, as in life.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import exp, log
from random import Random

import polars as pl

from saima.demo import words
from saima.ledgers import DIRECT, UNASSIGNED
from saima.reference import Reference, boundary, filters_of

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
    "signed": (6, 5, 10, 9, 9, 10, 9, 10, 12, 8, 7, 5),
    "landed": (4, 4, 8, 8.5, 9, 10, 9, 9.5, 10.5, 10, 9, 8.5),
    "started": (2.2, 2.6, 7.5, 10, 11, 12, 9.7, 9.8, 10.7, 10.3, 8, 6.2),
    "completed": (3, 3, 5, 7, 8, 10, 10, 11, 13, 12, 10, 8),
}
_METRICS = {
    "signed": "signed_projects",
    "landed": "landed_projects",
    "started": "started_projects",
    "completed": "completed_projects",
}
_BEFORE = {2021: 0.4, 2022: 0.7}
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
            2023: {"signed": 1.01, "landed": 0.985, "started": 1.02, "completed": 1.04},
            2024: {"signed": 1.022, "landed": 1.022, "started": 1.035, "completed": 1.035},
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
        haste=2.0,
        staleness=0.085,
        years_to_build=3.6,
        reserves=235,
        reserve_size=66.0,
        reserves_a_year={2023: 65, 2024: 125},
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
        haste=2.0,
        staleness=0.06,
        years_to_build=3.4,
        reserves=240,
        reserve_size=40.0,
        reserves_a_year={2023: 60, 2024: 70},
        talents=0,
        foreign=(0.07, 0.02),
    ),
    "320800": Shape(
        attained={
            2023: {"signed": 1.03, "landed": 1.0, "started": 1.1, "completed": 1.07},
            2024: {"signed": 0.99, "landed": 1.02, "started": 1.05, "completed": 1.05},
        },
        mixes={
            "signed": {"工业": 0.85, "服务业": 0.135, "农业": 0.0, "房地产": 0.015},
            "landed": {"工业": 0.78, "服务业": 0.11, "农业": 0.09, "房地产": 0.02},
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
        sizes={"工业": 2.9, "服务业": 6.5, "农业": 1.8, "基础设施": 5.0, "民生保障": 2.2, "房地产": 9.0},
        giants=0.045,
        haste=3.5,
        staleness=0.09,
        years_to_build=2.1,
        reserves=60,
        reserve_size=16.0,
        reserves_a_year={2023: 20, 2024: 25},
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


@dataclass(slots=True)
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
        """The month in which the ledger first shows it."""
        return min(fact.known for fact in self.facts.values())

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


def parted(total: int, weights: Sequence[float]) -> list[int]:
    """Whole parts of `total` in proportion to the weights, that add up to it exactly."""
    whole, reached, given = sum(weights) or 1.0, 0.0, 0
    parts = []
    for weight in weights:
        reached += weight
        parts.append(round(total * reached / whole) - given)
        given += parts[-1]
    return parts


class Living:
    """One city coming to life: `projects` is its history up to the end of 2024."""

    def __init__(self, reference: Reference, city: str, seed: int, scale: float) -> None:
        self.reference, self.city, self.scale = reference, city, scale
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
        _Biographer(self).write()
        _Planner(self).plan()

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
        leader, lagging = rng.sample(self.ranked[2:], 2)
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

    def _happenings(self, year: int, event: str) -> list[tuple[int, str, str, bool]]:
        """Every occurrence of an event in a year: month, area, category, whether 亿元以上."""
        shape, rng = self.shape, self.rng
        attained = shape.attained.get(year, shape.attained[YEARS[0]])
        columns: dict[tuple[str, bool], float] = {}
        started = self.target(year, "started_projects") * attained["started"]
        if event in {"signed", "landed"}:
            total = self.target(year, _METRICS[event]) * attained[event]
            extra = 1.35 if event == "signed" else 1.1
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
                    started * shape.mixes["started"][category] * 1.15
                    if category in PUBLIC
                    else self.target(year, "signed_projects") * shape.mixes["signed"][category] * 0.34
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
            for area, places in zip([*self.ranked, self.direct], parted(count, by_area), strict=True):
                months = self._months(year, event, area, places)
                for month in months:
                    zone = area
                    if area in self.zones:
                        inside, parts = zip(*self.zones[area], strict=True)
                        zone = rng.choices(inside, parts)[0]
                    happenings.append((month, zone, *lane))
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
        return {"农业": 4.0 if is_county else 0.5, "服务业": 0.6 if is_county else 1.1}.get(category, 1.0)

    def _months(self, year: int, event: str, area: str, places: int) -> list[int]:
        tilt = self.tilt.get((area, year), 0.0)
        weights = [weight * exp(tilt * (month - 5.5) / 5.5) for month, weight in enumerate(_CURVES[event])]
        return [year * 12 + month for month in self.rng.choices(range(12), weights, k=places)]

    def _live(self) -> None:
        """Walk the months; each happening goes to a project that waits for it in its lane."""
        self._found_reserves(round(self.shape.reserves * self.scale), FIRST_YEAR * 12 - 24, FIRST_YEAR * 12)
        for year in range(FIRST_YEAR, YEARS[-1] + 1):
            calendar: dict[tuple[int, str], list[tuple[str, str, bool]]] = defaultdict(list)
            for event in _CURVES:
                for month, *lane in self._happenings(year, event):
                    calendar[month, event].append((lane[0], lane[1], lane[2]))
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
            is_known = bool(planned) and self.rng.random() < 0.33
            self._move(self._taken(planned, month, 1) if is_known else self._born(*lane), "signed", month)
            return True
        before = {"landed": "signed", "started": "planned" if category in PUBLIC else "landed"}
        gap = 8 if event == "completed" else 0
        project = None
        for near in self._near(area):
            project = project or self._taken(
                self.waiting[before.get(event, "started"), near, category, is_big], month, gap
            )
        if project is not None:
            self._move(project, event, month)
        return project is not None

    def _near(self, area: str) -> list[str]:
        """The area, then those whose total is the same: where one has nothing ready, another has."""
        inside = [near for near, _ in self.zones.get(self.areas[area]["rolls_up_to"], [])]
        return [area, *(near for near in inside if near != area)]

    def _taken(self, queue: list[Project], month: int, gap: int) -> Project | None:
        """One of those that have waited `gap` months; the recent ones are luckier, builders the early ones."""
        if gap == 8:
            ready = [project for project in queue if month - (project.month("started") or 0) >= 8]
            if not ready:
                return None
            project = ready[int(len(ready) * self.rng.random() ** 1.8)]
            queue.remove(project)
            return project
        if not queue:
            return None
        place = int(len(queue) * (1 - self.rng.random() ** self.shape.haste))
        return queue.pop(min(place, len(queue) - 1))

    def _move(self, project: Project | None, event: str, month: int) -> None:
        if project is None:
            return
        after = max((fact.on for fact in project.facts.values()), default=first_day(month))
        start = max(after, first_day(month))
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
                project.investment = round(max(size, 3.0), 1) * 10_000
                project.investment = round(project.investment)
                project.is_reserve = True
                month = rng.randrange(first, end)
                day = first_day(month) + timedelta(days=rng.randint(0, 27))
                project.facts["planned"] = Fact(day, month)

    def _withdraw(self, month: int) -> None:
        """Some of those that have waited long are given up, most of them when the year is cleared up."""
        stale = self.shape.staleness * (2.5 if month % 12 in {0, 11} else 1.0)
        patience = {
            "planned": (15, stale / 5),
            "signed": (9, stale),
            "landed": (14, stale / 3),
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


class _Biographer:
    """Gives every project its name and traits, and the dates that follow from others."""

    def __init__(self, living: Living) -> None:
        self.living, self.rng, self.city = living, living.rng, living.city
        reference = living.reference
        self.short_names = {area: row["short_name"] for area, row in living.areas.items()}
        self.chains = self._chains(reference.chains.filter(pl.col("city") == self.city)["chain"].to_list())
        self.schemes: dict[str, list[str]] = defaultdict(list)
        schemes = reference.schemes.filter(pl.col("city").is_null() | (pl.col("city") == self.city))
        for scheme, value in schemes.select("scheme", "value").iter_rows():
            self.schemes[scheme].append(value)
        self.lists = dict(
            reference.lists.filter(pl.col("city") == self.city).select("list", "name").iter_rows()
        )
        self.parks: dict[str, list[str]] = defaultdict(list)
        for park, area in (
            reference.parks.filter(pl.col("city") == self.city).select("park_id", "area_id").iter_rows()
        ):
            self.parks[area].append(park)
        self.places = _Places(living)
        self.names: set[str] = set()

    def _chains(self, chains: Sequence[str]) -> dict[str, tuple[list[str], list[float]]]:
        """Chains a category may belong to, with weights: some are strong, some weak."""
        serving = [
            chain
            for chain in chains
            if any(word in chain for word in ("物流", "网络信息", "软件", "人工智能", "5G"))
        ]
        farming = [chain for chain in chains if any(word in chain for word in ("农产品", "龙虾", "稻米"))]
        making = [chain for chain in chains if chain not in {"现代物流", "小龙虾", "优质稻米"}]
        return {
            category: (known, [0.25 + self.rng.expovariate(1.0) for _ in known])
            for category, known in (
                ("工业", making),
                ("服务业", serving or chains[:1]),
                ("农业", farming or chains[:1]),
            )
        }

    def write(self) -> None:
        """Traits and derived dates of every project."""
        for project in self.living.projects:
            self._describe(project)
            self._follow(project)
            self._misfile(project)
        self._bundle()
        self._scatter()

    def _chain(self, project: Project) -> str | None:
        share = {"工业": 0.95, "服务业": 0.22, "农业": 0.45}.get(project.category, 0.0)
        if self.rng.random() >= share:
            return None
        chains, weights = self.chains[project.category]
        return self.rng.choices(chains, weights)[0] if chains else None

    def _describe(self, project: Project) -> None:
        rng, traits = self.rng, project.traits
        chain = self._chain(project)
        area = "" if project.area == self.living.direct else self.short_names[project.area]
        name, owner, content = words.project(rng, project.category, chain, area)
        if self.names and rng.random() < 0.02:
            name = name.removesuffix("项目").removesuffix("工程") + "项目（一期）"
        phase = 1
        while name in self.names:
            phase += 1
            name = f"{name.split('（')[0]}（{'零一二三四五六七八九'[min(phase, 9)]}期）"
            if phase > 8:
                name = words.project(rng, project.category, chain, area)[0] + f"（{words.place(rng)}地块）"
        self.names.add(name)
        kind = self._owner_kind(project)
        investment = project.investment
        land = None
        if not project.is_public and rng.random() < 0.9:
            land = round(max(investment / 450 * rng.uniform(0.5, 1.6), 3.0), 1)
        traits.update(
            name=name,
            owner=owner,
            content=content + (f"，用地约{land:g}亩" if land else ""),
            location=(area or "市内") + words.place(rng) + rng.choice(("路", "大街", "镇", "片区")),
            owner_kind=kind,
            asset_kind=self._asset_kind(project, chain),
            nature="新建" if rng.random() < 0.78 else rng.choice(("扩建", "改建和技术改造", "迁建")),
            chain=chain,
            land_area_mu=land,
            tags=self._tags(project, chain),
            lists=self._lists(project),
            park_id=self._park(project),
            lead_unit=_LEAD_UNITS[project.category],
            industry_code=rng.choice(_INDUSTRY_CODES[project.category]),
            investment_total=None if not project.is_big and rng.random() < 0.06 else investment,
            agreed_amount=round(investment * rng.uniform(0.86, 1.0)) if not project.is_public else None,
            credit_amount=round(investment * rng.uniform(0.1, 0.4)) if rng.random() < 0.06 else None,
            source_order=rng.random(),
        )
        if kind in {"外资", "台资"}:
            foreign = max(1000.0, min(investment / 7.1 * rng.uniform(0.3, 0.9), 30_000.0))
            traits.update(
                foreign_total_usd=round(foreign), foreign_actual_usd=round(foreign * rng.uniform(0.05, 0.5))
            )
        self._serve(project)
        self._place(project)

    def _owner_kind(self, project: Project) -> str:
        if project.is_public:
            return self.rng.choices(["政府", "国企", "央企"], [70, 25, 5])[0]
        foreign, taiwan = self.living.shape.foreign if project.is_big else (0.0, 0.0)
        return self.rng.choices(
            ["民企", "国企", "央企", "外资", "台资"], [0.84 - foreign - taiwan, 0.1, 0.06, foreign, taiwan]
        )[0]

    def _asset_kind(self, project: Project, chain: str | None) -> str | None:
        """Government's works are none of the three: the landing rule is not for them."""
        if project.is_public:
            return None
        if project.category == "房地产":
            return "房地产"
        light = {"服务业": 0.45 if chain else 0.25}.get(project.category, 0.0)
        return "轻资产" if self.rng.random() < light else "实体经济"

    def _tags(self, project: Project, chain: str | None) -> list[str]:
        rng, schemes = self.rng, self.schemes
        tags = [] if project.is_public else ["promotion:招商"]
        if chain is not None:
            tags += [
                f"{scheme}:{like}"
                for scheme in ("cluster", "sei_national", "sei_shenyang", "sei_dalian")
                if (like := _likest(chain, schemes.get(scheme, ()))) is not None
            ]
        if project.category == "服务业" and schemes.get("exhibition") and rng.random() < 0.24:
            tags.append(
                f"exhibition:{rng.choices(schemes['exhibition'], [27, 33, 17, 13, 10][: len(schemes['exhibition'])])[0]}"
            )
        themes = schemes.get("theme", [])
        if (
            project.category == "服务业"
            and "生产性服务业" in themes
            and rng.random() < 0.9 - 0.5 * (len(themes) > 4)
        ):
            tags.append("theme:生产性服务业")
        elif themes and project.is_reserve and rng.random() < 0.6:
            tags.append(f"theme:{rng.choice(themes)}")
        if project.category == "服务业" and schemes.get("platform") and rng.random() < 0.09:
            tags.append(f"platform:{schemes['platform'][0]}")
        if (
            schemes.get("talent")
            and not project.is_big
            and project.category in {"工业", "服务业"}
            and rng.random() < 0.97
        ):
            tags.append(f"talent:{schemes['talent'][0]}")
        return tags

    def _lists(self, project: Project) -> list[str]:
        """Lists that a project stays on; those that follow its stage are added when it is filed."""
        rng = self.rng
        chance = {
            "亿元以上": 1.0 if project.is_big else 0.0,
            "10亿元": 1.0 if project.investment >= 100_000 else 0.0,
            "战略性": 0.75 if project.category == "工业" and project.is_big else 0.0,
            "平台经济": 0.09 if project.category == "服务业" else 0.0,
            "中央资金": 0.6 if project.is_public else 0.02,
            "上级资金": 0.25 if project.is_public else 0.01,
            "百大": 0.3 if project.investment >= 300_000 else 0.0,
            "重大": 0.35 if project.investment >= 100_000 else 0.02,
            "省": 0.2 if project.investment >= 200_000 else 0.0,
        }
        return [
            listed
            for listed, name in self.lists.items()
            if rng.random() < next((share for word, share in chance.items() if word in name), 0.0)
        ]

    def _park(self, project: Project) -> str | None:
        own = self.parks.get(project.area, [])
        inside = [
            park
            for area, parks in self.parks.items()
            if area in self.living.areas and self.living.areas[area]["rolls_up_to"] == project.area
            for park in parks
        ]
        share = {"工业": 0.85, "服务业": 0.4}.get(project.category, 0.05)
        parks = own or inside
        return self.rng.choice(parks) if parks and self.rng.random() < share else None

    def _serve(self, project: Project) -> None:
        """Leader, team, steward and plan: the more money, the fuller and the higher."""
        rng, traits = self.rng, project.traits
        level = "县区主要领导"
        if project.investment >= 500_000:
            level = "市委市政府主要领导"
        elif project.investment >= 100_000:
            level = "市分管领导"
        covered = 0.94 if project.investment >= 100_000 else 0.87
        if rng.random() < covered:
            traits.update(
                leader=words.person(rng), leader_level=level if rng.random() < 0.93 else "县区主要领导"
            )
        traits.update(
            responsible_person=words.person(rng) if rng.random() < 0.95 else None,
            steward=words.person(rng) if rng.random() < 0.9 else None,
            team=f"{self.short_names[project.area]}项目专班" if rng.random() < 0.88 else None,
            plan_document="已制定推进方案" if rng.random() < 0.85 else None,
        )

    def _place(self, project: Project) -> None:
        if self.rng.random() < 0.93:
            longitude, latitude = self.places.within(project.area)
            project.traits.update(longitude=longitude, latitude=latitude)

    def _follow(self, project: Project) -> None:
        """Dates that follow from the six that were dealt out."""
        rng, facts = self.rng, project.facts
        signed, landed, started = (facts.get(event) for event in ("signed", "landed", "started"))
        completed, exited = facts.get("completed"), facts.get("exited")
        if project.is_public and started:
            self._add(project, "approved", facts["planned"].on, rng.uniform(0.3, 0.95), started.on)
        elif project.is_public and not project.is_reserve and rng.random() < 0.55:
            self._add(project, "approved", facts["planned"].on, 0, None, (60, 400))
        elif landed and started:
            self._add(project, "approved", landed.on, rng.uniform(0.1, 0.9), started.on)
        elif landed and rng.random() < 0.75:
            self._add(project, "approved", landed.on, 0, None, (15, 150))
        if signed and project.investment >= 100_000 and rng.random() < 0.8:
            self._add(project, "reviewed", signed.on, 0, None, (-60, -7))
        if landed and project.traits["asset_kind"] == "轻资产":
            self._add(project, "registered", landed.on, 0, None, (-60, -3))
            self._add(project, "operated", landed.on, 0, None, (0, 0))
        elif landed and rng.random() < 0.85:
            self._add(project, "land_awarded", landed.on, 0, None, (0, 0))
        if completed:
            self._finish(project, completed)
        if exited:
            for event in [name for name, fact in facts.items() if fact.on > exited.on]:
                del facts[event]
        if started and project.investment >= 500 and rng.random() < 0.93:
            self._add(
                project, "entered_statistics", started.on, 0, None, (12, 75 if rng.random() < 0.85 else 160)
            )
        if started and not completed and rng.random() < 0.05:
            winter = date(rng.choice((2022, 2023, 2024)), 12, rng.randint(1, 20))
            if winter > started.on:
                facts["suspended"] = Fact(winter, month_of(winter))
                if rng.random() < 0.75:
                    self._add(project, "resumed", winter, 0, None, (80, 130))

    def _finish(self, project: Project, completed: Fact) -> None:
        rng, facts = self.rng, project.facts
        self._add(project, "accepted", completed.on, 0, None, (0, 20) if rng.random() < 0.8 else (21, 90))
        if project.is_public or project.category == "房地产":
            return
        if rng.random() < 0.93:
            self._add(
                project, "produced", completed.on, 0, None, (0, 85) if rng.random() < 0.85 else (90, 240)
            )
        if "produced" in facts and rng.random() < 0.75:
            self._add(project, "ramped", facts["produced"].on, 0, None, (50, 200))
        if rng.random() < 0.03 and "produced" in facts:
            # Only production was filed: it stands for the completion.
            del facts["completed"], facts["accepted"]
        if project.category == "工业" and rng.random() < 0.6:
            self._add(project, "listed_enterprise", completed.on, 0, None, (20, 150))
            project.traits["is_first_listing"] = rng.random() < 0.8
        project.traits.update(
            enterprise_name=project.traits["owner"],
            enterprise_kind={"工业": "规上工业", "服务业": "规上服务业"}.get(project.category, "农业龙头"),
            yearly_output=round(project.investment * rng.uniform(0.1, 0.5)),
        )

    def _add(
        self,
        project: Project,
        event: str,
        base: date,
        share: float,
        until: date | None,
        days: tuple[int, int] = (0, 0),
    ) -> None:
        """A date on the way from `base` to `until`, or some days from `base`."""
        offset = round(share * (until - base).days) if until else self.rng.randint(*days)
        day = base + timedelta(days=offset)
        project.facts[event] = Fact(day, month_of(day))

    def _misfile(self, project: Project) -> None:
        """Late, vague and wrong filings."""
        rng, facts = self.rng, project.facts
        for event, fact in facts.items():
            fact.known += rng.choices((0, 1, 2), (94, 4, 2))[0]
            vague = {"planned": 0.3, "started": 0.06, "completed": 0.05, "signed": 0.03}.get(event, 0.0)
            if rng.random() < vague:
                fact.on, fact.precision = last_day(month_of(fact.on)), "month"
        for fact in facts.values():
            # An exit that is filed late must not come before what it ends.
            if "exited" in facts and fact is not facts["exited"]:
                facts["exited"].known = max(facts["exited"].known, fact.known)
        started, signed = facts.get("started"), facts.get("signed")
        if started and signed and rng.random() < 0.012:
            started.wrong = signed.on - timedelta(days=rng.randint(5, 70))
            started.fixed = started.known + rng.randint(2, 9)
        completed = facts.get("completed")
        if completed and rng.random() < 0.01:
            completed.wrong = completed.on - timedelta(days=rng.randint(300, 400))
            completed.fixed = completed.known + rng.randint(1, 4)
        if self.living.city == "210200":
            self._misread_landing(project)
        if (
            rng.random() < 0.012
            and (started is None or started.on.year < YEARS[0])
            and "completed" not in facts
        ):
            latest = max(fact.on for fact in facts.values())
            project.traits["is_dateless"] = latest.year < YEARS[0]

    def _misread_landing(self, project: Project) -> None:
        """Dalian files some landings that its rule does not bear out, and leaves out some that it does."""
        landed, facts = project.facts.get("landed"), project.facts
        if landed is None:
            return
        lot = self.rng.random()
        if lot < 0.07:
            facts.pop("land_awarded", None)
            facts.pop("operated", None)
        elif lot < 0.2:
            del facts["landed"]

    def _bundle(self) -> None:
        """Packages: a parent row with its works."""
        rng = self.rng
        works = [project for project in self.living.projects if project.is_public and not project.is_reserve]
        by_area: dict[str, list[Project]] = defaultdict(list)
        for project in works:
            by_area[project.area].append(project)
        for area, inside in sorted(by_area.items(), key=lambda pair: -len(pair[1]))[:4]:
            if len(inside) < 5:
                continue
            children = sorted(
                rng.sample(inside, rng.randint(4, min(8, len(inside)))), key=lambda child: child.number
            )
            eldest = min(children, key=lambda child: child.seen)
            parent = Project(
                len(self.living.projects) + 1,
                area,
                children[0].category,
                True,
                sum(child.investment for child in children),
            )
            first = min(child.facts["planned"].on for child in children)
            parent.facts["planned"] = Fact(first, eldest.seen)
            parent.traits = {
                "name": f"{self.short_names[area]}{words.place(rng)}片区基础设施提升工程（打包）",
                "content": f"含{len(children)}个子项目",
                "owner_kind": "政府",
                "lead_unit": children[0].traits["lead_unit"],
                "investment_total": parent.investment,
                "tags": [],
                "lists": [],
                "source_order": 0.0,
                "is_parent": True,
            }
            self.living.projects.append(parent)
            for child in children:
                child.traits["parent"] = parent.number

    def _scatter(self) -> None:
        """A few rows name no area, or two."""
        areas = [row["name"] for row in self.living.areas.values() if row["is_ranked"]]
        chosen = [
            project
            for project in self.living.projects
            if project.is_public and "parent" not in project.traits
        ]
        for project in self.rng.sample(chosen, round(len(chosen) * 0.02)):
            project.traits["area_text"] = (
                "、".join(self.rng.sample(areas, 2)) if self.rng.random() < 0.6 else None
            )
            project.area = f"{self.city}-{UNASSIGNED}"


class _Planner:
    """Plans made for the projects, and the money that was spent on them."""

    def __init__(self, living: Living) -> None:
        self.living, self.rng = living, living.rng

    def plan(self) -> None:
        """Due dates, yearly plans and monthly spending of every project."""
        projects = [
            project
            for project in self.living.projects
            if not project.traits.get("is_parent") and not project.traits.get("is_dateless")
        ]
        for year in YEARS:
            self._set_starts(year, projects)
        for project in projects:
            self._set_distant_start(project)
            if "started" in project.facts:
                self._spend(project)
            self._budget(project)

    def starts_wanted(self, year: int) -> dict[tuple[str, ...], int]:
        """How many starts a year plans, by categories: the document's addends, else the usual mix."""
        living = self.living
        rows = living.reference.targets_of(living.city, year).filter(
            pl.col("area_id").is_null(),
            pl.col("metric") == "started_projects",
            pl.col("part_kind") == "addend",
        )
        wanted = {
            filters_of(filters)["category"]: round(float(value) * living.scale)
            for filters, value in rows.select("filters", "value_base").iter_rows()
            if set(filters_of(filters)) == {"category"}
        }
        if wanted:
            return wanted
        mix = living.shape.mixes["started"]
        total = round(living.target(year, "started_projects") * living.scale)
        return {
            (category,): count for category, count in zip(mix, parted(total, list(mix.values())), strict=True)
        }

    def _set_starts(self, year: int, projects: Sequence[Project]) -> None:
        rng = self.rng
        for categories, wanted in self.starts_wanted(year).items():
            among = [project for project in projects if project.category in categories]
            missing = wanted - sum(_is_due_in(project, year) for project in among)
            started = [project for project in among if self._starts_in(project, year)]
            stuck = [project for project in among if self._could_start_in(project, year)]
            rng.shuffle(started)
            rng.shuffle(stuck)
            late = min(len(stuck), max(round(wanted * 0.16), missing - len(started)))
            for project in started[: max(missing - late, 0)]:
                self._set_start(project, year, project.month("started"))
            for project in stuck[: max(min(late, missing), 0)]:
                self._set_start(project, year, None)

    def _starts_in(self, project: Project, year: int) -> bool:
        started = project.month("started")
        return (
            started is not None and started // 12 == year and not project.dues and project.seen // 12 <= year
        )

    def _could_start_in(self, project: Project, year: int) -> bool:
        """Ready, and not started by the end of the year."""
        ready = project.month("approved" if project.is_public else "landed")
        started = project.month("started")
        exited = project.month("exited")
        return (
            ready is not None
            and ready <= year * 12 + 8
            and max(ready, project.seen) <= year * 12 + 8
            and not project.dues
            and (started is None or started // 12 > year)
            and (exited is None or exited > year * 12 + 11)
        )

    def _set_start(self, project: Project, year: int, started: int | None) -> None:
        """A due date in that year, and how it is put off while nothing starts."""
        rng = self.rng
        since = max(project.seen, year * 12)
        earliest, latest = max(since, year * 12 + 1), year * 12 + 11
        if started is None:
            due = rng.randint(earliest, latest)
            started = project.month("started")
        else:
            due = started + rng.choices((-3, -2, -1, 0, 1, 2), (4, 7, 14, 45, 20, 10))[0]
            due = min(max(due, earliest), latest)
        self._add_due(project, since, due)
        gone = project.month("exited")
        while (started is None or started > due) and due < END and (gone is None or gone > due):
            since, due = due + 1, due + rng.randint(3, 7)
            self._add_due(project, since, due)

    def _add_due(self, project: Project, since: int, due: int) -> None:
        precision = self.rng.choices(("day", "month"), (35, 65))[0]
        if due % 3 == 2 and self.rng.random() < 0.3:
            precision = "quarter"
        on = last_day(due)
        if precision == "day":
            on = first_day(due) + timedelta(days=self.rng.randint(0, 27))
        project.dues.append((since, on, precision))

    def _set_distant_start(self, project: Project) -> None:
        if project.dues or "started" in project.facts or self.rng.random() > 0.4:
            return
        on = date(self.rng.choice((2025, 2025, 2026, 2027)), 12, 31)
        project.dues.append((project.seen, on, "year"))

    def _spend(self, project: Project) -> None:
        """Monthly spending from start to completion, or as far as the builders have come."""
        rng = self.rng
        start, exited = project.month("started"), project.month("exited")
        assert start is not None
        done = project.month("completed") or project.month("produced")
        suspended, resumed = project.month("suspended"), project.month("resumed")
        years = self.living.shape.years_to_build
        months = round(12 * years * rng.uniform(0.55, 1.35) * (1.2 if project.investment >= 100_000 else 1.0))
        end = done if done is not None else start + months
        project.is_slow = done is None and rng.random() < 0.17
        whole = project.investment * (rng.uniform(0.93, 1.04) if done is not None else 0.97)
        rates = []
        for month in range(start, end + 1):
            idle = suspended is not None and suspended < month and (resumed is None or month < resumed)
            rates.append(0.0 if idle else SEASON[month % 12] * rng.uniform(0.7, 1.3))
        total = sum(rates) or 1.0
        for month, rate in zip(range(start, end + 1), rates, strict=True):
            if month > END or (exited is not None and month > exited):
                break
            amount = whole * rate / total
            if project.is_slow:
                amount = 0.0 if rng.random() < 0.35 else amount * 0.45
            project.spent[month] = round(amount)

    def _budget(self, project: Project) -> None:
        """The year's plan, and its revision in July for some."""
        rng = self.rng
        started, exited = project.month("started"), project.month("exited")
        finished = project.month("completed") or project.month("produced")
        if rng.random() < 0.03:
            return
        for year in YEARS:
            if (exited is not None and exited // 12 < year) or (
                finished is not None and finished // 12 < year
            ):
                continue
            spent = sum(amount for month, amount in project.spent.items() if month // 12 == year)
            if started is not None and started // 12 <= year:
                attained = min(max(rng.gauss(1.0, 0.12), 0.72), 1.35)
                planned = spent / (attained * (0.42 if project.is_slow else 1.0))
                since = max(project.seen, year * 12, started if not _is_due_in(project, year) else 0)
            elif _is_due_in(project, year):
                planned = project.investment * rng.uniform(0.04, 0.14)
                since = max(next(since for since, on, _ in project.dues if on.year >= year), year * 12)
            else:
                continue
            amount = max(round(planned, -2), 100)
            project.plans.append((year, since, round(amount)))
            july = year * 12 + 6
            if since < july and rng.random() < (0.3 if project.is_slow else 0.08):
                project.plans.append(
                    (year, july, max(round(amount * rng.choice((0.5, 0.6, 0.7, 0.8, 1.2))), 100))
                )


class _Places:
    """Random points inside the outline of an area."""

    def __init__(self, living: Living) -> None:
        self.living, self.rng = living, living.rng
        self.rings = {
            feature["properties"]["adcode"]: [polygon[0] for polygon in feature["geometry"]["coordinates"]]
            for feature in boundary(living.city)["features"]
        }

    def within(self, area: str) -> tuple[float, float]:
        """Longitude and latitude: near the mark of a zone, inside the outline of an area."""
        rng, row = self.rng, self.living.areas[area]
        if row["drawn_as"] == "circle" or (row["lon"] is not None and row["kind"] == "功能区"):
            return round(rng.gauss(row["lon"], 0.015), 5), round(rng.gauss(row["lat"], 0.012), 5)
        rings = self.rings.get(row["drawn_in"]) or self.rings[rng.choice(list(self.rings))]
        edges = [
            (here, there) for ring in rings for here, there in zip(ring, ring[1:] + ring[:1], strict=True)
        ]
        south = min(here[1] for here, _ in edges)
        north = max(here[1] for here, _ in edges)
        spans: list[tuple[float, float]] = []
        while not any(east > west for west, east in spans):
            latitude = rng.uniform(south, north)
            crossings = sorted(
                here[0] + (latitude - here[1]) * (there[0] - here[0]) / (there[1] - here[1])
                for here, there in edges
                if (here[1] > latitude) != (there[1] > latitude)
            )
            spans = list(zip(crossings[::2], crossings[1::2], strict=True))
        west, east = rng.choices(spans, [east - west for west, east in spans])[0]
        return round(rng.uniform(west, east), 5), round(latitude, 5)


def _is_due_in(project: Project, year: int) -> bool:
    """Whether the first start date that the ledgers of a year show lies in that year."""
    if not project.dues:
        return False
    exited = project.facts.get("exited")
    if exited is not None and exited.known // 12 < year:
        return False
    begun = max(project.seen, year * 12)
    shown = [on for since, on, _ in project.dues if since <= begun][-1:]
    later = [on for since, on, _ in project.dues if begun < since < year * 12 + 12]
    first = (shown or later or [None])[0]
    return first is not None and first.year == year


def _likest(chain: str, values: Sequence[str]) -> str | None:
    """The value that shares most letters with the chain's name, at least two."""
    letters = set(chain)
    best = max(values, key=lambda value: len(letters & set(value)), default=None)
    return best if best is not None and len(letters & set(best)) >= 2 else None


_LEAD_UNITS = {
    "工业": "市工业和信息化局",
    "服务业": "市商务局",
    "农业": "市农业农村局",
    "基础设施": "市城乡建设局",
    "房地产": "市房产局",
    "民生保障": "市发展改革委",
}
_INDUSTRY_CODES = {
    "工业": ("3670", "3499", "2641", "3841", "3990", "1469", "2720", "3985"),
    "服务业": ("5990", "6513", "7810", "6420", "7590", "5212"),
    "农业": ("0141", "0313", "0515", "0112"),
    "基础设施": ("4813", "7810", "4620", "4420"),
    "房地产": ("7010",),
    "民生保障": ("8321", "8411", "8514", "8892"),
}
