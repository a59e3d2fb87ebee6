"""Ledgers as offices send them: a clean ledger with its exact values, dirtied by traps, in a real file.

A `Recipe` says which traps, how many projects and which seed, and always makes the same workbook.
`made(recipe)` returns the workbook beside what must be stored of it; `judging` compares.
Sources of the traps: `workbooks.md` section 1 and `domain.md` 3.6.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path
from random import Random
from typing import Any

from grids import CARRIAGE, FORMATS, Cell, Fault, Formula, Grid, Shown

CITY, YEAR, MONTH = "210100", 2024, 9
PERIOD = f"{YEAR}-{MONTH:02}"
PERIOD_END = date(2024, 9, 30)

TRAPS: dict[str, str] = {
    **{name: f"文件格式：{name}" for name in FORMATS if name != "xlsx"},
    "titles": "表头以上有标题、编制单位、填报日期",
    "deep header": "表头在第 20 行以内的任意行",
    "two rows of headings": "两行表头，父标题横向合并",
    "three rows of headings": "三行表头",
    "broken headings": "标题里有换行、空格、全角字符、多余括号",
    "other headings": "标题用别名，年月写进标题",
    "shuffled columns": "列的次序打乱",
    "months side by side": "1-1月 … 1-12月 各一列",
    "single months side by side": "1月 … 12月 各一列",
    "other years": "别的年份、月份的列",
    "unknown money": "不认识的金额列",
    "shares": "完成率列",
    "persons": "联系人、电话列",
    "remarks": "存在问题、备注列",
    "hidden rows": "隐藏的项目行",
    "hidden column": "隐藏的金额列",
    "hidden sheet": "隐藏的旧台账",
    "summary sheet": "汇总表在前或在后",
    "list sheet": "下拉选项表",
    "two sheets": "台账分在两张表",
    "same project twice": "同一项目在两张表，数相同",
    "same project differently": "同一项目在两张表，数不同",
    "repeated headings": "中间重复表头",
    "column numbers": "表头下有一行列号",
    "blank rows": "空行",
    "formatted rows": "尾部有格式的空行",
    "notes": "备注、说明、填表人、落款",
    "亿元 headings": "标题注亿元",
    "元 headings": "标题注元",
    "mixed units": "总投资亿元、其余万元",
    "unit above": "单位写在表头以上",
    "unit of parents": "单位写在父标题",
    "no unit": "没有单位",
    "unit in cells": "单位写在格内",
    "commas": "千分位",
    "wide digits": "全角数字",
    "numbers as text": "数字存成文本",
    "marks for missing": "— / 无 待定",
    "about": "约5亿元",
    "ranges": "5-8亿",
    "quantities": "2000万件",
    "dollars": "500万美元",
    "errors": "#REF!",
    "formulas": "公式，有计算结果",
    "empty formulas": "公式，没有计算结果",
    "ticks": "√ ×",
    "dates in every form": "日期的各种写法",
    "day numbers": "Excel 日期序号",
    "month formats": "显示为 2024年9月 的日期",
    "ambiguous months": "2024.1",
    "dates that are none": "已开工、2023-2025",
    "aliases": "地区、类别、产业链、阶段用别名",
    "odd names": "像公式、脚本、合计的名称",
    "marked names": "★ ■ ▲",
    "names in two lines": "名称内换行",
    "carriage returns": "格内回车换行",
    "dirty codes": "代码里有空格、长横、小写",
    "damaged codes": "代码成了数字",
    "merged areas": "责任地区合并",
    "ditto marks": "同上、〃",
    "area rows": "地区单独成行",
    "one area": "只报一个地区，没有地区列",
    "category rows": "一、工业项目（3个）",
    "nature rows": "续建项目(3个)",
    "totals": "合计行",
    "wrong total": "合计与各行之和不符",
    "of which": "其中行",
    "count row": "（共3项）",
    "numbering": "序号各组重排、文本序号",
    "secret row": "密级行",
    "secret sheet": "密级表",
    "shifted": "数据右移一列",
}
"""Every trap and what it is."""

_TEXT_CANNOT = frozenset(
    {
        "hidden rows",
        "hidden column",
        "hidden sheet",
        "summary sheet",
        "list sheet",
        "two sheets",
        "same project twice",
        "same project differently",
        "formatted rows",
        "empty formulas",
        "merged areas",
        "carriage returns",
    }
)
_OLD_CANNOT = frozenset({"empty formulas", "formatted rows", "carriage returns", "month formats"})
_EXCLUSIVE = (
    tuple(FORMATS),
    ("two rows of headings", "three rows of headings"),
    ("亿元 headings", "元 headings", "mixed units", "unit above", "unit of parents", "no unit"),
    ("merged areas", "area rows", "one area", "ditto marks"),
    ("category rows", "nature rows"),
    ("two sheets", "same project twice", "same project differently"),
    ("months side by side", "two rows of headings", "three rows of headings"),
    ("shifted", "secret row", "secret sheet"),
    ("shifted", "shuffled columns"),
    # A total over cells without a number has no right value.
    ("wrong total", "about", "ranges", "quantities", "dollars", "errors", "empty formulas"),
)
_NEEDS = {"unit of parents": "two rows of headings", "wrong total": "totals", "of which": "totals"}
_TWINS = frozenset({"same project twice", "same project differently"})
_HEADS = frozenset({"area rows", "category rows", "nature rows"})


@dataclass(frozen=True)
class Recipe:
    """What a workbook is made of."""

    seed: int
    projects: int
    traps: frozenset[str]

    @cached_property
    def active(self) -> frozenset[str]:
        """The traps that go together and that the format can carry."""
        kept = dict.fromkeys(sorted(self.traps))
        for one, other in _NEEDS.items():
            if one in kept:
                kept.setdefault(other)
        for rivals in _EXCLUSIVE:
            present = [trap for trap in rivals if trap in kept]
            chosen = self.random(*rivals[:2]).choice(present) if present else None
            for trap in present:
                if trap != chosen:
                    del kept[trap]
        cannot = _TEXT_CANNOT if self._format_of(kept).startswith("csv") else frozenset()
        if self._format_of(kept) in {"xls", "et", "xls named xlsx", "ods"}:
            cannot = _OLD_CANNOT
        # A second list repeats a project as it is, without the rows above its group.
        cannot |= _HEADS if _TWINS & kept.keys() else frozenset()
        left = kept.keys() - cannot
        return frozenset(trap for trap in left if _NEEDS.get(trap, trap) in left)

    @property
    def format(self) -> str:
        """One of FORMATS."""
        return self._format_of(self.active)

    def random(self, *parts: object) -> Random:
        """Draws of its own for each part, so that a trap more or less changes nothing else."""
        return Random("/".join(map(str, (self.seed, *parts))))

    def __contains__(self, trap: str) -> bool:
        return trap in self.active

    @staticmethod
    def _format_of(traps: Iterable[str]) -> str:
        return next((trap for trap in traps if trap in FORMATS), "xlsx")


Key = tuple[str, int]
"""Sheet and row number that Excel shows."""


@dataclass(frozen=True)
class AnyOf:
    """One of several values would be right."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Doubt:
    """Something that intake must speak of: of a row, of a column, or of a cell."""

    why: str
    sheet: str
    row: int | None = None
    heading: str | None = None


@dataclass
class Made:
    """A workbook and what must be stored of it: by sheet and row, each column of the ledger.

    `headings` are those above the columns; of `twins`, two rows for one project, one may be stored.
    `area_id` is the area that files it, None for the whole city. A workbook that `is_shifted` has its
    data under wrong headings.
    """

    grids: list[Grid]
    expected: dict[Key, dict[str, Any]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    twins: list[tuple[Key, Key]] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    format: str = "xlsx"
    area_id: str | None = None
    is_secret: bool = False
    is_shifted: bool = False

    def write(self, folder: Path) -> Path:
        """The file in that folder."""
        suffix, write = FORMATS[self.format]
        path = folder / f"台账{suffix}"
        write(path, self.grids)
        return path


AREAS = {
    "和平区": "210102",
    "沈河区": "210103",
    "铁西区": "210106",
    "浑南区": "210112",
    "市本级": "210100-direct",
}
_AREA_WORDS = {
    "和平区": ("和平", "沈阳市和平区", " 和平区 ", "和 平 区"),
    "沈河区": ("沈河", "沈阳市沈河区", "辽宁省沈阳市沈河区"),
    "铁西区": ("铁西", "沈阳市铁西区", "铁西区（经开区）", "铁西区(经开区)"),
    "浑南区": ("浑南", "东陵区", "浑南新区"),
    "市本级": ("市直", "市级"),
}
_CATEGORIES = {
    "工业": ("工业项目", "制造业"),
    "服务业": ("现代服务业", "文旅"),
    "基础设施": ("基础设施项目", "交通"),
}
_CHAINS = {"汽车及零部件": ("汽车产业链", "汽车零部件"), "机床及功能部件": ("机床", "数控机床")}
_STAGES = {"在建": "started", "签约": "signed", "立项": "approved", "竣工": "completed", "投产": "produced"}
_STAGE_WORDS = {
    "在建": ("续建", "新开工"),
    "签约": ("已签约",),
    "立项": ("前期", "已立项"),
    "竣工": ("已竣工",),
}
_PLACES = ("浑河", "棋盘山", "丁香湖", "蒲河", "莫子山", "奉天", "云飞", "建业", "长青", "白塔")
_THINGS = (
    "智能装备产业园",
    "新材料基地",
    "冷链物流中心",
    "污水处理厂扩容工程",
    "数据中心",
    "研发中心",
    "特钢生产线",
)
_ODD_NAMES = (
    "=1+1",
    "+主体改造",
    "@云平台",
    "-20℃冷库",
    "<script>alert(1)</script>",
    "🚀航天产业园",
    "君澜府小区",
    "汉中综合保税区",
    "沈阳大学新校区",
    "城市展厅",
    "一、二号线延伸工程",
    "小计算机配套园",
    "合计算力中心",
    "老旧小区改造（12个）",
    "2024年老旧小区改造项目",
    "说明书印刷厂",
    "全市域供水管网",
    "5-8号楼",
    "三期",
    "备用水源地",
)
MONEY = ("investment_total", "plan_year", "invested_year", "invested_month", "invested_total")
DATES = ("signed_on", "started_on", "completed_on", "start_due_on", "completion_due_on")
PRECISIONS = ("day", "day", "month", "month", "quarter", "year")


def _last(first: date, precision: str) -> date:
    """Last day of the span of that precision that holds a day."""
    match precision:
        case "day":
            return first
        case "year":
            return date(first.year, 12, 31)
        case "quarter":
            months = (first.month + 2) // 3 * 3
        case _:
            months = first.month
    return date(first.year + months // 12, months % 12 + 1, 1) - timedelta(days=1)


def clean_project(recipe: Recipe, place: int) -> dict[str, Any]:
    """One project in the ledger's columns: every amount in 万元, every date with its precision."""
    draw = recipe.random("project", place)
    total = Decimal(draw.choice((draw.randint(500, 9999), draw.randint(10_000, 800_000))))
    total += draw.choice((Decimal(0), Decimal(0), Decimal("0.5"), Decimal("0.25")))
    done = (total * draw.randint(10, 95) // 100).quantize(Decimal("0.1"))
    year = (done * draw.randint(20, 100) // 100).quantize(Decimal("0.1"))
    month = (year * draw.randint(0, 60) // 100).quantize(Decimal("0.1"))
    row: dict[str, Any] = {
        "name": f"{_PLACES[place % 10]}{_THINGS[(place // 10 + draw.randrange(7)) % 7]}",
        "area": draw.choice(list(AREAS)),
        "owner": draw.choice(("沈阳某某装备有限公司", "城投集团", "沈阳某某置业（集团）有限公司", None)),
        "project_code": f"24{draw.randint(10, 12)}-210102-04-0{draw.randint(1, 5)}-{100000 + place}"
        if draw.random() < 0.6
        else None,
        "category": draw.choice(list(_CATEGORIES)),
        "chain": draw.choice([*_CHAINS, None]),
        "nature": draw.choice(("新建", "续建")),
        "investment_total": total,
        "plan_year": (year * draw.randint(100, 200) / 100).quantize(Decimal("0.1")),
        "invested_year": year,
        "invested_month": month,
        "invested_total": done,
        "stage": draw.choice(list(_STAGES)),
        "is_land_ready": draw.choice((True, False, None)),
        "progress_text": draw.choice(("主体封顶", "桩基施工，完成30%", "正在办理施工许可", "8月底竣工验收")),
        "leader": draw.choice(("张三", "李四副市长")),
    }
    for name in MONEY[1:]:
        if draw.random() < 0.15:
            row[name] = None
    spans = {
        "signed_on": (date(2021, 1, 1), date(2022, 6, 30)),
        "started_on": (date(2022, 8, 1), date(2023, 6, 30)),
        "completed_on": (date(2024, 1, 1), date(2024, 6, 30)),
        "start_due_on": (date(2022, 7, 1), date(2023, 3, 31)),
        "completion_due_on": (date(2024, 10, 1), date(2027, 12, 31)),
    }
    for name, (first, end) in spans.items():
        day = first + timedelta(days=draw.randrange((end - first).days))
        precision = draw.choice(PRECISIONS)
        if draw.random() < (0.5 if name == "completed_on" else 0.2):
            row[name] = None
            continue
        row[name], row[f"{name}_precision"] = _last(day, precision), precision
        if name == "completed_on":
            row[name] = min(row[name], PERIOD_END)
    return row


_FACTORS = {"万元": Decimal(1), "亿元": Decimal(10_000), "元": Decimal("0.0001")}
_MISSING = ("—", "——", "/", "-", "无", "待定", "暂无", " ", "－")
_WIDE = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _written(value: Decimal) -> str:
    return f"{value.normalize():f}"


def money_cell(recipe: Recipe, value: Decimal | None, unit: str, draw: Random) -> tuple[Cell, str | None]:
    """The cell of an amount of 万元 in a column of that unit, and the doubt that takes the value away."""
    if value is None:
        return (draw.choice(_MISSING) if "marks for missing" in recipe else None), None
    filed = value / _FACTORS[unit]
    billions = _written(value / 10_000)
    ways: dict[str, Callable[[], Cell]] = {
        "commas": lambda: f"{filed.normalize():,f}".replace(",", draw.choice((",", ",", "，"))),
        "wide digits": lambda: _written(filed).translate(_WIDE),
        "numbers as text": lambda: draw.choice(("{}", " {} ", "{}\n")).format(_written(filed)),
        "unit in cells": lambda: draw.choice(
            (f"{billions}亿元", f"{billions}亿", f"{_written(value)}万元", f"{_written(value)} 万")
        ),
        "formulas": lambda: Formula(float(filed)),
    }
    doubts: dict[str, Callable[[], Cell]] = {
        "about": lambda: draw.choice(
            ("约{}亿元", "约 {} 亿", "{}亿元左右", "近{}亿元", "超{}亿元", "{}亿元以上")
        ).format(billions),
        "ranges": lambda: draw.choice(("{}-{}亿", "{}～{}亿元", "{}至{}亿元", "{}-{}")).format(
            billions, _written(value / 10_000 + 3)
        ),
        "quantities": lambda: draw.choice(("2000万件", "5万亩", "10万千瓦")),
        "dollars": lambda: draw.choice(("500万美元", "1.2亿美元")),
        "errors": lambda: Fault(draw.choice(("#REF!", "#DIV/0!", "#NAME?", "#VALUE!"))),
        "empty formulas": lambda: Formula(None),
    }
    usable = [trap for trap in (*ways, *doubts) if trap in recipe]
    if usable and draw.random() < 0.6:
        trap = draw.choice(usable)
        return (ways[trap](), None) if trap in ways else (doubts[trap](), trap)
    return _number(filed), None


def _day_forms(day: date) -> list[Cell]:
    y, m, d = day.year, day.month, day.day
    return [
        f"{y}-{m:02}-{d:02}",
        f"{y}/{m}/{d}",
        f"{y}.{m}.{d}",
        f"{y}.{m:02}.{d:02}",
        f"{y}年{m}月{d}日",
        f"{y} 年 {m} 月 {d} 日",
        f"{y}{m:02}{d:02}",
        int(f"{y}{m:02}{d:02}"),
        f"{y}-{m:02}-{d:02} 00:00:00",
        f"{y}年{m}月{d}日".translate(_WIDE),
        f"{y}/{m}/{d} ",
    ]


def _span_forms(last: date, precision: str) -> list[Cell]:
    y, m = last.year, last.month
    if precision == "month":
        forms: list[Cell] = [
            f"{y}年{m}月",
            f"{y}年{m:02}月",
            f"{y}.{m:02}",
            f"{y}-{m:02}",
            f"{y}/{m}",
            f"{y}{m:02}",
            int(f"{y}{m:02}"),
            f"{y}年{m}月底",
            f"{y}年{m}月份",
            f"{y}年\n{m}月",
            f"{y}年{m}月".translate(_WIDE),
        ]
        forms += [f"{y}年底", f"{y}年末"] if m == 12 else []
        return forms + ([float(f"{y}.{m:02}"), f"{y}.{m}"] if m not in {1, 10} else [])
    if precision == "quarter":
        quarter, word = m // 3, "一二三四"[m // 3 - 1]
        return [f"{y}年{word}季度", f"{y}年第{word}季度", f"{y}年{quarter}季度", f"{y}Q{quarter}"]
    return [f"{y}年", y, str(y), f"{y}年内"]


def date_cell(
    recipe: Recipe, row: Mapping[str, Any], name: str, draw: Random
) -> tuple[Cell, str | None, dict[str, Any]]:
    """The cell of a date, the doubt about it, and what is stored of it."""
    last, precision = row[name], row.get(f"{name}_precision")
    stored = {name: last, f"{name}_precision": precision}
    nothing = {name: None, f"{name}_precision": None}
    if last is None:
        return (draw.choice(_MISSING[:7]) if "marks for missing" in recipe else None), None, nothing
    # A span that the end of the period cuts is written as the whole span.
    whole = _last(last, precision)
    doubts: dict[str, Callable[[], tuple[Cell, dict[str, Any]]]] = {
        "ambiguous months": lambda: _ambiguous(name, last.year, draw),
        "dates that are none": lambda: (
            draw.choice(
                ("已开工", f"{last.year}-{last.year + 2}", "08.5-11.12", "尽快", "2024-02-30", "2024年13月")
            ),
            nothing,
        ),
    }
    usable = [trap for trap in doubts if trap in recipe]
    if usable and draw.random() < 0.5:
        trap = draw.choice(usable)
        cell, instead = doubts[trap]()
        return cell, trap, instead
    if precision == "day":
        if "day numbers" in recipe and draw.random() < 0.6:
            serial = (last - date(1899, 12, 30)).days
            return draw.choice((serial, float(serial), serial + 0.5, str(serial))), None, stored
        forms = _day_forms(last) if "dates in every form" in recipe else []
        return draw.choice([*forms, last]), None, stored
    if precision == "month" and "month formats" in recipe:
        shown = Shown(last.replace(day=1), 'yyyy"年"m"月"', f"{last.year}年{last.month}月")
        return shown, None, stored
    forms = _span_forms(whole, precision)
    return draw.choice(forms) if "dates in every form" in recipe else forms[0], None, stored


def _ambiguous(name: str, year: int, draw: Random) -> tuple[Cell, dict[str, Any]]:
    """January, or October with its zero lost: a number is never either in silence."""
    months = AnyOf((None, date(year, 1, 31), date(year, 10, 31)))
    cell: Cell = float(f"{year}.1") if draw.random() < 0.6 else f"{year}.1"
    return cell, {name: months, f"{name}_precision": AnyOf((None, "month"))}


def _code_cell(recipe: Recipe, code: str | None, draw: Random) -> tuple[Cell, str | None]:
    if code is None:
        return (draw.choice(("无", "暂无", "—", "正在办理")) if "marks for missing" in recipe else None), None
    if "damaged codes" in recipe and draw.random() < 0.5:
        digits = code.replace("-", "")
        return draw.choice((float(digits), f"{float(digits):.5E}", digits[:15] + "0" * 9)), "damaged codes"
    if "dirty codes" in recipe:
        return draw.choice(
            (
                code.replace("-", "–"),
                code.replace("-", "－"),
                f" {code[:11]} {code[11:]}\n",
                code.translate(_WIDE),
            )
        ), None
    return code, None


def _name_cell(recipe: Recipe, name: str, draw: Random) -> tuple[Cell, str]:
    """The cell of a name and the name that is stored."""
    filed = name
    if "names in two lines" in recipe and len(name) > 6 and draw.random() < 0.7:
        filed = f"{name[:4]}\n{name[4:]} "
    if "marked names" in recipe and draw.random() < 0.7:
        filed = draw.choice(("★{}", "{}★", "■{}", "▲{}", "★ {}", "{}▲", "■ {} ")).format(filed)
    return filed, name


_HEADINGS: dict[str, tuple[str, ...]] = {
    "name": ("项目名称", "工程名称", "项目全称", "项目名", "工程项目名称"),
    "area": ("责任地区", "所属区县", "县区", "行政区", "所在区县", "隶属区县", "项目属地", "县市区"),
    "owner": ("项目单位", "建设单位", "业主单位", "项目业主", "项目(法人)单位", "项目法人", "实施单位"),
    "project_code": ("项目代码", "项目审批代码", "项目编码", "统一代码"),
    "category": ("项目类别", "项目类型", "项目分类"),
    "chain": ("产业链", "所属产业链"),
    "nature": ("建设性质", "项目性质"),
    "investment_total": ("总投资", "计划总投资", "项目总投资", "总投资额", "投资总额", "概算总投资"),
    "plan_year": (
        "年度计划投资",
        "2024年计划投资",
        "本年计划投资",
        "年计划投资",
        "本年度投资计划",
        "今年计划投资",
        "2024年投资计划",
        "年度投资计划",
    ),
    "invested_year": (
        "本年累计完成投资",
        "1-9月完成投资",
        "2024年1-9月完成投资",
        "今年累计完成投资",
        "年度累计完成投资",
        "年初至今累计完成投资额",
        "1－9月完成投资额",
        "1~9月完成投资",
    ),
    "invested_month": ("本月完成投资", "9月完成投资", "当月完成投资", "9月实际完成投资", "9月份完成投资额"),
    "invested_total": (
        "累计完成投资",
        "自开工累计完成投资",
        "自开始累积完成投资",
        "项目总累计完成投资",
        "开工至报告期累计完成投资",
        "至今累计完成投资",
    ),
    "signed_on": ("签约时间", "签约日期"),
    "started_on": ("实际开工时间", "开工时间", "开工日期"),
    "completed_on": ("实际竣工时间", "竣工时间", "竣工日期", "完工时间"),
    "start_due_on": ("计划开工时间", "拟开工时间", "计划开工", "预计开工时间", "计划开始时间"),
    "completion_due_on": ("计划竣工时间", "拟竣工日期", "计划竣工", "拟建成时间"),
    "stage": ("当前阶段", "项目阶段", "建设阶段", "项目状态", "项目当前状态"),
    "is_land_ready": ("用地征拆",),
    "progress_text": ("形象进度", "9月形象进度", "项目形象进度", "项目进展情况", "本月进展"),
    "leader": ("包保领导", "包联领导", "市级领导", "挂钩领导"),
}
_UNKNOWN_MONEY = (
    "资金缺口（万元）",
    "专项债券额度（万元）",
    "已拨付工程款（万元）",
    "项目融资需求（万元）",
    "2024年力争完成的投资额（万元）",
    "大干100天力争完成的投资额（万元）",
    "代建投资（万元）",
    "预计新增经济效益-利润（万元）",
)
_OTHER_YEARS = (
    "2023年计划投资（万元）",
    "2025年计划投资（万元）",
    "至2023年底累计完成投资（万元）",
    "截至2023年底完成投资",
    "1-8月完成投资（万元）",
    "8月完成投资（万元）",
    "2023年1-9月完成投资（万元）",
    "下年计划投资（万元）",
)
_SHARES = ("投资完成率", "占年计划（%）", "完成比例", "总投资完成率(%)", "年度投资完成率")
_REMARKS = ("存在问题", "备  注", "需协调解决的问题")


@dataclass(frozen=True)
class Column:
    """A column of the file: `key` of the clean project or of a filler, its headings from the top."""

    key: str
    path: tuple[str, ...]
    unit: str | None = None
    filler: str | None = None

    @property
    def heading(self) -> str:
        """What stands directly above its cells."""
        return self.path[-1]


def _columns(recipe: Recipe) -> list[Column]:
    """The columns of the file in order, each with one heading."""
    draw = recipe.random("columns")
    optional = [key for key in _HEADINGS if key not in {"name", "area", "investment_total"}]
    absent = {key for key in optional if draw.random() < 0.35}
    absent |= {"area"} if {"area rows", "one area"} & recipe.active else set()
    absent |= {"category"} if "category rows" in recipe else set()
    absent |= {"nature"} if "nature rows" in recipe else set()
    absent -= {"is_land_ready"} if "ticks" in recipe else set()
    absent -= {"project_code"} if {"dirty codes", "damaged codes"} & recipe.active else set()
    units = _units(recipe)
    columns = [Column("number", ("序号",))]
    for key, headings in _HEADINGS.items():
        if key in absent:
            continue
        name = recipe.random("heading", key).choice(headings) if "other headings" in recipe else headings[0]
        columns.append(Column(key, (name,), units.get(key)))
    columns = _with_months(recipe, columns)
    for trap, names, filler, most in (
        ("unknown money", _UNKNOWN_MONEY, "money", 2),
        ("other years", _OTHER_YEARS, "money", 3),
        ("shares", _SHARES, "share", 1),
        ("persons", ("联系人", "联系电话"), "person", 2),
        ("remarks", _REMARKS, "text", 2),
    ):
        if trap in recipe:
            chosen = recipe.random(trap).sample(names, most)
            columns += [Column(f"?{name}", (name,), filler=filler) for name in chosen]
    if "shuffled columns" in recipe:
        rest = columns[1:]
        recipe.random("shuffled columns").shuffle(rest)
        columns = [columns[0], *rest]
    return columns


def _units(recipe: Recipe) -> dict[str, str]:
    """The unit of each amount's column."""
    draw = recipe.random("units")
    if "亿元 headings" in recipe:
        return dict.fromkeys(MONEY, "亿元")
    if "元 headings" in recipe:
        return dict.fromkeys(MONEY, "元")
    if "mixed units" in recipe:
        return {key: "亿元" if key == "investment_total" else draw.choice(("亿元", "万元")) for key in MONEY}
    if {"unit above", "unit of parents"} & recipe.active:
        return dict.fromkeys(MONEY, draw.choice(("万元", "亿元")))
    return dict.fromkeys(MONEY, "万元")


def _with_months(recipe: Recipe, columns: list[Column]) -> list[Column]:
    """One column a month instead of the one of the period; the others are history or still empty."""
    for trap, key, name in (
        ("months side by side", "invested_year", "1-{}月完成投资"),
        ("single months side by side", "invested_month", "{}月完成投资"),
    ):
        place = next((place for place, column in enumerate(columns) if column.key == key), None)
        if trap in recipe and place is not None:
            unit = columns[place].unit
            columns[place : place + 1] = [
                Column(key, (name.format(month),), unit)
                if month == MONTH
                else Column(
                    f"?{name.format(month)}",
                    (name.format(month),),
                    unit,
                    "past" if month < MONTH else "blank",
                )
                for month in range(1, 13)
            ]
    return columns


_PARENTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "投资情况",
        "资金",
        {"investment_total": "总投资", "plan_year": "年度计划投资", "invested_total": "累计完成投资"},
    ),
    ("计划", "时间节点", {"start_due_on": "开工时间", "completion_due_on": "竣工时间"}),
    ("实际", "时间节点", {"started_on": "开工时间", "completed_on": "竣工时间"}),
    (
        "项目资金来源",
        "资金",
        {"investment_total": "计划总投资", "?market": "社会资本", "?bank": "银行贷款"},
    ),
    ("2024年投资计划", "年度情况", {"plan_year": "小计", "?works": "新增生产能力"}),
    ("2024年计划投资", "年度情况", {"plan_year": "计划总投资", "?city": "市财政"}),
    (
        "2024年",
        "投资进度",
        {"plan_year": "计划投资", "invested_year": "1-9月完成投资", "invested_month": "9月完成投资"},
    ),
    (
        "完成投资",
        "投资进度",
        {"invested_month": "本月", "invested_year": "本年累计", "invested_total": "开工以来累计"},
    ),
    ("项目基本情况", "基本信息", {"name": "项目名称", "area": "责任地区", "owner": "项目单位"}),
)
"""Parent heading, the heading above it where there are three rows, and the children by column."""


def _under_parents(recipe: Recipe, columns: list[Column]) -> list[Column]:
    """The same columns, some of them gathered under headings of their own."""
    is_three = "three rows of headings" in recipe
    if not is_three and "two rows of headings" not in recipe:
        return columns
    draw = recipe.random("parents")
    by_key = {column.key: column for column in columns}
    chosen: list[list[Column]] = []
    used: set[str] = set()
    for parent, top, children in draw.sample(_PARENTS, len(_PARENTS)):
        own = {key: child for key, child in children.items() if not key.startswith("?")}
        if used & own.keys() or not own.keys() & by_key.keys() or draw.random() < 0.3:
            continue
        used |= own.keys()
        units = {by_key[key].unit for key in own if key in by_key}
        unit = next(iter(units)) if len(units) == 1 else None
        said = f"{parent}（{unit}）" if unit and "unit of parents" in recipe else parent
        group = [
            replace(by_key[key], path=(said, child))
            if key in by_key
            else Column(key, (said, child), unit, "money")
            for key, child in children.items()
            if key in by_key or key.startswith("?")
        ]
        if is_three:
            group = [replace(column, path=(top, *column.path)) for column in group]
        chosen.append(group)
    grouped = {column.key for group in chosen for column in group}
    made: list[Column] = []
    for column in columns:
        if column.key not in grouped:
            made.append(column)
        made += next((group for group in chosen if group[0].key == column.key), [])
    # A group stands where its first child stood; one whose first child is absent goes to the end.
    placed = {column.key for column in made}
    for group in chosen:
        if group[0].key not in placed:
            made += group
    return made


def _decorated(recipe: Recipe, columns: list[Column]) -> list[list[str]]:
    """Headings as written, each from the top, with the unit where it belongs."""
    is_noted = {"unit above", "no unit"} & recipe.active
    made: list[list[str]] = []
    for column in columns:
        draw = recipe.random("decoration", column.key)
        path = list(column.path)
        has_unit = any(unit in part for part in path for unit in ("万元", "亿元", "元）"))
        if column.unit and not is_noted and not has_unit:
            form = "（{}）"
            if "broken headings" in recipe:
                form = draw.choice(("\n（{}）", "({})", "／{}", "（单位：{}）", "（ {} ）", "（{}））"))
            path[-1] += form.format(column.unit)
        if "broken headings" in recipe and draw.random() < 0.6:
            path[-1] = _broken(path[-1], draw)
        made.append(path)
    return made


def _broken(heading: str, draw: Random) -> str:
    cut = max(1, min(len(heading) // 2, 4))
    # 1-9月 is not torn apart: nobody does.
    if re.search(r"\d", heading):
        return (
            heading.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
            if draw.random() < 0.5
            else heading + "\n"
        )
    forms = (
        f"{heading[:cut]}\n{heading[cut:]}",
        " ".join(heading[:4]) + heading[4:],
        f" {heading}　",
        f"{heading[:cut]}\r\n{heading[cut:]}",
    )
    return draw.choice(forms[:3])


@dataclass
class Line:
    """A row below the headings. `expected` is None where it is no project."""

    cells: dict[str, Cell]
    expected: dict[str, Any] | None = None
    doubts: list[tuple[str, str | None]] = field(default_factory=list)
    is_hidden: bool = False
    is_wide: bool = False


def _project_line(recipe: Recipe, row: dict[str, Any], place: int, columns: list[Column]) -> Line:
    line = Line({}, {})
    for column in columns:
        draw = recipe.random("cell", place, column.key)
        _write_cell(recipe, row, column, line, draw)
    if recipe.active & {"area rows", "one area"}:
        _expect(line, area_id=AREAS[row["area"]])
    if "category rows" in recipe:
        _expect(line, category=row["category"])
    if "nature rows" in recipe:
        _expect(line, nature=row["nature"])
    return line


def _expect(line: Line, **stored: Any) -> None:
    assert line.expected is not None
    line.expected |= stored


def _write_cell(recipe: Recipe, row: dict[str, Any], column: Column, line: Line, draw: Random) -> None:
    key, doubt, cell = column.key, None, None
    if key in MONEY:
        cell, doubt = money_cell(recipe, row[key], column.unit or "万元", draw)
        _expect(line, **{key: None if doubt else row[key]})
    elif key in DATES:
        cell, doubt, stored = date_cell(recipe, row, key, draw)
        _expect(line, **stored)
    elif key == "project_code":
        cell, doubt = _code_cell(recipe, row[key], draw)
        _expect(line, project_code=None if doubt else row[key])
    elif key == "name":
        cell, name = _name_cell(recipe, row["name"], draw)
        _expect(line, name=name)
    elif key == "is_land_ready":
        words = {True: ("√", "是", "✓", "已完成"), False: ("×", "否", "✗", "未完成")}
        usual = words.get(row[key], (None,))
        cell = draw.choice(usual) if "ticks" in recipe else {True: "是", False: "否", None: None}[row[key]]
        _expect(line, is_land_ready=row[key])
    elif key == "progress_text":
        cell = row[key]
        if "carriage returns" in recipe:
            cell = f"{cell}{CARRIAGE if recipe.format == 'xlsx' else ''}\n二期待建\n"
            _expect(line, progress_text=f"{row[key]}\n二期待建")
        else:
            _expect(line, progress_text=cell)
    elif column.filler:
        cell = _filler(recipe, column, row, draw)
    elif key != "number":
        cell = _word_cell(recipe, row, key, line, draw)
    line.cells[key] = cell
    if doubt:
        line.doubts.append((doubt, column.heading))


def _word_cell(recipe: Recipe, row: dict[str, Any], key: str, line: Line, draw: Random) -> Cell:
    """A word of the city, of which the raw text is kept beside the meaning."""
    word = row[key]
    others = {"area": _AREA_WORDS, "category": _CATEGORIES, "chain": _CHAINS, "stage": _STAGE_WORDS}.get(
        key, {}
    )
    filed = draw.choice([word, *others.get(word, ())]) if "aliases" in recipe else word
    raw = filed.strip() if filed else None
    match key:
        case "area":
            _expect(line, area_id=AREAS[word], area_text=raw)
        case "category":
            _expect(line, category=word, category_text=raw)
        case "chain":
            _expect(line, chain=word, chain_text=raw)
        case "stage":
            _expect(line, stage_filed=_STAGES[word], stage_reported=raw)
        case _:
            _expect(line, **{key: word})
    return filed


def _filler(recipe: Recipe, column: Column, row: dict[str, Any], draw: Random) -> Cell:
    """Something under a heading that is not ours."""
    match column.filler:
        case "money" | "past":
            return draw.randint(1, 99999)
        case "share":
            share = draw.randint(1, 120)
            return draw.choice((f"{share}%", Shown(share / 100, "0%", f"{share}%"), share / 100))
        case "person":
            return draw.choice(("赵某某", "13800001111"))
        case "text":
            return draw.choice((None, "无", "征拆滞后，请市里协调资金2000万元", "合计"))
        case _:
            return None


def _same_as_above(lines: list[Line], keys: Sequence[str], draw: Random) -> None:
    marks = ("同上", "〃", "″", "同 上", '"')
    originals = [dict(line.cells) for line in lines]
    for (above, _), (own, line) in pairwise(zip(originals, lines, strict=True)):
        for key in keys:
            if own.get(key) is not None and own.get(key) == above.get(key) and draw.random() < 0.8:
                line.cells[key] = draw.choice(marks)
                if key in {"area", "category"}:
                    raw = str(own[key]).strip()
                    _expect(line, **{f"{key}_text": AnyOf((raw, line.cells[key], None))})


def _sums(lines: Iterable[Line], columns: list[Column]) -> dict[str, Cell]:
    """What the amounts add up to, in the units of their columns; nothing where a value is doubtful."""
    lines = list(lines)
    made: dict[str, Cell] = {}
    for column in columns:
        if column.key in MONEY and not any(
            column.heading == heading for line in lines for _, heading in line.doubts
        ):
            values = [
                line.expected[column.key]
                for line in lines
                if line.expected and line.expected.get(column.key) is not None
            ]
            if values:
                made[column.key] = _number(sum(values, Decimal(0)) / _FACTORS[column.unit or "万元"])
    return made


def _numbered(recipe: Recipe, groups: list[list[Line]]) -> None:
    draw = recipe.random("numbering")
    number = 0
    form = draw.choice(("{}", "1-{}", "（{}）", "{}.0")) if "numbering" in recipe else None
    for group in groups:
        if "numbering" in recipe:
            number = 0
        for line in group:
            number += 1
            line.cells["number"] = form.format(number) if form else number


def _grouped(
    recipe: Recipe, lines: list[Line], rows: list[dict[str, Any]], columns: list[Column]
) -> list[Line]:
    """The projects with a row above each group of them."""
    keys = [
        key
        for trap, key in (("area rows", "area"), ("category rows", "category"), ("nature rows", "nature"))
        if trap in recipe
    ]
    pairs = list(zip(rows, lines, strict=True))
    if not keys:
        _numbered(recipe, [lines])
        return lines
    groups = [
        [line for _, line in group]
        for _, group in groupby(pairs, lambda pair: [pair[0][key] for key in keys])
    ]
    _numbered(recipe, groups)
    return list(_with_heads(recipe, pairs, keys, columns))


_HEAD_FORMS = {
    "area": ("{0}", "{0}（{1}个）", "{2}、{0}", "{3}"),
    "category": ("{2}、{0}项目（{1}个）", "（{2}）{0}", "{2}、{0}", "{2}、{0}类项目({1}个)"),
    "nature": ("{0}项目({1}个)", "【{0}】({1}个)", "{2}、{0}项目（{1}项）", "{0}项目"),
}
"""How the row above a group says it: the word, the number of projects, a numeral, the word spaced out."""


def _with_heads(
    recipe: Recipe, pairs: list[tuple[dict[str, Any], Line]], keys: list[str], columns: list[Column]
) -> Iterator[Line]:
    """Each group under a row that names it, and above a 小计 where there are totals."""
    if not keys:
        yield from (line for _, line in pairs)
        return
    key, *rest = keys
    draw = recipe.random("heads", key)
    form, label = draw.choice(_HEAD_FORMS[key]), draw.choice(("number", "name"))
    has_sums, is_wide = draw.random() < 0.6, draw.random() < 0.5
    for place, (word, group) in enumerate(groupby(pairs, lambda pair: pair[0][key])):
        own = list(group)
        lines = [line for _, line in own]
        said = form.format(word, len(own), "一二三四五六七八"[place], " ".join(word))
        yield Line({label: said, **(_sums(lines, columns) if has_sums else {})}, is_wide=is_wide)
        yield from _with_heads(recipe, own, rest, columns)
        if "totals" in recipe and not rest:
            yield Line({label: "小计", **_sums(lines, columns)})


def _with_totals(recipe: Recipe, lines: list[Line], columns: list[Column]) -> list[Line]:
    """The rows with 合计, 其中 and 共N项 rows, right or wrong."""
    projects = [line for line in lines if line.expected is not None]
    draw = recipe.random("totals")
    made = list(lines)
    label = "name" if draw.random() < 0.5 else "number"
    if "totals" in recipe:
        word = draw.choice(("合计", "总计", "合  计", "全市合计", f"合计（{len(projects)}个）", "合计："))
        total = Line({label: word, **_sums(projects, columns)}, is_wide=draw.random() < 0.5)
        if "wrong total" in recipe:
            wrong = [key for key in total.cells if key in MONEY]
            if wrong:
                key = draw.choice(wrong)
                value = total.cells[key]
                assert isinstance(value, int | float)
                total.cells[key] = value * 2 + 1
                heading = next(column.heading for column in columns if column.key == key)
                total.doubts.append(("wrong total", heading))
        of_which = []
        if "of which" in recipe:
            kinds = sorted(
                {
                    str(line.expected["category"])
                    for line in projects
                    if line.expected and line.expected.get("category")
                }
            )
            of_which = [
                Line(
                    {
                        label: draw.choice((f"其中：{kind}", f"其中:{kind}项目", f"　其中：{kind}")),
                        **_sums(
                            (
                                line
                                for line in projects
                                if line.expected and line.expected["category"] == kind
                            ),
                            columns,
                        ),
                    }
                )
                for kind in kinds[:2]
            ]
        made = [total, *of_which, *made] if draw.random() < 0.5 else [*made, total, *of_which]
    if "count row" in recipe:
        made.append(Line({label: draw.choice(("（共{}项）", "共{}个项目", "共{}项")).format(len(projects))}))
    return made


_NOTES = (
    "备注：1.总投资以批复为准；2.项目名称以代码库为准",
    "注：本表每月25日前报送",
    "说明：以上数据截至2024年9月底",
    "填表人：张某　　审核人：李某　　联系电话：024-00000000",
    "填报单位（盖章）：市发展改革委",
    "单位负责人：　　　填表人：　　　填报日期：2024年9月25日",
)


def _with_noise(
    recipe: Recipe, lines: list[Line], headings: list[list[str]], columns: list[Column]
) -> list[Line]:
    """Blank rows, repeated headings, column numbers, notes at the foot."""
    draw = recipe.random("noise")
    made = list(lines)
    if "repeated headings" in recipe and max(map(len, headings)) == 1:
        made.insert(
            draw.randint(1, len(made)),
            Line({column.key: path[0] for column, path in zip(columns, headings, strict=True)}),
        )
    if "blank rows" in recipe:
        for _ in range(draw.randint(1, 3)):
            made.insert(draw.randint(0, len(made)), Line({}))
    if "column numbers" in recipe:
        form = draw.choice(("{}", "（{}）", "({})", None))
        numbers = {
            column.key: form.format(place) if form else place for place, column in enumerate(columns, start=1)
        }
        made.insert(0, Line(dict(numbers)))
    if "notes" in recipe:
        made += [Line({}) for _ in range(draw.randint(0, 1))]
        for note in draw.sample(_NOTES, draw.randint(1, 3)):
            made.append(Line({draw.choice(("number", "name")): note}, is_wide=draw.random() < 0.5))
    return made


def made(recipe: Recipe) -> Made:
    """The workbook of a recipe, and what must be stored of it."""
    rows = _clean_rows(recipe)
    columns = _under_parents(recipe, _columns(recipe))
    whole = Made(
        [],
        headings=_headings_by_column(columns),
        format=recipe.format,
        area_id=AREAS[rows[0]["area"]] if "one area" in recipe else None,
        is_secret=bool({"secret row", "secret sheet"} & recipe.active),
        is_shifted="shifted" in recipe,
    )
    headings = _decorated(recipe, columns)
    is_text = recipe.format.startswith("csv")
    parts = [("台账" if is_text else recipe.random("sheet").choice(("Sheet1", "项目台账", "附件1")), rows)]
    if "two sheets" in recipe and len(rows) > 1:
        half = len(rows) // 2
        parts = [("第一批", rows[:half]), ("第二批", rows[half:])]
    for name, own in parts:
        _add_ledger(recipe, whole, name, own, columns, headings)
    _add_twin(recipe, whole, rows, columns, headings)
    _add_other_sheets(recipe, whole, rows, columns, headings)
    return whole


def _headings_by_column(columns: list[Column]) -> dict[str, str]:
    """Heading of each column of the ledger that the file carries."""
    stored = {"area": ("area_id", "area_text"), "stage": ("stage_filed", "stage_reported")}
    stored |= {key: (key, f"{key}_text") for key in ("category", "chain")}
    return {name: column.heading for column in columns for name in stored.get(column.key, (column.key,))}


def _clean_rows(recipe: Recipe) -> list[dict[str, Any]]:
    rows = [clean_project(recipe, place) for place in range(recipe.projects)]
    if "odd names" in recipe:
        odd = recipe.random("odd names").sample(_ODD_NAMES, min(len(rows), 3))
        rows = [{**row, "name": name} for row, name in zip(rows, odd, strict=False)] + rows[len(odd) :]
    if "one area" in recipe:
        rows = [{**row, "area": rows[0]["area"]} for row in rows]
    keys = []
    if {"area rows", "merged areas", "ditto marks"} & recipe.active:
        keys.append("area")
    keys += ["category"] if "category rows" in recipe else []
    keys += ["nature"] if "nature rows" in recipe else []
    return sorted(rows, key=lambda row: [row[key] for key in keys])


def _add_ledger(
    recipe: Recipe,
    whole: Made,
    name: str,
    rows: list[dict[str, Any]],
    columns: list[Column],
    headings: list[list[str]],
) -> Grid:
    projects = [_project_line(recipe, row, place, columns) for place, row in enumerate(rows)]
    if "ditto marks" in recipe:
        _same_as_above(projects, ("area", "owner", "category"), recipe.random("ditto"))
    if "hidden rows" in recipe:
        line = recipe.random("hidden rows").choice(projects)
        line.is_hidden = True
        line.doubts.append(("hidden rows", None))
    lines = _grouped(recipe, projects, rows, columns)
    lines = _with_totals(recipe, lines, columns)
    lines = _with_noise(recipe, lines, headings, columns)
    grid = _laid_out(recipe, whole, name, lines, columns, headings)
    whole.grids.append(grid)
    return grid


def _laid_out(
    recipe: Recipe,
    whole: Made,
    name: str,
    lines: list[Line],
    columns: list[Column],
    headings: list[list[str]],
) -> Grid:
    """Titles, headings and lines in one sheet; what is expected of each line is noted by its row."""
    depth = max(map(len, headings))
    grid = Grid(name, rows=_titles(recipe, depth, len(columns)))
    first = len(grid.rows)
    grid.rows += [[path[level] if level < len(path) else None for path in headings] for level in range(depth)]
    _merge_headings(grid, first, headings, depth)
    for line in lines:
        number = len(grid.rows)
        cells: list[Cell] = [line.cells.get(column.key) for column in columns]
        if "shifted" in recipe and line.expected is not None:
            place = next(place for place, column in enumerate(columns) if column.key == "name") + 1
            cells.insert(place, None)
        grid.rows.append(cells)
        key = (name, number + 1)
        if line.expected is not None:
            whole.expected[key] = line.expected
        whole.doubts += [Doubt(why, *key, heading) for why, heading in line.doubts]
        if line.is_hidden:
            grid.hidden_rows.add(number)
        empty = next((place for place, cell in enumerate(cells[1:], start=1) if cell is not None), len(cells))
        if line.is_wide and cells[0] is not None and empty > 1:
            grid.merges.append((number, 0, number, empty - 1))
    if "merged areas" in recipe:
        _merge_areas(whole, grid, lines, columns, first + depth)
    if "hidden column" in recipe:
        grid.hidden_columns.add(
            next(place for place, column in enumerate(columns) if column.key == "investment_total")
        )
    if "formatted rows" in recipe:
        grid.padding = 300
    for column in columns:
        if column.filler == "money" and column.heading in _UNKNOWN_MONEY:
            whole.doubts.append(Doubt("unknown money", name, None, column.heading))
        if "no unit" in recipe and column.key in MONEY:
            whole.doubts.append(Doubt("no unit", name, None, column.heading))
    if "secret row" in recipe:
        number = recipe.random("secret row").choice([row for sheet, row in whole.expected if sheet == name])
        grid.rows[number - 1].append(
            recipe.random("secret").choice(("机密★", "秘密★5年", "内部★", "密级：机密"))
        )
    return grid


def _titles(recipe: Recipe, depth: int, width: int) -> list[list[Cell]]:
    draw = recipe.random("titles")
    rows: list[list[Cell]] = []
    if "titles" in recipe:
        kinds: list[list[Cell]] = [
            ["附件1"],
            ["沈阳市2024年重点项目台账"],
            ["沈阳市重点项目台账（项目名称、总投资以批复为准）"],
            [None, "编制单位：市发展改革委"],
            ["填报单位：市发改委", None, "填报日期：2024年9月25日"],
            [],
            ["备注：责任地区、项目名称为必填项"],
        ]
        rows += [list(row) for row in draw.sample(kinds, draw.randint(1, 4))]
    if "unit above" in recipe:
        unit = _units(recipe)["investment_total"]
        note = draw.choice(("单位：{}", "金额单位：{}", "（单位：{}）", "单位:{}", "单位：个、{}")).format(
            unit
        )
        rows.append([*[None] * draw.randint(0, max(0, min(width - 1, 8))), note])
    if "secret sheet" in recipe:
        rows.insert(0, [None, draw.choice(("秘密★", "机密★长期", "内部★", "密级：内部", "机密"))])
    if "deep header" in recipe:
        room = 20 - depth - len(rows)
        rows = [*[[] for _ in range(draw.randint(0, max(room, 0)))], *rows]
    return rows


def _merge_headings(grid: Grid, first: int, headings: list[list[str]], depth: int) -> None:
    for place, path in enumerate(headings):
        if len(path) < depth:
            grid.merges.append((first + len(path) - 1, place, first + depth - 1, place))
    for level in range(depth - 1):
        above = [tuple(path[: level + 1]) if len(path) > level + 1 else None for path in headings]
        for parents, run in groupby(range(len(headings)), above.__getitem__):
            own = list(run)
            if parents is None or len(own) == 1:
                continue
            for place in own[1:]:
                grid.rows[first + level][place] = None
            grid.merges.append((first + level, own[0], first + level, own[-1]))


def _merge_areas(whole: Made, grid: Grid, lines: list[Line], columns: list[Column], top: int) -> None:
    """Neighbouring projects of one area show it once, in a merged cell."""
    place = next(place for place, column in enumerate(columns) if column.key == "area")
    is_project = [line.expected is not None for line in lines]
    for (known, _), run in groupby(
        enumerate(lines),
        lambda item: (
            is_project[item[0]],
            item[1].expected["area_id"] if item[1].expected is not None else item[0],
        ),
    ):
        own = [number for number, _ in run]
        if not known or len(own) < 2:
            continue
        shown = lines[own[0]].cells["area"]
        for number in own:
            _expect(lines[number], area_text=AnyOf((str(shown).strip(), None)))
            if number != own[0]:
                grid.rows[top + number][place] = None
        grid.merges.append((top + own[0], place, top + own[-1], place))


def _add_twin(
    recipe: Recipe, whole: Made, rows: list[dict[str, Any]], columns: list[Column], headings: list[list[str]]
) -> None:
    """A second list with one of the projects again, perhaps with another total."""
    is_other = "same project differently" in recipe
    if not is_other and "same project twice" not in recipe:
        return
    place = recipe.random("twin").randrange(len(rows))
    row = dict(rows[place])
    if is_other:
        row["investment_total"] += 1000
    original = next(key for key, stored in whole.expected.items() if stored["name"] == row["name"])
    line = _project_line(recipe, row, place, columns)
    line.cells["number"] = 1
    grid = _laid_out(recipe, whole, "省重点", [line], columns, headings)
    whole.grids.append(grid)
    twin = next(key for key in whole.expected if key[0] == "省重点")
    whole.twins.append((original, twin))


def _add_other_sheets(
    recipe: Recipe, whole: Made, rows: list[dict[str, Any]], columns: list[Column], headings: list[list[str]]
) -> None:
    draw = recipe.random("sheets")
    if "summary sheet" in recipe:
        total = sum((row["investment_total"] for row in rows), Decimal(0))
        sheet = draw.choice(
            (
                [
                    ["2024年项目汇总表"],
                    ["责任地区", "项目个数", "总投资（万元）", "年度计划投资（万元）"],
                    ["和平区", len(rows), _number(total), 1],
                    ["合计", len(rows), _number(total), 1],
                ],
                [["项目类别", "项目个数", "总投资（万元）"], ["工业", 3, 500], ["合计", 3, 500]],
                [
                    ["责任地区", "求和项:总投资\n（万元）", "计数项:项目名称"],
                    ["和平区", _number(total), 3],
                    ["总计", _number(total), 3],
                ],
                [
                    [
                        "乡镇名称",
                        "项目个数",
                        "开工个数",
                        "开工率",
                        "总投资",
                        "年计划投资",
                        "1-9月完成投资",
                        "完成比例",
                    ],
                    ["和平区", 3, 2, 0.6, 500, 100, 50, 0.5],
                ],
            )
        )
        grid = Grid(draw.choice(("汇总表", "统计表", "分单位汇总")), sheet)
        whole.grids.insert(0 if draw.random() < 0.5 else len(whole.grids), grid)
    if "list sheet" in recipe:
        words: list[list[Cell]] = [
            ["和平区", "前期", "新开工", 2025],
            ["沈河区", "在建", "续建", 2026],
            ["铁西区", "竣工", None, None],
        ]
        whole.grids.append(Grid("Sheet2", words))
    if "hidden sheet" in recipe:
        old = Grid(
            "旧台账",
            [
                ["项目名称", "责任地区", "总投资（万元）"],
                ["旧项目", "和平区", 123],
                ["老项目", "沈河区", 456],
            ],
            is_hidden=True,
        )
        whole.grids.append(old)
        whole.doubts.append(Doubt("hidden sheet", old.name))


def smallest(recipe: Recipe, fails: Callable[[Recipe], bool]) -> Recipe:
    """The recipe with as few traps and projects as still fail."""
    while True:
        smaller = [replace(recipe, traps=recipe.traps - {trap}) for trap in sorted(recipe.traps)]
        smaller += [replace(recipe, projects=count) for count in range(1, recipe.projects)]
        found = next((candidate for candidate in smaller if fails(candidate)), None)
        if found is None:
            return recipe
        recipe = found
