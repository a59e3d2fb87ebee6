"""Saima: the list of pages."""

import gc

import streamlit as st

from saima import store
from saima.controls import notice
from saima.evidence import wear_style
from saima.reference import ReferenceError
from saima.store import StoreError

INTAKE = st.Page("pages/intake.py", title="台账报送", url_path="intake")
PAGES = {
    "看全局": [
        st.Page("pages/overview.py", title="总览", url_path="overview", default=True),
        st.Page("pages/funnel.py", title="四个一批漏斗", url_path="funnel"),
        st.Page("pages/horse_race.py", title="赛马", url_path="horse_race"),
        st.Page("pages/investment_map.py", title="投资地图", url_path="investment_map"),
        st.Page("pages/warnings.py", title="预警", url_path="warnings"),
    ],
    "查明细": [
        st.Page("pages/industry_chain.py", title="产业链", url_path="industry_chain"),
        st.Page("pages/targets.py", title="目标", url_path="targets"),
        st.Page("pages/problems.py", title="受阻问题", url_path="problems"),
        st.Page("pages/funds.py", title="资金", url_path="funds"),
        st.Page("pages/lists.py", title="清单", url_path="lists"),
        st.Page("pages/service.py", title="包保服务", url_path="service"),
        st.Page("pages/rewards.py", title="奖励", url_path="rewards"),
        st.Page("pages/statistics.py", title="入统与手续", url_path="statistics"),
        st.Page("pages/projects.py", title="项目", url_path="projects"),
        st.Page("pages/indicators.py", title="城市指标", url_path="indicators"),
    ],
    "管台账": [INTAKE],
    "开好会": [
        st.Page("pages/calendar.py", title="工作日历", url_path="calendar"),
        st.Page("pages/definitions.py", title="口径", url_path="definitions"),
    ],
}
START = st.Page("pages/start.py", title="开始", url_path="start", default=True)


@st.cache_resource(show_spinner=False)
def _settle() -> None:
    """Set the imported modules aside from the collector that runs after every script run."""
    gc.collect()
    gc.freeze()


_settle()
st.set_page_config(page_title="赛马台", page_icon="static/icon.png", layout="wide")
wear_style()
page = st.navigation(PAGES if store.has_snapshots() else [START, INTAKE])
with st.spinner("正在读取台账……"):
    try:
        page.run()
    except (ReferenceError, StoreError) as problem:
        notice(f"{str(problem).rstrip('。')}。请改正后刷新页面。")
