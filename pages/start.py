"""Start: there are no snapshots yet; offer to build the demonstration ledgers."""

import streamlit as st

from saima import demo, reference

st.title("赛马台")
st.info(
    "还没有台账。可以用命令 `python -m saima intake 文件 --city 城市代码 --period 年-月 --commit` 报送第一份台账，"
    "或先生成三个城市的示例台账看看效果。"
)
if st.button("生成示例台账", type="primary"):
    bar = st.progress(0.0, text="正在生成示例台账…")
    demo.build(reference.load(), progress=lambda done, total, text: bar.progress(done / total, text=text))
    st.rerun()
