"""What intake says about a workbook: a verdict on a cell, a row or the whole file."""

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["拒收", "存疑", "提示"]
"""拒收: the row is not taken. 存疑: taken, the office should look. 提示: taken, good to know."""


@dataclass(frozen=True)
class Verdict:
    """One finding. `column` is the heading as the file has it, `row` the row number that Excel shows.

    `sentence` is what a user reads: the place, what is there, and what is allowed.
    """

    severity: Severity
    rule: str
    sentence: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The verdict as plain values, for the report."""
        return {
            "severity": self.severity,
            "rule": self.rule,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "sentence": self.sentence,
        }


class Refused(Exception):
    """The whole file cannot be taken; `verdict` says why and `str()` is its sentence."""

    def __init__(
        self,
        rule: str,
        sentence: str,
        *,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        super().__init__(sentence)
        self.verdict = Verdict("拒收", rule, sentence, sheet, row, column, value)
