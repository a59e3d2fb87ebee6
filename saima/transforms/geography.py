"""Areas: what belongs to whom, and what is drawn where (data-model.md section 2, Areas)."""

from collections.abc import Iterable
from decimal import Decimal

import polars as pl

from saima.metrics import CATALOGUE
from saima.wording import MISSING, amount_text, count_text, months_text, percent, percent_text


def rolled_up(frame: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """The frame with each zone's area_id replaced by the area whose total includes it.

    A frame without area_id comes back as it is.
    """
    if "area_id" not in frame.columns:
        return frame
    return frame.with_columns(
        pl.col("area_id").replace(areas["area_id"].to_list(), areas["rolls_up_to"].to_list())
    )


def with_zones(area_ids: Iterable[str], areas: pl.DataFrame) -> list[str]:
    """These areas and the zones that their totals include, sorted."""
    return sorted(areas.filter(pl.col("rolls_up_to").is_in(list(area_ids)))["area_id"])


def reporting_areas(areas: pl.DataFrame) -> pl.DataFrame:
    """The areas that stand for themselves: everything but zones counted in another area."""
    return areas.filter(pl.col("rolls_up_to") == pl.col("area_id"))


def area_values(
    paced: pl.DataFrame, metric: str, circle: str, areas: pl.DataFrame, currency: str = "元"
) -> pl.DataFrame:
    """One metric of every ranked area, the amount that its circle shows, and where it is drawn.

    `paced` is the frame of `pace.target_pace` by area with both metrics. Returns area_id, name, colour,
    drawn_id (the polygon that shows it), is_zone (a circle on its parent), longitude, latitude, value (a rate
    as it is, anything else as its completion of the year's target; Float64, null where missing),
    value_text (as printed, with numerator and denominator), projects, amount (Decimal 万元), by area
    code. An area that never filed is there, without a value.
    """
    is_rate = CATALOGUE[metric].unit == "率"
    values = paced.filter(pl.col("metric_id") == metric).select(
        "area_id",
        "projects",
        "numerator",
        base="denominator" if is_rate else "target",
        value="value" if is_rate else "completion",
    )
    amounts = paced.filter(pl.col("metric_id") == circle).select("area_id", amount="numerator")
    joined = (
        areas.filter("is_ranked")
        .select(
            "area_id",
            "name",
            "colour",
            drawn_id="drawn_in",
            is_zone=pl.col("drawn_as") == "circle",
            longitude="lon",
            latitude="lat",
        )
        .join(values, on="area_id", how="left")
        .join(amounts, on="area_id", how="left")
        .with_columns(pl.col("projects").fill_null(0))
        .sort("area_id")
    )
    texts = [
        _value_text(metric, numerator, base, currency)
        for numerator, base in joined.select("numerator", "base").iter_rows()
    ]
    return joined.with_columns(value_text=pl.Series(texts, dtype=pl.String)).drop("numerator", "base")


def _value_text(metric: str, numerator: Decimal | None, base: Decimal | None, currency: str) -> str:
    """`76.0%（912/1,200个）`; what has no base says so."""
    if numerator is None:
        return MISSING
    is_money = CATALOGUE[metric].part_unit == "万元"
    parts = [
        amount_text(n, currency) if is_money else count_text(None if n is None else int(n))
        for n in (numerator, base)
    ]
    if not base:
        return f"{MISSING}（{parts[0]}{'' if is_money else '个'}）"
    return f"{percent_text(percent(numerator, base))}（{parts[0]}/{parts[1]}{'' if is_money else '个'}）"


def map_sentence(values: pl.DataFrame, metric: str, period: str) -> str:
    """`1—9月，投资完成率最高的是浑南区，82.1%（…）；最低的是法库县，51.0%（…）。`"""
    measured = values.filter(pl.col("value").is_not_null()).sort("value", "area_id", descending=[True, False])
    name = CATALOGUE[metric].name + ("" if CATALOGUE[metric].unit == "率" else "完成率")
    if measured.is_empty():
        return f"{months_text(period)}，各地区{name}缺目标或缺报，无法计算。"
    best, worst = measured.row(0, named=True), measured.row(-1, named=True)
    missing = values.height - measured.height
    sentence = f"{months_text(period)}，"
    if measured.height == 1:
        sentence += f"只有{best['name']}算得出{name}，{best['value_text']}"
    else:
        sentence += f"{name}最高的是{best['name']}，{best['value_text']}"
        sentence += f"；最低的是{worst['name']}，{worst['value_text']}"
    return sentence + (f"；{missing}个地区无数据" if missing else "") + "。"


def window_of(centre: tuple[float, float, float] | None) -> tuple[float, float, float, float] | None:
    """(west, east, south, north) of an enlarged centre given as (longitude, latitude, span in degrees)."""
    if centre is None:
        return None
    longitude, latitude, span = centre
    return longitude - span / 2, longitude + span / 2, latitude - span / 2, latitude + span / 2
