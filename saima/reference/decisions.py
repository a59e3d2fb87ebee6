"""What people decide while ledgers come in: which heading is which column, which row is which project.

Append-only tables beside the reference files, one JSON object a line, each with who and when; the
newest decision about a thing counts (data-model.md section 1). A line torn off by a crash, or damaged since,
is not a decision: the next one is written behind it.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from saima.reference.office import folder
from saima.reference.refusal import ReferenceError


@dataclass(frozen=True)
class MappingDecision:
    """A heading of a sheet (by the fingerprint of all its headings) is that column of the ledger.

    `column` None leaves it out on purpose; `unit` None leaves the unit to the file. `heading` is as the
    report has it under `key`: without what differs from month to month.
    """

    city: str
    ledger: str
    fingerprint: str
    heading: str
    column: str | None
    unit: str | None
    who: str
    decided_at: datetime


@dataclass(frozen=True)
class IdentityDecision:
    """A row (as filed: code, name, owner, area) is about that project; `project_id` None: a new one."""

    city: str
    code: str | None
    name: str
    owner: str | None
    area_id: str
    project_id: str | None
    who: str
    decided_at: datetime


Decision = TypeVar("Decision", MappingDecision, IdentityDecision)


def record_mappings(decisions: Sequence[MappingDecision]) -> None:
    """Keep these decisions. Raises ReferenceError where the folder cannot be written to."""
    _append("mappings", decisions)


def record_identities(decisions: Sequence[IdentityDecision]) -> None:
    """Keep these decisions. Raises ReferenceError where the folder cannot be written to."""
    _append("identities", decisions)


def mapping_decisions(city: str, ledger: str, as_of: datetime) -> list[MappingDecision]:
    """Decisions about the headings of a city's ledger that were made by then, oldest first."""
    known = _read("mappings", MappingDecision)
    return [made for made in known if (made.city, made.ledger) == (city, ledger) and made.decided_at <= as_of]


def identity_decisions(city: str, as_of: datetime) -> list[IdentityDecision]:
    """Decisions about a city's projects that were made by then, oldest first."""
    known = _read("identities", IdentityDecision)
    return [made for made in known if made.city == city and made.decided_at <= as_of]


def _path(table: str) -> Path:
    return folder() / "decisions" / f"{table}.jsonl"


def _append(table: str, decisions: Iterable[MappingDecision | IdentityDecision]) -> None:
    path = _path(table)
    lines = [json.dumps(asdict(made), ensure_ascii=False, default=_instant_text) for made in decisions]
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - 1, 0))
            torn = b"\n" if size and file.read(1) != b"\n" else b""
            file.write(torn + "".join(f"{line}\n" for line in lines).encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        raise ReferenceError(path.name, "决定没有保存", allowed="可写的参考文件夹") from None


def _instant_text(value: Any) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    raise TypeError(f"no aware instant: {value!r}")


def _read(table: str, kind: type[Decision]) -> list[Decision]:
    path = _path(table)
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError:
        raise ReferenceError(path.name, "读不了这个文件", allowed="可读的文件") from None
    return [made for line in lines if (made := _decision(line, kind))]


def _decision(line: bytes, kind: type[Decision]) -> Decision | None:
    """The decision of a line; None where the line was torn off or damaged."""
    try:
        content = json.loads(line.decode())
        content["decided_at"] = datetime.fromisoformat(content["decided_at"])
        made = kind(**{field.name: content[field.name] for field in fields(kind)})
    except (ValueError, KeyError, TypeError):
        return None
    return made if made.decided_at.tzinfo else None
