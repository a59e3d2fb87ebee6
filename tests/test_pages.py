"""Every page, run through app.py for every city: no exception, a headline, and what the address asks for."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from demonstration import ROOT, demonstration_ledgers
from streamlit.testing.v1 import AppTest

from saima import reference
from saima.answers import project_index
from saima.scope import Scope

PAGES = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*.py") if path.stem != "start"
)
CITIES = ("210100", "210200", "320800")
PERIOD = "2024-09"
SECONDS = 60
"""How long one run may take before it counts as hung."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demonstration ledgers, and reference files as they are shipped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_SNAPSHOTS", str(demonstration_ledgers()))
        patch.setenv("SAIMA_REFERENCE", str(tmp_path_factory.mktemp("office") / "reference"))
        yield
        # The app sets its modules aside from the collector; a test run ends without them.
        gc.unfreeze()


def opened(page: str, **asked: str) -> AppTest:
    """A page of the app after its first run."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    app.query_params.update(asked)
    app.switch_page(page)
    return app.run()


def headline(app: AppTest) -> str:
    """The sentence that the page begins with."""
    sentences = [str(element.value) for element in (*app.markdown, *app.get("html"))]
    return next(text for text in sentences if text.startswith("### ") or 'class="headline"' in text)


def notices(app: AppTest) -> list[str]:
    """What the page says instead of an answer: app.py turns a refused file or question into one."""
    bodies = [str(element.proto.body) for element in app.get("html")]
    return [body for body in bodies if 'class="notice"' in body]


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_a_city_runs_and_says_where_it_stands(page: str, city: str) -> None:
    app = opened(page, city=city, period=PERIOD)
    assert not app.exception
    assert not app.error
    assert notices(app) == []
    assert "月" in headline(app)
    assert app.query_params["city"] == city
    assert app.query_params["period"] == PERIOD


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_in_the_first_month_of_a_ledger_and_of_a_year(page: str) -> None:
    for period in ("2023-01", "2024-01"):
        app = opened(page, city="210100", period=period)
        assert not app.exception
        assert notices(app) == []
        assert "1月" in headline(app)


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_under_every_filter_at_once(page: str) -> None:
    app = opened(
        page,
        city="210100",
        period=PERIOD,
        areas="210106,210112",
        chain="航空",
        category="工业",
        size="亿元以上",
        as_of="2024-10-20",
    )
    assert not app.exception
    assert notices(app) == []
    assert app.query_params["areas"] == "210106,210112"
    assert app.query_params["as_of"] == "2024-10-20"


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("city", CITIES)
def test_a_project_has_its_card_at_its_own_address_whatever_the_filters(city: str) -> None:
    index = project_index(Scope(reference.load(), city, PERIOD, datetime.now(UTC)))
    smallest = index.sort("investment_total", "project_id", nulls_last=False)["project_id"][0]
    app = opened("pages/projects.py", city=city, period=PERIOD, project=smallest, size="亿元以上")
    assert not app.exception
    assert notices(app) == []
    assert "截至2024年9月" in headline(app)
    assert len(app.get("plotly_chart")) == 2
    app.button(key="back").click().run()
    assert "个项目" in headline(app)
    assert "project" not in app.query_params


@pytest.mark.usefixtures("office")
def test_a_project_that_is_not_there_is_refused_and_the_list_stays() -> None:
    app = opened("pages/projects.py", city="210100", period=PERIOD, project="<b>甲", find="syjc")
    assert not app.exception
    assert "没有网址中的项目“&lt;b&gt;甲”" in notices(app)[0]
    assert "没有找到“syjc”" in headline(app)
    assert app.text_input(key="find").value == "syjc"


@pytest.mark.usefixtures("office")
def test_another_city_changes_the_headline_and_the_address() -> None:
    app = opened("pages/overview.py", city="210100", period=PERIOD)
    before = headline(app)
    app.selectbox(key="city").select("210200").run()
    assert not app.exception
    assert app.query_params["city"] == "210200"
    assert headline(app) != before


def test_with_no_snapshots_every_address_leads_to_the_start_page(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("empty")
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(folder / "snapshots"))
    monkeypatch.setenv("SAIMA_REFERENCE", str(folder / "reference"))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS).run()
    assert not app.exception
    assert [button.label for button in app.button] == ["生成示例台账"]
