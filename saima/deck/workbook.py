"""The workbook behind a figure: its definition and the ledger rows that prove it, as XLSX."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

import polars as pl
import xlsxwriter

CREATED = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A fixed inner date: the same rows give the same bytes."""


def evidence_workbook(facts: Sequence[tuple[str, str]], rows: pl.DataFrame) -> bytes:
    """An XLSX of two sheets: 依据 (term and text of each fact) and 台账行 (the rows as they are given).

    Ledger text stays text: no cell can become a formula or a link.
    """
    stream = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(stream, options) as workbook:
        workbook.set_properties({"created": CREATED})
        # Sheets are added by name first, so that they keep this order.
        for name in ("依据", "台账行"):
            workbook.add_worksheet(name)
        pl.DataFrame(facts, schema=["项", "内容"], orient="row").write_excel(
            workbook, "依据", column_widths={"项": 120, "内容": 760}, autofilter=False
        )
        rows.with_columns(
            pl.selectors.decimal().cast(pl.Float64),
        ).write_excel(
            workbook, "台账行", freeze_panes=(1, 0), autofit=True, dtype_formats={pl.Float64: "#,##0.00"}
        )
    return stream.getvalue()
