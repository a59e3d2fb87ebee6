"""The demonstration's activities: what the city's office held by its calendar, and what it let slip."""

from datetime import date, timedelta
from random import Random

import polars as pl

from saima.demo.history import Living
from saima.demo.words import person
from saima.ledgers import LEDGERS

_SLIPS = 0.06
"""Share of the rounds in which nothing was held."""

_ROUNDS: dict[str, tuple[str, ...]] = {
    "210100": ("周调度", "旬督查", "月讲评", "季总结", "现场会", "督导会", "观摩会"),
    "210200": ("月讲评", "季总结", "现场会", "拉练"),
    "320800": ("月讲评", "季总结", "观摩会", "拉练"),
}

_WORDS = {
    "周调度": "调度重点项目进展，协调当周受阻问题",
    "旬督查": "督查重点项目现场进度",
    "月讲评": "通报当月进度和排名，讲评各地区工作",
    "季总结": "总结本季度目标完成情况，部署下季度工作",
    "现场会": "观看在建项目，交流推进办法",
    "督导会": "到进度落后的地区现场督导",
    "观摩会": "到进度领先的地区现场观摩",
    "拉练": "全年重点项目拉练评比",
}


_BANKS = "银企对接"


def _bank_days(city: str, month: int) -> tuple[int, ...]:
    """Days of bank–firm meetings: S1-11 counts twelve in nine months; elsewhere one a quarter is ours."""
    if city == "210200":
        return (10, 24) if month % 3 == 0 else (10,)
    return (10,) if month % 3 == 0 else ()


class Activities:
    """What a city's office held, month by month; drawn from a stream of its own."""

    def __init__(self, living: Living) -> None:
        self.city = living.city
        rng = Random(f"{living.seed}-activities-{living.city}")
        self.chairs = {kind: person(rng) for kind in _WORDS}
        self.held = [held for kind in _ROUNDS.get(living.city, ()) for held in self._of(kind, rng)]
        self.chairs[_BANKS] = person(Random(f"{living.seed}-banks-{living.city}"))
        self.held += [
            (date(year, month, day), _BANKS)
            for year in (2023, 2024)
            for month in range(1, 13)
            for day in _bank_days(living.city, month)
        ]

    def _of(self, kind: str, rng: Random) -> list[tuple[date, str]]:
        days = []
        for year in (2023, 2024):
            for month in range(1, 13):
                days += [day for day in _days(kind, year, month) if rng.random() >= _SLIPS]
        return [(day, kind) for day in days]

    def rows(self, period: str) -> pl.DataFrame:
        """Rows of the ledger of a month: what was held in it."""
        ledger = LEDGERS["activities"]
        held = sorted(one for one in self.held if one[0].isoformat()[:7] == period)
        rows = [
            {
                "activity_id": f"{day:%Y%m%d}-{kind}",
                "kind": kind,
                "area_id": self.city,
                "held_on": day,
                "held_on_precision": "day",
                "chair": self.chairs[kind],
                "note": _WORDS.get(kind, "组织银行与重点项目单位对接融资需求"),
                "source_sheet": ledger.term,
                "source_row": place + 5,
            }
            for place, (day, kind) in enumerate(held)
        ]
        names = [name for name in ledger.schema if not rows or name in rows[0]]
        return pl.DataFrame(rows, schema={name: ledger.schema[name] for name in names}, orient="row")


def _days(kind: str, year: int, month: int) -> list[date]:
    """The days of a month on which a kind is due, weekends kept free."""
    first = date(year, month, 1)
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    if kind == "周调度":
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [day - timedelta(days=4) for day in days if day.weekday() == 6]
    due = {
        "旬督查": (8, 18, 26),
        "季总结": (27,) if month % 3 == 0 else (),
        "督导会": (16,) if month % 2 else (),
        "观摩会": () if month % 2 else (16,),
        "拉练": (20,) if month == 11 else (),
        "现场会": (22,),
        "月讲评": (12,),
    }
    return [date(year, month, day) for day in due[kind]]
