"""Keeps the figures in ``datasets/README.md`` equal to the files, and seals the test part.

python -m benchmarks.card            writes every table between its marks anew
python -m benchmarks.card --check    says which tables are stale; exit status 1 when one is
python -m benchmarks.card --seal     writes datasets/starter/SEAL for the test part as it is now, then the tables
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import mean, median
from typing import Any, NamedTuple

from benchmarks.starter_data import CHANNELS, DATASETS, SECTORS, STARTER, digest, read_passes, read_rows, taxonomy
from triage.taxonomy import HEADS

CARD = DATASETS / "README.md"
SEAL = STARTER / "SEAL"
UNDISPUTED = "S-05699"
"""From this ticket on those whose labellings differed were left out: they say nothing of how often labellings differ."""

_BEFORE = "# Before: "
_BLOCK = re.compile(r"(<!-- (\w+):begin[^>]*-->\n)(.*?)(<!-- \2:end -->)", re.S)


class Agreement(NamedTuple):
    """How far two labellings of ``n`` tickets agree on one head; ``pairs``: what was confused, most frequent first."""

    n: int
    agreed: float
    kappa: float
    pairs: list[tuple[tuple[str, str], int]]
    second: int
    third: int


def agreement(head: str, passes: Sequence[dict[str, str]], final: dict[str, str]) -> Agreement:
    """Cohen's kappa (1960), unweighted. ``second``: disagreements settled for the second pass, ``third``: for neither."""
    a = [row[f"{head}_1"] for row in passes]
    b = [row[f"{head}_2"] for row in passes]
    n = len(passes)
    agreed = sum(x == y for x, y in zip(a, b, strict=True)) / n
    left, right = Counter(a), Counter(b)
    chance = sum(left[label] * right[label] for label in left) / n**2
    open_ = [(x, y, final[row["ticket_id"]]) for row, x, y in zip(passes, a, b, strict=True) if x != y]
    pairs = Counter((min(x, y), max(x, y)) for x, y, _ in open_).most_common()
    return Agreement(
        n,
        agreed,
        (agreed - chance) / (1 - chance),
        sorted(pairs, key=lambda item: (-item[1], item[0])),
        sum(z == y for _, y, z in open_),
        sum(z not in (x, y) for x, y, z in open_),
    )


def judged() -> list[dict[str, str]]:
    """Both labellings of the rounds in which every ticket was kept."""
    return [row for row in read_passes() if row["ticket_id"] < UNDISPUTED]


def agreements() -> dict[str, Agreement]:
    """Per head."""
    rows = read_rows("tickets.jsonl") + read_rows("test.jsonl")
    passes = judged()
    return {head: agreement(head, passes, {row["ticket_id"]: row[head] for row in rows}) for head in HEADS}


def sealed() -> tuple[str, str]:
    """(hash, date) that ``SEAL`` holds."""
    text = SEAL.read_text(encoding="utf-8")
    found = re.search(r"sealed on (\d{4}-\d{2}-\d{2}).*^([0-9a-f]{64})  test\.jsonl$", text, re.S | re.M)
    if not found:
        raise ValueError(f"{SEAL} holds no seal; python -m benchmarks.card --seal writes one")
    return found[2], found[1]


def seal(day: dt.date) -> None:
    """Writes SEAL; a seal that still holds keeps its date, and one that does not is kept as a comment."""
    history = ""
    if SEAL.exists():
        old, date = sealed()
        if old == digest():
            return
        lines = SEAL.read_text(encoding="utf-8").splitlines(keepends=True)
        history = "".join(line for line in lines if line.startswith(_BEFORE)) + f"{_BEFORE}{old}, from {date} on\n"
    SEAL.write_text(
        f"# The test part of the starter tickets, sealed on {day.isoformat()}. Nothing is chosen on it: no feature, no\n"
        f"# penalty, no limit, no label. To check: cd datasets/starter && sha256sum -c SEAL\n{history}{digest()}  test.jsonl\n",
        encoding="utf-8",
    )


def blocks() -> dict[str, str]:
    """Every table of the card by its mark."""
    train, test = read_rows("tickets.jsonl"), read_rows("test.jsonl")
    parts = (train, test, train + test)
    names = {h: {label.code: label.name for label in head.labels} for h, head in taxonomy().heads.items()}
    out = {"counts": _counts(parts)}
    for head in HEADS:
        out[head] = _shares(parts, head, names[head], names[head])
    for column, known in (("channel", CHANNELS), ("sector", SECTORS)):
        total = Counter(row[column] for row in parts[2])
        out[column] = _shares(parts, column, sorted(total, key=lambda v: (-total[v], v)), known)
    out["months"] = _shares(
        [[{"month": row["created_at"][:7]} for row in part] for part in parts],
        "month",
        sorted({row["created_at"][:7] for row in parts[2]}),
        {},
    )
    out["kappa"] = _kappa(len(parts[2]))
    out["seal"] = "`test.jsonl`: {} tickets, SHA-256 `{}`, sealed on {}.\n".format(f"{len(test):,}", *sealed())
    return out


def _counts(parts: Sequence[list[dict[str, Any]]]) -> str:
    def line(name: str, values: Iterable[object]) -> str:
        return f"| {name} | " + " | ".join(f"{v:,}" if isinstance(v, int) else str(v) for v in values) + " |"

    def sets(part: list[dict[str, Any]]) -> str:
        inside = [row["contrast_set"] for row in part if "contrast_set" in row]
        return f"{len(inside):,} in {len(set(inside)):,} sets"

    def lengths(part: list[dict[str, Any]]) -> list[int]:
        return sorted(len(row["text"]) for row in part)

    hard = [sum(row["hard"] for row in part) for part in parts]
    length = [lengths(part) for part in parts]
    return (
        "\n".join(
            [
                "| | training `tickets.jsonl` | sealed `test.jsonl` | together |",
                "| --- | ---: | ---: | ---: |",
                line("tickets", map(len, parts)),
                line("hard on purpose", (f"{h:,} ({h / len(p):.1%})" for h, p in zip(hard, parts, strict=True))),
                line("in contrast sets", map(sets, parts)),
                line("characters: shortest", (v[0] for v in length)),
                line("characters: first tenth under", (v[len(v) // 10] for v in length)),
                line("characters: median", (f"{median(v):.0f}" for v in length)),
                line("characters: mean", (f"{mean(v):.1f}" for v in length)),
                line("characters: last tenth over", (v[len(v) * 9 // 10] for v in length)),
                line("characters: longest", (v[-1] for v in length)),
                line("different characters", (len({c for row in part for c in row["text"]}) for part in parts)),
                line("label settled after disagreement", (sum("settled" in row for row in part) for part in parts)),
            ]
        )
        + "\n"
    )


def _shares(parts: Sequence[list[dict[str, Any]]], column: str, order: Iterable[str], names: dict[str, str]) -> str:
    counts = [Counter(row[column] for row in part) for part in parts]
    lines = [f"| {column} | 名称 | training | test | together | share |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for value in order:
        cells = " | ".join(f"{count[value]:,}" for count in counts)
        lines.append(f"| `{value}` | {names.get(value, '')} | {cells} | {counts[2][value] / len(parts[2]):.1%} |")
    return "\n".join(lines) + "\n"


def _kappa(total: int) -> str:
    if not (STARTER / "passes.csv").exists():
        return "Not measured yet: `datasets/starter/passes.csv` is missing.\n"
    lines = [
        "| head | labellings compared | same label | Cohen's κ | disagreements | settled for the first / second / neither | "
        "most often between |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for head, a in agreements().items():
        open_ = sum(count for _, count in a.pairs)
        often = ", ".join(f"`{x}`–`{y}` {count}" for (x, y), count in a.pairs[:5])
        lines.append(
            f"| {head} | {a.n:,} of {total:,} | {a.agreed:.1%} | {a.kappa:.3f} | {open_:,} | "
            f"{open_ - a.second - a.third:,} / {a.second:,} / {a.third:,} | {often} |"
        )
    return "\n".join(lines) + "\n"


def render(text: str) -> tuple[str, list[str]]:
    """The card with fresh tables, and the marks whose table was stale.

    Raises:
        ValueError: a mark that has no table, or a table without a mark.
    """
    fresh = blocks()
    marks = [m[2] for m in _BLOCK.finditer(text)]
    if sorted(marks) != sorted(fresh):
        raise ValueError(f"{CARD} has the marks {sorted(marks)}; there are tables for {sorted(fresh)}")
    stale = [m[2] for m in _BLOCK.finditer(text) if m[3] != fresh[m[2]]]
    return _BLOCK.sub(lambda m: m[1] + fresh[m[2]] + m[4], text), stale


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.card", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 when a table is stale")
    parser.add_argument("--seal", action="store_true", help="seal the test part as it is now")
    parser.add_argument("--date", type=dt.date.fromisoformat, default=dt.date.today(), help="day of the seal (today)")
    args = parser.parse_args()
    if args.seal:
        seal(args.date)
    text, stale = render(CARD.read_text(encoding="utf-8"))
    if args.check:
        if stale:
            print(f"stale in {CARD}: {', '.join(stale)}; python -m benchmarks.card writes them anew", file=sys.stderr)
        sys.exit(bool(stale))
    CARD.write_text(text, encoding="utf-8")
    print(f"{CARD}: {', '.join(stale) or 'nothing'} brought up to date")


if __name__ == "__main__":
    main()
