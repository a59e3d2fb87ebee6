"""The TOML files: settings read one by one, refused with their line."""

import re
import tomllib
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from saima.reference.refusal import ReferenceError, decoded


class Settings:
    """One table of a TOML file. Whatever it refuses, it refuses with the line."""

    def __init__(
        self, file: str, text: str, values: dict[str, Any], header: str = "", index: int = 0
    ) -> None:
        self.file, self.text, self.values, self.header, self.index = file, text, values, header, index

    @classmethod
    def of(cls, file: str, content: bytes) -> "Settings":
        text = decoded(file, content)
        try:
            return cls(file, text, tomllib.loads(text.replace("\r\n", "\n")))
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            raise ReferenceError(
                file,
                "这一行不是正确的 TOML",
                line=int(line[1]) if line else len(text.splitlines()),
                allowed='名称 = 值，文字加引号，如 name = "沈阳市"',
            ) from None

    def line(self, key: str = "") -> int:
        """Line of that key in this table, of the table's header if the key is not there."""
        header, count, found = "", -1, 1
        for number, text in enumerate(self.text.splitlines(), start=1):
            if opened := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", text):
                header = opened[1]
                count += header == self.header
                if header == self.header and count == self.index:
                    found = number
            elif (
                header == self.header
                and (count == self.index or not self.header)
                and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", text)
            ):
                return number
        return found

    def refused(self, key: str, problem: str, allowed: str) -> ReferenceError:
        return ReferenceError(self.file, problem, line=self.line(key), field=key, allowed=allowed)

    def only(self, *keys: str) -> None:
        for key in self.values:
            if key not in keys:
                raise self.refused(key, "没有这个设置", "、".join(keys))

    def _one(self, key: str, kinds: tuple[type, ...], default: Any, allowed: str) -> Any:
        value = self.values.get(key, default)
        if value is None:
            raise self.refused(key, "缺少这个设置", allowed)
        # bool is an int to Python, not to the office
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise self.refused(key, f"值“{value}”不对", allowed)
        return value

    def word(self, key: str, default: str | None = None, allowed: Collection[str] = ()) -> str:
        value: str = self._one(key, (str,), default, "、".join(allowed) or "文字")
        if allowed and value not in allowed:
            raise self.refused(key, f"值“{value}”不认识", "、".join(allowed))
        return value

    def number(self, key: str, default: float | None = None, *, low: float, high: float) -> float:
        allowed = f"{low:g} 到 {high:g} 的数字"
        value = self._one(key, (int, float), default, allowed)
        if not low <= value <= high:
            raise self.refused(key, f"值“{value}”不对", allowed)
        return float(value)

    def day(self, key: str) -> date:
        """A day, written as TOML writes days or as text."""
        value = self._one(key, (date, str), None, "日期，如 2024-09-30")
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            raise self.refused(key, f"值“{value}”不对", "日期，如 2024-09-30") from None

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._one(key, (bool,), default, "true、false"))

    def words(
        self, key: str, default: list[str] | None = None, allowed: Collection[str] = ()
    ) -> tuple[str, ...]:
        values = self._one(key, (list,), default, "、".join(allowed) or "文字的列表")
        for value in values:
            if not isinstance(value, str) or (allowed and value not in allowed):
                raise self.refused(key, f"值“{value}”不认识", "、".join(allowed) or "文字")
        return tuple(values)

    def table(self, key: str) -> "Settings":
        return Settings(self.file, self.text, self._one(key, (dict,), {}, f"[{key}]"), key)

    def tables(self, key: str) -> list["Settings"]:
        values = self._one(key, (list,), [], f"[[{key}]]")
        if not all(isinstance(value, dict) for value in values):
            raise self.refused(key, "写法不对", f"[[{key}]]")
        return [Settings(self.file, self.text, value, key, index) for index, value in enumerate(values)]

    def distinct(self, tables: Sequence["Settings"]) -> None:
        seen: set[str] = set()
        for table in tables:
            if table.word("id") in seen:
                raise table.refused("id", f"值“{table.word('id')}”重复", "每个一次")
            seen.add(table.word("id"))
