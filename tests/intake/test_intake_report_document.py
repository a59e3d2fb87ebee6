"""docs/intake-report.md says every key that a report has, and every rule that may stand in one."""

import ast
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from saima import intake
from saima.intake.report import CHANGES_LISTED, FORMAT, STEPS
from saima.intake.verdicts import ROWS_LISTED
from saima.ledgers import LEDGERS

ROOT = Path(__file__).resolve().parent.parent.parent

DOCUMENT = (ROOT / "docs" / "intake-report.md").read_text("utf-8")

Table = dict[str, list[str]]
"""Rows of a table by what stands in backticks in their first cell."""


def tables(chapter: str) -> dict[str, Table]:
    """The tables of the chapters that begin so, by the heading above each."""
    found: dict[str, Table] = {}
    for body in re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)[1:]:
        if body.startswith(chapter):
            for section in body.split("\n### "):
                rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", section, flags=re.MULTILINE)
                named = {name: [cell.strip() for cell in rest.split("|")] for name, rest in rows}
                assert len(named) == len(rows), section
                found[section.partition("\n")[0].strip("`")] = named
    return found


HEADINGS = (
    *("序号", "项目代码", "项目名称", "建设单位", "责任地区", "总投资（万元）", "本年累计完成投资"),
    *("开工时间", "项目阶段", "联系电话", "备用列", "去年完成投资（万元）"),
)
FIRST = (1, "2024-210102-35-03-100001", "甲项目", "甲公司", "和平区", 12000, 3000, "2024-03-01", "在建")
LIKE = (2, None, "乙能源研发基地项目", "乙公司", "沈河区", 8000, 100, "2024-04-01", "在建")
MONTH = (
    (None, None, "合计", None, None, 999, None, None, None),
    (*FIRST[:5], 13000, 3500, "2024-03-01", "竣工"),
    (2, None, "乙能源研发基地工程项目", *LIKE[3:7], "约4月", "在建"),
    (3, None, "丙项目", "丙公司", "不存在区", 1, None, None, None),
    ("共4个项目",),
)


@pytest.fixture
def said(
    taken: Callable[..., Any], xlsx: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The report, and the progress, of a second month in which every list of the report has something."""
    assert taken(xlsx(HEADINGS, FIRST, LIKE), period="2024-08").outcome == "taken"
    monkeypatch.setenv("SAIMA_REFERENCE", str(tmp_path / "office"))
    path = xlsx(HEADINGS, *MONTH, 说明=[("请逐行填写",)])
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "saima", "intake", str(path), "--city", "210100", "--period", "2024-09"]
    command += ["--report", str(report), "--accept-valid", "--commit", "--progress", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(report.read_text("utf-8")), [json.loads(line) for line in done.stdout.splitlines()]


def keys(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key with its path, such as `sheets[].columns[].unit`, and its value."""
    if isinstance(value, dict):
        for key, item in value.items():
            place = f"{path}.{key}" if path else key
            yield place, item
            yield from keys(item, place)
    elif isinstance(value, list):
        for item in value:
            yield from keys(item, f"{path}[]")


TYPES: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "count": lambda value: type(value) is int,
    "number": lambda value: type(value) in {int, float},
    "true or false": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "list of texts": lambda value: all(isinstance(item, str) for item in value),
    "list of counts": lambda value: all(type(item) is int for item in value),
}


def has_type(value: Any, kind: str) -> bool:
    """Whether a value is of a type as the document writes it."""
    if value is None:
        return kind.endswith(" or null")
    return TYPES[kind.removesuffix(" or null")](value)


def test_every_key_is_documented_with_its_type_and_no_other_is(
    said: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    documented = {
        f"{section}.{key}" if section != "Report" else key: cells[0]
        for section, table in tables("Keys").items()
        for key, cells in table.items()
    }
    report, _ = said

    found = list(keys(report))
    assert {path for path, _ in found} == documented.keys()
    assert [(path, value) for path, value in found if not has_type(value, documented[path])] == []


def test_format_and_limits_are_the_documented_ones() -> None:
    assert f"# The report of `intake`, format {FORMAT}\n" in DOCUMENT
    said = {
        f"{section}.{key}": cells[-1]
        for section, table in tables("Keys").items()
        for key, cells in table.items()
    }
    assert str(ROWS_LISTED) in said["warnings[].rows"]
    assert str(CHANGES_LISTED) in said["difference.rows"]


def test_progress_is_as_documented(said: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    table = tables("Progress")["Progress"]
    _, lines = said

    assert f"Steps: {', '.join(STEPS)}." in DOCUMENT.replace("\n", " ")
    assert [line["text"] for line in lines] == list(STEPS)
    assert [line["done"] for line in lines] == list(range(len(STEPS)))
    for line in lines:
        assert line.keys() == table.keys()
        assert all(has_type(value, table[key][0]) for key, value in line.items())


# Rules

SEVERITIES = {"拒收", "存疑", "提示"}

FORWARDED = re.compile(r"(\w+\.)?rule|rule\.name|\*found\.refusal")
"""Arguments that hand on a rule which was named elsewhere."""

SUBJECTS: dict[str, list[dict[str, Any]]] = {
    "_is_filed": [
        {"column": column} for ledger in LEDGERS.values() for column in ledger.filed if column.is_required
    ],
}
"""What the rules that are named after a column or ledger may be about, by how they end."""


def doors(trees: list[ast.Module]) -> dict[str, list[str]]:
    """Functions, classes and methods (`.refuse`) that take a `rule: str`, with all that they take."""
    found = {}
    inside = (
        (scope, node)
        for tree in trees
        for scope in ast.walk(tree)
        if isinstance(scope, ast.Module | ast.ClassDef)
        for node in scope.body
    )
    for scope, node in inside:
        if isinstance(node, ast.ClassDef):
            name = node.name
            taken = [(item.target, item.annotation) for item in node.body if isinstance(item, ast.AnnAssign)]
        elif isinstance(node, ast.FunctionDef):
            name = node.name if isinstance(scope, ast.Module) else f".{node.name}"
            name = scope.name if isinstance(scope, ast.ClassDef) and name == ".__init__" else name
            taken = [(ast.Name(item.arg), item.annotation) for item in node.args.args if item.arg != "self"]
        else:
            continue
        types = {ast.unparse(target): annotation and ast.unparse(annotation) for target, annotation in taken}
        if types.get("rule") == "str":
            found[name] = list(types)
    return found


def named(trees: list[ast.Module]) -> Iterator[tuple[ast.expr, ast.expr | str]]:
    """Every expression that says a rule, and the one that says its severity, or the severity itself."""
    known = doors(trees)
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if ast.unparse(targets[0]) == "rule":
                yield node.value, "拒收"
        if not isinstance(node, ast.Call):
            continue
        called = f".{node.func.attr}" if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if called in known:
            given = dict(zip(known[called], node.args, strict=False))
            given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
            if "rule" in given:
                yield given["rule"], given.get("severity", "存疑" if "Doubted" in called else "拒收")
        elif ast.unparse(node.func).endswith("remarks.append"):
            assert isinstance(node.args[0], ast.Tuple)
            severity, rule, *_ = node.args[0].elts
            yield rule, severity


def rules_of_intake() -> dict[str, set[str]]:
    """Severities of each rule that saima/intake names; none where they are decided elsewhere."""
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted(Path(intake.__path__[0]).glob("*.py"))]
    found: dict[str, set[str]] = defaultdict(set)
    for rule, severity in named(trees):
        if FORWARDED.fullmatch(ast.unparse(rule)):
            continue
        subjects: list[dict[str, Any]] = [{}]
        if isinstance(rule, ast.JoinedStr):
            subjects = SUBJECTS[ast.literal_eval(rule.values[-1])]
        for subject in subjects:
            either = [severity.body, severity.orelse] if isinstance(severity, ast.IfExp) else [severity]
            said = {said_of(one, subject) if isinstance(one, ast.expr) else one for one in either}
            found[said_of(rule, subject)] |= said & SEVERITIES
    return found


def said_of(expression: ast.expr, subject: dict[str, Any]) -> str:
    """What an expression says of a subject; a name that stands for something else says itself."""
    if isinstance(expression, ast.Name):
        return expression.id
    return str(eval(compile(ast.Expression(expression), "<rule>", "eval"), {}, subject))


def rules_of_ledgers() -> dict[str, tuple[str, list[str]]]:
    """Severity of each rule that a ledger declares, and the ledgers that have it."""
    found: dict[str, tuple[str, list[str]]] = {}
    for ledger in LEDGERS.values():
        for rule in (*ledger.rules, *ledger.rules_of_change):
            severity, ledgers = found.setdefault(rule.name, (rule.severity, []))
            assert severity == rule.severity, rule.name
            ledgers.append(ledger.name)
    return found


def test_every_rule_of_intake_is_documented_with_its_severity_and_no_other_is() -> None:
    documented = {
        name: set(cells[0].split(" / "))
        for chapter in ("Rules of the file", "Rules of rows", "Rules of projects")
        for table in tables(chapter).values()
        for name, cells in table.items()
    }
    found = rules_of_intake()

    assert documented.keys() == found.keys()
    assert all(severities <= SEVERITIES for severities in documented.values())
    assert {name: documented[name] for name in found if found[name]} == {
        name: severities for name, severities in found.items() if severities
    }


def test_every_rule_of_a_ledger_is_documented_with_its_severity_and_no_other_is() -> None:
    documented = {
        name: (cells[0], [ledger.strip("` ") for ledger in cells[1].split(",")])
        for table in tables("Rules of the ledgers").values()
        for name, cells in table.items()
    }

    assert documented == rules_of_ledgers()
