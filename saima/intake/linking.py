"""What a row of a ledger beside the projects is about: its project and area, and its own id.

The project is the one that the row's code stands for, or its name where only one project (of that area) has
it. A row that is filed again keeps its id: the number in the file, else the id that the same thing had in
the ledger before, else one derived from what the ledger says of it, so that the same file gives the same ids
anywhere.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from saima.intake.identity import Filed, Projects
from saima.intake.rows import Row
from saima.intake.values import plain
from saima.intake.verdicts import Findings, Place
from saima.ledgers import Ledger

_SUBJECTS = ("project_id", "project_code", "name")
"""Columns that say which project a row is about, the surest first: one of them is enough."""

_UNKNOWN = "项目台账里没有这个项目，或同名的不止一个，请核对项目名称，或填写项目代码"

_ELSEWHERE = "项目台账里这个项目是另一个地区的，按这里填的地区统计，请核对责任地区"

_AT_ODDS = "项目代码和项目名称是台账里两个不同的项目，按项目代码识别，请核对"


def remembered(ledger: Ledger) -> tuple[str, ...]:
    """Columns of the ledger's earlier rows by which `linked` knows a thing again."""
    return tuple(dict.fromkeys((*ledger.key, *ledger.id_from)))


def linked(
    rows: Sequence[Row],
    *,
    ledger: Ledger,
    city: str,
    projects: Projects,
    known: pl.DataFrame,
    findings: Findings,
) -> list[Row]:
    """The rows with project_id, area_id and id. A row about the same thing as an earlier one is refused.

    `ledger` is any but the project ledger; `known` holds its newest stored rows in the columns `remembered`.
    """
    # A name that stands beside several codes tells nothing, whoever wrote it.
    projects.hear(Filed(row.values.get("project_code"), row.values["name"], None, "") for row in _named(rows))
    ids = {
        likeness: values[ledger.own_id]
        for values in known.iter_rows(named=True)
        if ledger.own_id
        for likeness in _likenesses(values, ledger)
    }
    kept: list[Row] = []
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        _link_project(row, ledger, city, projects, findings)
        is_numbered = ledger.own_id is not None and row.values.get(ledger.own_id) is not None
        if ledger.own_id:
            _give_id(row, ledger.own_id, ledger, city, ids)
        key = tuple(_said(row.values.get(column)) for column in ledger.key)
        earlier = first.setdefault(key, row)
        if earlier is row:
            kept.append(row)
        else:
            _refuse_double(row, earlier, ledger, is_numbered=is_numbered, findings=findings)
    return kept


def _named(rows: Sequence[Row]) -> Iterator[Row]:
    return (row for row in rows if row.values.get("name") is not None)


def _link_project(row: Row, ledger: Ledger, city: str, projects: Projects, findings: Findings) -> None:
    """Put project_id and area_id into the row, and project_ids where it is about several projects."""
    code, name, area_id = (row.values.get(column) for column in ("project_code", "name", "area_id"))
    by_code = projects.pointed_at(code) if code else None
    by_name = projects.pointed_at(name, area_id) if name else None
    pointed = (by_code or by_name) if "project_id" in ledger.schema else None
    row.values["area_id"] = area_id or projects.area_of(pointed) or ledger.area_of_rest(city)
    if "project_ids" in ledger.schema:
        _link_projects(row, projects, findings)
    if "project_id" not in ledger.schema or not (code or name):
        return
    if by_code and by_name and by_code != by_name:
        findings.remark("存疑", "code_and_name_agree", _AT_ODDS, row.place("project_code"))
    if area_id and projects.area_of(pointed) not in {None, area_id}:
        findings.remark("存疑", "area_is_that_of_the_project", _ELSEWHERE, row.place("area_text"))
    if pointed is None:
        _remark_on_unknown(row, ledger, findings)
        if "project_id" in ledger.key:
            filed = Filed(code, row.values["name"], row.values.get("owner"), row.values["area_id"])
            pointed = projects.identified([filed])[0].project_id
    row.values["project_id"] = pointed


def _remark_on_unknown(row: Row, ledger: Ledger, findings: Findings) -> None:
    findings.remark(
        "提示" if ledger.own_id == "entry_id" else "存疑",
        "row_has_its_project",
        _UNKNOWN,
        row.place("name" if row.values.get("name") else "project_code"),
    )


def _link_projects(row: Row, projects: Projects, findings: Findings) -> None:
    """A list of codes or names as project_ids; a word that no single project has stays as it is."""
    words: list[str] | None = row.values.get("project_ids")
    for word in words or ():
        if projects.pointed_at(word) is None:
            place = row.place("project_ids")
            findings.remark("存疑", "row_has_its_projects", f"{_UNKNOWN}，保留原文", place, word)
    row.values["project_ids"] = words and [projects.pointed_at(word) or word for word in words]


def _give_id(row: Row, own_id: str, ledger: Ledger, city: str, ids: dict[tuple[str, ...], str]) -> None:
    """The id as filed, else that of the same thing known before, else one derived from what it is."""
    likenesses = list(_likenesses(row.values, ledger))
    made = f"{city}-{_digest((ledger.name, *likenesses[0]))}"
    before = next((ids[likeness] for likeness in likenesses if likeness in ids), made)
    row.values[own_id] = row.values.get(own_id) or before
    for likeness in likenesses:
        ids.setdefault(likeness, row.values[own_id])


def _likenesses(values: Mapping[str, Any], ledger: Ledger) -> Iterator[tuple[str, ...]]:
    """What a row is known by: by each way to say its project, its area and the rest of `id_from`."""
    subjects = [column for column in ledger.id_from if column in _SUBJECTS and values.get(column)]
    rest = [_said(values.get(column)) for column in ledger.id_from if column not in _SUBJECTS]
    for subject in subjects or [""]:
        yield (subject, _said(values.get(subject)), _said(values["area_id"]), *rest)


def _said(value: object) -> str:
    """A value without what differs from hand to hand: white space, width, case."""
    return "" if value is None else plain(str(value)).lower()


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def _refuse_double(row: Row, earlier: Row, ledger: Ledger, *, is_numbered: bool, findings: Findings) -> None:
    where, own_id = Place(earlier.sheet, earlier.number), ledger.own_id
    if own_id and is_numbered:
        columns = [own_id]
        objection = f"与{where}的编号相同，同一编号只能有一行，请删去一行，或改正其中一个编号"
    elif own_id:
        columns = _filed(row, ledger.id_from)
        advice = f"请只留一行；确实是两件事的，请填{ledger.column(own_id).term}加以区分"
        objection = f"与{where}是同一件事（{_headings(row, columns)}相同），{advice}"
    else:
        columns = _filed(row, (*_SUBJECTS, "area_text", *ledger.key))
        objection = f"与{where}说的是同一件事（{_headings(row, columns)}相同），请只留一行"
    rule = "row_is_filed_once"
    findings.refuse(rule, objection, row.place(columns[0]), row.shown(columns[0]))


def _filed(row: Row, columns: Sequence[str]) -> list[str]:
    """Those of the columns that the file has."""
    return [column for column in dict.fromkeys(columns) if row.place(column).column is not None]


def _headings(row: Row, columns: Sequence[str]) -> str:
    return "、".join(str(row.place(column).column) for column in columns)
