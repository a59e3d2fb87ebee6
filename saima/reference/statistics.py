"""Entry into statistics: bands of days that projects wait, papers it takes, when permits are near due."""

from collections.abc import Sequence
from dataclasses import dataclass

from saima.ledgers import LEDGERS
from saima.reference.settings import Settings

KINDS = LEDGERS["permits"].column("kind").values
NATURES = LEDGERS["projects"].column("nature").values


@dataclass(frozen=True)
class Paper:
    """A paper that entry asks for, by the kind of permit that proves it; some natures need none."""

    name: str
    kind: str
    except_natures: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatisticsRules:
    """`ages` are the upper ends of the bands of days since the start; `share_list` names a list whose share
    of the city's investment is told beside the ledger's, None for none."""

    name: str = "入统与手续"
    label: str = "口径：本系统默认，可改"
    ages: tuple[int, ...] = (30, 60, 90)
    near_days: int = 30
    papers: tuple[Paper, ...] = (
        Paper("批文", "立项"),
        Paper("合同", "施工合同"),
        Paper("现场照片", "现场照片"),
        Paper("正式打桩", "正式打桩", ("单纯购置",)),
    )
    share_list: str | None = None
    share_note: str = ""


def read_statistics(settings: Settings, lists: Sequence[str]) -> StatisticsRules:
    """The rules of one file; what it leaves out is ours."""
    ours = StatisticsRules()
    settings.only("name", "label", "ages", "near_days", "share", "papers")
    share = settings.table("share")
    share.only("list", "note")
    near = settings.number("near_days", ours.near_days, low=0, high=3650)
    if not near.is_integer():
        raise settings.refused("near_days", f"值“{near:g}”不对", "0 到 3650 的整数")
    papers = tuple(_paper(found) for found in settings.tables("papers"))
    if len({paper.name for paper in papers}) < len(papers):
        raise settings.refused("papers", "有重名的材料", "每项材料一次")
    return StatisticsRules(
        name=settings.word("name", ours.name),
        label=settings.word("label", ours.label),
        ages=_ages(settings) or ours.ages,
        near_days=int(near),
        papers=papers or ours.papers,
        share_list=share.word("list", allowed=lists) if share.values else None,
        share_note=share.word("note", ""),
    )


def _paper(found: Settings) -> Paper:
    found.only("name", "kind", "except_natures")
    return Paper(
        found.word("name"),
        found.word("kind", allowed=KINDS),
        found.words("except_natures", [], NATURES),
    )


def _ages(settings: Settings) -> tuple[int, ...]:
    ages = settings.values.get("ages", [])
    are_whole = isinstance(ages, list) and all(type(age) is int and age > 0 for age in ages)
    if not are_whole or ages != sorted(set(ages)):
        raise settings.refused("ages", f"值“{ages}”不对", "从小到大的正整数，如 [30, 60, 90]")
    return tuple(ages)
