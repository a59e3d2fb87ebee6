"""受阻问题: counted by group, age, step and level, and what they hold up, by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from builders import CITY, EAST, REFERENCE, WEST, Office, project

from saima import reference
from saima.answers import problem_facts, problem_numbers, problem_stock, rows_of_problems
from saima.demo.problems import SUBCLASSES
from saima.evidence import proving_keys
from saima.reference import LightRules, ProblemLevel, ProblemRules, ReferenceError
from saima.scope import Scope
from saima.transforms.problems import (
    age_bands,
    age_metrics,
    beside_sentence,
    class_words,
    group_words,
    is_filed,
    level_words,
    light_metrics,
    longest_open,
    longest_words,
    named_groups,
    open_by_light,
    party_words,
    problem_groups,
    problems_sentence,
    step_days,
    step_metrics,
    stock_lines,
)

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "reference" / "problems"
LIGHTS = LightRules()
RULES = ProblemRules(
    levels=(
        ProblemLevel("四级", "地区能解决的", "各地区", "二"),
        ProblemLevel("三级", "市级解决的", "分管副市长", "二"),
        ProblemLevel("二级", "跨地区的", "常务副市长", "二"),
        ProblemLevel("一级", "重特大的", "市长", "二"),
    ),
    parties=("属地政府", "项目单位"),
)


def problem(problem_id: str, **values: Any) -> dict[str, Any]:
    """A problem of p1 in the class 征拆排迁, each of its days known to the day."""
    row: dict[str, Any] = {"problem_id": problem_id, "class": "征拆排迁", **values}
    exact = {f"{name}_precision": "day" for name in values if name.endswith("_on") and name != "due_on"}
    return exact | row


@pytest.fixture
def scope(office: Office) -> Scope:
    """September with two held-up projects: p1 (100 planned, 30 done) and p2 (50 planned, 80 done)."""
    office.file(
        "2024-09",
        project("p1", plan_year=100, invested_year=30),
        project("p2", area_id=WEST, plan_year=50, invested_year=80),
        project("p3", plan_year=900, invested_year=0),
    )
    office.file_beside(
        "problems",
        "2024-09",
        problem("late", raised_on="2024-08-01", due_on="2024-09-10", level="四级", parties=["属地政府"]),
        problem("near", raised_on="2024-09-20", due_on="2024-10-15", accepted_on="2024-09-22", level="三级"),
        problem("due", raised_on="2024-09-30", due_on="2024-09-30", project_id="p2", area_id=WEST),
        problem("far", raised_on="2024-03-30", due_on="2024-10-16", unit="住建局", level="一级"),
        problem("rough", raised_on="2024-09-30", raised_on_precision="month", **{"class": "资金融资"}),
        problem("quick", raised_on="2024-05-01", resolved_on="2024-05-11", due_on="2024-05-11"),
        problem("slow", raised_on="2024-05-01", resolved_on="2024-06-10", due_on="2024-05-20"),
        problem("old", raised_on="2023-12-01", resolved_on="2024-01-01", accepted_on="2023-12-11"),
        problem("past", raised_on="2023-01-01", resolved_on="2023-12-31"),
        problem("later", raised_on="2024-10-01"),
    )
    return office.scope("2024-09")


def test_the_sentence_and_the_numbers_are_those_counted_by_hand(scope: Scope) -> None:
    numbers, facts = problem_numbers(scope), problem_facts(scope)
    assert is_filed(numbers)
    # Raised this year: late, near, due, far, rough, quick, slow. Resolved: quick, slow, old, of 8 in hand.
    assert problems_sentence(numbers, open_by_light(facts, LIGHTS), "2024-09", "全市") == (
        "1—9月，全市提报受阻问题7个、办结3个，办结率37.5%；未办结5个，其中逾期1个、临近时限2个，"
        "涉及年度计划投资150.00万元。"
    )
    # By their day: late (not), quick (in time), slow (not). Days 10, 40 and 31. Only p1 has work left.
    assert beside_sentence(numbers, "元") == (
        "问题按期办结率33.3%；问题提报到办结天数31天；受阻项目尚未完成的年度计划投资70.00万元。"
    )


def test_a_ledger_that_nobody_filed_leaves_every_number_unknown(office: Office) -> None:
    office.file("2024-09", project("p1"))
    numbers = problem_numbers(office.scope("2024-09"))
    assert not is_filed(numbers)
    assert numbers["value"].null_count() == numbers.height


def test_groups_count_each_project_that_is_held_up_once(scope: Scope) -> None:
    groups = problem_groups(problem_facts(scope), "class", LIGHTS)
    rows = {row["id"]: row for row in groups.iter_rows(named=True)}
    demolition = rows["征拆排迁"]
    assert [demolition[name] for name in ("open", "red", "yellow", "green")] == [4, 1, 2, 1]
    assert [demolition[name] for name in ("raised", "resolved", "in_hand", "solved")] == [6, 3, 7, 3]
    assert [demolition[name] for name in ("timed", "in_time", "days", "of_days")] == [3, 1, 31, 3]
    # late, near and far are all of p1, due of p2, whose plan is more than done.
    assert (demolition["plan"], demolition["plan_left"]) == (150, 70)
    assert (rows["资金融资"]["plan"], rows["资金融资"]["days"]) == (100, None)
    named = named_groups(groups, {}, "class")
    assert named["name"].to_list() == ["征拆排迁", "资金融资"]
    first = group_words(groups, {}, "class").row(0, named=True)
    assert (first["办结率"], first["按期办结率"]) == ("42.9%（3/7）", "33.3%（1/3）")
    assert first["办结天数（中位）"] == "31天（3个）"


def test_groups_of_units_have_a_row_for_those_without_one(scope: Scope) -> None:
    words = group_words(problem_groups(problem_facts(scope), "unit", LIGHTS), {}, "unit")
    assert words.select("责任单位", "未办结").rows() == [("未填责任单位", 4), ("住建局", 1)]


def test_lights_follow_the_due_day(scope: Scope) -> None:
    keys = {light: proving_keys(metric, scope) for light, metric in light_metrics(LIGHTS).items()}
    assert keys["red"] == [f"{EAST}/late"]
    assert set(keys["yellow"]) == {f"{EAST}/near", f"{WEST}/due"}, "the last day is still in time"
    assert set(keys["green"]) == {f"{EAST}/far", f"{EAST}/rough"}


def test_ages_are_told_to_the_day_or_not_at_all(scope: Scope) -> None:
    assert age_bands(problem_facts(scope)).rows() == [
        ("30天以内", 2),
        ("31—60天", 1),
        ("61—90天", 0),
        ("91—180天", 0),
        ("180天以上", 1),
        ("时间不详", 1),
    ]
    metrics = age_metrics()
    assert proving_keys(metrics["180天以上"], scope) == [f"{EAST}/far"], "184 days"
    assert proving_keys(metrics["时间不详"], scope) == [f"{EAST}/rough"]


def test_a_problem_stays_in_a_step_until_the_next_that_is_dated(scope: Scope) -> None:
    steps = {row["step"]: row for row in step_days(problem_facts(scope)).iter_rows(named=True)}
    raised, accepted = steps["raised"], steps["accepted"]
    # near 2 days, quick 10, slow 40, old 10; waiting there: late 60, due 0, far 184, and rough, unknown.
    assert (raised["days"], raised["moved"]) == (10, 4)
    assert (raised["waiting"], raised["waited"]) == (4, 60)
    assert (accepted["days"], accepted["moved"], accepted["waiting"], accepted["waited"]) == (21, 1, 1, 8)
    assert steps["assessed"]["days"] is None
    for step, metric in step_metrics().items():
        assert len(proving_keys(metric, scope)) == steps[step]["waiting"], step


def test_of_two_steps_on_one_day_the_later_one_is_where_it_stands(office: Office) -> None:
    office.file("2024-09", project("p1"))
    on = {"raised_on": "2024-09-01", "urged_on": "2024-09-05", "inspected_on": "2024-09-05"}
    office.file_beside("problems", "2024-09", problem("q", **on, dispatched_on="2024-09-09"))
    scope = office.scope("2024-09")
    steps = {row["step"]: row["waiting"] for row in step_days(problem_facts(scope)).iter_rows(named=True)}
    assert steps == dict.fromkeys(steps, 0) | {"dispatched": 1}
    keys = {step: proving_keys(metric, scope) for step, metric in step_metrics().items()}
    assert keys == {step: [] for step in keys} | {"dispatched": [f"{EAST}/q"]}


def test_levels_say_who_chairs_and_what_should_rise(scope: Scope) -> None:
    words = level_words(problem_facts(scope), RULES, LIGHTS)
    assert words.select("层级", "牵头", "未办结", "■ 逾期").rows() == [
        ("四级", "各地区", 1, 1),
        ("三级", "分管副市长", 1, 0),
        ("二级", "常务副市长", 0, 0),
        ("一级", "市长", 1, 0),
        ("未填层级", "", 2, 0),
    ]
    longest = longest_open(problem_facts(scope))
    rows = rows_of_problems(scope, tuple(longest["row_key"]))
    told = longest_words(longest, rows, {EAST: "东区", WEST: "西区"}, RULES, LIGHTS)
    assert told["未办结天数"].to_list() == [184, 60, 10, 0, None]
    assert told["建议"].to_list() == ["", "逾期20天，建议提级到三级（分管副市长）", "", "", ""]
    assert told.row(1, named=True)["层级与牵头"] == "四级 · 各地区"


def test_a_problem_of_several_parties_counts_for_each(office: Office) -> None:
    office.file("2024-09", project("p1"))
    told = {"raised_on": "2024-08-01", "due_on": "2024-09-01"}
    office.file_beside(
        "problems",
        "2024-09",
        problem("a", parties=["项目单位", "属地政府"], **told),
        problem("b", parties=["项目单位", "银行"], raised_on="2024-09-01"),
        problem("c", raised_on="2024-09-01"),
        problem("d", parties=["项目单位"], resolved_on="2024-09-02", **told),
    )
    words = party_words(problem_facts(office.scope("2024-09")), RULES, LIGHTS)
    assert words.rows() == [("属地政府", 1, 1), ("项目单位", 2, 1), ("未填责任方", 1, 0), ("银行", 1, 0)]


def test_what_is_not_on_the_list_of_classes_is_told_beside_it(office: Office) -> None:
    office.file("2024-09", project("p1"))
    office.file_beside(
        "problems",
        "2024-09",
        problem("a", subclass="阻工", raised_on="2024-09-01", **{"class": "施工环境"}),
        problem("b", subclass="怪事", raised_on="2023-09-01", **{"class": "施工环境"}),
    )
    rules = ProblemRules(classes={"施工环境": ("阻工", "环保管控")})
    assert class_words(problem_facts(office.scope("2024-09")), rules).rows() == [
        ("施工环境", "阻工", 1, 1, ""),
        ("施工环境", "环保管控", 0, 0, ""),
        ("施工环境", "怪事", 0, 1, "不在分类表内"),
    ]


def test_the_stock_of_the_document_stands_beside_what_is_resolved_of_it(office: Office) -> None:
    text = (office.folder / "office" / "targets.csv").read_text(encoding="utf-8")
    header = text.splitlines()[0].split(",")
    row = dict.fromkeys(header, "") | {
        "target_id": "stock",
        "city": CITY,
        "year": "2024",
        "document": "方案",
        "wording": "解决存量问题2个",
        "metric": "problems_resolved",
        "filters": "stock_at=2024-08-31",
        "comparator": ">=",
        "value": "2",
        "unit": "个",
        "starts_on": "2024-09-01",
        "due_on": "2024-12-31",
        "pace": "none",
    }
    (office.folder / "office" / "targets.csv").write_text(
        text + ",".join(row[name] for name in header) + "\n"
    )
    office.file("2024-09", project("p1"))
    office.file_beside(
        "problems",
        "2024-09",
        problem("a", raised_on="2024-08-31", resolved_on="2024-09-05"),
        problem("b", raised_on="2024-08-31"),
        problem("c", raised_on="2024-09-01", resolved_on="2024-09-05"),
    )
    stock = problem_stock(office.scope("2024-09"))
    assert stock.select("wording", "value_base", "numerator").rows() == [
        ("解决存量问题2个", Decimal(2), Decimal(1))
    ]
    assert stock_lines(stock) == [("grey", "解决存量问题2个：已办结1个，50.0%")]
    assert problem_stock(office.scope("2024-09", areas=(EAST,))).is_empty()


@pytest.mark.parametrize("city", ["210100", "210200", "320800"])
def test_every_city_has_nine_classes_and_48_subclasses_of_its_own_to_edit(city: str) -> None:
    rules = reference.whole.read(SHIPPED_FILES).problems_of(city)
    assert (len(rules.classes), rules.subclasses, len(rules.levels), len(rules.parties)) == (9, 48, 4, 5)
    assert {(name, sub) for name, subs in rules.classes.items() for sub in subs} == SUBCLASSES


SHIPPED_FILES = {
    path.relative_to(SHIPPED.parent).as_posix(): path.read_bytes()
    for path in (*SHIPPED.parent.glob("*.csv"), *SHIPPED.parent.glob("*/*.toml"))
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[levels]]\nname = "五级"\nwords = "a"\nchair = "b"\n', "第2行 字段「name」：值“五级”不认识"),
        (
            2 * '[[levels]]\nname = "四级"\nwords = "a"\nchair = "b"\n',
            "第6行 字段「name」：值“四级”重复",
        ),
        ('[[classes]]\nname = "天气"\n', "第2行 字段「name」：值“天气”不认识"),
        ('[[classes]]\nname = "其他"\n[[classes]]\nname = "其他"\n', "第4行 字段「name」：值“其他”重复"),
        (
            '[[classes]]\nname = "其他"\nsubclasses = ["甲"]\n'
            '[[classes]]\nname = "政策支持"\nsubclasses = ["甲"]\n',
            "第6行 字段「subclasses」：小类“甲”重复",
        ),
        ("colour = 1\n", "第1行 字段「colour」：没有这个设置"),
    ],
)
def test_wrong_classes_and_levels_are_refused_with_their_line(text: str, said: str) -> None:
    files = {name: body.encode() for name, body in REFERENCE.items()}
    with pytest.raises(ReferenceError, match=f"problems/{CITY}.toml {said}"):
        reference.whole.read(files | {f"problems/{CITY}.toml": text.encode()})


def test_a_city_without_a_file_has_the_ledgers_own_classes_and_levels() -> None:
    rules = reference.whole.read({name: body.encode() for name, body in REFERENCE.items()}).problems_of(CITY)
    assert (len(rules.classes), rules.subclasses) == (9, 0)
    assert [level.name for level in rules.levels] == ["四级", "三级", "二级", "一级"]


def test_the_end_of_a_year_forgets_what_was_resolved_in_it(scope: Scope) -> None:
    facts = problem_facts(scope)
    assert facts.filter(pl.col("row_key") == f"{EAST}/past")["resolved_on"].to_list() == [date(2023, 12, 31)]
    assert problem_groups(facts, "class", LIGHTS)["in_hand"].sum() == 8
