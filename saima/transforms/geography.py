"""Areas: what belongs to whom, and what is drawn where (data-model.md section 2, Areas)."""

from collections.abc import Iterable

import polars as pl


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


def ranked_areas(areas: pl.DataFrame) -> pl.DataFrame:
    """The areas that are compared with each other, by area code."""
    return areas.filter("is_ranked").sort("area_id")


def drawn_values(values: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Area values joined to where they are drawn: the columns of `values` and those of the area.

    Adds name, short_name, colour, drawn_in (the polygon that shows it), drawn_as (polygon or circle),
    lon, lat; what is drawn nowhere is left out. By area code.
    """
    return (
        values.join(
            areas.select(
                "area_id", "name", "short_name", "colour", "drawn_in", "drawn_as", "lon", "lat", "is_ranked"
            ),
            on="area_id",
            how="inner",
        )
        .filter(pl.col("drawn_as").is_not_null())
        .sort("area_id")
    )
