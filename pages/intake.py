"""Intake: who has filed, the desk where files are read, put right and taken in, and what was taken in."""

import streamlit as st

from saima.controls import pick_scope
from saima.desk import (
    compare_revisions,
    due_day,
    filings_of,
    first_scope,
    follow_files,
    offer_template,
    receive_files,
    remind,
    show_filings,
)
from saima.evidence import remark, say
from saima.ledgers import PROJECTS
from saima.transforms.filings import due_sentence, filing_sentence

scope = first_scope() or pick_scope()
st.title("台账报送")
if scope.periods:
    areas, status, calendar = filings_of(PROJECTS, scope)
    say(filing_sentence(status, areas, scope.period))
    remark(due_sentence(calendar, due_day(scope), scope.as_of))
    remind(PROJECTS, scope, calendar, status)
follow_files(scope)

desk, filed = st.columns([5, 7])
with desk:
    receive_files(scope)
with filed:
    show_filings(scope)
compare_revisions(scope)
offer_template(scope)
