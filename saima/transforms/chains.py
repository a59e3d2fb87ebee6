"""Industry chains: how full each chain is at each stage, how fast it moves, and who it hangs on."""

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from saima.ledgers import STAGES
from saima.metrics import EXACT, share_of, total_of
from saima.metrics.facts import UNCHAINED
from saima.wording import amount_text, count_text, percent, percent_text


def chain_stages(
    stages_by_chain: pl.DataFrame, chains: pl.DataFrame, terms: Mapping[str, str]
) -> pl.DataFrame:
    """Chains by stage, every cell of the matrix, chains in the office's order, 未归链 last.

    Returns chain, chain_group, stage, term, projects (0 where there is none), investment_total
    (Decimal 万元, null where none reported it), median_days (Float64: days since the date of the
    present stage, null where none is timed).
    """
    known = chains.select("chain", "chain_group").with_row_index("place")
    listed = pl.concat(
        [
            known,
            pl.DataFrame({"place": [len(known)], "chain": [UNCHAINED], "chain_group": [UNCHAINED]}).cast(
                {"place": pl.UInt32}
            ),
        ]
    )
    cells = listed.join(pl.DataFrame({"stage": STAGES}).with_row_index("step"), how="cross")
    counted = (
        _chained(stages_by_chain, chains)
        .filter(pl.col("stage").is_in(STAGES))
        .group_by("chain", "stage")
        .agg(
            pl.col("projects").sum(),
            investment_total=total_of("investment_total"),
            median_days=pl.col("days")
            .repeat_by("projects")
            .filter(pl.col("days").is_not_null())
            .explode()
            .median(),
        )
    )
    return (
        cells.join(counted, on=["chain", "stage"], how="left")
        .sort("place", "step")
        .select(
            "chain",
            "chain_group",
            "stage",
            pl.col("stage").replace_strict(dict(terms), default=pl.col("stage")).alias("term"),
            pl.col("projects").fill_null(0),
            "investment_total",
            "median_days",
        )
    )


def chain_shares(largest_by_chain: pl.DataFrame, chains: pl.DataFrame) -> pl.DataFrame:
    """Size of each chain and the share of its largest project, the largest chains first.

    `largest_by_chain` is the frame of that query. Returns chain, chain_group, projects, investment_total
    (Decimal 万元), investment_projects, share (of all chains' investment), largest_name,
    largest_investment, largest_share (of the chain's investment).
    """
    groups = dict(chains.select("chain", "chain_group").iter_rows())
    ordered = _chained(largest_by_chain, chains).sort("largest_investment", descending=True, nulls_last=True)
    return (
        ordered.group_by("chain", maintain_order=True)
        .agg(
            pl.col("projects").sum(),
            investment_total=total_of("investment_total"),
            investment_projects=pl.col("investment_projects").sum(),
            largest_name=pl.col("largest_name").first(),
            largest_investment=pl.col("largest_investment").first().cast(EXACT),
        )
        .with_columns(
            chain_group=pl.col("chain").replace_strict(groups, default=UNCHAINED),
            share=share_of(pl.col("investment_total"), pl.col("investment_total").sum()),
            largest_share=share_of(pl.col("largest_investment"), pl.col("investment_total")),
        )
        .sort("investment_total", "chain", descending=[True, False], nulls_last=True)
    )


def _chained(frame: pl.DataFrame, chains: pl.DataFrame) -> pl.DataFrame:
    known = chains["chain"].implode()
    return frame.with_columns(
        chain=pl.when(pl.col("chain").is_in(known)).then("chain").otherwise(pl.lit(UNCHAINED))
    )


def chained(sizes: pl.DataFrame) -> pl.DataFrame:
    """The rows of `chain_shares` that are chains; shares stay those of everything."""
    return sizes.filter(pl.col("chain") != UNCHAINED)


def chain_sentence(sizes: pl.DataFrame, period: str, currency: str) -> str:
    """`9月末，19条产业链在库项目4,312个、总投资…；新材料规模最大，占21.3%；航空最大单体项目占该链的44.1%。`"""
    known = chained(sizes).filter(pl.col("projects") > 0)
    month = f"{int(period[5:])}月末"
    if known.is_empty():
        return f"{month}，没有归入产业链的项目。"
    opening = f"{month}，{known.height}条产业链在库项目{count_text(int(known['projects'].sum()))}个"
    if not known["investment_total"].count():
        return f"{opening}，均未填报总投资。"
    total = Decimal(known["investment_total"].sum())
    everything = Decimal(sizes["investment_total"].sum())
    largest = known.row(0, named=True)
    sentence = (
        f"{opening}、总投资{amount_text(total, currency)}；{largest['chain']}规模最大，"
        f"占全部在库总投资的{percent_text(percent(largest['investment_total'], everything))}"
    )
    leaning = known.sort("largest_share", "chain", descending=[True, False], nulls_last=True).row(
        0, named=True
    )
    if leaning["largest_share"] is not None:
        share = percent_text(percent(leaning["largest_investment"], leaning["investment_total"]))
        sentence += f"；{leaning['chain']}最依赖单体项目，最大一个占该链的{share}"
    return sentence + "。"


def chain_words(sizes: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Sizes under Chinese terms, amounts and shares as printed."""
    rows = sizes.to_dicts()
    total = Decimal(sizes["investment_total"].sum())
    return pl.DataFrame(
        {
            "产业链": [row["chain"] for row in rows],
            "分组": [row["chain_group"] for row in rows],
            "项目数": [row["projects"] for row in rows],
            "填报总投资的项目": [row["investment_projects"] for row in rows],
            "总投资": [amount_text(row["investment_total"], currency) for row in rows],
            "占比": [percent_text(percent(row["investment_total"], total)) for row in rows],
            "最大单体项目": [row["largest_name"] for row in rows],
            "单体总投资": [amount_text(row["largest_investment"], currency) for row in rows],
            "占该链": [
                percent_text(percent(row["largest_investment"], row["investment_total"])) for row in rows
            ],
        },
        schema_overrides={"最大单体项目": pl.String},
    )
