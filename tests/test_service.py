"""Service: who serves which project, at which level, and what one leader answers for, counted by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import CITY, EAST, WEST, Office, project

from saima import reference
from saima.answers import led_by, service
from saima.evidence import proving_keys
from saima.metrics import CATALOGUE
from saima.reference import Level, Reference, ReferenceError, ServiceRules
from saima.transforms.service import (
    area_words,
    band_terms,
    decision_words,
    incomplete_projects,
    incomplete_words,
    leader_filters,
    leader_load,
    leader_options,
    leader_sentence,
    led_words,
    level_bars,
    level_metrics,
    load_line,
    load_words,
    missing_metric,
    problem_words,
    rule_words,
    service_bars,
    service_metrics,
    service_sentence,
    shown_leaders,
    unsized_line,
)

RULES = ServiceRules()
END = date(2024, 9, 30)
WHOLE = {
    "leader": "王五",
    "team": "专班",
    "plan_document": "方案",
    "responsible_person": "赵六",
    "signed_on": "2024-02-01",
}


def served(project_id: str, **values: Any) -> dict[str, Any]:
    """A signed project with all of 五个一."""
    return project(project_id, **WHOLE | values)


def file_rules(office: Office, text: str) -> None:
    path = Path(office.folder) / "office" / "service" / f"{CITY}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def fits(office: Office) -> dict[str, set[str]]:
    """The projects of every band and fit that has any."""
    scope = office.scope("2024-09")
    found = {key: set(proving_keys(metric, scope)) for key, metric in level_metrics(RULES).items()}
    return {key: keys for key, keys in found.items() if keys}


def test_five_ones_are_complete_when_all_four_are_filed_and_only_between_signing_and_completion(
    office: Office,
) -> None:
    office.file(
        "2024-09",
        served("whole"),
        served("no_team", team=None),
        served("no_leader", leader=None),
        served("planned_only", signed_on=None, planned_on="2024-01-01", team=None),
        served("done", started_on="2024-03-01", completed_on="2024-06-01", team=None),
    )
    scope = office.scope("2024-09")
    metrics = service_metrics(RULES)
    assert set(proving_keys(metrics["service_complete_rate"], scope)) == {"whole"}
    missing = missing_metric(metrics["service_complete_rate"])
    assert set(proving_keys(missing, scope)) == {"no_team", "no_leader"}
    bars = service_bars(service(scope).rates, metrics)
    told = {row["metric_id"]: (row["words"], row["missing"]) for row in bars.iter_rows(named=True)}
    assert told["service_complete_rate"] == ("33.3%  1/3个", 2)
    assert told["team_rate"] == ("66.7%  2/3个", 1)
    assert told["steward_rate"] == ("—", None), "no project of 亿元以上: a rate of nothing is not known"


def test_a_city_can_ask_for_five_ones_from_a_size_on(office: Office) -> None:
    file_rules(office, "complete_from = 100000\n")
    office.file(
        "2024-09",
        served("large", investment_total=100_000, team=None),
        served("small", investment_total=99_999, team=None),
        served("unsized", team=None),
    )
    scope = office.scope("2024-09")
    rules = scope.reference.service_of(CITY)
    metric = service_metrics(rules)["service_complete_rate"]
    assert metric.name == "五个一完整率（10亿元以上）"
    assert set(proving_keys(missing_metric(metric), scope)) == {"large"}
    lacking = incomplete_projects(service(scope).facts, rules)
    assert dict(lacking.select("project_id", "lacking").iter_rows())["small"] == []


def test_the_four_of_a_work_plan_are_plan_schedule_leader_and_person(office: Office) -> None:
    office.file(
        "2024-09",
        served("set", completion_due_on="2025-06-30"),
        served("no_schedule"),
    )
    assert proving_keys(CATALOGUE["work_arranged_rate"], office.scope("2024-09")) == ["set"]


def test_the_size_of_a_project_asks_for_a_level_and_a_higher_one_will_do(office: Office) -> None:
    office.file(
        "2024-09",
        served("below_1", investment_total=9_999),
        served("at_1", investment_total=10_000, leader_level="县区主要领导"),
        served("higher", investment_total=99_999, leader_level="市长"),
        served("at_10", investment_total=100_000, leader_level="县区主要领导"),
        served("met_10", investment_total=499_999, leader_level="市分管领导"),
        served("at_50", investment_total=500_000, leader_level="市分管领导"),
        served("odd", investment_total=500_000, leader_level="处级干部"),
        served("unfilled", investment_total=500_000),
        served("nobody", investment_total=500_000, leader=None, leader_level="市长"),
        served("unsized", leader_level="市长"),
        served("finished", investment_total=500_000, started_on="2024-03-01", completed_on="2024-06-01"),
    )
    assert fits(office) == {
        "0_met": {"at_1", "higher"},
        "1_below": {"at_10"},
        "1_met": {"met_10"},
        "2_below": {"at_50"},
        "2_unknown": {"odd", "unfilled"},
        "2_none": {"nobody"},
        "unsized": {"unsized"},
    }
    bars = level_bars(service(office.scope("2024-09")).levels, RULES)
    assert bars["band"].to_list() == ["50亿元以上", "10—50亿元", "1—10亿元"]
    assert bars.select("met", "below", "unknown", "none", "projects").rows() == [
        (0, 1, 2, 1, 4),
        (1, 1, 0, 0, 2),
        (2, 0, 0, 0, 2),
    ]
    assert unsized_line(service(office.scope("2024-09")).levels).startswith("另有1个项目没有填报总投资")


def test_a_review_counts_that_was_not_later_than_the_signing(office: Office) -> None:
    large = {"investment_total": 100_000, "signed_on": "2024-03-15"}
    office.file(
        "2024-09",
        project("before", reviewed_on="2024-03-14", **large),
        project("same_day", reviewed_on="2024-03-15", **large),
        project("after", reviewed_on="2024-03-16", **large),
        project("same_month", reviewed_on="2024-03-31", reviewed_on_precision="month", **large),
        project("next_month", reviewed_on="2024-04-30", reviewed_on_precision="month", **large),
        project("never", **large),
        project("small", **large | {"investment_total": 99_999}),
        project("works", category="基础设施", **large),
        project("last_year", **large | {"signed_on": "2023-12-31"}),
    )
    scope = office.scope("2024-09")
    assert set(proving_keys(CATALOGUE["review_rate"], scope)) == {"before", "same_day", "same_month"}
    missing = missing_metric(CATALOGUE["review_rate"])
    assert set(proving_keys(missing, scope)) == {"after", "next_month", "never"}


def test_the_headline_says_what_is_served_and_at_which_level(office: Office) -> None:
    office.file(
        "2024-09",
        served("a", investment_total=10_000, leader_level="县区主要领导", steward="钱七"),
        served("b", investment_total=100_000, leader_level="县区主要领导", team=None),
    )
    known = service(office.scope("2024-09"))
    sentence = service_sentence(known.rates, level_bars(known.levels, RULES), RULES, "2024-09", "全市")
    assert sentence == (
        "截至2024年9月末，全市签约至开工环节的项目中已明确包保领导的2个，五个一完整率50.0%；"
        "服务秘书覆盖率50.0%；按规模应由相应层级领导包保的2个项目，达到要求的占50.0%，低于要求1个；"
        "10亿元以上签约前研判率0.0%。"
    )


def test_the_load_of_a_leader_is_in_projects_and_money_and_a_shared_one_counts_once_in_total(
    office: Office,
) -> None:
    late = {"start_due_on": "2024-02-28"}
    for month in ("2024-03", "2024-04", "2024-05", "2024-09"):
        office.file(
            month,
            served("one", investment_total=20_000, leader_level="市长", **late),
            served("shared", investment_total=10_000, leader="王五、李四"),
            served("unsized", leader="李四"),
            served("planned_only", signed_on=None, planned_on="2024-01-01"),
        )
    office.file_beside(
        "problems",
        "2024-09",
        {"problem_id": "q1", "project_id": "shared", "raised_on": "2024-08-01"},
        {"problem_id": "q2", "project_id": "one", "raised_on": "2024-08-01", "resolved_on": "2024-09-01"},
    )
    known = service(office.scope("2024-09"))
    load = leader_load(known.facts, known.problems, "projects")
    columns = ("person", "projects", "sized", "investment", "red", "problems")
    assert load.select(columns).rows() == [
        ("李四", 2, 1, Decimal(10_000), 0, 1),
        ("王五", 2, 2, Decimal(30_000), 1, 1),
    ]
    assert leader_load(known.facts, known.problems, "investment")["person"].to_list() == ["王五", "李四"]
    assert "服务3个项目" in load_line(load, known.rates)
    assert leader_filters(load)["李四"] == ("李四", "王五、李四")
    assert list(leader_options(load)) == ["all", "李四", "王五"]
    assert load_words(load).row(0)[1:6] == ("—", 2, "1.00", 1, 0)
    assert shown_leaders(load)["amount"].to_list() == ["1.00亿元", "3.00亿元"]


def test_one_leader_has_the_own_projects_problems_and_decisions(office: Office) -> None:
    office.file(
        "2024-09",
        served("p1", investment_total=20_000, started_on="2024-03-01", plan_year=100, invested_year=10),
        served("p2", investment_total=10_000, leader="王五，李四"),
        served("other", leader="李四"),
        served("done", started_on="2023-03-01", completed_on="2024-06-01", investment_total=1),
    )
    office.file_beside(
        "problems",
        "2024-09",
        {"problem_id": "q1", "name": "一", "raised_on": "2024-08-01", "due_on": "2024-09-01"},
        {"problem_id": "q2", "project_id": "other", "raised_on": "2024-08-01"},
        {"problem_id": "q3", "project_id": "p2", "raised_on": "2024-08-01", "due_on": "2024-12-01"},
    )
    scope = office.scope("2024-09")
    own = led_by(scope, "王五")
    assert own.projects["project_id"].to_list() == ["p1", "p2", "done"], "the red one first"
    assert own.problems is not None
    assert own.problems["row_key"].to_list() == [f"{EAST}/q1", f"{EAST}/q3"]
    assert own.decisions is None
    words = led_words(own.projects, own.rows, scope.area_names, scope.city.stage_terms)
    assert words.row(0)[:5] == ("■ 滞后", "项目p1", "东区", "开工", "2.00")
    assert "投资进度" in words.row(0)[-1]
    assert problem_words(own.problems, END)["状态"].to_list() == ["■ 已过时限", "● 时限内"]
    told = leader_sentence("王五", own.projects, own.problems, own.decisions, "2024-09")
    assert told == (
        "截至2024年9月末，王五包保的签约至开工环节项目2个，总投资3.00亿元，红灯1个、黄灯0个，"
        "未办结受阻问题2个，交办事项台账还没有报送；另有其他环节的项目1个。"
    )
    decided = {"text": "接通用电", "due_on": "2024-09-15"}
    office.file_beside(
        "decisions",
        "2024-09",
        {"decision_id": "d1", **decided},
        {"decision_id": "d2", "project_id": None, "person": "王五、钱七", "text": "协调", "due_on": None},
        {"decision_id": "d3", **decided, "closed_on": "2024-09-30"},
        {"decision_id": "d4", **decided, "closed_on": "2024-10-08"},
        {"decision_id": "d5", **decided, "project_id": "other", "person": "李四"},
    )
    own = led_by(office.scope("2024-09"), "王五")
    assert own.decisions is not None
    assert own.decisions["decision_id"].to_list() == ["d1", "d4", "d2"]
    assert decision_words(own.decisions, END)["状态"].to_list() == ["■ 已过时限", "■ 已过时限", "○ 未定时限"]


def test_what_is_missing_is_named_project_by_project(office: Office) -> None:
    office.file(
        "2024-09",
        served("whole", investment_total=10_000, leader_level="县区主要领导"),
        served("low", investment_total=100_000, leader_level="县区主要领导", team=None, plan_document=None),
        served("tiny", investment_total=1, responsible_person=None, leader=None),
    )
    scope = office.scope("2024-09")
    found = incomplete_projects(service(scope).facts, RULES)
    rows = led_by(scope, "王五").rows
    words = incomplete_words(found, rows, scope.area_names, RULES)
    assert words.rows() == [
        ("项目low", "东区", "10.00", "专班、推进方案", "市分管领导", "王五（县区主要领导）", "低于要求"),
        (None, "东区", "0.00", "包保领导、责任人", "—", "—", "—"),
    ]


def test_areas_stand_side_by_side_and_one_that_never_filed_is_left_out(office: Office) -> None:
    office.file("2024-09", served("e"), served("e2", team=None), area_id=EAST)
    office.file("2024-09", served("w", area_id=WEST), area_id=WEST)
    scope = office.scope("2024-09")
    words = area_words(service(scope).area_rates, scope.area_names, RULES)
    assert words.select("责任地区", "五个一完整率", "专班").rows() == [
        ("东区", "50.0%（1/2）", "50.0%（1/2）"),
        ("西区", "100.0%（1/1）", "100.0%（1/1）"),
    ]


def test_the_rules_of_the_cities_are_those_of_their_documents(shipped: Reference) -> None:
    huaian = shipped.service_of("320800")
    assert [level.investment_from for level in huaian.levels] == [10_000, 100_000, 500_000]
    assert [level.name for level in huaian.levels] == [
        "县区（园区）和部门“一把手”",
        "市分管领导",
        "市委市政府主要领导",
    ]
    assert huaian.complete_from == 100_000
    helpers = [shipped.service_of(city).helper for city in ("210100", "210200", "320800")]
    assert helpers == ["项目管家", "服务秘书", "帮办人"]
    assert "本系统默认" in "".join(rule_words(shipped.service_of("210100")))
    assert shipped.service_of("none") == ServiceRules(), "a city without a file has ours"
    assert band_terms(ServiceRules(levels=(Level("一", (), 5_000), Level("二", (), 20_000)))) == [
        "0.5—2亿元",
        "2亿元以上",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("complete_from = -1\n", "第1行 字段「complete_from」"),
        ("helpers = 1\n", "第1行 字段「helpers」：没有这个设置"),
        (
            '[[levels]]\nname = "一"\nwords = ["甲"]\ninvestment_from = 2\n\n'
            '[[levels]]\nname = "二"\nwords = ["乙"]\ninvestment_from = 2\n',
            "第9行 字段「investment_from」：值“2”不大于前一级",
        ),
        (
            '[[levels]]\nname = "一"\nwords = ["甲"]\ninvestment_from = 1\n\n'
            '[[levels]]\nname = "二"\nwords = ["甲"]\ninvestment_from = 2\n',
            "第8行 字段「words」：“甲”已归入前面的层级",
        ),
    ],
)
def test_a_wrong_file_of_rules_is_refused_with_line_and_field(
    office: Office, text: str, problem: str
) -> None:
    file_rules(office, text)
    with pytest.raises(ReferenceError) as refused:
        reference.load()
    assert f"service/{CITY}.toml" in str(refused.value)
    assert problem in str(refused.value)


def test_problems_that_nobody_files_are_not_known_rather_than_none(office: Office) -> None:
    office.file("2024-09", served("p1"))
    known = service(office.scope("2024-09"))
    load = leader_load(known.facts, known.problems, "projects")
    assert load["problems"].to_list() == [None]
    own = led_by(office.scope("2024-09"), "王五")
    assert own.problems is None
    told = leader_sentence("王五", own.projects, own.problems, own.decisions, "2024-09")
    assert "受阻问题台账还没有报送" in told
