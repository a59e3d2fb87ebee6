"""What the program imports is pinned, each pin for a reason and at the version that is installed from."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "saima").rglob("*.py"))]


def canonical(name: str) -> str:
    """A distribution's name in the one spelling that all of its spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lines(name: str) -> list[str]:
    """The lines of a requirements file that require something."""
    written = (ROOT / name).read_text("utf-8").splitlines()
    return [line for line in written if re.match(r"\w", line)]


def pins(name: str) -> dict[str, str]:
    """Version of each distribution that a requirements file pins."""
    found = [line.partition("#")[0].strip().partition("==") for line in lines(name)]
    return {canonical(distribution): version for distribution, _, version in found}


def imported(path: Path) -> Iterator[str]:
    """Top-level modules that a source imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("stem", ["requirements", "requirements-dev"])
def test_every_pin_is_compiled_at_its_version(stem: str) -> None:
    asked, compiled = pins(f"{stem}.in"), pins(f"{stem}.txt")

    assert all(asked.values())
    assert {name: compiled.get(name) for name in asked} == asked


@pytest.mark.parametrize("stem", ["requirements", "requirements-dev"])
def test_every_pin_has_its_reason(stem: str) -> None:
    assert [line for line in lines(f"{stem}.in") if not line.partition("#")[2].strip()] == []


def test_every_import_of_the_program_is_pinned() -> None:
    distributions = packages_distributions()
    own = {"saima", "pages", *sys.stdlib_module_names}
    modules = {module for path in SOURCES for module in imported(path)} - own
    known = pins("requirements.in").keys()

    unpinned = {
        module: distributions.get(module)
        for module in modules
        if not {canonical(name) for name in distributions.get(module, ())} & known
    }
    assert unpinned == {}
