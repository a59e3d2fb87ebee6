"""What the office edits: cities, areas, categories, chains, schemes, lists, parks, targets and races.

The files live in one folder (`folder()`), are checked as a whole, and refused with one Chinese
sentence that names file, line, field and what is allowed.
"""

from saima.reference.calendars import Cadence, Calendar, Milestone
from saima.reference.cities import Batch, City
from saima.reference.decisions import (
    IdentityDecision,
    MappingDecision,
    identity_decisions,
    mapping_decisions,
    record_identities,
    record_mappings,
)
from saima.reference.funds import FundRules, Source
from saima.reference.letters import LetterTemplate
from saima.reference.lights import Consequence, LightRules
from saima.reference.lists import ListRule, ListRules
from saima.reference.office import folder, load, save, text_of
from saima.reference.outlines import boundary
from saima.reference.problems import ProblemLevel, ProblemRules
from saima.reference.races import Item, Race, Track
from saima.reference.refusal import ReferenceError
from saima.reference.rewards import Clause, FastRules, ListedRules, PromptRules, RewardRules
from saima.reference.service import Level, ServiceRules
from saima.reference.statistics import Paper, StatisticsRules
from saima.reference.targets import EXAMPLE, filters_of
from saima.reference.whole import Reference, check_metrics

__all__ = [
    "EXAMPLE",
    "Batch",
    "Cadence",
    "Calendar",
    "City",
    "Clause",
    "Consequence",
    "FastRules",
    "FundRules",
    "IdentityDecision",
    "Item",
    "LetterTemplate",
    "Level",
    "LightRules",
    "ListRule",
    "ListRules",
    "ListedRules",
    "MappingDecision",
    "Milestone",
    "Paper",
    "ProblemLevel",
    "ProblemRules",
    "PromptRules",
    "Race",
    "Reference",
    "ReferenceError",
    "RewardRules",
    "ServiceRules",
    "Source",
    "StatisticsRules",
    "Track",
    "boundary",
    "check_metrics",
    "filters_of",
    "folder",
    "identity_decisions",
    "load",
    "mapping_decisions",
    "record_identities",
    "record_mappings",
    "save",
    "text_of",
]
