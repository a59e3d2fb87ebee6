"""The same doors for a terminal: `python -m saima <command>`."""

import argparse
import gc
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import polars as pl

from saima import reference, store
from saima.answers import (
    area_values_of,
    investment,
    map_values,
    overview_cards,
    paced,
    race_scores,
    rewards,
    stages,
    standing,
    target_rows,
    targets_asked,
    targets_of,
    work_calendar,
)
from saima.intake.report import Report, take_in
from saima.intake.template import template
from saima.ledgers import LEDGERS
from saima.metrics import CATALOGUE
from saima.metrics.facts import UNCHAINED
from saima.reference import ReferenceError
from saima.scope import SIZES, Scope
from saima.store import StoreError
from saima.transforms.calendar import cadence_words, milestone_words
from saima.transforms.catalogue import metric_words
from saima.transforms.geography import reporting_areas
from saima.transforms.lights import light_rule_words
from saima.transforms.race import bottom_streaks, of_period
from saima.transforms.rewards import CLAUSES, VERDICTS, reward_sums, reward_words, rule_sentences
from saima.transforms.targets import document_sums, target_words

REFUSED = 2
"""Exit code of anything that was asked wrongly or refused."""

SCOPE_PARAMETERS = frozenset(
    {
        "shown_periods",
        "areas",
        "category",
        "chain",
        "list",
        "investment_from",
        "investment_below",
        "landing",
        "known_chains",
    }
)
"""Parameters of queries that the scope fills in."""


class _Parser(argparse.ArgumentParser):
    """A parser that refuses what it cannot read with one Chinese sentence."""

    def error(self, message: str) -> NoReturn:
        for pattern, sentence in _SAID:
            if found := re.fullmatch(pattern, message):
                message = sentence.format(*(group.replace("'", "") for group in found.groups()))
                break
        self.exit(REFUSED, f"{message}。用 --help 查看写法\n")


_SAID = (
    (r"the following arguments are required: (.*)", "缺少 {}"),
    (r"unrecognized arguments: (.*)", "没有参数 {}"),
    (r"argument (.*): expected .*", "{} 后面缺少值"),
    (r"argument (.*): invalid choice: (.*) \(choose from (.*)\)", "{} 没有「{}」，允许：{}"),
)
"""What argparse says, and how it is said here."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 is done, 2 is refused, with one Chinese sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        result: int = options.run(options)
    except (StoreError, ReferenceError) as problem:
        print(problem, file=sys.stderr)
        return REFUSED
    return result


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m saima", description="赛马台的命令行。", allow_abbrev=False)
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)

    command = commands.add_parser("demo", help="生成三个城市的示例台账")
    command.add_argument("--progress", choices=("text", "json"), default="text", help="进度的写法")
    command.add_argument("--if-needed", action="store_true", help="已有台账时什么也不做")
    command.set_defaults(run=_demo)

    command = commands.add_parser("intake", help="报送一份台账；不加 --commit 只是演练")
    command.add_argument(
        "files", metavar="文件", type=Path, nargs="+", help="台账文件（XLSX、XLS、ET、ODS、CSV）"
    )
    command.add_argument("--city", required=True, help="城市代码")
    command.add_argument("--period", required=True, help="报告期，如 2024-09")
    command.add_argument("--ledger", default="projects", help="台账，默认 projects")
    command.add_argument("--area", help="只报一个地区时的地区代码")
    command.add_argument("--sheet", help="只读这个工作表")
    command.add_argument("--mapping", type=Path, help="列对应关系（TOML）")
    command.add_argument("--captured-at", help="补录时的入库时间")
    command.add_argument("--stated-by", default="", help="补录人")
    command.add_argument("--who", default="", help="报送人")
    command.add_argument("--note", default="", help="说明")
    command.add_argument("--commit", action="store_true", help="入库")
    command.add_argument("--accept-valid", action="store_true", help="有拒收行时仍收下合格的行")
    command.add_argument("--report", type=Path, help="报告写入的文件（JSON）")
    command.add_argument("--returned", type=Path, help="标出问题的工作簿写到哪里（XLSX）")
    command.add_argument("--progress", choices=("text", "json"), default="text", help="进度的写法")
    command.set_defaults(run=_intake)

    command = commands.add_parser("template", help="写一份空白报送表（XLSX）")
    command.add_argument("file", metavar="文件", type=Path, help="写到哪里")
    command.add_argument("--city", required=True, help="城市代码")
    command.add_argument("--ledger", default="projects", choices=tuple(LEDGERS), help="台账，默认 projects")
    command.set_defaults(run=_template)

    command = commands.add_parser("query", help="运行一个具名查询")
    command.add_argument("name", metavar="查询名", help="、".join(store.query_names()))
    command.add_argument("--param", action="append", default=[], metavar="名=值", help="参数；不给的为“全部”")
    command.add_argument("--as-of", help="时点，默认最新")
    command.add_argument("--format", choices=("table", "json", "csv"), default="table")
    command.set_defaults(run=_query)

    command = commands.add_parser("metrics", help="指标的数值、分子、分母和项目数")
    _add_scope(command)
    command.add_argument("--metric", action="append", default=[], help="指标，可多次；不给的为全部")
    command.add_argument("--by-area", action="store_true", help="分地区")
    command.set_defaults(run=_metrics)

    command = commands.add_parser("targets", help="每个目标的完成、序时、亮灯、预计和进度要求")
    _add_question(command)
    command.add_argument("--area", help="一个地区自己的目标；不给的为全市")
    command.set_defaults(run=_targets)

    command = commands.add_parser("calendar", help="阶段、节点和调度制度：应做、已做、逾期")
    _add_question(command)
    command.set_defaults(run=_calendar)

    for name, told, run in (
        ("rewards", "奖励测算：每个项目和企业的认定、算式、所缺和金额", _rewards),
        ("lights", "每个项目的亮灯和依据", _lights),
    ):
        _add_scope(command := commands.add_parser(name, help=told))
        command.set_defaults(run=run)
    return parser


def _add_question(command: argparse.ArgumentParser) -> None:
    command.add_argument("--city", required=True, help="城市代码")
    command.add_argument("--period", required=True, help="报告期，如 2024-09")
    command.add_argument("--as-of", help="时点，默认最新")
    command.add_argument("--format", choices=("table", "json", "csv"), default="table")


def _add_scope(command: argparse.ArgumentParser) -> None:
    _add_question(command)
    command.add_argument("--area", action="append", default=[], help="责任地区代码，可多次")
    command.add_argument("--chain", help="产业链")
    command.add_argument("--category", help="项目类别")
    command.add_argument("--list", dest="on_list", help="清单")
    command.add_argument("--size", default="不限", help="总投资规模：" + "、".join(SIZES))


def _demo(options: argparse.Namespace) -> int:
    from saima import demo  # noqa: PLC0415 - no other command needs it

    def tell(done: int, total: int, text: str) -> None:
        if options.progress == "json":
            print(json.dumps({"done": done, "total": total, "text": text}, ensure_ascii=False), flush=True)
        else:
            print(f"\r{text}（{done}/{total}）", end="" if done < total else "\n", flush=True)

    known = reference.load()
    # A folder that an office named as its own never meets the demonstration unasked.
    is_unwanted = os.environ.get("SAIMA_SNAPSHOTS") or not demo.is_needed(known)
    if not (options.if_needed and is_unwanted):
        demo.build(known, progress=tell)
    return 0


def _intake(options: argparse.Namespace) -> int:
    if options.captured_at and not options.stated_by:
        raise StoreError("补录请用 --stated-by 写明补录人")
    if options.returned and len(options.files) > 1:
        raise StoreError("--returned 一次只能退回一个文件，请逐个报送")
    if options.commit and len(options.files) > 1:
        raise StoreError(
            "--commit 一次只能入库一个文件：后一个会替换前一个，请逐个入库，分地区的用 --area 指明地区"
        )
    named = [path.resolve() for path in (*options.files, options.report, options.returned) if path]
    if len(set(named)) < len(named):
        raise StoreError("报送的文件、报告和退回的工作簿不能是同一个文件，请换文件名")
    for path in (options.report, options.returned):
        if path:
            _must_be_writable(path)
    reports = [_taken_in(path, options) for path in options.files]
    if options.report:
        plain = [report.plain() for report in reports]
        written = plain[0] if len(plain) == 1 else plain
        _write(options.report, json.dumps(written, ensure_ascii=False, indent=2).encode())
    return max(report.exit_code for report in reports)


def _taken_in(path: Path, options: argparse.Namespace) -> Report:
    """The report on one file, its sentences printed and the returned workbook written."""
    is_json = options.progress == "json"

    def tell(done: int, total: int, text: str) -> None:
        if is_json:
            print(json.dumps({"done": done, "total": total, "text": text}, ensure_ascii=False), flush=True)

    # One file, then this process ends: what it leaves behind need not be looked for.
    gc.disable()
    report = take_in(
        path,
        ledger=options.ledger,
        city=options.city,
        period=options.period,
        area_id=options.area,
        sheet=options.sheet,
        mapping_path=options.mapping,
        reference=reference.load(),
        captured_at=store.instant(options.captured_at) if options.captured_at else datetime.now(UTC),
        stated_by=options.stated_by or None,
        who=options.who,
        note=options.note,
        commit=options.commit,
        accept_valid=options.accept_valid,
        progress=tell,
    )
    if options.returned:
        _return(path, report, options.returned)
    for sentence in report.sentences():
        print(sentence, file=sys.stdout if report.exit_code == 0 and not is_json else sys.stderr)
    return report


def _return(path: Path, report: Report, target: Path) -> None:
    """Write the returned workbook. What the ledger holds stands, whatever a strange file does here."""
    from saima.intake.returned import returned  # noqa: PLC0415 - a library for one option of one command

    try:
        content = returned(path, report)
    except Exception:  # a library stumbles over a strange file in ways of its own
        print(f"文件「{path.name}」的退回工作簿没有做成，请按报告逐条修改", file=sys.stderr)
        return
    _write(target, content)


def _must_be_writable(path: Path) -> None:
    """Before anything is taken in: a ledger that is in without its report would look refused."""
    try:
        part = path.with_name(f".{path.name}.part")
        part.touch()
        part.unlink()
    except (OSError, ValueError):
        is_writable = False
    else:
        is_writable = not path.is_dir()
    if not is_writable:
        raise StoreError(f"报告「{path}」写不进去，没有读取台账。请换一个可写的文件夹和文件名")


def _template(options: argparse.Namespace) -> int:
    known = reference.load()
    known.city(options.city)
    _write(options.file, template(options.ledger, options.city, known))
    print(f"已写入 {options.file}")
    return 0


def _query(options: argparse.Namespace) -> int:
    known = store.query_parameters(options.name)
    asked = dict(_pair(text) for text in options.param)
    sized = ("size",) if "investment_from" in known else ()
    for name in asked:
        _must_be_in("参数", name, ("city", "period", *sized, *known))
    city, period = asked.pop("city", ""), asked.pop("period", "")
    shown = sorted(set(asked.pop("shown_periods", period).split(",")))
    if not city or not shown[0]:
        raise StoreError("请给出 --param city=城市代码 --param period=年-月")
    areas = asked.pop("areas", "")
    scope = _scope(
        city,
        shown[-1],
        options.as_of,
        areas=tuple(areas.split(",")) if areas else (),
        chain=asked.pop("chain", None),
        category=asked.pop("category", None),
        on_list=asked.pop("list", None),
        size=asked.pop("size", "不限"),
    )
    for month in shown:
        _must_be_in("报告期", month, scope.periods)
    everything: dict[str, Any] = dict.fromkeys(known.keys() - SCOPE_PARAMETERS)
    answer = scope.ask(options.name, shown=shown, **everything | asked)
    _print_frame(answer, options.format)
    return 0


def _metrics(options: argparse.Namespace) -> int:
    scope = _asked(options)
    asked = tuple(dict.fromkeys(options.metric)) or tuple(CATALOGUE)
    for metric in asked:
        _must_be_in("指标", metric, CATALOGUE)
    numbers = area_values_of(scope, asked) if options.by_area else paced(scope, asked)
    if options.format == "csv":
        _print_frame(numbers, "csv")
        return 0
    if options.format == "table":
        beside = numbers.select("area") if options.by_area else pl.DataFrame()
        words = metric_words(numbers, scope.city.currency).drop("口径", "口径参照", "方向")
        _print_frame(pl.concat([beside, words], how="horizontal"), "table")
        return 0
    told = _told_of(scope) | {"metrics": _plain(numbers)}
    if not options.metric and not options.by_area:
        table, _ = race_scores(scope, scope.periods[-13:])
        told |= {
            "stages": _plain(stages(scope)),
            "cards": overview_cards(scope),
            "race": _plain(of_period(table, scope.period)),
            "streaks": _plain(bottom_streaks(table)),
            "map": _plain(map_values(scope, "investment_completion", "invested_year")),
            "investment": _plain(investment(scope)),
        }
    print(json.dumps(told, ensure_ascii=False, indent=2))
    return 0


def _targets(options: argparse.Namespace) -> int:
    areas = (options.area,) if options.area else ()
    scope = targets_asked(_scope(options.city, options.period, options.as_of, areas=areas))
    tree = target_rows(scope)
    if options.format == "table":
        _print_frame(target_words(tree, scope.city.currency).drop("说明"), "table")
    elif options.format == "csv":
        _print_frame(tree.drop("line"), "csv")
    else:
        told = _told_of(scope) | {
            "targets": _plain(tree.drop("line")),
            "standing": {
                metric_id: _plain_value(row["numerator"]) for metric_id, row in standing(scope).items()
            },
            "documents": document_sums(targets_of(scope), scope.city.currency),
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
    return 0


def _calendar(options: argparse.Namespace) -> int:
    scope = _scope(options.city, options.period, options.as_of)
    known = work_calendar(scope)
    if known is None:
        raise StoreError(f"{scope.city.name}没有工作日历。请建一份 calendars/{scope.city_code}.toml")
    if options.format == "table":
        _print_frame(milestone_words(known.milestones), "table")
        _print_frame(cadence_words(known.rounds), "table")
    elif options.format == "csv":
        _print_frame(known.rounds, "csv")
    else:
        told = _told_of(scope) | {
            "phases": [
                {"name": phase.name, "starts_on": str(phase.starts_on), "ends_on": str(phase.ends_on)}
                for phase in known.calendar.phases
            ],
            "milestones": [
                {name: _plain_value(value) for name, value in row.items()} for row in known.milestones
            ],
            "rounds": _plain(known.rounds),
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
    return 0


def _rewards(options: argparse.Namespace) -> int:
    scope = _asked(options)
    known = rewards(scope)
    if known is None:
        raise StoreError(
            f"{scope.city.name}没有{scope.period[:4]}年的奖励规则。请建一份 rewards/{scope.city_code}.toml"
        )
    words = reward_words(known.rows, known.projects, scope.area_names, known.rules)
    if options.format != "json":
        _print_frame(words, options.format)
    else:
        sums = [
            {
                "clause": CLAUSES[one.clause],
                **{term: getattr(one, verdict) for verdict, term in VERDICTS.items()},
                "reward": _plain_value(one.reward),
            }
            for one in reward_sums(known.rows)
        ]
        told = _told_of(scope) | {
            "rules": rule_sentences(known.rules),
            "clauses": sums,
            "rows": _plain(known.rows),
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
    return 0


def _lights(options: argparse.Namespace) -> int:
    scope = _asked(options)
    lit = scope.lights().drop("lists")
    if options.format == "json":
        told = _told_of(scope) | {"rules": dict(light_rule_words(scope.light_rules)), "projects": _plain(lit)}
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print_frame(lit, options.format)
    return 0


def _told_of(scope: Scope) -> dict[str, Any]:
    """What every answer in JSON says of the question."""
    return {
        "city": scope.city_code,
        "period": scope.period,
        "as_of": scope.as_of.isoformat(),
        "revision": scope.revision.id,
        "is_demonstration": scope.is_demonstration,
        "unfiled": scope.unfiled_names,
    }


def _asked(options: argparse.Namespace) -> Scope:
    """The scope of the options that `_add_scope` adds."""
    return _scope(
        options.city,
        options.period,
        options.as_of,
        areas=tuple(options.area),
        chain=options.chain,
        category=options.category,
        on_list=options.on_list,
        size=options.size,
    )


def _scope(city: str, period: str, as_of: str | None, **filters: Any) -> Scope:
    instant = store.instant(as_of) if as_of else datetime.now(UTC)
    known = reference.load(instant if as_of else None)
    known.city(city)
    scope = Scope(known, city, period, instant, is_latest=as_of is None, **filters)
    if period not in scope.periods:
        periods = store.periods(city, instant)
        have = f"已有 {periods[0]} 至 {periods[-1]}" if periods else "还没有任何台账"
        raise StoreError(f"{known.city(city).name}没有报告期「{period}」的台账，{have}")
    for area in scope.areas:
        _must_be_in("地区", area, reporting_areas(scope.city_areas)["area_id"])
    _must_be_in("产业链", scope.chain, [*scope.city_chains["chain"], UNCHAINED])
    _must_be_in("类别", scope.category, known.categories["category"])
    _must_be_in("清单", scope.on_list, known.lists.filter(pl.col("city") == city)["list"])
    _must_be_in("规模", scope.size, SIZES)
    for damage in store.damages(instant, city):
        print(f"{damage.path}：{damage.sentence}", file=sys.stderr)
    return scope


def _must_be_in(term: str, value: str | None, allowed: Iterable[str]) -> None:
    """Refuse a value that is not there: an answer of nothing would pass for a fact."""
    allowed = list(allowed)
    if value is not None and value not in allowed:
        raise StoreError(f"没有{term}「{value}」。允许：{'、'.join(allowed) or '（无）'}")


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise StoreError(f"参数「{text}」的写法不对。允许：名=值")
    return name, value


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows for JSON: exact numbers stay exact, as whole numbers or as text."""
    return [{name: _plain_value(value) for name, value in row.items()} for row in frame.iter_rows(named=True)]


def _plain_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value.normalize())
    return value.isoformat() if hasattr(value, "isoformat") else value


def _print_frame(frame: pl.DataFrame, form: str) -> None:
    if form == "json":
        print(json.dumps(_plain(frame), ensure_ascii=False, indent=2))
    elif form == "csv":
        lists = [name for name, dtype in frame.schema.items() if dtype == pl.List]
        # A spreadsheet takes such a beginning for a formula; the apostrophe makes it text.
        texts = pl.col(pl.String)
        guarded = texts.str.replace(r"^[=+\-@\t＝＋－＠]", "'$0")
        is_number = texts.cast(pl.Float64, strict=False).is_not_null()
        cells = pl.when(is_number).then(texts).otherwise(guarded)
        print(frame.drop(lists).with_columns(cells).write_csv(), end="")
    else:
        with pl.Config(tbl_rows=200, tbl_cols=40, tbl_hide_dataframe_shape=True, fmt_str_lengths=40):
            print(frame)


def _write(path: Path, content: bytes) -> None:
    """The whole file or nothing; StoreError where it cannot be written."""
    try:
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(content)
        part.replace(path)
    except (OSError, ValueError):
        raise StoreError(f"文件「{path}」写不进去。请换一个可写的文件夹和文件名") from None


if __name__ == "__main__":
    code = main()
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Everything is written: to take a large ledger apart, object by object, would take as long as its rules.
    os._exit(code)
