"""What the tests of the model folder share: changing it as somebody would who knows the checksums, and how a refusal reads."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import TriageModel, artefact
from triage.errors import ArtefactError

ADVICE = ("重新训练", "重新下载", "升级", "fendan train", "换一个")
"""Every refusal names one of these ways out."""


def refused(folder: Path) -> str:
    with pytest.raises(ArtefactError) as caught:
        TriageModel.load(folder)
    message = str(caught.value)
    assert any(way in message for way in ADVICE), message
    assert str(folder) in message
    return message


def rewrite(folder: Path, change: Callable[[dict[str, Any]], None], *, checksum: bool = True) -> None:
    """Changes the manifest; with ``checksum`` as somebody would who knows how the checksum is made."""
    manifest = json.loads((folder / artefact.MANIFEST).read_text(encoding="utf-8"))
    change(manifest)
    if checksum:
        manifest.pop("checksum")
        manifest["checksum"] = artefact._digest(artefact._canonical(manifest))
    (folder / artefact.MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def replace_weights(folder: Path, data: bytes) -> None:
    """Other weights, with checksums that fit."""
    (folder / artefact.WEIGHTS).write_bytes(data)
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    rewrite(folder, lambda m: m["files"].update({artefact.WEIGHTS: digest}))


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()
