"""What is written is what is read, and writing harms nothing: not another's files, not the model that stands there, not a writer beside it."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from models import TriageModel, artefact
from tests.models.builders import other_model, small_model, some_tickets
from triage.errors import ArtefactError

TEXTS = [row["text"] for row in some_tickets()[:60]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small model, saved; may be harmed."""
    small_model().save(tmp_path / "model")
    return tmp_path / "model"


def test_a_loaded_model_answers_to_the_bit_alike(folder: Path) -> None:
    model, loaded = small_model(), TriageModel.load(folder)
    assert loaded.predict(TEXTS, evidence=True) == model.predict(TEXTS, evidence=True)
    assert loaded.heads == model.heads
    assert loaded.recipes == model.recipes
    for head, p in model.predict_proba(TEXTS).items():
        assert np.array_equal(loaded.predict_proba(TEXTS)[head], p)


def test_a_loaded_model_can_be_saved_again(folder: Path, tmp_path: Path) -> None:
    first = TriageModel.load(folder)
    first.save(tmp_path / "again")
    again = TriageModel.load(tmp_path / "again")
    assert again.manifest == first.manifest
    assert again.predict(TEXTS) == first.predict(TEXTS)


def test_the_folder_holds_no_more_than_it_should(folder: Path) -> None:
    assert sorted(os.listdir(folder)) == [artefact.MANIFEST, artefact.WEIGHTS]
    manifest = json.loads((folder / artefact.MANIFEST).read_text(encoding="utf-8"))
    assert manifest["format"] == "fendan-model"
    text = json.dumps(manifest, ensure_ascii=False)
    assert not any(row["text"] in text for row in some_tickets())  # no ticket travels with the model


def test_an_existing_model_is_replaced(folder: Path) -> None:
    other = other_model()
    other.save(folder)
    assert TriageModel.load(folder).predict(TEXTS) == other.predict(TEXTS)
    assert os.listdir(folder.parent) == ["model"]


def test_an_empty_folder_is_filled_and_parents_are_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    small_model().save(tmp_path / "empty")
    small_model().save(tmp_path / "a" / "b" / "c")
    TriageModel.load(tmp_path / "empty")
    TriageModel.load(tmp_path / "a" / "b" / "c")


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": "mine"},
        {"manifest.json": '{"name": "my web app"}', "index.html": "mine"},
        {"manifest.json": "not json", "x": "mine"},
        {"manifest.json": "[" * 100_000},
        {".hidden": "mine"},
    ],
    ids=["notes", "web app", "broken", "deep", "hidden"],
)
def test_a_folder_that_is_no_model_is_never_overwritten(tmp_path: Path, files: dict[str, str]) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    for name, text in files.items():
        (mine / name).write_text(text)
    with pytest.raises(ArtefactError, match="不覆盖"):
        small_model().save(mine)
    assert {p.name: p.read_text() for p in mine.iterdir()} == files
    assert os.listdir(tmp_path) == ["mine"]


def test_a_file_in_the_place_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ArtefactError, match="不覆盖"):
        small_model().save(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_link_to_a_model_stays_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(folder, target_is_directory=True)
    other = other_model()
    other.save(tmp_path / "current")
    assert (tmp_path / "current").is_symlink()
    assert TriageModel.load(folder).predict(TEXTS) == other.predict(TEXTS)
    assert sorted(os.listdir(tmp_path)) == ["current", "model"]


def test_writers_at_once_leave_one_whole_model(tmp_path: Path) -> None:
    models = [small_model(), other_model()]
    answers = [model.predict(TEXTS) for model in models]
    start = threading.Barrier(8)
    failed: list[BaseException] = []

    def save(model: TriageModel) -> None:
        start.wait()
        try:
            for _ in range(4):
                model.save(tmp_path / "model")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=save, args=(models[i % 2],)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert TriageModel.load(tmp_path / "model").predict(TEXTS) in answers
    assert os.listdir(tmp_path) == ["model"]


def test_a_full_disk_leaves_the_old_model_and_no_rubbish(folder: Path) -> None:
    """The operating system itself refuses to write more than 1,000 bytes into a file."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, old[1]))
        with pytest.raises(ArtefactError, match="不能写入"):
            small_model().save(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert TriageModel.load(folder).predict(TEXTS) == small_model().predict(TEXTS)
    assert os.listdir(folder.parent) == ["model"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    places = [tmp_path / "file" / "model", tmp_path / ("n" * 300)]
    if os.geteuid() != 0:  # root may write everywhere
        (tmp_path / "locked").mkdir(mode=0o555)
        places.append(tmp_path / "locked" / "model")
    elif Path("/proc/self").is_dir():
        places.append(Path("/proc/model"))  # even root may not
    for place in places:
        with pytest.raises(ArtefactError, match="不能写入") as caught:
            small_model().save(place)
        assert str(place) in str(caught.value)
        assert "换一个" in str(caught.value)


def test_a_move_that_fails_puts_the_old_model_back(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fails in the one moment between taking the old folder away and putting the new one there."""
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ArtefactError, match="不能写入"):
        other_model().save(folder)
    assert TriageModel.load(folder).predict(TEXTS) == small_model().predict(TEXTS)
    assert os.listdir(tmp_path) == ["model"]


# --- further files


EXTRA = {"encoder.json": b"{}", "encoder.safetensors": bytes(range(256)), "tokenizer.json": "字".encode()}


def test_further_files_go_with_the_weights_and_come_back(tmp_path: Path) -> None:
    arrays = {"x": np.arange(3.0), "y": np.array([[1]], np.int8)}
    artefact.write(tmp_path / "model", {"kind": "blend"}, arrays, EXTRA)
    assert sorted(os.listdir(tmp_path / "model")) == sorted([artefact.MANIFEST, artefact.WEIGHTS, *EXTRA])
    manifest, found, files = artefact.read(tmp_path / "model")
    assert files == EXTRA
    assert manifest["kind"] == "blend"
    assert set(manifest["files"]) == {artefact.WEIGHTS, *EXTRA}
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)


@pytest.mark.parametrize("name", ["../evil", "notes.txt", artefact.MANIFEST, artefact.WEIGHTS, artefact.CARD])
def test_a_file_that_has_no_place_in_a_model_folder_is_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        artefact.write(tmp_path / "model", {}, {"x": np.zeros(1)}, {name: b""})
    assert os.listdir(tmp_path) == []


def test_a_smaller_model_leaves_nothing_of_the_larger_one_behind(tmp_path: Path) -> None:
    artefact.write(tmp_path / "model", {}, {"x": np.zeros(1)}, EXTRA)
    small_model().save(tmp_path / "model")
    assert sorted(os.listdir(tmp_path / "model")) == [artefact.MANIFEST, artefact.WEIGHTS]


def test_the_folder_can_be_moved_and_copied(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    folder.rename(tmp_path / "moved")
    assert TriageModel.load(tmp_path / "copy").manifest == TriageModel.load(tmp_path / "moved").manifest
