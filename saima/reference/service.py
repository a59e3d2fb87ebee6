"""Who serves a city's projects: the word for the helper, and the level of leader that a size asks for."""

from dataclasses import dataclass

from saima.reference.settings import Settings


@dataclass(frozen=True)
class Level:
    """A level of leaders: its name, the words by which ledgers mean it, and from which total investment
    (万元, its lower end included) a project must have one of it or of a higher level."""

    name: str
    words: tuple[str, ...]
    investment_from: int


_OURS = (
    Level("县区（园区）和部门主要领导", ("县区主要领导", "区县主要领导", "部门主要领导"), 10_000),
    Level("市分管领导", ("市分管领导", "分管市领导", "副市长"), 100_000),
    Level("市委市政府主要领导", ("市委市政府主要领导", "市主要领导", "市委书记", "市长"), 500_000),
)


@dataclass(frozen=True)
class ServiceRules:
    """How a city's projects are served.

    `document` and `clause` say where the levels come from, `label` what of the file is ours. `helper` is
    the city's word for the one named helper of a project, `helper_clause` where it is asked for.
    `complete_from` is the total investment (万元) from which 五个一 is asked for, 0 for every project.
    `levels` rise with what they ask for.
    """

    document: str = ""
    clause: str = ""
    label: str = "口径：本系统默认，可改"
    helper: str = "服务秘书"
    helper_clause: str = ""
    complete_from: int = 0
    levels: tuple[Level, ...] = _OURS


def read_service(settings: Settings) -> ServiceRules:
    """The rules of one file; what it leaves out is ours."""
    settings.only("document", "clause", "label", "helper", "helper_clause", "complete_from", "levels")
    ours = ServiceRules()
    return ServiceRules(
        document=settings.word("document", ours.document),
        clause=settings.word("clause", ours.clause),
        label=settings.word("label", ours.label),
        helper=settings.word("helper", ours.helper),
        helper_clause=settings.word("helper_clause", ours.helper_clause),
        complete_from=_amount(settings, "complete_from", ours.complete_from),
        levels=_levels(settings.tables("levels")) or ours.levels,
    )


def _levels(tables: list[Settings]) -> tuple[Level, ...]:
    levels: list[Level] = []
    for table in tables:
        table.only("name", "words", "investment_from")
        level = Level(table.word("name"), table.words("words"), _amount(table, "investment_from"))
        if levels and level.investment_from <= levels[-1].investment_from:
            raise table.refused(
                "investment_from",
                f"值“{level.investment_from}”不大于前一级",
                f"大于 {levels[-1].investment_from} 的整数，由低到高排列",
            )
        taken = {word for before in levels for word in before.words}
        for word in level.words:
            if word in taken:
                raise table.refused("words", f"“{word}”已归入前面的层级", "每个词只归一个层级")
        levels.append(level)
    return tuple(levels)


def _amount(found: Settings, key: str, default: int | None = None) -> int:
    amount = found.number(key, default, low=0, high=10**8)
    if not amount.is_integer():
        raise found.refused(key, f"值“{amount:g}”不对", "整数，单位万元")
    return int(amount)
