"""``fendan bento``: packs the service with one model, for machines that never train."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

from serving.registry import resolve
from triage.errors import ArtefactError, InputError
from triage.paths import ROOT, child_environment, python

MODEL = ROOT / "var" / "bento" / "model"
"""Where ``bentofile.yaml`` looks for the model: in the clone, whatever ``FENDAN_HOME`` says."""


def _check_kind(manifest: dict[str, Any], model: str) -> None:
    """A bento goes without torch: what needs it would start and then answer nothing."""
    kind = manifest.get("kind", "linear")
    if kind != "linear":
        raise InputError(
            f"模型 {model} 是 {kind}，要用 torch 和 transformers，而 bento 不带它们；请打线性模型的包"
            "（fendan train --model linear），或在装了 fendan[encoder] 的机器上用 fendan serve",
            field="model",
        )


def build(model: str) -> str:
    """Puts ``model`` where ``bentofile.yaml`` looks for it, runs ``bentoml build``, and returns the bento's tag.

    Raises:
        InputError: this is no clone of the repository, so there is nothing to pack.
        RegistryError, ArtefactError: no such model, or it is damaged.
        subprocess.CalledProcessError: the build failed; BentoML has said why on stderr.
    """
    from models import artefact

    if not (ROOT / "bentofile.yaml").exists():
        raise InputError(f"{ROOT} 里没有 bentofile.yaml；请在仓库的克隆里运行 fendan bento（make bento）")
    found = resolve(model)
    _check_kind(artefact.read(found.folder)[0], model)
    shutil.rmtree(MODEL, ignore_errors=True)
    try:
        shutil.copytree(found.folder, MODEL)
    except OSError as error:
        raise ArtefactError(f"不能把模型放进 {MODEL}：{error}", field="model") from error
    env = child_environment() | {"BENTOML_DO_NOT_TRACK": "True"}
    command = [*python("bentoml"), "build", "--output", "tag"]
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip().splitlines()[-1].removeprefix("__tag__:")
