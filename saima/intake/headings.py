"""What a heading means: by our names and aliases, read against the period, under the headings above it.

`2024年计划投资`, `1-9月完成投资` and `9月完成投资` are this year's and this month's in a ledger of 2024-09
and history in any other. A heading of two or three rows is a path: 计划 over 开工时间 is 计划开工时间, and
小计 under 2024年投资计划 is the plan of the year. What is not recognised is listed, never guessed into an
amount or a date.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from saima.intake.units import all_units, spellings, units_of, without_unit
from saima.intake.values import normalised
from saima.ledgers import Column, Ledger

HOW = ("映射", "记住", "本名", "别名", "上级标题", "近似")
"""Ways in which a heading is recognised, the surest first."""

NEARLY_SAME, SUGGESTED = 0.86, 0.6
"""Likeness from which a heading of plain text is taken for an alias, and from which one is offered."""

_NEUTRAL = re.compile(
    r"\((?:必填|选填|年月日?|年/月(?:/日)?|yyyy.*|单选|多选|下拉选择|按文本填写|如:.*|可多选)\)$"
)


@dataclass(frozen=True)
class Meaning:
    """The column that a heading stands for: how it was recognised (one of HOW), how surely (0 to 1), and
    the unit written in it."""

    column: Column
    how: str
    confidence: float = 1.0
    unit: str | None = None

    @property
    def rank(self) -> int:
        """Place of `how` among the ways, 0 the surest."""
        return HOW.index(self.how)


class Headings:
    """The headings of one ledger, for one period."""

    def __init__(self, ledger: Ledger, currency: str, period: str) -> None:
        """Amounts are in 万 of `currency` where nothing else is said; `period` is like 2024-09."""
        self.ledger = ledger
        self.currency = currency
        self._units = all_units(currency)
        self._year, self._month = map(int, period.split("-"))
        self._known: dict[str, tuple[Column, str]] = {}
        for column in ledger.filed:
            terms = (column.term.removesuffix("（原文）"), column.term, *column.aliases)
            for place, term in enumerate(terms):
                how = "本名" if place < 2 else "别名"
                heading = self._canonical(normalised(term))
                self._known.setdefault(heading, (column, how))
                if column.kind == "percent":
                    self._known.setdefault(f"{heading}(%)", (column, how))
                if units_of(column, currency):
                    self._known.setdefault(self._stem(heading)[0], (column, how))
        self._plain = {
            heading: column
            for heading, (column, _) in self._known.items()
            if column.kind in {"text", "texts"}
        }

    def usual(self, parts: Sequence[str]) -> str:
        """A heading without what differs from month to month."""
        return ">".join(self._canonical(normalised(part)) for part in parts)

    def key(self, parts: Sequence[str]) -> str:
        """What a person decides about a heading is kept under this: last month's column is another one
        than that of two months ago, in every month."""
        usual = self.usual(parts)
        if not self.is_of_another_time(parts):
            return usual
        written = ">".join(map(normalised, parts))
        years = [int(year) - self._year for year in re.findall(r"(?:19|20)\d\d", written)]
        months = [
            int(month) - self._month for month in re.findall(r"(?<!\d)(\d{1,2})(?=月|[-~至到—])", written)
        ]
        return f"{usual}@{years}{months}"

    def is_of_another_time(self, parts: Sequence[str]) -> bool:
        """Whether a heading speaks of another year or month than the period's."""
        return _OTHER_TIME.search(self.usual(parts)) is not None

    def unit(self, parts: Sequence[str]) -> str | None:
        """The unit that a heading states; that of the lowest part where several do."""
        for part in reversed(parts):
            own = spellings(self._units).get(normalised(part).strip("()").removeprefix("单位:"))
            unit = own or self._stem(normalised(part))[1]
            if unit:
                return unit
        return None

    def is_unit(self, part: str) -> bool:
        """Whether a part is nothing but a unit, such as （万元）."""
        return normalised(part).strip("()").removeprefix("单位:") in spellings(self._units)

    def meaning(self, parts: Sequence[str]) -> Meaning | None:
        """What a heading means by name or alias; None where it is not known."""
        found = self._path_meaning(parts)
        if found is None and len(parts) == 1:
            pieces = re.split(r"(?<!\d)[->](?!\d)", normalised(parts[0]))
            found = self._path_meaning(pieces) if len(pieces) > 1 and all(pieces) else None
        return found

    def suggestion(self, parts: Sequence[str]) -> tuple[Column, float] | None:
        """The column whose names are most like an unknown heading, and how like (0 to 1)."""
        own = self._canonical(self._stem(normalised(parts[-1]))[0])
        best = process.extractOne(own, self._known.keys(), scorer=fuzz.ratio, score_cutoff=SUGGESTED * 100)
        return (self._known[best[0]][0], round(best[1] / 100, 2)) if best else None

    def likely(self, parts: Sequence[str]) -> Meaning | None:
        """A column of plain text whose name is nearly that of an unknown heading; never an amount or date."""
        if len(parts) > 1 or self.is_of_another_time(parts):
            return None
        own = self._canonical(_NEUTRAL.sub("", normalised(parts[0])))
        cutoff = NEARLY_SAME * 100
        best = process.extract(own, self._plain.keys(), scorer=fuzz.ratio, score_cutoff=cutoff, limit=5)
        columns = {self._plain[heading].name for heading, _, _ in best}
        if len(columns) != 1:
            return None
        return Meaning(self._plain[best[0][0]], "近似", round(best[0][1] / 100, 2))

    def _stem(self, part: str) -> tuple[str, str | None]:
        """A part without its unit and remark, and the unit."""
        return without_unit(_NEUTRAL.sub("", part), self._units)

    def _path_meaning(self, parts: Sequence[str]) -> Meaning | None:
        unit = self.unit(parts)
        # 总投资 over （万元） is one heading.
        parts = [part for place, part in enumerate(parts) if not (place and self.is_unit(part))]
        whole = [_NEUTRAL.sub("", normalised(part)) for part in parts]
        stems = [self._canonical(self._stem(part)[0]) for part in whole]
        exact = self._known.get(self._canonical("".join(whole)))
        if exact:
            return Meaning(exact[0], exact[1], unit=unit if units_of(exact[0], self.currency) else None)
        found = self._by_stems(stems)
        if found is None or (unit and not units_of(found.column, self.currency)):
            return None
        return Meaning(found.column, found.how, unit=unit)

    def _by_stems(self, stems: Sequence[str]) -> Meaning | None:
        joined = self._known.get(self._canonical("".join(stems)))
        if joined:
            return Meaning(*joined)
        if len(stems) == 1:
            return None
        *above, own = stems
        if own == "本月":
            # 9月 under 月度完成投资 is what was done in that month.
            above[-1] = re.sub("^(?:本年)?(?:月度|[各分逐]月度?)", "", above[-1])
        over = self._canonical("".join(above))
        turned = self._known.get(self._canonical(own + above[-1].removesuffix("情况")))
        if turned is None and above[-1].startswith("本年") and own in _PARTS_OF_YEAR:
            part = _PARTS_OF_YEAR[own]
            turned = self._known.get(part + above[-1].removeprefix("本年").removesuffix("情况"))
        if turned and not _OTHER_TIME.search(over):
            return Meaning(turned[0], "上级标题")
        found = self._whole_of(own, over)
        alone = self._known.get(own)
        if found is None and alone and _stands_alone(own, over, alone[0]):
            found = Meaning(alone[0], "上级标题")
        if found is None and len(stems) > 2 and not _LOADED.search(stems[0]):
            found = self._by_stems(stems[1:])
        return found

    def _whole_of(self, own: str, over: str) -> Meaning | None:
        """合计 under a heading is the whole of what that heading names."""
        parent = self._known.get(over)
        is_amount = parent is not None and bool(units_of(parent[0], self.currency))
        is_another = "计划" in own and parent is not None and parent[0].name not in _PLANNED
        if parent and is_amount and _WHOLE.fullmatch(own) and not is_another:
            return Meaning(parent[0], "上级标题")
        return None

    def _canonical(self, heading: str) -> str:
        """The heading with its years and months said relative to the period, in one spelling."""
        text = heading.replace("202x-1年", "上年").replace("202x年", "本年")
        text = _YEARS.sub("历年", text)
        text = _YEAR.sub(self._year_word, text)
        text = _SPAN.sub(self._span_word, text)
        text = _PART_OF_YEAR.sub(self._part_word, text)
        text = _UNTIL.sub(self._until_word, text)
        text = _MONTH.sub(self._month_word, text)
        for pattern, word in _SPELLINGS:
            text = pattern.sub(word, text)
        return text

    def _year_word(self, match: re.Match[str]) -> str:
        year = int(match[1]) if len(match[1]) == 4 else 2000 + int(match[1])
        return {0: "本年", -1: "上年", 1: "下年"}.get(year - self._year, "他年")

    def _span_word(self, match: re.Match[str]) -> str:
        return "本年累计" if (int(match[1]), int(match[2])) == (1, self._month) else "他月累计"

    def _part_word(self, match: re.Match[str]) -> str:
        months = {"一季度": 3, "第一季度": 3, "上半年": 6, "前三季度": 9}
        return "本年累计" if months.get(match[0]) == self._month else "他月累计"

    def _until_word(self, match: re.Match[str]) -> str:
        return "截至本月底" if int(match[1]) == self._month else "截至他月底"

    def _month_word(self, match: re.Match[str]) -> str:
        return "本月" if int(match[1]) == self._month else "他月"


_YEARS = re.compile(r"(?:19|20)\d\d年?[-~至到—](?:19|20)?\d\d年")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d(?=年|计划|投资|完成|累计)|\d\d(?=年))(?:年度?)?")
_SPAN = re.compile(r"(?<!\d)(\d{1,2})月?份?[-~至到—]+(\d{1,2})月份?")
_PART_OF_YEAR = re.compile("第?[一二三四]季度|前[二三]季度|[上下]半年")
_UNTIL = re.compile(r"截[至止]到?(?:本年)?(\d{1,2})月(?:份|\d{1,2}日)?(?:底|末)?")
_MONTH = re.compile(r"(?<!\d)(\d{1,2})月份?")
_SPELLINGS = [
    (re.compile(pattern), word)
    for pattern, word in (
        ("去年", "上年"),
        ("明年", "下年"),
        ("今年|当年|本年度|全年", "本年"),
        ("当月|本期", "本月"),
        ("上月|下月", "他月"),
        ("年初至(?:今|报告期|本月|目前)(?:底|末)?", "本年累计"),
        ("截[至止]到?(?:目前|今|当前|报告期|本月)(?:底|末)?", "截至本月底"),
        ("^年度?(?=计划|投资|完成|累计|最新)", "本年"),
        ("(?:本年)+(?:度)?", "本年"),
        ("本年本月", "本月"),
        ("(?:本年累计)+(?:累计)?", "本年累计"),
        ("计划计划", "计划"),
        ("投资完成(?!率)", "完成投资"),
    )
]
_OTHER_TIME = re.compile("上年|下年|他年|他月|历年")
_WHOLE = re.compile("小计|合计|总计|总额|总投资|计划总投资|投资|投资额|金额|计划投资")
_PLANNED = {"investment_total", "plan_year"}
"""Columns whose whole may be called 计划投资: 计划投资 under 1-9月 is not what was invested."""
_PARTS_OF_YEAR = {"本月": "本月", "累计": "本年累计", "本年累计": "本年累计"}
_LOADED = re.compile(
    "本年|上年|下年|他年|本月|他月|历年|计划|完成|累计|实际|资金|来源|目标|任务|预计|新增|其中|上级|附件|问题"
)
"""Words of a parent heading that change what stands under it."""


_OF_MONEY = re.compile(
    "(?:项目|工程|建设|基本|投资额?|完成|计划|情况|总|本年|本月|年度|累计|进度|进展|最新|推进|安排|实际|信息"
    "|资金来源|资金|及|和)*"
)
_OF_DATES = re.compile(
    "(?:项目|工程|建设|基本|情况|信息|时间|日期|起止|年限|工期|实施|施工|进度|进展|计划|实际|节点|开竣工|开工|竣工|本年|年度|推进|及|和)*"
)
"""Parents that leave an amount or a date below them what it is: 税收 over 1-9月 does not."""


def _stands_alone(own: str, over: str, column: Column) -> bool:
    """Whether a heading means under its parents what it means without them."""
    if _OTHER_TIME.search(over) or "其中" in over:
        return False
    if column.kind == "date":
        is_plain = not _LOADED.search(over) or re.search("计划|实际|预计|拟", own) is not None
        return is_plain and _OF_DATES.fullmatch(over) is not None
    if column.kind in {"money", "foreign"}:
        is_total = re.fullmatch("(?:计划|项目)?总投资额?|投资总额", own) is not None
        is_dated = re.search("本年|本月", own) and re.search("计划.*投资|投资.*计划|完成.*投资", own)
        is_whole = is_total and not re.search("本年|本月", over)
        # 资金 over an investment adds nothing: 贷款 would.
        is_plain = not _LOADED.search(re.sub("资金(?:来源)?", "", over)) and "投资" in own
        return _OF_MONEY.fullmatch(over) is not None and bool(is_whole or is_dated or is_plain)
    return not _LOADED.search(over) or ("完成" in over and column.kind == "text")
