"""How a city sorts and handles what holds its projects up: classes, levels and responsible parties."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from saima.ledgers.problems import LEVELS, PROBLEM_CLASSES
from saima.reference.settings import Settings


@dataclass(frozen=True)
class ProblemLevel:
    """A level at which problems are handled: its name in the ledger, which problems, and who chairs."""

    name: str
    words: str
    chair: str
    clause: str


@dataclass(frozen=True)
class ProblemRules:
    """Classes with their subclasses, levels from the first to the highest, and responsible parties.

    A city without a file has the classes and levels of the ledger, and nothing is said of who chairs.
    """

    name: str = "受阻问题"
    note: str = "没有设置分类和层级，按台账的大类和层级"
    parties: tuple[str, ...] = ()
    levels: tuple[ProblemLevel, ...] = tuple(ProblemLevel(name, "", "", "") for name in reversed(LEVELS))
    classes: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType(dict.fromkeys(PROBLEM_CLASSES, ()))
    )

    @property
    def subclasses(self) -> int:
        """How many subclasses there are."""
        return sum(map(len, self.classes.values()))


def read_problems(settings: Settings) -> ProblemRules:
    """The rules of one file. Every subclass stands once, every level is one of the ledger's."""
    settings.only("name", "note", "parties", "levels", "classes")
    ours = ProblemRules()
    levels: list[ProblemLevel] = []
    classes: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    for found in settings.tables("levels"):
        found.only("name", "words", "chair", "clause")
        name = found.word("name", allowed=LEVELS)
        if any(level.name == name for level in levels):
            raise found.refused("name", f"值“{name}”重复", "每个层级一次")
        levels.append(ProblemLevel(name, found.word("words"), found.word("chair"), found.word("clause", "")))
    for found in settings.tables("classes"):
        found.only("name", "subclasses")
        name = found.word("name", allowed=PROBLEM_CLASSES)
        if name in classes:
            raise found.refused("name", f"值“{name}”重复", "每个大类一次")
        classes[name] = found.words("subclasses", [])
        for subclass in classes[name]:
            if subclass in seen:
                raise found.refused("subclasses", f"小类“{subclass}”重复", "每个小类只归一个大类")
            seen.add(subclass)
    return ProblemRules(
        name=settings.word("name", ours.name),
        note=settings.word("note", ours.note),
        parties=settings.words("parties", list(ours.parties)),
        levels=tuple(levels) or ours.levels,
        classes=MappingProxyType(classes or dict(ours.classes)),
    )
