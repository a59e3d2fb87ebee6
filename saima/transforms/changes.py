"""What differs between two states of a ledger: what came, left or moved on, what was adjusted."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import polars as pl

from saima.ledgers import PROJECTS, STAGE_TERMS, STAGES, UNASSIGNED, Column, Ledger
from saima.wording import MISSING, count_text, period_text

KINDS = {
    "added": "新增",
    "gone": "消失",
    "advanced": "晋级",
    "fell_back": "退级",
    "exited": "退库",
    "changed": "调整",
}
"""Kinds of change with their Chinese terms, in the order in which they are listed."""

_ID = "key"
"""Column that tells the things of a ledger apart."""

_FIELD = pl.Struct({"column": pl.String(), "term": pl.String(), "before": pl.String(), "after": pl.String()})

CHANGES = pl.Schema(
    {
        "project_id": pl.String(),
        "name": pl.String(),
        "area_id": pl.String(),
        "kind": pl.String(),
        "stage_before": pl.String(),
        "stage_after": pl.String(),
        "fields": pl.List(_FIELD),
    }
)
"""Columns of the frame of changes."""

MOVED_BY_WORK = frozenset(
    {
        "invested_total",
        "invested_year",
        "invested_month",
        "land_cost_year",
        "invested_statistics_year",
        "progress_text",
        "output_year",
        "tax_year",
        "new_output_value",
    }
)
"""What a month's work itself moves: between two periods it is no adjustment."""

OF_A_YEAR = frozenset({"plan_year"})
"""What begins anew each January."""

_RAW = {"category_text": "category", "chain_text": "chain"}
"""Raw texts that speak where their mapped value is missing."""

_LEFT_OUT = frozenset({"area_text", *_RAW})


def ledger_changes(
    before: pl.DataFrame,
    after: pl.DataFrame,
    period_before: str,
    period_after: str,
    *,
    ledger: Ledger = PROJECTS,
    landing: str = "filed",
    dates_from_snapshots: bool = False,
) -> pl.DataFrame:
    """One row per thing that differs between two frames of a ledger's rows, in the columns of CHANGES.

    `kind` is one of KINDS: added and gone by the ledger's key; exited where 退库 is new; advanced and
    fell_back by the order of the stages; else changed. `fields` hold before and after as text (null where
    missing) with exact decimals and the precision of dates; they are empty for what was added or is gone.
    Between two periods what work itself moves (MOVED_BY_WORK) is not compared, between two years neither is
    what begins anew (OF_A_YEAR). A thing that stands twice in a frame is what was filed last.

    Only projects have stages, as in `stage_at`. `name` is that of the project; in another ledger it holds
    all the words by which people know the thing. Ordered by kind, area, name and key.
    """
    asked = partial(stage_at, landing=landing, dates_from_snapshots=dates_from_snapshots)
    rows = (
        _each_once(before, ledger, asked(period_before)),
        _each_once(after, ledger, asked(period_after)),
    )
    told = ("project_id", "title", "area_id", "stage")
    ids = [frame.select(_ID, *told, is_there=pl.lit(value=True)) for frame in rows]
    fields = _fields(*rows, ledger, _compared(ledger, period_before, period_after))
    return (
        ids[0]
        .join(ids[1], on=_ID, how="full", suffix="_after", coalesce=True)
        .join(fields, on=_ID, how="left")
        .with_columns(pl.col("fields").fill_null([]), kind=_kind())
        .filter(pl.col("kind").is_in(["added", "gone"]) | (pl.col("fields").list.len() > 0) | _moved())
        .select(
            _ID,
            pl.coalesce("project_id_after", "project_id").alias("project_id"),
            pl.coalesce("title_after", "title").alias("name"),
            pl.coalesce("area_id_after", "area_id").alias("area_id"),
            "kind",
            pl.col("stage").alias("stage_before"),
            pl.col("stage_after"),
            "fields",
        )
        .sort(pl.col("kind").replace_strict(_ORDER, return_dtype=pl.Int64), "area_id", "name", _ID)
        .drop(_ID)
    )


def refiled(
    before: pl.DataFrame, after: pl.DataFrame, areas: Iterable[str], ledger: Ledger = PROJECTS
) -> pl.DataFrame:
    """The rows of `before` that `after` speaks of: those of areas that filed again, and of things in it.

    Who has not filed the later period yet has lost nothing.
    """
    is_of_area = pl.col("area_id").is_in(list(areas))
    again = after.select(_key(ledger)).to_series().to_list()
    return before.filter(is_of_area | _key(ledger).is_in(again))


def settled_areas(
    areas: Iterable[str], others: pl.DataFrame, ledger: Ledger = PROJECTS, *, whole_city: str | None
) -> set[str]:
    """The areas whose rows are settled where these have filed; `whole_city` is its code where all of it has.

    Then 未分区 is settled too, and of a ledger whose things end every area that `others` has rows of.
    """
    if whole_city is None:
        return set(areas)
    return {*areas, f"{whole_city}-{UNASSIGNED}", *([] if ledger.goes_on else others["area_id"])}


def stage_at(period: str, *, landing: str = "filed", dates_from_snapshots: bool = False) -> pl.Expr:
    """The stage of a row of the project ledger at the end of a period (data-model.md section 3).

    The highest stage with a proving date by then, 退库 above all, else stage_filed; null where nothing is
    known. `landing` is the city's setting (filed, rule). With `dates_from_snapshots` the stage filed proves
    itself as a date does; what earlier snapshots showed is not known here.
    """
    end = pl.date(int(period[:4]), int(period[5:]), 1).dt.month_end()
    proved = {
        stage: pl.any_horizontal(pl.col(name) <= end for name in dates) for stage, dates in _DATES.items()
    }
    proved["landed"] = _landed_on(end, landing) <= end
    if dates_from_snapshots:
        proved = {stage: proof | (pl.col("stage_filed") == stage) for stage, proof in proved.items()}
    return pl.coalesce(
        *(pl.when(proved[stage]).then(pl.lit(stage)) for stage in ("exited", *reversed(STAGES))),
        "stage_filed",
    )


def change_counts(changes: pl.DataFrame) -> dict[str, int]:
    """How many projects changed in each way: every kind of KINDS, in its order, 0 where there are none."""
    counted = dict(changes["kind"].value_counts().iter_rows())
    return {kind: counted.get(kind, 0) for kind in KINDS}


def change_sentence(counts: Mapping[str, int], against: str) -> str:
    """`与2024年8月相比：新增3个，晋级5个，调整12个。`; `against` is a period or the name of a state."""
    named = period_text(against) if len(against) == len("2024-08") and against[4] == "-" else against
    parts = [f"{term}{count_text(counts[kind])}个" for kind, term in KINDS.items() if counts.get(kind)]
    return f"与{named}相比：{'，'.join(parts)}。" if parts else f"与{named}相比没有变化。"


def change_words(
    changes: pl.DataFrame,
    area_names: Mapping[str, str],
    stage_terms: Mapping[str, str] = STAGE_TERMS,
    ledger: Ledger = PROJECTS,
) -> pl.DataFrame:
    """The changes under Chinese terms: 变化, 项目名称, 责任地区, 环节, 调整内容; 名称 alone in other ledgers.

    `环节` is `签约 → 开工` where it moved; `调整内容` is `总投资 12000 → 15000；…`.
    """
    rows = changes.to_dicts()
    names = {"area_id": area_names}
    told = {
        "变化": [KINDS[row["kind"]] for row in rows],
        "项目名称": [row["name"] for row in rows],
        "责任地区": [area_names.get(row["area_id"], row["area_id"]) for row in rows],
        "环节": [
            _stage_words(row["kind"], row["stage_before"], row["stage_after"], stage_terms) for row in rows
        ],
        "调整内容": [_field_words(row["fields"], names) for row in rows],
    }
    words = pl.DataFrame(told, schema=dict.fromkeys(told, pl.String))
    return words if ledger is PROJECTS else words.drop("环节").rename({"项目名称": "名称"})


_ORDER = {kind: place for place, kind in enumerate(KINDS)}

_DATES = {
    "planned": ("planned_on",),
    "signed": ("signed_on",),
    "approved": ("approved_on",),
    "started": ("started_on",),
    "completed": ("completed_on", "accepted_on"),
    "produced": ("produced_on",),
    "ramped": ("ramped_on",),
    "exited": ("exited_on",),
}


def _landed_on(end: pl.Expr, landing: str) -> pl.Expr:
    """The landing rule as `scoped_projects.sql` has it: what is filed, where that counts, else by asset."""
    by_rule = (
        pl.when(pl.col("asset_kind") == "轻资产")
        .then(
            pl.when(pl.col("registered_on").is_not_null() & pl.col("operated_on").is_not_null()).then(
                pl.max_horizontal("registered_on", "operated_on")
            )
        )
        .when(pl.col("asset_kind").is_in(["实体经济", "房地产"]))
        .then(pl.min_horizontal("land_awarded_on", "started_on"))
    )
    if landing == "rule":
        return by_rule
    return pl.when(pl.col("landed_on") <= end).then("landed_on").otherwise(by_rule)


def _compared(ledger: Ledger, period_before: str, period_after: str) -> list[Column]:
    """Columns in which two states are held against each other."""
    skipped = set(_LEFT_OUT)
    if period_before != period_after:
        skipped |= MOVED_BY_WORK
    if period_before[:4] != period_after[:4]:
        skipped |= OF_A_YEAR
    mapped = {"area_id", *_RAW.values()}
    return [
        column
        for column in ledger.columns
        if (column.is_filed or column.name in mapped) and column.name not in skipped
    ]


def _key(ledger: Ledger) -> pl.Expr:
    parts = (pl.col(name).cast(pl.String).fill_null("") for name in ledger.key)
    return pl.concat_str(parts, separator="\x1f").alias(_ID)


def _title(ledger: Ledger) -> pl.Expr:
    """What people call a thing: a project by its name, another by all its words that are no codes."""
    words = ("name",) if ledger is PROJECTS else ("name", *ledger.id_from, *ledger.key)
    columns = [column for column in ledger.columns if column.name in words and not _is_code(column)]
    texts = [_text(column, ledger) for column in sorted(columns, key=lambda known: words.index(known.name))]
    return pl.concat_str(texts, separator=" · ", ignore_nulls=True)


def _is_code(column: Column) -> bool:
    return column.kind == "code" or column.name.endswith("_id")


def _each_once(rows: pl.DataFrame, ledger: Ledger, stage: pl.Expr) -> pl.DataFrame:
    """One row per thing in the columns of the ledger, with its key, title and stage."""
    schema = {"project_id": pl.String(), **ledger.schema}
    whole = rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    ).with_columns(_key(ledger), _title(ledger).alias("title"))
    order = ("filing_id", "area_id", "source_sheet", "source_row")
    last_filed = (
        whole.select(_ID, *order, pl.int_range(pl.len()).alias("place"))
        .sort(order, descending=[True, False, False, False], nulls_last=True)
        .unique(_ID, keep="first")
    )
    # Nearly always each thing stands there once: then no row is copied.
    once = whole if last_filed.height == whole.height else whole[last_filed["place"]]
    return once.with_columns((stage if ledger is PROJECTS else pl.lit(None, pl.String)).alias("stage"))


def _fields(
    before: pl.DataFrame, after: pl.DataFrame, ledger: Ledger, compared: Sequence[Column]
) -> pl.DataFrame:
    """Of each thing in both frames that differs: its key and its `fields`, in the ledger's order.

    Column by column: of a whole ledger as text there would be too much at once.
    """
    ids = [frame.select(_ID, pl.int_range(pl.len()).alias("place")) for frame in (before, after)]
    both = ids[0].join(ids[1], on=_ID, how="inner", maintain_order="left", suffix="_after")
    differing = [pl.DataFrame(schema={_ID: pl.String(), **_FIELD.to_schema()})]
    for column in compared:
        texts = both.with_columns(
            before.select(_text(column, ledger).alias("before"))["before"].gather(both["place"]),
            after.select(_text(column, ledger).alias("after"))["after"].gather(both["place_after"]),
        ).filter(pl.col("before").ne_missing(pl.col("after")))
        term = column.term.removesuffix("（原文）")
        differing.append(
            texts.select(
                _ID, pl.lit(column.name).alias("column"), pl.lit(term).alias("term"), "before", "after"
            )
        )
    fields = pl.struct(*_FIELD.to_schema()).alias("fields")
    return pl.concat(differing).group_by(_ID, maintain_order=True).agg(fields)


def _text(column: Column, ledger: Ledger) -> pl.Expr:
    """A column as text that tells two different values apart, null where it is missing."""
    value = pl.col(column.name)
    if column.kind in {"money", "foreign"}:
        text = value.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    elif column.kind == "date":
        text = date_text(column.name, has_precision=f"{column.name}_precision" in ledger.schema)
    elif column.kind == "flag":
        text = pl.when(value).then(pl.lit("是")).when(~value).then(pl.lit("否"))
    elif column.kind in {"number", "percent"}:
        text = value.cast(pl.String).str.strip_suffix(".0")
    elif column.kind == "texts":
        text = value.list.sort().list.join("、")
    elif column.name in _RAW.values():
        text = pl.coalesce(value, f"{column.name}_text")
    else:
        text = value.cast(pl.String)
    return text.alias(column.name)


def date_text(name: str, *, has_precision: bool = True) -> pl.Expr:
    """`2024-03-15`, `2024年3月`, `2024年1季度` or `2024年`, as exactly as the date is known.

    From the columns `name` and, if it has one, `<name>_precision`.
    """
    day, month = (
        pl.col(name),
        pl.col(name).dt.to_string("%Y年") + pl.col(name).dt.month().cast(pl.String) + "月",
    )
    if not has_precision:
        return day.dt.to_string("%Y-%m-%d")
    precision = pl.col(f"{name}_precision")
    return (
        pl.when(precision == "month")
        .then(month)
        .when(precision == "period")
        .then(month + "（首次出现）")
        .when(precision == "quarter")
        .then(day.dt.to_string("%Y年") + day.dt.quarter().cast(pl.String) + "季度")
        .when(precision == "year")
        .then(day.dt.to_string("%Y年"))
        .otherwise(day.dt.to_string("%Y-%m-%d"))
    )


def _moved() -> pl.Expr:
    return pl.col("stage").ne_missing(pl.col("stage_after"))


def _kind() -> pl.Expr:
    """Out of 退库 and into or out of the unknown is neither up nor down."""
    place = {stage: number for number, stage in enumerate(STAGES)}
    before, after = (
        pl.col(name).replace_strict(place, default=None, return_dtype=pl.Int64)
        for name in ("stage", "stage_after")
    )
    exited = pl.col("stage_after").eq_missing(pl.lit("exited")) & _moved()
    return (
        pl.when(pl.col("is_there").is_null())
        .then(pl.lit("added"))
        .when(pl.col("is_there_after").is_null())
        .then(pl.lit("gone"))
        .when(exited)
        .then(pl.lit("exited"))
        .when(after > before)
        .then(pl.lit("advanced"))
        .when(after < before)
        .then(pl.lit("fell_back"))
        .otherwise(pl.lit("changed"))
    )


def _stage_words(kind: str, before: str | None, after: str | None, terms: Mapping[str, str]) -> str:
    words = [MISSING if stage is None else terms[stage] for stage in (before, after)]
    if kind == "gone":
        return words[0]
    return words[1] if kind == "added" or before == after else " → ".join(words)


def _field_words(fields: Sequence[Mapping[str, str | None]], names: Mapping[str, Mapping[str, str]]) -> str:
    def value(field: Mapping[str, str | None], side: str) -> str:
        text = field[side]
        return MISSING if text is None else names.get(str(field["column"]), {}).get(text, text)

    return "；".join(
        f"{field['term']} {value(field, 'before')} → {value(field, 'after')}" for field in fields
    )
