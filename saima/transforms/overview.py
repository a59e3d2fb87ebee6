"""The overview's cards and sentences: a city's batches in the words of a bulletin."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from saima.metrics import CATALOGUE
from saima.reference import City, LightRules
from saima.transforms.forecast import METHOD, REASONS
from saima.transforms.pace import investment_light, pace_share
from saima.transforms.warnings import CHANGES
from saima.wording import (
    LIGHTS,
    amount_parts,
    amount_text,
    count_text,
    months_text,
    percent,
    percent_text,
    points_text,
)

Number = Mapping[str, Any]

EVENTS = {
    "signed_projects": "signed",
    "landed_projects": "landed",
    "started_projects": "started",
    "completed_projects": "finished",
    "produced_projects": "produced",
    "ramped_projects": "ramped",
}
"""The event that each flow of the funnel page counts."""


METRIC_OF = {event: metric_id for metric_id, event in EVENTS.items()}
"""The metric behind each bar of the funnel page's flows."""


def printed(metric_id: str, numerator: Any, currency: str = "元") -> tuple[str, str]:
    """A metric's value as (number, unit): 个 with thousands, 亿元 by size; rates are printed elsewhere."""
    if CATALOGUE[metric_id].unit == "万元":
        return amount_parts(numerator, currency)
    return count_text(None if numerator is None else int(numerator)), "个"


def batch_rows(
    city: City,
    numbers: pl.DataFrame,
    series: pl.DataFrame,
    period: str,
    forecasts: Mapping[str, Number],
) -> list[dict[str, Any]]:
    """One row of texts for each batch of the city, in its order, as `charts.pace.batch_card` wants it.

    `numbers` is the frame of `answers.paced` with the batches' metrics and those beside them; `series` the
    batches' values by period, `forecasts` rows of `forecast.year_end_forecasts` by metric. Adds metric, and
    facts for its evidence.
    """
    by_metric = {row["metric_id"]: row for row in numbers.iter_rows(named=True)}
    rows = []
    for batch in city.batches:
        metric_id = batch.metric
        if metric_id is None or metric_id not in by_metric:
            continue
        row = by_metric[metric_id]
        number, unit = printed(metric_id, row["numerator"], city.currency)
        # A flow begins anew each January: its line is this year's.
        first = period[:4] if CATALOGUE[metric_id].kind == "flow" else ""
        months = series.filter((pl.col("metric_id") == metric_id) & (pl.col("period") >= first)).select(
            "period", "value"
        )
        rows.append(
            {
                "metric": metric_id,
                "name": batch.name,
                "number": number,
                "unit": unit + _reported(row),
                "months": list(months.iter_rows()),
                "completion": row["completion"],
                "pace": None if row["pace_percent"] is None else float(row["pace_percent"]) / 100,
                "target_text": _target_text(row, city.currency),
                "completion_text": percent_text(row["completion_percent"]) if row["target"] else "",
                "light": None if row["distance"] is None else row["light"],
                "distance_text": _distance_text(row, series, city.currency, period),
                "note": _note(metric_id, by_metric, city.currency, period),
                "forecast": _forecast_line(metric_id, forecasts, city.currency),
                "facts": [*target_facts([row]), *_forecast_facts(metric_id, forecasts)],
            }
        )
    return rows


def headline(city: City, numbers: pl.DataFrame, period: str, subject: str = "全市") -> str:
    """The overview's one sentence, in a bulletin's register: starts first, then whoever is behind.

    `1—9月，全市新开工项目912个，完成年度目标的76.0%，超序时进度1.0个百分点；其中工业项目351个。`
    """
    by_metric = {row["metric_id"]: row for row in numbers.iter_rows(named=True)}
    started = by_metric.get("started_projects")
    if started is None:
        return ""
    parts = [f"{months_text(period)}，{subject}新开工项目{count_text(int(started['numerator']))}个"]
    if started["target"]:
        parts.append(f"完成年度目标的{percent_text(started['completion_percent'])}")
    if started["distance"] is not None:
        parts.append(_spelled(points_text(started["distance"])))
    sentence = "，".join(parts)
    industry = by_metric.get("started_projects_industry")
    if industry is not None and industry["numerator"]:
        sentence += f"；其中工业项目{count_text(int(industry['numerator']))}个"
    behind = [
        f"{batch.name.removesuffix('一批')}{_spelled(points_text(by_metric[batch.metric]['distance']))}"
        for batch in city.batches
        if batch.metric in by_metric
        and batch.metric != "started_projects"
        and (by_metric[batch.metric]["distance"] or 0) < 0
    ]
    return sentence + (f"；{'，'.join(behind)}" if behind else "") + "。"


def flow_rows(paced: pl.DataFrame, city: City) -> pl.DataFrame:
    """Flows against targets for a figure, in the order given.

    Returns event, term, metric_id, projects, target (Int64, null without one), is_example, document,
    clause, completion, pace (shares), completion_text, distance_text, light.
    """
    terms = {**city.stage_terms, "finished": "竣工投产"}
    return pl.DataFrame(
        [
            {
                "event": EVENTS[row["metric_id"]],
                "term": terms[EVENTS[row["metric_id"]]]
                + ("（亿元以上）" if "亿元以上" in CATALOGUE[row["metric_id"]].name else ""),
                "metric_id": row["metric_id"],
                "projects": int(row["numerator"]),
                "target": None if row["target"] is None else int(row["target"]),
                "is_example": row["is_example"],
                "document": row["document"],
                "clause": row["clause"],
                "completion": row["completion"],
                "pace": None if row["pace_percent"] is None else float(row["pace_percent"]) / 100,
                "completion_text": percent_text(row["completion_percent"]),
                "distance_text": points_text(row["distance"]),
                "light": row["light"],
            }
            for row in paced.iter_rows(named=True)
        ],
        schema={
            "event": pl.String,
            "term": pl.String,
            "metric_id": pl.String,
            "projects": pl.Int64,
            "target": pl.Int64,
            "is_example": pl.Boolean,
            "document": pl.String,
            "clause": pl.String,
            "completion": pl.Float64,
            "pace": pl.Float64,
            "completion_text": pl.String,
            "distance_text": pl.String,
            "light": pl.String,
        },
    )


def target_facts(rows: Iterable[Number]) -> list[tuple[str, str]]:
    """Term and source of the targets among these rows, for the evidence beside them."""
    return [
        (f"{CATALOGUE[row['metric_id']].name}目标", f"{row['document']} {row['clause'] or ''}".strip())
        for row in rows
        if row["target"] is not None
    ]


def _spelled(points: str) -> str:
    return points.replace("序时", "序时进度")


def _target_text(row: Number, currency: str) -> str:
    if row["target"] is None:
        return "未设对应目标"
    number, unit = printed(row["metric_id"], row["target"], currency)
    sign = {">": "超", "<=": "不超过 "}.get(row["comparator"], "")
    about = " 左右" if row["comparator"] == "左右" else ""
    return f"{'示例目标' if row['is_example'] else '目标'} {sign}{number} {unit}{about}"


def _reported(row: Number) -> str:
    """`（2,717/2,732个填报）` where an amount is not reported by all; data-model.md section 0."""
    if CATALOGUE[row["metric_id"]].unit != "万元" or row["projects"] == row["of_projects"]:
        return ""
    return f"（{count_text(row['projects'])}/{count_text(row['of_projects'])}个填报）"


def _distance_text(row: Number, series: pl.DataFrame, currency: str, period: str) -> str:
    """Distance to 序时 of a flow; of a stock what came since the year's first snapshot.

    December is no base: the year before counts its own completions in the stock, this year no longer.
    """
    if row["distance"] is not None:
        return points_text(row["distance"])
    if CATALOGUE[row["metric_id"]].kind != "stock":
        return ""
    this_year = series.filter(
        (pl.col("metric_id") == row["metric_id"]) & (pl.col("period") >= period[:4])
    ).sort("period")
    first = this_year.row(0, named=True) if this_year.height else None
    if first is None or first["period"] == period or None in (first["numerator"], row["numerator"]):
        return "○ 存量"
    change = row["numerator"] - first["numerator"]
    word = "减少" if change < 0 else "增加"
    amount = "".join(printed(row["metric_id"], abs(change), currency))
    return f"○ 存量 较{int(first['period'][5:])}月末{word} {amount}"


def _note(metric_id: str, numbers: Mapping[str, Number], currency: str, period: str) -> str:
    month = f"{int(period[5:])}月"
    if metric_id == "planned_investment":
        added, amount = numbers["planned_projects"]["month"], numbers["newly_planned_investment"]["month"]
        if added is None or added < 0:
            return "" if added is None else f"较上期减少 {count_text(-int(added))}个"
        return f"{month}新谋划 {count_text(int(added))}个、{amount_text(amount, currency)}"
    if metric_id == "signed_projects":
        landed = numbers["landing_rate_of_signed"]
        share = percent_text(percent(landed["numerator"], landed["denominator"]))
        return (
            f"当年签约已落地 {count_text(int(landed['numerator']))}/"
            f"{count_text(int(landed['denominator']))}（{share}）"
        )
    if metric_id == "started_projects":
        counts = [int(numbers[f"started_projects{key}"]["numerator"]) for key in ("_industry", "_service")]
        others = int(numbers[metric_id]["numerator"]) - sum(counts)
        return f"工业 {count_text(counts[0])} · 服务业 {count_text(counts[1])} · 其他 {count_text(others)}"
    added = numbers[metric_id]["month"]
    if added is None or CATALOGUE[metric_id].kind != "flow":
        return ""
    word = "较上期减少" if added < 0 else f"{month}新增"
    return f"{word} {' '.join(printed(metric_id, abs(added), currency))}"


def scope_subject(areas: pl.DataFrame, chosen: tuple[str, ...], narrowed: Sequence[str] = ()) -> str:
    """Who a headline speaks of: 全市, the one or two areas chosen, or 所选N个地区; and what narrows them.

    `全市（集成电路 · 亿元以上）`
    """
    names = [name for area, name in areas.select("area_id", "name").iter_rows() if area in chosen]
    where = "、".join(names) if len(names) < 3 else f"所选{len(names)}个地区"
    return (where or "全市") + (f"（{' · '.join(narrowed)}）" if narrowed else "")


def _forecast_line(metric_id: str, forecasts: Mapping[str, Number], currency: str) -> str:
    """`预计年底1,214个（1,142—1,290）`, empty where there is no forecast."""
    row = forecasts.get(metric_id)
    if row is None or row["expected"] is None:
        return ""
    (expected, unit), (low, low_unit), (high, high_unit) = (
        printed(metric_id, row[name], currency) for name in ("expected", "low", "high")
    )
    if unit == low_unit == high_unit:
        return f"预计年底 {expected}{unit}（{low}—{high}）"
    return f"预计年底 {expected}{unit}（{low}{low_unit}—{high}{high_unit}）"


def _forecast_facts(metric_id: str, forecasts: Mapping[str, Number]) -> list[tuple[str, str]]:
    row = forecasts.get(metric_id)
    if row is None:
        return []
    return [("预计", METHOD if row["expected"] is not None else REASONS[row["reason"]])]


def money_lines(
    numbers: pl.DataFrame, forecasts: Mapping[str, Number], period: str, rules: LightRules, currency: str
) -> list[tuple[str, str]]:
    """(light, sentence) of the year's investment: against plan and 序时, and where it is heading."""
    by_metric = {row["metric_id"]: row for row in numbers.iter_rows(named=True)}
    done, planned = by_metric["investment_completion"], by_metric["planned_share"]
    completion = percent(done["numerator"], done["denominator"])
    pace = percent(planned["numerator"], planned["denominator"])
    if completion is None:
        return []
    pace = pace if pace is not None else percent(*pace_share(period))
    distance = completion - (pace or 0)
    lines = [
        (
            investment_light(completion, pace, rules),
            f"本年完成投资 {amount_text(by_metric['invested_year']['numerator'], currency)}；"
            f"有计划的项目完成 {percent_text(completion)}，{points_text(distance)}",
        )
    ]
    if forecast := _forecast_line("invested_year", forecasts, currency):
        lines.append(("grey", forecast))
    return lines


def lights_lines(
    numbers: pl.DataFrame, changes: Mapping[str, int], previous: str | None
) -> list[tuple[str, str]]:
    """(light, sentence) of the projects' lights and what became of them since the last period."""
    by_metric = {row["metric_id"]: row for row in numbers.iter_rows(named=True)}
    counts = " · ".join(
        f"{LIGHTS[light][1]} {_count(by_metric[f'{light}_projects'])} 个"
        for light in ("red", "yellow", "green")
    )
    worst = next(
        (light for light in ("red", "yellow") if by_metric[f"{light}_projects"]["numerator"]), "green"
    )
    lines = [(worst, counts)]
    if previous is not None:
        moved = "、".join(
            f"{CHANGES[change]} {changes[change]:,d}" for change in CHANGES if change != "steady"
        )
        lines.append(("grey", f"较{_month_word(previous)}{moved}"))
    return lines


SUPPORT = (
    "problems_open",
    "problems_overdue",
    "problems_plan_left",
    "problem_resolution_rate",
    "funds_arrived",
    "payment_rate",
    "permits_overdue",
    "permits_in_time_rate",
    "statistics_rate",
    "service_complete_rate",
    "steward_rate",
)
"""Metrics of what carries the projects: problems, money, permits, statistics and service."""


def support_lines(numbers: pl.DataFrame, currency: str = "元") -> list[tuple[str, str]]:
    """(light, sentence) of what carries the projects; a ledger that nobody filed says so.

    `numbers` has SUPPORT. What is past its day is yellow; a rate without a rule of the city's has no light.
    """
    by_metric = {row["metric_id"]: row for row in numbers.iter_rows(named=True)}

    def rate(metric_id: str) -> str:
        row = by_metric[metric_id]
        return percent_text(percent(row["numerator"], row["denominator"]))

    def late(metric_id: str) -> str:
        return "yellow" if by_metric[metric_id]["numerator"] else "green"

    lines = [("grey", "受阻问题台账还没有报送")]
    if by_metric["problems_open"]["numerator"] is not None:
        left = amount_text(by_metric["problems_plan_left"]["numerator"], currency)
        lines = [
            (
                late("problems_overdue"),
                f"受阻问题未办结 {_count(by_metric['problems_open'])} 个，"
                f"办结率 {rate('problem_resolution_rate')}",
            ),
            ("grey", f"受阻项目未完成计划 {left}"),
        ]
    arrived = by_metric["funds_arrived"]["numerator"]
    lines.append(
        ("grey", "资金台账还没有报送")
        if arrived is None
        else ("grey", f"到位资金 {amount_text(arrived, currency)}，支付率 {rate('payment_rate')}")
    )
    lines.append(
        ("grey", "手续台账还没有报送")
        if by_metric["permits_overdue"]["numerator"] is None
        else (
            late("permits_overdue"),
            f"手续逾期 {_count(by_metric['permits_overdue'])} 项，按期办结率 {rate('permits_in_time_rate')}",
        )
    )
    return [
        *lines,
        ("grey", f"入统率 {rate('statistics_rate')}"),
        ("grey", f"五个一完整率 {rate('service_complete_rate')}，服务秘书覆盖率 {rate('steward_rate')}"),
    ]


def month_changes(
    numbers: pl.DataFrame, table: pl.DataFrame, period: str, previous: str | None, currency: str
) -> list[tuple[str, str]]:
    """(light, sentence) of what changed since the last period, at most five: events, ranks, plans, exits."""
    by_metric = {row["metric_id"]: row for row in numbers.iter_rows(named=True)}
    lines: list[tuple[str, str]] = []
    happened = {
        word: by_metric[metric_id]["month"]
        for word, metric_id in (
            ("亿元以上签约", "signed_projects"),
            ("开工", "started_projects"),
            ("竣工投产", "completed_projects"),
        )
        if metric_id in by_metric and by_metric[metric_id]["month"]
    }
    if happened:
        words = "、".join(f"{word} {int(count):+,}" for word, count in happened.items())
        lines.append(("grey", f"{int(period[5:])}月增减：{words}"))
    ranked = table.filter((pl.col("period") == period) & pl.col("change").is_not_null())
    for light, word, change in (
        ("green", "升", ranked["change"].max()),
        ("red", "降", ranked["change"].min()),
    ):
        if isinstance(change, int) and (change > 0 if light == "green" else change < 0):
            rows = ranked.filter(pl.col("change") == change)
            names = "、".join(rows["name"].head(2)) + ("等" if rows.height > 2 else "")
            place = f"至第{rows['rank'][0]}名" if rows.height == 1 else ""
            lines.append((light, f"{names}较{_month_word(previous)}{word}{abs(change)}位{place}"))
    postponed, cut = by_metric["starts_postponed"], by_metric["plans_cut"]
    if postponed["numerator"] or cut["numerator"]:
        amount = amount_text(by_metric["plans_cut_amount"]["numerator"] or 0, currency)
        lines.append(
            (
                "yellow",
                f"本年推迟开工 {_count(postponed)} 个，调减计划 {_count(cut)} 个、{amount}",
            )
        )
    exited = by_metric["exited_projects"]
    if exited["month"] is not None and exited["numerator"]:
        added = int(exited["month"])
        month = (
            f"本期退库 {count_text(added)} 个" if added >= 0 else f"更正后退库减少 {count_text(-added)} 个"
        )
        lines.append(("grey", f"{month}，本年累计 {_count(exited)} 个"))
    return lines


def pending_matters(
    numbers: pl.DataFrame,
    streaks: pl.DataFrame,
    unfiled: list[str],
    owed: int,
    letters: Mapping[str, Sequence[str]],
    currency: str = "元",
    *,
    overdue: Sequence[tuple[str, str]] = (),
) -> list[tuple[str, str]]:
    """(light, sentence) of what waits for a decision, the gravest first, at most eleven.

    `owed` says how many areas owe a written explanation, `letters` which are due each kind of letter,
    `overdue` the lines of `followup.waiting_lines`.
    """
    by_metric = {row["metric_id"]: row for row in numbers.iter_rows(named=True)}
    lines: list[tuple[str, str]] = []
    of_year = by_metric["started_as_planned_rate"]
    waiting = int(of_year["denominator"] - of_year["numerator"])
    earlier = int(by_metric["starts_waiting"]["numerator"]) - waiting
    late = (
        [f"按年初计划应开工 {_count(by_metric['starts_due'])} 个，未开工 {count_text(waiting)} 个"]
        if waiting
        else []
    )
    late += [f"往年应开工未开工 {count_text(earlier)} 个"] if earlier else []
    if late:
        lines.append(("red", "；".join(late)))
    lasting = streaks.filter(pl.col("periods") > 1).head(3)
    if lasting.height:
        named = [f"{name}连续 {count} 期" for name, count in lasting.select("name", "periods").iter_rows()]
        lines.append(("red", f"{'、'.join(named)}居后"))
    talk, warning, reminder = (len(letters[kind]) for kind in ("talk", "warning", "reminder"))
    if talk or owed:
        lines.append(("red", (f"建议约谈 {talk} 个地区；" if talk else "") + f"应书面说明原因 {owed} 个地区"))
    stuck = by_metric["funds_without_work"]["numerator"]
    if stuck:
        lines.append(("red", f"资金到位满 3 个月未形成实物工作量 {amount_text(stuck, currency)}"))
    lines += overdue
    if warning or reminder:
        lines.append(("yellow", f"待发预警通知书 {warning} 份、提醒函 {reminder} 份"))
    for metric_id, words in (
        ("problems_overdue", "受阻问题逾期未办结 {} 个"),
        ("production_waiting", "竣工满 3 个月未投产 {} 个"),
        ("statistics_waiting", "开工满 1 个月未入统 {} 个"),
    ):
        if by_metric[metric_id]["numerator"]:
            lines.append(("yellow", words.format(_count(by_metric[metric_id]))))
    if unfiled:
        lines.append(("yellow", f"{'、'.join(unfiled[:3])}{'等' if len(unfiled) > 3 else ''}本期未报台账"))
    return lines


def _count(row: Number) -> str:
    return count_text(int(row["numerator"]))


def _month_word(period: str | None) -> str:
    return "上期" if period is None else f"{int(period[5:])}月"
