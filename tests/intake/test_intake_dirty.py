"""Laws over dirtied ledgers: each comes out exactly, or is refused by name; nothing differs in silence.

A fixed sample; `make drill` looks at ten thousand (`tests/drill_intake.py`).
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from dirty import CITY, TRAPS, Made, Recipe, made
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judging import Verdict, judged

from saima import store
from saima.intake.report import EVERYTHING, Report

Take = Callable[..., Report]

RECIPES = st.builds(
    Recipe,
    seed=st.integers(0, 2**32),
    projects=st.integers(1, 8),
    traps=st.frozensets(st.sampled_from(list(TRAPS)), max_size=5),
)

DOUBTFUL = {
    "about",
    "ambiguous months",
    "damaged codes",
    "dates that are none",
    "dollars",
    "errors",
    "quantities",
    "ranges",
    "same project differently",
    "same project twice",
    "secret row",
    "secret sheet",
    "shifted",
}
"""Traps after which a file may be refused: nobody could know what is meant."""


READABLE = st.builds(
    Recipe,
    seed=st.integers(0, 2**32),
    projects=st.integers(1, 8),
    traps=st.frozensets(st.sampled_from(sorted(TRAPS.keys() - DOUBTFUL)), max_size=6),
)


@pytest.fixture
def looked_at(taken: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Made], Verdict]:
    """File a workbook into empty snapshots, and hold what is stored against what must be."""
    folders = iter(range(10**6))

    def look(whole: Made) -> Verdict:
        folder = tmp_path / str(next(folders))
        folder.mkdir()
        monkeypatch.setenv("SAIMA_SNAPSHOTS", str(folder / "snapshots"))
        report = taken(whole.write(folder), area_id=whole.area_id)
        revisions = store.revisions("projects", CITY, EVERYTHING)
        assert (report.exit_code == 0) == bool(revisions)
        stored = pl.read_parquet(revisions[0].path) if revisions else report.rows
        return judged(whole, report.plain(), stored.to_dicts())

    return look


# The folder of a test holds every example; each of them has snapshots of its own.
@settings(max_examples=500, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recipe=RECIPES)
def test_a_dirty_ledger_is_stored_exactly_or_refused_by_name(
    looked_at: Callable[[Made], Verdict], recipe: Recipe
) -> None:
    assert [str(item) for item in looked_at(made(recipe)).differences] == []


@settings(max_examples=150, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(recipe=READABLE)
def test_a_ledger_in_which_all_can_be_known_is_never_refused(
    looked_at: Callable[[Made], Verdict], recipe: Recipe
) -> None:
    verdict = looked_at(made(recipe))
    assert verdict.is_taken
    # A day number in a CSV is kept as text, and said: it may be any number.
    may_lose = "empty formulas" in recipe or ("day numbers" in recipe and recipe.format.startswith("csv"))
    assert verdict.exact == verdict.projects or may_lose


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("trap", ["nothing", *sorted(TRAPS.keys() - DOUBTFUL)])
def test_a_ledger_with_one_trap_that_can_be_read_is_read_exactly(
    looked_at: Callable[[Made], Verdict], trap: str, seed: int
) -> None:
    verdict = looked_at(made(Recipe(seed, 6, frozenset({trap} & TRAPS.keys()))))
    assert [str(item) for item in verdict.differences] == []
    assert verdict.is_taken
    assert verdict.exact == verdict.projects or trap == "empty formulas"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("trap", sorted(DOUBTFUL))
def test_a_ledger_with_one_doubtful_trap_says_so(
    looked_at: Callable[[Made], Verdict], trap: str, seed: int
) -> None:
    assert [str(item) for item in looked_at(made(Recipe(seed, 6, frozenset({trap})))).differences] == []


def test_a_recipe_makes_the_same_workbook_again() -> None:
    recipe = Recipe(7, 5, frozenset({"titles", "two rows of headings", "totals", "dates in every form"}))
    assert made(recipe) == made(recipe)
