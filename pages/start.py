"""Start: there are no snapshots yet; say so, offer to file a ledger or to build the demonstration ones."""

import streamlit as st

from saima.controls import build_demonstration

st.title("赛马台")
st.info("还没有台账。请先报送一份台账，或生成三个城市的示例台账看看效果。")
st.code("python -m saima intake 台账.xlsx --city 210100 --period 2024-09 --commit", language=None)

with st.container(horizontal=True, vertical_alignment="center"):
    is_building = st.button("生成示例台账", type="primary")
    st.page_link("pages/intake.py", label="报送第一份台账")
if is_building:
    build_demonstration()
