"""Each ledger's columns, types, units, aliases and rules: said once, here."""

from saima.ledgers.city import ECONOMY, INDICATORS
from saima.ledgers.columns import (
    CITY,
    DIRECT,
    LAST,
    LINEAGE,
    MONEY,
    PERIOD_END,
    PRECISIONS,
    UNASSIGNED,
    Column,
    Ledger,
    Rule,
    is_event,
)
from saima.ledgers.libraries import PROMOTION, STATISTICS
from saima.ledgers.meetings import ACTIVITIES, DECISIONS, LETTERS
from saima.ledgers.money import FUNDS, PLANS
from saima.ledgers.problems import PERMITS, PROBLEMS
from saima.ledgers.projects import PROJECTS, PROVING_DATES, STAGE_TERMS, STAGES

__all__ = [
    "CITY",
    "DIRECT",
    "LAST",
    "LEDGERS",
    "LINEAGE",
    "MONEY",
    "PERIOD_END",
    "PLANS",
    "PRECISIONS",
    "PROJECTS",
    "PROVING_DATES",
    "STAGES",
    "STAGE_TERMS",
    "UNASSIGNED",
    "Column",
    "Ledger",
    "Rule",
    "is_event",
]

LEDGERS = {
    ledger.name: ledger
    for ledger in (
        PROJECTS,
        PLANS,
        PROBLEMS,
        FUNDS,
        PERMITS,
        STATISTICS,
        PROMOTION,
        ECONOMY,
        INDICATORS,
        ACTIVITIES,
        DECISIONS,
        LETTERS,
    )
}
"""Every ledger that the program keeps, by name."""
