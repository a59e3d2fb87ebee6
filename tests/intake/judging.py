"""What a filing stored, held against what it must store: every value of every project, every doubt.

A project may be missing only where a refusal names its row or the whole file; a value may be missing
only where a sentence names its row and column. Another value than the true one is never right.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dirty import MONEY, AnyOf, Doubt, Key, Made

from saima.intake.rows import NO_SECRETS
from saima.ledgers import PROJECTS

CHECKED = tuple(
    column.name
    for column in PROJECTS.columns
    if column.is_filed
    or column.name in {"area_id", "category", "chain", "stage_filed"}
    or column.name.endswith("_precision")
)
"""Columns of the ledger whose every value must be as expected."""

KINDS = (
    "wrong",
    "invented",
    "extra row",
    "missing row",
    "lost",
    "unsaid",
    "not refused",
    "crash",
    "without reason",
)
"""Kinds of differences, the most dangerous first: a wrong value, a value out of nothing, a row that is no
project, a project that is gone, a value that is gone, a doubt not spoken of, a secret taken in, an
exception instead of a report, a refusal without a rule or a sentence."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it must be."""

    kind: str
    sheet: str
    row: int | None = None
    column: str | None = None
    expected: Any = None
    found: Any = None

    def __str__(self) -> str:
        place = f"{self.kind}: 「{self.sheet}」 row {self.row} {self.column}"
        return f"{place}: expected {self.expected!r}, found {self.found!r}"


@dataclass(frozen=True)
class Verdict:
    """What came of a workbook: of its projects, how many were taken with every value right."""

    differences: tuple[Difference, ...]
    is_taken: bool
    projects: int
    exact: int


@dataclass(frozen=True)
class _Said:
    """A refusal or a warning; without rows it speaks of the whole sheet, without a sheet of the file."""

    sheet: str | None
    rows: frozenset[int]
    text: str

    def is_about(self, sheet: str, row: int | None, names: Collection[str]) -> bool:
        """Whether it speaks of that row and one of these names of the column, or of the row where there
        are none. A column that is not read at all is spoken of once."""
        is_here = row is None or row in self.rows or (bool(names) and not self.rows)
        is_named = not names or any(_plain(name) in self.text for name in names)
        return self.sheet in {sheet, None} and is_here and is_named


def _plain(text: str) -> str:
    return re.sub(r"[\s()\[\]>·_-]+", "", unicodedata.normalize("NFKC", text)).lower()


def _names(whole: Made, heading: str | None) -> set[str]:
    """What a column may be called: its heading, or the ledger's own term for it."""
    columns = [
        column for column in PROJECTS.columns if heading and whole.headings.get(column.name) == heading
    ]
    return {name for name in (heading, *(column.term for column in columns)) if name}


def _spoken(report: Mapping[str, Any]) -> list[_Said]:
    places = [(item, {item["row"]} - {None}) for item in report["refused"]]
    places += [(item, set(item["rows"])) for item in report["warnings"]]
    return [
        _Said(item["sheet"], frozenset(rows), _plain(f"{item['column'] or ''}{item['sentence']}"))
        for item, rows in places
    ]


def judged(whole: Made, report: Mapping[str, Any], stored: Iterable[Mapping[str, Any]]) -> Verdict:
    """The differences, the most dangerous first. `report` is the JSON report; `stored` the rows in force,
    or those that could be taken of a file that is refused."""
    said = _spoken(report)
    found = {(row["source_sheet"], row["source_row"]): row for row in stored}
    is_refused = report["exit_code"] == 2
    refused = {(item["sheet"], item["row"]) for item in report["refused"]}
    is_unread = is_refused and not found
    differences = [*_without_reason(report), *_secrets(whole, report, is_unread)]
    exact = 0
    if whole.is_shifted:
        named = {(item.sheet, row) for item in said for row in item.rows}
        if not is_refused:
            differences += [Difference("unsaid", *key, "shifted") for key in whole.expected.keys() - named]
        return Verdict(tuple(differences), not is_refused, 0, 0)
    differences += _rows(whole, found, said, refused, is_unread)
    for key in found.keys() & whole.expected.keys():
        own = list(_cells(key, whole.expected[key], found[key]))
        differences += [
            item for item in own if not (item.kind == "lost" and _is_aloud(item, whole, said, report))
        ]
        exact += not own
    if not is_unread:
        differences += [
            Difference("unsaid", doubt.sheet, doubt.row, doubt.heading, doubt.why)
            for doubt in whole.doubts
            if (doubt.sheet, doubt.row) not in refused and not _is_said(doubt, whole, said, report)
        ]
    return Verdict(
        tuple(sorted(differences, key=lambda item: (KINDS.index(item.kind), str(item)))),
        not is_refused,
        len(whole.expected) - len(whole.twins),
        0 if is_refused else exact,
    )


def _without_reason(report: Mapping[str, Any]) -> Iterator[Difference]:
    if report["exit_code"] == 2 and not report["refused"]:
        yield Difference("without reason", "")
    for item in report["refused"]:
        if not (re.fullmatch("[a-z][a-z0-9_]+", item["rule"]) and re.search("[一-鿿]", item["sentence"])):
            yield Difference("without reason", str(item["sheet"]), item["row"], item["rule"])


def _secrets(whole: Made, report: Mapping[str, Any], is_unread: bool) -> Iterator[Difference]:
    """A secret is refused as one; a file refused before its rows are read may say another reason."""
    is_said = any(NO_SECRETS in item["sentence"] for item in report["refused"])
    if whole.is_secret and not (report["exit_code"] == 2 and (is_said or is_unread)):
        yield Difference("not refused", whole.grids[0].name)


def _rows(
    whole: Made,
    found: Mapping[Key, Mapping[str, Any]],
    said: list[_Said],
    refused: set[Key],
    is_unread: bool,
) -> Iterator[Difference]:
    absent = set() if is_unread else whole.expected.keys() - found.keys() - refused
    for twins in whole.twins:
        absent -= set(twins) if found.keys() & set(twins) else set()
        if found.keys() >= set(twins):
            yield Difference("extra row", *twins[1], found=found[twins[1]]["name"])
        elif not is_unread and not any(item.rows & {row for _, row in twins} for item in said):
            yield Difference("unsaid", *twins[1], "same project twice")
    for key in absent:
        yield Difference("missing row", *key, "name", whole.expected[key]["name"])
    for key in found.keys() - whole.expected.keys():
        yield Difference("extra row", *key, "name", None, found[key]["name"])


def _cells(key: Key, expected: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[Difference]:
    for name in CHECKED:
        true, own = expected.get(name), row.get(name)
        if own == true or (isinstance(true, AnyOf) and own in true.values):
            continue
        # A row under its area or category may keep the words above it as its text.
        if name in {"area_text", "category_text"} and name not in expected:
            continue
        kind = "lost" if own is None else "invented" if true is None else "wrong"
        yield Difference(kind, *key, name, true, own)


def _is_aloud(item: Difference, whole: Made, said: list[_Said], report: Mapping[str, Any]) -> bool:
    """Whether a lost value is spoken of. Of a column that is no amount it is enough that it is listed as
    not known."""
    name = str(item.column).removesuffix("_precision")
    names = _names(whole, whole.headings.get(name))
    listed = [entry for sheet in report["sheets"] for entry in sheet.get("unmapped", ())]
    is_listed = name not in MONEY and any(
        _plain(one) in _plain(str(entry)) for one in names for entry in listed
    )
    return is_listed or (bool(names) and any(one.is_about(item.sheet, item.row, names) for one in said))


def _is_said(doubt: Doubt, whole: Made, said: list[_Said], report: Mapping[str, Any]) -> bool:
    if doubt.why == "hidden sheet":
        return any(sheet["name"] == doubt.sheet and sheet.get("why") for sheet in report["sheets"])
    if doubt.why == "hidden rows" and any(
        one.sheet == doubt.sheet and not one.rows and "隐藏" in one.text for one in said
    ):
        return True
    return any(one.is_about(doubt.sheet, doubt.row, _names(whole, doubt.heading)) for one in said)
