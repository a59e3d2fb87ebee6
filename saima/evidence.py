"""A figure with its proof: the 口径, the filters, the snapshot, and the ledger rows behind every mark."""

import hashlib
import html
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from saima.charts.theme import CONFIG, Look, look_of, style_variables
from saima.controls import ask_for, scope_words
from saima.deck.workbook import evidence_workbook
from saima.ledgers import LEDGERS, STAGE_TERMS
from saima.metrics import CATALOGUE, KIND_TERMS, FactsOf, Metric
from saima.metrics.facts import Filters, narrowed
from saima.scope import LEDGER_OF, Scope
from saima.wording import MISSING, count_text, instant_text, period_text

STYLE = Path(__file__).resolve().parent.parent / "static" / "style.css"

PROJECT_CARD = "pages/projects.py"

PAGE = 50
"""Rows shown at a time; the workbook holds them all."""

Proof = str | Metric | tuple[str | Metric, ...]
"""What a figure proves itself with: a metric of the catalogue, one of its own, or several to pick from."""

_LINEAGE = {
    "filed_period": "所属报送期",
    "revision": "入库次数",
    "source": "来源文件",
    "source_sheet": "工作表",
    "source_row": "行号",
    "project_id": "项目标识",
}


_LARGEST = {
    "investment_total": "总投资",
    "approved": "获批金额",
    "amount_blocked": "涉及投资",
    "amount": "本年累计",
}
"""What rows are ordered by, in words."""


@dataclass(frozen=True)
class Rows:
    """The ledger rows that prove facts: their key, the query that reads them, the order, their terms."""

    key: str
    query: str
    largest: str
    terms: Mapping[str, str]


ROWS: Mapping[FactsOf, Rows] = {
    "project_facts": Rows(
        "project_id",
        "project_rows",
        "investment_total",
        {
            "name": "项目名称",
            "project_code": "项目代码",
            "owner": "项目单位",
            "area": "责任地区",
            "category": "项目类别",
            "chain": "产业链",
            "stage": "环节",
            "investment_total": "总投资（万元）",
            "baseline_plan_year": "年初计划（万元）",
            "plan_year": "年度计划（万元）",
            "invested_year": "本年完成（万元）",
            "agreed_amount": "协议引资额（万元）",
            "planned_on": "谋划",
            "signed_on": "签约",
            "landed_on": "落地",
            "approved_on": "立项",
            "started_on": "开工",
            "finished_on": "竣工投产",
            "produced_on": "投产",
            "ramped_on": "达产达效",
            "exited_on": "退库",
            "start_due_on": "计划开工（年初）",
            "completion_due_on": "计划竣工",
            "stage_reported": "填报阶段",
            "progress_text": "形象进度",
            "leader": "包保领导",
            "responsible_person": "责任人",
            "lead_unit": "牵头部门",
        },
    ),
    "fund_facts": Rows(
        "row_key",
        "fund_rows",
        "approved",
        {
            "name": "项目名称",
            "project_code": "项目代码",
            "owner": "项目单位",
            "area": "责任地区",
            "fund_source": "资金来源",
            "domain": "投向领域",
            "requested": "申请金额（万元）",
            "approved": "获批金额（万元）",
            "approved_on": "获批",
            "issued_on": "下达",
            "arrived": "到位金额（万元）",
            "arrived_on": "到位",
            "paid": "累计支付（万元）",
            "paid_year": "本年支付（万元）",
            "physical_on": "形成实物工作量",
            "social_capital": "带动社会资本（万元）",
        },
    ),
    "problem_facts": Rows(
        "row_key",
        "problem_rows",
        "amount_blocked",
        {
            "name": "项目名称",
            "project_code": "项目代码",
            "area": "责任地区",
            "class": "问题类别",
            "subclass": "问题小类",
            "description": "问题描述",
            "level": "问题层级",
            "amount_blocked": "涉及投资（万元）",
            "raised_on": "提报",
            "due_on": "办结时限",
            "escalated_on": "提级",
            "resolved_on": "办结",
            "unit": "责任单位",
            "resolution": "办理结果",
        },
    ),
    "permit_facts": Rows(
        "row_key",
        "permit_rows",
        "investment_total",
        {
            "name": "项目名称",
            "project_code": "项目代码",
            "owner": "项目单位",
            "area": "责任地区",
            "kind": "手续名称",
            "due_on": "计划办结时间",
            "obtained_on": "取得时间",
        },
    ),
    "statistics_facts": Rows(
        "row_key",
        "statistics_rows",
        "investment_total",
        {
            "name": "统计项目名称",
            "project_code": "项目代码",
            "owner": "法人单位",
            "area": "责任地区",
            "investment_total": "总投资（万元）",
            "invested_total": "累计完成投资（万元）",
            "invested_year": "本年完成投资（万元）",
            "started_on": "开工",
            "entered_statistics_on": "入统",
            "completed_on": "竣工",
        },
    ),
    "economy_facts": Rows(
        "row_key",
        "economy_rows",
        "amount",
        {
            "area": "地区",
            "measure": "指标",
            "value": "本年累计",
            "unit": "计量单位",
            "growth": "同比增长（%）",
            "fund_source": "数据来源",
        },
    ),
}
"""The rows behind each kind of facts; terms in the order shown."""


def figure(
    chart: Callable[..., go.Figure],
    frame: pl.DataFrame,
    *,
    metric: Proof,
    scope: Scope,
    title: str,
    note: str = "",
    rows: Callable[[list[Any]], Filters] | None = None,
    metric_of: Callable[[list[Any]], Proof] | None = None,
    details: Callable[[list[Any]], pl.DataFrame] | None = None,
    key: str,
    facts: Sequence[tuple[str, str]] = (),
    **options: Any,
) -> None:
    """Draw a figure in its block, with its evidence a click away.

    `metric` is what the figure proves itself with; of several the reader picks one. `rows` turns the
    customdata of a clicked mark into filters that narrow the metric's rows, `metric_of` into the mark's
    own metric, `details` into a table shown before its rows.
    """
    clicked_key, chosen_key = f"clicked_{key}", f"chosen_{key}"
    drawn = _drawn(_Drawing.of(chart, frame, reader_look(), options))
    marks = [trace.customdata for trace in drawn.data]

    def note_click() -> None:
        # A click on the mark that is chosen already lets go of it, and asks for its rows no less.
        points = st.session_state[f"figure_{key}"].selection.points
        mark = _mark_of(points[0], marks) if points else st.session_state.get(chosen_key)
        st.session_state[clicked_key] = st.session_state[chosen_key] = mark

    with st.container(key=f"card_{key}"):
        is_asked = _heading(title, note, key)
        st.plotly_chart(
            drawn,
            theme=None,
            key=f"figure_{key}",
            on_select=note_click if rows else "ignore",
            selection_mode="points",
            config=dict(CONFIG),
            width="stretch",
        )
    clicked = st.session_state.pop(clicked_key, None)
    if is_asked:
        show_evidence(metric, scope, title, facts=facts)
    elif clicked and rows:
        show_evidence(
            metric_of(clicked) if metric_of else metric,
            scope,
            title,
            rows(clicked),
            facts,
            details(clicked) if details else None,
        )


@dataclass(frozen=True)
class _Drawing:
    """What a figure is drawn from: the same chart, content, palette and options are the same figure.

    An outline is told by its identity; `draw` holds on to it, so that no other takes its place.
    """

    chart: str
    content: bytes
    look: str
    options: tuple[tuple[str, object], ...]
    draw: Callable[[], go.Figure] = field(compare=False)

    @classmethod
    def of(
        cls, chart: Callable[..., go.Figure], frame: pl.DataFrame, look: Look, options: Mapping[str, Any]
    ) -> "_Drawing":
        told = io.BytesIO()
        frame.write_ipc(told)
        named = ((name, id(it) if isinstance(it, dict) else repr(it)) for name, it in sorted(options.items()))
        return cls(
            chart=f"{chart.__module__}.{chart.__name__}",
            content=hashlib.blake2b(told.getvalue()).digest(),
            look=look.name,
            options=tuple(named),
            draw=lambda: chart(frame, look, **options),
        )


@lru_cache(maxsize=64)
def _drawn(drawing: _Drawing) -> go.Figure:
    """The figure, built once for all readers of it; shared, not to be changed."""
    return drawing.draw()


def block(
    title: str,
    body: str,
    *,
    metric: Proof,
    scope: Scope,
    key: str,
    facts: Sequence[tuple[str, str]] = (),
) -> None:
    """A block of safe HTML (a card, a list) with the same evidence as a figure."""
    with st.container(key=f"card_{key}"):
        st.html(body)
        if st.button("依据与台账", key=f"ask_{key}", type="tertiary"):
            show_evidence(metric, scope, title, facts=facts)


def table(rows: pl.DataFrame, *, key: str, label: str, is_open: bool = False) -> None:
    """A table of values under Chinese terms, folded away below the figures unless it is the page's own."""
    with st.expander(label, expanded=is_open):
        if rows.is_empty():
            # Streamlit's own words for an empty table are English.
            remark("没有。")
            return
        st.dataframe(_dated(rows), hide_index=True, key=key, width="stretch", placeholder=MISSING)


def pick_row(rows: pl.DataFrame, keys: Sequence[str], *, key: str, label: str) -> str | None:
    """A table of values under Chinese terms whose rows can be clicked; the key of the one just clicked."""
    with st.container(key=f"card_{key}"):
        st.html(f'<h4 class="title">{html.escape(label)}</h4>')
        return _clickable(rows, keys, key=key, height=560)


def _clickable(rows: pl.DataFrame, keys: Sequence[str | None], *, key: str, height: int) -> str | None:
    """A table of rows of which each can be clicked; the key of the one just clicked."""
    shown = st.dataframe(
        _dated(rows),
        hide_index=True,
        key=key,
        width="stretch",
        height=min(height, 36 * (rows.height + 1)),
        placeholder=MISSING,
        on_select="rerun",
        selection_mode="single-cell",
    )
    cells = shown.selection.cells
    return keys[cells[0][0]] if cells else None


def facts_list(title: str, facts: Sequence[tuple[str, str]], *, key: str) -> None:
    """A titled list of terms and texts."""
    lines = "".join(f"<dt>{html.escape(term)}</dt><dd>{html.escape(text)}</dd>" for term, text in facts)
    with st.container(key=f"card_{key}"):
        st.html(f'<h4 class="title">{html.escape(title)}</h4><dl class="facts">{lines}</dl>')


def say(sentence: str) -> None:
    """The headline sentence of a page."""
    st.html(f'<h3 class="headline">{html.escape(sentence)}</h3>')


def remark(sentence: str) -> None:
    """A sentence in small print."""
    st.html(f'<p class="remark">{html.escape(sentence)}</p>')


def wear_style() -> None:
    """Put the one style file on, in the reader's palette."""
    st.html(style_variables(reader_look()))
    st.html(STYLE)


def reader_look() -> Look:
    """The palette of the reader's theme."""
    return look_of(st.context.theme.type)


@st.dialog("依据与台账", width="large")
def show_evidence(
    proof: Proof,
    scope: Scope,
    title: str,
    extra: Filters | None = None,
    facts: Sequence[tuple[str, str]] = (),
    details: pl.DataFrame | None = None,
) -> None:
    """The definition of a metric, what was filtered, the snapshot, and the rows, with their XLSX."""
    metric = _proving(proof)
    facts = [*evidence_facts(metric, scope, title), *_marked(extra or {}, scope), *facts]
    proving = proving_keys(metric, scope, extra)
    total, rows = len(proving), ROWS[metric.facts]
    listed = evidence_rows(metric, scope, proving[:PAGE])
    lines = "".join(f"<dt>{html.escape(term)}</dt><dd>{html.escape(text)}</dd>" for term, text in facts)
    st.html(f'<dl class="facts">{lines}</dl>')
    if details is not None:
        st.dataframe(_dated(details), hide_index=True, key="evidence_details", placeholder=MISSING)
    st.html(
        f'<p class="rows">台账行：<b>{count_text(total)}</b> 行'
        + (f"，先列{_LARGEST[rows.largest]}最大的 {PAGE} 行" if total > PAGE else "")
        + ("；点一行看项目卡</p>" if total and metric.facts != "economy_facts" else "</p>")
    )
    if not listed.is_empty():
        # A figure of the city is of no project.
        projects = (
            listed["project_id"].to_list() if "project_id" in listed.columns else [None] * listed.height
        )
        words = shown_rows(metric.facts, listed, scope)
        if project := _clickable(words, projects, key="evidence_table", height=360):
            ask_for("project", project)
            st.switch_page(PROJECT_CARD)
        st.download_button(
            "下载全部台账行（XLSX）",
            data=lambda: evidence_workbook(
                facts, shown_rows(metric.facts, evidence_rows(metric, scope, proving), scope)
            ),
            file_name=f"{scope.city.short_name}{scope.period}_{metric.name}_台账.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            on_click="ignore",
        )


def _proving(proof: Proof) -> Metric:
    """The one metric to prove; of several the reader picks."""
    if isinstance(proof, Metric):
        return proof
    given = (proof,) if isinstance(proof, str) else proof
    metrics = {m.id: m for m in (CATALOGUE[one] if isinstance(one, str) else one for one in given)}
    if len(metrics) == 1:
        return next(iter(metrics.values()))
    chosen = st.selectbox(
        "指标",
        list(metrics),
        format_func=lambda metric_id: metrics[metric_id].name,
        key="evidence_metric",
        label_visibility="collapsed",
    )
    return metrics[chosen or next(iter(metrics))]


def evidence_facts(metric: Metric, scope: Scope, title: str) -> list[tuple[str, str]]:
    """Term and text of everything that makes a number again: 口径, source, filters, snapshot, filing."""
    ledger = LEDGER_OF[metric.facts]
    used = set(scope.filing_status_of(ledger)["filing_id"].drop_nulls())
    filed = scope.filings_of(ledger)
    sources = sorted({str(filing["source"]) for filing in filed if filing["filing_id"] in used})
    facts = [
        ("图表", title),
        ("指标", f"{metric.name}（{KIND_TERMS[metric.kind]}）"),
        ("口径", metric.definition),
        ("口径参照", metric.source),
        ("范围", f"{scope.city.name} {period_text(scope.period)}，{scope_words(scope)}"),
        ("快照", _snapshot_words(scope, ledger)),
        ("来源文件", "、".join(sources[:6]) + (f"等{len(sources)}份" if len(sources) > 6 else "")),
    ]
    if scope.city.dates_from_snapshots:
        facts.append(
            (
                "提示",
                "本城市台账没有环节时间，各环节时间按首次出现的报告期推定，建账首期已在该环节的也计入首期",
            )
        )
    return facts


def _snapshot_words(scope: Scope, ledger: str) -> str:
    """Which revision of a ledger the number is told from; the last one filed where the period has none."""
    known = scope.revisions_of(ledger)
    if not known:
        return f"{scope.city.short_name}{LEDGERS[ledger].term}还没有报送"
    revision = known[-1]
    return (
        f"{scope.city.short_name}{LEDGERS[ledger].term} {revision.period} 第{revision.number}次入库"
        f"（{instant_text(revision.captured_at, has_year=True)}）"
        + ("，示例数据" if revision.is_demonstration or scope.is_demonstration else "")
        + ("" if scope.is_latest else f"，按 {instant_text(scope.as_of, has_year=True)} 时点查询")
    )


def _marked(extra: Filters, scope: Scope) -> list[tuple[str, str]]:
    """The mark that was clicked, in words."""
    areas = scope.area_names
    stages = {**STAGE_TERMS, **scope.city.stage_terms, "unknown": "阶段不明"}
    words = ["、".join(areas.get(word, stages.get(word, word)) for word in said) for said in extra.values()]
    return [("所点", " · ".join(words))] if words else []


def proving_keys(metric: Metric, scope: Scope, extra: Filters | None = None) -> list[str]:
    """Keys of the projects (funds, problems) that the numerator counts, of those that also meet `extra`;
    the largest first."""
    rows = ROWS[metric.facts]
    is_asked = metric.proving & narrowed(extra or {})
    columns = {rows.key, rows.largest, *is_asked.meta.root_names()}
    proving = scope.facts(columns, of=metric.facts).filter(is_asked)
    return proving.sort(rows.largest, rows.key, descending=[True, False], nulls_last=True)[rows.key].to_list()


def evidence_rows(metric: Metric, scope: Scope, keys: Sequence[str]) -> pl.DataFrame:
    """The ledger rows of these keys: the columns of the metric's query of rows, in its order."""
    if metric.facts == "project_facts":
        return scope.ask("project_rows", project_ids=list(keys))
    return scope.ask(ROWS[metric.facts].query, row_keys=list(keys))


def shown_rows(of: FactsOf, rows: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Ledger rows behind such facts under their Chinese terms, with the workbook file and row of each."""
    areas = scope.area_names
    known = scope.filings_of(LEDGER_OF[of])
    sources = {filing["filing_id"]: str(filing["source"]) for filing in known}
    named = rows.rename({"source": "fund_source"}) if "source" in rows.columns else rows
    told = named.with_columns(
        area=pl.col("area_id").replace_strict(areas, default=pl.col("area_id")),
        source=pl.col("filing_id").replace_strict(sources, default=None, return_dtype=pl.String),
    )
    if "stage" in told.columns:
        stages = {**STAGE_TERMS, **scope.city.stage_terms}
        told = told.with_columns(
            stage=pl.col("stage").replace_strict(stages, default=pl.col("stage"))
            + pl.when("is_reported").then(pl.lit("（填报）")).otherwise(pl.lit(""))
        )
    terms = {**ROWS[of].terms, **_LINEAGE}
    # A figure of the city is of no project.
    return told.select(pl.col(name).alias(term) for name, term in terms.items() if name in told.columns)


def _dated(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows with days as text: the browser would add the hour to them."""
    return rows.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"))


def _mark_of(point: Mapping[str, Any], marks: Sequence[Any]) -> list[Any] | None:
    """The customdata of a clicked mark, looked up where Streamlit leaves it out: on the tiles of a treemap.

    None for what stands for no rows, such as the tile of a group.
    """
    mark = point.get("customdata") or marks[point["curve_number"]][point["point_number"]]
    return None if mark is None or mark[0] is None else list(mark)


def _heading(title: str, note: str, key: str) -> bool:
    """The block's title row; whether the evidence was asked for."""
    with st.container(
        key=f"head_{key}", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.html(f'<h4 class="title">{html.escape(title)} <small>{html.escape(note)}</small></h4>')
        return st.button("依据与台账", key=f"ask_{key}", type="tertiary")
