"""Targets: every number of the documents held against the ledger, in the order of its tree."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

import polars as pl

from saima.metrics import CATALOGUE, EXACT, Metric
from saima.metrics.facts import READINESS, conditions_met, everything, in_stage, reached, stands
from saima.reference import filters_of
from saima.transforms.catalogue import part_text, value_text
from saima.transforms.forecast import forecast_text
from saima.wording import (
    LIGHTS,
    MISSING,
    amount_text,
    count_text,
    hundred_millions_text,
    months_text,
    number_text,
    percent,
    percent_text,
    points_text,
)

COMPARATORS = {">=": "不少于", ">": "超过", "<=": "不超过", "左右": "左右"}

LIGHT_ORDER = ("red", "yellow", "green", "grey")


def target_metric(target: Mapping[str, Any]) -> Metric:
    """What a target measures: its metric under its own id and wording, narrowed by its filters."""
    metric = CATALOGUE[target["metric"]].narrowed(filters_of(target["filters"]))
    return replace(metric, id=target["target_id"], name=target["wording"])


def target_metrics(targets: pl.DataFrame) -> dict[str, Metric]:
    """The metrics of the targets that name one, by target_id, in file order."""
    named = targets.filter(pl.col("metric").is_not_null())
    return {row["target_id"]: target_metric(row) for row in named.iter_rows(named=True)}


def target_tree(targets: pl.DataFrame, paced: pl.DataFrame, forecasts: pl.DataFrame) -> pl.DataFrame:
    """Targets with what stands against them, each parent before its parts, in the order of the file.

    `paced` is the frame of `pace.area_lights`, `forecasts` that of `forecast.year_end_forecasts`, both with
    target_id as metric_id. Returns the columns of `targets`; depth (0 for what stands for itself);
    numerator, denominator, value, projects, of_projects, completion, completion_percent, pace_percent,
    distance, light; the columns of the forecasts; gap (Decimal: what is missing to the target, 0 when met;
    null for rates), months_left (to the day that it is due) and needed (gap a month until then; null when
    there is none left, or no gap). A target without a metric has nulls and the light grey.
    """
    order = _tree_order(targets)
    told = paced.select(
        "numerator",
        "denominator",
        "value",
        "projects",
        "of_projects",
        "completion",
        "completion_percent",
        "pace_percent",
        "distance",
        "light",
        "period",
        target_id="metric_id",
    )
    return (
        order.join(targets, on="target_id", how="left", maintain_order="left")
        .join(told, on="target_id", how="left", maintain_order="left")
        .join(forecasts.rename({"metric_id": "target_id"}), on="target_id", how="left", maintain_order="left")
        .with_columns(light=pl.col("light").fill_null("grey"))
        .pipe(_with_gaps)
    )


def _tree_order(targets: pl.DataFrame) -> pl.DataFrame:
    parts: dict[str | None, list[str]] = {}
    known = set(targets["target_id"])
    for target_id, part_of in targets.select("target_id", "part_of").iter_rows():
        parts.setdefault(part_of if part_of in known else None, []).append(target_id)

    def walked(parent: str | None, depth: int) -> list[tuple[str, int]]:
        return [row for child in parts.get(parent, []) for row in [(child, depth), *walked(child, depth + 1)]]

    return pl.DataFrame(walked(None, 0), {"target_id": pl.String, "depth": pl.Int64}, orient="row")


def _with_gaps(tree: pl.DataFrame) -> pl.DataFrame:
    named = tree.select("metric", "numerator", "value_base", "comparator", "period", "due_on")
    rows = [_gap(row) for row in named.iter_rows(named=True)]
    return tree.with_columns(
        gap=pl.Series([gap for gap, _, _ in rows], dtype=EXACT),
        months_left=pl.Series([months for _, months, _ in rows], dtype=pl.Int64),
        needed=pl.Series([needed for _, _, needed in rows], dtype=EXACT),
    )


def _gap(row: Mapping[str, Any]) -> tuple[Decimal | None, int | None, Decimal | None]:
    """(what is missing, months left, what is needed a month) of a target."""
    if row["period"] is None or row["numerator"] is None:
        return None, None, None
    metric = CATALOGUE[row["metric"]]
    if metric.is_quotient or row["comparator"] == "<=":
        return None, None, None
    whole = metric.unit in {"个", "户"}
    above = 1 if row["comparator"] == ">" and whole else 0
    gap = max(row["value_base"] + above - row["numerator"], Decimal(0))
    months = (row["due_on"].year - int(row["period"][:4])) * 12 + row["due_on"].month - int(row["period"][5:])
    if not gap or months <= 0:
        return gap, max(months, 0), None
    needed = gap / months
    return gap, months, needed.quantize(Decimal(1) if whole else Decimal("0.0001"), ROUND_CEILING)


def row_of(tree: pl.DataFrame, target_id: str) -> dict[str, Any]:
    """That target's row of the tree."""
    return tree.row(by_predicate=pl.col("target_id") == target_id, named=True)


def target_text(row: Mapping[str, Any], currency: str = "元") -> str:
    """The target as a number with its unit: `不少于2,000个`, `超过1,200个`, `≥50%`."""
    value = row["value"] if "value_base" not in row else row["value_base"]
    words = COMPARATORS[row["comparator"]]
    if row["unit"] == "%":
        number = percent_text(percent(value, 1))
    elif row["unit"] in {"万元", "亿元", "万亿元"}:
        number = amount_text(value, currency)
    else:
        number = f"{count_text(int(value))}{row['unit']}"
    return f"{number}{words}" if row["comparator"] == "左右" else f"{words}{number}"


def actual_text(row: Mapping[str, Any], currency: str = "元") -> str:
    """What stands against the target, `—` where no ledger tells."""
    return MISSING if row["metric"] is None else value_text(CATALOGUE[row["metric"]], row, currency)


def needed_text(row: Mapping[str, Any], currency: str = "元") -> str:
    """`需月均96个，近三月月均88个，最好的月份120个（2023-06）`; empty where nothing is needed."""
    if row["metric"] is None or row["needed"] is None:
        return "已完成" if row["gap"] == 0 else ""
    unit = CATALOGUE[row["metric"]].unit
    parts = [f"需月均{part_text(row['needed'], unit, currency)}"]
    if row["recent"] is not None:
        parts.append(f"近三月月均{_mean_text(row['recent'], unit, currency)}")
    if row["best"] is not None:
        parts.append(f"两年内最好的月份{part_text(row['best'], unit, currency)}（{row['best_period']}）")
    return "，".join(parts)


def _mean_text(amount: Decimal, unit: Any, currency: str) -> str:
    return amount_text(amount, currency) if unit == "万元" else f"{number_text(amount, 1)}{unit}"


def target_words(tree: pl.DataFrame, currency: str = "元") -> pl.DataFrame:
    """The tree under Chinese terms, a row for each target.

    Columns: 灯, 目标 (indented by depth), 要求, 实际, 完成, 距序时, 年底预计, 进度要求, 文件, 条款, 说明.
    """
    rows = list(tree.iter_rows(named=True))
    words = {
        "灯": [" ".join(LIGHTS[row["light"]]) if row["metric"] else "台账算不出" for row in rows],
        "目标": ["　" * row["depth"] + ("└ " if row["depth"] else "") + row["wording"] for row in rows],
        "要求": [target_text(row, currency) for row in rows],
        "实际": [actual_text(row, currency) for row in rows],
        "完成": [percent_text(row["completion_percent"]) for row in rows],
        "距序时": [points_text(row["distance"]) if row["distance"] is not None else MISSING for row in rows],
        "年底预计": [_forecast_text(row, currency) for row in rows],
        "进度要求": [needed_text(row, currency) for row in rows],
        "文件": [row["document"] for row in rows],
        "条款": [row["clause"] or "" for row in rows],
        "说明": [row["note"] or "" for row in rows],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def _forecast_text(row: Mapping[str, Any], currency: str) -> str:
    if row["metric"] is None or (row["reason"] is None and row["expected"] is None):
        return ""
    return forecast_text(row, CATALOGUE[row["metric"]], currency)


def targets_sentence(tree: pl.DataFrame, period: str, subject: str) -> str:
    """`1—9月，全市60项目标中，正常20项，关注15项，滞后6项，未到期12项，另有7项台账算不出；……。`"""
    told = tree.filter(pl.col("metric").is_not_null())
    counts = dict(told["light"].value_counts().iter_rows())
    parts = [f"{LIGHTS[light][1]}{counts[light]}项" for light in LIGHT_ORDER if counts.get(light)]
    untold = tree.height - told.height
    sentence = f"{months_text(period)}，{subject}{tree.height}项目标中，{'，'.join(parts)}"
    if untold:
        sentence += f"，另有{untold}项台账算不出"
    behind = told.filter((pl.col("depth") == 0) & (pl.col("distance") < 0)).sort("distance", "target_id")
    if not behind.is_empty():
        row = behind.row(0, named=True)
        sentence += f"；距序时最远的是“{row['wording']}”，{points_text(row['distance'])}"
    return sentence + "。"


def document_sums(targets: pl.DataFrame, currency: str = "元") -> list[str]:
    """What does not add up in the documents, a sentence each, as it stands (data-model.md section 7).

    Of each target with parts: addends that add up to another number, and single parts above the whole.
    """
    whole_city = targets.filter(pl.col("area_id").is_null())
    by_id = {row["target_id"]: row for row in whole_city.iter_rows(named=True)}
    sentences = []
    for target_id, parent in by_id.items():
        parts = [row for row in by_id.values() if row["part_of"] == target_id]
        addends = [row["value_base"] for row in parts if row["part_kind"] == "addend"]
        if addends and sum(addends) != parent["value_base"]:
            total, goal, unit = sum(addends), parent["value_base"], _unit(parent)
            sum_text, apart = (part_text(n, unit, currency) for n in (total, abs(goal - total)))
            sentences.append(
                f"“{parent['wording']}”，所列{len(addends)}个分项合计{sum_text}，"
                f"{'少' if total < goal else '多'}{apart}（{parent['clause']}）"
            )
        sentences += [
            f"“{parent['wording']}”，而{part['clause']}“{part['wording']}”，两数并列，以总体目标为准"
            for part in parts
            if part["part_kind"] == "subset" and part["value_base"] > parent["value_base"]
        ]
        subsets = [row for row in parts if row["part_kind"] == "subset"]
        if len(subsets) > 1:
            total = part_text(sum(row["value_base"] for row in subsets), _unit(parent), currency)
            sentences.append(
                f"“{parent['wording']}”，其中{len(subsets)}项合计{total}，是其中项，含在总数之内，不相加"
            )
    return sentences


def _unit(target: Mapping[str, Any]) -> Any:
    return "万元" if target["unit"] in {"万元", "亿元", "万亿元"} else target["unit"]


DUE_OF = {"started": "start_due_on", "finished": "completion_due_on", "produced": "production_due_on"}
"""The planned date of an event, where the ledger has one."""


def candidates(facts: pl.DataFrame, target: Mapping[str, Any], until: date) -> pl.DataFrame:
    """Projects of the ledger that could still close a target's gap, the surest first.

    `facts` are rows of `project_facts` of one period that meet the target's filters. Returns project_id,
    due_on (planned date of the event, null where the ledger has none), is_overdue, ready (of the four
    conditions), amount (Decimal 万元: of money what the year's plan still holds, else the total investment).
    Of events with a planned date those due by `until`, overdue ones included; of signing and landing, for
    which ledgers hold no planned date, what is in the stage before, the most mature first; of money what
    is planned and not yet spent. Empty for other targets. Source: issue of targets, ours.
    """
    metric = CATALOGUE[target["metric"]]
    rows = facts.with_columns(
        ready=conditions_met(), due_on=pl.lit(None, pl.Date), amount=pl.col("investment_total")
    )
    if metric.event in DUE_OF:
        due = pl.col(DUE_OF[metric.event])
        is_open = stands() & ~reached({"finished": "completed"}.get(metric.event, metric.event))
        is_near = {"finished": reached("started"), "produced": reached("completed")}
        rows = rows.filter(is_open & is_near.get(metric.event, everything()) & (due <= until)).with_columns(
            due_on=due
        )
        order, down = ["due_on", "project_id"], [False, False]
    elif metric.event in {"signed", "landed"}:
        rows = rows.filter(in_stage("planned" if metric.event == "signed" else "signed"))
        order, down = ["ready", "amount", "project_id"], [True, True, False]
    elif "invested_year" in metric.columns and metric.unit == "万元":
        left = pl.col("plan_year") - pl.col("invested_year").fill_null(0)
        rows = rows.filter(stands() & (left > 0)).with_columns(amount=left)
        order, down = ["amount", "project_id"], [True, False]
    else:
        rows, order, down = rows.clear(), ["project_id"], [False]
    return rows.select(
        "project_id",
        "due_on",
        (pl.col("due_on") <= pl.col("end_on")).fill_null(value=False).alias("is_overdue"),
        "ready",
        pl.col("amount").cast(EXACT),
    ).sort(order, descending=down, nulls_last=True)


CANDIDATE_FACTS = (
    *("end_on", "project_id", "stage", "investment_total", "plan_year", "invested_year", "start_due_on"),
    *("completion_due_on", "production_due_on", *READINESS),
)
"""Columns of `project_facts` that candidates are told from."""


def candidates_sentence(found: pl.DataFrame, row: Mapping[str, Any], currency: str = "元") -> str:
    """`距目标还差88个。台账中计划年内应到这一环节而未到的有132个（其中已过计划时间41个），……。`"""
    if not row["gap"]:
        return "" if row["gap"] is None else "目标已经达到。"
    metric = CATALOGUE[row["metric"]]
    missing = f"距目标还差{part_text(row['gap'], metric.unit, currency)}。"
    if metric.event not in {*DUE_OF, "signed", "landed"} and "invested_year" not in metric.columns:
        return missing + "这一目标没有可以推算的计划时间。"
    if found.is_empty():
        return missing + "台账中没有能按计划时间补上缺口的项目。"
    is_money = metric.unit == "万元"
    amount = sum(found["amount"].drop_nulls(), Decimal(0))
    counted = f"{count_text(found.height)}个" + (f"、{amount_text(amount, currency)}" if is_money else "")
    is_enough = (amount if is_money else found.height) >= row["gap"]
    close = "全部实现可补足缺口" if is_enough else "全部实现也补不足缺口"
    if metric.event in DUE_OF:
        overdue = int(found["is_overdue"].sum())
        late = f"（其中已过计划时间{count_text(overdue)}个）" if overdue else ""
        told = f"台账中计划年内应到这一环节而未到的有{counted}{late}"
    elif metric.event:
        told = f"台账没有计划签约和落地的时间，前一环节的项目有{counted}，按成熟度列出"
    else:
        told = f"年度计划尚未完成的项目有{counted}"
    return f"{missing}{told}，{close}。"


def standing_line(values: Mapping[str, Mapping[str, Any]], currency: str = "元") -> str:
    """`与年初计划相比，本年调减计划37个、12.40亿元，推迟计划开工58个。`; `values` by metric."""

    def counted(metric_id: str) -> str:
        number = values[metric_id]["numerator"]
        return MISSING if number is None else count_text(int(number))

    amount = amount_text(values["plans_cut_amount"]["numerator"], currency)
    cut, postponed = counted("plans_cut"), counted("starts_postponed")
    return f"与年初计划相比，本年调减计划{cut}个、{amount}，推迟计划开工{postponed}个。"


def area_target_words(rows: pl.DataFrame, names: Mapping[str, str], currency: str = "元") -> pl.DataFrame:
    """One target area by area under Chinese terms; `rows` is a frame like `target_tree` with area_id."""
    told = list(rows.iter_rows(named=True))
    words = {
        "灯": [" ".join(LIGHTS[row["light"]]) for row in told],
        "地区": [names.get(row["area_id"], row["area_id"]) for row in told],
        "目标": [MISSING if row["value_base"] is None else target_text(row, currency) for row in told],
        "实际": [actual_text(row, currency) for row in told],
        "完成": [percent_text(row["completion_percent"]) for row in told],
        "距序时": [points_text(row["distance"]) if row["distance"] is not None else MISSING for row in told],
        "年底预计": [_forecast_text(row, currency) for row in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


def candidate_words(found: pl.DataFrame, rows: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Candidates under Chinese terms, in their order; `rows` is the frame of `project_rows`.

    Columns: 计划时间, 项目名称, 责任地区, 项目类别, 总投资（亿元）, 成熟度, 形象进度.
    """
    known = {row["project_id"]: row for row in rows.iter_rows(named=True)}
    told = [(row, known[row["project_id"]]) for row in found.iter_rows(named=True)]
    words = {
        "计划时间": [
            MISSING if row["due_on"] is None else f"{row['due_on']}{'（已过）' if row['is_overdue'] else ''}"
            for row, _ in told
        ],
        "项目名称": [project["name"] for _, project in told],
        "责任地区": [names.get(project["area_id"], project["area_id"]) for _, project in told],
        "项目类别": [project["category"] for _, project in told],
        "总投资（亿元）": [hundred_millions_text(project["investment_total"]) for _, project in told],
        "成熟度": [f"{row['ready']}/4" for row, _ in told],
        "形象进度": [project["progress_text"] for _, project in told],
    }
    return pl.DataFrame(words, schema=dict.fromkeys(words, pl.String))


GROUPS = {"first": "总体目标", "behind": "落后最多", "all": "全部主项"}
"""Which targets the figure shows."""

_SHOWN = 12


def target_bar_rows(
    tree: pl.DataFrame, group: str, currency: str = "元"
) -> tuple[pl.DataFrame, list[tuple[str, str]], list[str]]:
    """(rows, labels, hovers) of one of GROUPS, as `charts.targets` wants them.

    Targets that stand for themselves: the first twelve of the file, or all; or the twelve of all furthest
    behind their 序时.
    """
    told = tree.filter(pl.col("completion").is_not_null())
    if group == "behind":
        told = told.filter(pl.col("distance") < 0).sort("distance", "target_id").head(_SHOWN)
    else:
        told = told.filter(pl.col("depth") == 0)
        told = told.head(_SHOWN) if group == "first" else told
    shown = told.with_columns(
        name=pl.when(pl.col("wording").str.len_chars() > 20)
        .then(pl.col("wording").str.slice(0, 19) + "…")
        .otherwise("wording")
    )
    rows = list(shown.iter_rows(named=True))
    labels = [(f"{actual_text(row, currency)} / {target_text(row, currency)}", "") for row in rows]
    return shown, labels, [row["wording"] for row in rows]


def target_facts(row: Mapping[str, Any], currency: str = "元") -> list[tuple[str, str]]:
    """Term and text of where a target comes from and what it asks, for the evidence beside it."""
    facts = [
        ("目标", target_text(row, currency)),
        ("文件", f"{row['document']} {row['clause'] or ''}".strip()),
        ("原文", row["wording"]),
    ]
    if row["filters"]:
        facts.append(("限定", row["filters"]))
    if row["note"]:
        facts.append(("说明", row["note"]))
    return facts


def path_of(months: pl.DataFrame, row: Mapping[str, Any], period: str) -> pl.DataFrame:
    """The months of a target's metric for a figure: year, month, value (Float64), and what the figure says.

    Amounts are 亿元. Adds target (this year's goal), pace (the goal × months ÷ 12 of a flow with 序时), low,
    expected and high (of the forecast, in the last month of this year).
    """
    metric = CATALOGUE[row["metric"]]
    scale = 10_000 if metric.unit == "万元" else 1
    if metric.unit == "率":
        scale = Decimal("0.01")  # type: ignore[assignment]

    def scaled(amount: Decimal | None) -> float | None:
        return None if amount is None else float(amount / scale)

    has_pace = row["pace_percent"] is not None
    rows = [
        {
            "year": int(at[:4]),
            "month": int(at[5:]),
            "value": None if value is None else float(Decimal(repr(value)) / scale),
        }
        for at, value in months.select("period", "value").iter_rows()
        if at <= period
    ]
    return pl.DataFrame(rows, schema={"year": pl.Int64, "month": pl.Int64, "value": pl.Float64}).with_columns(
        target=pl.lit(scaled(row["value_base"]), pl.Float64),
        has_pace=pl.lit(has_pace),
        unit=pl.lit({"万元": "亿元", "率": "%"}.get(metric.unit, metric.unit)),
        **{name: pl.lit(scaled(row[name]), pl.Float64) for name in ("low", "expected", "high")},
    )
