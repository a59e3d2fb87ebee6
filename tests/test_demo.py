"""The demonstration ledgers: the same at every build, whole, and true to the rules of a ledger."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from saima import demo, reference, store
from saima.demo.filings import EVENTS, PERIODS, Archive, submissions
from saima.ledgers import PROVING_DATES
from saima.reference import Reference

REFERENCE = Path(__file__).parent.parent / "data" / "reference"
CITIES = ("210100", "210200", "320800")
FIRST = PERIODS[:3]
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    folder = tmp_path_factory.mktemp("office") / "reference"
    shutil.copytree(REFERENCE, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAIMA_REFERENCE", str(folder))
        yield reference.load()


@pytest.fixture(scope="module")
def shenyang(known: Reference) -> Archive:
    return demo.archive(known, "210100")


@pytest.fixture(scope="module")
def small(known: Reference) -> dict[str, Archive]:
    return {city: demo.archive(known, city, scale=0.05) for city in CITIES}


@pytest.fixture
def snapshots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAIMA_SNAPSHOTS", str(tmp_path / "snapshots"))
    return tmp_path / "snapshots"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("r*.*")}


def month_end(period: str) -> date:
    return pl.Series([f"{period}-01"]).str.to_date().dt.month_end().item()


@pytest.mark.parametrize("city", CITIES)
def test_the_same_seed_makes_the_same_rows_and_another_seed_others(
    known: Reference, small: dict[str, Archive], city: str
) -> None:
    again = demo.archive(known, city, scale=0.05)
    other = demo.archive(known, city, scale=0.05, seed=7)
    assert again.ledger("2024-05").equals(small[city].ledger("2024-05"))
    assert again.plan("2024-01").equals(small[city].plan("2024-01"))
    assert not other.ledger("2024-05").equals(small[city].ledger("2024-05"))


@pytest.mark.parametrize("city", CITIES)
def test_a_project_is_once_in_a_ledger_and_twelve_times_in_the_plans(
    small: dict[str, Archive], city: str
) -> None:
    ledger, plan = small[city].ledger("2024-07"), small[city].plan("2024-07")
    assert ledger["project_id"].is_unique().all()
    assert ledger["name"].is_unique().all()
    months = plan.group_by("project_id").agg(pl.col("month").n_unique())
    assert months["month"].unique().to_list() == [12]


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("period", ["2023-01", "2023-07", "2024-01", "2024-07"])
def test_twelve_monthly_plans_are_the_plan_of_the_year(
    small: dict[str, Archive], city: str, period: str
) -> None:
    months = small[city].plan(period).group_by("project_id").agg(pl.col("planned_amount").sum())
    planned = small[city].ledger(period).drop_nulls("plan_year").select("project_id", "plan_year")
    both = months.join(planned, on="project_id", how="full", coalesce=True)
    assert both.filter(pl.col("planned_amount").ne_missing(pl.col("plan_year"))).is_empty()
    assert small[city].plan(period)["planned_amount"].min() >= 0


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("hindsight", [0, 1])
def test_nothing_is_filed_before_it_happens(small: dict[str, Archive], city: str, hindsight: int) -> None:
    for period in PERIODS[::5]:
        ledger = small[city].ledger(period, hindsight)
        happened = [f"{event}_on" for event in EVENTS if not event.endswith("_due")]
        latest = ledger.select(pl.max_horizontal(pl.col(happened).max())).item()
        assert latest <= month_end(period)


def test_money_of_the_year_falls_only_where_a_month_was_overstated(shenyang: Archive) -> None:
    fell = 0
    for before, after in pairwise(("2024-04", "2024-05", "2024-06")):
        money = shenyang.ledger(before).select("project_id", filed="invested_year")
        corrected = shenyang.ledger(before, 1).select("project_id", corrected="invested_year")
        later = shenyang.ledger(after).select("project_id", later="invested_year")
        rows = money.join(corrected, on="project_id").join(later, on="project_id")
        fell += rows.filter(pl.col("filed") > pl.col("later")).height
        assert rows.filter(pl.col("corrected") > pl.col("later")).is_empty()
    assert 0 < fell < 50


@pytest.mark.parametrize("city", CITIES)
def test_january_begins_the_money_of_the_year_again(small: dict[str, Archive], city: str) -> None:
    january = small[city].ledger("2024-01").drop_nulls("invested_year")
    assert january.filter(pl.col("invested_year") != pl.col("invested_month")).is_empty()


def test_shenyang_plans_the_starts_of_the_document_exactly(shenyang: Archive) -> None:
    year = pl.concat(
        shenyang.ledger(period)
        .select("project_id", "category", "start_due_on", pl.lit(period).alias("period"))
        .drop_nulls("start_due_on")
        for period in PERIODS[12:]
    )
    first = year.sort("period").group_by("project_id", maintain_order=True).first()
    planned = (
        first.filter(pl.col("start_due_on").dt.year() == 2024)
        .group_by(pl.col("category").replace({"民生保障": "基础设施"}))
        .len()
    )
    assert dict(planned.iter_rows()) == {
        "工业": 450,
        "服务业": 410,
        "农业": 50,
        "基础设施": 240,
        "房地产": 50,
    }


def test_shenyang_has_its_real_size_and_the_starts_of_the_document(shenyang: Archive) -> None:
    december = shenyang.ledger("2024-12").filter(pl.col("exited_on").is_null())
    september = shenyang.ledger("2024-09").filter(pl.col("exited_on").is_null())
    started = pl.col("started_on").dt.year() == 2024
    assert 5_400 <= december.height <= 6_600
    assert 1_170 <= december.filter(started).height <= 1_290
    assert 865 <= september.filter(started).height <= 960


def test_every_area_of_shenyang_is_near_its_target(shenyang: Archive, known: Reference) -> None:
    upper = dict(known.areas_of("210100").select("area_id", "rolls_up_to").iter_rows())
    started = (
        shenyang.ledger("2024-12")
        .filter(pl.col("exited_on").is_null(), pl.col("started_on").dt.year() == 2024)
        .group_by(pl.col("area_id").replace(upper))
        .len("started")
    )
    targets = known.targets_of("210100", 2024).filter(
        pl.col("metric") == "started_projects", pl.col("area_id").is_not_null()
    )
    rates = targets.join(started, on="area_id").select(
        (pl.col("started") / pl.col("value").cast(pl.Float64)).alias("rate")
    )["rate"]
    assert rates.len() == 13
    assert rates.is_between(0.75, 1.25).all()
    assert rates.max() - rates.min() > 0.1  # type: ignore[operator]


def test_the_mess_of_real_ledgers_is_there(shenyang: Archive) -> None:
    ledger = shenyang.ledger("2024-06")
    proving = [column for columns in PROVING_DATES.values() for column in columns]
    assert ledger.filter(
        pl.all_horizontal(pl.col(proving).is_null()), pl.col("stage_filed").is_not_null()
    ).height
    assert ledger.filter(pl.col("started_on") < pl.col("signed_on")).height
    assert ledger.filter(pl.col("area_id") == "210100-unassigned").height
    assert ledger.filter(pl.col("area_id") == "210100-direct").height
    assert ledger.filter(pl.col("started_on_precision") == "month").height
    assert ledger["longitude"].null_count()
    assert ledger["investment_total"].null_count()
    assert ledger.filter(pl.col("exited_on").is_not_null()).height
    parents = ledger["parent_id"].drop_nulls().unique()
    assert parents.len()
    assert parents.is_in(ledger["project_id"].to_list()).all()
    assert shenyang.ledger("2024-06", 1).filter(pl.col("started_on").is_not_null()).height > (
        ledger["started_on"].count()
    )


def test_dalian_files_landings_that_its_rule_does_not_bear_out(known: Reference) -> None:
    ledger = demo.archive(known, "210200", scale=0.2).ledger("2024-12")
    ruled = (
        pl.when(pl.col("asset_kind") == "轻资产")
        .then(pl.col("registered_on").is_not_null() & pl.col("operated_on").is_not_null())
        .otherwise(pl.col("land_awarded_on").is_not_null() | pl.col("started_on").is_not_null())
    )
    promoted = ledger.filter(pl.col("asset_kind").is_not_null())
    assert promoted.filter(pl.col("landed_on").is_not_null(), ~ruled).height
    assert promoted.filter(pl.col("landed_on").is_null(), ruled).height


def test_words_of_the_ledgers_are_those_of_the_reference_files(
    known: Reference, small: dict[str, Archive]
) -> None:
    for city, archive in small.items():
        ledger = archive.ledger("2024-12")
        chains = known.chains.filter(pl.col("city") == city)["chain"].to_list()
        lists = known.lists.filter(pl.col("city") == city)["list"].to_list()
        areas = known.areas_of(city)["area_id"].to_list()
        tags = [f"{scheme}:{value}" for scheme, value in known.schemes.select("scheme", "value").iter_rows()]
        assert ledger["chain"].drop_nulls().is_in(chains).all()
        assert ledger["category"].is_in(known.categories["category"].to_list()).all()
        assert ledger["area_id"].is_in(areas).all()
        assert ledger["lists"].explode(empty_as_null=False).is_in(lists).all()
        assert ledger["tags"].explode(empty_as_null=False).is_in(tags).all()
        assert ledger["park_id"].drop_nulls().is_in(known.parks["park_id"].to_list()).all()
        words = ledger.select("stage_reported", "stage_filed").drop_nulls().unique()
        stage_words = known.city(city).stage_words
        assert all(stage_words[word] == stage for word, stage in words.iter_rows())
        assert ledger["stage_filed"].null_count() == 0


def test_a_build_that_was_killed_is_completed_and_a_whole_one_left_alone(
    known: Reference, snapshots: Path
) -> None:
    said: list[tuple[int, int]] = []

    class KilledError(Exception):
        pass

    def kill_at_five(done: int, total: int, sentence: str) -> None:
        if done == 5:
            raise KilledError

    with pytest.raises(KilledError):
        demo.build(known, scale=0.02, periods=FIRST, progress=kill_at_five)
    assert not demo.is_built(known, periods=FIRST)
    begun = contents(snapshots)
    demo.build(known, scale=0.02, periods=FIRST, progress=lambda done, total, _: said.append((done, total)))
    whole = contents(snapshots)
    assert demo.is_built(known, periods=FIRST)
    assert begun.items() <= whole.items()
    assert said[-1][0] == said[-1][1] == len(said)
    demo.build(known, scale=0.02, periods=FIRST, progress=lambda *_: pytest.fail("nothing was missing"))
    assert contents(snapshots) == whole


def test_two_builds_write_the_same_bytes(
    known: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        monkeypatch.setenv("SAIMA_SNAPSHOTS", str(tmp_path / name))
        demo.build(known, scale=0.02, periods=FIRST[:1])
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert contents(tmp_path / "one")


def test_every_filing_is_marked_as_a_demonstration(known: Reference, snapshots: Path) -> None:
    demo.build(known, scale=0.02, periods=FIRST)
    for city in CITIES:
        for ledger in ("projects", "plans"):
            revisions = store.revisions(ledger, city, LATER)
            assert revisions
            for revision in revisions:
                assert revision.is_demonstration
                assert all(filing["is_demonstration"] for filing in revision.filings)
                assert revision.captured_at.year < 2025


def test_some_areas_file_late_or_not_at_all_and_months_are_corrected(known: Reference) -> None:
    planned = submissions(known, "210100")
    projects = [submission for submission in planned if submission.ledger == "projects"]
    everyone = set().union(*(submission.areas for submission in projects))
    filed = {period: set[str]() for period in PERIODS}
    for submission in projects:
        filed[submission.period] |= set(submission.areas)
    unfiled = {period: everyone - areas for period, areas in filed.items() if everyone - areas}
    assert unfiled == {"2023-08": {"210123"}, "2024-05": {"210123"}}
    assert any(submission.note == "逾期补报" for submission in projects)
    assert any(submission.hindsight == 1 for submission in projects)
    assert [submission.period for submission in planned if submission.ledger == "plans"] == [
        "2023-01",
        "2023-07",
        "2024-01",
        "2024-07",
    ]
    assert projects[0].captured_at == datetime(2023, 2, 8, 8, 20, tzinfo=UTC)
