"""Make the template that an office fills in: every ledger's headings, notes, drop-downs, one example row."""

import io
from datetime import datetime

import xlsxwriter

from saima.intake.workbook import EXAMPLE_MARK
from saima.ledgers import LEDGERS, Column, Ledger
from saima.reference import City, Reference


def template(ledger_name: str, city_code: str, reference: Reference) -> bytes:
    """An XLSX file to fill in: headings with unit and note, drop-downs, one example row.

    Every heading is one that intake knows; the example row is left out by intake. Raises
    ReferenceError for an unknown city, KeyError for an unknown ledger.
    """
    ledger, city = LEDGERS[ledger_name], reference.city(city_code)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    # The same template has the same bytes, whenever it is made.
    book.set_properties({"title": f"{city.name}{ledger.term}模板", "created": datetime(2024, 1, 1)})  # noqa: DTZ001
    sheet = book.add_worksheet(ledger.term)
    choices = book.add_worksheet("选项")
    choices.hide()
    frame = {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1}
    heading_format = book.add_format({**frame, "bg_color": "#E8EEF5"})
    required_format = book.add_format({**frame, "bg_color": "#1B4F8F", "font_color": "#FFFFFF"})
    example_format = book.add_format({"italic": True, "font_color": "#7C8797", "num_format": "@"})
    formats = {
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "money": book.add_format({"num_format": "#,##0.####"}),
    }
    sheet.set_row(0, 36)
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(ledger.filed):
        is_required = column.is_required or (column.name == "area_text" and ledger.name == "projects")
        words = _choices(column, city, reference)
        sheet.write_string(
            0, index, heading(column, city), required_format if is_required else heading_format
        )
        sheet.write_comment(0, index, ("必填。" if is_required else "") + _note(column, ledger, city))
        kind = _FORMATS.get(column.kind, "text")
        sheet.set_column(index, index, 30 if column.name in _WIDE else 15, formats[kind])
        sheet.write_string(1, index, _example(column, ledger, words), example_format)
        if words:
            choices.write_column(0, index, words)
            letter = xlsxwriter.utility.xl_col_to_name(index)
            sheet.data_validation(
                2,
                index,
                20_000,
                index,
                {
                    "validate": "list",
                    "source": f"=选项!${letter}$1:${letter}${len(words)}",
                    "error_type": "stop"
                    if column.kind == "flag" or column.name == "area_text"
                    else "warning",
                    "error_title": "请核对",
                    "error_message": "下拉列表中没有这个值",
                },
            )
    book.close()
    return target.getvalue()


_FORMATS = {"date": "date", "money": "money", "foreign": "money", "number": "money", "percent": "money"}
"""Format of a column by its kind; text where none is said."""

_WIDE = {"name", "content", "description", "resolution", "text", "note", "reply"}
"""Columns of whole sentences."""


def heading(column: Column, city: City) -> str:
    """How the template heads a column: its term, with the unit of an amount."""
    term = column.term.removesuffix("（原文）")
    units = {"money": f"（万{city.currency}）", "foreign": "（万美元）", "percent": "（%）"}
    unit = units.get(column.kind, "")
    return term + unit


def _choices(column: Column, city: City, reference: Reference) -> list[str]:
    if column.kind == "flag":
        return ["是", "否"]
    ours = {
        "area_text": reference.areas_of(city.code)["name"],
        "category_text": reference.categories["category"],
        "chain_text": reference.chains.filter(city=city.code)["chain"],
        "park_id": reference.parks.filter(city=city.code)["name"],
    }
    if column.name == "stage_reported":
        return list(dict.fromkeys(city.stage_terms.values()))
    return ours[column.name].to_list() if column.name in ours else list(column.values)


def _note(column: Column, ledger: Ledger, city: City) -> str:
    if column.name == ledger.own_id:
        return "本单位自己的编号，按文本填写，同一事项每月不变；没有编号的留空，由系统识别。"
    if column.name == "area_text" and ledger.is_of_city:
        return "从下拉列表选择；全市的留空，市直单位填“市本级”。"
    if column.name == "area_text" and ledger.name != "projects":
        return "从下拉列表选择；留空的按项目台账里该项目的责任地区。"
    notes = {
        "project_code": "国家统一代码，24 位，按文本填写；还没有赋码的留空。",
        "parent_id": "属于打包项目的，填打包项目的项目代码或名称。",
        "area_text": "从下拉列表选择；跨地区或不属于任何地区的填“未分区”，市直单位填“市本级”。",
        "tags": "写成“类别:值”，多个用顿号分开。",
        "lists": "多个清单用顿号分开。",
        "longitude": f"{city.coordinates} 坐标，十进制度。",
        "latitude": f"{city.coordinates} 坐标，十进制度。",
        "project_ids": "项目台账里的项目名称或项目代码，多个用顿号分开。",
        "closing_field": "项目台账的列标题，如 实际开工时间；办结的依据在这一列。",
        "closing_value": "那一列是这个值时就算办结；有值就算办结的留空。",
        "unit": "责任单位的名称。"
        if "person" in ledger.schema or "level" in ledger.schema
        else "如 亿元、亩、%。",
    }
    kinds = {
        "money": f"单位：万{city.currency}，只填数字；没有数的留空，不要填 0。",
        "foreign": "单位：万美元，只填数字；没有数的留空，不要填 0。",
        "number": "只填数字；没有数的留空，不要填 0。",
        "percent": "单位：%，5.2% 填 5.2；没有数的留空，不要填 0。",
        "month": "如 2024-09。",
        "year": "如 2024。",
        "date": "填到日，如 2024-09-15；只知道月份的填 2024年9月。",
        "flag": "是 或 否；不清楚的留空。",
        "texts": "多个用顿号分开。",
        "code": "按文本填写。",
    }
    return notes.get(column.name) or kinds.get(column.kind, "文字；没有的留空。")


def _example(column: Column, ledger: Ledger, words: list[str]) -> str:
    if column.name == _marked(ledger):
        return f"{EXAMPLE_MARK}{_EXAMPLES[ledger.name].get(column.name, '')}（本行不会入库）"
    return _EXAMPLES[ledger.name].get(column.name) or (words[0] if words else "")


def _marked(ledger: Ledger) -> str:
    """The column that says what a row is: the example carries the mark there."""
    texts = [column for column in ledger.filed if column.kind == "text" and not column.values]
    required = [column.name for column in texts if column.is_required]
    return "name" if "name" in ledger.schema else (required or [texts[-1].name])[0]


_PROJECT = {
    "name": "智能装备产业园一期",
    "project_code": "2409-210102-04-01-123456",
    "owner": "某某装备有限公司",
}

_EXAMPLES = {
    "projects": _PROJECT
    | {
        "investment_total": "120000",
        "plan_year": "30000",
        "invested_year": "18000",
        "signed_on": "2024-03-15",
        "started_on": "2024年6月",
        "completion_due_on": "2026年",
    },
    "plans": _PROJECT | {"month": "2024-09", "planned_amount": "2500"},
    "problems": _PROJECT
    | {
        "description": "10 千伏临时用电尚未接入，影响桩基施工",
        "class": "市政配套",
        "amount_blocked": "8000",
        "raised_on": "2024-08-12",
        "due_on": "2024年10月",
        "unit": "某某供电公司",
    },
    "funds": _PROJECT
    | {
        "requested": "5000",
        "approved": "3000",
        "approved_on": "2024-05-20",
        "arrived": "3000",
        "arrived_on": "2024年6月",
        "paid": "1200",
        "paid_year": "1200",
    },
    "permits": _PROJECT | {"kind": "施工许可", "due_on": "2024-09-30", "obtained_on": "2024-09-12"},
    "statistics": _PROJECT
    | {
        "investment_total": "120000",
        "invested_total": "26000",
        "invested_year": "18000",
        "started_on": "2024年6月",
        "entered_statistics_on": "2024年7月",
    },
    "promotion": _PROJECT
    | {"investment_total": "120000", "agreed_amount": "100000", "signed_on": "2024-03-15"},
    "economy": {
        "measure": "工业投资",
        "value": "356.2",
        "unit": "亿元",
        "growth": "5.2",
        "source": "市统计局",
    },
    "indicators": {"measure": "地区生产总值", "no": "1", "year": "2023", "value": "8122.1", "unit": "亿元"},
    "activities": {
        "kind": "现场会",
        "held_on": "2024-09-18",
        "chair": "某某",
        "attended": "某某区、某某局",
        "project_ids": "智能装备产业园一期",
        "note": "观摩新开工项目",
    },
    "decisions": _PROJECT
    | {
        "text": "9 月底前完成场地移交",
        "decided_in": "2024-09",
        "unit": "某某局",
        "person": "某某",
        "due_on": "2024-09-30",
        "closing_field": "实际开工时间",
    },
    "letters": _PROJECT
    | {
        "kind": "督办函",
        "about_period": "2024-08",
        "issued_on": "2024-09-05",
        "reply_due_on": "2024-09-12",
    },
}
"""What the example row of each ledger says; a column that it lacks shows the first of its usual words."""
