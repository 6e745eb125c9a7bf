"""Starts an engine from settings: profile, model (or the reason why there is none), store, and a warm-up."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from serving.settings import Settings
from serving.store import Store
from serving.tickets.engine import Engine
from triage.decision import ModelRef
from triage.errors import ArtefactError, TaxonomyError
from triage.paths import ROOT
from triage.policy.profile import load_profile
from triage.taxonomy import Taxonomy
from triage.ticket import Ticket

log = logging.getLogger("fendan.start")

_WARM_UP = "快递三天没动了，麻烦催一下，急用"


def build_engine(settings: Settings) -> Engine:
    """An engine that is ready to answer its first ticket as fast as its thousandth.

    Raises:
        FendanError: the profile, the store or (unless ``allow_degraded``) the model cannot be used.
    """
    profile = load_profile(settings.profile, Path(settings.profiles_dir))
    model, problem = load_model(settings)
    engine = Engine(
        store=Store(settings.db, timeout=settings.db_timeout, queue_limit=settings.queue_limit),
        profile=profile,
        taxonomy=model.taxonomy if model else read_taxonomy(settings.taxonomy_file),
        model=model,
        ref=model_ref(settings, model),
        problem=problem,
    )
    engine.decide([Ticket(text=_WARM_UP)])
    return engine


def load_model(settings: Settings) -> tuple[Any, str]:
    """The model and an empty string, or None and the reason why there is none.

    Raises:
        ArtefactError: there is none, and ``allow_degraded`` does not allow that.
    """
    from models import TriageModel

    try:
        if not settings.model:
            raise ArtefactError("没有指定模型；用 FENDAN_MODEL 或 fendan serve --model 指一个模型文件夹", field="model")
        return TriageModel.load(settings.model), ""
    except ArtefactError as error:
        if not settings.allow_degraded:
            raise
        log.error("没有可用的模型，工单全部转人工：%s", error)
        return None, str(error)


def model_ref(settings: Settings, model: Any) -> ModelRef:
    """Which model stands in the decisions; without a version given, the fingerprint of the model's folder."""
    if model is None:
        return ModelRef()
    digest = str(model.manifest.get("checksum", "")).removeprefix("sha256:")
    return ModelRef(settings.model_name, settings.model_version or digest[:12])


def first_link(store: Store, settings: Settings) -> str:
    """The one-time link to make the first admin; empty when there is a user. It is for the terminal, never for a log."""
    import asyncio

    from serving.clock import utc_now
    from serving.people.first_start import new_link, welcome_address

    token = asyncio.run(new_link(store, utc_now))
    return welcome_address(settings.url, token) if token else ""


def read_taxonomy(path: Path) -> Taxonomy:
    """The taxonomy that corrections are checked against while there is no model to bring its own.

    Raises:
        TaxonomyError: the file cannot be read or is wrong.
    """
    import yaml

    try:
        return Taxonomy.from_mapping(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TaxonomyError(
            f"读不了标签体系文件 {path}：{error}；用 FENDAN_TAXONOMY 指一个", field="taxonomy"
        ) from None


def version() -> str:
    """Fendan's version: of the installed package, or of the ``pyproject.toml`` beside the packages."""
    import tomllib
    from importlib import metadata

    try:
        return metadata.version("fendan")
    except metadata.PackageNotFoundError:
        project = ROOT / "pyproject.toml"
        if not project.exists():
            return "unknown"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


def log_to_stderr() -> None:
    """Sends what Fendan logs to stderr, one line a record; ticket texts are never logged."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("fendan")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
