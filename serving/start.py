"""What the service begins with: a model, or the reason why there is none; its version; where its log goes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from serving.settings import Settings
from serving.taxonomy_file import read_taxonomy
from triage.decision import ModelRef
from triage.errors import ArtefactError
from triage.paths import ROOT
from triage.policy.gaps import LabelGap
from triage.taxonomy import Taxonomy

log = logging.getLogger("fendan.start")


class Loaded(NamedTuple):
    """A model with its name and labels; without one, ``problem`` says why, for people."""

    model: Any
    ref: ModelRef
    taxonomy: Taxonomy
    problem: str = ""


def load(settings: Settings) -> Loaded:
    """The model that the settings name; without one the labels of the taxonomy file.

    Raises:
        ArtefactError: there is none, and ``allow_degraded`` does not allow that.
        TaxonomyError: there is none, and the file is wrong.
    """
    model, problem = load_model(settings)
    taxonomy = model.taxonomy if model else read_taxonomy(settings.taxonomy_file)
    return Loaded(model, model_ref(settings, model), taxonomy, problem)


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


def say_gaps(gaps: Sequence[LabelGap]) -> None:
    """Logs where profile and model do not fit, for whoever watches the console."""
    for gap in gaps:
        log.warning("%s", gap.text)


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
