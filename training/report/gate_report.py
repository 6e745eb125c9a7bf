"""The gate's report: ``gate.json`` for programs, ``gate.html`` for people, with its pictures inside: one file to pass on."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from training.judge.compare import Difference, HeadComparison
from training.judge.gate import GateVerdict
from training.judge.wording import percent
from triage.taxonomy import Taxonomy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STATUS = {"worse": "变差了", "held": "没有变差", "open": "没有定论", "untested": "太少，没有检验"}


class Row(NamedTuple):
    """A row of a table; ``kind`` is its class."""

    cells: tuple[str, ...]
    kind: str = ""


class Picture(NamedTuple):
    """A picture: what it shows in words, and the PNG in base 64."""

    alt: str
    data: str


def write(
    folder: Path,
    verdict: GateVerdict,
    heads: Mapping[str, HeadComparison],
    *,
    about: Mapping[str, Any],
    facts: Sequence[str],
    taxonomy: Taxonomy,
    both: tuple[str, str],
) -> None:
    """Writes both files into ``folder``.

    Args:
        about: what else ``gate.json`` says (versions, snapshot, held-out part).
        facts: lines on the data, the split and what is shipped.
        both: names of champion and challenger.
    """
    compared = {head: one.to_json() for head, one in heads.items()}
    data = {**verdict.to_json(), **about, "facts": list(facts), "heads": compared}
    (folder / "gate.json").write_text(json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8")
    (folder / "gate.html").write_text(_page(verdict, heads, facts, taxonomy, both), encoding="utf-8")


def _page(
    verdict: GateVerdict,
    heads: Mapping[str, HeadComparison],
    facts: Sequence[str],
    taxonomy: Taxonomy,
    both: tuple[str, str],
) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("gate.html").render(
        champion=both[0],
        challenger=both[1],
        verdict=verdict,
        facts=list(facts),
        heads=[_head(head, one, verdict, taxonomy, both) for head, one in heads.items()],
        margin=percent(verdict.margin, 0),
        alpha=percent(verdict.alpha, 0),
    )


def _head(
    head: str, one: HeadComparison, verdict: GateVerdict, taxonomy: Taxonomy, both: tuple[str, str]
) -> dict[str, Any]:
    from training.report.gate_pictures import classes, reliability

    names = {label.code: label.name for label in taxonomy.heads[head].labels} if head in taxonomy.heads else {}
    status = verdict.classes.get(head, {})
    return {
        "name": head,
        "n": f"{one.n:,}",
        "figures": _figures(one),
        "better": f"{one.right.better:,}",
        "worse": f"{one.right.worse:,}",
        "p": f"{one.right.two_sided:.3g}",
        "recalls": _picture(classes(one, status, verdict.margin, names, both), f"{head} 每一类召回率之差及其界限"),
        "reliability": _picture(reliability(one, both), f"{head} 两个模型的把握与实际正确率"),
        "classes": _classes(one, status, names),
    }


def _figures(one: HeadComparison) -> list[Row]:
    named = (
        ("准确率", one.accuracy),
        ("macro-F1", one.macro_f1),
        ("自动覆盖", one.coverage),
        ("自动中的错误", one.selective_error),
    )
    return [Row((name, *_cells(found))) for name, found in named]


def _cells(found: Difference) -> tuple[str, str, str, str]:
    between = "–" if found.low is None or found.high is None else f"{found.low * 100:+.1f} … {found.high * 100:+.1f}"
    moved = "–" if found.difference is None else f"{found.difference * 100:+.1f}"
    return percent(found.champion), percent(found.challenger), moved, between


def _classes(one: HeadComparison, status: Mapping[str, str], names: Mapping[str, str]) -> list[Row]:
    rows = []
    for code, found in sorted(one.classes.items(), key=lambda item: -item[1].n):
        of = found.of
        between = f"{of.low * 100:+.1f} … {of.high * 100:+.1f}"
        name = f"{names.get(code, code)}（{code}）" if names.get(code, code) != code else code
        figures = (f"{found.n:,}", percent(found.champion), percent(found.challenger), f"{of.difference * 100:+.1f}")
        kind = "bad" if status[code] == "worse" else ""
        rows.append(Row((name, *figures, between, STATUS[status[code]]), kind))
    return rows


def _picture(figure: Figure, alt: str) -> Picture:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=130, facecolor="white", metadata={"Software": None})
    return Picture(alt, base64.b64encode(out.getvalue()).decode("ascii"))
