"""Funnel: where projects stand, what the year has brought against target, and how far one cohort has come."""

import streamlit as st

from saima.answers import (
    cohort,
    conversion_by,
    flows,
    four_rates,
    improvements,
    landings,
    overview_numbers,
    stages,
)
from saima.charts.funnel import cohort_funnel, conversion_bars, flow_bars, rate_bars, stage_bars
from saima.controls import nothing_in, notice, pick_one, pick_scope, pick_stage
from saima.evidence import figure, remark, say, table
from saima.ledgers import STAGES
from saima.metrics import cohort_metric
from saima.transforms.funnel import conversion_sentence, conversion_words
from saima.transforms.overview import METRIC_OF, headline, scope_subject, target_facts
from saima.transforms.rates import FOUR_RATES, landing_sentence, landing_words

scope = pick_scope()
st.title("四个一批漏斗")
stock = stages(scope)

if not stock["projects"].sum():
    nothing_in(scope)
    st.stop()

numbers = overview_numbers(scope)
subject = scope_subject(scope.city_areas, scope.areas, scope.narrowed)
say(headline(scope.city, numbers, scope.period, subject))

stock_column, flow_column = st.columns([6, 6])
with stock_column:
    figure(
        stage_bars,
        stock,
        metric="projects_in_stage",
        scope=scope,
        title="期末存量",
        note="各环节在库项目 · 总投资；无时间证明的按填报阶段计",
        rows=lambda mark: {"stage": (mark[0],)},
        key="stage_stock",
        currency=scope.city.currency,
    )
with flow_column:
    year = flows(scope)
    figure(
        flow_bars,
        year,
        metric="started_projects",
        scope=scope,
        title="本年流量与目标",
        note=f"刻度为序时{'；目标为示例目标' if year['is_example'].any() else ''}",
        rows=lambda mark: {},
        metric_of=lambda mark: METRIC_OF[mark[0]],
        facts=target_facts(year.iter_rows(named=True)),
        key="year_flow",
    )

terms = {stage: scope.city.stage_terms[stage] for stage in STAGES}
with st.container(horizontal=True, vertical_alignment="center", key="cohort_controls"):
    st.markdown("#### 同批转化")
    from_stage = pick_stage(
        "from_stage", "起始环节", {s: f"本年{terms[s]}的项目" for s in ("signed", *STAGES[:-1])}
    )
    to_stage = pick_stage(
        "to_stage",
        "到达环节",
        {s: f"到{terms[s]}" for s in STAGES[STAGES.index(from_stage) + 1 :]},
    )
    by = pick_one("by", "分组", {"area_id": "按地区", "chain": "按产业链"})

funnel = cohort(scope, from_stage)
if funnel.is_empty():
    notice(f"本年到报告期末没有{terms[from_stage]}的项目，换一个起始环节看看。")
    st.stop()

say(conversion_sentence(funnel, to_stage, scope.period))
funnel_column, group_column = st.columns([6, 6])
with funnel_column:
    figure(
        cohort_funnel,
        funnel,
        metric=cohort_metric(from_stage, None, terms),
        scope=scope,
        title="转化漏斗",
        note=f"本年{terms[from_stage]}的同一批项目，到达该环节或其后环节",
        rows=lambda mark: {},
        metric_of=lambda mark: cohort_metric(from_stage, None if mark[0] == from_stage else mark[0], terms),
        key="cohort_funnel",
    )
with group_column:
    groups = conversion_by(scope, from_stage, to_stage, by)
    figure(
        conversion_bars,
        groups,
        metric=cohort_metric(from_stage, to_stage, terms),
        scope=scope,
        title=f"{terms[from_stage]}到{terms[to_stage]}",
        note="转化率 · 到达/同批 · 中位天数",
        rows=lambda mark: {by.removesuffix("_id"): (mark[0],)},
        key="conversion",
    )

table(conversion_words(groups, scope.city.currency), key="conversion_table", label="转化明细")

figure(
    rate_bars,
    four_rates(scope),
    metric=FOUR_RATES,
    scope=scope,
    title="四率",
    note="同一批项目的转化，分母见右；刻度为目标",
    rows=lambda mark: {},
    metric_of=lambda mark: mark[0],
    key="four_rates",
)
table(improvements(scope), key="improvements", label="三提升：数量、质量、体量（与上年同期比）")

found = landings(scope)
remark(landing_sentence(found.filed, found.ruled, found.differences, scope.city.landing))
table(
    landing_words(found.differences, found.rows, scope.area_names),
    key="landings",
    label="落地填报与落地标准不一致的项目",
)
