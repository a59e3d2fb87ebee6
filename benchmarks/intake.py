"""`make bench`: a ledger of 50,000 rows from its file to the committed snapshot, beside the floor, a bare
read of the same cells.

Each measurement is a process of its own, app and floor by turns: a first month into empty snapshots, the
month after it (identity and rules of change at work), and the workbook that comes back, of the whole ledger
and of the largest one that comes back whole.
"""

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import xlsxwriter

ROOT = Path(__file__).resolve().parent.parent

CACHE = ROOT / "artifacts" / "cache"

REPORT = ROOT / "artifacts" / "bench-intake.json"

CITY, MONTHS = "210100", ("2024-08", "2024-09")

ROWS = 50_000

ROWS_WHOLE = 20_000
"""Rows of a workbook that is small enough to come back with all that was in it."""

REPLACED = 100
"""One project of so many is gone in the second month, and another one there instead."""

REPETITIONS = 5

RATIO_AIM, MEMORY_AIM = 5, 600
"""Times the floor, and MB, that taking the ledger in should stay below."""

FLOOR = """
import sys
from python_calamine import CalamineWorkbook
with CalamineWorkbook.from_path(sys.argv[1]) as book:
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)
"""


@dataclass(frozen=True)
class Run:
    """What one process took: seconds from its start to its end, and megabytes that it held at most."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Task:
    """Runs of one task; `floor` are those of the bare read, empty where there is none to compare with."""

    title: str
    rows: int
    app: list[Run] = field(default_factory=list)
    floor: list[Run] = field(default_factory=list)

    @property
    def medians(self) -> dict[str, float]:
        """Medians of the seconds and their ratio; the most megabytes of any run."""
        seconds = median(run.seconds for run in self.app)
        found = {"seconds": seconds, "megabytes": max(run.megabytes for run in self.app)}
        if self.floor:
            floor = median(run.seconds for run in self.floor)
            found |= {"floor_seconds": floor, "ratio": seconds / floor}
        return found


def main() -> None:
    """Measure everything, print the table, write the JSON."""
    ledgers = [_ledger(month, ROWS) for month in MONTHS]
    whole = _ledger(MONTHS[0], ROWS_WHOLE)
    first, second = (Task(title, ROWS) for title in ("首月入库", "次月入库（识别、对比上期）"))
    marked = [Task("退回工作簿（只列问题行）", ROWS), Task("退回工作簿（整本）", ROWS_WHOLE)]
    for turn in range(REPETITIONS):
        _tell(f"第 {turn + 1}/{REPETITIONS} 轮")
        with tempfile.TemporaryDirectory() as folder:
            for task, month, ledger in zip((first, second), MONTHS, ledgers, strict=True):
                task.floor.append(_run(Path(folder), "-c", FLOOR, str(ledger)))
                task.app.append(_taken_in(Path(folder), ledger, month, "--commit", "--accept-valid"))
        with tempfile.TemporaryDirectory() as folder:
            for task, ledger in zip(marked, (ledgers[0], whole), strict=True):
                back = Path(folder) / "returned.xlsx"
                task.app.append(_taken_in(Path(folder), ledger, MONTHS[0], "--returned", str(back)))
    tasks = [first, second, *marked]
    print(table(tasks))
    write(tasks, REPORT)


def table(tasks: Sequence[Task]) -> str:
    """The medians beside what is aimed at, a line a task."""
    lines = [f"    行数      秒  底线秒  比值（≤{RATIO_AIM}）  MB（<{MEMORY_AIM}）  任务"]
    for task in tasks:
        found = task.medians
        floor, ratio = (f"{found[name]:.2f}" if name in found else "" for name in ("floor_seconds", "ratio"))
        numbers = f"{task.rows:>8,}{found['seconds']:>8.2f}{floor:>8}{ratio:>12}{found['megabytes']:>12.0f}"
        lines.append(f"{numbers}  {task.title}")
    return "\n".join(lines)


def write(tasks: Sequence[Task], path: Path) -> None:
    """Every measurement as JSON, medians and aims beside them."""
    content = {
        "machine": {
            "processors": os.cpu_count(),
            "python": platform.python_version(),
            **{name: version(name) for name in ("python-calamine", "polars", "openpyxl")},
        },
        "aims": {"ratio": RATIO_AIM, "megabytes": MEMORY_AIM},
        "tasks": [asdict(task) | {"medians": task.medians} for task in tasks],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _taken_in(folder: Path, ledger: Path, month: str, *more: str) -> Run:
    asked = ("--city", CITY, "--period", month, "--accept-valid", "--report", str(folder / "report.json"))
    return _run(folder, "-m", "saima", "intake", str(ledger), *asked, *more)


def _run(folder: Path, *arguments: str) -> Run:
    """Run Python to its end, on snapshots and a reference in that folder. RuntimeError where it fails."""
    # Modules are compiled once and kept, as in an office.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    own = {"SAIMA_SNAPSHOTS": str(folder / "snapshots"), "SAIMA_REFERENCE": str(folder / "office")}
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=kept | own, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(said.read().decode(errors="replace")[-2000:])
    return Run(seconds, used.ru_maxrss * 1024 / 1e6)


def _ledger(month: str, rows: int) -> Path:
    """The workbook of that month as these sources make it, made when there is none."""
    content = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    path = CACHE / f"intake-{content[:12]}-{month}-{rows}.xlsx"
    if not path.exists():
        _tell(f"生成 {path.name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        # What this process held once would count as held by every process that it starts.
        maker = get_context("spawn").Process(target=make, args=(path, month, rows))
        maker.start()
        maker.join()
    return path


# The ledger

AREAS = (
    "和平区",
    "沈河区",
    "大东区",
    "皇姑区",
    "铁西区",
    "浑南区",
    "于洪区",
    "沈北新区",
    "苏家屯区",
    "辽中区",
)
CATEGORIES = ("工业", "服务业", "农业", "基础设施", "房地产", "民生保障")
CHAINS = ("汽车及零部件", "航空", "机器人", "新材料", "集成电路", "石油化工", "节能环保")
STAGES = ("谋划", "签约", "落地", "前期", "在建", "竣工", "投产")
PRODUCTS = ("精密零部件", "储能电池", "智能传感器", "冷链仓储", "特种电缆", "液压元件", "工业软件", "预制菜")
WORKS = ("生产基地", "研发中心", "改扩建", "产业园", "技术改造", "配套工程")
LETTERS = "砺屹湜珩翎霁澈旻珵翊煦砚栩桓岑澍沅璟昶珞弈瀚骁峤垚澜岚恺渊霖钧瀛禾阔铭垣峻达泓帆"

HEADINGS = (
    *("序号", "项目代码", "项目名称", "项目单位", "责任地区", "项目类别", "产业链", "建设性质", "建设地点"),
    *(
        "建设内容",
        "总投资（万元）",
        "年度计划投资（万元）",
        "累计完成投资（万元）",
        "本年累计完成投资（万元）",
    ),
    *("本月完成投资（万元）", "谋划时间", "签约时间", "实际开工时间", "实际竣工时间", "计划开工时间"),
    *("计划竣工时间", "填报阶段", "形象进度", "牵头部门", "包保领导"),
)


def make(path: Path, month: str, rows: int) -> None:
    """Write a ledger of the city for one of MONTHS; both hold the same projects but for one of REPLACED."""
    first = 1 + rows // REPLACED * MONTHS.index(month)
    part = path.with_suffix(".part")
    with xlsxwriter.Workbook(str(part), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("项目台账")
        sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, "市重点项目台账")
        sheet.write_row(1, 0, HEADINGS)
        for place, number in enumerate(range(first, first + rows)):
            cells = (place + 1, *_project(number, MONTHS.index(month)))
            for column, cell in enumerate(_doubtful(cells, Random(-number))):
                sheet.write(place + 2, column, cell)
    part.replace(path)


def _project(number: int, months: int) -> list[Any]:
    """What a ledger says of a project, without its 序号, so many months after the first."""
    draws = Random(number)
    name = "".join(draws.choices(LETTERS, k=2))
    stage = draws.choices(range(len(STAGES) - 1), weights=(4, 3, 2, 4, 8, 3))[0]
    stage += months * (draws.random() < 0.05)
    total = round(draws.lognormvariate(9.5, 1.2))
    monthly = round(total * draws.uniform(0.002, 0.02), 2)
    year = round(monthly * (7 + months), 2) if stage >= STAGES.index("在建") else 0
    planned = date(2021, 1, 1) + timedelta(days=draws.randrange(700))
    steps = [planned + timedelta(days=120 * step) for step in range(4)]
    happened = [day if stage >= needed else None for day, needed in zip(steps, (0, 1, 4, 5), strict=True)]
    code = f"{2020 + number % 5}-2101{number % 13 + 1:02}-{number % 90 + 10}-03-{number:06}"
    return [
        code if draws.random() < 0.92 else None,
        f"{name}{draws.choice(PRODUCTS)}{draws.choice(WORKS)}{number}号项目",
        f"沈阳{name}{draws.choice(PRODUCTS)}有限公司",
        AREAS[number % len(AREAS)],
        draws.choice(CATEGORIES),
        draws.choice(CHAINS) if draws.random() < 0.6 else None,
        draws.choice(("新建", "续建", "扩建", "迁建")),
        f"{draws.choice(AREAS)}{name}路{draws.randrange(1, 400)}号",
        f"总建筑面积{number % 300 + 3}000平方米，建设{draws.choice(PRODUCTS)}生产线{number % 7 + 1}条",
        total,
        round(monthly * 12, 2),
        round(year * 1.5, 2),
        year,
        monthly if year else 0,
        *happened,
        planned + timedelta(days=200),
        f"{planned.year + 3}年{planned.month}月",
        STAGES[stage],
        draws.choice(("主体施工", "设备安装", "土方开挖", "手续办理", "方案设计")),
        draws.choice(("市发展改革委", "市工业和信息化局", "市商务局", "市住房城乡建设局")),
        f"{draws.choice('荀鄢阮桑栾沐麦')}{name[0]}",
    ]


def _doubtful(cells: Sequence[Any], draws: Random) -> list[Any]:
    """The cells as hands fill them in: one row in twelve has something to say a word about."""
    row = list(cells)
    slips = {
        "总投资（万元）": f"{row[10] / 10_000}亿元",
        "年度计划投资（万元）": f"约{row[11]}",
        "实际开工时间": "2024.3",
        "计划开工时间": "待定",
        "计划竣工时间": "年内力争",
        "项目类别": "其他类",
        "产业链": "低空经济",
        "责任地区": None,
    }
    if draws.random() < 0.08:
        heading = draws.choice(list(slips))
        row[HEADINGS.index(heading)] = slips[heading]
    if draws.random() < 0.001:
        row[HEADINGS.index("责任地区")] = "外市"
    return row


def _tell(text: str) -> None:
    print(f"{text}……", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
