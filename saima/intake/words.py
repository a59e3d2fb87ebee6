"""What the words of a ledger mean in this city: areas, stages, categories, chains, parks, lists and tags.

All of it is the office's own reference: a word that is not there is never guessed.
"""

import re
import unicodedata
from collections.abc import Iterable

import polars as pl

from saima.intake.values import ValueRefusedError, plain
from saima.ledgers import UNASSIGNED
from saima.reference import City, Reference

_AROUND_AREA = re.compile(
    r"^\d+[.、\s-]*|\([^()]*\)$|(?:20\d\d年?)?\d{1,2}月份?(?:底|末)?|20\d\d年?|(?:重点|重大)?项目|台账|(?:明细|汇总)?表$"
)
"""What stands about the area in the name of a sheet."""


class Words:
    """The reference of one city, ready to be asked for words as filed."""

    def __init__(self, city: City, reference: Reference) -> None:
        """Read the frames of `reference` once; width and white space of words do not matter."""
        areas = reference.areas_of(city.code)
        self.unassigned = f"{city.code}-{UNASSIGNED}"
        self.area_names = dict(areas.select("area_id", "name").rows())
        self._city = city
        self._areas: dict[str, str] = {}
        for row in areas.rows(named=True):
            for word in (row["area_id"], row["gb2260"], row["name"], row["short_name"], *row["aliases"]):
                if word:
                    self._areas.setdefault(_key(word), row["area_id"])
        silent = areas.filter(~pl.col("reports"), pl.col("counts_in").is_not_null())
        self._reported_by = dict(silent.select("area_id", "counts_in").rows())
        self._stages = {_key(word): stage for word, stage in city.stage_words.items()}
        for stage, term in city.stage_terms.items():
            self._stages.setdefault(_key(term), stage)
        self._categories = _with_aliases(reference.categories, "category")
        self._chains = _with_aliases(reference.chains.filter(city=city.code), "chain")
        parks = reference.parks.filter(city=city.code).select("park_id", "name").rows()
        self._parks = {_key(word): park_id for park_id, name in parks for word in (park_id, name)}
        lists = reference.lists.filter(city=city.code).select("list", "name").rows()
        self._lists = {_key(word): list_id for list_id, name in lists for word in (list_id, name)}
        indicators = reference.indicators.filter(city=city.code).select("measure", "unit").rows()
        self._indicators = {_key(measure): (measure, unit) for measure, unit in indicators}
        schemes = reference.schemes.filter(pl.col("city").is_null() | (pl.col("city") == city.code))
        self._tags: dict[str, set[str]] = {}
        for scheme, value, name in schemes.select("scheme", "value", "name").rows():
            for word in (value, name, f"{scheme}:{value}"):
                if word:
                    self._tags.setdefault(_key(word), set()).add(f"{scheme}:{value}")

    def area(self, filed: str) -> str:
        """The area that answers for a project; 未分区 for several in one cell.

        Raises ValueRefusedError with the names there are. A district that does not report itself stands for
        the area that reports for it (金州区: 金普新区).
        """
        whole = self.known_area(filed)
        if whole:
            return whole
        parts = [part for part in re.split(r"[、,，;；/+&\n]+", filed) if part.strip()]
        found = {self.known_area(part) for part in parts}
        if len(parts) > 1 and None not in found:
            return self.unassigned if len(found) > 1 else str(found.pop())
        allowed = "、".join(name for area, name in self.area_names.items() if area not in self._reported_by)
        raise ValueRefusedError("area_is_known", f"不是{self._city.name}的地区。允许：{allowed}")

    def is_area(self, word: str) -> bool:
        """Whether a word is nothing but the name of an area, or of the whole city."""
        return self.is_whole_city(word) or self.known_area(word) is not None

    def is_whole_city(self, word: str) -> bool:
        """Whether a word means the city itself."""
        return _key(word) in {_key(self._city.name), "全市"}

    def known_area(self, word: str) -> str | None:
        """The area that reports for the one that a word names; None where it names none."""
        key = _key(word)
        prefix = re.match(f"(?:.{{2,8}}(?:省|自治区))?{re.escape(_key(self._city.name))}", key)
        bare = key[prefix.end() :] if prefix else key
        area = self._areas.get(key) or self._areas.get(bare)
        return self._reported_by.get(area, area) if area else None

    def area_of_sheet(self, name: str) -> str | None:
        """The area that a sheet is named after, as written: 铁西区 of `2.铁西区（2024年9月）`."""
        bare = _AROUND_AREA.sub("", unicodedata.normalize("NFKC", name).strip()).strip()
        return next((word for word in (name.strip(), bare) if word and self.known_area(word)), None)

    def stage(self, filed: str) -> str | None:
        """Canonical stage or "exited" of a stage as filed; None where the city's words lack it."""
        return self._stages.get(_key(filed))

    def category(self, filed: str) -> str | None:
        """Category of a word as filed; None where no category has it as an alias."""
        return self._categories.get(_key(filed))

    def chain(self, filed: str) -> str | None:
        """Chain of a word as filed; None where no chain of the city has it as an alias."""
        return self._chains.get(_key(filed))

    def park(self, filed: str) -> str | None:
        """park_id of a park as filed; None where it is not in the city's parks."""
        return self._parks.get(_key(filed))

    @property
    def has_indicators(self) -> bool:
        """Whether the city has a table of indicators."""
        return bool(self._indicators)

    def indicator(self, filed: str) -> tuple[str, str] | None:
        """Name and unit of an indicator as filed; None where the city's table lacks it."""
        return self._indicators.get(_key(filed))

    def list_id(self, filed: str) -> str | None:
        """Id of a list as filed; None where the city has no such list."""
        return self._lists.get(_key(filed))

    def tag(self, filed: str) -> str | None:
        """`scheme:value` of a tag as filed; None where no scheme has it, or several have."""
        found = self._tags.get(_key(filed), set())
        return next(iter(found)) if len(found) == 1 else None


def _key(word: str) -> str:
    return plain(word).lower()


def _with_aliases(frame: pl.DataFrame, column: str) -> dict[str, str]:
    known: dict[str, str] = {}
    rows: Iterable[tuple[str, list[str] | None]] = frame.select(column, "aliases").rows()
    for word, aliases in rows:
        for alias in (word, *(aliases or ())):
            known.setdefault(_key(alias), word)
    return known
