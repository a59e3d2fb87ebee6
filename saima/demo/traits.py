"""What the projects of an invented city are called, and the dates that follow from others."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

import polars as pl

from saima.demo import words
from saima.demo.history import YEARS, Fact, Living, Project, last_day, month_of
from saima.ledgers import UNASSIGNED
from saima.reference import boundary

_LEAD_UNITS = {
    "工业": "市工业和信息化局",
    "服务业": "市商务局",
    "农业": "市农业农村局",
    "基础设施": "市城乡建设局",
    "房地产": "市房产局",
    "民生保障": "市发展改革委",
}
_INDUSTRY_CODES = {
    "工业": ("3670", "3499", "2641", "3841", "3990", "1469", "2720", "3985"),
    "服务业": ("5990", "6513", "7810", "6420", "7590", "5212"),
    "农业": ("0141", "0313", "0515", "0112"),
    "基础设施": ("4813", "7810", "4620", "4420"),
    "房地产": ("7010",),
    "民生保障": ("8321", "8411", "8514", "8892"),
}


def describe(living: Living) -> None:
    """Give every project its name, traits, the dates that follow from others, and its misfilings."""
    _Biographer(living).write()


class _Biographer:
    """Gives every project its name and traits, and the dates that follow from others."""

    def __init__(self, living: Living) -> None:
        self.living, self.rng, self.city = living, living.rng, living.city
        reference = living.reference
        self.short_names = {area: row["short_name"] for area, row in living.areas.items()}
        chains = reference.chains.filter(pl.col("city") == self.city)
        self.chains = self._chains(chains["chain"].to_list())
        self.schemes: dict[str, list[str]] = {
            scheme: [] for scheme in ("cluster", "sei_national", "sei_shenyang", "sei_dalian")
        }
        schemes = reference.schemes.filter(pl.col("city").is_null() | (pl.col("city") == self.city))
        for scheme, value in schemes.select("scheme", "value").iter_rows():
            self.schemes.setdefault(scheme, []).append(value)
        self.alike = {
            (chain, scheme): _likest([chain, *aliases], values)
            for chain, aliases in chains.select("chain", "aliases").iter_rows()
            for scheme, values in self.schemes.items()
        }
        self.lists = dict(
            reference.lists.filter(pl.col("city") == self.city).select("list", "name").iter_rows()
        )
        self.parks: dict[str, list[str]] = defaultdict(list)
        for park, area in (
            reference.parks.filter(pl.col("city") == self.city).select("park_id", "area_id").iter_rows()
        ):
            self.parks[area].append(park)
        self.places = _Places(living)
        self.names: set[str] = set()
        # Leaders have chances of their own, so that every other trait stays what it was.
        self.leading = Random(f"{living.seed}-leaders-{self.city}")
        self.leaders: dict[str, list[str]] = {}

    def _chains(self, chains: list[str]) -> dict[str, tuple[list[str], list[float]]]:
        """Chains a category may belong to, with weights: some are strong, some weak."""
        serving = [
            chain
            for chain in chains
            if any(word in chain for word in ("物流", "网络信息", "软件", "人工智能", "5G"))
        ]
        farming = [chain for chain in chains if any(word in chain for word in ("农产品", "龙虾", "稻米"))]
        making = [chain for chain in chains if chain not in {"现代物流", "小龙虾", "优质稻米"}]
        return {
            category: (known, [0.25 + self.rng.expovariate(1.0) for _ in known])
            for category, known in (
                ("工业", making),
                ("服务业", serving or chains[:1]),
                ("农业", farming or chains[:1]),
            )
        }

    def write(self) -> None:
        """Traits and derived dates of every project."""
        for project in self.living.projects:
            self._describe(project)
            self._follow(project)
            self._misfile(project)
        self._bundle()
        self._scatter()

    def _chain(self, project: Project) -> str | None:
        share = {"工业": 0.95, "服务业": 0.12, "农业": 0.45}.get(project.category, 0.0)
        if self.rng.random() >= share:
            return None
        chains, weights = self.chains[project.category]
        return self.rng.choices(chains, weights)[0] if chains else None

    def _describe(self, project: Project) -> None:
        rng, traits = self.rng, project.traits
        chain = self._chain(project)
        area = "" if project.area == self.living.direct else self.short_names[project.area]
        name, owner, content = words.project(rng, project.category, chain, area)
        if self.names and rng.random() < 0.02:
            name = name.removesuffix("项目").removesuffix("工程") + "项目（一期）"
        phase = 1
        while name in self.names:
            phase += 1
            name = f"{name.split('（')[0]}（{'零一二三四五六七八九'[min(phase, 9)]}期）"
            if phase > 8:
                name = words.project(rng, project.category, chain, area)[0] + f"（{words.place(rng)}地块）"
        self.names.add(name)
        kind = self._owner_kind(project)
        investment = project.investment
        land = None
        if not project.is_public and rng.random() < 0.9:
            land = round(max(investment / 450 * rng.uniform(0.5, 1.6), 3.0), 1)
        traits.update(
            name=name,
            owner=owner,
            content=content + (f"，用地约{land:g}亩" if land else ""),
            location=(area or "市内") + words.place(rng) + rng.choice(("路", "大街", "镇", "片区")),
            owner_kind=kind,
            asset_kind=self._asset_kind(project, chain),
            nature="新建" if rng.random() < 0.78 else rng.choice(("扩建", "改建和技术改造", "迁建")),
            chain=chain,
            land_area_mu=land,
            tags=(tags := self._tags(project, chain)),
            lists=self._lists(project, tags),
            park_id=self._park(project),
            lead_unit=_LEAD_UNITS[project.category],
            industry_code=rng.choice(_INDUSTRY_CODES[project.category]),
            investment_total=None if not project.is_big and rng.random() < 0.06 else investment,
            agreed_amount=round(investment * rng.uniform(0.86, 1.0)) if not project.is_public else None,
            credit_amount=round(investment * rng.uniform(0.1, 0.4)) if rng.random() < 0.06 else None,
            source_order=rng.random(),
        )
        if kind in {"外资", "台资"}:
            foreign = max(1000.0, min(investment / 7.1 * rng.uniform(0.3, 0.9), 30_000.0))
            traits.update(
                foreign_total_usd=round(foreign), foreign_actual_usd=round(foreign * rng.uniform(0.05, 0.5))
            )
        self._serve(project)
        self._place(project)

    def _owner_kind(self, project: Project) -> str:
        if project.is_public:
            return self.rng.choices(["政府", "国企", "央企"], [70, 25, 5])[0]
        foreign, taiwan = self.living.shape.foreign if project.is_big else (0.0, 0.0)
        return self.rng.choices(
            ["民企", "国企", "央企", "外资", "台资"], [0.84 - foreign - taiwan, 0.1, 0.06, foreign, taiwan]
        )[0]

    def _asset_kind(self, project: Project, chain: str | None) -> str | None:
        """Government's works are none of the three: the landing rule is not for them."""
        if project.is_public:
            return None
        if project.category == "房地产":
            return "房地产"
        light = {"服务业": 0.45 if chain else 0.25}.get(project.category, 0.0)
        return "轻资产" if self.rng.random() < light else "实体经济"

    def _tags(self, project: Project, chain: str | None) -> list[str]:
        rng, schemes = self.rng, self.schemes
        tags = [] if project.is_public else ["promotion:招商"]
        if chain is not None:
            tags += [
                f"{scheme}:{like}"
                for scheme in ("cluster", "sei_national", "sei_shenyang", "sei_dalian")
                if (like := self.alike[chain, scheme]) is not None
            ]
        themes = schemes.get("theme", [])
        if project.is_reserve and themes and rng.random() < 0.6:
            theme = rng.choice(themes)
            tags += [f"theme:{theme}", *self._field_of(project, theme)]
        if project.category == "服务业":
            tags += self._service_tags(themes)
        is_talent = not project.is_big and project.category in {"工业", "服务业"} and rng.random() < 0.97
        if is_talent and schemes.get("talent"):
            tags.append(f"talent:{schemes['talent'][0]}")
        return list(dict.fromkeys(tags))

    def _field_of(self, project: Project, theme: str) -> list[str]:
        """The field within a theme that the document names one by one, by the project's number."""
        scheme = {"未来产业": "future", "传统产业优化升级": "upgrade"}.get(theme, "")
        fields = self.schemes.get(scheme)
        return [f"{scheme}:{fields[project.number % len(fields)]}"] if fields else []

    def _service_tags(self, themes: Sequence[str]) -> list[str]:
        rng, exhibitions = self.rng, self.schemes.get("exhibition", [])
        tags = []
        if exhibitions and rng.random() < 0.24:
            weights = [27, 33, 17, 13, 10][: len(exhibitions)]
            tags.append(f"exhibition:{rng.choices(exhibitions, weights)[0]}")
        if "生产性服务业" in themes and rng.random() < (0.9 if len(themes) < 4 else 0.4):
            tags.append("theme:生产性服务业")
        if self.schemes.get("platform") and rng.random() < 0.09:
            tags.append(f"platform:{self.schemes['platform'][0]}")
        return tags

    def _lists(self, project: Project, tags: Sequence[str]) -> list[str]:
        """Lists that a project stays on; those that follow stage or funds are added when it is filed."""
        rng = self.rng
        schemes = {tag.partition(":")[0] for tag in tags}
        chance = {
            "10亿元": 1.0 if project.investment >= 100_000 else 0.0,
            "亿元以上": 1.0 if project.is_big else 0.0,
            "战略性": 0.94 if "sei_dalian" in schemes else 0.01,
            "平台经济": 0.93 if "platform" in schemes else 0.002,
            "中央资金": 0.01,
            "上级资金": 0.25 if project.is_public else 0.01,
            "百大": 0.3 if project.investment >= 300_000 else 0.0,
            "重大": 0.35 if project.investment >= 100_000 else 0.02,
            "省": 0.2 if project.investment >= 200_000 else 0.0,
        }
        return [
            listed
            for listed, name in self.lists.items()
            if rng.random() < next((share for word, share in chance.items() if word in name), 0.0)
        ]

    def _park(self, project: Project) -> str | None:
        own = self.parks.get(project.area, [])
        inside = [
            park
            for area, parks in self.parks.items()
            if area in self.living.areas and self.living.areas[area]["rolls_up_to"] == project.area
            for park in parks
        ]
        share = {"工业": 0.85, "服务业": 0.4}.get(project.category, 0.05)
        parks = own or inside
        return self.rng.choice(parks) if parks and self.rng.random() < share else None

    def _serve(self, project: Project) -> None:
        """Leader, team, steward and plan: the more money, the fuller and the higher."""
        rng, traits = self.rng, project.traits
        level = "县区主要领导"
        if project.investment >= 500_000:
            level = "市委市政府主要领导"
        elif project.investment >= 100_000:
            level = "市分管领导"
        covered = 0.94 if project.investment >= 100_000 else 0.87
        if rng.random() < covered:
            words.person(rng)  # drawn and let go: the chances that follow stay those that they were
            held = level if rng.random() < 0.93 else "县区主要领导"
            traits.update(leader=self._leader(held, project.area), leader_level=self._level_as_filed(held))
        traits.update(
            responsible_person=words.person(rng) if rng.random() < 0.95 else None,
            steward=words.person(rng) if rng.random() < 0.9 else None,
            team=f"{self.short_names[project.area]}项目专班" if rng.random() < 0.88 else None,
            plan_document="已制定推进方案" if rng.random() < 0.85 else None,
        )

    def _leader(self, level: str, area: str) -> str:
        """One of the few leaders of that level: those of the districts lead in their own."""
        count = {"市委市政府主要领导": 2, "市分管领导": 8}.get(level, 4)
        seat = level if count != 4 else area
        if seat not in self.leaders:
            taken = {name for names in self.leaders.values() for name in names}
            self.leaders[seat] = []
            while len(self.leaders[seat]) < count:
                name = words.person(self.leading)
                if name not in taken and name not in self.leaders[seat]:
                    self.leaders[seat].append(name)
        return self.leading.choice(self.leaders[seat])

    def _level_as_filed(self, level: str) -> str | None:
        """The level in the ledger: now and then nothing, or a word that no rule knows."""
        lot = self.leading.random()
        return None if lot < 0.02 else "处级干部" if lot < 0.03 else level

    def _place(self, project: Project) -> None:
        if self.rng.random() < 0.93:
            longitude, latitude = self.places.within(project.area)
            project.traits.update(longitude=longitude, latitude=latitude)

    def _follow(self, project: Project) -> None:
        """Dates that follow from the six that were dealt out."""
        rng, facts = self.rng, project.facts
        signed, landed, completed = (facts.get(event) for event in ("signed", "landed", "completed"))
        self._approve(project)
        if signed and project.investment >= 100_000 and rng.random() < 0.8:
            self._add(project, "reviewed", signed.on, -60, -7)
        if landed and project.traits["asset_kind"] == "轻资产":
            self._add(project, "registered", landed.on, -60, -3)
            self._add(project, "operated", landed.on, 0, 0)
        elif landed and rng.random() < 0.85:
            self._add(project, "land_awarded", landed.on, 0, 0)
        if completed:
            self._finish(project, completed)
        if exited := facts.get("exited"):
            for event in [name for name, fact in facts.items() if fact.on > exited.on]:
                del facts[event]
        if started := facts.get("started"):
            self._build(project, started, completed)

    def _approve(self, project: Project) -> None:
        rng, facts = self.rng, project.facts
        base = facts.get("planned" if project.is_public else "landed")
        started = facts.get("started")
        if base is None:
            return
        if started is not None:
            days = round((started.on - base.on).days * rng.uniform(0.1, 0.9))
            self._add(project, "approved", base.on, days, days)
        elif not project.is_public and rng.random() < 0.75:
            self._add(project, "approved", base.on, 15, 150)
        elif project.is_public and not project.is_reserve and rng.random() < 0.55:
            self._add(project, "approved", base.on, 60, 400)

    def _build(self, project: Project, started: Fact, completed: Fact | None) -> None:
        """Statistics follow the start, sometimes late or never; some sites stand still over a winter."""
        rng, facts = self.rng, project.facts
        if project.investment >= 500 and rng.random() < 0.93:
            self._add(project, "entered_statistics", started.on, 12, 75 if rng.random() < 0.85 else 160)
        winter = date(rng.choice((2022, 2023, 2024)), 12, rng.randint(1, 20))
        if completed is None and winter > started.on and rng.random() < 0.05:
            facts["suspended"] = Fact(winter, month_of(winter))
            if rng.random() < 0.75:
                self._add(project, "resumed", winter, 80, 130)

    def _finish(self, project: Project, completed: Fact) -> None:
        rng, facts = self.rng, project.facts
        prompt = rng.random() < 0.8
        self._add(project, "accepted", completed.on, 0 if prompt else 21, 20 if prompt else 90)
        if project.is_public or project.category == "房地产":
            return
        if rng.random() < 0.93:
            prompt = rng.random() < 0.85
            self._add(project, "produced", completed.on, 0 if prompt else 90, 85 if prompt else 240)
        if "produced" in facts and rng.random() < 0.75:
            self._add(project, "ramped", facts["produced"].on, 50, 200)
        if rng.random() < 0.03 and "produced" in facts:
            # Only production was filed: it stands for the completion.
            del facts["completed"], facts["accepted"]
        if project.category == "工业" and rng.random() < 0.6:
            self._add(project, "listed_enterprise", completed.on, 20, 150)
            project.traits["is_first_listing"] = rng.random() < 0.8
        project.traits.update(
            enterprise_name=project.traits["owner"],
            enterprise_kind={"工业": "规上工业", "服务业": "规上服务业"}.get(project.category, "农业龙头"),
            yearly_output=round(project.investment * rng.uniform(0.12, 0.48)),
        )

    def _add(self, project: Project, event: str, base: date, soonest: int, latest: int) -> None:
        """A date so many days from `base`."""
        day = base + timedelta(days=self.rng.randint(soonest, latest))
        project.facts[event] = Fact(day, month_of(day))

    def _misfile(self, project: Project) -> None:
        """Late, vague and wrong filings."""
        rng, facts = self.rng, project.facts
        for event, fact in facts.items():
            fact.known += rng.choices((0, 1, 2), (94, 4, 2))[0]
            vague = {"planned": 0.3, "started": 0.06, "completed": 0.05, "signed": 0.03}.get(event, 0.0)
            if rng.random() < vague:
                fact.on, fact.precision = last_day(month_of(fact.on)), "month"
        for fact in facts.values():
            # An exit that is filed late must not come before what it ends.
            if "exited" in facts and fact is not facts["exited"]:
                facts["exited"].known = max(facts["exited"].known, fact.known)
        started, signed = facts.get("started"), facts.get("signed")
        if started and signed and rng.random() < 0.012:
            started.wrong = signed.on - timedelta(days=rng.randint(5, 70))
            started.fixed = started.known + rng.randint(2, 9)
        completed = facts.get("completed")
        if completed and rng.random() < 0.01:
            completed.wrong = completed.on - timedelta(days=rng.randint(300, 400))
            completed.fixed = completed.known + rng.randint(1, 4)
        if self.living.city == "210200":
            self._misread_landing(project)
        if (
            rng.random() < 0.012
            and (started is None or started.on.year < YEARS[0])
            and "completed" not in facts
        ):
            latest = project.latest
            project.traits["is_dateless"] = latest.year < YEARS[0]

    def _misread_landing(self, project: Project) -> None:
        """Dalian files some landings that its rule does not bear out, and leaves out some that it does."""
        landed, facts = project.facts.get("landed"), project.facts
        if landed is None:
            return
        lot = self.rng.random()
        if lot < 0.07:
            facts.pop("land_awarded", None)
            facts.pop("operated", None)
        elif lot < 0.2:
            del facts["landed"]

    def _bundle(self) -> None:
        """Packages: a parent row with its works."""
        rng = self.rng
        works = [project for project in self.living.projects if project.is_public and not project.is_reserve]
        by_area: dict[str, list[Project]] = defaultdict(list)
        for project in works:
            by_area[project.area].append(project)
        for area, inside in sorted(by_area.items(), key=lambda pair: -len(pair[1]))[:4]:
            if len(inside) < 5:
                continue
            children = sorted(
                rng.sample(inside, rng.randint(4, min(8, len(inside)))), key=lambda child: child.number
            )
            eldest = min(children, key=lambda child: child.seen)
            parent = Project(
                len(self.living.projects) + 1,
                area,
                children[0].category,
                True,
                sum(child.investment for child in children),
            )
            first = min(child.facts["planned"].on for child in children)
            parent.facts["planned"] = Fact(first, eldest.seen)
            parent.traits = {
                "name": f"{self.short_names[area]}{words.place(rng)}片区基础设施提升工程（打包）",
                "content": f"含{len(children)}个子项目",
                "owner_kind": "政府",
                "lead_unit": children[0].traits["lead_unit"],
                "investment_total": parent.investment,
                "tags": [],
                "lists": [],
                "source_order": 0.0,
                "is_parent": True,
            }
            self.living.projects.append(parent)
            for child in children:
                child.traits["parent"] = parent.number

    def _scatter(self) -> None:
        """A few rows name no area, or two."""
        areas = [row["name"] for row in self.living.areas.values() if row["is_ranked"]]
        chosen = [
            project
            for project in self.living.projects
            if project.is_public and "parent" not in project.traits
        ]
        for project in self.rng.sample(chosen, round(len(chosen) * 0.02)):
            project.traits["area_text"] = (
                "、".join(self.rng.sample(areas, 2)) if self.rng.random() < 0.6 else None
            )
            project.area = f"{self.city}-{UNASSIGNED}"


class _Places:
    """Random points inside the outline of an area."""

    def __init__(self, living: Living) -> None:
        self.living, self.rng = living, living.rng
        self.edges = {
            feature["properties"]["adcode"]: [
                edge
                for ring, *_ in feature["geometry"]["coordinates"]
                for edge in zip(ring, ring[1:] + ring[:1], strict=True)
            ]
            for feature in boundary(living.city)["features"]
        }
        self.reaches = {
            code: (min(here[1] for here, _ in edges), max(here[1] for here, _ in edges))
            for code, edges in self.edges.items()
            if edges
        }

    def within(self, area: str) -> tuple[float, float]:
        """Longitude and latitude: near the mark of a zone, inside the outline of an area."""
        rng, row = self.rng, self.living.areas[area]
        if row["drawn_as"] == "circle":
            return round(rng.gauss(row["lon"], 0.015), 5), round(rng.gauss(row["lat"], 0.012), 5)
        code = row["drawn_in"] if row["drawn_in"] in self.reaches else rng.choice(list(self.edges))
        edges = self.edges[code]
        south, north = self.reaches[code]
        spans: list[tuple[float, float]] = []
        while not any(east > west for west, east in spans):
            latitude = rng.uniform(south, north)
            crossings = sorted(
                here[0] + (latitude - here[1]) * (there[0] - here[0]) / (there[1] - here[1])
                for here, there in edges
                if (here[1] > latitude) != (there[1] > latitude)
            )
            spans = list(zip(crossings[::2], crossings[1::2], strict=True))
        west, east = rng.choices(spans, [east - west for west, east in spans])[0]
        return round(rng.uniform(west, east), 5), round(latitude, 5)


def _likest(names: Sequence[str], values: Sequence[str]) -> str | None:
    """The value that has the longest run of letters in common with one of the names, at least two."""

    def common(value: str) -> int:
        runs = (
            end - start
            for name in names
            for start in range(len(name))
            for end in range(start + 2, len(name) + 1)
            if name[start:end] in value
        )
        return max(runs, default=0)

    best = max(values, key=lambda value: (common(value), -len(value)), default=None)
    return best if best is not None and common(best) else None
