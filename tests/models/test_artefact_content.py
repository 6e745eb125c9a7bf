"""A model folder whose checksums are right and whose content is not: whoever wrote it is not believed."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import TriageModel, artefact
from tests.models.artefacts import npz, refused, replace_weights, rewrite
from tests.models.builders import linear, small_model, some_tickets

TEXTS = [row["text"] for row in some_tickets()[:60]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small model, saved; may be harmed."""
    small_model().save(tmp_path / "model")
    return tmp_path / "model"


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


@pytest.mark.parametrize("name", ["../model/manifest.json", "/etc/passwd", "notes.txt", "evil.pkl", ""])
def test_a_foreign_file_name_in_the_manifest_is_refused_before_it_is_read(folder: Path, name: str) -> None:
    (folder / "notes.txt").write_text("x")
    (folder / "evil.pkl").write_bytes(pickle.dumps(_Bomb()))
    digest = "sha256:" + hashlib.sha256(b"x").hexdigest()
    rewrite(folder, lambda m: m["files"].update({name: digest}))
    assert "列出的文件不对" in refused(folder)


def test_further_files_are_checked_like_the_weights(folder: Path) -> None:
    """Of the wrong content, missing, or a folder; and with the right content the model is what it was."""
    name, data = "tokenizer.json", b'{"a": 1}'
    (folder / name).write_bytes(data)
    rewrite(folder, lambda m: m["files"].update({name: "sha256:" + hashlib.sha256(data).hexdigest()}))
    assert TriageModel.load(folder).predict(TEXTS[:5]) == small_model().predict(TEXTS[:5])
    for at in range(len(data)):
        (folder / name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert "校验和" in refused(folder)
    (folder / name).unlink()
    assert name in refused(folder)
    (folder / name).mkdir()
    assert name in refused(folder)


def test_files_that_the_manifest_does_not_list_are_nobodys(folder: Path) -> None:
    (folder / artefact.CARD).write_text("# card", encoding="utf-8")
    (folder / "encoder.json").write_bytes(b"rubbish")
    assert TriageModel.load(folder).predict(TEXTS[:5]) == small_model().predict(TEXTS[:5])


def _other(folder: Path, **changed: Any) -> bytes:
    with np.load(folder / artefact.WEIGHTS, allow_pickle=False) as archive:
        arrays: dict[str, Any] = {name: archive[name] for name in archive.files}
    arrays.update(changed)
    return npz(**{name: value for name, value in arrays.items() if value is not None})


def test_weights_that_do_not_fit_are_refused(folder: Path) -> None:
    model = small_model()
    own = linear(model).arrays()
    weights, bias = own["weights"].copy(), own["bias"].copy()
    whole = _other(folder)
    bad = weights.copy()
    bad[3, 2] = np.nan
    others = [
        _other(folder, bias=None),
        _other(folder, weights=weights[:-1]),
        _other(folder, weights=weights[:, :-1]),
        _other(folder, weights=weights.astype(np.float64)),
        _other(folder, weights=bad),
        _other(folder, bias=np.full_like(bias, np.inf)),
        _other(folder, keys=own["keys"].astype(np.int64)),
        _other(folder, keys=np.float32(1)),
        npz(),
        b"",
        b"PK\x03\x04 not really",
    ]
    for data in others:
        replace_weights(folder, data)
        refused(folder)
    replace_weights(folder, whole)
    assert TriageModel.load(folder).predict(TEXTS[:5]) == model.predict(TEXTS[:5])


CHANGES: list[Callable[[dict[str, Any]], Any]] = [
    lambda m: m.update(heads={}),
    lambda m: m.update(heads=[]),
    lambda m: m.pop("heads"),
    lambda m: m.pop("taxonomy"),
    lambda m: m.update(taxonomy={"heads": {"mood": {"labels": []}}}),
    lambda m: m.pop("features"),
    lambda m: m.update(features={"unknown": 1}),
    lambda m: m.update(files=[]),
    lambda m: m["files"].pop(artefact.WEIGHTS),
    lambda m: m.update(kind="forest"),
    lambda m: m.update(kind=["linear"]),
    lambda m: m.update(kind="encoder"),
    lambda m: m.update(kind="blend"),
    lambda m: m.pop("kind"),
    lambda m: m["heads"]["urgency"]["labels"].pop(),
    lambda m: m["heads"]["urgency"]["labels"].append("never"),
    lambda m: m["heads"]["urgency"]["limits"].popitem(),
    lambda m: m["heads"]["urgency"]["limits"]["normal"].pop("pool"),
    lambda m: m["heads"]["urgency"]["limits"]["normal"].update(auto="high"),
    lambda m: m["heads"]["urgency"]["limits"].update(normal=None),
    lambda m: m["heads"]["urgency"]["calibration"]["bias"].pop(),
    lambda m: m["heads"]["urgency"]["calibration"].pop("method"),
    lambda m: m["heads"]["urgency"]["calibration"].update(method="guess"),
    lambda m: m["heads"]["urgency"].pop("calibration"),
    lambda m: m["heads"]["urgency"].update(pool=[1.0, 1.0]),
    lambda m: m["heads"]["urgency"].update(pool=[0.0]),
    lambda m: m["heads"]["urgency"].update(pool=[-1.0]),
    lambda m: m["heads"]["urgency"].update(pool=1.0),
    lambda m: m["heads"]["urgency"]["weights"].popitem(),
    lambda m: m["heads"]["urgency"]["weights"].update(normal=0.0),
    lambda m: m["heads"]["urgency"]["weights"].update(normal=-1.0),
    lambda m: m["heads"]["urgency"].pop("weights"),
    lambda m: m["heads"]["urgency"].update(labels=["normal"]),
    lambda m: m["heads"]["urgency"].update(labels=["normal", "normal", "high", "low"]),
    lambda m: m["heads"]["urgency"].update(labels=[1, 2, 3, 4]),
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
