"""The demonstration ledgers: synthetic projects, plans, funds and problems of three cities, ever the same."""

from collections.abc import Callable
from datetime import UTC, datetime

from saima import store
from saima.demo.economy import name_the_hundred
from saima.demo.filings import FILED, PERIODS, Archive, Submission, submissions
from saima.demo.history import SHAPES, Living
from saima.demo.plans import plan
from saima.demo.traits import describe
from saima.reference import Reference

SEED = 2024
_EVER = datetime.max.replace(tzinfo=UTC)


def build(
    reference: Reference,
    *,
    seed: int = SEED,
    progress: Callable[[int, int, str], None] | None = None,
    scale: float = 1.0,
    periods: tuple[str, ...] = PERIODS,
) -> None:
    """Commit the demonstration snapshots that are missing; a build that was killed is completed.

    `progress(done, total, sentence)` is called after each commit. `scale` shrinks the cities. Raises
    StoreError when the disk refuses.
    """
    missing = {city: _missing(reference, city, periods) for city in _cities(reference)}
    total = sum(map(len, missing.values()))
    done = 0
    for city, coming in missing.items():
        if not coming:
            continue
        made = archive(reference, city, seed=seed, scale=scale)
        for submission in coming:
            store.commit(
                submission.ledger,
                city,
                submission.period,
                made.filings(submission),
                captured_at=submission.captured_at,
            )
            done += 1
            if progress is not None:
                progress(done, total, f"{made.city.name} {submission.period}")


def archive(reference: Reference, city: str, *, seed: int = SEED, scale: float = 1.0) -> Archive:
    """The whole history of one city, from which the ledger of any period is cut."""
    living = Living(reference, city, seed, scale)
    describe(living)
    plan(living)
    name_the_hundred(living)
    return Archive(living)


def is_built(reference: Reference, *, periods: tuple[str, ...] = PERIODS) -> bool:
    """Whether every demonstration snapshot is there."""
    return not any(_missing(reference, city, periods) for city in _cities(reference))


def is_needed(reference: Reference) -> bool:
    """Whether there is nothing to show yet, or a build was cut short: what `make run` asks."""
    if not store.has_snapshots():
        return True
    begun = any(
        revision.is_demonstration
        for city in _cities(reference)
        for revision in store.revisions("projects", city, _EVER)
    )
    return begun and not is_built(reference)


def _cities(reference: Reference) -> list[str]:
    return [city for city in SHAPES if city in reference.cities]


def _missing(reference: Reference, city: str, periods: tuple[str, ...]) -> list[Submission]:
    """Submissions captured after what is in force: a commit is there whole or not at all."""
    reached = {
        (ledger, revision.period): revision.captured_at
        for ledger in FILED
        for revision in store.revisions(ledger, city, _EVER)
    }
    return [
        submission
        for submission in submissions(reference, city, periods)
        if (known := reached.get((submission.ledger, submission.period))) is None
        or known < submission.captured_at
    ]
