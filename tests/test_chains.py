"""Industry chains: every cell of the matrix, shares of the largest project, and what is said of them."""

from decimal import Decimal
from typing import Any

import polars as pl
from builders import Office, project
from hypothesis import given
from hypothesis import strategies as st

from saima.answers import chain_cells, chain_sizes
from saima.ledgers import STAGE_TERMS, STAGES
from saima.metrics.facts import UNCHAINED
from saima.transforms.chains import chain_sentence, chain_shares, chain_stages, chain_words

CHAINS = pl.DataFrame({"chain": ["航空", "新材料"], "chain_group": ["新兴", "传统"]})
STAGED = {
    "chain": pl.String,
    "stage": pl.String,
    "days": pl.Int64,
    "projects": pl.Int64,
    "investment_total": pl.Decimal(38, 4),
}
SIZED = {
    "chain": pl.String,
    "projects": pl.Int64,
    "investment_total": pl.Decimal(38, 4),
    "investment_projects": pl.Int64,
    "largest_name": pl.String,
    "largest_investment": pl.Decimal(18, 4),
}


def cells(*rows: tuple[Any, ...]) -> pl.DataFrame:
    return chain_stages(pl.DataFrame(rows, schema=STAGED, orient="row"), CHAINS, STAGE_TERMS)


def sizes(*rows: tuple[Any, ...]) -> pl.DataFrame:
    return chain_shares(pl.DataFrame(rows, schema=SIZED, orient="row"), CHAINS)


def test_every_cell_is_there_in_the_offices_order_and_the_unchained_come_last() -> None:
    rows = cells()
    assert rows.select("chain", "stage").rows() == [
        (chain, stage) for chain in ("航空", "新材料", UNCHAINED) for stage in STAGES
    ]
    assert rows["projects"].to_list() == [0] * 24
    assert rows["investment_total"].drop_nulls().is_empty()


def test_a_cell_adds_up_and_its_median_counts_each_project() -> None:
    rows = cells(
        ("航空", "started", 10, 3, 100),
        ("航空", "started", 90, 1, 5),
        ("航空", "started", None, 2, None),
        ("航空", "exited", 1, 9, 9),
    )
    (cell,) = rows.filter(pl.col("projects") > 0).rows(named=True)
    assert (cell["stage"], cell["projects"], cell["investment_total"], cell["median_days"]) == (
        "started",
        6,
        Decimal(105),
        10.0,
    )


def test_a_chain_that_the_city_does_not_keep_is_unchained() -> None:
    rows = cells((None, "started", 1, 1, 1), ("别的", "started", 3, 1, 1)).filter(pl.col("projects") > 0)
    assert rows.select("chain", "projects", "median_days").rows() == [(UNCHAINED, 2, 2.0)]


def test_chains_come_largest_first_with_the_share_of_their_largest_project() -> None:
    rows = sizes(
        ("航空", 3, 100, 2, "项目一", 60),
        ("新材料", 1, None, 0, None, None),
        (None, 1, 100, 1, "项目二", 100),
        ("别的", 1, 200, 1, "项目三", 200),
    )
    assert rows.select("chain", "chain_group", "projects", "investment_total", "share").rows() == [
        (UNCHAINED, UNCHAINED, 2, Decimal(300), 0.75),
        ("航空", "新兴", 3, Decimal(100), 0.25),
        ("新材料", "传统", 1, None, None),
    ]
    assert rows.select("largest_name", "largest_share").rows() == [
        ("项目三", 200 / 300),
        ("项目一", 0.6),
        (None, None),
    ]


amounts = st.none() | st.integers(0, 10**9)


@given(
    st.lists(st.tuples(st.sampled_from(["航空", "新材料", None]), amounts), unique_by=lambda pair: pair[0])
)
def test_shares_are_never_above_one(pairs: list[tuple[str | None, int | None]]) -> None:
    rows = sizes(*((chain, 1, amount, amount is not None, "项目", amount) for chain, amount in pairs))
    for column in ("share", "largest_share"):
        assert all(0 <= share <= 1 for share in rows[column].drop_nulls())
    assert rows["share"].sum() <= 1 + 1e-9


def test_the_sentence_names_the_largest_chain_and_the_one_that_leans_most() -> None:
    said = sizes(
        ("航空", 1200, 30_000_000, 1200, "项目一", 3_000_000),
        ("新材料", 2, 10_000_000, 2, "项目二", 9_000_000),
        (None, 5, 99_000_000, 5, "项目三", 99_000_000),
    )
    assert chain_sentence(said, "2024-09", "元") == (
        "9月末，2条产业链在库项目1,202个、总投资4,000.0亿元；航空规模最大，占全部在库总投资的21.6%；"
        "新材料最依赖单体项目，最大一个占该链的90.0%。"
    )


def test_what_nobody_reported_is_not_said_to_be_nothing() -> None:
    assert chain_sentence(sizes(("航空", 3, None, 0, None, None)), "2024-01", "元") == (
        "1月末，1条产业链在库项目3个，均未填报总投资。"
    )
    assert chain_sentence(sizes((None, 3, 5, 3, "项", 5)), "2024-01", "元") == "1月末，没有归入产业链的项目。"


def test_sizes_are_printed_as_they_are_counted() -> None:
    words = chain_words(
        sizes(("航空", 3, 20000, 2, "项目一", 15000), ("新材料", 1, None, 0, None, None)), "元"
    )
    assert words.select("产业链", "总投资", "占比", "单体总投资", "占该链").rows() == [
        ("航空", "2.00亿元", "100.0%", "1.50亿元", "75.0%"),
        ("新材料", "—", "—", "—", "—"),
    ]


def test_chains_of_a_ledger_are_those_counted_by_hand(office: Office) -> None:
    office.file(
        "2024-09",
        project("p1", chain="航空", started_on="2024-09-20", investment_total=100),
        project("p2", chain="航空", started_on="2024-09-10", investment_total=300),
        project("p3", planned_on="2024-09-29"),
    )
    scope = office.scope("2024-09")
    filled = chain_cells(scope).filter(pl.col("projects") > 0)
    assert filled.select("chain", "stage", "projects", "investment_total", "median_days").rows() == [
        ("航空", "started", 2, Decimal(400), 15.0),
        (UNCHAINED, "planned", 1, None, 1.0),
    ]
    assert chain_sizes(scope).select("chain", "largest_name", "largest_share").rows() == [
        ("航空", "项目p2", 0.75),
        (UNCHAINED, None, None),
    ]
