"""What is made once in a test run and shared by its processes: fitted models, databases already migrated, compiled kernels.

Fitting is what the tests wait for most, and every process would do it again. What one of them has built lies, pickled, in a
folder of the run; the others wait at a lock and read it. Files there are read-only: a test that changed one would be seen.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import pickle
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

for _threads in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
):  # read when NumPy and torch are imported
    os.environ.setdefault(_threads, "1")  # a process a core: more threads would only wait for each other

_ROOT = Path(__file__).resolve().parents[1]
_RUN = "FENDAN_TEST_RUN"
_MEMORY = Path("/dev/shm")
_ENOUGH = 6 << 30  # bytes; a run with all tests needs about two GB


def begin() -> None:
    """Makes the run's folder, in the process that starts the others.

    Where there is plenty of memory it lies there, and all temporary folders in it: SQLite waits for a disk at each commit, thousands
    of times. They go with it at the end; to look at what a test has left, say where: ``TMPDIR=/tmp``.
    """
    if _RUN in os.environ:
        return
    memory = _in_memory()
    os.environ[_RUN] = tempfile.mkdtemp(prefix="fendan-tests-", dir=_MEMORY if memory else None)
    (run_folder() / "serving").mkdir()
    if memory:
        (run_folder() / "tmp").mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(run_folder() / "tmp")


def _in_memory() -> bool:
    """Whether temporary folders may lie in memory: nobody said where, there is room, and programs run there (a wheel's)."""
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK) or os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(_MEMORY).free > _ENOUGH


def end() -> None:
    """Removes it, in the same process, and says when somebody has written into it."""
    folder = Path(os.environ.pop(_RUN))
    touched = [path for path in folder.glob("*.pickle") if path.stat().st_mode & 0o222 or not _unchanged(path)]
    shutil.rmtree(folder, ignore_errors=True)
    assert not touched, f"a test has changed what all tests share: {touched}"


def run_folder() -> Path:
    """The folder of this run."""
    return Path(os.environ[_RUN])


def once_per_run(build: Callable[[], T]) -> Callable[[], T]:
    """Like :func:`functools.cache`, but over all processes of the run. What is built must be picklable."""
    name = f"{build.__module__}.{build.__qualname__}"

    @functools.cache
    @functools.wraps(build)
    def shared() -> T:
        path = run_folder() / f"{name}.pickle"
        with locked(name):
            if path.exists():
                made: T = pickle.loads(path.read_bytes())
                return made
            built = build()
            data = pickle.dumps(built)
            path.write_bytes(data)
            path.with_suffix(".sha256").write_text(hashlib.sha256(data).hexdigest())
            path.chmod(0o444)
            return built

    return shared


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one process of the run at a time is inside."""
    with (run_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@once_per_run
def _mlflow_tables() -> bytes:
    """An SQLite file with MLflow's tables and no experiment, since an experiment names the folder where it was made."""
    from mlflow import MlflowClient

    with tempfile.TemporaryDirectory() as place:
        uri = f"sqlite:///{place}/mlflow.db"
        MlflowClient(uri, uri).search_experiments()
        with closing(sqlite3.connect(f"{place}/mlflow.db")) as connection, connection:
            connection.execute("DELETE FROM experiments")
        return Path(place, "mlflow.db").read_bytes()


def mlflow_store(file: Path) -> str:
    """An empty MLflow store at ``file`` that is migrated already, which takes MLflow seconds; its address."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_mlflow_tables())
    return f"sqlite:///{file}"


def share_kernels(copy: Path) -> None:
    """Gives a copy of our packages (a wheel's, a bento's, a stored model's) what Numba has compiled for the clone.

    It compiles for seconds in every folder that it has not seen, and takes what lies there for its own where the source is
    the same to the byte. What the clone has not compiled yet, or the copy has otherwise, is compiled as ever.
    """
    for package in (path for path in copy.iterdir() if (_ROOT / path.name / "__init__.py").exists()):
        for compiled in (_ROOT / package.name).rglob("__pycache__/*.nb[ci]"):
            beside = copy / compiled.relative_to(_ROOT).parent
            if beside.parent.is_dir():
                beside.mkdir(exist_ok=True)
                shutil.copy(compiled, beside)


def _unchanged(path: Path) -> bool:
    return path.with_suffix(".sha256").read_text() == hashlib.sha256(path.read_bytes()).hexdigest()
