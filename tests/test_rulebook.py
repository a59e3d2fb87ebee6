"""Rules changed on the page: previewed on the ledger, written with their remarks kept, refused as a whole."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from builders import CITY, EAST, Office, project
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import NumberInput

from saima import reference
from saima.reference import LightRules, ReferenceError
from saima.reference.lights import EDITABLE, edited_rules
from saima.reference.targets import TARGET_TERMS, edited_targets, target_cells
from saima.scope import must_fit_the_catalogue
from saima.transforms.lights import light_moves, moves_sentence

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "reference"
NOW = datetime(2024, 10, 20, tzinfo=UTC)


def test_other_rules_are_previewed_on_the_ledger_before_they_are_saved(office: Office) -> None:
    plan = {"started_on": "2024-01-01", "plan_year": 100}
    office.file(
        "2024-09",
        project("twenty", invested_year=55, **plan),
        project("forty", invested_year=35, **plan),
        project("five", invested_year=70, **plan),
    )
    scope = office.scope("2024-09")
    rules, _ = edited_rules("lights/x.toml", "", {("progress", "yellow"): 3, ("progress", "red"): 15})
    moves = light_moves(scope.lights(), scope.lights(rules=rules))
    assert moves.rows() == [("yellow", "red", 1), ("green", "yellow", 1)]
    assert moves_sentence(moves) == "按现在填写的规则：1个项目由黄转红，1个项目由绿转黄。"
    same = light_moves(scope.lights(), scope.lights())
    assert moves_sentence(same) == "按现在填写的规则，没有项目改变颜色。"


def test_a_changed_threshold_keeps_every_remark_and_all_that_is_beside_it() -> None:
    text = (SHIPPED / "lights" / "210100.toml").read_text(encoding="utf-8")
    told = {key: getattr(LightRules(), attribute) for key, (attribute, _) in EDITABLE.items()}
    same, unchanged = edited_rules("lights/210100.toml", text, told)
    assert unchanged == text
    assert same.lagging_list == "进度滞后"
    rules, draft = edited_rules("lights/210100.toml", text, told | {("problem", "near_days"): 7})
    assert rules.problem_near_days == 7
    before, after = text.splitlines(), draft.splitlines()
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [
        ("near_days = 15", "near_days = 7")
    ]


def test_a_threshold_that_was_not_said_is_put_into_its_table() -> None:
    rules, draft = edited_rules("lights/x.toml", 'name = "灯"\n[start]\n', {("start", "red_periods"): 2})
    assert draft == 'name = "灯"\n[start]\nred_periods = 2\n'
    assert rules.start_red_periods == 2
    _, added = edited_rules("lights/x.toml", 'name = "灯"\n', {("snail", "points"): 20})
    assert added.endswith("[snail]\npoints = 20\n")


def test_thresholds_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ReferenceError, match="小于 yellow"):
        edited_rules("lights/x.toml", "", {("progress", "yellow"): 40, ("progress", "red"): 20})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[progress]\nmode = "pace"\n', "字段「mode」：值“pace”不认识"),
        ("[start]\nred_periods = 0\n", "字段「red_periods」"),
        ("[reserve]\ngreen = 2\nyellow = 3\n", "字段「yellow」：值“3”大于 green"),
        ("[statistics]\nyellow_months = 3\nred_months = 1\n", "字段「red_months」：值“1”小于 yellow_months"),
        ('[[consequences]]\nof = "city"\nperiods = 1\nwords = "x"\n', "字段「of」：值“city”不认识"),
        ("[light]\nred = 1\n", "没有这个设置"),
    ],
)
def test_wrong_rules_of_lights_are_refused_with_their_line(office: Office, text: str, said: str) -> None:
    with pytest.raises(ReferenceError, match=rf"lights/{CITY}\.toml 第\d+行.*{said}"):
        reference.save(f"lights/{CITY}.toml", text, who="王五", when=NOW, why="试")
    assert not (office.folder / "office" / "lights").exists(), "what is refused leaves nothing"


def test_rules_in_force_are_those_of_the_instant_asked(office: Office) -> None:
    office.file("2024-09", project("p", started_on="2024-01-01", plan_year=100, invested_year=55))
    reference.save(f"lights/{CITY}.toml", "[progress]\nred = 10\n", who="王五", when=NOW, why="从严")
    before, after = datetime(2024, 10, 19, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    lights = [reference.load(instant).lights_of(CITY).progress_red for instant in (before, after)]
    assert lights == [30, 10]
    assert office.scope("2024-09").lights()["light"].to_list() == ["red"]


def cells(**changed: str) -> list[dict[str, str | None]]:
    """The rows of the small office's targets as a page shows them, with these cells of `start` changed."""
    shown = target_cells(reference.load().targets_of(CITY, 2024))
    rows = [{name: row[term] for name, term in TARGET_TERMS.items()} for row in shown.iter_rows(named=True)]
    return [row | changed if row["target_id"] == "start" else row for row in rows]


def test_targets_changed_on_the_page_are_those_of_the_file(office: Office) -> None:
    text = reference.text_of("targets.csv")
    assert edited_targets(text, CITY, 2024, cells()) == text
    changed = edited_targets(text, CITY, 2024, cells(value="12.5", unit="个"))
    reference.save("targets.csv", changed, who="王五", when=NOW, why="试", check=must_fit_the_catalogue)
    values = dict(reference.load().targets.select("target_id", "value").iter_rows())
    assert values["start"] == Decimal("12.5")
    assert values["sign"] == 10


def test_a_row_is_added_and_another_taken_away(office: Office) -> None:
    text = reference.text_of("targets.csv")
    added = dict(cells()[0]) | {"target_id": "new", "area_id": EAST, "metric": "signed_projects"}
    told = [row for row in cells() if row["target_id"] != "rate"] + [added, dict.fromkeys(TARGET_TERMS)]
    reference.save("targets.csv", edited_targets(text, CITY, 2024, told), who="王五", when=NOW, why="试")
    assert reference.load().targets["target_id"].to_list() == ["start", "sign", "east", "west", "new"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"metric": "begun_projects"}, "没有指标“begun_projects”"),
        ({"unit": "亿元"}, "单位“亿元”与指标“started_projects”不符"),
        ({"value": "八个"}, "值“八个”不对"),
        ({"due_on": "2024-02-30"}, "字段「due_on」"),
        ({"part_of": "nobody"}, "指向的目标不存在"),
    ],
)
def test_wrong_targets_are_refused_and_nothing_is_changed(
    office: Office, changed: dict[str, str], said: str
) -> None:
    text = reference.text_of("targets.csv")
    draft = edited_targets(text, CITY, 2024, cells(**changed))
    with pytest.raises(ReferenceError, match=said):
        reference.save("targets.csv", draft, who="王五", when=NOW, why="试", check=must_fit_the_catalogue)
    assert reference.text_of("targets.csv") == text


def window(page: str) -> AppTest:
    """A reader who has opened a page of the app and is about to change its rules."""
    app = AppTest.from_file(str(SHIPPED.parent.parent / "app.py"), default_timeout=60)
    app.query_params.update({"city": CITY, "period": "2024-09"})
    return app.switch_page(page).run()


def threshold(app: AppTest, attribute: str) -> NumberInput:
    return next(box for box in app.number_input if f"_{attribute}_" in str(box.key))


def test_contradicting_thresholds_are_said_and_the_boxes_stay(office: Office) -> None:
    office.file("2024-09", project("p"))
    app = window("pages/warnings.py")
    threshold(app, "progress_yellow").set_value(40.0).run()
    assert any("小于 yellow" in str(element.proto.body) for element in app.get("html"))
    assert threshold(app, "progress_yellow").value == 40


def test_a_file_that_changed_since_it_was_shown_is_not_overwritten(office: Office) -> None:
    text = reference.text_of("targets.csv")
    theirs = edited_targets(text, CITY, 2024, cells(value="9"))
    reference.save("targets.csv", theirs, who="王五", when=NOW, why="试", instead_of=text)
    ours = edited_targets(text, CITY, 2024, cells(value="99"))
    with pytest.raises(ReferenceError, match="刚在别处改过"):
        reference.save("targets.csv", ours, who="赵六", when=NOW, why="试", instead_of=text)
    assert reference.text_of("targets.csv") == theirs
