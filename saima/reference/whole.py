"""The files together: one checked Reference."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from saima.reference.areas import read_areas
from saima.reference.calendars import Calendar, read_calendar
from saima.reference.cities import City, read_city
from saima.reference.funds import FundRules, read_funds
from saima.reference.letters import LetterTemplate, read_letter
from saima.reference.lights import LightRules, read_lights
from saima.reference.lists import ListRules, read_lists, rules_of
from saima.reference.problems import ProblemRules, read_problems
from saima.reference.races import Race, read_race
from saima.reference.refusal import ReferenceError
from saima.reference.rewards import RewardRules, read_rewards
from saima.reference.service import ServiceRules, read_service
from saima.reference.settings import Settings
from saima.reference.sheets import UNITS_OF, Row, frame_of, must_be_in, must_name_one, rows_of
from saima.reference.statistics import StatisticsRules, read_statistics
from saima.reference.targets import FILTERS, OWN_FILTERS, filters_of, read_targets


@dataclass(frozen=True, eq=False)
class Reference:
    """The files of one instant, checked.

    Frames, each in file order:
    areas: area_id, city, name, short_name, aliases list, kind, gb2260, nbs_code, counts_in, drawn_in
      (polygon that shows it, its own for a reporting district), race_group, colour, lon, lat (GCJ-02),
      reports bool, confidence, note, rolls_up_to (area whose total includes it, itself if none),
      is_ranked bool, drawn_as ("polygon", "circle" or null).
    categories: category, aliases list, order. chains: city, chain, chain_group, aliases list, order,
      colour, source. schemes: scheme, value, name, city (null = every city), order, source.
      lists: list, city, name, order, source. parks: park_id, city, name, level, area_id, source.
    indicators: city, no, field, measure, unit, kind, base_year, base, and of 2025 and 2035 goal, rule (as a
      comparator) and words; source, note. actions: action_id, city, plan_no, plan, no, name, source.
    targets: target_id, city, area_id (null = whole city), year, document, clause, wording, metric
      (null = words only), filters, comparator, value decimal in `unit`, unit, starts_on, due_on, pace,
      part_of, part_kind, tolerance (share), base_year, base_value, note, value_base decimal (万元,
      count, or share 0..1), is_example bool, line.
    """

    cities: dict[str, City]
    areas: pl.DataFrame
    categories: pl.DataFrame
    chains: pl.DataFrame
    schemes: pl.DataFrame
    lists: pl.DataFrame
    parks: pl.DataFrame
    indicators: pl.DataFrame
    actions: pl.DataFrame
    targets: pl.DataFrame
    races: dict[str, Race]
    lights: dict[str, LightRules]
    letters: dict[str, LetterTemplate]
    calendars: dict[str, Calendar]
    problems: dict[str, ProblemRules]
    funds: dict[str, FundRules]
    service: dict[str, ServiceRules]
    rewards: dict[str, RewardRules]
    memberships: dict[str, ListRules]
    statistics: dict[str, StatisticsRules]

    def city(self, code: str) -> City:
        """The city of that code; ReferenceError names the codes there are."""
        if code not in self.cities:
            known = "、".join(f"{city.code}（{city.name}）" for city in self.cities.values())
            raise ReferenceError(f"cities/{code}.toml", f"没有城市“{code}”", allowed=known)
        return self.cities[code]

    def lights_of(self, city: str) -> LightRules:
        """The lights of that city; ours where it has no file of its own."""
        return self.lights.get(city, LightRules())

    def lists_of(self, city: str) -> ListRules:
        """The lists of that city and what makes a project a member of each."""
        named = self.lists.filter(pl.col("city") == city)["list"].to_list()
        return rules_of(self.memberships, city, named)

    def problems_of(self, city: str) -> ProblemRules:
        """How that city handles problems; as the ledger does where it has no file of its own."""
        return self.problems.get(city, ProblemRules())

    def funds_of(self, city: str) -> FundRules:
        """Sources and domains of that city's funds; those of the ledger where it has no file of its own."""
        return self.funds.get(city, FundRules())

    def service_of(self, city: str) -> ServiceRules:
        """Who serves the projects of that city; ours where it has no file of its own."""
        return self.service.get(city, ServiceRules())

    def statistics_of(self, city: str) -> StatisticsRules:
        """What that city asks of entry into statistics; ours where it has no file of its own."""
        return self.statistics.get(city, StatisticsRules())

    def areas_of(self, city: str) -> pl.DataFrame:
        """Rows of `areas` of that city, in file order."""
        return self.areas.filter(pl.col("city") == self.city(city).code)

    def targets_of(self, city: str, year: int) -> pl.DataFrame:
        """Rows of `targets` of that city and year, whole city and areas, in file order."""
        return self.targets.filter(pl.col("city") == self.city(city).code, pl.col("year") == year)


_TABLES = ("categories", "chains", "schemes", "lists", "parks", "indicators", "actions")
"""The tables that are kept as they stand, beside areas and targets."""


def read(files: Mapping[str, bytes]) -> Reference:
    """A checked Reference of these files (relative name → content)."""
    cities = {
        code: read_city(code, Settings.of(file, files[file]))
        for code, file in _per_city("cities", files).items()
    }
    if not cities:
        raise ReferenceError("cities", "没有城市文件", allowed="每个城市一份 cities/<代码>.toml")
    areas = read_areas(files, cities)
    tables = {name: rows_of(name, files) for name in _TABLES}
    for name, rows in tables.items():
        for row in rows:
            if "city" in row:
                must_be_in(f"{name}.csv", row, "city", cities)
    for row in tables["parks"]:
        inside = areas.filter(pl.col("city") == row["city"]).get_column("area_id")
        must_be_in("parks.csv", row, "area_id", inside, "不是这个城市的地区")
    must_name_one("categories.csv", tables["categories"], "category", "aliases")
    must_name_one("chains.csv", tables["chains"], "chain", "aliases")
    _must_have_own_colours(tables["chains"])

    def filterable(city: str) -> dict[str, list[str]]:
        return {
            "category": [row["category"] for row in tables["categories"]],
            "chain": [row["chain"] for row in tables["chains"] if row["city"] == city],
            "list": [row["list"] for row in tables["lists"] if row["city"] == city],
            "tag": [
                f"{row['scheme']}:{row['value']}" for row in tables["schemes"] if row["city"] in {None, city}
            ],
        }

    races = {
        code: read_race(code, Settings.of(file, files[file]))
        for code, file in _of_cities("races", files, cities).items()
    }
    lights = {
        code: read_lights(Settings.of(file, files[file]), filterable(code)["list"])
        for code, file in _of_cities("lights", files, cities).items()
    }
    letters = {
        kind: read_letter(kind, Settings.of(file, files[file]))
        for kind, file in _per_city("letters", files).items()
    }
    return Reference(
        cities=cities,
        areas=areas,
        targets=read_targets(files, cities, areas, filterable),
        races=races,
        lights=lights,
        letters=letters,
        calendars={
            code: read_calendar(code, Settings.of(file, files[file]))
            for code, file in _of_cities("calendars", files, cities).items()
        },
        problems={
            code: read_problems(Settings.of(file, files[file]))
            for code, file in _of_cities("problems", files, cities).items()
        },
        funds={
            code: read_funds(Settings.of(file, files[file]))
            for code, file in _of_cities("funds", files, cities).items()
        },
        service={
            code: read_service(Settings.of(file, files[file]))
            for code, file in _of_cities("service", files, cities).items()
        },
        rewards={
            code: read_rewards(Settings.of(file, files[file]))
            for code, file in _of_cities("rewards", files, cities).items()
        },
        memberships={
            code: read_lists(
                Settings.of(file, files[file]), filterable(code)["list"], filterable(code)["tag"]
            )
            for code, file in _of_cities("lists", files, cities).items()
        },
        statistics={
            code: read_statistics(Settings.of(file, files[file]), filterable(code)["list"])
            for code, file in _of_cities("statistics", files, cities).items()
        },
        **{name: frame_of(name, rows) for name, rows in tables.items()},
    )


def _must_have_own_colours(chains: Sequence[Row]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for row in chains:
        if row["colour"] is None:
            continue
        first = seen.setdefault((row["city"], row["colour"].upper()), row["line"])
        if first != row["line"]:
            raise ReferenceError(
                "chains.csv",
                f"颜色“{row['colour']}”与第{first}行相同",
                line=row["line"],
                field="colour",
                allowed="同一城市每条产业链一种颜色，或留空",
            )


def _of_cities(kind: str, files: Mapping[str, bytes], cities: Collection[str]) -> dict[str, str]:
    """City code → file of that kind; each must be about a city that there is."""
    found = _per_city(kind, files)
    for code, file in found.items():
        if code not in cities:
            raise ReferenceError(file, f"没有城市“{code}”", allowed="、".join(cities))
    return found


def _per_city(kind: str, files: Mapping[str, bytes]) -> dict[str, str]:
    """City code → file, for `<kind>/<code>.toml`, by code."""
    found = {}
    for file in sorted(files):
        if file.startswith(f"{kind}/") and file.endswith(".toml"):
            code = Path(file).stem
            if not re.fullmatch("[0-9A-Za-z]+", code):
                raise ReferenceError(
                    file, f"文件名“{code}”不能作城市代码", allowed="字母和数字，如 210100.toml"
                )
            found[code] = file
    return found


class Measurable(Protocol):
    """What a reference file must know of a metric that it names."""

    @property
    def unit(self) -> str: ...
    @property
    def own_filters(self) -> frozenset[str]: ...


def check_metrics(reference: Reference, metrics: Mapping[str, Measurable]) -> None:
    """Refuse a target, batch or race item that names no metric, or one that it does not fit.

    A target has a unit and filters of its metric; a batch is a number of projects or an amount, no rate.
    Called by layers that know the catalogue: this one does not.
    """

    def check(metric: str | None, known: Collection[str], file: str, line: int | None = None) -> None:
        if metric is not None and metric not in known:
            raise ReferenceError(
                file, f"没有指标“{metric}”", line=line, field="metric", allowed="、".join(known)
            )

    for target in reference.targets.select("metric", "unit", "filters", "line").rows(named=True):
        check(target["metric"], metrics, "targets.csv", target["line"])
        if target["metric"]:
            _must_fit(target, metrics[target["metric"]])
    for race in reference.races.values():
        for item in race.items:
            check(item.metric, metrics, f"races/{race.city}.toml", item.line)
    for calendar in reference.calendars.values():
        for milestone in calendar.milestones:
            check(milestone.metric, metrics, f"calendars/{calendar.city}.toml", milestone.line)
    amounts = [metric for metric, known in metrics.items() if known.unit != "率"]
    for city in reference.cities.values():
        for batch in city.batches:
            check(batch.metric, amounts, f"cities/{city.code}.toml")


def _must_fit(target: Mapping[str, Any], metric: Measurable) -> None:
    """Refuse a target in a unit, or with a filter, that its metric does not have."""
    allowed = UNITS_OF.get(metric.unit, ())
    if target["unit"] not in allowed:
        raise ReferenceError(
            "targets.csv",
            f"单位“{target['unit']}”与指标“{target['metric']}”不符",
            line=target["line"],
            field="unit",
            allowed="、".join(allowed) or "这个指标不设目标",
        )
    for key in filters_of(target["filters"]):
        if key in OWN_FILTERS and key not in metric.own_filters:
            raise ReferenceError(
                "targets.csv",
                f"指标“{target['metric']}”没有筛选项“{key}”",
                line=target["line"],
                field="filters",
                allowed="、".join(name for name in FILTERS if name not in OWN_FILTERS - metric.own_filters),
            )
