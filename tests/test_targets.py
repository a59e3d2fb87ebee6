"""Targets against the ledger: the tree, the gaps, who could close them, and what the documents say."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, WEST, Office, project

from saima import reference
from saima.answers import (
    area_target_rows,
    standing,
    target_candidates,
    target_months,
    target_rows,
    targets_asked,
    targets_of,
)
from saima.transforms.targets import (
    actual_text,
    candidate_words,
    candidates_sentence,
    document_sums,
    needed_text,
    path_of,
    row_of,
    standing_line,
    target_bar_rows,
    target_facts,
    target_metrics,
    target_text,
    target_words,
    targets_sentence,
)

HEADER = (
    "target_id,city,area_id,year,document,clause,wording,metric,filters,comparator,value,unit,starts_on,"
    "due_on,pace,part_of,part_kind,tolerance,base_year,base_value,note\n"
)


def line(target_id: str, metric: str, value: float, **said: Any) -> str:
    """A row of targets.csv: at least so many 个 in 2024, evenly, of the whole city unless said otherwise."""
    row = {
        "area": "",
        "filters": "",
        "comparator": ">=",
        "unit": "个",
        "due_on": "2024-12-31",
        "pace": "linear",
        "part_of": "",
        "part_kind": "",
        "clause": "一",
        "wording": target_id,
        "note": "",
    } | said
    return (
        f"{target_id},{CITY},{row['area']},2024,文件,{row['clause']},{row['wording']},{metric},"
        f"{row['filters']},{row['comparator']},{value},{row['unit']},2024-01-01,{row['due_on']},{row['pace']},"
        f"{row['part_of']},{row['part_kind']},,,,{row['note']}\n"
    )


def set_targets(office: Office, *lines: str) -> None:
    (office.folder / "office" / "targets.csv").write_text(HEADER + "".join(lines), encoding="utf-8")


def row(office: Office, target_id: str, period: str = "2024-09", **filters: Any) -> dict[str, Any]:
    return row_of(target_rows(targets_asked(office.scope(period, **filters))), target_id)


def started(count: int, **values: Any) -> list[dict[str, Any]]:
    return [
        project(f"{values.get('category', 'p')}{place}", started_on="2024-03-01", **values)
        for place in range(count)
    ]


def test_every_part_stands_below_its_whole_in_the_order_of_the_file(office: Office) -> None:
    set_targets(
        office,
        line("part", "started_projects", 2, filters="category=工业", part_of="whole", part_kind="addend"),
        line("other", "signed_projects", 9),
        line("whole", "started_projects", 5),
        line("part_of_part", "started_projects", 1, filters="chain=航空", part_of="part", part_kind="subset"),
        line("words", "", 3, pace="none"),
    )
    office.file("2024-09", *started(1))
    tree = target_rows(targets_asked(office.scope("2024-09")))
    assert tree.select("target_id", "depth").rows() == [
        ("other", 0),
        ("whole", 0),
        ("part", 1),
        ("part_of_part", 2),
        ("words", 0),
    ]
    words = target_words(tree)
    assert words["目标"].to_list() == ["other", "whole", "　└ part", "　　└ part_of_part", "words"]
    assert words["灯"].to_list()[-1] == "台账算不出"


def test_a_target_counts_what_its_filters_leave_and_outranks_those_of_its_metric(office: Office) -> None:
    set_targets(
        office,
        line("industry", "started_projects", 4, filters="category=工业|农业"),
        line("small", "signed_projects", 4, filters="investment_from=1000"),
    )
    office.file(
        "2024-09",
        *started(2, category="工业"),
        *started(3, category="服务业"),
        *started(1, category="农业"),
        project("s", signed_on="2024-02-01", investment_total=1000),
        project("t", signed_on="2024-02-01", investment_total=999),
    )
    assert row(office, "industry")["numerator"] == 3
    assert row(office, "small")["numerator"] == 1
    industry = row(office, "industry")
    assert (industry["completion_percent"], industry["distance"]) == (Decimal("75.0"), Decimal("0.0"))
    assert (industry["gap"], industry["months_left"], industry["needed"]) == (1, 3, 1)


@pytest.mark.parametrize(
    ("comparator", "value", "gap", "needed"),
    [(">=", 10, 6, 2), (">", 10, 7, 3), (">=", 4, 0, None), (">", 4, 1, 1), ("<=", 10, None, None)],
)
def test_a_gap_is_what_the_words_of_the_target_still_ask(
    office: Office, comparator: str, value: int, gap: int | None, needed: int | None
) -> None:
    set_targets(office, line("t", "started_projects", value, comparator=comparator))
    office.file("2024-09", *started(4))
    told = row(office, "t")
    assert (told["gap"], told["needed"]) == (gap, needed)


def test_what_is_needed_stands_beside_what_the_last_months_and_the_best_one_brought(office: Office) -> None:
    set_targets(office, line("t", "started_projects", 10))
    for month, count in ((6, 1), (7, 2), (8, 5), (9, 6)):
        office.file(f"2024-{month:02}", *started(count))
    told = row(office, "t")
    assert (told["recent"], told["best"], told["best_period"]) == (Decimal("1.6667"), 3, "2024-08")
    assert needed_text(told) == "需月均2个，近三月月均1.7个，两年内最好的月份3个（2024-08）"
    assert needed_text(row(office, "t") | {"gap": Decimal(0), "needed": None}) == "已完成"


def test_a_rate_has_no_gap_and_is_red_when_twice_below(office: Office) -> None:
    set_targets(office, line("t", "start_rate_of_signed", 50, unit="%", pace="none"))
    signed = [project(f"p{n}", signed_on="2024-02-01", investment_total=20000) for n in range(3)]
    office.file("2024-08", *signed)
    office.file("2024-09", *signed)
    told = row(office, "t")
    assert (told["gap"], told["needed"], told["light"]) == (None, None, "red")
    assert (actual_text(told), target_text(told)) == ("0.0%", "不少于50.0%")


def test_an_area_alone_has_its_own_targets_and_a_filter_changes_none(office: Office) -> None:
    set_targets(
        office,
        line("city", "started_projects", 10),
        line("east", "started_projects", 4, area=EAST, part_of="city", part_kind="addend"),
        line("west", "started_projects", 6, area=WEST, part_of="city", part_kind="addend"),
    )
    office.file("2024-09", *started(3), project("w", area_id=WEST, started_on="2024-02-01"))
    assert targets_of(office.scope("2024-09"))["target_id"].to_list() == ["city"]
    assert row(office, "city", category="农业")["numerator"] == 4
    assert row(office, "east", areas=(EAST,))["numerator"] == 3
    by_area = area_target_rows(office.scope("2024-09"), "city")
    assert by_area.select("area_id", "numerator", "value_base").rows() == [
        (EAST, Decimal(3), Decimal(4)),
        (WEST, Decimal(1), Decimal(6)),
    ]


def test_candidates_of_starts_are_due_by_the_end_overdue_ones_first(office: Office) -> None:
    set_targets(office, line("t", "started_projects", 3, filters="category=工业"))
    office.file(
        "2024-09",
        project("due", start_due_on="2024-12-31"),
        project("late", start_due_on="2024-05-31"),
        project("next_year", start_due_on="2025-01-01"),
        project("done", start_due_on="2024-05-31", started_on="2024-06-01"),
        project("gone", start_due_on="2024-11-30", exited_on="2024-06-01"),
        project("other", start_due_on="2024-11-30", category="农业"),
    )
    scope = targets_asked(office.scope("2024-09"))
    found = target_candidates(scope, "t")
    assert found.select("project_id", "due_on", "is_overdue").rows() == [
        ("late", date(2024, 5, 31), True),
        ("due", date(2024, 12, 31), False),
    ]
    assert candidates_sentence(found, row(office, "t")) == (
        "距目标还差2个。台账中计划年内应到这一环节而未到的有2个（其中已过计划时间1个），全部实现可补足缺口。"
    )
    rows = scope.ask("project_rows", project_ids=found["project_id"].to_list())
    words = candidate_words(found, rows, {EAST: "东区"})
    assert words.row(0)[:3] == ("2024-05-31（已过）", "项目late", "东区")


def test_candidates_of_completions_are_at_work_and_of_signings_mature(office: Office) -> None:
    set_targets(
        office, line("done", "completed_projects", 3), line("signed", "signed_projects", 3, pace="linear")
    )
    office.file(
        "2024-09",
        project("at_work", started_on="2024-01-01", completion_due_on="2024-10-01"),
        project("not_begun", signed_on="2024-01-01", completion_due_on="2024-10-01"),
        project("ripe", planned_on="2024-01-01", investment_total=20000, is_land_ready=True),
        project("raw", planned_on="2024-01-01", investment_total=90000),
        project("small", planned_on="2024-01-01", investment_total=9999),
    )
    scope = targets_asked(office.scope("2024-09"))
    assert target_candidates(scope, "done")["project_id"].to_list() == ["at_work"]
    assert target_candidates(scope, "signed").select("project_id", "ready").rows() == [
        ("ripe", 1),
        ("raw", 0),
    ]


def test_candidates_of_money_are_plans_not_yet_spent(office: Office) -> None:
    set_targets(office, line("t", "invested_year", 1, unit="亿元"))
    office.file(
        "2024-09",
        project("little", plan_year=100, invested_year=90),
        project("much", plan_year=100, invested_year=None),
        project("over", plan_year=100, invested_year=120),
    )
    found = target_candidates(targets_asked(office.scope("2024-09")), "t")
    assert found.select("project_id", "amount").rows() == [("much", Decimal(100)), ("little", Decimal(10))]
    assert candidates_sentence(found, row(office, "t")) == (
        "距目标还差0.98亿元。年度计划尚未完成的项目有2个、110.00万元，全部实现也补不足缺口。"
    )


def test_problems_and_funds_have_no_candidates(office: Office) -> None:
    set_targets(office, line("t", "problems_resolved", 3, filters="stock_at=2024-08-31", pace="none"))
    office.file("2024-09", project("p1", start_due_on="2024-10-31"))
    found = target_candidates(targets_asked(office.scope("2024-09")), "t")
    assert found.is_empty()
    assert candidates_sentence(found, row(office, "t")) == "", "nobody filed problems: the gap is unknown"
    assert area_target_rows(office.scope("2024-09"), "t").is_empty()


def test_what_does_not_add_up_in_a_document_is_said_as_it_stands(office: Office) -> None:
    set_targets(
        office,
        line("whole", "started_projects", 170, wording="新质生产力项目170个"),
        line("a", "started_projects", 100, filters="category=工业", part_of="whole", part_kind="addend"),
        line("b", "started_projects", 40, filters="category=农业", part_of="whole", part_kind="addend"),
        line("done", "completed_projects", 400, wording="竣工超400个"),
        line("listed", "completed_projects", 458, part_of="done", part_kind="subset", wording="清单458个"),
        line("fits", "signed_projects", 5),
        line("x", "signed_projects", 2, filters="category=工业", part_of="fits", part_kind="addend"),
        line("y", "signed_projects", 3, filters="category=农业", part_of="fits", part_kind="addend"),
    )
    assert document_sums(targets_of(office.scope("2024-09"))) == [
        "“新质生产力项目170个”，所列2个分项合计140个，少30个（一）",
        "“竣工超400个”，而一“清单458个”，两数并列，以总体目标为准",
    ]


def test_what_the_documents_of_shenyang_do_not_add_up_is_told() -> None:
    targets = reference.whole.read(shipped()).targets_of("210100", 2024)
    told = document_sums(targets)
    assert any("合计140个，少30个" in sentence for sentence in told)
    assert any("合计1,250.0亿元，少450.0亿元" in sentence for sentence in told)
    assert any("458" in sentence for sentence in told)
    assert any("合计300个" in sentence for sentence in told)
    assert any("合计175个" in sentence for sentence in told)


def shipped() -> dict[str, bytes]:
    folder = reference.office.SHIPPED
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in [*folder.glob("*.csv"), *folder.glob("*/*.toml")]
    }


@pytest.mark.parametrize(
    ("city", "year", "rows"), [("210100", 2024, 90), ("320800", 2023, 31), ("210200", 2024, 8)]
)
def test_every_number_of_the_documents_is_a_row(city: str, year: int, rows: int) -> None:
    targets = reference.whole.read(shipped()).targets_of(city, year)
    documents = targets.filter(~pl.col("is_example") & pl.col("area_id").is_null())
    assert documents.height == rows


def test_plans_cut_and_starts_postponed_are_told_against_the_beginning_of_the_year(office: Office) -> None:
    office.file(
        "2024-01", project("p1", plan_year=30000, start_due_on="2024-03-31"), project("p2", plan_year=5)
    )
    office.file(
        "2024-09", project("p1", plan_year=20000, start_due_on="2024-12-31"), project("p2", plan_year=5)
    )
    assert standing_line(standing(targets_asked(office.scope("2024-09")))) == (
        "与年初计划相比，本年调减计划1个、1.00亿元，推迟计划开工1个。"
    )


def test_the_sentence_counts_lights_and_names_what_is_furthest_behind(office: Office) -> None:
    set_targets(
        office,
        line("t", "started_projects", 10, wording="开工10个"),
        line("u", "signed_projects", 1, wording="签约1个"),
        line("w", "", 3, pace="none"),
    )
    office.file("2024-09", *started(6), project("s", signed_on="2024-02-01", investment_total=20000))
    tree = target_rows(targets_asked(office.scope("2024-09")))
    assert targets_sentence(tree, "2024-09", "全市") == (
        "1—9月，全市3项目标中，关注1项，正常1项，另有1项台账算不出；"
        "距序时最远的是“开工10个”，低于序时15.0个百分点。"
    )
    bars, labels, hovers = target_bar_rows(tree, "behind")
    assert (bars["target_id"].to_list(), labels, hovers) == (["t"], [("6个 / 不少于10个", "")], ["开工10个"])
    assert target_bar_rows(tree, "first")[0]["target_id"].to_list() == ["t", "u"]
    assert target_facts(row(office, "t"))[:2] == [("目标", "不少于10个"), ("文件", "文件 一")]


def test_the_path_of_a_target_has_this_year_and_the_last(office: Office) -> None:
    set_targets(office, line("t", "invested_year", 2, unit="亿元"))
    for period in ("2022-12", "2023-12", "2024-08", "2024-09"):
        office.file(period, project("p", invested_year=10000))
    scope = targets_asked(office.scope("2024-09"))
    path = path_of(target_months(scope, "t"), row(office, "t"), "2024-09")
    assert path.select("year", "month", "value", "target", "unit").rows() == [
        (2023, 12, 1.0, 2.0, "亿元"),
        (2024, 8, 1.0, 2.0, "亿元"),
        (2024, 9, 1.0, 2.0, "亿元"),
    ]


def test_what_begins_in_the_middle_of_a_year_is_not_forecast(office: Office) -> None:
    campaign = line("campaign", "started_projects", 9, filters="category=工业", pace="none")
    set_targets(
        office,
        line("year", "started_projects", 9),
        campaign.replace("2024-01-01", "2024-09-01", 1),
        line("rate", "start_rate_of_signed", 50, unit="%", pace="none"),
    )
    office.file("2024-09", *started(2))
    assert [row(office, name)["reason"] for name in ("year", "campaign", "rate")] == ["short", None, None]
    words = target_words(target_rows(targets_asked(office.scope("2024-09"))))
    assert words["年底预计"].to_list() == ["不足12个月的历史，不作预计", "", ""]


def test_a_target_is_measured_under_its_own_name(office: Office) -> None:
    set_targets(office, line("t", "started_projects", 2, wording="开工两个"), line("w", "", 3, pace="none"))
    metrics = target_metrics(targets_of(office.scope("2024-09")))
    assert {name: metric.name for name, metric in metrics.items()} == {"t": "开工两个"}
