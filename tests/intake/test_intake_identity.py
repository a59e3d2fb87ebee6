"""Which project a row is, month after month."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saima import store
from saima.intake.identity import Filed, KnownProject, Projects, named
from saima.intake.report import EVERYTHING, Report

Take = Callable[..., Report]
Write = Callable[..., Path]

AREA = "210102"
CODE = "2409-210102-04-01-123456"
OTHER_CODE = "2409-210102-04-01-654321"


def row(name: str, code: str | None = None, owner: str | None = "某公司", area: str = AREA) -> Filed:
    return Filed(code, name, owner, area)


def known(project_id: str, name: str, code: str | None = None, owner: str | None = "某公司") -> KnownProject:
    return KnownProject(code, name, owner, AREA, project_id)


def ids(rows: list[Filed], *projects: KnownProject) -> list[str]:
    return [identity.project_id for identity in Projects("210100", projects).identified(rows)]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("产业园一期", ("产业园", 1)),
        ("产业园（一期）工程", ("产业园", 1)),
        ("产业园第2期", ("产业园", 2)),
        ("产业园Ⅱ期", ("产业园", 2)),
        ("产业园二期工程", ("产业园", 2)),
        ("★ 产业园 12 期", ("产业园", 12)),
        ("中期票据大厦", ("中期票据大厦", None)),
    ],
)
def test_a_phase_is_told_from_the_name(name: str, key: tuple[str, int | None]) -> None:
    assert named(name) == key


def test_a_code_decides_whatever_the_name_says() -> None:
    assert ids([row("新名字", CODE)], known("p1", "旧名字", CODE)) == ["p1"]


def test_a_number_of_the_sheets_own_never_joins_two_names() -> None:
    before = [known("p1", "甲", "1"), known("p2", "乙", "2")]
    rows = [row("丙", "1"), row("甲", "2"), row("乙", "3")]
    found = Projects("210100", before).identified(rows)
    assert [identity.project_id for identity in found][1] == "p1"
    assert found[0].project_id not in {"p1", "p2"}
    assert [identity.doubt is not None for identity in found] == [True, True, False]
    assert found[2].project_id == "p2"


def test_a_number_of_the_sheets_own_with_one_name_is_a_code() -> None:
    assert ids([row("甲", "A-1", area="210103")], known("p1", "甲", "A-1")) == ["p1"]
    assert len(set(ids([row("甲", "7"), row("乙", "7")]))) == 2


def test_without_a_code_name_owner_and_area_decide() -> None:
    before = known("p1", "智能装备（产业园）")
    assert ids([row("智能装备 产业园")], before) == ["p1"]
    assert ids([row("智能装备产业园", owner="另一公司")], before) != ["p1"]
    assert ids([row("智能装备产业园", area="210103")], before) != ["p1"]


def test_another_phase_is_another_project() -> None:
    assert ids([row("产业园二期")], known("p1", "产业园一期")) != ["p1"]
    assert ids([row("产业园")], known("p1", "产业园一期")) != ["p1"]


def test_a_project_that_gets_its_code_later_keeps_its_id() -> None:
    assert ids([row("产业园", "A-1")], known("p1", "产业园")) == ["p1"]


def test_a_namesake_with_another_code_is_another_project_and_is_doubted() -> None:
    (identity,) = Projects("210100", [known("p1", "产业园", "A-1")]).identified([row("产业园", "A-2")])
    assert identity.project_id != "p1"
    assert identity.doubt is not None
    assert "A-1" in identity.doubt


def test_two_namesakes_with_their_codes_are_not_doubted() -> None:
    both = [row("油罐更换", "A-1"), row("油罐更换", "A-2")]
    first, second = Projects("210100", [known("p1", "油罐更换", "A-1")]).identified(both)
    assert (first.project_id, first.doubt, second.doubt) == ("p1", None, None)
    assert second.project_id != "p1"


def test_a_row_without_a_code_that_may_be_either_of_two_is_doubted() -> None:
    namesakes = [known("p1", "油罐更换", "A-1"), known("p2", "油罐更换", "A-2")]
    (identity,) = Projects("210100", namesakes).identified([row("油罐更换")])
    assert identity.project_id not in {"p1", "p2"}
    assert identity.doubt is not None
    assert "2 个" in identity.doubt


def test_an_id_is_never_given_to_two_projects() -> None:
    (first,) = ids([row("产业园")])
    renamed = known(first, "智能产业园", "A-1")
    assert ids([row("产业园")], renamed) != [first]


def test_the_newest_row_of_a_project_gives_its_name() -> None:
    history = [known("p1", "旧名字"), known("p1", "新名字")]
    assert ids([row("新名字")], *history) == ["p1"]
    assert ids([row("旧名字")], *history) != ["p1"]


@given(st.permutations([row("甲"), row("乙", "A-1"), row("甲", area="210103"), row("丙", owner=None)]))
def test_ids_do_not_depend_on_the_order_of_the_rows(rows: list[Filed]) -> None:
    found = dict(zip(rows, ids(rows), strict=True))
    assert found == dict(zip(sorted(rows, key=str), ids(sorted(rows, key=str)), strict=True))
    assert len(set(found.values())) == 4


def test_a_ledger_keeps_its_ids_over_the_months(taken: Take, xlsx: Write) -> None:
    heads = ["项目代码", "项目名称", "责任地区", "项目单位"]
    july = taken(
        xlsx(heads, [None, "甲", "和平区", "某"], [CODE, "乙", "和平区", "某"], name="7.xlsx"),
        period="2024-07",
    )
    september = taken(
        xlsx(
            heads,
            [CODE.replace("-", " "), "乙（更名）", "沈河区", "某"],
            [OTHER_CODE, "甲", "和平区", "某"],
            ["C-1", "丙", "和平区", "某"],
            name="9.xlsx",
        )
    )
    first, second = july.rows["project_id"].to_list()
    assert september.rows["project_id"].to_list()[:2] == [second, first]
    # An older month that arrives late knows what the later ones have settled.
    august = taken(xlsx(heads, [OTHER_CODE, "甲改", "和平区", "某"], name="8.xlsx"), period="2024-08")
    assert august.rows["project_id"].to_list() == [first]


def test_a_part_points_at_its_package_by_code_or_name(taken: Take, xlsx: Write) -> None:
    path = xlsx(
        ["项目代码", "项目名称", "责任地区", "打包项目"],
        ["P-1", "老旧小区改造", "和平区", None],
        ["P-2", "甲小区", "和平区", "P-1"],
        ["P-3", "乙小区", "和平区", "老旧小区改造"],
        ["P-4", "丙小区", "和平区", "不存在的项目"],
    )
    report = taken(path)
    package = report.rows["project_id"][0]
    assert report.rows["parent_id"].to_list() == [None, package, package, None]
    assert "parent_is_a_project" in {remark.rule for remark in report.remarks}


def test_packages_that_lead_back_to_themselves_are_left_empty(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "打包项目"]
    parents = {"甲": "乙", "乙": "丙", "丙": "甲", "丁": "甲", "自": "自"}
    report = taken(xlsx(heads, *([name, "和平区", parent] for name, parent in parents.items())))
    first, *_ = report.rows["project_id"].to_list()
    assert report.rows["parent_id"].to_list() == [None, None, None, first, None]
    (said, *_) = [remark for remark in report.remarks if remark.rule == "parent_is_a_project"]
    assert "绕回到本项目自己" in said.sentence


def test_packages_of_two_areas_that_contain_each_other_are_seen(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "打包项目"]
    taken(xlsx(heads, ["甲", None], name="0.xlsx"), area_id="210103")
    taken(xlsx(heads, ["乙", "甲"], name="1.xlsx"), area_id="210102")
    report = taken(xlsx(heads, ["甲", "乙"], name="2.xlsx"), area_id="210103")
    assert report.rows["parent_id"].to_list() == [None]
    assert "parent_is_a_project" in {remark.rule for remark in report.remarks}


def twins(report: Report) -> list[str]:
    return [remark.sentence for remark in report.remarks if remark.rule == "project_stands_in_one_area"]


def test_a_project_that_another_area_has_filed_is_said(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "项目单位", "责任地区", "项目代码"]
    taken(xlsx(heads, ["产业园", "某公司", None, None], ["乙", "某公司", "和平区", None], name="w.xlsx"))
    path = xlsx(heads, ["产业（园）", "某公司", "铁西区", None], ["丙", "某", "铁西区", None])
    (said,) = twins(taken(path, area_id="210106"))
    assert said.startswith("工作表「Sheet1」第 2 行「项目名称」“产业（园）”")
    assert "也在 未分区 名下" in said


def test_a_project_in_two_areas_of_one_file_is_said_unless_the_codes_differ(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "项目代码"]
    two = xlsx(heads, ["甲", "和平区", CODE], ["甲", "铁西区", None])
    assert len(twins(taken(two, commit=False))) == 2
    assert twins(taken(xlsx(heads, ["甲", "和平区", CODE], ["甲", "铁西区", OTHER_CODE]))) == []


def test_two_spellings_of_one_code_are_one_project(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "项目代码"]
    spellings = (CODE, CODE.replace("-", ""), CODE.replace("-", " "), CODE.replace("-", "–"))
    rows = [[f"项目{place}", "和平区", code] for place, code in enumerate(spellings)]
    report = taken(xlsx(heads, *rows))
    assert [refusal.rule for refusal in report.refusals] == ["project_is_filed_once"] * 3


def test_projects_without_a_code_yet_are_told_apart_by_name(taken: Take, xlsx: Write) -> None:
    heads = ["项目名称", "责任地区", "项目代码"]
    for place, area in enumerate(("和平区", "铁西区")):
        rows = [[f"{area}甲", area, "待赋码"], [f"{area}乙", area, "待赋码"], [f"{area}丙", area, "0"]]
        taken(xlsx(heads, *rows, name=f"{place}.xlsx"), area_id=area)
    (revision,) = store.revisions("projects", "210100", EVERYTHING)
    stored = pl.read_parquet(revision.path)
    assert (stored["project_id"].n_unique(), stored["project_code"].null_count()) == (6, 6)


def test_one_number_beside_several_names_is_said(taken: Take, xlsx: Write) -> None:
    report = taken(xlsx(["项目名称", "责任地区", "项目代码"], ["甲", "和平区", "7"], ["乙", "和平区", "7"]))
    assert report.rows["project_id"].n_unique() == 2
    assert report.rows["project_code"].to_list() == ["7", "7"]
    (said,) = [remark for remark in report.remarks if remark.rule == "project_is_certain"]
    assert (said.rows, said.column) == ([2, 3], "项目代码")
