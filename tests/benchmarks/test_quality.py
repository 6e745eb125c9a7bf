"""``python -m benchmarks.quality --small`` for real: every system that is installed, on starter tickets and on the corpora."""

from __future__ import annotations

import json
import re
from importlib import util
from pathlib import Path

import pytest

from benchmarks import peers, quality
from benchmarks.quality_data import CORPORA, load

pytestmark = pytest.mark.slow

PEERS = tuple(peers.SYSTEMS)
OURS = ("linear", "encoder", "blend")


def run(folder: Path, *arguments: object) -> int:
    given = ("--out", folder / "page.md", "--work", folder / "work", "--small", *arguments)
    return quality.main([str(one) for one in given])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all peers and our linear model were measured on the starter tickets."""
    folder = tmp_path_factory.mktemp("quality")
    absent = [name for name in ("fasttext", "torch", "transformers") if util.find_spec(name) is None]
    status = run(folder, "--only", "starter", "--peers", ",".join(PEERS))
    assert status == (1 if absent else 0)
    return folder


def installed() -> list[str]:
    needs = {"fasttext": "fasttext", "textcnn": "torch", "encoder": "transformers", "blend": "transformers"}
    return [name for name in PEERS if name not in needs or util.find_spec(needs[name])]


def test_every_system_answers_every_test_ticket(home: Path) -> None:
    starter = load("starter", quality.ROOT / "datasets" / "starter", small=True, seed=0)
    for head in starter.heads:
        for name in installed():
            record = json.loads((home / "work" / "starter" / head / f"{name}.json").read_text(encoding="utf-8"))
            assert len(record["answers"]) == len(starter.test)
            assert set(record["labels"]) <= set(starter.taxonomy.heads[head].codes)
            assert record["train_seconds"] > 0
            assert record["size"] > 1000
            assert record["covers"] == (3 if name in OURS else 1)
            assert (record["auto"] is None) == (name not in OURS)


def test_the_page_has_a_table_for_every_head_and_shows_its_picture(home: Path) -> None:
    text = (home / "page.md").read_text(encoding="utf-8")
    assert re.findall(r"^### .* · (\w+)$", text, re.MULTILINE) == ["category", "urgency", "sentiment"]
    ((words, target),) = re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", text)
    assert len(words) >= 15
    assert (home / target).is_file()
    assert "试跑" in text


def test_what_is_measured_is_not_measured_again(home: Path) -> None:
    paths = sorted((home / "work").rglob("*.json"))
    before = [path.stat().st_mtime_ns for path in paths]
    text = (home / "page.md").read_text(encoding="utf-8")
    (lost,) = [path for path in paths if path.match("category/naive.json")]
    lost.unlink()
    assert run(home, "--only", "starter", "--peers", ",".join(installed())) == 0
    after = [path.stat().st_mtime_ns for path in paths]
    assert [path for path, a, b in zip(paths, before, after, strict=True) if a != b] == [lost]
    figures = re.compile(r"0\.\d{4} \[")
    assert figures.findall((home / "page.md").read_text(encoding="utf-8")) == figures.findall(text)


def test_a_system_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "absent_peer.py").write_text(
        "from benchmarks.peers import Missing\ndef ready(settings):\n    raise Missing('没有安装 absent')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(peers.SYSTEMS, "absent", peers.System("absent", "缺", "Absent", "absent_peer", (), {}, {}))
    assert run(tmp_path, "--only", "starter", "--peers", "naive,absent") == 1
    assert "没有测 absent：没有安装 absent" in capsys.readouterr().err
    assert "没有测 not measured" in (tmp_path / "page.md").read_text(encoding="utf-8")
    assert run(tmp_path, "--only", "starter", "--peers", "naive,absent", "--allow-missing") == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "nowhere"], "citizen_messages"),
        (["--peers", "naive,bert"], "bert"),
        (["--only", "citizen_messages", "--out", "x.md"], "--corpora"),
        (["--small"], "--out"),
        (["--peers", "naive", "--only", "starter"], "--out"),
    ],
)
def test_wrong_arguments_are_told_what_is_right(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        quality.main(arguments)
    assert end.value.code == 2
    assert words in capsys.readouterr().err


def test_a_folder_without_corpora_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "--corpora", tmp_path, "--only", "auto_opinions", "--peers", "naive") == 2
    assert "train.csv" in capsys.readouterr().err


@pytest.mark.corpora
def test_the_corpora_are_read(corpora: Path, tmp_path: Path) -> None:
    assert run(tmp_path, "--corpora", corpora, "--only", ",".join(CORPORA), "--peers", "naive,linear") == 0
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^### ", text, re.MULTILINE)) == 5
