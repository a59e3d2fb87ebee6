"""Every number that is compared, ranked, targeted or shown: what a metric is, and the catalogue of them."""

from saima.metrics.catalogue import CATALOGUE, cohort_metric, members_metric
from saima.metrics.metric import (
    EXACT,
    KIND_TERMS,
    FactsOf,
    Metric,
    Unit,
    metric_columns,
    metric_values,
    share_of,
    total_of,
)

__all__ = [
    "CATALOGUE",
    "EXACT",
    "KIND_TERMS",
    "FactsOf",
    "Metric",
    "Unit",
    "cohort_metric",
    "members_metric",
    "metric_columns",
    "metric_values",
    "share_of",
    "total_of",
]
