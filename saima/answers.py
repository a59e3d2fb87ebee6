"""Answers that more than one door gives: page, command line and paper call these, so they agree.

Answers are remembered while the snapshots, the reference files and the question are the same; what comes
back is shared and never changed in place.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import update_wrapper
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import polars as pl

from saima import store
from saima.ledgers import LEDGERS
from saima.metrics import CATALOGUE, FactsOf, Metric, total_of
from saima.metrics.facts import UNCHAINED, happened, narrowed, open_, stands
from saima.reference import Calendar, Race, ReferenceError, RewardRules, boundary
from saima.scope import LEDGER_OF, Scope
from saima.transforms.calendar import HELD_IN_AREAS, cadence_rounds, milestone_metric, milestone_rows
from saima.transforms.chains import chain_shares, chain_stages
from saima.transforms.followup import closing_columns, decision_states, letter_states
from saima.transforms.forecast import year_end_forecasts
from saima.transforms.funds import FACTS as FUND_FACTS
from saima.transforms.funds import TOLD as FUNDS_TOLD
from saima.transforms.funnel import cohort_funnel, stage_conversion, stage_stock
from saima.transforms.geography import area_values, rolled_up
from saima.transforms.indicators import action_rows
from saima.transforms.letters import LISTED, Letter, due_letters, letter_facts, letter_of
from saima.transforms.lights import LIT, RECENT, TOLD
from saima.transforms.lists import FACTS as LIST_FACTS
from saima.transforms.lists import FUND_FACTS as LIST_FUND_FACTS
from saima.transforms.lists import (
    city_share,
    kind_rows,
    list_changes,
    list_combinations,
    list_differences,
    list_memberships,
    list_rows,
    members_of,
    plan_months,
    unit_words,
    won_sources,
)
from saima.transforms.overview import SUPPORT, batch_rows, flow_rows
from saima.transforms.pace import (
    area_lights,
    investment_pace,
    last_day,
    next_month,
    settled_targets,
    since_last_period,
    target_pace,
)
from saima.transforms.problems import FACTS as PROBLEM_FACTS
from saima.transforms.problems import TOLD as PROBLEMS_TOLD
from saima.transforms.problems import stock_targets
from saima.transforms.projects import ABOUT, INDEX, PEER_FACTS, PEERS, filed_investment, peer_projects
from saima.transforms.race import NO_RACE, bottom_streaks, race_items, race_metrics, race_table
from saima.transforms.rates import (
    COMPARED,
    FOUR_RATES,
    improvement_words,
    landing_differences,
    rate_rows,
)
from saima.transforms.rewards import FACTS as REWARD_FACTS
from saima.transforms.rewards import reward_rows
from saima.transforms.service import FACTS as SERVICE_FACTS
from saima.transforms.service import led_projects, level_metrics, open_decisions, service_metrics
from saima.transforms.statistics import COMPARED as STATISTICS_COMPARED
from saima.transforms.statistics import (
    ECONOMY_FACTS,
    FIXED,
    PERMIT_FACTS,
    carried_words,
    economy_problem,
    explained_rows,
    pending_projects,
    rows_by_metric,
)
from saima.transforms.statistics import FACTS as STATISTICS_FACTS
from saima.transforms.statistics import TOLD as STATISTICS_TOLD
from saima.transforms.targets import (
    CANDIDATE_FACTS,
    candidates,
    target_metric,
    target_metrics,
    target_tree,
)
from saima.transforms.warnings import (
    coming_due,
    explanations_owed,
    light_changes,
    place_consequences,
    slipping_records,
    warning_words,
)
from saima.wording import OFFICE_TIME

BESIDE_CARDS = (
    "newly_planned_investment",
    "planned_projects",
    "landed_projects",
    "landing_rate_of_signed",
    "started_projects_industry",
    "started_projects_service",
    "exited_projects",
    "invested_year",
    "plan_year",
    "investment_completion",
    "started_as_planned_rate",
    "start_rate_of_signed",
    "starts_due",
    "starts_waiting",
    "starts_postponed",
    "plans_cut",
    "plans_cut_amount",
    "production_waiting",
    "statistics_waiting",
    "red_projects",
    "yellow_projects",
    "green_projects",
    "funds_without_work",
    "planned_share",
    *SUPPORT,
)
"""Metrics that the overview shows beside those of the city's batches."""

FLOWS = (
    "signed_projects",
    "landed_projects",
    "started_projects",
    "completed_projects",
    "produced_projects",
    "ramped_projects",
)
"""The year's events that the funnel page shows against their targets."""


ANSWERS = 256
"""How many answers are remembered; each is a frame of at most some hundred rows."""

_Args = ParamSpec("_Args")
_Answer = TypeVar("_Answer")


def _remembered(
    answer: Callable[Concatenate[Scope, _Args], _Answer],
) -> Callable[Concatenate[Scope, _Args], _Answer]:
    """The same function, computing once what does not change; its arguments are plain values."""

    def remembering(scope: Scope, /, *args: _Args.args, **kwargs: _Args.kwargs) -> _Answer:
        key = (answer.__name__, scope.content, args, tuple(sorted(kwargs.items())))
        with _lock:
            if key in _known:
                _known.move_to_end(key)
                return cast(_Answer, _known[key])
        made = answer(scope, *args, **kwargs)
        with _lock:
            _known[key] = made
            while len(_known) > ANSWERS:
                _known.popitem(last=False)
        return made

    update_wrapper(remembering, answer)
    return remembering


_known: OrderedDict[Hashable, object] = OrderedDict()
_lock = Lock()


def paced(scope: Scope, metric_ids: tuple[str, ...]) -> pl.DataFrame:
    """Metrics of the scope's period against target and 序时, with light and this month's part.

    The columns of `pace.target_pace` and `month`. Targets are the whole city's, or the one area's that
    the scope names; any other filter leaves the columns of the target null.
    """
    is_one_area = len(scope.areas) == 1 and scope.everywhere.is_whole_city
    red_periods = scope.light_rules.target_red_periods
    shown = scope.periods[-max(2, red_periods) :]
    unfiled = carried(scope, shown) if is_one_area else NOBODY
    if unfiled.height:
        # The last filings of its own may lie further back.
        shown = scope.periods[-13:]
        unfiled = carried(scope, shown)
    values = scope.measure(metric_ids, shown=shown, by_area=is_one_area)
    targets = plain_targets(scope) if scope.is_whole_city or is_one_area else plain_targets(scope).clear()
    lit = area_lights(target_pace(values, targets), scope.period, unfiled, red_periods)
    months = since_last_period(values, scope.period, scope.previous)
    return lit.with_columns(months["month"])


NOBODY = pl.DataFrame(schema={"period": pl.String, "area_id": pl.String})
"""Nobody's values are those of an earlier filing."""


def carried(scope: Scope, shown: tuple[str, ...]) -> pl.DataFrame:
    """(period, area_id) of the reporting areas that show an earlier filing's values, in full or of a zone."""
    statuses = [
        store.filing_status(scope.city_code, period, scope.as_of, unfiled=scope.city.unfiled)
        .filter("is_carried")
        .select(pl.lit(period).alias("period"), "area_id")
        for period in shown
    ]
    return rolled_up(pl.concat(statuses), scope.city_areas).unique(maintain_order=True)


def plain_targets(scope: Scope) -> pl.DataFrame:
    """The city's targets that name a metric and narrow it no further."""
    return scope.reference.targets.filter(
        (pl.col("city") == scope.city_code) & pl.col("metric").is_not_null() & pl.col("filters").is_null()
    )


def overview_metrics(scope: Scope) -> tuple[str, ...]:
    """Ids of every metric that the overview of this city shows, each once."""
    batches = [batch.metric for batch in scope.city.batches if batch.metric]
    return tuple(dict.fromkeys([*batches, *BESIDE_CARDS]))


@_remembered
def overview_numbers(scope: Scope) -> pl.DataFrame:
    """Every metric of the overview, the columns of `paced`."""
    return paced(scope, overview_metrics(scope))


@_remembered
def catalogue_values(scope: Scope) -> pl.DataFrame:
    """Every metric of the catalogue, the columns of `paced`."""
    return paced(scope, tuple(CATALOGUE))


@_remembered
def area_values_of(scope: Scope, metric_ids: tuple[str, ...]) -> pl.DataFrame:
    """Metrics of each reporting area that has filed: the columns of `metric_values` and area, its name."""
    names = scope.area_names
    values = scope.measure(metric_ids, by_area=True)
    return values.with_columns(area=pl.col("area_id").replace(names))


STANDING = ("plans_cut", "plans_cut_amount", "starts_postponed")
"""What the year has taken back of its plans."""


def targets_asked(scope: Scope) -> Scope:
    """The scope whose targets apply: the whole city's, or the one area's that is asked about."""
    return replace(scope.unfiltered, areas=scope.areas if len(scope.areas) == 1 else ())


def targets_of(scope: Scope) -> pl.DataFrame:
    """The targets of the scope's year: the city's own, or those of the one area asked about."""
    rows = scope.reference.targets_of(scope.city_code, int(scope.period[:4]))
    area = scope.areas[0] if len(scope.areas) == 1 else None
    return rows.filter(pl.col("area_id").eq_missing(pl.lit(area, pl.String)))


@_remembered
def target_rows(scope: Scope) -> pl.DataFrame:
    """Every target of the year against the ledger; see `targets.target_tree`."""
    asked = targets_asked(scope)
    return _tree_of(asked, targets_of(asked))


def _tree_of(scope: Scope, targets: pl.DataFrame) -> pl.DataFrame:
    metrics = target_metrics(targets)
    own = targets.with_columns(metric=pl.col("target_id"))
    paced, forecasts = _held_against(scope, own, metrics, by_area=bool(scope.areas))
    return target_tree(targets, paced, forecasts)


@_remembered
def area_target_rows(scope: Scope, target_id: str) -> pl.DataFrame:
    """A target of the city area by area, beside the areas' own targets of the same metric and filters.

    The columns of `targets.target_tree` but those of the tree, a row for each area that has filed, by code.
    """
    whole = scope.unfiltered
    year = whole.reference.targets_of(whole.city_code, int(whole.period[:4]))
    target = year.row(by_predicate=pl.col("target_id") == target_id, named=True)
    is_same = (pl.col("metric") == target["metric"]) & pl.col("filters").eq_missing(
        pl.lit(target["filters"], pl.String)
    )
    own = year.filter(is_same & pl.col("area_id").is_not_null()).with_columns(
        metric=pl.lit(target_id), part_of=pl.lit(None, pl.String)
    )
    paced, forecasts = _held_against(whole, own, {target_id: target_metric(target)}, by_area=True)
    return (
        paced.drop("comparator")
        .join(own.select("area_id", "value_base", "comparator", "unit"), on="area_id", how="left")
        .join(forecasts.drop("metric_id"), on="area_id", how="left")
        .with_columns(metric=pl.lit(target["metric"]))
        .sort("area_id")
    )


def _held_against(
    scope: Scope, targets: pl.DataFrame, metrics: Mapping[str, Metric], *, by_area: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(paced, forecasts) of metrics against targets that name them by their id."""
    # What begins in the middle of a year has no year before it; lights know no more than thirteen months.
    whole_year = targets.filter((pl.col("starts_on").dt.ordinal_day() == 1) | pl.col("metric").is_null())
    forecast = [
        metric
        for metric in metrics.values()
        if metric.kind == "flow" and not metric.columns & TOLD and metric.id in set(whole_year["metric"])
    ]
    others = [metric for metric in metrics.values() if metric not in forecast]
    red_periods = scope.light_rules.target_red_periods
    history, recent = scope.periods[-24:], scope.periods[-13 if by_area else -max(2, red_periods) :]
    flows = scope.measure(forecast, shown=history, by_area=by_area)
    values = pl.concat([flows, scope.measure(others, shown=recent, by_area=by_area)])
    paced = target_pace(values.filter(pl.col("period").is_in(recent)), targets, metrics)
    lit = area_lights(paced, scope.period, carried(scope, recent) if by_area else NOBODY, red_periods)
    forecasts = year_end_forecasts(
        flows,
        scope.period,
        metrics,
        rhythm=scope.unfiltered.measure(forecast, shown=history) if by_area else None,
        is_from_snapshots=scope.city.dates_from_snapshots,
    )
    return lit, forecasts


@_remembered
def target_months(scope: Scope, target_id: str) -> pl.DataFrame:
    """A target's metric by period of this year and the last: the columns of `metric_values`."""
    scope = targets_asked(scope)
    metric = target_metrics(targets_of(scope))[target_id]
    years = {scope.period[:4], str(int(scope.period[:4]) - 1)}
    return scope.measure([metric], shown=[period for period in scope.periods if period[:4] in years])


@_remembered
def target_candidates(scope: Scope, target_id: str) -> pl.DataFrame:
    """Projects that could close a target's gap; see `targets.candidates`."""
    scope = targets_asked(scope)
    target = targets_of(scope).row(by_predicate=pl.col("target_id") == target_id, named=True)
    metric = target_metric(target)
    if metric.facts != "project_facts":
        # Funds and problems have no planned date by which they could close a gap.
        return candidates(scope.facts(CANDIDATE_FACTS).clear(), target, target["due_on"])
    within = narrowed(metric.filters)
    facts = scope.facts({*CANDIDATE_FACTS, *within.meta.root_names()}).filter(within)
    return candidates(facts, target, target["due_on"])


@_remembered
def lights_now(scope: Scope) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(lights of the period, changes since the one before); see `lights` and `warnings.light_changes`."""
    shown = tuple(period for period in (scope.previous, scope.period) if period)
    lit = scope.lights(shown)
    now = lit.filter(pl.col("period") == scope.period)
    return now, light_changes(now, lit.filter(pl.col("period") == (scope.previous or "")))


@_remembered
def overview_forecasts(scope: Scope) -> dict[str, dict[str, Any]]:
    """Where the flows of the city's batches, and the year's investment, will stand at its end, by metric."""
    batches = [batch.metric for batch in scope.city.batches if batch.metric]
    flows = [CATALOGUE[metric] for metric in (*batches, "invested_year") if CATALOGUE[metric].kind == "flow"]
    values = scope.measure(flows, shown=scope.periods[-24:])
    found = year_end_forecasts(
        values, scope.period, CATALOGUE, is_from_snapshots=scope.city.dates_from_snapshots
    )
    return {row["metric_id"]: row for row in found.iter_rows(named=True)}


@dataclass(frozen=True)
class Consequences:
    """What follows from the lights: `places` in the race (`warnings.place_consequences`), who is `owed` an
    explanation by, and the areas to which each kind of letter is due."""

    places: pl.DataFrame
    owed: pl.DataFrame
    letters: Mapping[str, Sequence[str]]


@_remembered
def consequences(scope: Scope) -> Consequences:
    """What follows for the scope's areas; only areas that are ranked owe explanations and get letters."""
    now, changes = lights_now(scope)
    ranked = scope.city_areas.filter("is_ranked")
    names = dict(ranked.select("area_id", "name").iter_rows())
    if scope.areas:
        names = {area: name for area, name in names.items() if area in scope.areas}
    table, _ = race_scores(scope, scope.periods[-13:])
    places = place_consequences(bottom_streaks(table), scope.light_rules)
    targets = area_targets(scope)
    due = due_letters(changes, targets, places, scope.light_rules)
    return Consequences(
        places=places,
        owed=explanations_owed(now, targets, names, scope.light_rules),
        letters={kind: [area for area in areas if area in names] for kind, areas in due.items()},
    )


@dataclass(frozen=True)
class Warned:
    """The lights of a period and what became of them.

    `now` and `changes` have leader beside the columns of `warnings.light_changes`; `rows` are the ledger rows
    of all projects named; `due` is what comes due before the next period ends, `records` how often owners
    have slipped.
    """

    now: pl.DataFrame
    changes: pl.DataFrame
    rows: pl.DataFrame
    due: pl.DataFrame
    records: pl.DataFrame


@_remembered
def warned(scope: Scope) -> Warned:
    """The warnings of the scope's period against the one before; see `transforms.warnings`."""
    lit, lit_changes = lights_now(scope)
    leaders = scope.unfiltered.ask("project_rows", columns=NAMED, project_ids=None).select(
        "project_id", "leader", "owner"
    )
    now, changes = (frame.join(leaders, on="project_id", how="left") for frame in (lit, lit_changes))
    facts = scope.facts(
        (
            *("project_id", "stage", "start_due_on", "completion_due_on", "production_due_on"),
            *("is_postponed", "is_due_waiting", "started_on", "baseline_start_due_on"),
        )
    )
    problems = scope.facts(("project_id", "end_on", "raised_on", "due_on", "resolved_on"), of="problem_facts")
    end = last_day(scope.period)
    due = coming_due(facts, problems, end, last_day(next_month(scope.period)))
    exempt = now.filter("is_exempt")["project_id"]
    named = [*changes["project_id"], *due["project_id"].drop_nulls(), *exempt]
    owners = leaders.select("project_id", "owner")
    return Warned(
        now=now,
        changes=changes,
        rows=rows_of_projects(scope, named),
        due=due,
        records=slipping_records(facts, owners),
    )


def letters_to(scope: Scope, kind: str, areas: Sequence[str]) -> list[Letter]:
    """Letters of one kind to these areas, dated by the day asked as of."""
    found, names = warned(scope), scope.area_names
    template, issued_on = scope.reference.letters[kind], scope.as_of.astimezone(OFFICE_TIME).date()
    targets, follows = area_targets(scope), consequences(scope)
    written = []
    for area in areas:
        lit = found.changes.filter((pl.col("area_id") == area) & pl.col("light").is_in(LIT))
        facts = letter_facts(
            city=scope.city.name,
            area=(area, names[area]),
            period=scope.period,
            changes=found.changes,
            targets=targets,
            places=follows.places,
            owed=follows.owed,
            issued_on=issued_on,
            reply_days=template.reply_days,
        )
        listed = warning_words(lit, found.rows, names, scope.light_rules).select(LISTED)
        written.append(letter_of(template, facts, listed, is_demonstration=scope.is_demonstration))
    return written


def area_targets(scope: Scope) -> pl.DataFrame:
    """The areas' own plain targets, held against the ledger: area_id, wording, light, distance."""
    return _area_targets(scope.unfiltered)


@_remembered
def _area_targets(whole: Scope) -> pl.DataFrame:
    targets = plain_targets(whole).filter(pl.col("area_id").is_not_null())
    metrics = tuple(targets["metric"].unique(maintain_order=True))
    recent = whole.periods[-13:]
    paced = target_pace(whole.measure(metrics, shown=recent, by_area=True), targets)
    lit = area_lights(paced, whole.period, carried(whole, recent), whole.light_rules.target_red_periods)
    named = targets.select("target_id", "wording")
    return lit.join(named, on="target_id").select("area_id", "wording", "light", "distance")


NAMED = (
    *("project_id", "name", "owner", "area_id", "category", "investment_total", "progress_text", "leader"),
    *("responsible_person", "start_due_on", "exemption_reason", "exempt_by", "exempt_until"),
)
"""What lists of projects say of them: columns of the query `project_rows`."""


def rows_of_projects(scope: Scope, project_ids: Sequence[str]) -> pl.DataFrame:
    """The ledger rows of these projects: the columns NAMED, in the ledger's order."""
    # Read of the whole city once: a list of other projects is then no other question to the store.
    rows = scope.unfiltered.ask("project_rows", columns=NAMED, project_ids=None)
    return rows.filter(pl.col("project_id").is_in(list(project_ids)))


@_remembered
def standing(scope: Scope) -> dict[str, dict[str, Any]]:
    """Plans cut and starts postponed this year, by metric; rows of `metric_values`."""
    values = targets_asked(scope).measure(STANDING)
    return {row["metric_id"]: row for row in values.iter_rows(named=True)}


@_remembered
def overview_cards(scope: Scope) -> list[dict[str, Any]]:
    """One card of texts and shares for each batch of the city, in its order; see `charts.pace.batch_card`."""
    metrics = tuple(batch.metric for batch in scope.city.batches if batch.metric)
    months = scope.periods[-13:]
    series = scope.measure(metrics, shown=months)
    return batch_rows(scope.city, overview_numbers(scope), series, scope.period, overview_forecasts(scope))


@_remembered
def stages(scope: Scope) -> pl.DataFrame:
    """Projects by stage at the end of the period; see `funnel.stage_stock`."""
    return stage_stock(scope.ask("stages_by_area"), scope.city.stage_terms)


@_remembered
def flows(scope: Scope) -> pl.DataFrame:
    """The year's events against their targets; see `overview.flow_rows`."""
    return flow_rows(paced(scope, FLOWS), scope.city)


@_remembered
def cohort(scope: Scope, from_stage: str) -> pl.DataFrame:
    """This year's cohort of one stage and how far it has come; see `funnel.cohort_funnel`."""
    conversion = scope.ask("conversion_by_stage", from_stage=from_stage)
    return cohort_funnel(conversion, from_stage, scope.city.stage_terms)


@_remembered
def four_rates(scope: Scope) -> pl.DataFrame:
    """四率 of the scope against their targets; see `rates.rate_rows`."""
    return rate_rows(paced(scope, FOUR_RATES))


@_remembered
def improvements(scope: Scope) -> pl.DataFrame:
    """三提升 against the same months of last year, like for like beside the whole; see `rates`."""
    last = f"{int(scope.period[:4]) - 1}{scope.period[4:]}"
    shown = tuple(period for period in (last, scope.period) if period in scope.periods)
    whole = scope.measure(COMPARED, shown=shown)
    filed = [
        set(status.filter(pl.col("filed_period") == period)["area_id"])
        for period in shown
        for status in (store.filing_status(scope.city_code, period, scope.as_of, unfiled=scope.city.unfiled),)
    ]
    areas = sorted(set.intersection(*filed)) if filed else []
    asked = [area for area in scope.areas or areas if area in areas]
    same = replace(scope, areas=tuple(asked)).measure(COMPARED, shown=shown) if asked else whole.clear()
    now, before, same_now, same_before = (
        frame.filter(pl.col("period") == period) for frame in (whole, same) for period in (scope.period, last)
    )
    return improvement_words(now, before, same_now, same_before, scope.city.currency)


@dataclass(frozen=True)
class Landings:
    """Landings as filed and by the rule: how many this year, and where the two differ, with their rows."""

    filed: int
    ruled: int
    differences: pl.DataFrame
    rows: pl.DataFrame


@_remembered
def landings(scope: Scope) -> Landings:
    """The landing rule beside what was filed, 亿元以上 projects; see `rates.landing_differences`."""
    within = narrowed({"investment_from": ("10000",), **scope.filters})
    columns = {"project_id", "end_on", "landed_on", "stage", "year_from", *within.meta.root_names()}
    told = []
    for basis in ("filed", "rule"):
        facts = scope.unfiltered.ask("project_facts", columns=sorted(columns), landing=basis)
        told.append(facts.filter(within))
    filed, ruled = told
    differences = landing_differences(filed, ruled)
    return Landings(
        filed=filed.filter(happened("landed")).height,
        ruled=ruled.filter(happened("landed")).height,
        differences=differences,
        rows=rows_of_projects(scope, differences["project_id"].to_list()),
    )


@dataclass(frozen=True)
class WorkCalendar:
    """The city's calendar at the end of a period: rounds of its cadences, and its milestones."""

    calendar: Calendar
    rounds: pl.DataFrame
    milestones: list[dict[str, Any]]
    activities: pl.DataFrame


@_remembered
def work_calendar(scope: Scope) -> WorkCalendar | None:
    """What is due, done and late by the city's calendar; None for a city without one.

    The city's own activities of the year, as filed up to the period, whatever the filters.
    """
    calendar = scope.reference.calendars.get(scope.city_code)
    if calendar is None:
        return None
    whole = scope.unfiltered
    rows = whole.ask("activity_rows").filter(pl.col("period").str.starts_with(scope.period[:4]))
    activities = rows.unique(["area_id", "activity_id"], keep="last", maintain_order=True)
    is_citys = (pl.col("area_id") == scope.city_code) | pl.col("kind").is_in(HELD_IN_AREAS)
    of_city = activities.filter(is_citys & pl.col("held_on").is_not_null())
    held = list(of_city.select("kind", "held_on").iter_rows())
    told = {one.name: milestone_metric(one) for one in calendar.milestones if one.metric}
    values = whole.measure(list(told.values()))
    end = last_day(scope.period)
    filed = [revision.period for revision in whole.revisions_of("activities")]
    return WorkCalendar(
        calendar=calendar,
        rounds=cadence_rounds(calendar, held, end.year, end, filed),
        milestones=milestone_rows(
            [one for one in calendar.milestones if one.due_on.year == end.year],
            {row["metric_id"]: row for row in values.iter_rows(named=True)},
            held,
            end,
        ),
        activities=activities.sort("held_on", "activity_id", nulls_last=True),
    )


def race_rules(scope: Scope) -> Race | None:
    """The race file of the city in force at the as-of, None where it has none."""
    return scope.reference.races.get(scope.city_code)


def outline(scope: Scope) -> dict[str, Any] | None:
    """The city's outline as GeoJSON, None where there is no file of it."""
    try:
        return boundary(scope.city_code)
    except ReferenceError:
        return None


def race_scores(scope: Scope, shown: tuple[str, ...] | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(table, items) of the race over the periods shown; see `race.race_table` and `race.race_items`.

    Both are empty for a city without a race file.
    The race is the whole city's by its rule: filters of the scope do not narrow it.
    """
    return _race_scores(scope.unfiltered, shown)


@_remembered
def _race_scores(whole: Scope, shown: tuple[str, ...] | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    shown = shown or tuple(p for p in (whole.previous, whole.period) if p)
    race = race_rules(whole) or NO_RACE
    values = whole.measure(race_metrics(race), shown=shown, by_area=True)
    items = race_items(values, settled_targets(plain_targets(whole)), race, whole.city_areas)
    return race_table(items, whole.city_areas, race, carried(whole, shown)), items


@_remembered
def map_values(scope: Scope, metric: str, circle: str) -> pl.DataFrame:
    """One metric and one amount of every ranked area; see `geography.area_values`."""
    everywhere = scope.everywhere
    values = everywhere.measure((metric, circle), by_area=True)
    is_target_fit = everywhere.is_whole_city
    targets = plain_targets(scope) if is_target_fit else plain_targets(scope).clear()
    return area_values(target_pace(values, targets), metric, circle, scope.city_areas, scope.city.currency)


@_remembered
def conversion_by(scope: Scope, from_stage: str, to_stage: str, by: str) -> pl.DataFrame:
    """This year's conversion by area or chain, named; see `funnel.stage_conversion`.

    The columns of `stage_conversion` with id (area_id or chain) and name.
    """
    conversion = scope.ask("conversion_by_stage", from_stage=from_stage)
    rows = stage_conversion(rolled_up(conversion, scope.city_areas), to_stage, by)
    names = scope.area_names
    return rows.with_columns(
        id=pl.col(by).fill_null(UNCHAINED),
        name=pl.col(by).fill_null(UNCHAINED).replace(names),
    )


@_remembered
def chain_cells(scope: Scope) -> pl.DataFrame:
    """Chains by stage; see `chains.chain_stages`."""
    return chain_stages(scope.ask("stages_by_chain"), scope.city_chains, scope.city.stage_terms)


@_remembered
def chain_sizes(scope: Scope) -> pl.DataFrame:
    """Size of each chain and its largest project; see `chains.chain_shares`."""
    return chain_shares(scope.ask("largest_by_chain"), scope.city_chains)


@_remembered
def unplaced_projects(scope: Scope) -> tuple[int, int]:
    """(projects with coordinates, projects without) of all areas at the end of the period."""
    counted = scope.everywhere.ask("coordinates_by_area")
    return (
        int(counted.filter("has_coordinates")["projects"].sum()),
        int(counted.filter(~pl.col("has_coordinates"))["projects"].sum()),
    )


@_remembered
def investment(scope: Scope) -> pl.DataFrame:
    """The year's investment against plan of every ranked area of the scope; see `pace.investment_pace`."""
    values = scope.measure(("investment_completion", "planned_share"), by_area=True)
    return investment_pace(values, scope.city_areas.filter("is_ranked"), scope.light_rules)


@_remembered
def problem_facts(scope: Scope) -> pl.DataFrame:
    """The problems of the scope at the end of its period: `problems.FACTS`."""
    return scope.facts(PROBLEM_FACTS, of="problem_facts")


@_remembered
def problem_numbers(scope: Scope) -> pl.DataFrame:
    """Every number of the page 受阻问题, the columns of `paced`; unknown where the ledger was not filed."""
    return paced(scope, PROBLEMS_TOLD)


@_remembered
def problem_stock(scope: Scope) -> pl.DataFrame:
    """The targets that ask for a stock of problems to be resolved, side by side: rows of `target_rows`."""
    asked = targets_asked(scope)
    targets = stock_targets(targets_of(asked))
    return targets if targets.is_empty() else _tree_of(asked, targets).with_columns(depth=0)


@_remembered
def rows_of_problems(scope: Scope, keys: tuple[str, ...]) -> pl.DataFrame:
    """The ledger rows of these problems: the columns of the query `problem_rows`."""
    return scope.ask("problem_rows", row_keys=list(keys))


@dataclass(frozen=True)
class Funds:
    """The funds of a scope: `facts` of the period (`funds.FACTS`), `before` those of the same month of last
    year (None without a snapshot of funds), `numbers` of the page (the columns of `paced`), how many 银企对接
    were held in the year (None where no activities are filed), and the days by which projects must start, by
    metric."""

    facts: pl.DataFrame
    before: pl.DataFrame | None
    numbers: pl.DataFrame
    meetings: int | None
    milestones: Mapping[str, date]


@_remembered
def funds(scope: Scope) -> Funds | None:
    """The funds of the scope; None where the ledger was not filed."""
    numbers = paced(scope, FUNDS_TOLD)
    if not scope.revisions_of("funds"):
        return None
    last = f"{int(scope.period[:4]) - 1}{scope.period[4:]}"
    is_known = last in scope.periods and any(
        revision.period == last for revision in scope.revisions_of("funds")
    )
    before = replace(scope, period=last, is_latest=False) if is_known else None
    calendar = scope.reference.calendars.get(scope.city_code)
    days = {
        one.metric: one.due_on
        for one in (calendar.milestones if calendar else ())
        if one.metric and one.due_on.year == int(scope.period[:4])
    }
    return Funds(
        facts=scope.facts(FUND_FACTS, of="fund_facts"),
        before=None if before is None else before.facts(FUND_FACTS, of="fund_facts"),
        numbers=numbers,
        meetings=_bank_meetings(scope),
        milestones=days,
    )


def _bank_meetings(scope: Scope) -> int | None:
    """How many 银企对接 the city and its areas have held in the year; None where no activities are filed."""
    year = scope.period[:4]
    if not any(revision.period[:4] == year for revision in scope.revisions_of("activities")):
        return None
    rows = scope.unfiltered.ask("activity_rows", shown=(scope.period,))
    held = rows.filter(pl.col("kind") == "银企对接", pl.col("held_on").dt.to_string("%Y") == year)
    return held.n_unique(["area_id", "activity_id"])


@_remembered
def rows_of_funds(scope: Scope, keys: tuple[str, ...]) -> pl.DataFrame:
    """The ledger rows of these funds: the columns of the query `fund_rows`."""
    return scope.ask("fund_rows", row_keys=list(keys))


@dataclass(frozen=True)
class Service:
    """Who serves the scope's projects: `rates` and `levels` are rows of `metric_values`, `area_rates` of each
    area, `facts` those of every project (`service.FACTS`), `problems` project_id of the open ones, None where
    nobody has filed any."""

    rates: pl.DataFrame
    levels: pl.DataFrame
    area_rates: pl.DataFrame
    facts: pl.DataFrame
    problems: pl.DataFrame | None


@_remembered
def service(scope: Scope) -> Service:
    """The service of the scope's projects by the city's rules; see `transforms.service`."""
    rules = scope.reference.service_of(scope.city_code)
    metrics = list(service_metrics(rules).values())
    led = [CATALOGUE[metric_id] for metric_id in ("led_projects", "led_investment", "led_red_projects")]
    problems = scope.facts(("project_id", "end_on", "raised_on", "resolved_on"), of="problem_facts")
    return Service(
        rates=scope.measure([*metrics, *led]),
        levels=scope.measure(list(level_metrics(rules).values())),
        area_rates=scope.measure(metrics, by_area=True),
        facts=scope.facts(SERVICE_FACTS),
        problems=problems.filter(open_()).select("project_id") if scope.revisions_of("problems") else None,
    )


@dataclass(frozen=True)
class LedBy:
    """What one leader answers for: `projects` with their lights, their ledger `rows`, open `problems` and
    `decisions`, None where nobody has filed any."""

    projects: pl.DataFrame
    rows: pl.DataFrame
    problems: pl.DataFrame | None
    decisions: pl.DataFrame | None


@_remembered
def led_by(scope: Scope, person: str) -> LedBy:
    """One leader's own projects within the scope; see `service.led_projects`."""
    leaders = scope.facts(("project_id", "leader"))
    led = led_projects(scope.lights().join(leaders.drop("period", "area_id"), on="project_id"), person)
    project_ids = led["project_id"].to_list()
    problems, handed_out = None, None
    if scope.revisions_of("problems"):
        told = scope.facts(
            ("project_id", "row_key", "end_on", "raised_on", "resolved_on"), of="problem_facts"
        ).filter(open_(), pl.col("project_id").is_in(project_ids))
        problems = scope.unfiltered.ask("problem_rows", row_keys=told["row_key"].to_list())
    if (known := decisions(scope.unfiltered)) is not None:
        # What the ledger shows to be done waits for nobody.
        waiting = known.filter(pl.col("state") != "proved")
        handed_out = open_decisions(waiting, person, project_ids, last_day(scope.period))
    return LedBy(
        projects=led,
        rows=rows_of_projects(scope, project_ids),
        problems=problems,
        decisions=handed_out,
    )


@dataclass(frozen=True)
class Rewards:
    """Who is rewarded by which clause: the `rules`, the `rows` of `rewards.reward_rows`, the ledger rows of
    their `projects`, and the `facts` they were told from."""

    rules: RewardRules
    rows: pl.DataFrame
    projects: pl.DataFrame
    facts: pl.DataFrame


@_remembered
def rewards(scope: Scope) -> Rewards | None:
    """The rewards of the scope's period; None for a city, or a year, without rules."""
    rules = scope.reference.rewards.get(scope.city_code)
    if rules is None or str(rules.year) != scope.period[:4]:
        return None
    facts = scope.facts(REWARD_FACTS)
    rows = reward_rows(facts, rules)
    project_ids = rows["project_ids"].explode().drop_nulls().to_list()
    return Rewards(rules=rules, rows=rows, projects=rows_of_projects(scope, project_ids), facts=facts)


@dataclass(frozen=True)
class Indicators:
    """What the page 城市指标 is told from: the `filed` values of the period (the query indicator_rows), the
    file of each filing, and the `actions` with their projects (`indicators.action_rows`)."""

    filed: pl.DataFrame
    sources: Mapping[str, str]
    actions: pl.DataFrame


@_remembered
def indicators(scope: Scope) -> Indicators:
    """The city's indicators as filed, and the special actions with the projects of the scope."""
    whole = scope.unfiltered
    filed = whole.ask("indicator_rows").filter(
        (pl.col("period") == scope.period) & (pl.col("area_id") == scope.city_code)
    )
    columns = ("action_id", "stage", "investment_total", "plan_year", "invested_year")
    mine = scope.reference.actions.filter(pl.col("city") == scope.city_code)
    return Indicators(
        filed=filed,
        sources={filing["filing_id"]: str(filing["source"]) for filing in whole.filings_of("indicators")},
        actions=action_rows(mine, scope.facts(columns).filter(stands())),
    )


@dataclass(frozen=True)
class Listed:
    """The lists of a scope: members by one basis, and where filing and rule differ.

    `rows` as of `lists.list_rows`, `members` the projects by (basis, list), `combinations` of
    `lists.list_combinations`, `kinds` of `lists.kind_rows`, `units` the list told by leading unit under
    Chinese terms, `differences` of `lists.list_differences` with their `facts` and ledger `proof`.
    """

    rows: pl.DataFrame
    members: Mapping[tuple[str, str], list[str]]
    combinations: pl.DataFrame
    kinds: pl.DataFrame
    units: pl.DataFrame
    differences: pl.DataFrame
    facts: pl.DataFrame
    proof: pl.DataFrame


def list_names(scope: Scope) -> dict[str, str]:
    """What the city's lists are called by id: the id where it is a Chinese word, shorter than the name."""
    lists = scope.reference.lists.filter(pl.col("city") == scope.city_code)
    named = lists.select("list", "name").iter_rows()
    return {one: name if one.isascii() else one for one, name in named}


def _city_memberships(scope: Scope) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(memberships, facts) of the whole city's projects: too many rows to be remembered.

    Rules look at the whole city, whatever the filters: what nobody files is not known of anybody.
    """
    whole = scope.unfiltered
    facts = whole.facts(LIST_FACTS)
    sources = won_sources(whole.facts(LIST_FUND_FACTS, of="fund_facts"))
    known = whole.filing_status_of("funds").filter(pl.col("filed_period").is_not_null())
    areas = set(rolled_up(known.select("area_id"), scope.city_areas)["area_id"])
    if any(
        filing["area_id"] is None
        for revision in whole.revisions_of("funds")
        if revision.period == whole.period
        for filing in revision.filings
    ):
        # What the whole city files speaks for areas without a row, too.
        areas |= set(facts["area_id"])
    rules = scope.reference.lists_of(scope.city_code)
    memberships = list_memberships(facts, rules, sources, areas)
    return memberships, facts.join(sources, on="project_id", how="left")


@_remembered
def listed(scope: Scope, basis: str) -> Listed:
    """The lists of the scope's projects by one of `lists.BASES`."""
    rules = scope.reference.lists_of(scope.city_code)
    memberships, facts = _city_memberships(scope)
    facts = facts.filter(narrowed(scope.filters))
    memberships = memberships.join(facts.select("project_id"), on="project_id", how="semi")
    members = {
        (one, rule.list): members_of(memberships, one).filter(list=rule.list)["project_id"].to_list()
        for one in ("reported", "computed")
        for rule in rules.rules
    }
    differences = list_differences(memberships, facts)
    large = members[basis, rules.large] if rules.large else None
    return Listed(
        rows=list_rows(memberships, facts, rules, list_names(scope), basis),
        members=members,
        combinations=list_combinations(members_of(memberships, basis), rules),
        kinds=kind_rows(facts, large),
        units=unit_words(facts, members[basis, rules.by_unit] if rules.by_unit else [], scope.city.currency),
        differences=differences,
        facts=facts.join(differences.select("project_id"), on="project_id", how="semi"),
        proof=rows_of_projects(scope, differences["project_id"].to_list()),
    )


@_remembered
def decisions(scope: Scope) -> pl.DataFrame | None:
    """What was handed out, as known in the period: `followup.decision_states`; None where nobody filed it."""
    if not _is_filed(scope, "decisions"):
        return None
    rows = _of_areas(scope, scope.unfiltered.ask("decision_rows"))
    known = store.query_header("project_facts").returns
    columns = [column for column in closing_columns(rows) if column in known]
    return decision_states(rows, scope.unfiltered.facts(("project_id", *columns)), last_day(scope.period))


@_remembered
def letters_sent(scope: Scope) -> pl.DataFrame | None:
    """The letters that went out, as known in the period: `followup.letter_states`; None where nobody filed
    any."""
    if not _is_filed(scope, "letters"):
        return None
    return letter_states(_of_areas(scope, scope.unfiltered.ask("letter_rows")), last_day(scope.period))


def _is_filed(scope: Scope, ledger: str) -> bool:
    """Whether a ledger that does not go on from month to month was filed for the period."""
    return any(revision.period == scope.period for revision in scope.revisions_of(ledger))


def _of_areas(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of the areas asked about; of a zone the area whose total includes it."""
    mine = rolled_up(rows, scope.city_areas)
    return mine.filter(pl.col("area_id").is_in(scope.areas)) if scope.areas else mine


@_remembered
def list_entries(scope: Scope) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(changes of the lists since the last period, ledger rows of their projects); see `lists.list_changes`.

    Without a period before there are none.
    """
    columns = ("project_id", "lists", "stage")
    now = scope.facts(columns)
    before = scope.facts(columns, shown=(scope.previous,)) if scope.previous else now
    changes = list_changes(now, before, scope.reference.lists_of(scope.city_code))
    rows = rows_of_projects(scope, changes["project_id"].to_list())
    if scope.previous:
        last = rows_of_projects(replace(scope, period=scope.previous), changes["project_id"].to_list())
        rows = pl.concat([last, rows])
    return changes, rows


@dataclass(frozen=True)
class ListPlan:
    """The monthly plan of a list's members against what they have done: the rows of `lists.plan_months`,
    the `planned` projects, which have plans for every month, and how many `members` there are."""

    months: pl.DataFrame
    planned: list[str]
    members: int


@_remembered
def list_plan(scope: Scope, basis: str, name: str) -> ListPlan:
    """The monthly plan of a list, or of `all` that are counted together, each project once."""
    rules = scope.reference.lists_of(scope.city_code)
    found = listed(scope, basis).members
    chosen = [rule.list for rule in rules.counted] if name == "all" else [name]
    members = sorted({project for one in chosen for project in found[basis, one]})
    facts = scope.facts(("project_id", "planned_to_date"))
    has_plan = pl.col("planned_to_date").is_not_null() & pl.col("project_id").is_in(members)
    planned = facts.filter(has_plan)["project_id"].sort().to_list()
    by_month = scope.unfiltered.ask("planned_by_month", project_ids=planned)
    of_year = scope.facts(("project_id", "invested_year", "stage"), shown=scope.this_year)
    done = (
        of_year.filter(pl.col("project_id").is_in(planned))
        .group_by("period")
        .agg(
            invested_year=total_of("invested_year"),
            projects=pl.col("invested_year").count(),
        )
    )
    return ListPlan(plan_months(by_month, done, scope.period), planned, len(members))


@_remembered
def list_share(scope: Scope) -> dict[str, Any] | None:
    """The share of the city's investment that the list named for it brings; None where none is named.

    The whole city's, whatever the filters; see `lists.city_share`.
    """
    whole = scope.unfiltered
    rules = whole.reference.lists_of(whole.city_code)
    if not rules.share_of:
        return None
    metric = CATALOGUE["listed_invested_year"].narrowed({"list": (rules.share_of,)})
    values = whole.measure([metric])
    projects = whole.measure([CATALOGUE["listed_projects"].narrowed({"list": (rules.share_of,)})])
    economy = whole.ask("economy_values")
    share = city_share(rules, values["numerator"][0], economy, whole.city_code, whole.period)
    return share | {"projects": int(projects["numerator"][0] or 0)}


@_remembered
def project_index(scope: Scope) -> pl.DataFrame:
    """The projects of the scope as a search looks at them: `projects.INDEX`."""
    return scope.ask("project_rows", columns=INDEX, project_ids=None)


@dataclass(frozen=True)
class ProjectCard:
    """All that the ledgers say of one project: its `row` of project_rows, `facts` (`projects.ABOUT`),
    `lights` over the periods told, `history` of the query project_history, the year's `months` of
    `lists.plan_months` and whether it is planned by month, rows of the ledgers `beside` it by their facts,
    `decisions` (None where nobody filed any), its `peers` (PEER_FACTS) with the ledger rows of the nearest
    as `peer_rows`, and its `own` PEER_FACTS; `sources` are the files of the history by filing."""

    row: Mapping[str, Any]
    facts: Mapping[str, Any]
    lights: pl.DataFrame
    history: pl.DataFrame
    months: pl.DataFrame
    is_planned: bool
    beside: Mapping[FactsOf, pl.DataFrame]
    decisions: pl.DataFrame | None
    peers: pl.DataFrame
    own: Mapping[str, Any]
    peer_rows: pl.DataFrame
    sources: Mapping[str, str]


BESIDE: tuple[FactsOf, ...] = ("problem_facts", "fund_facts", "permit_facts", "statistics_facts")
"""The ledgers whose rows stand on a project's card."""


@_remembered
def project_card(scope: Scope, project_id: str) -> ProjectCard | None:
    """The card of a project of the city, whatever the filters; None where the period's ledger has no such
    project."""
    whole = scope.unfiltered
    mine = pl.col("project_id") == project_id
    kind = whole.facts(PEER_FACTS)
    if kind.filter(mine).is_empty():
        return None
    history = whole.ask("project_history", shown=whole.periods, project_ids=[project_id])
    planned = whole.ask("planned_by_month", project_ids=[project_id])
    peers = peer_projects(kind, project_id)
    rows = whole.ask("project_rows", project_ids=[project_id, *peers.head(PEERS)["project_id"]])
    handed_out = decisions(whole)
    return ProjectCard(
        row=rows.filter(mine).row(0, named=True),
        facts=whole.facts(ABOUT).filter(mine).row(0, named=True),
        lights=whole.lights(whole.periods[-RECENT:]).filter(mine),
        history=history,
        months=plan_months(planned, filed_investment(history), whole.period),
        is_planned=not planned.is_empty(),
        beside={
            of: _rows_beside(whole, of, project_id) for of in BESIDE if whole.revisions_of(LEDGER_OF[of])
        },
        decisions=None if handed_out is None else handed_out.filter(mine),
        peers=peers,
        own=kind.filter(mine).row(0, named=True),
        peer_rows=rows,
        sources={
            filing["filing_id"]: str(filing["source"])
            for revision in whole.revisions
            for filing in revision.filings
        },
    )


def _rows_beside(whole: Scope, of: FactsOf, project_id: str) -> pl.DataFrame:
    keys = whole.facts(("project_id", "row_key"), of=of).filter(pl.col("project_id") == project_id)["row_key"]
    return whole.ask(of.replace("_facts", "_rows"), row_keys=keys.to_list())


@dataclass(frozen=True)
class Statistics:
    """Entry into statistics: `numbers` are rows of `metric_values` by metric, `facts` those of the projects
    (`statistics.FACTS`), `permits` of what they need (None where nobody filed any), `pending` the projects
    that wait. `explained` is the year of the whole city's investment, `economy` its figures of the period,
    `problem` why it is not known; `areas` are values by area and `carried` whose are of an earlier filing.
    """

    numbers: Mapping[str, Mapping[str, Any]]
    facts: pl.DataFrame
    permits: pl.DataFrame | None
    pending: pl.DataFrame
    explained: pl.DataFrame
    lines: Mapping[str, Metric]
    economy: pl.DataFrame
    problem: str
    areas: pl.DataFrame
    carried: Mapping[str, str]


@_remembered
def entry_into_statistics(scope: Scope) -> Statistics:
    """Who waits for entry into statistics and why, and statistics beside the ledger; see `statistics`."""
    rules, whole = scope.reference.statistics_of(scope.city_code), scope.unfiltered
    numbers = rows_by_metric(scope.measure(STATISTICS_TOLD))
    facts = scope.facts(STATISTICS_FACTS)
    is_filed = numbers["permits_lacking"]["numerator"] is not None
    # A permit may stand under an area that its project has left: the checklist looks at all of them.
    everywhere = whole.facts(PERMIT_FACTS, of="permit_facts") if is_filed else None
    lines = {"fixed_asset_investment": FIXED, "invested_year": CATALOGUE["invested_year"]}
    names = {"fixed_asset_investment": "全市固定资产投资", "invested_year": "台账完成投资"}
    if rules.share_list:
        named = replace(CATALOGUE["invested_year"].narrowed({"list": (rules.share_list,)}), id="listed_share")
        lines[named.id], names[named.id] = named, rules.share_list
    months = whole.measure(list(lines.values()), shown=scope.this_year)
    economy = whole.facts(ECONOMY_FACTS, of="economy_facts")
    filed = [revision.period for revision in whole.revisions_of("economy")]
    statuses = {LEDGERS[name].term: scope.filing_status_of(name) for name in ("projects", "statistics")}
    return Statistics(
        numbers=numbers,
        facts=facts,
        permits=scope.facts(PERMIT_FACTS, of="permit_facts") if is_filed else None,
        pending=pending_projects(facts, everywhere, rules),
        explained=explained_rows(months, names, scope.this_year),
        lines=lines,
        economy=economy,
        problem=economy_problem(economy, scope.period, filed[-1] if filed else None),
        areas=scope.measure(STATISTICS_COMPARED, by_area=True),
        carried=carried_words(statuses),
    )
