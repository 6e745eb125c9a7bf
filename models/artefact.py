"""A model as a folder: ``manifest.json``, ``weights.npz``, ``model_card.md``; with an encoder also its safetensors and
tokenizer. No pickle, nothing that runs code on loading.

Loading trusts nothing: the manifest carries a checksum of itself and of the weights, and is refused when either differs,
when the format is newer than this code, when the folder was not written by Fendan, or when shapes do not fit together.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import itertools
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import scorers
from triage.errors import ArtefactError

FORMAT = "fendan-model"
FORMAT_VERSION = 2
"""1 had one calibration and no pools; nothing of it was ever released, so it is not read any more."""
MANIFEST, WEIGHTS, CARD = "manifest.json", "weights.npz", "model_card.md"

_OWN = ("format", "format_version", "files", "checksum")
"""Keys of the manifest that belong to the folder, not to the model."""

_MOST_ATTEMPTS = 100


def write(
    folder: str | Path,
    manifest: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    extra: Mapping[str, bytes] | None = None,
) -> None:
    """Writes a model folder. It is built beside its place and moved there, so nobody ever sees half of one.

    An existing model folder is replaced (of two writers the later one wins); a folder that is something else is not touched.

    Args:
        extra: further files by name, of those that :func:`models.scorers.files` lists.

    Raises:
        ArtefactError: ``folder`` exists and is not a Fendan model, or cannot be written.
        ValueError: a name that is none of these.
    """
    if foreign := set(extra or ()) - set(scorers.files()):
        raise ValueError(f"no place in a model folder for {sorted(foreign)}")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    data = buffer.getvalue()
    kept = {k: v for k, v in manifest.items() if k not in _OWN}  # a loaded model brings those of its old folder
    content = {WEIGHTS: data, **(extra or {})}
    digests = {name: _digest(value) for name, value in content.items()}
    whole = {"format": FORMAT, "format_version": FORMAT_VERSION, **kept, "files": digests}
    whole["checksum"] = _digest(_canonical(whole))
    text = json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False)
    with _workshop(folder) as (target, workshop):
        fresh = workshop / "new"
        fresh.mkdir()
        for name, value in content.items():
            (fresh / name).write_bytes(value)
        (fresh / MANIFEST).write_text(text, encoding="utf-8")
        _move(fresh, target, workshop)


def check_place(folder: str | Path) -> None:
    """Whether :func:`write` could write to ``folder``: to be asked before a long training. Makes the parent folders.

    Raises:
        ArtefactError: as :func:`write`.
    """
    with _workshop(folder):
        pass


@contextmanager
def _workshop(folder: str | Path) -> Iterator[tuple[Path, Path]]:
    """The place that is meant, and a temporary folder beside it to build in."""
    target = Path(os.path.realpath(folder))  # a link to a model folder stays a link
    try:
        if _taken(target):
            raise ArtefactError(f"{target} 已存在且不是 Fendan 模型文件夹，不覆盖；请换一个 --out", field="out")
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as place:
            yield target, Path(place)
    except OSError as error:
        raise ArtefactError(
            f"不能写入 {target}：{error.strerror or error}；请换一个可写的 --out", field="out"
        ) from error


def _taken(target: Path) -> bool:
    """Whether something stands at ``target`` that is neither a Fendan model nor an empty folder."""
    while (before := _identity(target)) is not None:
        if not _is_foreign(target):
            return False
        if _identity(target) == before:  # else another writer put a new folder there while we looked
            return True
    return False


def _is_foreign(target: Path) -> bool:
    try:
        if not os.listdir(target):
            return False
        manifest = json.loads(_bytes(target / MANIFEST))
    except (OSError, ValueError, RecursionError):
        return True
    return not isinstance(manifest, dict) or manifest.get("format") != FORMAT


def _identity(target: Path) -> tuple[int, int, int] | None:
    try:
        found = os.lstat(target)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_ctime_ns


def _move(fresh: Path, target: Path, workshop: Path) -> None:
    """Puts ``fresh`` at ``target``, what stood there into ``workshop``; tries again when another writer was quicker."""
    for attempt in itertools.count():
        old = workshop / f"old{attempt}"
        with contextlib.suppress(FileNotFoundError):
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST) and attempt < _MOST_ATTEMPTS:
                continue
            if old.exists() and not target.exists():
                old.rename(target)
            raise
        return


def read(folder: str | Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]], dict[str, bytes]]:
    """Reads and verifies a model folder: manifest, arrays of the weights, further files.

    Raises:
        ArtefactError: says which file is missing, foreign, newer or altered, and how to mend it.
    """
    source = Path(folder)
    try:
        text = _bytes(source / MANIFEST).decode("utf-8")
    except (OSError, ValueError):
        raise ArtefactError(
            f"{source} 里没有可读的 {MANIFEST}，不是 Fendan 模型文件夹；应是 fendan train --out 写出的文件夹",
            field="model",
        ) from None
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArtefactError(
            f"{source / MANIFEST} 不是完整的 JSON（{error}）；请重新训练或重新下载", field="model"
        ) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtefactError(
            f"{source / MANIFEST} 不是 Fendan 的清单（format 应为 {FORMAT!r}）；应是 fendan train --out 写出的文件夹",
            field="model",
        )
    version = manifest.get("format_version")
    if isinstance(version, int) and 1 <= version < FORMAT_VERSION:
        raise ArtefactError(
            f"{source} 的格式版本是 {version}，是旧版 Fendan 写的；请用 fendan train 重新训练", field="model"
        )
    if not isinstance(version, int) or version != FORMAT_VERSION:
        raise ArtefactError(
            f"{source} 的格式版本是 {version!r}，这个 Fendan 只读到 {FORMAT_VERSION}；请升级 Fendan 再加载",
            field="model",
        )
    stated = manifest.pop("checksum", None)
    try:
        same = stated == _digest(_canonical(manifest))
    except ValueError:  # NaN or half a character pair: nothing that write() puts there
        same = False
    if not same:
        raise ArtefactError(f"{source / MANIFEST} 被改动过（校验和不符）；请重新训练或重新下载", field="model")
    files = manifest.get("files")
    if not isinstance(files, dict) or WEIGHTS not in files or set(files) - {WEIGHTS, *scorers.files()}:
        raise ArtefactError(f"{source / MANIFEST} 列出的文件不对；请重新训练", field="model")
    content = {name: _content(source / name, str(files[name])) for name in files}
    data = content.pop(WEIGHTS)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # NumPy and zipfile raise a dozen kinds; whoever made this also made the checksums
        raise ArtefactError(f"{source / WEIGHTS} 不是 Fendan 写的权重（{error}）；请重新训练", field="model") from error
    manifest["checksum"] = stated
    return manifest, arrays, content


def _content(path: Path, digest: str) -> bytes:
    try:
        data = _bytes(path)
    except OSError:
        raise ArtefactError(f"{path.parent} 缺少可读的 {path.name}；请重新训练或重新下载", field="model") from None
    if _digest(data) != digest:
        raise ArtefactError(f"{path} 损坏或被改动过（校验和不符）；请重新训练或重新下载", field="model")
    return data


def _bytes(path: Path) -> bytes:
    """Content of a regular file; a folder, a pipe or a dangling link is an OSError (reading a pipe would wait for ever)."""
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return path.read_bytes()


def _canonical(manifest: dict[str, Any]) -> bytes:
    """What the checksum is taken of. Keys are not sorted: the order of the heads is the order of the columns."""
    return json.dumps(manifest, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
