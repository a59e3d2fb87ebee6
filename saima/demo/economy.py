"""Figures of an invented city's running economy, February to December: January has none (免报).

What the city invests altogether follows what its projects spend; the rest are parts of it. One public sum
is kept to: the hundred projects of Dalian made up 33.2 % of it by September 2024 (S1-1).
"""

from collections import Counter
from collections.abc import Mapping
from random import Random

import polars as pl

from saima.demo.history import YEARS, Living
from saima.ledgers import LEDGERS

REMARKS = {"210200": "百大项目占固定资产投资的比重、技改和高技术产业投资增速参照一份未署名材料"}
"""What the sidecar of a city's filings says beside that they are a demonstration."""

HUNDRED = "百大"
"""The word in the name of a list of a hundred projects."""

_HUNDRED_SHARE = 0.332
_REPORTED = 0.988
"""The part of it that the ledger of that month tells: two of the hundred did not fill in what they spent."""

_ANCHOR = 2024 * 12 + 8
"""The month by whose end the hundred projects have that share."""

_LEDGER_SHARES = {"210100": 0.7, "320800": 0.68}
"""How much of a city's investment its ledger explains, where no document says otherwise."""

_PARTS: Mapping[str, float] = {
    "固定资产投资": 1.0,
    "工业投资": 0.33,
    "技改投资": 0.085,
    "高技术产业投资": 0.115,
    "基础设施投资": 0.21,
    "房地产开发投资": 0.24,
    "民间投资": 0.52,
}
_GROWTH: Mapping[str, Mapping[str, float]] = {
    "210100": {"固定资产投资": 5.2, "技改投资": 12.4, "高技术产业投资": 16.1, "房地产开发投资": -9.8},
    "210200": {"固定资产投资": 6.3, "技改投资": 70.7, "高技术产业投资": 45.2, "房地产开发投资": -11.3},
    "320800": {"固定资产投资": 5.6, "技改投资": 10.8, "高技术产业投资": 13.5, "房地产开发投资": -8.1},
}
"""Growth in % of 2024 on 2023; of what is not named 4.5."""


def name_the_hundred(living: Living) -> None:
    """Put on the list of a hundred projects those that spend most up to the anchor month of its year."""
    names = living.reference.lists.filter(
        (pl.col("city") == living.city) & pl.col("name").str.contains(HUNDRED)
    )["list"].to_list()
    if not names:
        return
    standing = [project for project in living.projects if not project.traits.get("is_parent")]
    spending = {project.number: _spent(project.spent, _ANCHOR) for project in standing}
    largest = sorted(standing, key=lambda project: (-spending[project.number], project.number))
    chosen = {project.number for project in largest[: max(round(100 * living.scale), 1)]}
    for project in living.projects:
        lists = project.traits.get("lists")
        kept = [name for name in lists if name not in names] if isinstance(lists, list) else []
        project.traits["lists"] = kept + names if project.number in chosen else kept


def _spent(spent: Mapping[int, int], month: int) -> int:
    """万元 spent from January of the month's year to its end."""
    return sum(spent.get(one, 0) for one in range(month // 12 * 12, month + 1))


class Economy:
    """What a city's bureau of statistics says month by month; drawn from a stream of its own."""

    def __init__(self, living: Living) -> None:
        self.city = living.city
        rng = Random(f"{living.seed}-{living.city}-economy")
        standing = [project for project in living.projects if not project.traits.get("is_parent")]
        year = YEARS[-1] * 12
        # Nobody spends twice as evenly: the share of the ledger moves a little, but not in the anchor month.
        sway = {year + n: rng.uniform(0.99, 1.01) for n in range(12)} | {_ANCHOR: 1.0}
        share = self._ledger_share(living)
        monthly: Counter[int] = Counter()
        for project in standing:
            monthly.update(project.spent)
        whole = {month: _spent(monthly, month) / share * sway[month] for month in range(year + 1, year + 12)}
        growth = _GROWTH[self.city]
        self._figures: dict[tuple[int, str], tuple[float, float]] = {}
        for month, total in whole.items():
            for measure, part in _PARTS.items():
                grown = growth.get(measure, 4.5)
                before = round(rng.uniform(2.0, 8.0), 1)
                now = total / 10_000 * part
                self._figures[month, measure] = round(now, 2), grown
                self._figures[month - 12, measure] = round(now / (1 + grown / 100), 2), before

    def _ledger_share(self, living: Living) -> float:
        """How much of the city's investment the projects explain: the hundred tell where there are any."""
        if self.city in _LEDGER_SHARES:
            return _LEDGER_SHARES[self.city]
        known = dict(
            living.reference.lists.filter(pl.col("city") == self.city).select("list", "name").iter_rows()
        )
        all_of_them = hundred = 0
        for project in living.projects:
            if project.traits.get("is_parent"):
                continue
            spent = _spent(project.spent, _ANCHOR)
            lists = project.traits.get("lists")
            is_one = isinstance(lists, list) and any(HUNDRED in known[name] for name in lists)
            all_of_them += spent
            hundred += spent if is_one else 0
        return all_of_them * _HUNDRED_SHARE / hundred / _REPORTED if hundred else 0.7

    def rows(self, period: str) -> pl.DataFrame:
        """Rows of the ledger of a month; none in January."""
        ledger = LEDGERS["economy"]
        month = int(period[:4]) * 12 + int(period[5:]) - 1
        rows = [
            {
                "area_id": self.city,
                "area_text": "全市",
                "measure": measure,
                "value": value,
                "unit": "亿元",
                "growth": growth,
                "source": "市统计局·示例",
                "source_sheet": ledger.term,
                "source_row": place + 5,
            }
            for place, (measure, (value, growth)) in enumerate(
                (measure, self._figures[month, measure])
                for measure in _PARTS
                if (month, measure) in self._figures
            )
        ]
        names = [name for name in ledger.schema if not rows or name in rows[0]]
        return pl.DataFrame(rows, schema={name: ledger.schema[name] for name in names}, orient="row")
