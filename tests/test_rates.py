"""四率 and 三提升 by hand, and landing as filed beside the landing rule."""

from datetime import date

import polars as pl
from builders import EAST, WEST, Office, project

from saima.answers import four_rates, improvements, landings
from saima.transforms.rates import landing_differences, landing_sentence, landing_words

LARGE = 20000


def test_the_four_rates_say_what_they_divide(office: Office) -> None:
    office.file(
        "2024-09",
        project("s1", signed_on="2024-02-01", investment_total=LARGE, tags=["promotion:招商"]),
        project(
            "s2",
            signed_on="2024-02-01",
            started_on="2024-05-01",
            investment_total=LARGE,
            tags=["promotion:招商"],
        ),
        project("r", planned_on="2024-02-01", tags=["promotion:招商"]),
        project("c1", completed_on="2023-07-01"),
        project("c2", completed_on="2024-07-01", produced_on="2024-08-01"),
        project("old", completed_on="2023-06-30"),
    )
    rows = {row["metric_id"]: row for row in four_rates(office.scope("2024-09")).iter_rows(named=True)}
    assert (rows["signing_rate"]["said"], rows["signing_rate"]["parts"]) == ("66.7%", "2/3个")
    start = rows["start_rate_of_signed"]
    assert (start["said"], start["parts"], start["light"]) == ("50.0%", "1/2个，目标50.0%", "green")
    assert rows["production_rate"]["parts"] == "1/2个"
    assert rows["production_rate_due"]["parts"] == "0/1个", "c2 has until October"
    assert len(rows) == 6


def signed(name: str, day: str, **values: object) -> dict[str, object]:
    return project(name, signed_on=day, investment_total=LARGE, **values)


def test_growth_stands_beside_that_of_the_areas_that_filed_both_times(office: Office) -> None:
    office.file("2023-09", signed("a", "2023-02-01"), signed("b", "2023-02-01"), area_id=EAST)
    office.file(
        "2024-09", signed("a", "2023-02-01"), *(signed(f"e{n}", "2024-02-01") for n in range(3)), area_id=EAST
    )
    office.file("2024-09", signed("w", "2024-02-01", area_id=WEST), area_id=WEST)
    words = improvements(office.scope("2024-09"))
    (row,) = words.filter(pl.col("指标") == "新签约项目（亿元以上）").rows(named=True)
    assert (row["提升"], row["本期"], row["上年同期"]) == ("数量", "4个", "2个")
    assert (row["同比"], row["同口径同比"]) == ("+100.0%", "+50.0%")
    (rate,) = words.filter(pl.col("指标") == "新签约工业投资占比").rows(named=True)
    assert (rate["本期"], rate["同比"]) == ("100.0%", "+0.0个百分点")
    (size,) = words.filter(pl.col("指标") == "新签约项目平均规模").rows(named=True)
    assert (size["提升"], size["本期"], size["同比"]) == ("体量", "2.00亿元/个", "+0.0%")


def test_without_last_year_there_is_no_growth(office: Office) -> None:
    office.file("2024-09", signed("a", "2024-02-01"))
    words = improvements(office.scope("2024-09"))
    assert set(words["同比"]) == {"—"}
    assert set(words["同口径同比"]) == {"—"}


def test_a_landing_that_the_rule_does_not_bear_out_is_shown(office: Office) -> None:
    real, light = (
        {"asset_kind": "实体经济", "investment_total": LARGE},
        {
            "asset_kind": "轻资产",
            "investment_total": LARGE,
        },
    )
    office.file(
        "2024-09",
        project("agreed", landed_on="2024-03-01", land_awarded_on="2024-03-01", **real),
        project("too_early", landed_on="2024-03-01", started_on="2024-05-01", **real),
        project("not_at_all", landed_on="2024-03-01", **real),
        project("not_filed", started_on="2024-05-01", **real),
        project("half", landed_on="2024-03-01", registered_on="2024-02-01", **light),
        project("both", registered_on="2024-02-01", operated_on="2024-04-01", **light),
        project("to_come", land_awarded_on="2024-10-01", **real),
        project("small", landed_on="2024-03-01", asset_kind="实体经济", investment_total=9999),
    )
    found = landings(office.scope("2024-09"))
    assert found.differences.rows() == [
        ("half", date(2024, 3, 1), None),
        ("not_at_all", date(2024, 3, 1), None),
        ("too_early", date(2024, 3, 1), date(2024, 5, 1)),
    ], "where nothing is filed the rule speaks: no difference"
    assert (found.filed, found.ruled) == (6, 4)
    words = landing_words(found.differences, found.rows, {EAST: "东区"})
    assert words.filter(pl.col("项目名称") == "项目half")["说明"].to_list() == [
        "填报已落地，土地、开工或注册运营时间不支持"
    ]
    assert landing_sentence(4, 4, found.differences, "rule").endswith("本市以落地标准为准。")


def test_a_landing_still_to_come_is_no_difference() -> None:
    end, schema = date(2024, 9, 30), {"project_id": pl.String, "end_on": pl.Date, "landed_on": pl.Date}
    filed = pl.DataFrame([("p", end, date(2024, 10, 1))], schema, orient="row")
    ruled = pl.DataFrame([("p", end, None)], schema, orient="row")
    assert landing_differences(filed, ruled).is_empty()
