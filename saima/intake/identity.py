"""Which project a row is: by its code, else by name, owner and area, else a new one.

Rules: data-model.md section 2, Identity. A code that is not in the shape of GB/T 40058 may be a number of
the sheet's own (1, 2, 3): one that stands beside several names tells nothing. The phase (一期, 二期)
belongs to the name and keeps projects apart. Ids are derived from what the first row says, so the same
ledger gives the same ids anywhere.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from saima.intake.values import national_code, plain
from saima.reference import IdentityDecision

Key = tuple[str, int | None, str, str]
"""Normalised name without its phase, phase, owner, area: what tells projects without a code apart."""


@dataclass(frozen=True)
class Filed:
    """What a row says of the project that it is about."""

    code: str | None
    name: str
    owner: str | None
    area_id: str

    @cached_property
    def key(self) -> Key:
        """The project's key."""
        return (*named(self.name), _letters(self.owner or ""), self.area_id)


@dataclass(frozen=True)
class KnownProject(Filed):
    """A project that an earlier snapshot holds."""

    project_id: str


class Identity(NamedTuple):
    """Project of a row. `doubt` says, in Chinese, why a person should look at it; None if certain.
    `is_decided` is whether a person said so."""

    project_id: str
    is_new: bool
    doubt: str | None = None
    is_decided: bool = False


_SHARED = "这个代码不是国家统一代码的形式，又有别的项目名称，按项目名称识别，请核对项目代码"

_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_NUMERALS |= {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
_PHASE = re.compile(r"第?([一二三四五六七八九十]|\d{1,2}|iii|ii|iv|i|v)期(?:工程|项目)?")


@lru_cache(maxsize=65_536)
def named(name: str) -> tuple[str, int | None]:
    """A name without marks, brackets and white space, and the phase that it ends or goes on with."""
    letters = _letters(name)
    match = _PHASE.search(letters) if "期" in letters else None
    if match is None:
        return letters, None
    phase = _NUMERALS.get(match[1]) or int(match[1])
    return letters[: match.start()] + letters[match.end() :], phase


def _letters(text: str) -> str:
    letters = plain(text).lower()
    return letters if letters.isalnum() else re.sub(r"[\W_]+", "", letters)


class Projects:
    """The projects that are known, growing with the rows of one filing."""

    def __init__(
        self, city: str, known: Iterable[KnownProject], decisions: Iterable[IdentityDecision] = ()
    ) -> None:
        """`known` oldest first: the newest row of a project says its name, owner, area and code.
        `decisions` oldest first: the newest about a row counts."""
        self._city = city
        self._decided = {Filed(made.code, made.name, made.owner, made.area_id): made for made in decisions}
        self._ids: set[str] = set()
        self._by_code: dict[str, str] = {}
        self._names: dict[str, set[tuple[str, int | None]]] = {}
        newest: dict[str, KnownProject] = {}
        for project in known:
            self._ids.add(project.project_id)
            self.hear([project])
            if project.code:
                self._by_code[project.code] = project.project_id
            newest.pop(project.project_id, None)
            newest[project.project_id] = project
        self._by_key: dict[Key, dict[str, str | None]] = {}
        self._by_name: dict[tuple[str, int | None], dict[str, str]] = {}
        self._area_of: dict[str, str] = {}
        for project in newest.values():
            self._remember(project, project.project_id)

    def identified(self, rows: Sequence[Filed]) -> list[Identity]:
        """The project of each row, in order. Rows with a code that tells are looked at first."""
        self.hear(rows)
        found: dict[int, Identity] = {}
        present = {row.code for row in rows if row.code}
        tells = [self._tells(row.code) for row in rows]
        for place in sorted(range(len(rows)), key=lambda place: not tells[place]):
            row = rows[place]
            found[place] = self._identity(row, present, has_code=tells[place])
            self._remember(row, found[place].project_id)
        return [found[place] for place in range(len(rows))]

    def _identity(self, row: Filed, present: set[str], *, has_code: bool) -> Identity:
        if has_code and row.code in self._by_code:
            return self._with_code(row, present)
        made = self._decided.get(row) if self._decided else None
        if made is not None and made.project_id in self._ids:
            return Identity(str(made.project_id), is_new=False, is_decided=True)
        if made is not None and made.project_id is None:
            # The same decision gives the same id, whenever the row is read again.
            parts = ("decided", made.decided_at.isoformat(), *(str(part) for part in row.key))
            return Identity(next(_ids(self._city, parts)), is_new=True, is_decided=True)
        return self._with_code(row, present) if has_code else self._without_code(row)

    def hear(self, rows: Iterable[Filed]) -> None:
        """Learn which names stand beside which code."""
        for row in rows:
            if row.code:
                self._names.setdefault(row.code, set()).add(named(row.name))

    def _tells(self, code: str | None) -> bool:
        """Whether a code names one project: a national one does, another as long as it has one name."""
        return code is not None and (national_code(code) is not None or len(self._names.get(code, ())) <= 1)

    def _with_code(self, row: Filed, present: set[str]) -> Identity:
        assert row.code is not None
        if row.code in self._by_code:
            return Identity(self._by_code[row.code], is_new=False)
        namesakes = self._by_key.get(row.key, {})
        uncoded = [project_id for project_id, code in namesakes.items() if not self._tells(code)]
        if len(uncoded) == 1:
            return Identity(uncoded[0], is_new=False)
        other = next((code for code in namesakes.values() if code and code not in present), None)
        doubt = f"与代码 {other} 的已有项目同名同单位同地区，代码不同，按新项目处理" if other else None
        return Identity(self._new_id("code", row.code), is_new=True, doubt=doubt)

    def _without_code(self, row: Filed) -> Identity:
        namesakes = self._by_key.get(row.key, {})
        doubt = _SHARED if row.code else None
        if len(namesakes) == 1:
            return Identity(next(iter(namesakes)), is_new=False, doubt=doubt)
        if namesakes:
            doubt = f"没有可用的项目代码，而同名同单位同地区的项目有 {len(namesakes)} 个，按新项目处理"
        return Identity(self._new_id(*(str(part) for part in row.key)), is_new=True, doubt=doubt)

    def pointed_at(self, filed: str, area_id: str | None = None) -> str | None:
        """The project that a code or a name (of that area, if given) stands for; None unless it is one."""
        namesakes = self._by_name.get(named(filed), {})
        in_area = [project for project, area in namesakes.items() if area_id in {None, area}]
        code = filed.upper()
        by_code = self._by_code.get(code) if self._tells(code) else None
        return by_code or (in_area[0] if len(in_area) == 1 else None)

    def area_of(self, project_id: str | None) -> str | None:
        """The area that a project was last filed under; None for an unknown one."""
        return self._area_of.get(project_id) if project_id else None

    def _remember(self, row: Filed, project_id: str) -> None:
        self._ids.add(project_id)
        codes = self._by_key.setdefault(row.key, {})
        codes[project_id] = row.code or codes.get(project_id)
        self._by_name.setdefault(named(row.name), {})[project_id] = row.area_id
        self._area_of[project_id] = row.area_id
        if row.code:
            self._by_code[row.code] = project_id

    def _new_id(self, *parts: str) -> str:
        """An id made of the parts; the next one where another project has that id already."""
        return next(made for made in _ids(self._city, parts) if made not in self._ids)


def _ids(city: str, parts: tuple[str, ...]) -> Iterator[str]:
    attempt = 0
    while True:
        digest = hashlib.sha256("\x1f".join((*parts, str(attempt))).encode()).hexdigest()
        yield f"{city}-{digest[:12]}"
        attempt += 1
