"""The lights of a city: what turns a project or a target yellow or red, and what follows from it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from saima.reference.settings import Settings

LONGEST = 13
"""Periods in a row that a rule can ask for: no longer streak is known."""

LETTER_KINDS = ("warning", "reminder", "talk")
"""预警通知书, 提醒函, 约谈建议."""


@dataclass(frozen=True)
class Consequence:
    """What follows when a project, an area's target or an area's place stays behind for so many periods.

    `letter` is the kind that its area is then due, None where none is.
    """

    of: str
    periods: int
    words: str
    letter: str | None


@dataclass(frozen=True)
class LightRules:
    """Every threshold of a city's lights (data-model.md section 5).

    `progress_mode` "points": yellow from `progress_yellow` points below 序时, inclusive, red above
    `progress_red`; "relative": yellow below what is due by now, red by more than `progress_red` percent of
    it. `start_red_periods` and `target_red_periods` count filed periods in a row. Months are whole months
    after an event. `lagging_list` names the list of a campaign against lagging projects.
    """

    name: str = "亮灯规则"
    label: str = "本系统默认，可改"
    progress_mode: str = "points"
    progress_yellow: float = 10
    progress_red: float = 30
    start_red_periods: int = 3
    statistics_floor: float = 500
    statistics_yellow_months: int = 1
    statistics_red_months: int = 2
    funds_red_months: int = 3
    problem_near_days: int = 15
    reserve_green: int = 4
    reserve_yellow: int = 2
    production_yellow_months: int = 3
    capacity_yellow_months: int = 6
    target_red_periods: int = 2
    marathon_months: int = 36
    snail_points: float = 30
    lagging_list: str | None = None
    explanation_periods: int = 2
    consequences: tuple[Consequence, ...] = (
        Consequence("project", 1, "下发预警通知书", "warning"),
        Consequence("project", 3, "建议约谈责任单位", None),
        Consequence("target", 2, "发提醒函，并书面说明原因", "reminder"),
        Consequence("place", 2, "排名连续靠后，发提醒函", "reminder"),
        Consequence("place", 3, "排名连续靠后，建议约谈", "talk"),
    )


def read_lights(settings: Settings, lists: Sequence[str]) -> LightRules:
    """The rules of one file; what it leaves out is ours."""
    ours = LightRules()
    settings.only(
        *("name", "label", "lagging_list", "progress", "start", "statistics", "funds", "problem", "reserve"),
        *("production", "capacity", "target", "marathon", "snail", "explanation", "consequences"),
    )

    def table(key: str, *names: str) -> Settings:
        found = settings.table(key)
        found.only(*names)
        return found

    def months(found: Settings, key: str, default: int, low: int = 0) -> int:
        return _whole(found, key, default, low=low, high=600)

    def periods(name: str, key: str, default: int) -> int:
        return _whole(table(name, key), key, default, low=1, high=LONGEST)

    progress = table("progress", "mode", "yellow", "red")
    yellow = progress.number("yellow", ours.progress_yellow, low=0, high=100)
    red = progress.number("red", ours.progress_red, low=0, high=100)
    mode = progress.word("mode", ours.progress_mode, ("points", "relative"))
    if mode == "points" and red < yellow:
        raise progress.refused("red", f"值“{red:g}”小于 yellow", f"不小于 {yellow:g} 的数字")
    statistics = table("statistics", "floor", "yellow_months", "red_months")
    entry = months(statistics, "yellow_months", ours.statistics_yellow_months)
    late_entry = months(statistics, "red_months", ours.statistics_red_months)
    if late_entry < entry:
        raise statistics.refused(
            "red_months", f"值“{late_entry}”小于 yellow_months", f"不小于 {entry} 的整数"
        )
    reserve = table("reserve", "green", "yellow")
    ready = _whole(reserve, "green", ours.reserve_green, low=1, high=4)
    half_ready = _whole(reserve, "yellow", ours.reserve_yellow, low=0, high=4)
    if half_ready > ready:
        raise reserve.refused("yellow", f"值“{half_ready}”大于 green", f"不大于 {ready} 的整数")
    lagging = settings.word("lagging_list", "", lists) if "lagging_list" in settings.values else ""
    return LightRules(
        name=settings.word("name", ours.name),
        label=settings.word("label", ours.label),
        progress_mode=mode,
        progress_yellow=yellow,
        progress_red=red,
        start_red_periods=periods("start", "red_periods", ours.start_red_periods),
        statistics_floor=statistics.number("floor", ours.statistics_floor, low=0, high=10**8),
        statistics_yellow_months=entry,
        statistics_red_months=late_entry,
        funds_red_months=months(table("funds", "red_months"), "red_months", ours.funds_red_months),
        problem_near_days=_whole(
            table("problem", "near_days"), "near_days", ours.problem_near_days, low=0, high=3650
        ),
        reserve_green=ready,
        reserve_yellow=half_ready,
        production_yellow_months=months(
            table("production", "yellow_months"), "yellow_months", ours.production_yellow_months
        ),
        capacity_yellow_months=months(
            table("capacity", "yellow_months"), "yellow_months", ours.capacity_yellow_months
        ),
        target_red_periods=periods("target", "red_periods", ours.target_red_periods),
        marathon_months=months(table("marathon", "months"), "months", ours.marathon_months, low=1),
        snail_points=table("snail", "points").number("points", ours.snail_points, low=0, high=100),
        lagging_list=lagging or None,
        explanation_periods=periods("explanation", "periods", ours.explanation_periods),
        consequences=tuple(_consequence(found) for found in settings.tables("consequences"))
        or ours.consequences,
    )


def _consequence(found: Settings) -> Consequence:
    found.only("of", "periods", "words", "letter")
    return Consequence(
        of=found.word("of", allowed=("project", "target", "place")),
        periods=_whole(found, "periods", None, low=1, high=LONGEST),
        words=found.word("words"),
        letter=found.word("letter", allowed=LETTER_KINDS) if "letter" in found.values else None,
    )


def _whole(found: Settings, key: str, default: int | None, *, low: int, high: int) -> int:
    number = found.number(key, default, low=low, high=high)
    if not number.is_integer():
        raise found.refused(key, f"值“{number:g}”不对", f"{low} 到 {high} 的整数")
    return int(number)


EDITABLE: Mapping[tuple[str, str], tuple[str, str]] = MappingProxyType(
    {
        ("progress", "yellow"): ("progress_yellow", "投资进度：低于序时多少个百分点为黄"),
        ("progress", "red"): ("progress_red", "投资进度：超过多少个百分点为红"),
        ("start", "red_periods"): ("start_red_periods", "开工：连续几期为黄转红"),
        ("statistics", "yellow_months"): ("statistics_yellow_months", "入统：超过几个月为黄"),
        ("statistics", "red_months"): ("statistics_red_months", "入统：超过几个月为红"),
        ("funds", "red_months"): ("funds_red_months", "资金：到位超过几个月为红"),
        ("problem", "near_days"): ("problem_near_days", "问题：距时限几天内为黄"),
        ("production", "yellow_months"): ("production_yellow_months", "投产：竣工超过几个月为黄"),
        ("capacity", "yellow_months"): ("capacity_yellow_months", "达产达效：竣工超过几个月为黄"),
        ("target", "red_periods"): ("target_red_periods", "目标：连续几期为黄转红"),
        ("marathon", "months"): ("marathon_months", "“马拉松”：开工满几个月未竣工"),
        ("snail", "points"): ("snail_points", "“蜗牛”：低于工期进度几个百分点"),
    }
)
"""The thresholds that a page lets the office change: (table, key) of the file → (attribute, term)."""


def edited_rules(file: str, text: str, told: Mapping[tuple[str, str], float]) -> tuple[LightRules, str]:
    """(rules, text) of a lights file with these thresholds; remarks and everything else stay as written.

    Raises ReferenceError where the thresholds contradict each other.
    """
    for (table, key), number in told.items():
        text = _with_setting(text, table, key, f"{number:g}")
    return read_lights(Settings.of(file, text.encode()), []), text


def _with_setting(text: str, table: str, key: str, value: str) -> str:
    """The text with that key of that table set, its remark kept; put in where it was not."""
    lines, inside, header = text.splitlines(), False, None
    for place, line in enumerate(lines):
        if opened := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
            inside = opened[1] == table
            header = place if inside else header
        elif inside and re.match(rf"\s*{re.escape(key)}\s*=", line):
            remark = re.search(r"\s+#.*$", line)
            lines[place] = f"{key} = {value}{remark[0] if remark else ''}"
            return "\n".join(lines) + "\n"
    if header is None:
        return "\n".join([*lines, "", f"[{table}]", f"{key} = {value}"]).lstrip("\n") + "\n"
    lines.insert(header + 1, f"{key} = {value}")
    return "\n".join(lines) + "\n"
