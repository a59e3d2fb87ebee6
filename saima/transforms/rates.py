"""四率 and 三提升: rates of whole cohorts, and number, quality and size against the same months of last year.

Source: 淮安重特大项目攻坚方案 二; the rules of each are ours (data-model.md section 4).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from saima.metrics import CATALOGUE
from saima.transforms.catalogue import value_text
from saima.wording import MISSING, number_text, percent, percent_text, rounded

FOUR_RATES = (
    *("signing_rate", "start_rate_of_signed", "production_rate", "production_rate_due"),
    *("ramping_rate", "ramping_rate_due"),
)
"""签约率, 开工率, 投产率 and 达效率; beside the last two the same among those whose months are over."""

IMPROVEMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "数量": ("signed_projects", "started_industrial_projects", "completed_industrial_projects"),
        "质量": (
            *("industrial_share_of_signed", "strategic_share_of_signed", "start_rate_of_signed"),
            *("park_share_of_signed", "park_share_of_signed_investment"),
            *("investment_per_mu", "output_per_mu", "tax_per_mu"),
        ),
        "体量": ("mean_signed_investment", "signed_projects_1bn", "signed_projects_5bn", "agreed_amount"),
    }
)
"""数量, 质量 and 体量, and the metrics that tell them."""

COMPARED = tuple(dict.fromkeys(metric for metrics in IMPROVEMENTS.values() for metric in metrics))


def rate_rows(paced: pl.DataFrame) -> pl.DataFrame:
    """The rates in their order, as `charts.funnel.rate_bars` wants them: metric_id, name, light, said,
    parts (texts), value and target (shares).

    `paced` is the frame of `answers.paced`.
    """
    by_id = {row["metric_id"]: row for row in paced.iter_rows(named=True)}
    rows = []
    for metric_id in FOUR_RATES:
        row, metric = by_id[metric_id], CATALOGUE[metric_id]
        parts = f"{number_text(row['numerator'], 0)}/{number_text(row['denominator'], 0)}个"
        rows.append(
            {
                "metric_id": metric_id,
                "name": metric.name,
                "value": row["value"],
                "target": None if row["target"] is None else float(row["target"]),
                "light": row["light"] if row["target"] is not None else None,
                "said": value_text(metric, row),
                "parts": parts
                if row["target"] is None
                else f"{parts}，目标{percent_text(percent(row['target'], 1))}",
            }
        )
    schema = dict.fromkeys(("metric_id", "name", "light", "said", "parts"), pl.String())
    shares = dict.fromkeys(("value", "target"), pl.Float64())
    return pl.DataFrame(rows, schema={**schema, **shares})


def improvement_words(
    now: pl.DataFrame, before: pl.DataFrame, same_now: pl.DataFrame, same_before: pl.DataFrame, currency: str
) -> pl.DataFrame:
    """数量, 质量 and 体量 under Chinese terms, this year beside the same months of last year.

    Four frames of `metric_values`: the whole of both years, and only the areas that filed in both (like for
    like). Growth of a rate is in 百分点, of the rest in %. Columns: 提升, 指标, 本期, 上年同期, 同比,
    同口径同比.
    """
    by_id = [
        {row["metric_id"]: row for row in frame.iter_rows(named=True)}
        for frame in (now, before, same_now, same_before)
    ]
    words: dict[str, list[str]] = {
        name: [] for name in ("提升", "指标", "本期", "上年同期", "同比", "同口径同比")
    }
    for group, metrics in IMPROVEMENTS.items():
        for metric_id in metrics:
            metric = CATALOGUE[metric_id]
            told = [rows.get(metric_id) for rows in by_id]
            words["提升"].append(group)
            words["指标"].append(metric.name)
            for name, row in (("本期", told[0]), ("上年同期", told[1])):
                words[name].append(MISSING if row is None else value_text(metric, row, currency))
            words["同比"].append(_growth(metric_id, told[0], told[1]))
            words["同口径同比"].append(_growth(metric_id, told[2], told[3]))
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _growth(metric_id: str, now: Mapping[str, Any] | None, before: Mapping[str, Any] | None) -> str:
    """`+12.3%`, or `+1.2个百分点` of a rate: the difference of the two printed percentages."""
    if now is None or before is None or now["value"] is None or before["value"] is None:
        return MISSING
    metric = CATALOGUE[metric_id]
    if metric.unit == "率":
        here, there = (percent(row["numerator"], row["denominator"]) for row in (now, before))
        if here is None or there is None:
            return MISSING
        return f"{here - there:+,f}个百分点"
    if metric.is_quotient:
        if not before["denominator"] or not before["numerator"] or not now["denominator"]:
            return MISSING
        part = now["numerator"] * before["denominator"]
        whole = before["numerator"] * now["denominator"]
    else:
        part, whole = now["numerator"], before["numerator"]
    if not whole:
        return MISSING
    return f"{rounded((part - whole) / whole * 100, 1):+,f}%"


def landing_differences(filed: pl.DataFrame, ruled: pl.DataFrame) -> pl.DataFrame:
    """Projects whose filed landing and the landing rule differ: project_id, filed_on, ruled_on, by project.

    Both frames have project_id, end_on and landed_on, one as filed (by the rule where nothing is filed) and
    one by the rule (data-model.md section 3, Landing); a landing still to come is none.
    """
    told = [
        frame.select(
            "project_id",
            pl.when(pl.col("landed_on") <= pl.col("end_on")).then("landed_on").alias(name),
        )
        for frame, name in ((filed, "filed_on"), (ruled, "ruled_on"))
    ]
    return (
        told[0]
        .join(told[1], on="project_id")
        .filter(pl.col("filed_on").ne_missing(pl.col("ruled_on")))
        .sort("project_id")
    )


def landing_sentence(filed: int, ruled: int, differences: pl.DataFrame, counts: str) -> str:
    """`本年落地：填报822个，按落地标准推定861个，两者不一致的项目63个；本市以落地标准为准。`"""
    basis = "落地标准" if counts == "rule" else "填报"
    return (
        f"本年落地（亿元以上）：填报{filed:,d}个，按落地标准推定{ruled:,d}个，"
        f"不一致的项目{differences.height:,d}个；本市以{basis}为准。"
    )


def landing_words(differences: pl.DataFrame, rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """The differences under Chinese terms: 项目名称, 责任地区, 填报落地, 按标准落地, 说明."""
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    told = [(row, known[row["project_id"]]) for row in differences.iter_rows(named=True)]

    words = {
        "项目名称": [project["name"] for _, project in told],
        "责任地区": [names.get(project["area_id"], project["area_id"]) for _, project in told],
        "填报落地": [str(row["filed_on"] or MISSING) for row, _ in told],
        "按标准落地": [str(row["ruled_on"] or MISSING) for row, _ in told],
        "说明": [
            "两个时间不同" if row["ruled_on"] else "填报已落地，土地、开工或注册运营时间不支持"
            for row, _ in told
        ],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))
