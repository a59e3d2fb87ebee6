"""Real Chromium on the real app. Every window is watched: no foreign host, no complaint in the console."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from demonstration import demonstration_ledgers
from playwright.sync_api import Browser, sync_playwright

from tests.browser.screen import Screen
from tests.browser.server import Office, Server, serving

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAPTOP = {"width": 1366, "height": 768}

NewScreen = Callable[..., Screen]
Serve = Callable[[Path], Server]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked `browser`."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for each worker."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on the demonstration ledgers, one for each worker; nobody writes to its folders."""
    office = Office(demonstration_ledgers(), tmp_path_factory.mktemp("office") / "reference")
    with serving(office) as server:
        yield server


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start the app on the snapshots of another folder, for as long as the test lasts."""
    with ExitStack() as stack:

        def start(folder: Path) -> Server:
            return stack.enter_context(serving(Office(folder / "snapshots", folder / "reference")))

        yield start


@pytest.fixture
def window_on(chromium: Browser, serve: Serve) -> Iterator[Callable[..., Screen]]:
    """Windows on any server, each a reader of its own; all of them must be at peace at the end."""
    with ExitStack() as stack:

        def new(server: Server, **options: Any) -> Screen:
            return stack.enter_context(watched(chromium, server, **options))

        yield new


@pytest.fixture
def new_screen(window_on: Callable[..., Screen], server: Server) -> NewScreen:
    """Windows on the demonstration ledgers, each a reader of its own."""
    return partial(window_on, server)


@pytest.fixture
def screen(new_screen: NewScreen) -> Screen:
    """A reader's window on the demonstration ledgers."""
    return new_screen()


@pytest.fixture(scope="module")
def reader(chromium: Browser, server: Server) -> Iterator[Screen]:
    """A window on the demonstration ledgers that goes through all of a module: it loads the app once."""
    with watched(chromium, server) as screen:
        yield screen


@pytest.fixture(scope="module")
def other_reader(chromium: Browser, server: Server) -> Iterator[Screen]:
    """A second such window, with storage of its own."""
    with watched(chromium, server) as screen:
        yield screen


@contextmanager
def watched(chromium: Browser, server: Server, **options: Any) -> Iterator[Screen]:
    """A window that asked no foreign host, had no complaint and met no fault of the app until the end."""
    settings = {"viewport": LAPTOP, "locale": "zh-CN", "accept_downloads": True, **options}
    with chromium.new_context(**settings) as context:
        screen = Screen(context.new_page(), server)
        yield screen
        assert not screen.outside
        assert not screen.complaints
        assert not server.faults()
