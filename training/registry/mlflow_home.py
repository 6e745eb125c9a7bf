"""The one place where MLflow is imported and told where to keep things and what not to do."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from triage.errors import RegistryError
from triage.paths import home

EXPERIMENT = "fendan"


def load_mlflow() -> Any:
    """The ``mlflow`` module, usage reports off, its chatter silenced, pointed at the tracking store.

    When ``MLFLOW_TRACKING_URI`` says nothing, that is ``mlflow.db`` in :func:`triage.paths.home`, with ``mlartifacts`` beside.

    It is not opened yet: errors come from what is asked of it, see :func:`reaching`.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    import mlflow

    for name in ("alembic", "alembic.runtime.migration", "mlflow", "mlflow.store.db.utils"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        home().mkdir(parents=True, exist_ok=True)
        mlflow.set_tracking_uri(_local_uri())
    return mlflow


def _local_uri() -> str:
    return f"sqlite:///{(home() / 'mlflow.db').resolve()}"


def nothing_kept() -> bool:
    """Whether no store is named and none lies here: to ask would create an empty one, in seconds."""
    return not os.environ.get("MLFLOW_TRACKING_URI") and not (home() / "mlflow.db").exists()


@contextmanager
def reaching(mlflow: Any) -> Iterator[None]:
    """Whatever keeps the store from answering becomes a :class:`RegistryError` that names the store and the way out."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError) as error:
        raise RegistryError(
            f"用不了 MLflow（{mlflow.get_tracking_uri()}）：{first_line(error)}；"
            f"请检查 MLFLOW_TRACKING_URI 与权限，或去掉这个变量，改用本地的 {home() / 'mlflow.db'}"
        ) from error


def use_experiment(mlflow: Any) -> None:
    """Selects the experiment, creating it; a local store keeps its files beside the database.

    Raises:
        RegistryError: the store cannot be opened.
    """
    with reaching(mlflow), quiet():
        if mlflow.get_experiment_by_name(EXPERIMENT) is None:
            local = mlflow.get_tracking_uri() == _local_uri()  # the variable tells nothing: MLflow sets it itself
            place = (home() / "mlartifacts").resolve().as_uri() if local else None
            mlflow.create_experiment(EXPERIMENT, artifact_location=place)
        mlflow.set_experiment(EXPERIMENT)


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps MLflow's hints and its own progress off the terminal; errors are exceptions and still come through."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def first_line(error: Exception) -> str:
    """The first line of a library's message, which is the part a person needs."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line if len(line) <= 200 else line[:200] + "…"
