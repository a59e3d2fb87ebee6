"""A file that was opened and what it is filed for: which sheets are the ledger, and why others are not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from saima import store
from saima.intake import values, workbook
from saima.intake.header import Header, find_header
from saima.intake.headings import Headings
from saima.intake.mapping import ColumnMapping, read_mapping
from saima.intake.values import ValueRefusedError
from saima.intake.verdicts import ROWS_NAMED, Findings, Place, RefusedError
from saima.intake.words import Words
from saima.intake.workbook import Book, Cell, Sheet
from saima.ledgers import LEDGERS, Ledger
from saima.reference import City, MappingDecision, Reference, ReferenceError, mapping_decisions
from saima.wording import OFFICE_TIME

EVERYTHING = datetime.max.replace(tzinfo=UTC)
"""Identity looks at all that is kept, whatever its clock: a project has one id for good."""


@dataclass(frozen=True)
class Submission:
    """A file that was opened, and what it is filed for."""

    book: Book
    ledger: Ledger
    city: City
    period: str
    area_id: str | None
    words: Words
    mapping: ColumnMapping
    decisions: Sequence[MappingDecision]

    @classmethod
    def opened(
        cls,
        path: Path,
        *,
        ledger: str,
        city_code: str,
        period: str,
        area: str | None,
        sheet: str | None,
        mapping_path: Path | None,
        reference: Reference,
        captured_at: datetime,
    ) -> "Submission":
        """Raises RefusedError where the request or the file cannot be used at all."""
        if ledger not in LEDGERS:
            allowed = "、".join(f"{known.name}（{known.term}）" for known in LEDGERS.values())
            raise RefusedError("ledger_is_known", f"没有台账“{ledger}”。允许：{allowed}", value=ledger)
        if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", period) or period < "1949":
            raise RefusedError(
                "period_is_a_month", f"报告期“{period}”不是年月。允许：如 2024-09", value=period
            )
        now = captured_at.astimezone(OFFICE_TIME).strftime("%Y-%m")
        if period > now:
            raise RefusedError(
                "period_has_begun",
                f"报告期 {period} 还没有到，收件时间是 {now}。允许：不晚于收件的月份",
                value=period,
            )
        try:
            city = reference.city(city_code)
        except ReferenceError as error:
            raise RefusedError("city_is_known", str(error), value=city_code) from None
        words = Words(city, reference)
        try:
            area_id = words.area(area) if area else None
        except ValueRefusedError as error:
            raise RefusedError("area_is_known", f"报送地区“{area}”{error}", value=area) from None
        mapping = ColumnMapping()
        if mapping_path:
            mapping = read_mapping(mapping_path, LEDGERS[ledger], city.currency)
        return cls(
            workbook.read(path),
            LEDGERS[ledger],
            city,
            period,
            area_id,
            words,
            replace(mapping, sheet=sheet) if sheet else mapping,
            mapping_decisions(city.code, ledger, EVERYTHING),
        )

    @cached_property
    def headings(self) -> Headings:
        """What headings mean in this ledger, in this period."""
        return Headings(self.ledger, self.city.currency, self.period)

    @cached_property
    def headings_of_others(self) -> tuple[Headings, ...]:
        """What headings mean in each other ledger, in this period."""
        others = [ledger for ledger in LEDGERS.values() if ledger is not self.ledger]
        return tuple(Headings(ledger, self.city.currency, self.period) for ledger in others)

    @cached_property
    def period_end(self) -> date:
        """Last day of the period."""
        return values.last_day(self.period)

    @property
    def needs_areas(self) -> bool:
        """Whether each row must say its area: a whole city's projects."""
        return self.ledger.name == "projects" and self.area_id is None

    def in_force(self) -> list[store.Revision]:
        """The revision that the period has, if any."""
        revisions = store.revisions(self.ledger.name, self.city.code, EVERYTHING)
        return [revision for revision in revisions if revision.period == self.period]

    def replaced(self) -> dict[str, str]:
        """The filings whose rows this one takes the place of: who filed them, by id."""
        filings = [
            revision.filing(area)
            for revision in self.in_force()
            for area in revision.areas
            if self.area_id in {None, area}
        ]
        names = {None: "全市", **self.words.area_names}
        return {
            filing["filing_id"]: " ".join([names.get(filing["area_id"], ""), filing["who"]]).strip()
            for filing in filings
        }


@dataclass(frozen=True)
class Sheets:
    """The sheets of a book that hold something: headings of those that are the ledger, and why others are
    not, by name."""

    headers: dict[str, Header]
    left_out: dict[str, str]


def chosen_sheets(submission: Submission, findings: Findings) -> Sheets:
    """The sheets that are read. Raises RefusedError where no sheet is the ledger, or the only ones lack a
    column that must be there."""
    sheets = [sheet for sheet in submission.book.sheets if any(map(_has_content, sheet.rows))]
    if not sheets:
        raise RefusedError("file_has_projects", "文件里没有内容，工作表都是空的")
    asked = submission.mapping.sheet
    candidates = [sheet for sheet in sheets if sheet.is_visible] if asked is None else []
    why_not = "是隐藏的工作表"
    if asked is not None:
        candidates = [sheet for sheet in sheets if sheet.name == asked]
        why_not = f"只要工作表「{asked}」"
        if not candidates:
            known = "、".join(sheet.name for sheet in sheets)
            raise RefusedError("mapped_sheet_is_present", f"没有工作表「{asked}」。文件里有：{known}")
    left_out = {sheet.name: why_not for sheet in sheets if sheet not in candidates}
    others = [sheet for sheet in candidates if asked is None and _is_of_another_month(sheet.name, submission)]
    if len(others) < len(candidates):
        candidates = [sheet for sheet in candidates if sheet not in others]
        left_out |= {sheet.name: "是其他月份的工作表" for sheet in others}
    for sheet in others:
        said = "没有读取" if sheet.name in left_out else "照此读取，请核对报告期"
        objection = f"工作表名写的不是 {submission.period}，{said}"
        findings.remark("存疑", "sheet_is_of_the_period", objection, Place(sheet.name))
    headers: dict[str, Header] = {}
    lacking: list[RefusedError] = []
    for sheet in candidates:
        header = find_header(sheet, submission.headings, submission.mapping, submission.decisions)
        lack = _is_not_the_ledger(sheet, header, submission) if header else None
        if header is None:
            left_out[sheet.name] = "前 20 行没有找到表头"
        elif lack:
            lacking.append(lack)
        else:
            headers[sheet.name] = header
    if not headers:
        raise lacking[0] if lacking else _no_header(candidates, submission)
    for lack in lacking:
        name = str(lack.refusal.place.sheet)
        left_out[name] = f"像是台账，但{lack.refusal.sentence.removeprefix(f'工作表「{name}」')}"
        findings.remark("存疑", "ledger_is_read", f"没有读取：{left_out[name]}", Place(name))
    _remark_on_hidden(sheets, candidates, submission, left_out, findings)
    return Sheets(headers, left_out)


def _is_of_another_month(name: str, submission: Submission) -> bool:
    """Whether a sheet is named after a month or year that is not the period's (8月, 202408, 2023年)."""
    of_year = re.fullmatch(r"(20\d\d)年?度?(?:项目|台账|计划|完成|投资)*", values.plain(name))
    if of_year:
        return of_year[1] != submission.period[:4]
    said = re.fullmatch(r"(?:(20\d\d)年?)?(\d{1,2})月?份?(?:.{0,4})", values.plain(name))
    if said is None or not ("月" in name or said[1]) or not 1 <= int(said[2]) <= 12:
        return False
    year, month = map(int, submission.period.split("-"))
    return (int(said[1] or year), int(said[2])) != (year, month)


def _has_content(cells: Sequence[Cell]) -> bool:
    return any(cell is not None for cell in cells)


def _no_header(candidates: Sequence[Sheet], submission: Submission) -> RefusedError:
    names = "、".join(f"工作表「{sheet.name}」" for sheet in candidates) or "没有隐藏的工作表中"
    required = "、".join(_required(submission))
    return RefusedError(
        "header_is_found", f"{names}前 20 行没有找到表头。允许：一到三行列标题，其中有 {required}"
    )


def _required(submission: Submission) -> list[str]:
    return [column.term for column in submission.ledger.filed if column.is_required]


def _is_not_the_ledger(sheet: Sheet, header: Header, submission: Submission) -> RefusedError | None:
    return _lacks(sheet, header, submission) or _is_of_another_ledger(sheet, header, submission)


def _lacks(sheet: Sheet, header: Header, submission: Submission) -> RefusedError | None:
    present = {field.column.term for field in header.fields}
    missing = [term for term in _required(submission) if term not in present]
    return lacking(sheet.name, header, missing) if missing else None


def _is_of_another_ledger(sheet: Sheet, header: Header, submission: Submission) -> RefusedError | None:
    """Whether no heading speaks for this ledger alone, and several for another that has all it needs.

    What a person said of a heading speaks for the ledger that they chose.
    """
    if any(field.how in {"映射", "记住"} for field in header.fields):
        return None
    own = {field.heading for field in header.fields if field.how != "近似"}
    all_headings = [*(field.heading for field in header.fields), *(left.heading for left in header.unmapped)]
    likeliest: tuple[Ledger, list[str]] | None = None
    for headings in submission.headings_of_others:
        ledger = headings.ledger
        found = {
            heading: meaning.column.name
            for heading in all_headings
            if (meaning := headings.meaning(heading.split(" > ")))
        }
        needed = {column.name for column in ledger.filed if column.is_required}
        more = [heading for heading in found if heading not in own]
        is_marked = any(found[heading] in {*needed, ledger.own_id} for heading in more)
        if not (own <= found.keys() and needed <= set(found.values()) and (is_marked or len(more) > 1)):
            continue
        if likeliest is None or len(more) > len(likeliest[1]):
            likeliest = ledger, more
    if likeliest is None:
        return None
    other, more = likeliest
    term = submission.ledger.term
    return RefusedError(
        "sheet_is_of_the_ledger",
        f"工作表「{sheet.name}」第 {header.row} 行的表头是{other.term}的（{'、'.join(more[:ROWS_NAMED])}），"
        f"没有一列是{term}独有的；请改选{other.term}，确实是{term}的，请用它的模板填写",
        Place(sheet.name, header.row),
    )


def lacking(sheet: str, header: Header, missing: Sequence[str]) -> RefusedError:
    """The refusal of a sheet without columns that must be there."""
    found = "、".join(
        [*(field.heading for field in header.fields), *(left.heading for left in header.unmapped)]
    )
    hint = "；只报送一个地区时，可以改为指明报送地区" if "责任地区" in missing else ""
    return RefusedError(
        "required_columns_are_present",
        f"工作表「{sheet}」第 {header.row} 行的表头缺少必需的列：{'、'.join(missing)}（现有：{found}）{hint}",
        Place(sheet, header.row, "、".join(missing)),
    )


def _remark_on_hidden(
    sheets: Sequence[Sheet],
    candidates: Sequence[Sheet],
    submission: Submission,
    left_out: dict[str, str],
    findings: Findings,
) -> None:
    """A hidden sheet that is a ledger may have been meant."""
    for sheet in sheets:
        if sheet.is_visible or sheet in candidates or submission.mapping.sheet is not None:
            continue
        header = find_header(sheet, submission.headings, ColumnMapping())
        if header and not _is_not_the_ledger(sheet, header, submission):
            left_out[sheet.name] = "是隐藏的工作表，像是台账"
            objection = "没有读取：是隐藏的工作表，却像是台账；要报送的请取消隐藏"
            findings.remark("存疑", "ledger_is_read", objection, Place(sheet.name))


_DAY_OF_FORM = re.compile("填报|制表|打印|报送(?:日期|时间)")
_TITLE_YEARS = re.compile(r"(20\d\d)(?:年?[-—–~至到](20\d\d))?年")
_TITLE_MONTH = re.compile(r"(\d{1,2})月(?!\d{1,2}[日号](?!前))")
_TITLE_SPANS = {"上半年": 6, "一季度": 3, "二季度": 6, "三季度": 9, "四季度": 12}


def check_title(sheet: Sheet, header: Header, submission: Submission, findings: Findings) -> None:
    """The title above the headings speaks of the period that is filed for."""
    for number, cells in enumerate(sheet.rows[: header.first_row - 1], start=1):
        for cell in cells:
            other = other_time(values.plain(cell), submission.period) if isinstance(cell, str) else None
            if other:
                objection = f"标题写的是 {other}，报送的是 {submission.period}，请核对报告期"
                findings.remark("存疑", "title_is_of_the_period", objection, Place(sheet.name, number))
                return


def other_time(title: str, period: str) -> str | None:
    """The year or month of a title that is not the period's, as written; None where there is none."""
    if _DAY_OF_FORM.search(title):
        return None
    text = title.translate(str.maketrans("〇零一二三四五六七八九", "00123456789"))
    text = re.sub(r"(20\d\d)\.(\d{1,2})(?!\d)", r"\1年\2月", text)
    text = re.sub(r"(?<!\d)(\d\d)年(?=\d{1,2}月)", r"20\1年", text)
    year, month = map(int, period.split("-"))
    # 二〇二三年 is a year; 三季度 keeps its numeral.
    years = _TITLE_YEARS.search(text)
    if years and not int(years[1]) <= year <= int(years[2] or years[1]):
        return years[0]
    span = next((words for words in _TITLE_SPANS if words in title), None)
    if span and _TITLE_SPANS[span] != month:
        return span
    until = re.search(r"截[至止]\D{0,3}(?:20\d\d年)?(\d{1,2})月", text)
    said = [until[1]] if until else _TITLE_MONTH.findall(text)
    # 1-9月 ends in the month that it is of.
    if said and int(said[-1]) <= 12 and int(said[-1]) != month:
        return f"{said[-1]}月"
    return None
