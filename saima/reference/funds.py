"""Where the money comes from and what it is for: sources with their domains, and the line for payments."""

from dataclasses import dataclass

from saima.ledgers import LEDGERS
from saima.reference.settings import Settings

SOURCES = LEDGERS["funds"].column("source").values


@dataclass(frozen=True)
class Source:
    """A source of funds with the domains (领域) that it supports; `clause` says where they are counted."""

    name: str
    clause: str
    domains: tuple[str, ...]


@dataclass(frozen=True)
class FundRules:
    """Sources in the order shown, and the payment rate (share) that is drawn as a line, None for none.

    A city without a file has the sources of the ledger, without domains or line.
    """

    name: str = "资金"
    note: str = "没有设置资金领域，按台账填报的来源和领域"
    sources: tuple[Source, ...] = tuple(Source(name, "", ()) for name in SOURCES)
    payment_goal: float | None = None
    payment_source: str = ""


def read_funds(settings: Settings) -> FundRules:
    """The rules of one file. Every source is one of the ledger's, and a domain stands once in a source."""
    settings.only("name", "note", "payment_goal", "payment_source", "sources")
    ours = FundRules()
    sources: list[Source] = []
    for found in settings.tables("sources"):
        found.only("name", "clause", "domains")
        name, domains = found.word("name", allowed=SOURCES), found.words("domains", [])
        if any(source.name == name for source in sources):
            raise found.refused("name", f"值“{name}”重复", "每个来源一次")
        if len(set(domains)) < len(domains):
            raise found.refused("domains", "有重复的领域", "每个领域一次")
        sources.append(Source(name, found.word("clause", ""), domains))
    goal = settings.number("payment_goal", low=0, high=100) if "payment_goal" in settings.values else None
    return FundRules(
        name=settings.word("name", ours.name),
        note=settings.word("note", ours.note),
        sources=tuple(sources) or ours.sources,
        payment_goal=None if goal is None else goal / 100,
        payment_source=settings.word("payment_source", ""),
    )
