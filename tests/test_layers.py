"""The layers: which module may import what, and what must not be in it (architecture.md section 3)."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

STANDARD = frozenset(sys.stdlib_module_names)

FILES = frozenset({"fcntl", "glob", "os", "pathlib", "shutil", "subprocess", "tempfile"})
"""Standard modules that reach for files or other processes."""

CLOCK = frozenset({"time", "sched"})


@dataclass(frozen=True)
class Layer:
    """What modules of a layer may import beside the standard library, and what of that they may not.

    `modules` are dotted prefixes of this program or others; a layer may always import itself.
    """

    modules: frozenset[str]
    barred: frozenset[str] = frozenset()
    has_clock: bool = False

    def with_also(self, *modules: str) -> "Layer":
        """The same layer, allowed these modules besides."""
        return replace(self, modules=self.modules | set(modules))


def layer(*modules: str, barred: frozenset[str] = frozenset(), has_clock: bool = False) -> Layer:
    return Layer(frozenset(modules), barred | (frozenset() if has_clock else CLOCK), has_clock)


PURE = frozenset({"polars", "saima.ledgers", "saima.wording"})
DOORS = frozenset({"saima.store", "saima.metrics", "saima.reference", "saima.scope", "saima.wording"})

PAGE = layer(
    *DOORS,
    "streamlit",
    "saima.answers",
    "saima.charts",
    "saima.controls",
    "saima.evidence",
    "saima.ledgers",
    "saima.transforms",
    barred=FILES,
    has_clock=True,
)

LAYERS = {
    "saima.wording": layer(barred=FILES),
    "saima.ledgers": layer("polars", barred=FILES),
    "saima.reference": layer("polars", "saima.ledgers", "saima.wording"),
    "saima.intake": layer(
        *PURE,
        "saima.reference",
        "saima.store",
        "dataframely",
        "openpyxl",
        "python_calamine",
        "rapidfuzz",
        "xlrd",
        "saima.transforms.changes",
        "xlsxwriter",
    ),
    "saima.store": layer("duckdb", "polars", "pyarrow", "saima.ledgers", "saima.wording"),
    "saima.metrics": layer("polars", "saima.ledgers", "saima.reference", "saima.wording", barred=FILES),
    "saima.transforms": layer(*PURE, "saima.metrics", "saima.reference", "pypinyin", barred=FILES),
    "saima.scope": layer(*PURE, *DOORS, "saima.transforms", barred=FILES),
    "saima.answers": layer(*PURE, *DOORS, "saima.transforms", barred=FILES),
    "saima.charts": layer("plotly", "polars", "saima.wording", barred=FILES),
    "saima.controls": layer(*DOORS, "streamlit", "polars", "saima.transforms", has_clock=True),
    "saima.evidence": layer(
        *DOORS,
        "streamlit",
        "polars",
        "plotly",
        "saima.ledgers",
        "saima.controls",
        "saima.charts.theme",
        "saima.deck.workbook",
        "saima.transforms",
    ),
    "saima.desk": layer(
        *DOORS,
        "streamlit",
        "polars",
        "saima.ledgers",
        "saima.controls",
        "saima.evidence",
        "saima.intake",
        "saima.transforms",
        has_clock=True,
    ),
    "saima.deck": layer(
        *PURE,
        *DOORS,
        "saima.transforms",
        "saima.charts.theme",
        "docx",
        "fontTools",
        "typst",
        "xlsxwriter",
    ),
    "saima.demo": layer("polars", "saima.ledgers", "saima.reference", "saima.store"),
    "saima.__main__": layer(
        *PURE,
        *DOORS,
        "saima.answers",
        "saima.demo",
        "saima.intake",
        "saima.transforms",
        "saima.deck",
        has_clock=True,
    ),
    "saima.correspondence": layer(
        *DOORS,
        "streamlit",
        "saima.answers",
        "saima.controls",
        "saima.evidence",
        "saima.deck",
        "saima.transforms",
    ),
    "saima.approvals": layer(
        *DOORS,
        "streamlit",
        "polars",
        "saima.answers",
        "saima.deck",
        "saima.transforms",
    ),
    "pages.rewards": PAGE.with_also("saima.approvals"),
    "pages.intake": PAGE.with_also("saima.desk"),
    "saima.rulebook": layer(
        *DOORS,
        "streamlit",
        "polars",
        "saima.controls",
        "saima.evidence",
        "saima.transforms",
        has_clock=True,
    ),
    "pages.warnings": PAGE.with_also("saima.correspondence", "saima.rulebook"),
    "pages.targets": PAGE.with_also("saima.rulebook"),
    "pages": PAGE,
    "app": layer(
        "streamlit", "saima.store", "saima.reference", "saima.controls", "saima.evidence", barred=FILES
    ),
}
"""Every layer by the prefix of its modules. A page may also read `ledgers`, for the order of the stages."""

FRIENDS = {"saima.charts.funnel": {"saima.charts.pace"}, "saima.charts.targets": {"saima.charts.pace"}}
"""Charts that share a mark; otherwise a chart knows the theme only."""

MODULES = {
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
    for path in sorted([ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "saima").rglob("*.py")])
    if path.stat().st_size
}
EVERYWHERE = {
    **MODULES,
    **{
        path.relative_to(ROOT).as_posix(): path
        for folder in ("benchmarks", "scripts")
        for path in sorted((ROOT / folder).glob("*.py"))
    },
}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(tree: ast.AST) -> Iterator[str]:
    """Dotted names of everything imported, in functions too; `from a import b` is `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, prefixes: frozenset[str] | set[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def layer_of(module: str) -> str:
    found = [prefix for prefix in LAYERS if is_within(module, {prefix})]
    assert found, f"{module} belongs to no layer"
    return found[0]


def trespasses(module: str, tree: ast.AST) -> list[str]:
    """Imports that the module's layer does not allow."""
    prefix = layer_of(module)
    allowed = LAYERS[prefix]
    found = []
    for name in imported(tree):
        top = name.split(".")[0]
        is_standard = top in STANDARD and top not in allowed.barred
        if not is_standard and not is_within(name, allowed.modules | {prefix}):
            found.append(name)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_layer_and_imports_only_what_it_allows(module: str) -> None:
    assert trespasses(module, tree_of(MODULES[module])) == []


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("saima.charts.")])
def test_a_chart_knows_the_theme_and_no_other_chart(module: str) -> None:
    others = {name for name in imported(tree_of(MODULES[module])) if name.startswith("saima.charts.")}
    friends = FRIENDS.get(module, set()) | {"saima.charts.theme", module}
    assert {name for name in others if not is_within(name, friends)} == set()


@pytest.mark.parametrize("module", EVERYWHERE)
def test_duckdb_is_in_one_file_and_pandas_in_none(module: str) -> None:
    tops = {name.split(".")[0] for name in imported(tree_of(EVERYWHERE[module]))}
    assert "pandas" not in tops
    assert "duckdb" not in tops or module == "saima.store"


@pytest.mark.parametrize("module", EVERYWHERE)
def test_nothing_is_imported_by_a_name_made_up_at_run_time(module: str) -> None:
    calls = [node.func for node in ast.walk(tree_of(EVERYWHERE[module])) if isinstance(node, ast.Call)]
    names = {ast.unparse(call) for call in calls}
    assert not names & {"__import__", "importlib.import_module", "import_module", "exec", "eval"}


@pytest.mark.parametrize("module", MODULES)
def test_only_pages_controls_and_the_command_line_ask_for_the_time(module: str) -> None:
    asked = clocks(tree_of(MODULES[module]))
    assert not asked or LAYERS[layer_of(module)].has_clock


def clocks(tree: ast.AST) -> list[str]:
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "today", "utcnow"}
        and ast.unparse(node.value).split(".")[-1] in {"datetime", "date"}
    ]


@pytest.mark.parametrize(
    "module",
    [name for name in MODULES if layer_of(name) in {"saima.transforms", "saima.metrics", "saima.charts"}],
)
def test_what_gives_meaning_or_a_look_opens_no_files(module: str) -> None:
    called = {
        ast.unparse(node.func) for node in ast.walk(tree_of(MODULES[module])) if isinstance(node, ast.Call)
    }
    readers = {
        name for name in called if re.search(r"(^|\.)(open|read_\w+|scan_\w+|write_\w+|sink_\w+)$", name)
    }
    assert readers == set()


SQL = re.compile(r"\b(select|with)\b.+\bfrom\b", re.IGNORECASE | re.DOTALL)


@pytest.mark.parametrize("module", [name for name in MODULES if layer_of(name) != "saima.store"])
def test_sql_is_written_in_query_files_only(module: str) -> None:
    tree = tree_of(MODULES[module])
    documentation = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documentation
    ]
    assert [text for text in texts if SQL.search(text)] == []


PAGES = [name for name in MODULES if name.startswith("pages.")]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_composes_and_computes_nothing(page: str) -> None:
    tree = tree_of(MODULES[page])
    bases = {ast.unparse(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not bases & {"pl", "go", "px"}
    assert sums(tree) == []


def sums(tree: ast.AST) -> list[str]:
    """Every calculation, the joining of texts too; the bounds of a slice say which, not how much."""
    bounds = {part for node in ast.walk(tree) if isinstance(node, ast.Slice) for part in ast.walk(node)}
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp | ast.AugAssign) and node not in bounds
    ]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_a_sentence_at_its_head_and_functions_of_a_few_lines(page: str) -> None:
    tree = tree_of(MODULES[page])
    assert ast.get_docstring(tree)
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno > 5
    ]
    assert long == []


def test_no_module_is_a_drawer_of_leftovers() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    assert [name for name in EVERYWHERE if drawers & set(re.split(r"[./_]", name))] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_says_what_it_is(module: str) -> None:
    tree = tree_of(MODULES[module])
    mute = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert mute == []


def test_the_command_line_starts_without_streamlit_and_the_transforms_without_an_engine() -> None:
    """What is imported by what is imported counts too."""
    transforms = ", ".join(name for name in MODULES if name.startswith("saima.transforms."))
    script = (
        f"import sys, {transforms}\n"
        "assert not {'streamlit', 'duckdb', 'plotly', 'pandas'} & sys.modules.keys()\n"
        "import saima.__main__\n"
        "assert not {'streamlit', 'plotly', 'pandas'} & sys.modules.keys()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("saima.transforms.funnel", "import duckdb"),
        ("saima.transforms.funnel", "def late():\n    import streamlit"),
        ("saima.transforms.race", "from saima import store"),
        ("saima.metrics", "from pathlib import Path"),
        ("saima.charts.funnel", "from saima.store import run_query"),
        ("saima.store", "from saima.metrics import CATALOGUE"),
        ("saima.intake.rows", "from saima.charts import theme"),
        ("saima.demo.words", "import numpy"),
        ("saima.answers", "import time"),
        ("saima.__main__", "from saima.controls import pick_scope"),
        ("pages.funnel", "import polars as pl"),
    ],
)
def test_an_import_across_the_layers_is_seen(module: str, line: str) -> None:
    assert trespasses(module, ast.parse(line))


def test_a_sum_is_seen_and_a_slice_is_none() -> None:
    assert sums(ast.parse("placed + unplaced"))
    assert sums(ast.parse("total += 1"))
    assert not sums(ast.parse("STAGES[at + 1 :]"))


def test_a_look_at_the_clock_is_seen() -> None:
    assert clocks(ast.parse("import datetime\ndatetime.datetime.now()"))
    assert clocks(ast.parse("date.today()"))
