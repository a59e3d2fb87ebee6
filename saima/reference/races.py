"""The race of a city: tracks, items, weights and boards (data-model.md section 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from saima.reference.settings import Settings


@dataclass(frozen=True)
class Track:
    """One track of a race; the weights of a race's tracks sum to 100."""

    id: str
    name: str
    weight: float


@dataclass(frozen=True)
class Item:
    """One item of a race.

    `weight` is in points of 100 and always filled: equal within the track unless the file says more.
    `basis`: "target" compares with the target rows of the metric, "plan" with `goal` × the planned-to-date
    share of money, "rate" with `goal` (a share; null for "target"). `better` is "more" or "less". `cap` and
    `min_denominator` as in data-model.md section 6.
    """

    id: str
    name: str
    track: str
    metric: str
    weight: float
    cap: float
    min_denominator: int
    basis: str
    goal: float | None
    better: str
    line: int = field(compare=False)


@dataclass(frozen=True)
class Race:
    """The race of a city. Its groups are the areas' race_group.

    `label` marks rules that are ours. `headline` names the items that the boards, still to come,
    look at. `boards` is ((group size from, places), …), largest first. A track without items stands
    here as filed: the score shares its weight among the others.
    """

    city: str
    name: str
    label: str
    tracks: tuple[Track, ...]
    items: tuple[Item, ...]
    headline: tuple[str, ...]
    boards: tuple[tuple[int, int], ...]

    def places_near_the_edge(self, group_size: int) -> int:
        """How many places of a group of that size are near its top, and near its bottom."""
        return next((places for size, places in self.boards if group_size >= size), 0)


_DEFAULT_BOARDS = ((9, 3), (6, 2), (3, 1))
"""data-model.md section 6: 3 of a group of 9 or more, 2 of 6 to 8, 1 of 3 to 5, none below."""


def read_race(code: str, settings: Settings) -> Race:
    """The race of one file, weights of items filled in."""
    settings.only("name", "label", "cap", "min_denominator", "headline", "tracks", "items", "boards")
    tracks, items = settings.tables("tracks"), settings.tables("items")
    settings.distinct(tracks)
    settings.distinct(items)
    for track in tracks:
        track.only("id", "name", "weight")
    weights = {track.word("id"): track.number("weight", low=0, high=100) for track in tracks}
    if abs(sum(weights.values()) - 100) > 1e-9:
        total = tracks[-1] if tracks else settings
        raise total.refused("weight", f"各赛道权重合计 {sum(weights.values()):g}", "合计 100")
    item_weights = _item_weights(items, weights)
    boards = settings.tables("boards")
    for board in boards:
        board.only("group_from", "places")
    return Race(
        city=code,
        name=settings.word("name"),
        label=settings.word("label", ""),
        tracks=tuple(
            Track(track.word("id"), track.word("name"), weights[track.word("id")]) for track in tracks
        ),
        items=tuple(_item(settings, item, item_weights[item.word("id")]) for item in items),
        headline=settings.words("headline", [], list(item_weights)),
        boards=tuple(
            sorted(
                (
                    (
                        int(board.number("group_from", low=1, high=1000)),
                        int(board.number("places", low=0, high=100)),
                    )
                    for board in boards
                ),
                reverse=True,
            )
        )
        or _DEFAULT_BOARDS,
    )


def _item_weights(items: Sequence[Settings], tracks: Mapping[str, float]) -> dict[str, float]:
    """Points of each item: as filed, else equal within its track."""
    weights: dict[str, float] = {}
    for track, weight in tracks.items():
        members = [item for item in items if item.word("track", allowed=tracks) == track]
        filed = [item.number("weight", low=0, high=100) for item in members if "weight" in item.values]
        if filed and len(filed) != len(members):
            lacking = next(item for item in members if "weight" not in item.values)
            raise lacking.refused("weight", "同一赛道的其他指标写了权重，这里没有", "全部写或全部不写")
        if filed and abs(sum(filed) - weight) > 1e-9:
            raise members[-1].refused(
                "weight", f"赛道 {track} 各指标权重合计 {sum(filed):g}", f"合计 {weight:g}"
            )
        shares = filed or [weight / len(members)] * len(members) if members else []
        weights |= {item.word("id"): share for item, share in zip(members, shares, strict=True)}
    return weights


def _item(race: Settings, item: Settings, weight: float) -> Item:
    item.only(
        *("id", "name", "track", "metric", "weight", "cap", "min_denominator", "basis", "goal", "better")
    )
    basis = item.word("basis", "target", ("target", "plan", "rate"))
    if basis == "target" and "goal" in item.values:
        raise item.refused("goal", "比目标的指标不写 goal", "basis 为 plan 或 rate 时才写")
    default_goal = 1.0 if basis == "plan" else None
    cap = race.number("cap", 1.2, low=0.01, high=10)
    minimum = race.number("min_denominator", 3, low=0, high=1000)
    return Item(
        id=item.word("id"),
        name=item.word("name"),
        track=item.word("track"),
        metric=item.word("metric"),
        weight=weight,
        cap=item.number("cap", cap, low=0.01, high=10),
        min_denominator=int(item.number("min_denominator", minimum, low=0, high=1000)),
        basis=basis,
        goal=None if basis == "target" else item.number("goal", default_goal, low=0.0001, high=100),
        better=item.word("better", "more", ("more", "less")),
        line=item.line("metric"),
    )
