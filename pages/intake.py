"""Intake: who has filed, the desk where files are read, put right and taken in, and what was taken in."""

import streamlit as st

from saima import store
from saima.controls import pick_scope
from saima.desk import (
    compare_revisions,
    follow_files,
    offer_template,
    receive_files,
    remind,
    show_filings,
)
from saima.evidence import remark, say
from saima.transforms.filings import (
    calendar_words,
    due_on,
    due_sentence,
    filing_calendar,
    filing_sentence,
    filing_words,
    reminders,
)

scope = pick_scope()
st.title("台账报送")
status = scope.filing_status
due = due_on(scope.period, scope.city.filing_due_day, scope.city.filing_due_month)
first_filed = store.first_filings("projects", scope.city_code, scope.period, scope.as_of)
calendar = filing_calendar(scope.city_areas, status, first_filed, due, scope.as_of)
say(filing_sentence(status, scope.city_areas, scope.period))
remark(due_sentence(calendar, due, scope.as_of))
remind(reminders(calendar, status), scope, due)
follow_files(scope)

desk, filed = st.columns([5, 7])
with desk:
    receive_files(scope)
with filed:
    show_filings(
        calendar_words(calendar, status, scope.period),
        filing_words(status, scope.city_areas, scope.filings, scope.period),
    )
compare_revisions(scope)
offer_template(scope)
