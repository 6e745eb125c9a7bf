"""A model as a folder: ``manifest.json``, ``weights.npz``, ``model_card.md``. No pickle, nothing that runs code on loading.

Loading trusts nothing: the manifest carries a checksum of itself and of the weights, and is refused when either differs,
when the format is newer than this code, when the folder was not written by Fendan, or when shapes do not fit together.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import uuid
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import ArtefactError

FORMAT = "fendan-model"
FORMAT_VERSION = 1
MANIFEST, WEIGHTS, CARD = "manifest.json", "weights.npz", "model_card.md"


def write(folder: str | Path, manifest: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    """Writes a model folder. It is built beside its place and moved there, so nobody ever sees half of one.

    An existing model folder is replaced; a folder that is something else is not touched.

    Raises:
        ArtefactError: ``folder`` exists and is not a Fendan model, or cannot be written.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or (any(target.iterdir()) and not (target / MANIFEST).exists())):
        raise ArtefactError(f"{target} 已存在且不是 Fendan 模型文件夹，不覆盖；请换一个 --out", field="out")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    data = buffer.getvalue()
    manifest = {"format": FORMAT, "format_version": FORMAT_VERSION, **manifest}
    manifest["files"] = {WEIGHTS: _digest(data)}
    manifest["checksum"] = _digest(_canonical(manifest))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        fresh.mkdir()
    except OSError as error:
        raise ArtefactError(
            f"不能写入 {target}：{error.strerror or error}；请换一个可写的 --out", field="out"
        ) from error
    try:
        (fresh / WEIGHTS).write_bytes(data)
        text = json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False)
        (fresh / MANIFEST).write_text(text, encoding="utf-8")
        if target.exists():
            old = fresh.with_name(fresh.name + ".old")
            target.rename(old)
            fresh.rename(target)
            shutil.rmtree(old)
        else:
            fresh.rename(target)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise ArtefactError(f"不能写入 {target}：{error.strerror or error}", field="out") from error


def read(folder: str | Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Reads and verifies a model folder.

    Raises:
        ArtefactError: says which file is missing, foreign, newer or altered, and how to mend it.
    """
    source = Path(folder)
    try:
        text = (source / MANIFEST).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ArtefactError(
            f"{source} 里没有可读的 {MANIFEST}，不是 Fendan 模型文件夹；应是 fendan train --out 写出的文件夹",
            field="model",
        ) from None
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise ArtefactError(
            f"{source / MANIFEST} 不是完整的 JSON（{error}）；请重新训练或重新下载", field="model"
        ) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtefactError(f"{source / MANIFEST} 不是 Fendan 的清单（format 应为 {FORMAT!r}）", field="model")
    version = manifest.get("format_version")
    if not isinstance(version, int) or version > FORMAT_VERSION or version < 1:
        raise ArtefactError(
            f"{source} 的格式版本是 {version!r}，这个 Fendan 只读到 {FORMAT_VERSION}；请升级 Fendan 再加载",
            field="model",
        )
    stated = manifest.pop("checksum", None)
    if stated != _digest(_canonical(manifest)):
        raise ArtefactError(f"{source / MANIFEST} 被改动过（校验和不符）；请重新训练或重新下载", field="model")
    try:
        data = (source / WEIGHTS).read_bytes()
    except OSError:
        raise ArtefactError(f"{source} 缺少 {WEIGHTS}；请重新训练或重新下载", field="model") from None
    if _digest(data) != manifest.get("files", {}).get(WEIGHTS):
        raise ArtefactError(f"{source / WEIGHTS} 损坏或被改动过（校验和不符）；请重新训练或重新下载", field="model")
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    manifest["checksum"] = stated
    return manifest, arrays


def _canonical(manifest: dict[str, Any]) -> bytes:
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
