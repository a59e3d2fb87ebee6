"""Definitions: every metric of the catalogue with its 口径 and its value for the scope."""

import streamlit as st

from saima.answers import catalogue_values
from saima.controls import pick_one, pick_scope
from saima.evidence import say, show_evidence
from saima.metrics import CATALOGUE, KIND_TERMS
from saima.transforms.catalogue import catalogue_sentence, metric_words

scope = pick_scope()
st.title("口径")

values = catalogue_values(scope)
say(catalogue_sentence(values, scope.period))

with st.container(horizontal=True, vertical_alignment="center", key="catalogue_controls"):
    kind = pick_one("kind", "类型", {"all": "全部", **KIND_TERMS})
    sought = st.text_input(
        "查找", placeholder="查找指标、口径或文件", key="sought", label_visibility="collapsed", width=320
    ).strip()

words = metric_words(values, scope.city.currency).with_columns(values["metric_id"])
kept = [
    row
    for row in words.iter_rows(named=True)
    if (kind == "all" or CATALOGUE[row["metric_id"]].kind == kind)
    and sought in f"{row['指标']} {row['口径']} {row['口径参照']}"
]
if not kept:
    st.info("没有这样的指标，换一个词或类型看看。")
    st.stop()

shown = words.filter(words["metric_id"].is_in([row["metric_id"] for row in kept]))
chosen = st.dataframe(
    shown.select("指标", "类型", "数值", "分子", "分母", "口径", "目标", "填报", "方向", "口径参照"),
    hide_index=True,
    key="catalogue",
    height=560,
    on_select="rerun",
    selection_mode="single-row",
    column_config={
        "指标": st.column_config.TextColumn(width=220, pinned=True),
        "数值": st.column_config.TextColumn(width=110, alignment="right"),
        "分子": st.column_config.TextColumn(width=110, alignment="right"),
        "分母": st.column_config.TextColumn(width=110, alignment="right"),
        "口径": st.column_config.TextColumn(width=430),
        "目标": st.column_config.TextColumn(width=96, alignment="right"),
        "填报": st.column_config.TextColumn(width=96, alignment="right"),
    },
)
for place in chosen.selection.rows:
    metric = CATALOGUE[shown["metric_id"][place]]
    if st.button(f"依据与台账：{metric.name}", key="ask_catalogue"):
        show_evidence(metric, scope, metric.name)
