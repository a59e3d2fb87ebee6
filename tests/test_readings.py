"""A report of intake in the words of the desk, on a report small enough to check by hand."""

from typing import Any

import polars as pl

from saima.ledgers import PROJECTS
from saima.transforms.readings import (
    NOT_READ,
    UNIT_OF_FILE,
    can_be_committed,
    chosen_mappings,
    mapping_rows,
    outcome_sentence,
    problem_counts,
    problem_lines,
    problem_words,
    reason_words,
    sheet_words,
    skipped_words,
    subtotal_words,
)


def column(letter: str, heading: str, name: str, **values: Any) -> dict[str, Any]:
    return {
        "letter": letter,
        "heading": heading,
        "key": heading,
        "column": name,
        "how": "本名",
        "confidence": 1.0,
        "unit": None,
        "is_unit_assumed": False,
        **values,
    }


SHEET = {
    "name": "项目",
    "verdict": "taken",
    "why": None,
    "is_visible": False,
    "hidden_rows": 2,
    "header_rows": [3, 4],
    "fingerprint": "abc",
    "columns": [
        column("A", "项目名称", "name"),
        column("C", "总投资", "investment_total", unit="万元", is_unit_assumed=True),
        column("B", "建设单位名", "owner", how="近似", confidence=0.875),
    ],
    "unmapped": [
        {"letter": "AA", "heading": "盘子", "key": "盘子", "suggestion": "plan_year", "confidence": 0.6},
        {"letter": "D", "heading": "杂项", "key": "杂项", "suggestion": None, "confidence": 0.0},
    ],
    "dropped": ["联系电话"],
    "ignored": ["序列"],
}
OTHER = {
    **SHEET,
    "name": "说明",
    "verdict": "left_out",
    "why": "没有表头",
    "is_visible": True,
    "hidden_rows": 0,
}
OTHER |= {"header_rows": [], "columns": [], "unmapped": [], "dropped": [], "ignored": []}
REPORT: dict[str, Any] = {
    "outcome": "refused",
    "revision": None,
    "rows_read": 1200,
    "rows_taken": 1199,
    "rows_refused": 1,
    "rows_skipped": [{"sheet": "项目", "row": 9, "why": "合计行", "text": "合计"}],
    "sheets": [SHEET, OTHER],
    "subtotals": [
        {
            "sheet": "项目",
            "row": 9,
            "text": "合计",
            "term": "总投资",
            "stated": "12",
            "read": "12",
            "agrees": True,
        },
        {
            "sheet": "项目",
            "row": 5,
            "text": "小计",
            "term": "总投资",
            "stated": "7",
            "read": None,
            "agrees": False,
        },
    ],
    "refused": [
        {
            "sheet": "项目",
            "row": 7,
            "column": "责任地区",
            "value": "火星区",
            "rule": "area_is_known",
            "sentence": "甲。",
        }
    ],
    "warnings": [
        {
            "severity": "提示",
            "sheet": None,
            "column": None,
            "value": None,
            "rows": [],
            "rows_total": 0,
            "sentence": "丙。",
        },
        {
            "severity": "存疑",
            "sheet": "项目",
            "column": "总投资",
            "value": "约5",
            "rows": [5, 6, 7, 8],
            "rows_total": 40,
            "sentence": "乙。",
        },
    ],
}


def test_the_outcome_is_one_sentence_with_its_counts() -> None:
    counts = "读到1,200行，可收1,199行，拒收1行，另略过1行。"
    assert outcome_sentence(REPORT) == f"有行被拒收，还没有写入任何数据：{counts}"
    taken = {**REPORT, "outcome": "taken", "revision": "projects/210100/2024-09/r0012"}
    assert outcome_sentence(taken) == f"已入库，成为第12版：{counts}"
    clean = {**REPORT, "outcome": "rehearsed", "rows_refused": 0, "rows_skipped": []}
    assert outcome_sentence(clean) == "试读通过，还没有入库：读到1,200行，可收1,199行。"
    assert outcome_sentence({**REPORT, "rows_read": 0}) == "整份退回，没有写入任何数据。"


def test_what_could_not_be_written_is_read_again_before_it_is_taken_in() -> None:
    assert can_be_committed(REPORT)
    assert can_be_committed({**REPORT, "outcome": "rehearsed", "refused": []})
    assert not can_be_committed({**REPORT, "outcome": "taken", "refused": []})
    assert not can_be_committed({**REPORT, "rows_taken": 0})
    stale = {**REPORT["refused"][0], "rule": "snapshot_is_written"}
    outdated = {**REPORT, "rows_taken": 1200, "rows_refused": 0, "rows_skipped": [], "refused": [stale]}
    assert not can_be_committed(outdated)
    assert outcome_sentence(outdated) == "没有入库，没有写入任何数据：读到1,200行，可收1,200行。"


def test_problems_come_by_severity_with_their_places() -> None:
    assert problem_counts(REPORT) == {"拒收": 1, "存疑": 1, "提示": 1}
    assert problem_lines(REPORT) == ["■ 拒收：甲。", "▲ 存疑：乙。", "● 提示：丙。"]
    assert problem_words(REPORT).rows() == [
        ("■ 拒收", "项目", "7", "责任地区", "火星区", "甲。"),
        ("▲ 存疑", "项目", "5、6、7等40行", "总投资", "约5", "乙。"),
        ("● 提示", None, None, None, None, "丙。"),
    ]


def test_sheets_rows_and_subtotals_are_told_with_what_was_left_out() -> None:
    left_out = "未识别：盘子、杂项；个人信息：联系电话；指定不读：序列"
    assert sheet_words(REPORT).rows() == [
        ("项目（隐藏）", "● 已读", None, "3、4", "2", "3", left_out),
        ("说明", "○ 未读", "没有表头", None, "0", "0", None),
    ]
    assert skipped_words(REPORT).rows() == [("项目", "9", "合计行", "合计")]
    assert subtotal_words(REPORT).rows() == [
        ("▲ 不一致", "项目", "5", "小计", "总投资", "7", "—"),
        ("● 一致", "项目", "9", "合计", "总投资", "12", "12"),
    ]


def test_headings_to_look_at_come_first_in_the_order_of_the_sheet() -> None:
    rows = mapping_rows(SHEET, PROJECTS)
    assert rows.drop("key").rows() == [
        ("▲ 请核对", "B", "建设单位名", "项目单位", UNIT_OF_FILE, "近似（88%）"),
        ("▲ 单位是推定的", "C", "总投资", "总投资", "万元", "本名（100%）"),
        ("▲ 未识别", "D", "杂项", NOT_READ, UNIT_OF_FILE, "—"),
        ("▲ 未识别", "AA", "盘子", NOT_READ, UNIT_OF_FILE, "可能是年度计划投资（60%）"),
        ("● 已认", "A", "项目名称", "项目名称", UNIT_OF_FILE, "本名（100%）"),
    ]


def test_only_what_a_reader_changed_is_a_decision() -> None:
    before = mapping_rows(SHEET, PROJECTS)
    assert chosen_mappings(before, before, PROJECTS) == []
    after = before.with_columns(
        读作=pl.Series(["牵头部门", "总投资", "建设内容", "年度计划投资", NOT_READ]),
        单位=pl.Series([UNIT_OF_FILE, "亿元", UNIT_OF_FILE, "元", "万元"]),
    )
    assert chosen_mappings(before, after, PROJECTS) == [
        ("建设单位名", "lead_unit", None),
        ("总投资", "investment_total", "亿元"),
        ("杂项", "content", None),
        ("盘子", "plan_year", "元"),
        ("项目名称", None, None),
    ]


def test_a_unit_that_a_reader_left_alone_is_left_to_next_months_file() -> None:
    before = mapping_rows(SHEET, PROJECTS)
    is_total = pl.col("表头") == "总投资"
    assert before.filter(is_total)["单位"].to_list() == ["万元"]
    after = before.with_columns(读作=pl.when(is_total).then(pl.lit("协议引资额")).otherwise("读作"))
    assert chosen_mappings(before, after, PROJECTS) == [("总投资", "agreed_amount", None)]


def test_the_reasons_of_a_pair_stand_side_by_side() -> None:
    reasons = [
        {"term": "项目名称", "filed": "甲二期", "known": "甲", "agrees": False},
        {"term": "责任地区", "filed": "东区", "known": "东区", "agrees": True},
    ]
    assert reason_words({"reasons": reasons}).rows() == [
        ("项目名称", "甲二期", "甲", "▲ 不同"),
        ("责任地区", "东区", "东区", "● 一致"),
    ]
