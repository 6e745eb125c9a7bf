"""docs/starter-data.md and the printed summary, from what ``benchmarks.starter`` measured."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib import metadata
from typing import NamedTuple

import numpy as np

from benchmarks import card
from benchmarks.starter_data import CHANNELS, SECTORS, STARTER, Tickets, taxonomy
from benchmarks.starter_figures import Answers, Interval, bootstrap, join, mcnemar, weighted
from benchmarks.starter_fits import TARGET_ERROR, Curve, Heads, LeftOut
from benchmarks.starter_text import PAGE
from training.data.duplicates import group as near_duplicates
from training.judge.metrics import class_scores
from triage.taxonomy import HEADS

ASKED = (("category", "accuracy", 0.88), ("urgency", "macro-F1", 0.74), ("sentiment", "macro-F1", 0.80))
"""What we expect on tickets that nobody here has seen."""


class Results(NamedTuple):
    """Everything measured; the last three on the training part only."""

    train: Tickets
    test: Tickets
    ours: Heads
    naive: Heads
    strong: Heads
    curve: Curve
    seen: Heads
    channels: list[LeftOut]
    sectors: list[LeftOut]


def page(r: Results) -> str:
    """The whole document."""
    versions = ", ".join(f"{n} {metadata.version(n)}" for n in ("scikit-learn", "jieba", "numba", "numpy"))
    return PAGE.format(
        train=f"{len(r.train):,}",
        test=f"{len(r.test):,}",
        seal=card.sealed()[0][:16],
        date=card.sealed()[1],
        versions=f"Python {platform.python_version()}, {versions}",
        target=f"{TARGET_ERROR:.0%}",
        sealed=_sealed(r),
        against=_against(r),
        worse="\n".join(f"- {line}" for line in worse(r)),
        classes="\n\n".join(f"**{head}**\n\n{_classes(r, head)}" for head in HEADS),
        hard=_hard(r),
        alike=alike(r),
        curve=_curve(r),
        folded=f"{r.curve.all_size:,}",
        without_channel=_learned(r.channels),
        without_sector=_learned(r.sectors),
        growth="\n".join(f"- {line}" for line in growth(r.curve)),
        pooled=_pooled(r),
        channels=_left_out(r.channels, CHANNELS),
        sectors=_left_out(r.sectors, SECTORS),
    )


def summary(r: Results) -> str:
    """A few lines for the terminal."""
    lines = [f"Sealed part, {len(r.test):,} tickets, fitted on {len(r.train):,} (naive in brackets):"]
    for head in HEADS:
        a, b = r.ours[head], r.naive[head]
        lines.append(
            f"  {head:<10} accuracy {a.accuracy:.3f} ({b.accuracy:.3f})  macro-F1 {a.macro_f1:.3f} ({b.macro_f1:.3f})  "
            f"ECE {a.ece:.3f} ({b.ece:.3f})  coverage {a.coverage:.1%} at error {_percent(a.auto_error)}  "
            f"McNemar p {_p(mcnemar(a, b).p)}  strong {r.strong[head].accuracy:.3f} / {r.strong[head].macro_f1:.3f}"
        )
    lines += ["A peer is better at:", *(f"  {line}" for line in worse(r))]
    lines += ["More data:", *(f"  {line}" for line in growth(r.curve))]
    lines.append("Never seen (whole training part, each ticket by a model that saw nothing of its channel / sector):")
    for head, name, asked in ASKED:
        values = [_figure(_whole(part, head), name) for part in (r.channels, r.sectors)]
        lines.append(f"  {head} {name}: channel {values[0]:.3f}, sector {values[1]:.3f} (asked {asked})")
    return "\n".join(lines)


def worse(r: Results) -> list[str]:
    """Where a peer does better on the sealed part, in words; says so when nowhere."""
    names = {h: {label.code: label.name for label in head.labels} for h, head in taxonomy().heads.items()}
    hard = r.test.column("hard") == "True"
    found = []
    for head in HEADS:
        a, b = r.ours[head], r.naive[head]
        for peer, one in (("naive", b), ("strong", r.strong[head])):
            for part, which in (("", hard | True), (" on plain tickets", ~hard), (" on hard tickets", hard)):
                for name in ("accuracy", "macro-F1"):
                    x, y = _figure(a.take(which), name), _figure(one.take(which), name)
                    if y > x:
                        found.append(f"{head} {name}{part}: {peer} {y:.3f}, Fendan {x:.3f}")
        if b.ece < a.ece:
            found.append(f"{head} ECE: naive {b.ece:.3f}, Fendan {a.ece:.3f} (lower is better)")
        mine, theirs = class_scores(a.matrix), class_scores(b.matrix)
        for i, (code, label) in enumerate(names[head].items()):
            for figure, x, y in (
                ("precision", mine.precision[i], theirs.precision[i]),
                ("recall", mine.recall[i], theirs.recall[i]),
                ("F1", mine.f1[i], theirs.f1[i]),
            ):
                if y > x:
                    found.append(
                        f"{head} `{code}` {label}, {figure}: naive {y:.3f}, Fendan {x:.3f} (n {mine.support[i]})"
                    )
    return found or ["nowhere: no head, no class, neither on hard nor on plain tickets"]


def growth(curve: Curve) -> list[str]:
    """What the last doubling or so of the data brought, fold by fold."""
    sizes = list(curve.scores)
    if len(sizes) < 2:
        return []
    before, after = curve.scores[sizes[-2]], curve.scores[sizes[-1]]
    out = []
    for head in HEADS:
        for name in ("accuracy", "macro-F1"):
            gain = [_figure(y[head], name) - _figure(x[head], name) for x, y in zip(before, after, strict=True)]
            out.append(
                f"{head} {name}, {sizes[-2]:,} → {curve.all_size:,} tickets: {np.mean(gain) * 100:+.1f} points "
                f"({min(gain) * 100:+.1f} to {max(gain) * 100:+.1f}; up in {sum(g > 0 for g in gain)} of {len(gain)} folds)"
            )
    return out


def alike(r: Results) -> int:
    """Sealed tickets with a near-duplicate in the training part, as ``fendan train`` would see it: signs do not count."""
    group = near_duplicates(r.train.texts + r.test.texts)
    return int(np.isin(group[len(r.train) :], group[: len(r.train)]).sum())


def _learned(parts: Sequence[LeftOut]) -> str:
    """How many tickets the models of these runs learned from."""
    sizes = [part.learned for part in parts]
    return f"{min(sizes):,}–{max(sizes):,}"


def _figure(one: Answers, name: str) -> float:
    return one.accuracy if name == "accuracy" else one.macro_f1


def _whole(parts: Sequence[LeftOut], head: str, seen: bool = False) -> Answers:
    return join([(part.seen if seen else part.unseen)[head] for part in parts])


def _sealed(r: Results) -> str:
    agreed = card.agreements() if (STARTER / "passes.csv").exists() else {}
    rows = []
    for head in HEADS:
        a, b = r.ours[head], r.naive[head]
        for name, one in (("Fendan", a), ("naive", b), ("strong", r.strong[head])):
            accuracy, f1 = bootstrap(r.test.units, lambda w, one=one: weighted(one, w), seed=1)  # type: ignore[misc]
            auto = (f"{one.coverage:.1%}", _percent(one.auto_error)) if one is a else ("–", "–")
            kappa = f"{agreed[head].agreed:.3f} / {agreed[head].kappa:.3f}" if head in agreed and one is a else ""
            rows.append(
                (head if one is a else "", name, _with(one.accuracy, accuracy), _with(one.macro_f1, f1),
                 "–" if np.isnan(one.confidence).any() else f"{one.ece:.3f}", *auto, _percent(one.error_of_surest(a.coverage)), kappa)
            )  # fmt: skip
    title = ("head", "model", "accuracy [95 %]", "macro-F1 [95 %]", "ECE", "coverage", "error of auto answers",
            "error of as many surest answers", "two labellings: same / κ")  # fmt: skip
    return _table(title, rows, left=2)


def _against(r: Results) -> str:
    rows = []
    for head in HEADS:
        a, b = r.ours[head], r.naive[head]

        def difference(w: np.ndarray, a: Answers = a, b: Answers = b) -> tuple[float, float]:
            x, y = weighted(a, w), weighted(b, w)
            return x[0] - y[0], x[1] - y[1]

        accuracy, f1 = bootstrap(r.test.units, difference, seed=2)
        m = mcnemar(a, b)
        rows.append(
            (head, _points(a.accuracy - b.accuracy, accuracy), _points(a.macro_f1 - b.macro_f1, f1),
             str(m.only_a), str(m.only_b), _p(m.p))
        )  # fmt: skip
    title = ("head", "accuracy, points [95 %]", "macro-F1, points [95 %]", "only Fendan right", "only naive right",
            "McNemar p")  # fmt: skip
    return _table(title, rows)


def _classes(r: Results, head: str) -> str:
    labels = taxonomy().heads[head].labels
    mine, theirs = class_scores(r.ours[head].matrix), class_scores(r.naive[head].matrix)
    one = r.ours[head]
    rows = []
    for i, label in enumerate(labels):
        said = one.answer == i
        auto = one.auto & said
        error = _percent(float((~one.correct[auto]).mean())) if auto.any() else "–"
        bold = "**" if theirs.f1[i] > mine.f1[i] else ""
        rows.append(
            (f"`{label.code}` {label.name}", str(mine.support[i]), f"{mine.precision[i]:.3f}", f"{mine.recall[i]:.3f}",
             f"{mine.f1[i]:.3f}", f"{theirs.precision[i]:.3f}", f"{theirs.recall[i]:.3f}",
             f"{bold}{theirs.f1[i]:.3f}{bold}", f"{auto.sum()} of {said.sum()}", error)
        )  # fmt: skip
    return _table(("class", "n", "P", "R", "F1", "naive P", "naive R", "naive F1", "auto", "error of auto"), rows)


def _hard(r: Results) -> str:
    hard = r.test.column("hard") == "True"
    rows = []
    for head in HEADS:
        for name, which in (("plain", ~hard), ("hard", hard)):
            a, b = r.ours[head].take(which), r.naive[head].take(which)
            interval = bootstrap(r.test.units[which], lambda w, a=a: weighted(a, w), seed=3)  # type: ignore[misc]
            rows.append(
                (head, name, str(which.sum()), _with(a.accuracy, interval[0]), _with(a.macro_f1, interval[1]),
                 f"{a.coverage:.1%}", _percent(a.auto_error), f"{b.accuracy:.3f}", f"{b.macro_f1:.3f}")
            )  # fmt: skip
    title = ("head", "tickets", "n", "accuracy [95 %]", "macro-F1 [95 %]", "coverage", "error of auto", "naive accuracy",
            "naive macro-F1")  # fmt: skip
    return _table(title, rows, left=2)


def _curve(r: Results) -> str:
    rows = []
    for size, folds in r.curve.scores.items():
        cells = [f"{size or r.curve.all_size:,}{'' if size else ' (all)'}"]
        for head in HEADS:
            for name in ("accuracy", "macro-F1"):
                values = [_figure(fold[head], name) for fold in folds]
                cells.append(f"{np.mean(values):.3f} ({min(values):.3f}–{max(values):.3f})")
        rows.append(tuple(cells))
    return _table(("tickets", *(f"{head} {name}" for head in HEADS for name in ("accuracy", "macro-F1"))), rows)


def _pooled(r: Results) -> str:
    rows = []
    for head in HEADS:
        for name in ("accuracy", "macro-F1"):
            asked = next((str(value) for h, n, value in ASKED if (h, n) == (head, name)), "")
            cells = [head, name]
            for one in (r.seen[head], _whole(r.channels, head), _whole(r.sectors, head)):
                cells.append(f"{_figure(one, name):.3f}")
            for parts in (r.channels, r.sectors):
                worst, value = min((_figure(part.unseen[head], name), part.value) for part in parts)
                cells.append(f"{worst:.3f} `{value}`")
            kept = ("yes" if all(float(x) >= float(asked) for x in cells[3:5]) else "**no**") if asked else ""
            rows.append((*cells, asked, kept))
    title = ("head", "", "cross-validation", "channel never seen", "sector never seen", "worst channel", "worst sector",
             "asked", "kept by both means")  # fmt: skip
    return _table(title, rows, left=2)


def _left_out(parts: list[LeftOut], names: dict[str, str]) -> str:
    rows = []
    for part in sorted(parts, key=lambda p: p.unseen["category"].accuracy):
        cells = [f"`{part.value}` {names.get(part.value, '')}", f"{len(part.unseen['category'].truth):,}"]
        for head in HEADS:
            for name in ("accuracy", "macro-F1"):
                cells.append(f"{_figure(part.unseen[head], name):.3f} ({_figure(part.seen[head], name):.3f})")
        rows.append(tuple(cells))
    return _table(("left out", "n", *(f"{head} {name}" for head in HEADS for name in ("accuracy", "macro-F1"))), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    rule = ["---"] * left + ["---:"] * (len(head) - left)
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def _with(value: float, interval: Interval) -> str:
    return f"{value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _points(value: float, interval: Interval) -> str:
    return f"{value * 100:+.1f} [{interval.low * 100:+.1f}, {interval.high * 100:+.1f}]"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"
