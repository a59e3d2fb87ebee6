"""docs and README.md: what they say of metrics, pages, files and commands is what there is."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from demonstration import ROOT, demonstration_ledgers
from recomputed import Period

from saima import reference
from saima.metrics import CATALOGUE
from saima.scope import Scope
from saima.transforms.funds import TOLD as FUNDS
from saima.transforms.problems import TOLD as PROBLEMS
from saima.transforms.service import service_metrics
from saima.transforms.statistics import TOLD as STATISTICS

SHIPPED = ROOT / "data" / "reference"
DOCUMENTS = ("problems-funds-service.md", "statistics-indicators-projects.md")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text of README.md under a heading."""
    return README.split(f"## {heading}\n")[1].split("\n## ")[0]


def tabled(text: str) -> set[str]:
    """What the first cells of its tables name in backticks."""
    return {
        name
        for line in text.splitlines()
        if line[:3] == "| `"
        for name in line.split("|")[1].split("`")[1::2]
    }


@pytest.fixture(scope="module")
def _demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_SNAPSHOTS", str(demonstration_ledgers()))
        patch.setenv("SAIMA_REFERENCE", str(tmp_path_factory.mktemp("reference") / "office"))
        yield


@pytest.mark.usefixtures("_demonstration")
@pytest.mark.parametrize(
    ("city", "period"),
    # A month in which an area was carried, a January without statistics, a year's end, an ordinary month.
    [("210100", "2024-05"), ("210100", "2024-01"), ("210200", "2023-12"), ("320800", "2024-09")],
)
def test_what_the_documents_say_gives_the_numbers_that_the_program_gives(city: str, period: str) -> None:
    values = Period(demonstration_ledgers(), SHIPPED, city, period).values()
    measured = Scope(reference.load(), city, period, datetime.now(UTC)).measure(tuple(values))
    found = {
        row["metric_id"]: (row["numerator"], row["denominator"]) for row in measured.iter_rows(named=True)
    }
    assert found == values


def test_every_metric_of_those_pages_has_its_rule() -> None:
    described = set[str]().union(
        *(tabled((ROOT / "docs" / name).read_text(encoding="utf-8")) for name in DOCUMENTS)
    )
    beside = {metric.id for metric in CATALOGUE.values() if metric.facts != "project_facts"}
    service = service_metrics(reference.ServiceRules())
    assert described == {
        *beside,
        *PROBLEMS,
        *FUNDS,
        *STATISTICS,
        *service,
        *("led_projects", "led_investment", "led_red_projects"),
        *("listed_projects", "listed_investment", "listed_invested_year"),
    }


def test_the_readme_lists_the_pages_of_the_program_in_their_order() -> None:
    titles = re.findall(r'st\.Page\("[^"]+", title="([^"]+)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    shown = [title for title in titles if title not in {"台账报送", "开始"}]
    rows = re.findall(r"^\| (\w+) \| ", section("The pages"), re.MULTILINE)[1:]
    assert [row for row in rows if row != "台账报送"] == shown
    assert set(rows) == set(titles) - {"开始"}


def test_the_readme_says_of_every_reference_file_what_is_edited_there() -> None:
    named = tabled(section("Rules that the office keeps"))
    assert named == {f"{path.name}/" if path.is_dir() else path.name for path in SHIPPED.iterdir()}


def test_the_readme_names_every_command() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "saima", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^ {4}(\w+) ", told, re.MULTILINE)
    assert commands
    assert [one for one in commands if f"python -m saima {one}" not in README] == []


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((docs/[^)#]+)\)", README))))
def test_a_link_of_the_readme_leads_somewhere(link: str) -> None:
    assert (ROOT / Path(link)).is_file()
