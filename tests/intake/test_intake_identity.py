"""Which project a row is, month after month."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saima.intake.identity import Filed, KnownProject, Projects, named
from saima.intake.report import Report

Take = Callable[..., Report]
Write = Callable[..., Path]

AREA = "210102"


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
    assert ids([row("新名字", "A-1")], known("p1", "旧名字", "A-1")) == ["p1"]


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
        xlsx(heads, [None, "甲", "和平区", "某"], ["B-1", "乙", "和平区", "某"], name="7.xlsx"),
        period="2024-07",
    )
    september = taken(
        xlsx(
            heads,
            ["B-1", "乙（更名）", "沈河区", "某"],
            ["A-1", "甲", "和平区", "某"],
            ["C-1", "丙", "和平区", "某"],
            name="9.xlsx",
        )
    )
    first, second = july.rows["project_id"].to_list()
    assert september.rows["project_id"].to_list()[:2] == [second, first]
    # An older month that arrives late knows what the later ones have settled.
    august = taken(xlsx(heads, ["A-1", "甲改", "和平区", "某"], name="8.xlsx"), period="2024-08")
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
    assert [remark.rule for remark in report.remarks] == ["parent_is_a_project"]
