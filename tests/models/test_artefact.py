"""The model folder: what was written is what is read; anything else is refused, in words that help."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import TriageModel, artefact
from tests.models.artefacts import refused, rewrite
from tests.models.builders import small_model, some_tickets

TEXTS = [row["text"] for row in some_tickets()[:60]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small model, saved; may be harmed."""
    small_model().save(tmp_path / "model")
    return tmp_path / "model"


# --- what was altered is refused


def test_every_changed_byte_of_the_weights_is_noticed(folder: Path) -> None:
    place = folder / artefact.WEIGHTS
    data = place.read_bytes()
    rng = np.random.default_rng(1)
    for at in [0, len(data) - 1, *rng.integers(0, len(data), 80).tolist()]:
        changed = bytearray(data)
        changed[at] ^= int(rng.integers(1, 256))
        place.write_bytes(changed)
        assert "校验和" in refused(folder)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def different(value: Any) -> Any:
    if isinstance(value, str):
        return value + "x"
    return not value if isinstance(value, bool) else (value or 0) + 1


def test_every_changed_value_of_the_manifest_is_noticed(folder: Path) -> None:
    place = folder / artefact.MANIFEST
    whole = json.loads(place.read_text(encoding="utf-8"))
    paths = list(leaves(whole))
    assert len(paths) > 150
    for path in paths:
        manifest = copy.deepcopy(whole)
        inner = manifest
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = different(inner[path[-1]])
        place.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
        refused(folder)


def test_a_removed_or_added_key_is_noticed(folder: Path) -> None:
    whole = (folder / artefact.MANIFEST).read_text(encoding="utf-8")
    for key in json.loads(whole):
        rewrite(folder, lambda m, k=key: m.pop(k), checksum=False)  # type: ignore[misc]
        refused(folder)
        (folder / artefact.MANIFEST).write_text(whole, encoding="utf-8")
    rewrite(folder, lambda m: m.update(extra=1), checksum=False)
    refused(folder)


def test_sorting_the_manifest_is_noticed(folder: Path) -> None:
    """The order of the heads is the order of the weight columns."""
    place = folder / artefact.MANIFEST
    place.write_text(json.dumps(json.loads(place.read_text(encoding="utf-8")), sort_keys=True), encoding="utf-8")
    refused(folder)


def test_layout_of_the_manifest_does_not_matter(folder: Path) -> None:
    rewrite(folder, lambda _: None, checksum=False)
    TriageModel.load(folder)


# --- what is foreign, newer, broken or missing is refused


def test_a_newer_format_asks_for_an_upgrade(folder: Path) -> None:
    rewrite(folder, lambda m: m.update(format_version=artefact.FORMAT_VERSION + 1))
    assert "升级" in refused(folder)


@pytest.mark.parametrize("version", [0, -1, "1", None, 1.5, [1]])
def test_a_format_version_that_is_none_is_refused(folder: Path, version: object) -> None:
    rewrite(folder, lambda m: m.update(format_version=version))
    refused(folder)


def test_the_first_format_asks_for_training_again(folder: Path) -> None:
    rewrite(folder, lambda m: m.update(format_version=1))
    assert "格式版本是 1" in refused(folder)
    assert "请用 fendan train 重新训练" in refused(folder)


def test_other_features_ask_for_training(folder: Path) -> None:
    rewrite(folder, lambda m: m["features"].update(version=99))
    assert "特征版本" in refused(folder)


CONTENTS = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"fendan-model"',
    b'{"name": "my web app", "icons": []}',
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b'{"format": "fendan-model", "format_version": 1, "x": NaN}',
    b'{"format": "fendan-model", "format_version": 1, "x": "\\ud800"}',
    b'{"format": "fendan-model", "format_version": 1, "checksum": null}',
]


@pytest.mark.parametrize("content", CONTENTS, ids=range(len(CONTENTS)))
def test_a_manifest_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / artefact.MANIFEST).write_bytes(content)
    refused(folder)


def test_half_a_manifest_is_refused(folder: Path) -> None:
    whole = (folder / artefact.MANIFEST).read_bytes()
    (folder / artefact.MANIFEST).write_bytes(whole[: len(whole) // 2])
    refused(folder)


def test_half_the_weights_are_refused(folder: Path) -> None:
    whole = (folder / artefact.WEIGHTS).read_bytes()
    (folder / artefact.WEIGHTS).write_bytes(whole[: len(whole) // 2])
    refused(folder)


@pytest.mark.parametrize("name", [artefact.MANIFEST, artefact.WEIGHTS])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name in refused(folder)


@pytest.mark.parametrize("name", [artefact.MANIFEST, artefact.WEIGHTS])
def test_a_folder_a_pipe_or_a_dangling_link_is_no_file(folder: Path, name: str) -> None:
    place = folder / name
    place.unlink()
    place.mkdir()
    assert name in refused(folder)
    place.rmdir()
    os.mkfifo(place)  # reading it would wait for a writer
    assert name in refused(folder)
    place.unlink()
    place.symlink_to(folder / "nowhere")
    assert name in refused(folder)


def test_linked_files_load(folder: Path, tmp_path: Path) -> None:
    """Caches of downloaded models are often links."""
    (tmp_path / "linked").mkdir()
    for name in os.listdir(folder):
        (tmp_path / "linked" / name).symlink_to(folder / name)
    assert TriageModel.load(tmp_path / "linked").predict(TEXTS[:5]) == small_model().predict(TEXTS[:5])


def test_no_folder_an_empty_folder_and_a_file_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "missing")
    refused(tmp_path)
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file")
