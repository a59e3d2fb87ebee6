"""Funds and problems of the demonstration: the documents' sums, the rules, the projects' own story."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from saima import demo, reference, store
from saima.demo.economy import Economy, name_the_hundred
from saima.demo.filings import PERIODS, Archive
from saima.demo.funds import BONDS, CENTRAL, DOMAINS, TOOL, TREASURY, Funds
from saima.demo.history import Living
from saima.demo.permits import PAPERS, Permits
from saima.demo.plans import plan
from saima.demo.problems import Problems
from saima.demo.statistics import Statistics
from saima.demo.traits import describe
from saima.ledgers import LEDGERS, PERIOD_END
from saima.reference import Reference

REFERENCE = Path(__file__).parent.parent / "data" / "reference"
SHENYANG, DALIAN, HUAIAN = CITIES = ("210100", "210200", "320800")
BESIDE = ("funds", "problems")
LATER = datetime(2030, 1, 1, tzinfo=UTC)
FROM_ABOVE = (CENTRAL, TREASURY, BONDS, TOOL)
STOCK = {"基础设施配套": 15, "政策资金": 11, "拆迁排迁": 6, "城建交通环保": 6}
STEPS = (
    "raised_on",
    "accepted_on",
    "dispatched_on",
    "urged_on",
    "inspected_on",
    "assessed_on",
    "resolved_on",
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    folder = tmp_path_factory.mktemp("office") / "reference"
    shutil.copytree(REFERENCE, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_REFERENCE", str(folder))
        yield reference.load()


@pytest.fixture(scope="module")
def archives(known: Reference) -> dict[str, Archive]:
    return {city: demo.archive(known, city) for city in CITIES}


def month_end(period: str) -> date:
    return pl.Series([f"{period}-01"]).str.to_date().dt.month_end().item()


def approved_in(funds: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    return funds.filter(pl.col("approved_on").is_between(first, last))


def hundred_millions(amount: Decimal) -> Decimal:
    """亿元 of an amount in 万元."""
    return amount / 10_000


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("ledger", BESIDE)
def test_the_same_seed_makes_the_same_rows_and_another_seed_others(
    known: Reference, ledger: str, city: str
) -> None:
    one, again = (demo.archive(known, city, scale=0.1) for _ in range(2))
    other = demo.archive(known, city, scale=0.1, seed=7)
    rows = one.ledger_beside(ledger, "2024-05")
    assert rows.height > 3
    assert again.ledger_beside(ledger, "2024-05").equals(rows)
    assert not other.ledger_beside(ledger, "2024-05").equals(rows)


def test_what_stands_beside_the_projects_leaves_their_own_chances_alone(known: Reference) -> None:
    living = Living(known, DALIAN, demo.SEED, 0.1)
    describe(living)
    plan(living)
    before = living.rng.getstate(), repr(living.projects)
    Funds(living)
    Problems(living)
    Permits(living)
    Statistics(living)
    Economy(living)
    assert (living.rng.getstate(), repr(living.projects)) == before


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("ledger", BESIDE)
def test_every_row_passes_the_rules_and_uses_the_words_of_its_ledger(
    archives: dict[str, Archive], ledger: str, city: str
) -> None:
    told = LEDGERS[ledger]
    for period in PERIODS:
        filed = archives[city].ledger_beside(ledger, period)
        rows = filed.with_columns(
            *(pl.lit(None, dtype).alias(name) for name, dtype in told.schema.items() if name not in filed),
            pl.lit(month_end(period)).alias(PERIOD_END),
        )
        broken = {rule.name: rows.filter(~rule.holds.fill_null(True)).height for rule in told.rules}
        assert set(broken.values()) == {0}, (period, broken)
        for column in told.columns:
            if column.is_required:
                assert rows[column.name].null_count() == 0, column.name
            if column.values:
                assert rows[column.name].drop_nulls().is_in(column.values).all(), column.name
        assert rows.select(told.key).is_unique().all()


@pytest.mark.parametrize("city", CITIES)
def test_what_has_happened_is_known_from_then_on(archives: dict[str, Archive], city: str) -> None:
    for ledger, own_id in (("funds", "fund_id"), ("problems", "problem_id")):
        dates = [name for name in LEDGERS[ledger].schema if name.endswith("_on")]
        for before, after in pairwise(PERIODS):
            rows = archives[city].ledger_beside(ledger, before)
            both = rows.join(archives[city].ledger_beside(ledger, after), on=own_id, suffix="_later")
            assert both.height > 0
            assert rows.select(pl.max_horizontal(pl.col(dates).exclude("due_on").max())).item() <= month_end(
                before
            )
            forgotten = both.filter(
                pl.any_horizontal(
                    pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"{name}_later"))
                    for name in dates
                )
            )
            assert forgotten.is_empty()
            if ledger == "funds":
                assert both.filter(pl.col("paid") > pl.col("paid_later")).is_empty()


def test_rows_are_of_projects_in_the_snapshot_of_the_same_month(
    known: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(tmp_path / "snapshots"))
    # 2024-05 lacks an area, 2024-03 has late ones, and all but 2024-04 are corrected or late.
    periods = ("2024-03", "2024-04", "2024-05")
    demo.build(known, scale=0.2, periods=periods)
    for city in CITIES:
        for ledger in BESIDE:
            for period in periods:
                (*_, revision) = store.period_revisions(ledger, city, period, LATER)
                (*_, newest) = store.period_revisions("projects", city, period, LATER)
                rows, projects = store.revision_rows(revision), store.revision_rows(newest)
                shared = ["project_id", "area_id", "name"]
                assert rows.height
                assert rows.join(projects, on=shared, how="anti", nulls_equal=True).is_empty()
                assert set(revision.areas) == set(newest.areas)
                assert revision.is_demonstration
                assert (revision.captured_at.day, revision.captured_at.month) == (8, int(period[5:]) + 1)


def test_dalian_was_given_what_the_paper_says_by_september(archives: dict[str, Archive]) -> None:
    funds = archives[DALIAN].ledger_beside("funds", "2024-09")
    year = approved_in(funds, date(2024, 1, 1), date(2024, 9, 30))
    sums = dict(year.group_by("source").agg(pl.col("approved").sum()).iter_rows())
    assert {source: hundred_millions(amount) for source, amount in sums.items()} == {
        CENTRAL: Decimal(27),
        TREASURY: Decimal("44.6"),
        BONDS: Decimal(167),
    }
    assert hundred_millions(year["approved"].sum()) == Decimal("238.6")
    bonds = funds.filter(pl.col("source") == BONDS, pl.col("issued_on").dt.year() == 2024)
    assert hundred_millions(bonds["approved"].sum()) == 167
    assert hundred_millions(bonds["social_capital"].sum()) > 300
    central = year.filter(pl.col("source") == CENTRAL)
    projects = archives[DALIAN].ledger("2024-09")
    assert central["project_id"].n_unique() == 58
    assert set(central.join(projects, on="project_id")["category"]) == {"民生保障"}


def test_dalian_was_given_less_the_year_before(archives: dict[str, Archive]) -> None:
    funds = archives[DALIAN].ledger_beside("funds", "2023-09")
    year = approved_in(funds, date(2023, 1, 1), date(2023, 9, 30))
    sums = dict(year.group_by("source").agg(pl.col("approved").sum()).iter_rows())
    assert {source: hundred_millions(amount) for source, amount in sums.items()} == {
        CENTRAL: Decimal("12.3"),
        TOOL: Decimal("27.9"),
        BONDS: Decimal("137.4"),
    }
    assert hundred_millions(year["approved"].sum()) == Decimal("177.6")


def test_dalian_has_paid_926_of_a_thousand_of_what_arrived_by_september(archives: dict[str, Archive]) -> None:
    arrived = archives[DALIAN].ledger_beside("funds", "2024-09").drop_nulls("arrived")
    this_year = arrived.filter(pl.col("approved_on") >= date(2024, 1, 1))
    for rows in (arrived, this_year):
        assert rows["paid"].null_count() == 0
        rate = rows["paid"].sum() / rows["arrived"].sum() * 100
        assert rate.quantize(Decimal("0.1")) == Decimal("92.6")


def test_the_sums_of_the_paper_carry_their_label(known: Reference, archives: dict[str, Archive]) -> None:
    planned = demo.filings.submissions(known, DALIAN, ("2024-09",))
    notes = {
        ledger: {
            filing.note
            for submission in planned
            if submission.ledger == ledger
            for filing in archives[DALIAN].filings(submission)
        }
        for ledger in ("funds", "problems")
    }
    assert all("参照一份未署名材料" in note for note in notes["funds"])
    assert notes["funds"]
    assert notes["problems"] == {"示例数据：月度报送"}


def test_no_treasury_bond_is_older_than_the_first_that_was_issued(archives: dict[str, Archive]) -> None:
    for archive in archives.values():
        funds = archive.ledger_beside("funds", "2024-12").filter(pl.col("source") == TREASURY)
        assert funds["approved_on"].min() >= date(2024, 5, 1)


def test_shenyang_has_66_projects_of_the_first_half_most_started_by_september(
    archives: dict[str, Archive],
) -> None:
    shenyang = archives[SHENYANG]
    for period in ("2024-06", "2024-09", "2024-12"):
        half = approved_in(
            shenyang.ledger_beside("funds", period), date(2024, 1, 1), date(2024, 6, 30)
        ).filter(pl.col("source").is_in(FROM_ABOVE))
        assert half["project_id"].n_unique() == half.height == 66
        # Whether a bond counts when it is approved or when it is issued makes no difference.
        assert half["issued_on"].max() <= date(2024, 6, 30)
    projects = half.select("project_id").join(shenyang.ledger("2024-12"), on="project_id")
    by_september = projects.filter(pl.col("started_on") <= date(2024, 9, 30)).height
    assert 46 <= by_september <= 60
    assert by_september < projects["started_on"].count() < 66
    assert projects.filter(pl.col("started_on") < date(2024, 1, 1)).is_empty()


def test_shenyang_has_treasury_bonds_of_the_second_half_due_to_start_this_year(
    archives: dict[str, Archive],
) -> None:
    shenyang = archives[SHENYANG]
    second = approved_in(
        shenyang.ledger_beside("funds", "2024-12"), date(2024, 7, 1), date(2024, 12, 31)
    ).filter(pl.col("source") == TREASURY)
    projects = second.select("project_id").join(shenyang.ledger("2024-12"), on="project_id")
    assert projects.height == 36
    assert 20 <= projects["started_on"].count() < 36
    assert projects.filter(pl.col("start_due_on") <= date(2024, 12, 31)).height >= 15


def test_shenyang_was_given_somewhat_more_than_150_in_the_year(archives: dict[str, Archive]) -> None:
    funds = archives[SHENYANG].ledger_beside("funds", "2024-12")
    year = approved_in(funds, date(2024, 1, 1), date(2024, 12, 31))
    issued = funds.filter(pl.col("source") == BONDS, pl.col("issued_on").dt.year() == 2024)
    assert hundred_millions(year["approved"].sum()) == Decimal("157.1")
    assert issued["approved"].sum() == year.filter(pl.col("source") == BONDS)["approved"].sum()


def test_sources_have_as_many_domains_as_the_document_counts(archives: dict[str, Archive]) -> None:
    assert [len(DOMAINS[source]) for source in (TREASURY, BONDS, CENTRAL)] == [14, 11, 7]
    for archive in archives.values():
        funds = archive.ledger_beside("funds", "2024-12")
        for source, domain in funds.select("source", "domain").iter_rows():
            assert domain in dict(DOMAINS[source])
        assert funds["domain"].n_unique() > 10


@pytest.mark.parametrize("city", CITIES)
def test_work_begins_on_projects_that_have_started_mostly_within_three_months(
    archives: dict[str, Archive], city: str
) -> None:
    funds = (
        archives[city]
        .ledger_beside("funds", "2024-12")
        .join(archives[city].ledger("2024-12").select("project_id", "started_on"), on="project_id")
    )
    worked = funds.drop_nulls("physical_on")
    assert worked["started_on"].null_count() == 0
    assert worked.filter(pl.col("physical_on") < pl.col("started_on")).is_empty()
    three_months = pl.col("arrived_on").dt.offset_by("3mo")
    due = funds.filter(three_months < date(2024, 12, 31))
    in_time = due.filter(pl.col("physical_on") <= three_months).height
    assert 0.7 < in_time / due.height < 0.98
    assert due["physical_on"].null_count()
    assert due.filter(pl.col("physical_on") > three_months).height


@pytest.mark.parametrize("city", CITIES)
def test_money_is_given_within_what_a_project_costs(archives: dict[str, Archive], city: str) -> None:
    costs = archives[city].ledger("2024-12").select("project_id", "investment_total")
    given = (
        archives[city]
        .ledger_beside("funds", "2024-12")
        .group_by("project_id", pl.col("approved_on").dt.year())
        .agg(pl.col("approved").sum(), pl.col("requested").max())
        .join(costs, on="project_id")
    )
    assert given.filter(pl.col("approved") > pl.col("investment_total")).is_empty()
    assert given.filter(pl.col("requested") > pl.col("investment_total")).is_empty()


def test_shenyang_has_the_38_problems_when_the_campaign_begins_and_no_others(
    archives: dict[str, Archive],
) -> None:
    still = archives[SHENYANG].ledger_beside("problems", "2024-08").filter(pl.col("resolved_on").is_null())
    assert dict(still["subclass"].value_counts().iter_rows()) == STOCK
    assert dict(still["class"].value_counts().iter_rows()) == {
        "市政配套": 15,
        "政策支持": 11,
        "征拆排迁": 6,
        "施工环境": 6,
    }


def test_most_of_the_38_are_solved_by_december(archives: dict[str, Archive]) -> None:
    still_open = []
    for period in PERIODS[19:]:
        problems = archives[SHENYANG].ledger_beside("problems", period)
        stock = problems.filter(pl.col("subclass").is_in(list(STOCK)))
        assert stock.height == 38
        still_open.append(stock["resolved_on"].null_count())
    assert still_open[0] == 38
    assert still_open == sorted(still_open, reverse=True)
    assert still_open[-1] == 6


@pytest.mark.parametrize("city", CITIES)
def test_steps_follow_each_other_and_a_solution_is_told(archives: dict[str, Archive], city: str) -> None:
    problems = archives[city].ledger_beside("problems", "2024-12")
    for place, earlier in enumerate(STEPS):
        for later in STEPS[place + 1 :]:
            assert problems.filter(pl.col(earlier) > pl.col(later)).is_empty(), (earlier, later)
    assert problems.filter(pl.col("accepted_on").is_null() != pl.col("due_on").is_null()).is_empty()
    assert problems.filter(pl.col("resolved_on").is_null() != pl.col("resolution").is_null()).is_empty()


@pytest.mark.parametrize("city", CITIES)
def test_some_problems_are_overdue_escalated_direct_or_open_for_long(
    archives: dict[str, Archive], city: str
) -> None:
    problems = archives[city].ledger_beside("problems", "2024-12")
    still = problems.filter(pl.col("resolved_on").is_null())
    assert 0 < still.height < problems.height / 2
    assert still.filter(pl.col("due_on") < date(2024, 12, 31)).height
    assert still.filter(pl.col("due_on") >= date(2024, 12, 31)).height
    assert still.filter(pl.col("raised_on") < date(2024, 9, 30)).height
    assert still.drop_nulls("escalated_on").height
    assert problems["is_direct"].sum()
    assert 0 < problems["amount_blocked"].null_count() < problems.height
    assert problems["class"].n_unique() == 9
    assert problems["level"].n_unique() == 4


def test_an_escalation_raises_the_level(archives: dict[str, Archive]) -> None:
    raised = 0
    for before, after in pairwise(PERIODS):
        rows = archives[SHENYANG].ledger_beside("problems", before)
        both = rows.join(
            archives[SHENYANG].ledger_beside("problems", after), on="problem_id", suffix="_later"
        )
        escalated = pl.col("escalated_on").is_null() & pl.col("escalated_on_later").is_not_null()
        changed = both.filter(pl.col("level") != pl.col("level_later"))
        assert both.filter(escalated).equals(changed)
        steps = changed.select(
            pl.col("level", "level_later").replace_strict(
                {"四级": 4, "三级": 3, "二级": 2, "一级": 1}, return_dtype=pl.Int64
            )
        )
        assert steps.filter(pl.col("level") - pl.col("level_later") != 1).is_empty()
        raised += changed.height
    assert raised


@pytest.mark.parametrize("city", CITIES)
def test_problems_are_raised_of_projects_that_are_held_up(archives: dict[str, Archive], city: str) -> None:
    archive = archives[city]
    behind = waiting = 0
    for period in PERIODS:
        end = month_end(period)
        problems = archive.ledger_beside("problems", period)
        new = problems.filter(pl.col("raised_on") >= end.replace(day=1)).select("project_id", "raised_on")
        rows = new.join(archive.ledger(period), on="project_id")
        assert (
            rows.filter(pl.col("completed_on").is_not_null() | pl.col("exited_on").is_not_null()).height <= 1
        )
        is_idle = pl.col("suspended_on").is_not_null() & pl.col("resumed_on").is_null()
        waiting += rows.filter(pl.col("started_on").is_null() | is_idle).height
        is_planned = pl.col("plan_year") > 0
        is_behind = pl.col("invested_year") < pl.col("plan_year") * end.month // 12
        started = rows.filter(pl.col("started_on").is_not_null() & ~is_idle & is_planned)
        behind += started.filter(is_behind).height
        assert started.filter(~is_behind).height <= max(3, started.height // 2)
    assert waiting > 20
    assert behind > 20


def test_a_project_that_starts_has_its_problem_solved_first(archives: dict[str, Archive]) -> None:
    problems = archives[SHENYANG].ledger_beside("problems", "2024-12")
    projects = archives[SHENYANG].ledger("2024-12").select("project_id", "started_on")
    started = problems.join(projects, on="project_id").filter(pl.col("started_on") > pl.col("raised_on"))
    first = started.filter(pl.col("resolved_on") <= pl.col("started_on")).height
    assert started.height > 20
    assert first > started.height * 0.8


# Permits, the statistics library and the economy


def must_keep_the_rules(ledger: str, filed: pl.DataFrame, period: str) -> None:
    told = LEDGERS[ledger]
    rows = filed.with_columns(
        *(pl.lit(None, dtype).alias(name) for name, dtype in told.schema.items() if name not in filed),
        pl.lit(month_end(period)).alias(PERIOD_END),
    )
    broken = {rule.name: rows.filter(~rule.holds.fill_null(True)).height for rule in told.rules}
    assert set(broken.values()) == {0}, (period, broken)
    for column in told.columns:
        if column.is_required:
            assert rows[column.name].null_count() == 0, column.name
        if column.values:
            assert rows[column.name].drop_nulls().is_in(column.values).all(), column.name
    assert rows.select(told.key).is_unique().all()


@pytest.mark.parametrize("city", CITIES)
def test_permits_library_and_economy_keep_the_rules_of_their_ledgers(
    archives: dict[str, Archive], city: str
) -> None:
    made = archives[city]
    for period in ("2023-01", "2023-02", "2024-09", "2024-12"):
        must_keep_the_rules("permits", made.ledger_beside("permits", period), period)
        library, economy = made.library(period), made.economy.rows(period)
        must_keep_the_rules("statistics", library, period)
        must_keep_the_rules("economy", economy, period)
        assert economy.is_empty() == period.endswith("-01"), "January has no statistics"
        amounts = library["invested_year"].drop_nulls()
        assert amounts.is_empty() == period.endswith("-01")


@pytest.mark.parametrize("city", CITIES)
def test_a_project_that_entered_statistics_had_its_papers_by_then(
    archives: dict[str, Archive], city: str
) -> None:
    permits = archives[city].ledger_beside("permits", "2024-12").filter(pl.col("kind").is_in(PAPERS))
    entered = archives[city].ledger("2024-12").select("project_id", "entered_statistics_on")
    both = permits.filter(pl.col("kind") != "立项").join(entered.drop_nulls(), on="project_id")
    assert both.height > 50
    assert (both["obtained_on"] < both["entered_statistics_on"]).all()


def test_the_hundred_projects_of_dalian_are_a_third_of_what_the_city_invests(
    archives: dict[str, Archive],
) -> None:
    made = archives[DALIAN]
    ledger = made.ledger("2024-09")
    hundred = ledger.filter(pl.col("lists").list.contains("百大项目"))
    assert hundred.height == 100
    (whole,) = made.economy.rows("2024-09").filter(pl.col("measure") == "固定资产投资")["value"]
    share = hundred_millions(hundred["invested_year"].sum()) / Decimal(str(whole)) * 100
    assert round(share, 1) == Decimal("33.2"), share


def test_naming_the_hundred_leaves_every_other_list_and_chance_alone(known: Reference) -> None:
    living = Living(known, DALIAN, demo.SEED, 0.1)
    describe(living)
    plan(living)
    before = living.rng.getstate()
    others = [[name for name in project.traits["lists"] if name != "百大项目"] for project in living.projects]
    name_the_hundred(living)
    assert living.rng.getstate() == before
    after = [project.traits["lists"] for project in living.projects]
    assert [[name for name in lists if name != "百大项目"] for lists in after] == others
    assert sum("百大项目" in lists for lists in after) == 10
