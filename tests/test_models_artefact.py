"""The model folder: what was written is what is read; anything else is refused, in words that help."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import TriageModel, artefact
from tests.models_fixtures import small_model, some_tickets
from triage.errors import ArtefactError

TEXTS = [row["text"] for row in some_tickets()[:60]]
ADVICE = ("重新训练", "重新下载", "升级", "fendan train", "换一个")
"""Every refusal names one of these ways out."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small model, saved; may be harmed."""
    small_model().save(tmp_path / "model")
    return tmp_path / "model"


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


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("exploded",)


def test_a_pickle_among_the_weights_is_refused_and_never_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    bomb = np.array([_Bomb()], dtype=object)
    replace_weights(folder, npz(keys=bomb, idf=bomb, weights=bomb, bias=bomb))
    refused(folder)
    replace_weights(folder, pickle.dumps(_Bomb()))
    refused(folder)
    assert not (folder / "exploded").exists()


def _other(**changed: Any) -> bytes:
    loaded = small_model()
    arrays: dict[str, Any] = {
        "keys": loaded._vocabulary.keys,
        "idf": loaded._vocabulary.idf,
        "weights": loaded._table.lines[:, 1:],
        "bias": loaded._table.bias,
    }
    arrays.update(changed)
    return npz(**{name: value for name, value in arrays.items() if value is not None})


def test_weights_that_do_not_fit_are_refused(folder: Path) -> None:
    model = small_model()
    weights, bias = model._table.lines[:, 1:].copy(), model._table.bias.copy()
    bad = weights.copy()
    bad[3, 2] = np.nan
    others = [
        _other(bias=None),
        _other(weights=weights[:-1]),
        _other(weights=weights[:, :-1]),
        _other(weights=weights.astype(np.float64)),
        _other(weights=bad),
        _other(bias=np.full_like(bias, np.inf)),
        _other(keys=model._vocabulary.keys.astype(np.int64)),
        _other(keys=np.float32(1)),
        npz(),
        b"",
        b"PK\x03\x04 not really",
    ]
    for data in others:
        replace_weights(folder, data)
        refused(folder)
    replace_weights(folder, _other())
    assert TriageModel.load(folder).predict(TEXTS[:5]) == model.predict(TEXTS[:5])


CHANGES: list[Callable[[dict[str, Any]], Any]] = [
    lambda m: m.update(heads={}),
    lambda m: m.update(heads=[]),
    lambda m: m.pop("heads"),
    lambda m: m.pop("taxonomy"),
    lambda m: m.update(taxonomy={"heads": {"mood": {"labels": []}}}),
    lambda m: m.pop("features"),
    lambda m: m.update(features={"unknown": 1}),
    lambda m: m.update(target_error="much"),
    lambda m: m.update(files=[]),
    lambda m: m["heads"]["urgency"]["labels"].pop(),
    lambda m: m["heads"]["urgency"]["labels"].append("never"),
    lambda m: m["heads"]["urgency"]["limits"].popitem(),
    lambda m: m["heads"]["urgency"]["calibration"]["bias"].pop(),
    lambda m: m["heads"]["urgency"]["calibration"].pop("scale"),
]


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_a_manifest_that_contradicts_itself_is_refused(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Written by somebody who made the checksum anew."""
    rewrite(folder, change)
    refused(folder)


def test_limits_are_read_by_label_not_by_place(folder: Path) -> None:
    rewrite(
        folder, lambda m: m["heads"]["category"].update(limits=dict(sorted(m["heads"]["category"]["limits"].items())))
    )
    assert TriageModel.load(folder).predict(TEXTS) == small_model().predict(TEXTS)
