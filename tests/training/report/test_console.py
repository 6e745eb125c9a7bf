"""What the terminal shows: aligned tables, coloured words, and a bar only where there is a terminal."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.builders import ROOT, model_folder, starter, trained
from training.judge.evaluate import evaluate
from training.report import console as show
from triage.decision import ModelRef
from triage.policy import decide
from triage.policy.profile import load_profile
from triage.ticket import Ticket


def unstyled(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(
    st.lists(st.tuples(*[st.text("ab中文， （", min_size=1, max_size=8).map(str.strip)] * 3), min_size=1, max_size=5)
)
def test_columns_are_aligned_with_chinese_in_them(rows: list[tuple[str, str, str]]) -> None:
    lines = show.table(("名", "数", "x"), rows).split("\n")  # splitlines() would lose a last row of empty cells
    assert len(lines) == len(rows) + 2
    widths = [max(map(show.width, column)) for column in zip(("名", "数", "x"), *rows, strict=True)]
    assert show.width(lines[1]) == sum(widths) + 4
    for line, row in zip((lines[0], *lines[2:]), (("名", "数", "x"), *rows), strict=True):
        expected = row[0] + " " * (widths[0] - show.width(row[0]))
        for cell, width in zip(row[1:], widths[1:], strict=True):
            expected += "  " + " " * (width - show.width(cell)) + cell
        assert line == expected.rstrip()


def test_what_looks_like_markup_is_text() -> None:
    assert "[red]x :smile:" in show.table(("", ""), [("a", "[red]x :smile:")])
    assert "x" * 300 in show.table(("", ""), [("a", "x" * 300)])


def test_width_counts_chinese_twice() -> None:
    assert show.width("ab中文，") == 8


def test_figures_and_classes_show_the_reports() -> None:
    heads = evaluate(trained().model, starter())["heads"]
    text = show.figures(heads)
    lines = text.splitlines()
    assert len(lines) == 2 + 2 * len(heads)
    assert max(map(show.width, lines)) <= 100
    for i, (head, figures) in enumerate(heads.items()):
        assert lines[2 + 2 * i].startswith(head)
        assert f"{figures['accuracy']:.4f}" in lines[2 + 2 * i]
        low, high = figures["accuracy_interval"]
        assert f"{low:.3f}–{high:.3f}" in lines[3 + 2 * i]
    classes = show.classes(heads["category"])
    assert len(classes.splitlines()) == len(trained().model.heads["category"]) + 2


def decision(text: str) -> str:
    from models import TriageModel

    model = TriageModel.load(model_folder())
    ticket = Ticket.parse({"text": text})
    made = decide(
        ticket,
        model.predict([ticket.content], evidence=True)[0],
        profile=load_profile("default", ROOT / "serving" / "profiles"),
        taxonomy=model.taxonomy,
        now=datetime(2026, 11, 11, 4, tzinfo=UTC),
        model=ModelRef("small", "1"),
    )
    return show.decision(made, ticket.content)


def test_a_decision_says_queue_priority_and_why() -> None:
    text = decision("快递显示签收了可我没收到，物流三天没动")
    plain = unstyled(text)
    assert "队列" in plain.splitlines()[0]
    assert "优先级 P" in plain.splitlines()[0]
    for head in ("category", "urgency", "sentiment"):
        assert any(line.startswith(head) for line in plain.splitlines())
    assert "依据：" in plain
    assert "· " in plain
    assert "快递显示签收了可我没收到，物流三天没动" in plain, "the words are coloured, not changed"
    assert text != plain


def test_a_blank_ticket_is_shown_too() -> None:
    plain = unstyled(decision(" "))
    assert "manual" in plain
    assert "\n\n\n" not in plain


@pytest.mark.parametrize("terminal", [True, False])
def test_the_bar_is_drawn_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    said = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr("sys.stderr", said)
    with show.Bar() as bar:
        bar("读取", 0.0)
        bar("训练", 0.5)
        bar("训练", 0.2)
        bar("训练", 7.0)
    if terminal:
        assert "读取" in said.getvalue()
        assert "训练" in said.getvalue()
        assert "\n" not in said.getvalue().strip("\n"), "the bar leaves nothing behind"
    else:
        assert said.getvalue() == ""
