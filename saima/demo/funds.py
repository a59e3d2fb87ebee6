"""Money from above for the projects of an invented city: asked for, approved, arrived, paid and at work.

Public sums that a city is known by are kept to exactly: see ROUNDS. Everything else is invented.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import sqrt
from random import Random
from typing import NamedTuple, Self

import polars as pl

from saima.demo.history import END, Living, Project, first_day, last_day, month_of, parted
from saima.ledgers import LEDGERS

CENTRAL = "中央预算内投资"
BONDS = "地方政府专项债券"
TREASURY = "超长期特别国债"
TOOL = "政策性开发性金融工具"
PROVINCE = "省级财政"
CITY = "市级财政"

# S0-9 counts 14, 11 and 7 domains and names none. The eleven of the bonds are the public ones; the others
# and the words by which a project falls into one are ours.
DOMAINS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    TREASURY: (
        ("高标准农田和黑土地保护", ("高标准农田",)),
        ("城市地下管网更新改造", ("雨污分流",)),
        ("城镇供热管网更新", ("供热",)),
        ("防洪排涝和堤防建设", ("河道",)),
        ("污水垃圾处理能力提升", ("污水",)),
        ("城际和城市快速交通", ("快速路",)),
        ("农业转移人口市民化配套设施", ("道路", "保障性租赁住房")),
        ("新型电力系统", ("变电站",)),
        ("基础教育扩优提质", ("小学", "中学")),
        ("优质医疗资源扩容", ("医院",)),
        ("普惠养老托育和全民健身", ("养老", "健身")),
        ("老旧小区电梯更新", ("老旧小区",)),
        ("粮食和重要农产品供给", ("农业",)),
        ("工业设备更新和技术改造", ("",)),
    ),
    BONDS: (
        ("交通基础设施", ("快速路",)),
        ("能源", ("变电站",)),
        ("生态环保", ("污水", "雨污分流")),
        ("社会事业", ("小学", "中学", "医院", "养老", "健身", "文旅", "康养")),
        ("国家重大战略项目", ("枢纽", "多式联运")),
        ("城乡冷链等物流基础设施", ("冷链", "物流")),
        ("农林水利", ("河道", "高标准农田", "农业")),
        ("保障性安居工程", ("老旧小区", "保障性租赁住房")),
        ("新型基础设施", ("云计算", "算力", "数据", "孵化", "检验检测")),
        ("新能源", ("储能", "充换电")),
        ("市政和产业园区基础设施", ("",)),
    ),
    CENTRAL: (
        ("社会事业", ("小学", "中学", "医院", "养老", "健身")),
        ("保障性安居工程配套", ("老旧小区", "保障性租赁住房")),
        ("城镇基础设施", ("道路", "快速路", "供热", "雨污分流")),
        ("生态保护和污染治理", ("污水", "河道")),
        ("农业农村和粮食安全", ("农田", "农业")),
        ("能源安全", ("变电站", "储能")),
        ("产业链供应链安全", ("",)),
    ),
    TOOL: (("重大基础设施资本金", ("",)),),
    PROVINCE: (("省级专项补助", ("",)),),
    CITY: (("市级配套", ("",)),),
}
_PUBLIC = ("基础设施", "民生保障")
_BUILT = (*_PUBLIC, "服务业", "农业")
_SERVING = (
    "物流",
    "冷链",
    "多式联运",
    "孵化器",
    "检验检测",
    "云计算",
    "数据",
    "算力",
    "文旅",
    "康养",
    "充换电",
    "储能",
)
"""Services that a public source may pay for: neither shops nor offices."""

_SHARES = {CENTRAL: 0.45, BONDS: 0.6, TREASURY: 0.42, TOOL: 0.25, PROVINCE: 0.12, CITY: 0.08}
"""How much of a project's investment a source pays at most."""

_ISSUE_DAYS = {CENTRAL: (0, 12), BONDS: (8, 38), TREASURY: (3, 20), TOOL: (4, 20), PROVINCE: (2, 15)}


def _month(year: int, month: int) -> int:
    return year * 12 + month - 1


@dataclass(frozen=True)
class Round:
    """What one source gives a city's projects in some months: together `amount` 万元 to `projects` of them.

    `issued_by` is the month by whose end all of it has been issued. Where `start_by` is a month, the money
    goes to projects that have not begun and are to begin by the end of it. A part `stuck` of them does not.
    `social` is what the round draws from private investors altogether, None for a usual part.
    """

    source: str
    first: int
    last: int
    amount: int
    projects: int
    categories: tuple[str, ...]
    issued_by: int
    start_by: int | None = None
    stuck: float = 0.06
    social: int | None = None


def _rounds(
    year: int,
    months: tuple[int, int],
    *given: tuple[str, int, int, tuple[str, ...]],
    issued_by: int = 12,
    start_by: int | None = None,
    stuck: float = 0.06,
) -> tuple[Round, ...]:
    return tuple(
        Round(
            source,
            _month(year, months[0]),
            _month(year, months[1]),
            amount,
            projects,
            categories,
            _month(year, issued_by),
            start_by and _month(year, start_by),
            stuck,
        )
        for source, amount, projects, categories in given
    )


# Ultra-long special treasury bonds were first issued in May 2024: no round of them begins before.
ROUNDS: Mapping[str, tuple[Round, ...]] = {
    # S0-9: more than 150 亿元 in 2024. S0-25: 66 projects approved in its first half are to start by
    # the end of September; S0-26: those of the second half's treasury bonds by the end of the year.
    "210100": (
        *_rounds(2022, (8, 10), (TOOL, 180_000, 10, ("基础设施",))),
        *_rounds(2023, (2, 10), (BONDS, 784_000, 58, _BUILT), (CENTRAL, 196_000, 40, (*_PUBLIC, "工业"))),
        *_rounds(
            2024,
            (1, 6),
            (BONDS, 526_000, 30, _BUILT),
            (CENTRAL, 124_000, 24, _PUBLIC),
            issued_by=6,
            start_by=9,
            stuck=0.2,
        ),
        *_rounds(2024, (5, 6), (TREASURY, 83_000, 12, _PUBLIC), issued_by=6, start_by=9, stuck=0.25),
        *_rounds(2024, (7, 11), (TREASURY, 347_000, 36, (*_PUBLIC, "农业", "工业")), start_by=12, stuck=0.22),
        *_rounds(2024, (7, 11), (BONDS, 412_000, 34, _BUILT), (CENTRAL, 79_000, 14, (*_PUBLIC, "工业"))),
    ),
    # S1-3 to S1-6, an unsigned paper: January to September 2024 27 + 44.6 + 167 = 238.6, the year before
    # 12.3 + 137.4 and a remainder of 27.9 without a name: ours is the third source that S3-8 names in 2023.
    "210200": (
        *_rounds(2022, (8, 10), (TOOL, 152_000, 8, ("基础设施",))),
        *_rounds(
            2023,
            (1, 9),
            (TOOL, 279_000, 28, ("基础设施",)),
            (CENTRAL, 123_000, 30, ("民生保障",)),
            (BONDS, 1_374_000, 62, _BUILT),
            issued_by=9,
        ),
        *_rounds(2023, (10, 11), (BONDS, 118_000, 8, _BUILT), (CENTRAL, 21_000, 6, _PUBLIC)),
        *_rounds(2024, (1, 9), (CENTRAL, 270_000, 58, ("民生保障",)), issued_by=9),
        Round(
            BONDS,
            _month(2024, 1),
            _month(2024, 9),
            1_670_000,
            66,
            _BUILT,
            _month(2024, 9),
            social=3_012_000,
        ),
        *_rounds(2024, (5, 9), (TREASURY, 446_000, 34, ("基础设施", "农业", "工业")), issued_by=9),
        *_rounds(2024, (10, 11), (BONDS, 152_000, 9, _BUILT), (TREASURY, 63_000, 8, ("基础设施", "工业"))),
    ),
    # S4 says nothing of money from above: these are ours, in proportion to the works of the city.
    "320800": (
        *_rounds(2022, (8, 10), (TOOL, 19_000, 3, ("基础设施",))),
        *_rounds(
            2023,
            (2, 10),
            (BONDS, 168_000, 14, _BUILT),
            (CENTRAL, 26_000, 9, (*_PUBLIC, "农业")),
            (PROVINCE, 17_500, 24, ("农业", "工业")),
            (CITY, 6_200, 14, ("农业", "工业")),
        ),
        *_rounds(
            2024,
            (2, 11),
            (BONDS, 196_000, 18, _BUILT),
            (CENTRAL, 31_000, 12, (*_PUBLIC, "农业")),
            (PROVINCE, 21_400, 28, ("农业", "工业")),
            (CITY, 7_300, 16, ("农业", "工业")),
        ),
        *_rounds(2024, (6, 11), (TREASURY, 58_000, 16, ("基础设施", "农业", "工业"))),
    ),
}
"""The rounds of each city in 万元, in the order in which projects are found for them."""

REMARKS = {"210200": "前9个月争取资金和支付率的合计数参照一份未署名材料"}
"""What the sidecar of a city's filings says beside that they are a demonstration."""

PAYMENT = {"210200": (_month(2024, 9), Fraction(926, 1000))}
"""The part of what has arrived that is paid by the end of a month (S1-7): that of the year's approvals, and
that of those before."""

_PACE = {"210200": ((0.45, 0.95), (0.85, 0.98), (0.1, 0.3), (0.03, 0.12))}
_USUAL_PACE = ((0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.0, 0.1))
"""What is paid on arrival, what when work begins, what of the rest is left a month later, what is kept."""


@dataclass(slots=True, eq=False)
class Fund:
    """One project's money out of one round; one that was only asked for has no approval."""

    project: Project
    source: str
    requested: int
    asked_on: date
    approved: int | None = None
    approved_on: date | None = None
    issued_on: date | None = None
    arrived: int | None = None
    arrived_on: date | None = None
    works_on: date | None = None
    physical_on: date | None = None
    physical_known: int | None = None
    physical_precision: str | None = None
    social: int | None = None
    is_silent: bool = False
    paid: dict[int, int] = field(default_factory=dict)


class Funds:
    """The funds of a city, from which any month's ledger is cut."""

    def __init__(self, living: Living) -> None:
        made = _Treasurer(living).funds()
        made.sort(key=lambda fund: (fund.approved_on or fund.asked_on, fund.project.number))
        city = living.city
        columns = LEDGERS["funds"].schema
        self._funds = pl.DataFrame(
            [
                (
                    f"{city}-Z{number:04}",
                    f"{city}-D{fund.project.number:05}",
                    fund.source,
                    _domain(fund),
                    fund.requested,
                    fund.approved,
                    month_of(fund.approved_on or fund.asked_on),
                    fund.approved_on,
                    fund.issued_on,
                    fund.arrived,
                    fund.arrived_on,
                    fund.physical_on,
                    fund.physical_known,
                    fund.physical_precision,
                    fund.social,
                )
                for number, fund in enumerate(made, start=1)
            ],
            schema={
                "fund_id": pl.String,
                "project_id": pl.String,
                "source": pl.String,
                "domain": pl.String,
                "requested": columns["requested"],
                "approved": columns["approved"],
                "since": pl.Int64,
                "approved_on": pl.Date,
                "issued_on": pl.Date,
                "arrived": columns["arrived"],
                "arrived_on": pl.Date,
                "physical_on": pl.Date,
                "physical_known": pl.Int64,
                "physical_on_precision": pl.String,
                "social_capital": columns["social_capital"],
            },
            orient="row",
        )
        self._paid = pl.DataFrame(
            [
                (f"{city}-Z{number:04}", month, paid, paid - fund.paid.get(month // 12 * 12 - 1, 0))
                for number, fund in enumerate(made, start=1)
                if not fund.is_silent
                for month, paid in fund.paid.items()
            ],
            schema={
                "fund_id": pl.String,
                "month": pl.Int64,
                "paid": columns["paid"],
                "paid_year": columns["paid_year"],
            },
            orient="row",
        )

    def central(self) -> pl.DataFrame:
        """The month of each project's first fund of Dalian's list of central money: number, central_since."""
        is_central = pl.col("source").is_in([CENTRAL, BONDS, TOOL])
        won = self._funds.filter(is_central & pl.col("approved_on").is_not_null())
        return won.group_by(
            number=pl.col("project_id").str.extract(r"(\d+)$").cast(pl.Int64), maintain_order=True
        ).agg(central_since=pl.col("since").min())

    def rows(self, period: str) -> pl.DataFrame:
        """The funds as known at the end of a period, without what the project ledger says of the projects.

        An application without approval is there until its year ends. Amounts are 万元.
        """
        month = int(period[:4]) * 12 + int(period[5:]) - 1
        end = last_day(month)
        has_arrived = pl.col("arrived_on") <= end
        works = pl.col("physical_known") <= month
        known = {
            "issued_on": pl.col("issued_on") <= end,
            "arrived": has_arrived,
            "arrived_on": has_arrived,
            "physical_on": works,
            "physical_on_precision": works,
        }
        rows = (
            self._funds.filter(
                pl.col("since") <= month,
                pl.col("approved_on").is_not_null() | (pl.col("since") >= month // 12 * 12),
            )
            .with_columns(pl.when(is_known).then(name).alias(name) for name, is_known in known.items())
            .join(
                self._paid.filter(pl.col("month") == month).drop("month"),
                on="fund_id",
                how="left",
                maintain_order="left",
            )
        )
        return rows.with_columns(
            pl.when(pl.col(name).is_not_null()).then(pl.lit("day")).alias(f"{name}_precision")
            for name in ("approved_on", "issued_on", "arrived_on")
        ).drop("since", "physical_known")


class _Course(NamedTuple):
    """A project with the months in which it is first seen, approved, started and built."""

    project: Project
    seen: int
    ready: int | None
    started: int | None
    finished: int | None

    @classmethod
    def of(cls, project: Project) -> Self:
        finished = _finished(project)
        return cls(
            project,
            project.seen,
            project.month("approved"),
            project.month("started"),
            None if finished is None else month_of(finished),
        )


class _Treasurer:
    """Gives the rounds of a city to its projects."""

    def __init__(self, living: Living) -> None:
        self.living, self.city = living, living.city
        self.rng = Random(f"{living.seed}-{living.city}-funds")
        self.courses = [_Course.of(project) for project in living.projects if _is_plain(project)]
        self.taken: set[tuple[int, int]] = set()

    def funds(self) -> list[Fund]:
        """Every fund of the city, and what is paid of it until the last month."""
        made: list[Fund] = []
        for given in ROUNDS.get(self.city, ()):
            made += self._give(given)
            made += self._refused(given)
        for fund in made:
            if fund.arrived_on is not None:
                self._pay(fund)
        if self.city in PAYMENT:
            month, share = PAYMENT[self.city]
            new_year = first_day(month // 12 * 12)
            for is_new in (False, True):
                _settle([fund for fund in made if _is_since(fund, new_year) is is_new], month, share)
        return made

    def _give(self, given: Round) -> list[Fund]:
        """The round to projects that fit, in proportion to their size, adding up to its amount."""
        rng, scale = self.rng, self.living.scale
        wanted = round(given.projects * scale)
        idle = round(wanted * given.stuck)
        stuck = self._chosen(given, idle, is_stuck=True)
        chosen = stuck + self._chosen(given, wanted - len(stuck), is_stuck=False)
        room = [round(project.investment * _SHARES[given.source]) // 10 for project, _ in chosen]
        amounts = _dealt(round(given.amount * scale) // 10, room, rng)
        funds = [
            self._fund(given, project, month, amount * 10)
            for (project, month), amount in zip(chosen, amounts, strict=True)
            if amount
        ]
        self._draw_private(given, funds)
        return funds

    def _chosen(self, given: Round, wanted: int, *, is_stuck: bool) -> list[tuple[Project, int]]:
        """Projects for a round with the month of approval; the larger are the likelier."""
        year = given.first // 12
        found = []
        for course in self.courses:
            project = course.project
            if not _fits(given, project) or (project.number, year) in self.taken:
                continue
            if months := _months(given, course, is_stuck):
                found.append((self.rng.random() ** (3_000.0 / project.investment), project, months))
        found.sort(key=lambda lot: (-lot[0], lot[1].number))
        chosen = [(project, self.rng.choice(months)) for _, project, months in found[:wanted]]
        self.taken.update((project.number, year) for project, _ in chosen)
        return chosen

    def _fund(self, given: Round, project: Project, month: int, amount: int) -> Fund:
        rng = self.rng
        started, ready = project.facts.get("started"), project.facts.get("approved")
        earliest, latest = first_day(month), last_day(month)
        if given.start_by is not None and started is not None:
            latest = min(latest, started.on)
        if ready is not None:
            earliest = min(max(earliest, ready.on), latest)
        approved_on = earliest + timedelta(days=rng.randint(0, (latest - earliest).days))
        issued_on = min(
            _after(rng, approved_on, _ISSUE_DAYS.get(given.source, (3, 20))), last_day(given.issued_by)
        )
        asked = amount if rng.random() < 0.35 else round(amount / rng.uniform(0.5, 1.0), -1)
        fund = Fund(
            project,
            given.source,
            max(round(min(asked, project.investment)), amount),
            approved_on,
            amount,
            approved_on,
            issued_on,
        )
        if rng.random() < 0.98:
            fund.arrived = amount if rng.random() < 0.86 else round(amount * rng.uniform(0.55, 0.95))
            fund.arrived_on = _after(rng, issued_on, (3, 28) if rng.random() < 0.95 else (50, 110))
            self._work(fund)
        fund.is_silent = self.city not in PAYMENT and rng.random() < 0.02
        return fund

    def _work(self, fund: Fund) -> None:
        """When the money was seen to build something: soon after it came, for some late, for some never."""
        rng, facts = self.rng, fund.project.facts
        started, finished = facts.get("started"), _finished(fund.project)
        assert fund.arrived_on is not None
        if started is None:
            return
        begun = max(fund.arrived_on, started.on)
        suspended, resumed = facts.get("suspended"), facts.get("resumed")
        if suspended is not None and suspended.on <= begun:
            if resumed is None:
                return
            begun = max(begun, resumed.on)
        is_late = rng.random() < 0.07
        usual = (0, 15) if started.on > fund.arrived_on else (3, 55)
        on = _after(rng, begun, (95, 190) if is_late else usual)
        if finished is not None:
            on = max(min(on, finished), fund.arrived_on)
        fund.works_on = on
        if rng.random() < 0.04:
            return
        fund.physical_known = max(month_of(on), started.known) + rng.choices((0, 1), (93, 7))[0]
        is_vague = rng.random() < 0.05
        fund.physical_on = last_day(month_of(on)) if is_vague else on
        fund.physical_precision = "month" if is_vague else "day"

    def _pay(self, fund: Fund) -> None:
        """Paid month by month: a little in advance, most with the work, the last when all is settled."""
        rng = self.rng
        assert fund.arrived is not None
        assert fund.arrived_on is not None
        arrived = month_of(fund.arrived_on)
        works = None if fund.works_on is None else month_of(fund.works_on)
        advance, share, left, kept = (rng.uniform(*span) for span in _PACE.get(self.city, _USUAL_PACE))
        if works is None:
            advance = min(advance, rng.uniform(0.0, 0.3))
        finished = _finished(fund.project)
        for month in range(arrived, END + 1):
            paid = advance
            if works is not None and month >= works:
                is_settled = finished is not None and month > month_of(finished) + 2
                most = 1.0 - (min(kept, 0.03) if is_settled else kept)
                paid = max(advance, most * (1 - (1 - share) * left ** (month - works)))
            fund.paid[month] = int(fund.arrived * paid)

    def _refused(self, given: Round) -> Iterator[Fund]:
        """Applications of the same months that nobody has granted: one for eight that were."""
        rng = self.rng
        year = given.first // 12
        for project, month in self._chosen(
            given, round(given.projects * self.living.scale / 8), is_stuck=False
        ):
            self.taken.discard((project.number, year))
            asked_on = first_day(month) + timedelta(days=rng.randint(0, 27))
            amount = project.investment * _SHARES[given.source] * rng.uniform(0.2, 0.9)
            yield Fund(project, given.source, max(round(amount / 10) * 10, 10), asked_on)

    def _draw_private(self, given: Round, funds: Sequence[Fund]) -> None:
        """Private money that comes with it: to most bonds, to few others."""
        rng = self.rng
        drawing = [fund for fund in funds if rng.random() < (0.8 if given.source == BONDS else 0.15)]
        room = [max(fund.project.investment - (fund.approved or 0), 0) // 10 for fund in drawing]
        if given.social is not None:
            amounts = _dealt(round(given.social * self.living.scale) // 10, room, rng)
        else:
            amounts = [
                min(round((fund.approved or 0) * rng.uniform(0.05, 0.25)), free)
                for fund, free in zip(drawing, room, strict=True)
            ]
        for fund, amount in zip(drawing, amounts, strict=True):
            fund.social = amount * 10 or None


def _is_plain(project: Project) -> bool:
    """Whether a project is filed without a fault until the last month: money is given to no other."""
    finished = _finished(project)
    return (
        not project.traits.get("is_parent")
        and not project.traits.get("is_dateless")
        and "exited" not in project.facts
        and "area_text" not in project.traits
        and not any(fact.wrong for fact in project.facts.values())
        and (finished is None or finished.year >= END // 12 - 1)
    )


def _finished(project: Project) -> date | None:
    """The day on which it was built, None where it is not."""
    facts = (project.facts.get(event) for event in ("completed", "accepted", "produced"))
    return next((fact.on for fact in facts if fact is not None), None)


def _fits(given: Round, project: Project) -> bool:
    """Whether a source gives money to a project of that kind."""
    if project.category not in given.categories or project.is_reserve:
        return False
    if given.source in {PROVINCE, CITY}:
        return project.is_big or project.category == "农业"
    if project.category == "工业":
        return project.traits["nature"] == "改建和技术改造"
    if project.category == "服务业":
        text = str(project.traits["name"])
        return project.traits["owner_kind"] in {"国企", "央企"} and any(work in text for work in _SERVING)
    return True


def _months(given: Round, course: _Course, is_stuck: bool) -> range:
    """Months in which a project may be given money: after its own approval, before it is built.

    One that is not stuck begins before the deadline, or at the latest two months after it was approved.
    """
    started = course.started
    if course.ready is None:
        return range(0)
    first, last = max(given.first, course.seen, course.ready), given.last
    if course.finished is not None:
        last = min(last, course.finished - 1)
    if given.start_by is not None:
        if is_stuck:
            return range(first, last + 1) if started is None or started > given.start_by else range(0)
        if started is None or not given.first <= started <= given.start_by:
            return range(0)
        return range(first, min(last, started) + 1)
    if is_stuck:
        return range(first, (last if started is None else min(last, started - 5)) + 1)
    return range(0) if started is None else range(max(first, started - 2), last + 1)


def _dealt(total: int, room: Sequence[int], rng: Random) -> list[int]:
    """Parts of `total`, none above its room, the large less than in proportion; all room if that is less."""
    if total >= sum(room):
        return list(room)
    wanted = parted(total, [sqrt(free) * rng.uniform(0.4, 1.0) for free in room], rng.random())
    parts = [min(part, free) for part, free in zip(wanted, room, strict=True)]
    left = [free - part for free, part in zip(room, parts, strict=True)]
    return [part + more for part, more in zip(parts, parted(total - sum(parts), left), strict=True)]


def _settle(funds: Sequence[Fund], month: int, share: Fraction) -> None:
    """Stretch what is unpaid: by the end of a month that share of what has arrived is paid, to 1 万元."""
    arrived = [fund for fund in funds if month in fund.paid]
    owed = [(fund.arrived or 0) - fund.paid[month] for fund in arrived]
    if not sum(owed):
        return
    total = sum(fund.arrived or 0 for fund in arrived)
    unpaid = total - round(total * share)
    factor = unpaid / sum(owed)
    for fund in funds:
        whole = fund.arrived or 0
        fund.paid = {
            when: max(int(whole - (whole - before) * factor), 0) for when, before in fund.paid.items()
        }
    for fund, left in zip(arrived, parted(unpaid, owed), strict=True):
        # Rounding must not make what was paid before more than this, nor what comes after less.
        paid = max((fund.arrived or 0) - left, 0)
        fund.paid = {
            when: min(other, paid) if when < month else max(other, paid) for when, other in fund.paid.items()
        } | {month: paid}


def _is_since(fund: Fund, day: date) -> bool:
    return fund.approved_on is not None and fund.approved_on >= day


def _domain(fund: Fund) -> str:
    """The first domain of the source whose words the project's category, name or content has."""
    traits = fund.project.traits
    text = f"{fund.project.category}{traits['name']}{traits['content']}"
    return next(domain for domain, words in DOMAINS[fund.source] if any(word in text for word in words))


def _after(rng: Random, day: date, days: tuple[int, int]) -> date:
    return day + timedelta(days=rng.randint(*days))
