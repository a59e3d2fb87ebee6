"""Rewards on paper: the workbook that goes to those who approve them."""

from functools import partial

import streamlit as st

from saima.answers import Rewards
from saima.deck.approvals import approval_workbook
from saima.scope import Scope
from saima.transforms.rewards import approval_facts, approval_sheets, approval_title


def offer_approval(scope: Scope, known: Rewards) -> None:
    """A download of the workbook, made only when it is asked for."""
    st.download_button(
        "下载奖励审批表（待审批）",
        data=partial(_file, scope, known),
        file_name=f"{scope.city.short_name}{scope.period}_项目奖励_待审批.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        on_click="ignore",
        key="reward_file",
    )


def _file(scope: Scope, known: Rewards) -> bytes:
    names = scope.area_names
    areas = [names[area] for area in scope.areas]
    return approval_workbook(
        approval_title(scope.city.name, scope.period, is_demonstration=scope.is_demonstration),
        approval_facts(known.rows, known.rules, scope.period, areas, scope.narrowed),
        approval_sheets(known.rows, known.projects, names, known.rules),
    )
