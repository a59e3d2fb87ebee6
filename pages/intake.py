"""Intake: the empty form to fill in, how to file it, and who has filed."""

import streamlit as st

from saima.controls import pick_scope
from saima.evidence import say, table
from saima.intake.workbook import template
from saima.transforms.overview import filing_sentence, filing_words

scope = pick_scope()
st.title("台账报送")
say(filing_sentence(scope.filing_status, scope.city_areas, scope.period))

table(
    filing_words(scope.filing_status, scope.city_areas, scope.filings),
    key="filings",
    label="各地区报送情况",
    is_open=True,
)

st.download_button(
    f"下载{scope.city.short_name}项目台账空表（XLSX）",
    data=lambda: template("projects", scope.city_code, scope.reference),
    file_name=f"{scope.city.short_name}_项目台账_空表.xlsx",
    mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    on_click="ignore",
)
st.caption("填好后在服务器上报送；先不加 --commit 演练一遍，逐行看清拒收原因，再入库。")
st.code(
    f"python -m saima intake 台账.xlsx --city {scope.city_code} --period {scope.period} --commit",
    language=None,
)
