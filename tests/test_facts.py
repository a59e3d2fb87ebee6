"""What each metric counts, on ledgers small enough to check by hand: the edges of years, sizes and stages."""

from decimal import Decimal
from typing import Any

import pytest
from builders import EAST, WEST, Office, project

from saima.evidence import proving_keys
from saima.metrics import CATALOGUE, cohort_metric
from saima.metrics.facts import Filters

TERMS = {"signed": "签约", "started": "开工", "produced": "投产"}


def counted(office: Office, period: str, metric_id: str, **filters: Any) -> set[str]:
    """The projects of the numerator."""
    return set(proving_keys(CATALOGUE[metric_id], office.scope(period, **filters)))


def value(office: Office, period: str, metric_id: str) -> tuple[Any, Any, int, int]:
    """(numerator, denominator, projects that report, of how many)."""
    (row,) = office.scope(period).measure([metric_id]).rows(named=True)
    return row["numerator"], row["denominator"], row["projects"], row["of_projects"]


# Flows


def test_a_flow_is_of_the_year_from_its_first_day_to_the_last_of_the_period(office: Office) -> None:
    office.file(
        "2024-09",
        project("first", started_on="2024-01-01"),
        project("last", started_on="2024-09-30"),
        project("last_year", started_on="2023-12-31"),
        project("to_come", started_on="2024-10-01"),
        project("reported", stage_filed="started"),
        project("gone", started_on="2024-02-01", exited_on="2024-03-01"),
        project("going", started_on="2024-02-01", exited_on="2024-10-01"),
        project("gone_before", started_on="2022-02-01", exited_on="2023-03-01"),
    )
    assert counted(office, "2024-09", "started_projects") == {"first", "last", "going"}
    assert counted(office, "2024-09", "exited_projects") == {"gone"}


def test_a_flow_in_money_says_how_many_reported_theirs(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", signed_on="2024-02-01", agreed_amount="0.1"),
        project("p2", signed_on="2024-02-01", agreed_amount="0.2"),
        project("p3", signed_on="2024-02-01"),
        project("p4", agreed_amount=9),
    )
    assert value(office, "2024-09", "agreed_amount") == (Decimal("0.3"), None, 2, 3)
    assert value(office, "2024-09", "new_output_value") == (None, None, 0, 0)


def test_a_completion_is_counted_once_in_the_year_it_was_finished(office: Office) -> None:
    office.file(
        "2024-09",
        project("completed", completed_on="2024-02-01", produced_on="2024-05-01"),
        project("accepted", accepted_on="2024-02-01"),
        project("produced", produced_on="2024-05-01"),
        project("before", completed_on="2023-02-01", produced_on="2024-05-01"),
    )
    assert counted(office, "2024-09", "completed_projects") == {"completed", "accepted", "produced"}
    assert counted(office, "2024-09", "produced_projects") == {"completed", "produced", "before"}


def test_a_threshold_includes_its_value(office: Office) -> None:
    sizes = {"below": "9999.9999", "yi": 10_000, "ten": 100_000, "fifty": 500_000, "unknown": None}
    office.file(
        "2024-09",
        *(
            project(name, signed_on="2024-02-01", investment_total=size, foreign_total_usd=usd)
            for (name, size), usd in zip(sizes.items(), (1000, "999.9999", 1000, None, 0), strict=True)
        ),
    )
    assert counted(office, "2024-09", "signed_projects") == {"yi", "ten", "fifty"}
    assert counted(office, "2024-09", "signed_projects_1bn") == {"ten", "fifty"}
    assert counted(office, "2024-09", "signed_projects_5bn") == {"fifty"}
    assert counted(office, "2024-09", "signed_projects_all") == set(sizes)
    assert counted(office, "2024-09", "signed_foreign_projects") == {"below", "ten"}


def test_an_enterprise_is_counted_once_and_only_with_a_finished_project(office: Office) -> None:
    listed = {"listed_enterprise_on": "2024-03-01", "completed_on": "2023-12-01"}
    office.file(
        "2024-09",
        project("p1", enterprise_name="甲", **listed),
        project("p2", enterprise_name="甲", **listed),
        project("p3", enterprise_name="乙", **listed),
        project("building", enterprise_name="丙", listed_enterprise_on="2024-03-01", started_on="2024-01-01"),
        project("before", enterprise_name="丁", listed_enterprise_on="2023-12-31", completed_on="2023-12-01"),
        project("nameless", **listed),
    )
    assert value(office, "2024-09", "listed_enterprises") == (2, None, 3, 3)


# Stocks


def test_the_reserve_is_ready_when_all_four_conditions_are_met(office: Office) -> None:
    four = [f"is_{name}_ready" for name in ("land", "quota", "utility", "investor")]
    office.file(
        "2024-09",
        project("ready", stage_filed="planned", **dict.fromkeys(four, True)),
        project("three", stage_filed="planned", **dict.fromkeys(four[:3], True)),
        project("signed", signed_on="2024-02-01", **dict.fromkeys(four, True)),
    )
    assert counted(office, "2024-09", "ready_reserve_rate") == {"ready"}
    assert value(office, "2024-09", "ready_reserve_rate")[:2] == (1, 2)


def test_work_stands_still_until_it_is_resumed(office: Office) -> None:
    begun = {"started_on": "2023-05-01"}
    office.file(
        "2024-09",
        project("works", **begun),
        project("stopped", **begun, suspended_on="2024-01-10"),
        project("resumed", **begun, suspended_on="2024-01-10", resumed_on="2024-09-30"),
        project("to_resume", **begun, suspended_on="2024-01-10", resumed_on="2024-10-01"),
        project("stopped_again", **begun, suspended_on="2024-08-10", resumed_on="2024-03-01"),
        project("to_stop", **begun, suspended_on="2024-10-01"),
        project("done", **begun, suspended_on="2024-01-10", completed_on="2024-02-01"),
    )
    assert counted(office, "2024-09", "suspended_projects") == {"stopped", "to_resume", "stopped_again"}


def test_work_is_taken_up_again_by_what_was_carried_over_and_what_was_due(office: Office) -> None:
    office.file(
        "2024-03",
        project("carried", started_on="2023-05-01"),
        project("stopped", started_on="2023-05-01", suspended_on="2023-12-01"),
        project("finished", started_on="2023-05-01", completed_on="2023-12-31"),
        project("finished_this_year", started_on="2023-05-01", completed_on="2024-01-01"),
        project("due", start_due_on="2024-03-31"),
        project("begun", start_due_on="2024-03-31", started_on="2024-03-31"),
        project("early", start_due_on="2024-06-30", started_on="2024-03-31"),
    )
    assert counted(office, "2024-03", "resumed_rate") == {"carried", "finished_this_year", "begun"}
    assert value(office, "2024-03", "resumed_rate")[:2] == (3, 5)


# Cohorts


def test_a_cohort_is_of_those_that_stand_and_counts_whoever_went_further(office: Office) -> None:
    large = {"investment_total": 10_000}
    office.file(
        "2024-09",
        project("waits", signed_on="2024-09-20", **large),
        project("started", signed_on="2024-01-01", started_on="2024-01-11", **large),
        project("beyond", signed_on="2024-01-01", produced_on="2024-02-01", **large),
        project("plans", signed_on="2024-09-20", started_on="2024-10-01", **large),
        project("before", signed_on="2023-12-31", started_on="2024-02-01", **large),
        project("exited", signed_on="2024-01-01", exited_on="2024-02-01", **large),
        project("small", signed_on="2024-01-01", started_on="2024-01-11", investment_total=1),
    )
    assert value(office, "2024-09", "start_rate_of_signed") == (2, 4, 2, 4)
    assert counted(office, "2024-09", "signed_and_started_projects") == {"started", "beyond"}
    scope = office.scope("2024-09")
    assert set(proving_keys(cohort_metric("signed", "produced", TERMS), scope)) == {"beyond"}
    assert len(proving_keys(cohort_metric("signed", None, TERMS), scope)) == 5


def test_the_rate_of_signing_is_of_promoted_projects(office: Office) -> None:
    promoted = {"tags": ["promotion:招商"]}
    office.file(
        "2024-09",
        project("signed", signed_on="2024-01-01", **promoted),
        project("planned", planned_on="2023-01-01", **promoted),
        project("signed_before", signed_on="2023-12-31", **promoted),
        project("built", started_on="2024-01-01", **promoted),
        project("other", signed_on="2024-01-01", tags=["platform:平台"]),
    )
    assert value(office, "2024-09", "signing_rate")[:2] == (1, 2)


def test_the_rates_of_production_reach_back_over_new_year(office: Office) -> None:
    office.file(
        "2024-03",
        project("june", completed_on="2023-06-30", produced_on="2023-07-01"),
        project("july", completed_on="2023-07-01", produced_on="2023-08-01"),
        project("waits", completed_on="2023-12-31"),
        project("recent", completed_on="2024-01-01"),
        project("long_ago", produced_on="2022-12-31", ramped_on="2023-05-01"),
        project("ramped", completed_on="2023-05-01", produced_on="2023-05-02", ramped_on="2024-01-01"),
    )
    assert value(office, "2024-03", "production_rate")[:2] == (1, 3), "since 1 July"
    assert value(office, "2024-03", "production_rate_due")[:2] == (1, 2), "three months over on the last day"
    assert value(office, "2024-03", "ramping_rate")[:2] == (1, 3), "produced since 1 January of last year"
    assert value(office, "2024-03", "ramping_rate_due")[:2] == (1, 3)


def test_the_reserve_is_what_was_planned_and_nothing_more_when_the_year_began(office: Office) -> None:
    office.file(
        "2024-09",
        project("waits", planned_on="2023-12-31"),
        project("signed", planned_on="2023-12-31", signed_on="2024-01-01"),
        project("started", planned_on="2023-12-31", started_on="2024-09-30"),
        project("approved", planned_on="2023-12-31", approved_on="2024-03-01"),
        project("signed_before", planned_on="2023-01-01", signed_on="2023-12-31", started_on="2024-02-01"),
        project("planned_since", planned_on="2024-01-01", signed_on="2024-02-01"),
        project("exited", planned_on="2023-12-31", exited_on="2024-02-01"),
    )
    assert counted(office, "2024-09", "reserve_conversion_rate") == {"signed", "started"}
    assert value(office, "2024-09", "reserve_conversion_rate")[:2] == (2, 4)


# Money


def test_like_is_divided_by_like(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", plan_year=100, invested_year=60),
        project("p2", plan_year=50),
        project("p3", invested_year=7),
        project("p4", plan_year=900, invested_year=900, exited_on="2024-02-01"),
        project("p5", area_id=WEST),
    )
    assert value(office, "2024-09", "plan_year") == (150, None, 2, 4)
    assert value(office, "2024-09", "invested_year") == (67, None, 2, 4)
    assert value(office, "2024-09", "investment_completion") == (60, 100, 1, 4)


def test_the_baseline_is_the_plan_of_the_first_period_of_the_year(office: Office) -> None:
    office.file("2023-12", project("p1", plan_year=999, invested_year=1))
    office.file("2024-02", project("p1", plan_year=100), project("p2"))
    office.file(
        "2024-03",
        project("p1", plan_year=50, invested_year=40),
        project("p2", plan_year=70, invested_year=30),
        project("new", plan_year=10, invested_year=5),
    )
    assert value(office, "2024-03", "investment_completion_of_baseline") == (40, 100, 1, 3)
    assert value(office, "2024-03", "investment_completion") == (75, 130, 3, 3)
    assert value(office, "2024-03", "plans_cut_amount") == (50, None, 1, 1)
    assert value(office, "2023-12", "investment_completion_of_baseline")[:2] == (1, 999)


def test_the_year_begins_for_an_area_with_its_own_first_filing(office: Office) -> None:
    office.file("2024-01", project("p1", plan_year=100), area_id=EAST)
    office.file("2024-02", project("w1", area_id=WEST, plan_year=80), area_id=WEST)
    office.file(
        "2024-03",
        project("w1", area_id=WEST, plan_year=40, invested_year=20),
        project("w2", area_id=WEST, plan_year=9, invested_year=9),
        area_id=WEST,
    )
    assert value(office, "2024-03", "investment_completion_of_baseline") == (20, 80, 1, 3)


def test_effective_investment_is_without_land_and_without_real_estate(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", invested_year=100, land_cost_year=30),
        project("uncategorised", invested_year=10, land_cost_year=0, category=None),
        project("unknown_land", invested_year=100),
        project("estate", invested_year=100, land_cost_year=30, category="房地产"),
    )
    assert value(office, "2024-09", "effective_invested") == (80, None, 2, 3)


def test_what_is_divided_by_land_or_by_projects_is_of_those_that_report_both(office: Office) -> None:
    signed = {"signed_on": "2024-02-01"}
    office.file(
        "2024-09",
        project("p1", **signed, investment_total=20_000, land_area_mu=40.0),
        project("p2", **signed, investment_total=10_000),
        project("p3", **signed, land_area_mu=10.0),
    )
    assert value(office, "2024-09", "investment_per_mu") == (20_000, 40, 1, 3)
    assert value(office, "2024-09", "mean_signed_investment") == (30_000, 2, 2, 2)


def test_the_share_of_parks_is_in_number_and_in_amount(office: Office) -> None:
    signed = {"signed_on": "2024-02-01"}
    office.file(
        "2024-09",
        project("in_park", **signed, investment_total=30_000, park_id="P1"),
        project("outside", **signed, investment_total=10_000),
        project("small", **signed, investment_total=9_999, park_id="P1"),
        project("elsewhere", **signed, investment_total=20_000, park_id="P9"),
    )
    assert value(office, "2024-09", "park_share_of_signed")[:2] == (1, 3)
    assert value(office, "2024-09", "park_share_of_signed_investment")[:2] == (30_000, 60_000)


# Days


def test_days_are_counted_between_days_in_their_order_and_their_median_is_told(office: Office) -> None:
    month = {"started_on_precision": "month"}
    office.file(
        "2024-09",
        project("ten", signed_on="2024-01-01", started_on="2024-01-11"),
        project("twenty", signed_on="2023-12-31", started_on="2024-01-20"),
        project("rough", signed_on="2024-01-01", started_on="2024-01-31", **month),
        project("backwards", signed_on="2024-03-01", started_on="2024-01-10"),
        project("last_year", signed_on="2023-01-01", started_on="2023-12-31"),
    )
    assert value(office, "2024-09", "days_signed_to_started") == (15, None, 2, 4)


# Filters


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"p1", "p2", "p3"}),
        ({"category": ("农业",)}, {"p2"}),
        ({"category": ("农业", "工业")}, {"p1", "p2", "p3"}),
        ({"chain": ("未归链",)}, {"p2", "p3"}),
        ({"tag": ("theme:智库", "cluster:航空")}, {"p1", "p2"}),
        ({"list": ("provincial",)}, {"p3"}),
        ({"owner_kind": ("台资",)}, {"p1"}),
        ({"park_level": ("省级", "国家级")}, {"p2"}),
        ({"investment_from": ("10000",)}, {"p1"}),
        ({"investment_below": ("10000",)}, {"p2"}),
        ({"investment_from": ("0",), "category": ("工业",)}, {"p1"}),
    ],
)
def test_a_filter_keeps_those_of_whom_it_is_known(filters: Filters, found: set[str], office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", chain="航空", tags=["cluster:航空"], owner_kind="台资", investment_total=10_000),
        project("p2", category="农业", tags=["theme:智库"], park_id="P1", investment_total="9999.9999"),
        project("p3", lists=["provincial"]),
    )
    narrowed = CATALOGUE["projects_in_stage"].narrowed(filters)
    assert set(proving_keys(narrowed, office.scope("2024-09"))) == found
    (row,) = office.scope("2024-09").measure([narrowed]).rows(named=True)
    assert row["numerator"] == len(found)


def test_a_filter_takes_the_place_of_the_metrics_own(office: Office) -> None:
    office.file(
        "2024-09",
        project("small", signed_on="2024-02-01", investment_total=1_000),
        project("large", signed_on="2024-02-01", investment_total=10_000),
    )
    everything = CATALOGUE["signed_projects"].narrowed({"investment_from": ("0",)})
    assert len(proving_keys(everything, office.scope("2024-09"))) == 2
    assert counted(office, "2024-09", "signed_projects", size="亿元以下") == set()


# Funds and problems


def test_money_from_above_is_won_when_approved_and_bonds_when_issued(office: Office) -> None:
    office.file("2024-09", project("p1"))
    treasury, bond = "超长期特别国债", "地方政府专项债券"
    office.file_beside(
        "funds",
        "2024-09",
        {"fund_id": "first", "source": treasury, "approved": 1, "approved_on": "2024-01-01"},
        {"fund_id": "last", "source": treasury, "approved": "0.5", "approved_on": "2024-09-30"},
        {"fund_id": "to_come", "source": treasury, "approved": 10, "approved_on": "2024-10-01"},
        {"fund_id": "before", "source": treasury, "approved": 10, "approved_on": "2023-12-31"},
        {"fund_id": "bank", "source": "银行贷款", "approved": 10, "approved_on": "2024-02-01"},
        {
            "fund_id": "bond",
            "source": bond,
            "approved": 2,
            "approved_on": "2023-02-01",
            "issued_on": "2024-02-01",
        },
        {"fund_id": "not_issued", "source": bond, "approved": 10, "approved_on": "2024-02-01"},
        {"fund_id": "unknown", "source": treasury, "approved_on": "2024-02-01"},
    )
    assert value(office, "2024-09", "funds_won") == (Decimal("3.5"), None, 3, 4)


def test_projects_with_money_of_the_first_half_are_counted_once_and_started_when_work_began(
    office: Office,
) -> None:
    office.file(
        "2024-09",
        project("p1", started_on="2024-09-30"),
        project("p2", started_on="2024-10-01"),
        project("p3", started_on="2024-03-01"),
    )
    source = "中央预算内投资"
    office.file_beside(
        "funds",
        "2024-09",
        {"fund_id": "1", "source": source, "approved_on": "2024-01-01"},
        {"fund_id": "2", "source": source, "approved_on": "2024-06-30"},
        {"fund_id": "3", "source": source, "approved_on": "2024-06-30", "project_id": "p2"},
        {"fund_id": "4", "source": source, "approved_on": "2024-07-01", "project_id": "p3"},
    )
    assert value(office, "2024-09", "funded_projects")[0] == 2
    assert value(office, "2024-09", "funded_projects_started")[0] == 1


def test_the_payment_rate_is_of_money_that_arrived_and_says_what_was_paid(office: Office) -> None:
    office.file("2024-09", project("p1"))
    office.file_beside(
        "funds",
        "2024-09",
        {"fund_id": "1", "arrived": 10, "arrived_on": "2024-03-01", "paid": 9},
        {"fund_id": "2", "arrived": 30, "arrived_on": "2023-03-01", "paid": 6},
        {"fund_id": "3", "arrived": 50, "arrived_on": "2024-03-01"},
        {"fund_id": "4", "arrived": 50, "arrived_on": "2024-10-01", "paid": 50},
    )
    assert value(office, "2024-09", "payment_rate") == (Decimal(15), Decimal(40), 2, 3)
    assert value(office, "2024-09", "funds_without_work")[0] == 90


def test_problems_are_open_overdue_or_resolved_at_the_end_of_the_period(office: Office) -> None:
    office.file("2024-09", project("p1"))
    spring = {"raised_on": "2024-02-01", "due_on": "2024-03-01"}
    office.file_beside(
        "problems",
        "2024-09",
        {"problem_id": "open", "raised_on": "2024-02-01", "due_on": "2024-09-30"},
        {"problem_id": "overdue", "raised_on": "2023-02-01", "due_on": "2024-09-29"},
        {"problem_id": "in_time", **spring, "resolved_on": "2024-03-01"},
        {"problem_id": "late", **spring, "resolved_on": "2024-03-02"},
        {"problem_id": "of_last_year", "raised_on": "2023-02-01", "resolved_on": "2023-12-31"},
        {"problem_id": "to_come", "raised_on": "2024-10-01"},
    )
    assert value(office, "2024-09", "problems_open")[0] == 2
    assert value(office, "2024-09", "problems_overdue")[0] == 1
    assert value(office, "2024-09", "problems_raised")[0] == 3
    assert value(office, "2024-09", "problems_resolved")[0] == 2
    assert value(office, "2024-09", "problem_resolution_rate")[:2] == (2, 4)
    assert value(office, "2024-09", "problem_punctuality_rate")[:2] == (1, 3)


def test_a_ledger_that_nobody_filed_leaves_its_metrics_unknown_not_zero(office: Office) -> None:
    office.file("2024-09", project("p1"))
    assert value(office, "2024-09", "problems_open") == (None, None, 0, 0)
    assert value(office, "2024-09", "payment_rate") == (None, None, 0, 0)
    assert office.scope("2024-09").measure(["problems_open"], by_area=True).is_empty()


def test_funds_and_problems_are_narrowed_by_their_project_and_by_their_own_words(office: Office) -> None:
    office.file("2024-09", project("p1", category="工业"), project("p2", category="农业"))
    office.file_beside(
        "problems",
        "2024-09",
        {"problem_id": "1", "class": "征拆排迁", "raised_on": "2024-02-01"},
        {"problem_id": "2", "subclass": "拆迁排迁", "raised_on": "2024-02-01", "project_id": "p2"},
    )
    assert value_of(office, "problems_open", category=("工业",)) == 1
    assert value_of(office, "problems_open", problem=("拆迁排迁",)) == 1
    assert value_of(office, "problems_open", problem=("征拆排迁", "拆迁排迁")) == 2
    assert value_of(office, "problems_open", stock_at=("2024-02-01",)) == 2
    assert value_of(office, "problems_open", stock_at=("2024-01-31",)) == 0
    assert office.scope("2024-09", category="农业").measure(["problems_open"])["numerator"].item() == 1


def value_of(office: Office, metric_id: str, **filters: tuple[str, ...]) -> Any:
    """The numerator of a metric narrowed by these filters."""
    narrowed = CATALOGUE[metric_id].narrowed(filters)
    return office.scope("2024-09").measure([narrowed])["numerator"].item()


# Lights


def test_what_lagged_when_the_year_began_is_resolved_when_green_completed_or_back_at_work(
    office: Office,
) -> None:
    late = {"plan_year": 100, "invested_year": 0}
    names = ("green", "completed", "resumed", "still_red", "exited")
    office.file("2023-12", *(project(name, started_on="2023-01-01", **late) for name in names))
    office.file(
        "2024-09",
        project("green", started_on="2023-01-01", plan_year=100, invested_year=90),
        project("completed", started_on="2023-01-01", completed_on="2024-08-01", **late),
        project(
            "resumed", started_on="2023-01-01", suspended_on="2023-06-01", resumed_on="2024-02-01", **late
        ),
        project("still_red", started_on="2023-01-01", **late),
        project("exited", started_on="2023-01-01", exited_on="2024-02-01"),
        project("new", started_on="2024-01-01", **late),
    )
    assert counted(office, "2024-09", "lagging_projects") == {"green", "completed", "resumed", "still_red"}
    assert value(office, "2024-09", "lagging_resolution_rate")[:2] == (3, 4)
    assert counted(office, "2024-09", "red_projects") == {"still_red", "resumed", "new", "completed"}


def test_without_a_snapshot_of_last_year_nobody_knows_what_lagged(office: Office) -> None:
    office.file("2024-09", project("p1", plan_year=100, invested_year=0))
    assert value(office, "2024-09", "lagging_projects")[0] == 0
    assert value(office, "2024-09", "lagging_resolution_rate")[1] == 0
