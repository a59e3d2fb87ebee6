"""Industry chains: how full each chain is at every stage, and who it hangs on."""

import streamlit as st

from saima.answers import chain_cells, chain_sizes, stages
from saima.charts.chains import chain_stage_matrix, chain_treemap
from saima.controls import nothing_in, pick_one, pick_scope
from saima.evidence import figure, say, table
from saima.transforms.chains import chain_sentence, chain_words, chained

scope = pick_scope()
st.title("产业链")

if not stages(scope)["projects"].sum():
    nothing_in(scope)
    st.stop()

cells = chain_cells(scope)
sizes = chain_sizes(scope)
say(chain_sentence(sizes, scope.period, scope.city.currency))
measure = pick_one(
    "measure",
    "度量",
    {"projects": "项目数", "investment_total": "总投资（亿元）", "median_days": "停留天数（中位）"},
)

matrix_column, tree_column = st.columns([7, 5])
with matrix_column:
    figure(
        chain_stage_matrix,
        cells,
        metric="projects_in_stage",
        scope=scope,
        title="产业链与环节",
        note="期末所处环节；停留天数自该环节时间起算",
        rows=lambda mark: {"stage": (mark[1],), "chain": (mark[0],)},
        key="chain_matrix",
        measure=measure,
        currency=scope.city.currency,
    )
with tree_column:
    figure(
        chain_treemap,
        chained(sizes),
        metric="projects_in_stage",
        scope=scope,
        title="总投资构成",
        note="只含已归链项目",
        rows=lambda mark: {"chain": (mark[0],)},
        key="chain_tree",
        currency=scope.city.currency,
    )

table(chain_words(sizes, scope.city.currency), key="chain_table", label="各产业链规模")
