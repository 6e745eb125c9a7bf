"""What the command line prints for people: tables, a decision with coloured words, a progress bar."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import typer

from training.judge.wording import between, percent

if TYPE_CHECKING:
    from training.judge.compare import HeadComparison
    from training.judge.probe import ProbeReport
    from triage.decision import Decision

_COLOURS = {"category": "cyan", "urgency": "yellow", "sentiment": "magenta"}
_WIDEST = 10_000
"""Columns of a table at most: a file or a pipe has no width, and a terminal wraps by itself."""

_ACTIONS = {"auto": "自动", "suggest": "建议", "human": "人工"}


class Bar:
    """A progress bar on standard error, only where that is a terminal; call it with (what, share done)."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._what = ""
        self._on = sys.stderr.isatty()

    def __enter__(self) -> Callable[[str, float], None]:
        return self._step

    def _step(self, what: str, share: float) -> None:
        if not self._on:
            return
        if self._bar is None:
            from tqdm import tqdm

            layout = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
            columns = min(100, shutil.get_terminal_size().columns)  # 80 where the terminal says 0, as under script(1)
            self._bar = tqdm(
                total=1.0, desc=what, file=sys.stderr, leave=False, bar_format=layout, ncols=columns, nrows=24
            )
        elif what != self._what:
            self._bar.reset()
            self._bar.set_description_str(what)
        self._what = what
        self._bar.update(max(0.0, min(1.0, share) - self._bar.n))

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()


def width(text: str) -> int:
    """Columns of a terminal that ``text`` takes; Chinese takes two each."""
    from rich.cells import cell_len

    return cell_len(text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain table, first column to the left, the rest to the right, aligned in a terminal; nothing is cut or wrapped."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for place, cell in enumerate(head):
        drawn.add_column(Text(cell), justify="right" if place else "left", no_wrap=True)
    for row in rows:
        drawn.add_row(*map(Text, row))
    out = io.StringIO()
    Console(file=out, width=_WIDEST, color_system=None).print(drawn)
    return "\n".join(line.rstrip() for line in out.getvalue().removesuffix("\n").split("\n"))


def figures(heads: Mapping[str, Mapping[str, Any]]) -> str:
    """The table of ``evaluate``: two lines a head, the figures and their 95 % intervals."""
    rows = []
    for head, r in heads.items():
        rows += [
            (
                head,
                f"{r['n']:,}",
                f"{r['accuracy']:.4f}",
                f"{r['macro_f1']:.4f}",
                f"{r['ece']:.4f}",
                percent(r["coverage"]),
                percent(r["selective_error"], 2),
            ),
            (
                "  95 %",
                "",
                between(r["accuracy_interval"]),
                between(r["macro_f1_interval"]),
                between(r["ece_interval"]),
                "",
                between(r["selective_error_interval"], 2, percent=True),
            ),
        ]
    return table(("", "工单", "准确率", "macro-F1", "ECE", "自动覆盖", "自动中的错误"), rows)


def classes(report: Mapping[str, Any]) -> str:
    """Per class: precision, recall, F1, support."""
    rows = [
        (
            code,
            f"{r['precision']:.3f}",
            f"{r['recall']:.3f}",
            f"{r['f1']:.3f}",
            f"{r['support']:,}",
            percent(r["coverage"]),
        )
        for code, r in report["per_class"].items()
    ]
    return table(("", "精确率", "召回率", "F1", "工单", "自动覆盖"), rows)


def behaviour(found: ProbeReport) -> str:
    """The table of ``probe``: per check and head how many answers moved as they must not, and how many by more than a step."""
    names = list(found.checks[0].heads) if found.checks else []
    rows = []
    for one in found.checks:
        cells = []
        for head in names:
            change = one.heads[head]
            share = percent(change.flips / one.n) if one.n else "–"
            cells.append(f"{change.flips:,}（{share}）" + ("*" if change.free else " "))
            if change.ordinal:
                cells.append("" if change.free else f"{change.jumps:,}")
        kind = "不变" if one.check.kind == "invariance" else "方向"
        rows.append((f"{one.check.title}（{one.check.name}）", kind, f"{one.n:,}", *cells))
    heads = []
    for head in names:
        heads += [head, "跳级"] if found.checks[0].heads[head].ordinal else [head]
    return table(("", "", "处", *heads), rows) + "\n* 允许变，只作参考"


def comparison(heads: Mapping[str, HeadComparison], both: tuple[str, str]) -> str:
    """The table of ``compare``: a line a figure, both models, the difference and its 95 % interval, in points."""
    rows = []
    for head, one in heads.items():
        for name, found in (
            (f"{head}（{one.n:,} 条）准确率", one.accuracy),
            ("  macro-F1", one.macro_f1),
            ("  自动覆盖", one.coverage),
            ("  自动中的错误", one.selective_error),
        ):
            moved, limits = _points(found.difference), f"{_points(found.low)} … {_points(found.high)}"
            rows.append((name, percent(found.champion), percent(found.challenger), moved, limits))
    return table(("", *both, "差", "95 % 区间"), rows)


def _points(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:+.1f}"


def class_differences(one: HeadComparison, status: Mapping[str, str]) -> str:
    """Recall of each class of both, the difference with its one-sided 95 % limits, and what the gate makes of it."""
    from training.report.gate_report import STATUS

    rows = []
    for code, found in sorted(one.classes.items(), key=lambda item: -item[1].n):
        of = found.of
        limits = f"{of.low * 100:+.1f} … {of.high * 100:+.1f}"
        recalls = percent(found.champion), percent(found.challenger)
        rows.append((code, f"{found.n:,}", *recalls, f"{of.difference * 100:+.1f}", limits, STATUS[status[code]]))
    return table(("", "工单", "甲召回率", "乙召回率", "差", "上下限", ""), rows)


def _colour(head: str) -> str:
    return _COLOURS.get(head, "green")


def decision(made: Decision, text: str) -> str:
    """A decision for a terminal; the words that led to each head are coloured where colours are shown."""
    lines = [
        f"{_ACTIONS[made.action]}　队列 {made.queue}　优先级 {made.priority}　到期 {made.due_at:%Y-%m-%d %H:%M}",
        "",
    ]
    for head, answer in made.heads.items():
        others = "，".join(f"{a.label} {percent(a.confidence)}" for a in answer.alternatives)
        name = typer.style(f"{answer.name}（{answer.label}）", fg=_colour(head), bold=True)
        lines.append(
            f"{head:<9} {name} {_sureness(answer.confidence)} {_ACTIONS[answer.action]}"
            + (f"；其次 {others}" if others else "")
        )
        words = sorted((e for e in made.evidence if e.head == head), key=lambda e: e.start)
        if words:
            lines.append("          " + _highlight(text, [(e.start, e.end) for e in words], _colour(head)))
            lines.append(
                "          依据："
                + "、".join(f"{e.text} +{e.weight:.2f}" for e in sorted(words, key=lambda e: -e.weight))
            )
    lines += [*([""] if len(lines) > 2 else []), *(f"· {reason.text}（{reason.effect}）" for reason in made.reasons)]
    return "\n".join(lines)


def _sureness(confidence: float | None) -> str:
    return "（猜测）" if confidence is None else percent(confidence)


def _highlight(text: str, spans: Sequence[tuple[int, int]], colour: str) -> str:
    out, at = [], 0
    for start, end in spans:
        out += [text[at:start], typer.style(text[start:end], fg=colour, bold=True, underline=True)]
        at = end
    return "".join([*out, text[at:]]).replace("\n", " ")
