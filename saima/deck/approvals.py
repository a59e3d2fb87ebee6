"""The workbook that asks for rewards to be approved: what they rest on, the sums, and every row."""

from collections.abc import Mapping, Sequence
from io import BytesIO

import polars as pl
import xlsxwriter

from saima.deck.workbook import CREATED


def approval_workbook(
    title: str, facts: Sequence[tuple[str, str]], sheets: Mapping[str, pl.DataFrame]
) -> bytes:
    """An XLSX: a first sheet 待审批 with the title and term and text of each fact, then these sheets.

    Ledger text stays text: no cell can become a formula or a link.
    """
    stream = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(stream, options) as workbook:
        workbook.set_properties({"created": CREATED, "title": title})
        first = workbook.add_worksheet("待审批")
        for name in sheets:
            workbook.add_worksheet(name)
        first.write_string(0, 0, title, workbook.add_format({"bold": True, "font_size": 16}))
        pl.DataFrame(facts, schema=["项", "内容"], orient="row").write_excel(
            workbook,
            "待审批",
            position=(2, 0),
            column_widths={"项": 160, "内容": 760},
            autofilter=False,
        )
        for name, rows in sheets.items():
            rows.with_columns(pl.selectors.decimal().cast(pl.Float64)).write_excel(
                workbook, name, freeze_panes=(1, 0), autofit=True, dtype_formats={pl.Float64: "#,##0.00"}
            )
    return stream.getvalue()
