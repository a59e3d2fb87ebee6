"""The race of areas: scores from metrics and targets, ranks, and what moved (data-model.md section 6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from saima.metrics import CATALOGUE, EXACT
from saima.reference import Item, Race
from saima.transforms.pace import pace_share
from saima.wording import (
    MISSING,
    amount_text,
    count_text,
    number_text,
    percent,
    percent_text,
    rounded,
    share_percent,
)

SCORE = pl.Decimal(8, 2)
"""Scores and points as printed: rounded half up to 0.01, before ranking."""

LEFT_OUT = {
    "no_target": "未设目标",
    "small": "基数小",
    "zero": "目标与完成均为0",
    "missing": "缺报",
}
"""Why an item was left out and its weight shared among the others."""

NO_RACE = Race(city="", name="", label="", tracks=(), items=(), headline=(), boards=())
"""The race of a city that has no race file: nobody is ranked in it."""

PLANNED = {"investment_completion_of_baseline": "planned_share_of_baseline"}
"""资金序时 of the same projects and plans as a rate of money; `planned_share` of any other rate."""

Row = dict[str, Any]


def race_items(values: pl.DataFrame, targets: pl.DataFrame, race: Race, areas: pl.DataFrame) -> pl.DataFrame:
    """Every item of every ranked area, one row per (period, area_id, item), in the order of the race file.

    `values` is the frame of `metric_values` by area, `targets` as `Reference.targets`. Returns period,
    area_id, item, item_name, track, track_name, metric, numerator, denominator (Decimal), target
    (Decimal: the year's, or the goal of a rate), completion (Float64, uncapped), cap, weight (Float64:
    after sharing, of 100), points (Float64), left_out (a key of LEFT_OUT, or null), is_example (whether the
    target is).
    """
    ranked = areas.filter("is_ranked")["area_id"].to_list()
    by_key = {(row["metric_id"], row["period"], row["area_id"]): row for row in values.iter_rows(named=True)}
    target_of = {
        (row["metric"], row["year"], row["area_id"]): row
        for row in reversed(targets.filter(pl.col("area_id").is_not_null()).to_dicts())
    }
    filed = values.select("period", "area_id").unique().sort("period", "area_id")
    tracks = {track.id: track for track in race.tracks}
    rows: list[Row] = []
    for period, area_id in filed.iter_rows():
        if area_id not in ranked:
            continue
        judged = [
            (
                item,
                *_completion(
                    item,
                    by_key.get((item.metric, period, area_id)),
                    by_key.get((planned_of(item), period, area_id)),
                    period,
                    area_id,
                    target_of,
                ),
            )
            for item in race.items
        ]
        weights = _shared_weights(race, [item for item, _, _, left_out in judged if left_out is None])
        for item, completion, target, left_out in judged:
            value = by_key.get((item.metric, period, area_id), {})
            weight = weights.get(item.id, Fraction(0))
            points = weight * min(completion, _exact(item.cap)) if completion is not None else Fraction(0)
            rows.append(
                {
                    "period": period,
                    "area_id": area_id,
                    "item": item.id,
                    "item_name": item.name,
                    "track": item.track,
                    "track_name": tracks[item.track].name,
                    "metric": item.metric,
                    "numerator": value.get("numerator"),
                    "denominator": value.get("denominator"),
                    "target": target,
                    "completion": None if completion is None else float(completion),
                    "cap": item.cap,
                    "weight": float(weight),
                    "points": float(points),
                    "exact_points": points,
                    "left_out": left_out,
                    "is_example": item.basis == "target"
                    and target_of.get((item.metric, int(period[:4]), area_id), {}).get("is_example", False),
                }
            )
    scores: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in rows:
        scores[row["period"], row["area_id"]] += row.pop("exact_points")
    for row in rows:
        row["score"] = rounded(scores[row["period"], row["area_id"]], 2)
    return pl.DataFrame(rows, schema=_ITEMS, orient="row")


_ITEMS: dict[str, type[pl.DataType] | pl.DataType] = {
    "period": pl.String,
    "area_id": pl.String,
    "item": pl.String,
    "item_name": pl.String,
    "track": pl.String,
    "track_name": pl.String,
    "metric": pl.String,
    "numerator": EXACT,
    "denominator": EXACT,
    "target": EXACT,
    "completion": pl.Float64,
    "cap": pl.Float64,
    "weight": pl.Float64,
    "points": pl.Float64,
    "left_out": pl.String,
    "is_example": pl.Boolean,
    "score": SCORE,
}


def race_table(items: pl.DataFrame, areas: pl.DataFrame, race: Race, carried: pl.DataFrame) -> pl.DataFrame:
    """Score and rank of every area in every period, by rank and area code.

    `items` is the frame of `race_items`; `carried` lists (period, area_id) whose values are those of an
    earlier filing. Returns period, area_id, name, short_name, colour, race_group, score (Decimal, 0.01),
    rank and group_rank (equal scores share a rank: 1, 2, 2, 4), change (places gained since the period
    before that has a table; null where either is missing or the value is carried), is_carried,
    zone (top, middle, bottom by the boards' sizes, of those ranked in the period). An area of which no
    item could be scored is left out.
    """
    scored = (
        items.group_by("period", "area_id", maintain_order=True)
        .agg(pl.col("score").first(), is_scored=(pl.col("weight") > 0).any())
        .filter("is_scored")
        .join(areas.select("area_id", "name", "short_name", "colour", "race_group"), on="area_id")
        .with_columns(
            rank=pl.col("score").rank("min", descending=True).over("period").cast(pl.Int64),
            group_rank=pl.col("score")
            .rank("min", descending=True)
            .over("period", "race_group")
            .cast(pl.Int64),
            is_carried=pl.struct("period", "area_id").is_in(
                carried.select(pl.struct("period", "area_id")).to_series().implode()
            ),
        )
    )
    periods = scored["period"].unique().sort().to_list()
    before = dict(zip(periods[1:], periods[:-1], strict=True))
    edge = (
        pl.len()
        .over("period")
        .replace_strict(
            {size: race.places_near_the_edge(size) for size in range(scored.height + 1)},
            return_dtype=pl.Int64,
        )
    )
    return (
        scored.with_columns(
            before=pl.col("period").replace_strict(before, default=None, return_dtype=pl.String)
        )
        .join(
            scored.select(before="period", area_id="area_id", was="rank"),
            on=["before", "area_id"],
            how="left",
        )
        .with_columns(
            change=pl.when(~pl.col("is_carried")).then(pl.col("was") - pl.col("rank")),
            zone=pl.when(pl.col("rank") <= edge)
            .then(pl.lit("top"))
            .when(pl.col("rank") > pl.len().over("period") - edge)
            .then(pl.lit("bottom"))
            .otherwise(pl.lit("middle")),
        )
        .drop("before", "was", "is_scored")
        .sort("period", "rank", "area_id")
    )


def of_period(frame: pl.DataFrame, period: str) -> pl.DataFrame:
    """The rows of one period."""
    return frame.filter(pl.col("period") == period)


def track_points(items: pl.DataFrame, ranked: pl.DataFrame) -> pl.DataFrame:
    """Points by track of one period, areas by rank, tracks in the order of the race file.

    Returns area_id, name, track, track_name, points (null where the whole track is left out).
    """
    points = items.group_by("area_id", "track", "track_name", maintain_order=True).agg(
        points=pl.when(pl.col("left_out").is_null().any()).then(pl.col("points").sum())
    )
    return ranked.select("area_id", "name").join(points, on="area_id", maintain_order="left_right")


def race_sentence(ranked: pl.DataFrame, period: str, areas: pl.DataFrame) -> str:
    """`9月，浑南区居首，92.40分；法库县、康平县居后；沈北新区升2位，变动最大；2个地区缺目标或缺报，未参评。`"""
    first = ranked.filter(pl.col("rank") == 1)["name"].to_list()
    last = ranked.filter(pl.col("zone") == "bottom")["name"].to_list()
    sentence = f"{int(period[5:])}月，{'、'.join(first)}居首，{ranked['score'][0]:.2f}分"
    if last and len(first) < ranked.height:
        sentence += f"；{'、'.join(last)}居后"
    moved = ranked.filter(pl.col("change").abs() > 0).sort(
        pl.col("change").abs(), "rank", descending=[True, False]
    )
    if moved.height:
        name, change = moved.row(0, named=True)["name"], int(moved["change"][0])
        sentence += f"；{name}{'升' if change > 0 else '降'}{abs(change)}位，变动最大"
    absent = areas.filter("is_ranked").height - ranked.height
    return sentence + (f"；{absent}个地区缺目标或缺报，未参评" if absent else "") + "。"


def item_words(items: pl.DataFrame, ranked: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Every item of every area under Chinese terms, areas by rank, as printed."""
    rows = (
        ranked.select("area_id", "name", "rank")
        .join(items, on="area_id", maintain_order="left_right")
        .to_dicts()
    )
    return pl.DataFrame(
        {
            "名次": [row["rank"] for row in rows],
            "地区": [row["name"] for row in rows],
            "赛道": [row["track_name"] for row in rows],
            "指标": [row["item_name"] for row in rows],
            "完成": [_part_text(row, "numerator", currency) for row in rows],
            "分母或目标": [
                _part_text(row, "target" if row["denominator"] is None else "denominator", currency)
                for row in rows
            ],
            "完成率（折算序时）": [percent_text(share_percent(row["completion"])) for row in rows],
            "权重": [number_text(row["weight"], 2) for row in rows],
            "得分": [number_text(row["points"], 2) if row["left_out"] is None else MISSING for row in rows],
            "说明": [LEFT_OUT.get(row["left_out"] or "", "") for row in rows],
        }
    )


def rule_facts(race: Race, scored: pl.DataFrame) -> list[tuple[str, str]]:
    """Term and text of how the score is made, for the evidence of the race's figures.

    `scored` is the frame of `race_items`.
    """
    tracks = "、".join(f"{track.name}{track.weight:g}" for track in race.tracks)
    items = "；".join(
        f"{item.name}（{number_text(item.weight, 2)}分，上限{item.cap:g}）" for item in race.items
    )
    examples = [("目标", "含示例目标，请换成本市文件的规定")] if scored["is_example"].any() else []
    return [
        ("规则", f"{race.name}。{race.label}"),
        *examples,
        ("赛道权重", tracks),
        ("指标", items),
        (
            "计分",
            "得分＝权重×完成率（不超过上限）；流量的完成率＝本年累计÷（年度目标×序时）；"
            "按计划的率再除以资金序时（有月度计划的按月度计划，没有的按月均）；缺目标、缺报或基数小的项不计，"
            "权重先由同赛道其他项、再由其他赛道按比例分摊；得分四舍五入到0.01后排名，同分同名次",
        ),
    ]


def _part_text(row: Row, part: str, currency: str) -> str:
    value = row[part]
    if value is None:
        return MISSING
    if part == "target" and CATALOGUE[row["metric"]].unit == "率":
        return percent_text(percent(value, 1))
    if CATALOGUE[row["metric"]].part_unit == "万元":
        return amount_text(value, currency)
    return f"{count_text(int(value))}个"


def race_metrics(race: Race) -> list[str]:
    """The metrics that a race reads, each once; 资金序时 among them where an item is measured by it."""
    planned = [planned_of(item) for item in race.items if item.basis == "plan"]
    return list(dict.fromkeys([*(item.metric for item in race.items), *planned]))


def planned_of(item: Item) -> str:
    """The metric of 资金序时 that an item is measured by."""
    return PLANNED.get(item.metric, "planned_share")


def _exact(number: float) -> Fraction:
    """A number as it is written in the race file."""
    return Fraction(repr(number))


def _completion(
    item: Item,
    value: Row | None,
    planned: Row | None,
    period: str,
    area_id: str,
    target_of: Mapping[tuple[str, int, str], Row],
) -> tuple[Fraction | None, Decimal | None, str | None]:
    """(completion, target, why the item is left out) of one area's item."""
    months, year_months = pace_share(period)
    if item.basis == "target":
        is_flow = CATALOGUE[item.metric].kind == "flow"
        pace = Fraction(months, year_months) if is_flow else Fraction(1)
        set_for = target_of.get((item.metric, int(period[:4]), area_id))
        target = set_for["value_base"] if set_for else None
        completion, left_out = _of_target(item, value, target, pace)
        return completion, target, left_out
    goal = Fraction(1) if item.goal is None else _exact(item.goal)
    if item.basis == "plan":
        goal *= _quotient(planned) if planned and planned["denominator"] else Fraction(months, year_months)
    completion, left_out = _of_goal(item, value, goal)
    return completion, Decimal(goal.numerator) / Decimal(goal.denominator), left_out


def _of_target(
    item: Item, value: Row | None, target: Decimal | None, pace: Fraction
) -> tuple[Fraction | None, str | None]:
    if target is None:
        return None, "no_target"
    if value is None or value["numerator"] is None:
        return None, "missing"
    if CATALOGUE[item.metric].unit == "率":
        return _of_goal(item, value, Fraction(target))
    done = Fraction(value["numerator"])
    if not target:
        return _of_nothing(item, done)
    if CATALOGUE[item.metric].unit == "个" and target < item.min_denominator:
        return None, "small"
    return _directed(item, done / (Fraction(target) * pace)), None


def _of_goal(item: Item, value: Row | None, goal: Fraction) -> tuple[Fraction | None, str | None]:
    if value is None or value["numerator"] is None or value["denominator"] is None:
        return None, "missing"
    is_counted = CATALOGUE[item.metric].part_unit == "个"
    base = value["denominator"] if is_counted else value["projects"]
    if base < item.min_denominator or not value["denominator"]:
        return None, "small"
    if not goal:
        return _of_nothing(item, Fraction(value["numerator"]))
    return _directed(item, _quotient(value) / goal), None


def _of_nothing(item: Item, done: Fraction) -> tuple[Fraction | None, str | None]:
    """A target of 0. Where less is better none is all that was asked, and any is a failure."""
    if item.better == "less":
        return Fraction(0 if done else 1), None
    return (_exact(item.cap), None) if done else (None, "zero")


def _quotient(value: Row) -> Fraction:
    return Fraction(value["numerator"]) / Fraction(value["denominator"])


def _directed(item: Item, ratio: Fraction) -> Fraction:
    return ratio if item.better == "more" else max(Fraction(0), 2 - ratio)


def _shared_weights(race: Race, scored: Iterable[Item]) -> dict[str, Fraction]:
    """Weights of 100 over the scored items that have one: shared within a track, then among tracks."""
    by_track: dict[str, list[Item]] = defaultdict(list)
    for item in scored:
        if item.weight:
            by_track[item.track].append(item)
    filled = {track.id: _exact(track.weight) for track in race.tracks if by_track.get(track.id)}
    total = sum(filled.values(), Fraction(0))
    return {
        item.id: filled[track] / total * 100 * _exact(item.weight) / sum(_exact(i.weight) for i in items)
        for track, items in by_track.items()
        for item in items
    }


def edges_of(table: pl.DataFrame, period: str) -> pl.DataFrame:
    """The rows of `race_table` near the top and the bottom in one period; all of them in a small field."""
    rows = table.filter(pl.col("period") == period)
    return rows if rows.height <= 8 else rows.filter(pl.col("zone") != "middle")


def bottom_streaks(table: pl.DataFrame) -> pl.DataFrame:
    """Areas that have been near the bottom for two periods or more, by rank in the last one.

    Looks back over all periods of the table, and no further. A period for which an area is carried or not
    ranked neither breaks nor lengthens its streak. Returns area_id, name, periods (how many). Source:
    data-model.md sections 5 and 6, Boards.
    """
    last = table.filter(pl.col("period") == pl.col("period").max()).select("area_id", "rank")
    return (
        table.filter(~pl.col("is_carried"))
        .sort("period", descending=True)
        .group_by("area_id", "name")
        .agg(periods=(pl.col("zone") == "bottom").cast(pl.Int64).cum_prod().sum())
        .filter(pl.col("periods") > 1)
        .join(last, on="area_id")
        .sort("rank", "area_id")
        .select("area_id", "name", "periods")
    )


def area_items(items: pl.DataFrame, area_id: str) -> pl.DataFrame:
    """The items of one area."""
    return items.filter(pl.col("area_id") == area_id)
