"""What the tests of the training room share: starter tickets, a small model, and one real training through the command line."""

from __future__ import annotations

import functools
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from intake.report import RowSource
from models.promise.targets import Targets
from tests.shared import mlflow_store, once_per_run, run_folder
from training.data.corpus import Corpus, read_corpus
from training.data.standard import load_taxonomy
from training.fit.fit import Trained, train
from training.fit.spec import TrainingSpec
from triage.taxonomy import Taxonomy

ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "datasets" / "starter" / "tickets.jsonl"

FENDAN = "import sys; sys.path.insert(0, sys.argv.pop(1)); from fendan import main; sys.argv[0] = 'fendan'; main()"


def fendan(*arguments: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own, as a user would; no tracking store but the one under ``cwd``."""
    command = [sys.executable, "-c", FENDAN, str(ROOT), *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env={**bare(), **env}, capture_output=True, text=True, timeout=1500)


class Done(NamedTuple):
    """How a command ended and what it said."""

    status: int
    out: str
    err: str


_OFTEN = """
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
import fendan
answers = []
for arguments in json.loads(sys.argv[2]):
    sys.argv = ["fendan", *arguments]
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            fendan.main()
        except SystemExit as end:
            status = end.code or 0
    answers.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(answers))
"""


def fendan_often(*commands: Sequence[object], cwd: Path, **env: str) -> list[Done]:
    """Several commands in one process: MLflow takes seconds to import."""
    lines = json.dumps([[str(word) for word in words] for words in commands])
    arguments = [sys.executable, "-c", _OFTEN, str(ROOT), lines]
    done = subprocess.run(arguments, cwd=cwd, env={**bare(), **env}, capture_output=True, text=True, timeout=1500)
    assert (done.returncode, done.stderr) == (0, "")
    return [Done(*answer) for answer in json.loads(done.stdout)]


def fendan_here(*arguments: object, cwd: Path) -> Done:
    """The command in this process, for what never reaches MLflow: it remembers the first store it was told of."""
    import fendan as command

    out, err, typed = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["fendan", *map(str, arguments)]
    try:
        with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
            command.main()
    except SystemExit as end:
        return Done(int(end.code or 0), out.getvalue(), err.getvalue())
    finally:
        sys.argv = typed
    raise AssertionError("the command ends by SystemExit")


def write_text(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def bare() -> dict[str, str]:
    """The environment without what says where MLflow or our packages are."""
    return {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_") and k != "PYTHONPATH"}


@functools.cache
def taxonomy() -> Taxonomy:
    return load_taxonomy("")


@functools.cache
def starter_rows() -> tuple[dict[str, Any], ...]:
    """Two hundred starter tickets, the same ones every time, in the order of their dates."""
    rows = [json.loads(line) for line in STARTER.read_text(encoding="utf-8").splitlines()]
    return tuple(sorted(random.Random(7).sample(rows, 200), key=lambda row: row["created_at"]))


def write_jsonl(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@functools.cache
def _folder() -> Path:
    """What all processes of a run have of training: files, a saved model, a store of MLflow's. Nobody writes there later."""
    folder = run_folder() / "training"
    folder.mkdir(exist_ok=True)
    return folder


@once_per_run
def starter_file() -> Path:
    return write_jsonl(_folder() / "starter.jsonl", starter_rows())


@functools.cache
def starter() -> Corpus:
    return read_corpus([starter_file()], taxonomy())


@once_per_run
def trained() -> Trained:
    """A model that promises little (30 % error), so that some of its answers are automatic."""
    return train(starter(), taxonomy(), TrainingSpec(targets=Targets(0.3)))


@once_per_run
def model_folder() -> Path:
    folder = _folder() / "small"
    trained().model.save(folder)
    return folder


def corpus(
    texts: Sequence[str],
    labels: Mapping[str, Sequence[str | None]] | None = None,
    created_at: Sequence[datetime | None] = (),
) -> Corpus:
    """A corpus that no file was needed for."""
    empty = ("",) * len(texts)
    return Corpus(
        ids=empty,
        texts=tuple(texts),
        labels={head: tuple(column) for head, column in (labels or {"category": ["a"] * len(texts)}).items()},
        created_at=tuple(created_at) or (None,) * len(texts),
        channel=empty,
        customer_id=empty,
        sources=tuple(RowSource("x.csv", row) for row in range(2, len(texts) + 2)),
    )


class Home(NamedTuple):
    """Where ``fendan train`` has run three times, and what it said each time (see :func:`home`)."""

    folder: Path
    first: dict[str, Any]
    second: dict[str, Any]
    spoken: Done


@once_per_run
def home() -> Home:
    """A real store with two versions of the model ``fendan``.

    The first training registers the champion, learned from every ticket, as folder M; the second another version without
    the refit, as folder N; the third registers nothing and speaks to people.
    """
    place = _folder() / "home"
    mlflow_store(place / "var" / "mlflow.db")
    rest = ("--target-error", "0.3", "--register", "fendan", "--json")
    done = fendan_often(
        ("train", starter_file(), "--out", "M", *rest),
        ("train", starter_file(), "--out", "N", "--no-refit", "--seed", "1", *rest),
        ("train", starter_file(), "--no-refit"),
        cwd=place,
    )
    assert [one.status for one in done] == [0, 0, 0], done
    assert [one.err for one in done] == ["", "", ""], "no bar, no warning, no line of MLflow's"
    return Home(place, json.loads(done[0].out), json.loads(done[1].out), done[2])
