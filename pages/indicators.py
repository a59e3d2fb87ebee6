"""City indicators: base, latest and goals, told honestly, and the special actions with their projects."""

import streamlit as st

from saima.answers import indicators
from saima.charts.indicators import plan_bars, way_bars
from saima.controls import pick_one, pick_scope
from saima.evidence import figure, remark, say, table
from saima.transforms.indicators import (
    GOAL_TERMS,
    action_words,
    actions_sentence,
    bar_rows,
    chain_line,
    filed_words,
    goal_years,
    indicator_rows,
    indicator_words,
    indicators_sentence,
    of_city,
    plan_metric,
    plan_rows,
    unlisted_line,
)
from saima.wording import period_text

scope = pick_scope()
st.title("城市指标")
mine = of_city(scope.reference.indicators, scope.city_code)

if mine.is_empty():
    say(f"截至{period_text(scope.period)}，{scope.city.name}没有设置城市指标。")
    remark("请在参考数据文件夹的城市指标表里逐行填写指标、基期和目标，专项行动另有一表。")
    st.stop()

known = indicators(scope)
goal, other = goal_years(pick_one("goal", "目标年份", GOAL_TERMS))
rows = indicator_rows(mine, known.filed, goal)
say(indicators_sentence(rows, goal, scope.period, scope.city.name))
if known.filed.is_empty():
    remark("城市指标台账没有报送到本期，下表只有基期和目标；在“台账报送”页报送后就有最近的数。")
if line := unlisted_line(mine, known.filed):
    remark(line)

way_column, plan_column = st.columns([7, 5])
with way_column:
    figure(
        way_bars,
        bar_rows(rows),
        metric="projects_in_stage",
        scope=scope,
        title="从基期到目标走了多少",
        note="目标为深色刻度，超过150%的截断",
        key="ways",
    )
actions = of_city(scope.reference.actions, scope.city_code)
with plan_column:
    figure(
        plan_bars,
        plan_rows(known.actions),
        metric="projects_in_stage",
        scope=scope,
        title="专项行动的项目",
        note="各行动计划下的项目，及有项目的行动",
        rows=lambda mark: {},
        metric_of=lambda mark: plan_metric(mark[0], actions),
        key="plans",
        currency=scope.city.currency,
    )
    remark(actions_sentence(known.actions))
    remark(chain_line(scope.city_chains))

table(
    indicator_words(rows, indicator_rows(mine, known.filed, other), goal),
    key="indicators",
    label="全部指标",
    is_open=True,
)
table(action_words(known.actions), key="actions", label="专项行动与项目")
table(filed_words(known.filed, known.sources), key="filed", label="填报的数（来源文件和行）")
remark(
    "进度＝（最近－基期）÷（目标－基期）；没有基期、按年评价和目标不优于基期的不算进度。口径：本系统默认。"
)
