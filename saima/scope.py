"""What is asked: city, period, instant and filters, as one plain value, and the door to its answers.

Page, command line and paper build the same scope and call the same `measure`, so that the same
question has the same answer everywhere.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

import polars as pl

from saima import store
from saima.ledgers import LEDGERS
from saima.metrics import CATALOGUE, FactsOf, Metric, metric_columns, metric_values
from saima.metrics.facts import Filters, narrowed
from saima.reference import City, FundRules, LightRules, ProblemRules, Reference, check_metrics
from saima.transforms.geography import reporting_areas, rolled_up, with_zones
from saima.transforms.lights import FACTS, RECENT, TOLD, project_lights

SIZES: Mapping[str, tuple[int | None, int | None]] = MappingProxyType(
    {
        "不限": (None, None),
        "亿元以上": (10_000, None),
        "亿元以下": (None, 10_000),
        "1—5亿元": (10_000, 50_000),
        "5—10亿元": (50_000, 100_000),
        "10—50亿元": (100_000, 500_000),
        "50—100亿元": (500_000, 1_000_000),
        "100亿元以上": (1_000_000, None),
    }
)
"""Size bands in 万元, lower end included (data-model.md section 0)."""


LEDGER_OF: Mapping[FactsOf, str] = MappingProxyType(
    {
        "project_facts": "projects",
        "fund_facts": "funds",
        "problem_facts": "problems",
        "permit_facts": "permits",
        "statistics_facts": "statistics",
        "economy_facts": "economy",
    }
)
"""The ledger that must be filed for facts to be known."""


@lru_cache(maxsize=8)
def must_fit_the_catalogue(known: Reference) -> None:
    """Refuse a reference file that names a metric which the catalogue does not have."""
    check_metrics(known, CATALOGUE)


@dataclass(frozen=True)
class Scope:
    """One question: `areas` empty, `chain`, `category` and `on_list` None mean all."""

    reference: Reference
    city_code: str
    period: str
    as_of: datetime
    is_latest: bool = True
    areas: tuple[str, ...] = ()
    chain: str | None = None
    category: str | None = None
    on_list: str | None = None
    size: str = "不限"

    def __post_init__(self) -> None:
        must_fit_the_catalogue(self.reference)

    @property
    def city(self) -> City:
        """The city asked about."""
        return self.reference.city(self.city_code)

    @cached_property
    def city_areas(self) -> pl.DataFrame:
        """The city's rows of the areas file; a functional zone goes by its short name."""
        is_zone = pl.col("kind") == "功能区"
        return self.reference.areas_of(self.city_code).with_columns(
            name=pl.when(is_zone).then("short_name").otherwise("name")
        )

    @cached_property
    def area_names(self) -> dict[str, str]:
        """The names of `city_areas` by code; shared, not to be changed."""
        return dict(self.city_areas.select("area_id", "name").iter_rows())

    @property
    def light_rules(self) -> LightRules:
        """The rules of the city's lights."""
        return self.reference.lights_of(self.city_code)

    @property
    def problem_rules(self) -> ProblemRules:
        """How the city sorts and handles its problems."""
        return self.reference.problems_of(self.city_code)

    @property
    def fund_rules(self) -> FundRules:
        """Sources and domains of the city's funds."""
        return self.reference.funds_of(self.city_code)

    @property
    def city_chains(self) -> pl.DataFrame:
        """The city's rows of the chains file."""
        return self.reference.chains.filter(pl.col("city") == self.city_code)

    @cached_property
    def revisions(self) -> tuple[store.Revision, ...]:
        """The revision in force of every period up to the one asked, by period."""
        return self.revisions_of("projects")

    def revisions_of(self, ledger: str) -> tuple[store.Revision, ...]:
        """The same of any ledger."""
        known = store.revisions(ledger, self.city_code, self.as_of)
        return tuple(revision for revision in known if revision.period <= self.period)

    @cached_property
    def periods(self) -> tuple[str, ...]:
        """Every period with a snapshot up to the one asked, in order."""
        return tuple(revision.period for revision in self.revisions)

    @cached_property
    def content(self) -> tuple[Hashable, ...]:
        """All that the answers depend on: scopes with the same content have the same answers."""
        filters = (self.areas, self.chain, self.category, self.on_list, self.size)
        snapshots = tuple(
            (revision.id, revision.sha256)
            for ledger in LEDGERS
            for revision in store.revisions(ledger, self.city_code, self.as_of)
            if revision.period <= self.period
        )
        return (self.reference, self.city_code, self.period, filters, snapshots)

    @property
    def previous(self) -> str | None:
        """The last period before this one that has a snapshot, whatever the gap."""
        return self.periods[-2] if len(self.periods) > 1 else None

    @property
    def this_year(self) -> tuple[str, ...]:
        """The periods of the year up to the one asked."""
        return tuple(p for p in self.periods if p[:4] == self.period[:4])

    @property
    def is_whole_city(self) -> bool:
        """Whether no filter narrows the projects: only then do the city's targets apply."""
        return not (self.areas or self.narrowed)

    @property
    def narrowed(self) -> tuple[str, ...]:
        """The words of the filters other than areas that narrow the projects."""
        filters = (self.chain, self.category, self.on_list, None if self.size == "不限" else self.size)
        return tuple(word for word in filters if word)

    @cached_property
    def revision(self) -> store.Revision:
        """The revision in force of the period asked."""
        return self.revisions[-1]

    @property
    def is_demonstration(self) -> bool:
        """Whether anything shown is 示例数据: carried rows and the year's lines are of earlier periods."""
        return any(revision.is_demonstration for revision in self.revisions[-13:])

    def filings_of(self, ledger: str) -> tuple[dict[str, Any], ...]:
        """What is known of every filing of a ledger of the year up to the period, those carried included."""
        return tuple(
            filing
            for revision in self.revisions_of(ledger)
            if revision.period[:4] == self.period[:4]
            for filing in revision.filings
        )

    @property
    def everywhere(self) -> "Scope":
        """The same question of every area: what a map shows."""
        return replace(self, areas=())

    @property
    def unfiltered(self) -> "Scope":
        """The whole city's question: what a race is about."""
        return replace(self, areas=(), chain=None, category=None, on_list=None, size="不限")

    @cached_property
    def filing_status(self) -> pl.DataFrame:
        """Who has filed the period: the columns of `store.filing_status`."""
        return self.filing_status_of("projects")

    def filing_status_of(self, ledger: str) -> pl.DataFrame:
        """The same of any ledger."""
        return store.filing_status(self.city_code, self.period, self.as_of, ledger, self.city.unfiled)

    @property
    def unfiled_names(self) -> list[str]:
        """Names of the ranked areas that have not filed the period, and of their zones that once did."""
        known = self.filing_status["area_id"].to_list()
        filed = self.filing_status.filter(pl.col("filed_period") == self.period)["area_id"].to_list()
        is_zone = (pl.col("rolls_up_to") != pl.col("area_id")) & pl.col("area_id").is_in(known)
        return self.city_areas.filter((pl.col("is_ranked") | is_zone) & ~pl.col("area_id").is_in(filed))[
            "name"
        ].to_list()

    def ask(
        self,
        query: str,
        *,
        shown: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        **params: object,
    ) -> pl.DataFrame:
        """The frame of a named query, or these columns of it, for the periods shown (the one asked).

        The months of the years shown are bound up to the last period, so that a query can look at the
        year's baseline, and at plans filed in a month without projects; a parameter given here outranks
        the scope's own.
        """
        shown = tuple(shown or (self.period,))
        years = sorted({period[:4] for period in shown})
        months = [f"{year}-{month:02}" for year in years for month in range(1, 13)]
        bound = [month for month in months if month <= max(shown)]
        return store.run_query(
            query,
            as_of=self.as_of,
            city=self.city_code,
            periods=bound,
            unfiled=self.city.unfiled,
            columns=columns,
            **(self._params | {"shown_periods": list(shown)} | params),
        )

    @property
    def _params(self) -> dict[str, object]:
        """The filters as parameters of queries."""
        investment_from, investment_below = SIZES[self.size]
        return {
            "areas": with_zones(self.areas, self.city_areas) if self.areas else None,
            "category": self.category,
            "chain": self.chain,
            "list": self.on_list,
            "investment_from": investment_from,
            "investment_below": investment_below,
            "landing": self.city.landing,
            "window_from": None,
            "window_to": None,
            "known_chains": self.city_chains["chain"].to_list(),
        }

    @property
    def filters(self) -> Filters:
        """What narrows the projects, in the names of a target's filters."""
        size_from, size_below = SIZES[self.size]
        asked = {
            "area": tuple(with_zones(self.areas, self.city_areas)) if self.areas else (),
            "category": (self.category,),
            "chain": (self.chain,),
            "list": (self.on_list,),
            "investment_from": (size_from,),
            "investment_below": (size_below,),
        }
        return {name: tuple(map(str, values)) for name, values in asked.items() if values and values[0]}

    def facts(
        self,
        columns: Iterable[str],
        *,
        shown: Sequence[str] | None = None,
        of: FactsOf = "project_facts",
    ) -> pl.DataFrame:
        """What is true of each project of the scope, or of each of its funds or problems, at the end of the
        periods shown: these columns of the query, of projects also `park_level`, those of their lights
        (`lights.TOLD`) and `was_lagging`; and of each zone the area whose total includes it as `area_id`.

        A project was lagging that was yellow or red when last year ended, or is on the list of the
        campaign against those (data-model.md section 4); null where last year has no snapshot."""
        shown = tuple(shown or (self.period,))
        # Screens ask about this period, the last two and the last year: one answer serves them all.
        recent = self.periods[-13:]
        together = recent if set(shown) <= set(recent) else shown
        within = narrowed(self.filters)
        wanted = {"period", "area_id", *columns}
        derived = wanted & {"park_level", "was_lagging", *TOLD}
        read = wanted - derived | set(within.meta.root_names())
        read |= {"park_id"} if "park_level" in derived else set()
        read |= {"project_id", "lists"} if derived - {"park_level"} else set()
        asked = store.run_query_by_period(
            of,
            as_of=self.as_of,
            city=self.city_code,
            shown=together,
            columns=sorted(read),
            unfiled=self.city.unfiled,
            **self.unfiltered._params,
        )
        if "park_level" in wanted:
            levels = dict(self.reference.parks.select("park_id", "level").iter_rows())
            asked = asked.with_columns(
                park_level=pl.col("park_id").replace_strict(levels, default=None, return_dtype=pl.String)
            )
        facts = asked.lazy().filter(pl.col("period").is_in(shown), within)
        if lit := sorted(wanted & TOLD):
            told = self.unfiltered.lights(shown).lazy().select("period", "project_id", *lit)
            facts = facts.join(told, on=["period", "project_id"], how="left")
        if "was_lagging" in wanted:
            facts = facts.with_columns(was_lagging=self._was_lagging())
        return rolled_up(facts.select(sorted(wanted)).collect(), self.city_areas)

    def _was_lagging(self) -> pl.Expr:
        """Whether a project lagged when the year began; the year is that of the period asked."""
        named = self.reference.lights_of(self.city_code).lagging_list
        is_on_list = (
            pl.col("lists").list.contains(named).fill_null(value=False) if named else pl.lit(value=False)
        )
        before = [period for period in self.periods if period[:4] < self.period[:4]]
        if not before or int(before[-1][:4]) != int(self.period[:4]) - 1:
            return is_on_list if named else pl.lit(None, pl.Boolean)
        lit = replace(self.unfiltered, period=before[-1]).lights()
        lagging = lit.filter(pl.col("light").is_in(["yellow", "red"]))["project_id"]
        return is_on_list | pl.col("project_id").is_in(lagging.implode())

    def lights(self, shown: Sequence[str] | None = None, *, rules: LightRules | None = None) -> pl.DataFrame:
        """The lights of the scope's projects at the end of the periods shown: `lights.project_lights`.

        By the city's rules, or others to try. How long a light has been on is told from the last RECENT
        periods.
        """
        shown = tuple(shown or (self.period,))
        if not set(shown) <= set(self.periods[-RECENT:]):
            return pl.concat([replace(self, period=period).lights(rules=rules) for period in shown])
        within = narrowed(self.filters)
        lit = _city_lights(_Lit(self.unfiltered.content, rules or self.light_rules, self.unfiltered))
        return rolled_up(lit.filter(pl.col("period").is_in(shown), within), self.city_areas)

    def measure(
        self,
        metrics: Sequence[str | Metric],
        *,
        shown: Sequence[str] | None = None,
        by_area: bool = False,
    ) -> pl.DataFrame:
        """Values of metrics, the columns of `metric_values`, per period or per period and area."""
        shown = tuple(shown or (self.period,))
        asked = [CATALOGUE[metric] if isinstance(metric, str) else metric for metric in metrics]
        order = pl.DataFrame({"metric_id": [metric.id for metric in asked]}, {"metric_id": pl.String})
        found = [
            metric_values(
                members := [metric for metric in asked if metric.facts == of],
                self.facts(metric_columns(members), shown=shown, of=of),
                self._answered(LEDGER_OF[of], shown, by_area),
            )
            for of in LEDGER_OF
            if any(metric.facts == of for metric in asked) or (of == "project_facts" and not asked)
        ]
        values = pl.concat(found)
        if by_area:
            return order.join(values, on="metric_id", maintain_order="left_right")
        # A ledger that nobody filed leaves its metrics unknown, not zero.
        known = order.join(self._answered("projects", shown, by_area), how="cross")
        return known.join(values, on=["metric_id", "period"], how="left", maintain_order="left").with_columns(
            pl.col("projects", "of_projects").fill_null(0)
        )

    def _answered(self, ledger: str, shown: Sequence[str], by_area: bool) -> pl.DataFrame:
        known = [period for period in shown if period in self.periods]
        if not by_area and ledger == "projects":
            return pl.DataFrame({"period": known}, {"period": pl.String})
        asked = self.areas or reporting_areas(self.city_areas)["area_id"].to_list()
        filed = [
            store.filing_status(self.city_code, period, self.as_of, ledger, self.city.unfiled)
            .filter(pl.col("filed_period").is_not_null())
            .select(pl.lit(period).alias("period"), "area_id")
            for period in known
        ]
        if not filed:
            return pl.DataFrame(schema={"period": pl.String, "area_id": pl.String})
        if not by_area:
            return pl.concat(filed).select("period").unique().sort("period")
        return (
            rolled_up(pl.concat(filed), self.city_areas)
            .unique()
            .filter(pl.col("area_id").is_in(asked))
            .sort("period", "area_id")
        )


@dataclass(frozen=True)
class _Lit:
    """A whole city's lights: the same content has the same lights."""

    content: tuple[Hashable, ...]
    rules: LightRules
    scope: Scope = field(compare=False)


@lru_cache(maxsize=4)
def _city_lights(lit: _Lit) -> pl.DataFrame:
    """The lights of all projects over the last RECENT periods; shared, not to be changed."""
    scope, recent = lit.scope, lit.scope.periods[-RECENT:]
    return project_lights(
        scope.facts(FACTS, shown=recent),
        scope.facts(("project_id", "end_on", "arrived_on", "physical_on"), shown=recent, of="fund_facts"),
        scope.facts(
            ("project_id", "end_on", "raised_on", "due_on", "resolved_on"), shown=recent, of="problem_facts"
        ),
        lit.rules,
    )
