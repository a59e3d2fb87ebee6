"""Fixtures that many tests share: an office of their own, in folders that vanish."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import Office, an_office
from hypothesis import settings

from saima import reference
from saima.reference import Reference

# A law holds or it does not; how long the machine takes over it is no part of it.
settings.register_profile("office", deadline=None)
settings.load_profile("office")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """The small office of `builders`, without snapshots."""
    with an_office(tmp_path) as ready:
        yield ready


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """The reference files as they are shipped, read from a copy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_REFERENCE", str(tmp_path_factory.mktemp("reference") / "office"))
        return reference.load()
