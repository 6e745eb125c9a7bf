"""A store written by the program before labels were rows (schema 0002) says the same in every figure afterwards.

``tests/golden/store`` holds three weeks of a made-up review desk (blind audit, overlap, conflicts, undone answers, helpdesk,
imports, two revisions, a reported window), as that program stored it, and what that program made of it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, create_engine, insert, inspect, select

from serving.audit.label_errors import read_labelled
from serving.audit.report import build
from serving.labels import export, snapshot
from serving.labels.record import LabelRecord
from serving.review.desk import Desk
from serving.review.search import Wanted, search, ticket
from serving.review.similar import read_past
from serving.store import Store
from serving.store.database import open_engine, parse_url
from serving.store.migrate import SCRIPTS
from serving.store.tables import HEAD
from tests.serving.builders import NOW, run, taxonomy
from tests.serving.store.databases import empty_database

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "store"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "store-0002.json").read_text(encoding="utf-8"))
MOMENT = datetime.fromisoformat(EXPECTED["now"])


def to(url: str, version: str) -> None:
    """Migrates up or down."""
    engine = open_engine(parse_url(url), timeout=10, writes=True)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        up = version > (str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()))
        (command.upgrade if up else command.downgrade)(config, version)
    engine.dispose()


def before(url: str) -> list[tuple[Any, ...]]:
    """Corrections as schema 0002 has them."""
    columns = "id, ticket_id, revision, category, urgency, sentiment, source, at, item_id, withdrawn_at"
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT {columns} FROM corrections ORDER BY id").all()
    engine.dispose()
    return [tuple(row) for row in found]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file of the older program."""
    path = tmp_path_factory.mktemp("older") / "fendan.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((GOLDEN / "store-0002.sql").read_text(encoding="utf-8"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, written: Path, tmp_path: Path) -> str:
    """Its address: a copy of the file, or the same rows in PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "fendan.db"
        path.write_bytes(written.read_bytes())
        return f"sqlite:///{path}"
    url = empty_database(request.getfixturevalue("postgresql"))
    Store(url).close()
    to(url, "0002")
    _copy(f"sqlite:///{written}", url)
    return url


def _copy(source: str, target: str) -> None:
    one, other = create_engine(source), create_engine(target)
    here, there = MetaData(), MetaData()
    here.reflect(one)
    there.reflect(other)
    with one.connect() as reading, other.begin() as writing:
        for table in there.sorted_tables:
            rows = [dict(row._mapping) for row in reading.execute(select(here.tables[table.name]))]
            if rows and table.name != "alembic_version":
                aware = [c.name for c in table.columns if getattr(c.type, "timezone", False)]
                for row in rows:
                    row |= {name: f"{row[name]}+00:00" for name in aware if row[name] is not None}
                writing.execute(insert(table), rows)
    one.dispose()
    other.dispose()


@pytest.fixture
def store(older: str) -> Iterator[Store]:
    made = Store(older)
    yield made
    made.close()


def plain(value: Any) -> Any:
    """As JSON has it."""
    return json.loads(json.dumps(value, ensure_ascii=False, default=str))


def test_every_figure_of_the_audit_is_what_it_was(store: Store) -> None:
    report = run(store.read(lambda c: build(c, taxonomy(), MOMENT)))
    assert plain(report) == EXPECTED["report"]


def test_what_stands_for_a_ticket_is_what_stood(store: Store, tmp_path: Path) -> None:
    def read(c: Connection) -> None:
        labelled = [[one.ticket_id, one.revision, one.labels] for one in read_labelled(c, taxonomy())]
        assert sorted(labelled, key=str) == sorted(EXPECTED["labelled"], key=str)
        filters: dict[str, dict[str, Any]] = {
            "newest": {},
            "reviewed": {"reviewed": True},
            "label": {"label": "refund"},
            "reviewer": {"reviewer": "小王"},
        }
        for name, wanted in filters.items():
            rows, _ = search(c, Wanted(limit=100, **wanted))
            assert plain([(r["ticket_id"], r["revision"], r["labels"]) for r in rows]) == EXPECTED["search"][name]
        for ticket_id, corrections in EXPECTED["tickets"].items():
            assert plain(ticket(c, ticket_id, who="小王", names=False)["corrections"]) == corrections
        made = snapshot.write(c, [], until=MOMENT, home=tmp_path / "snapshots")
        assert made.manifest == EXPECTED["snapshot"]
        out = tmp_path / "out.csv"
        export.write(export.read(c), out, "csv", taxonomy())
        assert hashlib.sha256(out.read_bytes()).hexdigest() == EXPECTED["export"]
        past = [(one.ticket_id, set(one.labels.items())) for one in read_past(c)]
        was = [(ticket_id, set(labels.items())) for ticket_id, labels in EXPECTED["past"]]
        assert len(past) == len(was)
        for ticket_id, labels in was:  # a head of which only an older word speaks is told now, too
            assert any(name == ticket_id and labels <= now for name, now in past)

    run(store.read(read))


def test_the_desk_goes_on_where_it_was(store: Store) -> None:
    desk = Desk(store, taxonomy, lambda: MOMENT)
    assert run(desk.counts("小王")) == EXPECTED["counts"]
    assert (
        plain([[one["ticket_id"], one["answers"]] for one in run(desk.conflicts(names=True))]) == EXPECTED["conflicts"]
    )


def test_the_way_back_loses_nothing(older: str) -> None:
    was = before(older)
    Store(older).close()
    to(older, "0002")
    assert before(older) == was
    engine = create_engine(older)
    assert not inspect(engine).has_table("correction_labels")
    engine.dispose()
    Store(older).close()
    to(older, "0002")
    assert before(older) == was


def test_the_way_back_is_refused_where_it_would_lose_a_shops_own_head(older: str) -> None:
    from serving.ids import new_id
    from serving.labels.corrections import NewCorrection

    store = Store(older)
    new = NewCorrection(new_id(), "T-1", None, {"product_line": "shoes"}, "import", "甲", "", NOW)
    run(store.write(lambda c: LabelRecord().add(c, [new], NOW)))
    store.close()
    with pytest.raises(ValueError, match="product_line"):
        to(older, "0002")
    engine = create_engine(older)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
    engine.dispose()
