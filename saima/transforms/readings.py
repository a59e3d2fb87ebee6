"""What intake's JSON report says of a file, as sentences and tables for a reader."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from saima.ledgers import Ledger
from saima.wording import MISSING, count_text

Report = Mapping[str, Any]

SEVERITIES = {"拒收": "■", "存疑": "▲", "提示": "●"}
"""Severities of problems, the gravest first, with the shape of each."""

NOT_READ = "不读取"
"""What a reader chooses for a heading that is no column of the ledger."""

UNIT_OF_FILE = "按文件"
"""What a reader chooses where the file's own unit is right."""

SURE = 0.9
"""Confidence below which a heading is put first, to be looked at."""


def outcome_sentence(report: Report) -> str:
    """`试读通过，还没有入库：读到120行，可收120行。`, or what came of it otherwise."""
    skipped = len(report["rows_skipped"])
    counts = (
        f"读到{count_text(report['rows_read'])}行，可收{count_text(report['rows_taken'])}行"
        + (f"，拒收{count_text(report['rows_refused'])}行" if report["rows_refused"] else "")
        + (f"，另略过{count_text(skipped)}行" if skipped else "")
    )
    if report["outcome"] == "taken":
        return f"已入库，成为第{int(report['revision'].rpartition('/r')[2])}版：{counts}。"
    if report["outcome"] == "rehearsed":
        return f"试读通过，还没有入库：{counts}。"
    if not report["rows_read"]:
        return "整份退回，没有写入任何数据。"
    if not can_be_committed(report):
        return f"没有入库，没有写入任何数据：{counts}。"
    return f"有行被拒收，还没有写入任何数据：{counts}。"


def can_be_committed(report: Report) -> bool:
    """Whether what was read may be taken in as it stands, the refused rows left out."""
    is_stale = any(problem["rule"] == "snapshot_is_written" for problem in report["refused"])
    return report["outcome"] != "taken" and report["rows_taken"] > 0 and not is_stale


def problem_counts(report: Report) -> dict[str, int]:
    """How many problems there are of each severity, the gravest first; each place counts."""
    counts = Counter({"拒收": len(report["refused"])})
    for warning in report["warnings"]:
        counts[warning["severity"]] += 1
    return {severity: counts[severity] for severity in SEVERITIES}


def problem_lines(report: Report) -> list[str]:
    """Every problem as a sentence under its shape, the gravest first."""
    return [
        f"{SEVERITIES[problem['severity']]} {problem['severity']}：{problem['sentence']}"
        for problem in _problems(report)
    ]


def problem_words(report: Report) -> pl.DataFrame:
    """Every problem, the gravest first: 程度, 工作表, 行, 列, 值, 问题和办法."""
    problems = _problems(report)
    return _table(
        {
            "程度": [f"{SEVERITIES[problem['severity']]} {problem['severity']}" for problem in problems],
            "工作表": [problem["sheet"] for problem in problems],
            "行": [_rows_text(problem["rows"], problem["rows_total"]) for problem in problems],
            "列": [problem["column"] for problem in problems],
            "值": [problem["value"] for problem in problems],
            "问题和办法": [problem["sentence"] for problem in problems],
        }
    )


def sheet_words(report: Report) -> pl.DataFrame:
    """Every sheet with its verdict: 工作表, 读取, 说明, 表头行, 隐藏行数, 读取列数, 未读列."""
    sheets = report["sheets"]
    return _table(
        {
            "工作表": [sheet["name"] + ("" if sheet["is_visible"] else "（隐藏）") for sheet in sheets],
            "读取": ["● 已读" if sheet["verdict"] == "taken" else "○ 未读" for sheet in sheets],
            "说明": [sheet["why"] for sheet in sheets],
            "表头行": ["、".join(map(str, sheet["header_rows"])) or None for sheet in sheets],
            "隐藏行数": [count_text(sheet["hidden_rows"]) for sheet in sheets],
            "读取列数": [count_text(len(sheet["columns"])) for sheet in sheets],
            "未读列": [_left_out(sheet) or None for sheet in sheets],
        }
    )


def skipped_words(report: Report) -> pl.DataFrame:
    """Rows that are none of the ledger: 工作表, 行, 判断, 内容."""
    rows = report["rows_skipped"]
    return _table(
        {
            "工作表": [row["sheet"] for row in rows],
            "行": [str(row["row"]) for row in rows],
            "判断": [row["why"] for row in rows],
            "内容": [row["text"] for row in rows],
        }
    )


def subtotal_words(report: Report) -> pl.DataFrame:
    """Subtotals against what was read, differences first: 核对, 工作表, 行, 合计行, 列, 表中数, 读得数."""
    checks = sorted(report["subtotals"], key=lambda check: bool(check["agrees"]))
    return _table(
        {
            "核对": ["● 一致" if check["agrees"] else "▲ 不一致" for check in checks],
            "工作表": [check["sheet"] for check in checks],
            "行": [str(check["row"]) for check in checks],
            "合计行": [check["text"] for check in checks],
            "列": [check["term"] for check in checks],
            "表中数": [_number(check["stated"]) for check in checks],
            "读得数": [_number(check["read"]) for check in checks],
        }
    )


def column_choices(ledger: Ledger) -> dict[str, str]:
    """What a heading may stand for: Chinese term by column name, in the ledger's order."""
    return {column.name: column.term.removesuffix("（原文）") for column in ledger.filed}


def mapping_rows(sheet: Mapping[str, Any], ledger: Ledger) -> pl.DataFrame:
    """The headings of a sheet with what each was taken for, those to look at first.

    Columns key (of a decision), 核对, 列, 表头, 读作, 单位, 依据: `读作` is a term of `column_choices` or
    NOT_READ, `单位` as understood, UNIT_OF_FILE where there is none.
    """
    terms = column_choices(ledger)
    rows = [
        {
            "key": column["key"],
            "核对": _look(column),
            "列": column["letter"],
            "表头": column["heading"],
            "读作": terms[column["column"]],
            "单位": column["unit"] or UNIT_OF_FILE,
            "依据": f"{column['how']}（{round(column['confidence'] * 100)}%）",
        }
        for column in sheet["columns"]
    ]
    rows += [
        {
            "key": heading["key"],
            "核对": "▲ 未识别",
            "列": heading["letter"],
            "表头": heading["heading"],
            "读作": NOT_READ,
            "单位": UNIT_OF_FILE,
            "依据": f"可能是{terms[heading['suggestion']]}（{round(heading['confidence'] * 100)}%）"
            if heading["suggestion"]
            else MISSING,
        }
        for heading in sheet["unmapped"]
    ]
    rows.sort(key=lambda row: (row["核对"] == "● 已认", len(row["列"]), row["列"]))
    return pl.DataFrame(rows, schema=dict.fromkeys(("key", *_MAPPING), pl.String))


def chosen_mappings(
    before: pl.DataFrame, after: pl.DataFrame, ledger: Ledger
) -> list[tuple[str, str | None, str | None]]:
    """What a reader changed in the frame of `mapping_rows`: (key, column or None: left out, unit or None).

    A unit that the reader left alone is this file's: next month's may be in another one.
    """
    names = {term: name for name, term in column_choices(ledger).items()}
    chosen = []
    for was, now in zip(before.to_dicts(), after.to_dicts(), strict=True):
        if (was["读作"], was["单位"]) != (now["读作"], now["单位"]):
            is_of_file = now["单位"] in {was["单位"], UNIT_OF_FILE} or now["读作"] == NOT_READ
            chosen.append((now["key"], names.get(now["读作"]), None if is_of_file else now["单位"]))
    return chosen


def reason_words(candidate: Mapping[str, Any]) -> pl.DataFrame:
    """Why a row may be a known project, field by field: 项, 本次填报, 已有项目, 是否一致."""
    reasons = candidate["reasons"]
    return _table(
        {
            "项": [reason["term"] for reason in reasons],
            "本次填报": [reason["filed"] or MISSING for reason in reasons],
            "已有项目": [reason["known"] or MISSING for reason in reasons],
            "是否一致": [_agreement(reason) for reason in reasons],
        }
    )


def _agreement(reason: Mapping[str, Any]) -> str:
    if reason["agrees"]:
        return "● 一致"
    if reason["filed"] is None or reason["known"] is None:
        return "○ 没有填，无法比较"
    return "▲ 不同"


_MAPPING = ("核对", "列", "表头", "读作", "单位", "依据")


def _problems(report: Report) -> list[dict[str, Any]]:
    """Refusals and warnings in one shape, the gravest first, else as the report has them."""
    refused = [
        {**problem, "severity": "拒收", "rows": [problem["row"]], "rows_total": 1}
        for problem in report["refused"]
    ]
    warned = sorted(report["warnings"], key=lambda problem: list(SEVERITIES).index(problem["severity"]))
    return [*refused, *warned]


def _look(column: Mapping[str, Any]) -> str:
    if column["is_unit_assumed"]:
        return "▲ 单位是推定的"
    return "● 已认" if column["confidence"] >= SURE else "▲ 请核对"


def _left_out(sheet: Mapping[str, Any]) -> str:
    """Headings that are not read, by reason."""
    kinds = {
        "未识别": [heading["heading"] for heading in sheet["unmapped"]],
        "个人信息": sheet["dropped"],
        "指定不读": sheet["ignored"],
    }
    return "；".join(f"{kind}：{'、'.join(headings)}" for kind, headings in kinds.items() if headings)


def _rows_text(rows: Sequence[int | None], total: int) -> str | None:
    shown = [str(row) for row in rows[:3] if row is not None]
    return ("、".join(shown) + (f"等{count_text(total)}行" if total > len(shown) else "")) or None


def _number(value: Any) -> str:
    return MISSING if value is None else str(value)


def _table(columns: Mapping[str, Sequence[str | None]]) -> pl.DataFrame:
    return pl.DataFrame(dict(columns), schema=dict.fromkeys(columns, pl.String))
