"""Investment map: rates as areas, amounts as circles, and the sorted bars beside them."""

import streamlit as st

from saima.answers import investment, map_values, outline, stages, unplaced_projects
from saima.charts.geography import area_bars, rate_map
from saima.charts.pace import investment_bars
from saima.controls import nothing_in, pick_metric, pick_one, pick_scope
from saima.evidence import figure, remark, say
from saima.metrics import CATALOGUE
from saima.transforms.geography import map_sentence, window_of

RATES = (
    "investment_completion",
    "started_projects",
    "signed_projects",
    "landed_projects",
    "completed_projects",
    "started_as_planned_rate",
    "start_rate_of_signed",
    "landing_rate_of_signed",
)
AMOUNTS = ("invested_year", "plan_year", "started_investment", "signed_investment")

scope = pick_scope()
st.title("投资地图")

with st.container(horizontal=True, vertical_alignment="center", key="map_controls"):
    metric = pick_metric("rate", RATES)
    circle = pick_metric("amount", AMOUNTS)
    extent = (
        pick_one("extent", "范围", {"city": "全域", "centre": "中心城区"})
        if scope.city.map_centre
        else "city"
    )

values, boundary = map_values(scope, metric, circle), outline(scope)

if not stages(scope)["projects"].sum():
    nothing_in(scope)
    st.stop()

say(map_sentence(values, metric, scope.period))

map_column, bar_column = st.columns([7, 5])
with map_column:
    if boundary is None:
        st.info("本市还没有边界文件，暂不画图。用 scripts/build_boundary.py 生成，或放入经审定的边界。")
    else:
        figure(
            rate_map,
            values,
            metric=metric,
            scope=scope.everywhere,
            title=CATALOGUE[metric].name
            if CATALOGUE[metric].unit == "率"
            else f"{CATALOGUE[metric].name}完成率",
            note=f"圆：{CATALOGUE[circle].name}",
            rows=lambda mark: {"area": (mark[0],)},
            key="rate_map",
            boundary=boundary,
            label=CATALOGUE[metric].name,
            circle=CATALOGUE[circle].name,
            window=window_of(scope.city.map_centre) if extent == "centre" else None,
            approval=scope.city.approval_number,
            currency=scope.city.currency,
            height=520,
        )
with bar_column:
    figure(
        area_bars,
        values,
        metric=metric,
        scope=scope.everywhere,
        title="各地区",
        note="由高到低",
        rows=lambda mark: {"area": (mark[0],)},
        key="area_bars",
    )

figure(
    investment_bars,
    investment(scope),
    metric=("investment_completion", "investment_completion_of_baseline", "planned_share"),
    scope=scope,
    title="年度投资与计划",
    note="本年完成/年度计划，只计两项都填报的项目；刻度为资金序时，低10个百分点为黄、低30个以上为红（本系统默认）",
    rows=lambda mark: {"area": (mark[0],)},
    key="investment_bars",
    currency=scope.city.currency,
)

placed, unplaced = unplaced_projects(scope)
remark(
    f"本期在库项目中，{placed} 个有坐标，{unplaced} 个没有。"
    "市本级和未分区项目计入全市，不在图上着色；圆点所示功能区画在所在地区上。"
)
