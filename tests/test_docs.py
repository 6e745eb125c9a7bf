"""The documents say what is there: links, commands, make targets, settings, addresses, and an answer of the contract's shape."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main
from starlette.routing import Mount, Route

from features.mask import mask
from intake.headings import ROLES
from intake.report import Kind
from serving.store import Store
from serving.web.openapi import DECISION_EXAMPLE, document
from tests.serving.builders import app_of
from tests.training.builders import fendan_here
from training.data.corpus import read_corpus
from triage.paths import ROOT

READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "datasets").rglob("*.md")]
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
MAKE = re.compile(r"(?:[A-Z_]+=\S+ )*make(?: [A-Z_]+=\S+)* ([a-z][a-z-]*)")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fences(name: str, kind: str) -> list[str]:
    """The code blocks of one kind."""
    return [body for language, body in FENCE.findall(text(name)) if language == kind]


def commands(name: str) -> list[str]:
    """Every command a document shows: lines of its shell blocks, and inline code that calls ``fendan`` or ``make``."""
    lines = [line for block in fences(name, "sh") for line in block.replace("\\\n", " ").splitlines()]
    inline = INLINE.findall(FENCE.sub("", text(name)))
    found = [line.strip() for line in (*lines, *inline)]
    return [line for line in found if re.match(r"fendan [a-z]", line) or MAKE.match(line)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    for target in LINK.findall(FENCE.sub("", text(name))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        assert not anchor, f"{name}: {target}: headings move, link to files"
        assert ((ROOT / name).parent / path).exists(), f"{name}: there is no {target}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pictures_say_what_they_show(name: str) -> None:
    for words in re.findall(r"!\[([^\]]*)\]\(", FENCE.sub("", text(name))):
        assert len(words) >= 15, f"{name}: a picture without a description"


def test_every_picture_is_shown() -> None:
    shown = {Path(target).name for name in DOCUMENTS for target in LINK.findall(text(name))}
    assert {path.name for path in (ROOT / "docs" / "img").iterdir()} <= shown


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_exist_and_take_what_is_shown(name: str) -> None:
    """Parsed by the commands themselves, values and all; nothing is run."""
    import fendan

    group: Any = typer.main.get_command(fendan.build())
    for line in commands(name):
        program, command, *arguments = shlex.split(line)
        if program == "fendan" and "|" not in arguments:
            assert command in group.commands, f"{name}: {line}"
            if arguments and "…" not in line:
                group.commands[command].make_context(command, arguments)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_targets_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    for line in commands(name):
        if match := MAKE.match(line):
            assert match[1] in targets, f"{name}: {line}"


def test_every_command_is_in_both_readmes() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "fendan", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    listed = re.findall(r"^  ([a-z]+) {2,}", run.stdout.partition("Commands:")[2], re.MULTILINE)
    assert listed
    for name in READMES:
        assert not [command for command in listed if f"`{command}`" not in text(name)]


def test_both_readmes_are_alike() -> None:
    english, chinese = READMES
    assert commands(english) == commands(chinese)
    for kind in ("sh", "json", "csv"):
        assert fences(english, kind) == fences(chinese, kind)
    levels = [re.findall(r"^(#+) ", FENCE.sub("", text(name)), re.MULTILINE) for name in READMES]
    assert levels[0] == levels[1]
    rows = [len(re.findall(r"^\|", text(name), re.MULTILINE)) for name in READMES]
    assert rows[0] == rows[1]
    targets = [sorted(set(LINK.findall(text(name))) - {*READMES}) for name in READMES]
    assert [t.replace("decision.en", "decision.zh") for t in targets[0]] == targets[1]


def answer(name: str) -> dict[str, Any]:
    """The decision a README shows."""
    block = text(name).partition("<!-- answer:start -->")[2].partition("<!-- answer:end -->")[0]
    found: dict[str, Any] = json.loads(FENCE.findall(block.lstrip("\n"))[0][1])
    return found


def ticket(name: str) -> dict[str, Any]:
    """The ticket of the curl call a README shows."""
    call = next(block for block in fences(name, "sh") if "/v1/triage" in block)
    arguments = shlex.split(call.replace("\\\n", " "))
    found: dict[str, Any] = json.loads(arguments[arguments.index("-d") + 1])
    return found


@pytest.mark.parametrize("name", READMES)
def test_the_answer_has_the_shape_of_the_contract(name: str) -> None:
    shown = answer(name)
    assert list(shown) == list(DECISION_EXAMPLE)
    for head in ("category", "urgency", "sentiment"):
        assert list(shown[head]) == list(DECISION_EXAMPLE[head])
        assert all(list(other) == ["label", "confidence"] for other in shown[head]["alternatives"])
    for part in ("reasons", "evidence"):
        assert shown[part]
        assert all(list(item) == list(DECISION_EXAMPLE[part][0]) for item in shown[part])
    for part in ("profile", "model"):
        assert list(shown[part]) == ["name", "version"]


@pytest.mark.parametrize("name", READMES)
def test_the_answer_is_one_to_the_ticket(name: str) -> None:
    asked, shown = ticket(name), answer(name)
    assert shown["ticket_id"] == asked["ticket_id"]
    masked = mask(asked["text"])
    assert masked != asked["text"], "the example should show that personal data is hidden"
    for words in shown["evidence"]:
        assert masked[words["start"] : words["end"]] == words["text"]


@pytest.mark.parametrize("name", READMES)
def test_the_example_export_is_read(name: str, tmp_path: Path) -> None:
    (block,) = fences(name, "csv")
    path = tmp_path / "my.csv"
    path.write_text(block, encoding="utf-8")
    corpus = read_corpus([path])
    assert len(corpus) == len(list(csv.DictReader(block.splitlines())))
    assert set(corpus.labels) == {"category", "urgency"}
    assert all(corpus.created_at)


def test_what_check_says_of_the_example_is_what_it_says(tmp_path: Path) -> None:
    (block,) = fences("docs/data.md", "csv")
    (tmp_path / "十月.csv").write_text(block, encoding="utf-8")
    shown = text("docs/data.md").partition("<!-- check:start -->\n```text\n")[2].partition("```")[0]
    done = fendan_here("check", "十月.csv", cwd=tmp_path)
    assert done.out == shown
    assert done.status == 0


def test_every_problem_and_every_column_is_explained() -> None:
    page = text("docs/data.md")
    kinds = {kind for part in get_args(Kind) for kind in get_args(part)}
    listed = set(
        re.findall(
            r"`(\w+)`",
            "".join(
                line.split("|")[1] for line in page.partition("## 每种问题")[2].splitlines() if line.startswith("| `")
            ),
        )
    )
    assert listed - {"kind"} == kinds
    for role in ROLES:
        assert f"`{role}`" in page, role


def test_all_commands_read_files_by_the_same_options() -> None:
    """One definition, and each option stands in the page about data."""
    import fendan

    group: Any = typer.main.get_command(fendan.build())
    page = text("docs/data.md")
    options = ("--column", "--label", "--sheet", "--encoding")
    found: dict[str, dict[str, str]] = {}
    for name, command in group.commands.items():
        helps = {opt: p.help for p in getattr(command, "params", ()) for opt in p.opts if opt in options}
        if helps:
            found[name] = helps
    assert {"check", "train", "evaluate", "score", "compare", "retrain", "import", "tune", "pretrain"} <= set(found)
    for option in options:
        assert f"`{option}" in page
        assert len({helps[option] for helps in found.values() if option in helps}) == 1
    assert {name for name, helps in found.items() if set(helps) != set(options)} <= {"score", "pretrain", "probe"}, (
        "they read no labels"
    )


@pytest.mark.parametrize("name", READMES)
def test_results_stand_between_their_marks(name: str) -> None:
    _, start, rest = text(name).partition("<!-- results:start -->\n")
    table, end, _ = rest.partition("\n<!-- results:end -->")
    assert start
    assert end
    _, _, *rows = table.splitlines()
    assert rows
    for row in rows:
        assert INLINE.search(row.rstrip("| ").rpartition("|")[2]), f"{name}: no command measures {row}"


def test_every_address_is_listed(tmp_path: Path) -> None:
    listed = set(re.findall(r"^\| (GET|POST) \| `([^`]+)`", text("docs/http.md"), re.MULTILINE))
    assert listed
    described = {(method.upper(), path) for path, item in document("0")["paths"].items() for method in item}
    assert described <= listed
    store = Store(f"sqlite:///{tmp_path / 'fendan.db'}")
    try:
        app = app_of(store, swagger_ui=tmp_path).asgi
    finally:
        store.close()
    for route in app.routes:
        assert isinstance(route, Route | Mount)
        path = re.sub(r":\w+}", "}", route.path)
        assert f"`{path}`" in text("docs/http.md"), f"docs/http.md does not list {path}"
        if isinstance(route, Route) and (methods := (route.methods or set()) - {"HEAD"}) and "/docs/" not in path:
            assert {(method, path) for method in methods} <= listed
    paths = {re.sub(r":\w+}", "}", route.path) or "/" for route in app.routes if isinstance(route, Route)}
    assert {path for _, path in listed} <= paths, "docs/http.md lists an address that is not there"


def test_every_document_is_in_the_index() -> None:
    index = text("docs/README.md")
    for path in (ROOT / "docs").glob("*.md"):
        assert path.name == "README.md" or f"({path.name})" in index


def test_the_licence_is_whole() -> None:
    licence = text("LICENSE")
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_figures_of_the_starter_model_are_those_that_were_measured(root: Path, name: str) -> None:
    """Every figure in the README's tables stands in docs/starter-data.md, which its command writes."""
    measured = (root / "docs" / "starter-data.md").read_text(encoding="utf-8")
    shown = (
        (root / name).read_text(encoding="utf-8").split("<!-- starter:start -->")[1].split("<!-- starter:end -->")[0]
    )
    figures = re.findall(r"\d\.\d{3}", shown)
    assert len(figures) > 80
    assert not [figure for figure in figures if figure not in measured]
    for row in (line for line in shown.splitlines() if line.startswith("| `")):
        label, n, precision, recall, f1, peer = (cell.strip() for cell in row.strip("|").split("|"))
        line = next(line for line in measured.splitlines() if line.startswith(f"| {label} | {n} |"))
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert (cells[2], cells[3], cells[4], cells[7]) == (precision, recall, f1, peer), label
