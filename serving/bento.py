"""``fendan bento``: packs the service with one model, for machines that never train."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from serving.registry import resolve
from serving.settings import ROOT
from triage.errors import ArtefactError, InputError

MODEL = ROOT / "var" / "bento" / "model"
"""Where ``bentofile.yaml`` looks for the model."""


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
    artefact.read(found.folder)
    shutil.rmtree(MODEL, ignore_errors=True)
    try:
        shutil.copytree(found.folder, MODEL)
    except OSError as error:
        raise ArtefactError(f"不能把模型放进 {MODEL}：{error}", field="model") from error
    env = {**os.environ, "BENTOML_DO_NOT_TRACK": "True", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bentoml", "build", "--output", "tag"]
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip().splitlines()[-1].removeprefix("__tag__:")
