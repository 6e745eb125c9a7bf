"""The gate's report: ``gate.json`` for programs, ``gate.html`` for people, with its pictures inside: one file to pass on."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.judge.compare import Difference, HeadComparison
from training.judge.gate import GateVerdict
from training.judge.wording import percent
from triage.taxonomy import Taxonomy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STATUS = {"worse": "变差了", "held": "没有变差", "open": "没有定论", "untested": "太少，没有检验"}

_STYLE = """
body{font:15px/1.7 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;color:#1f2933;background:#fff;
max-width:62rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;margin:.6rem 0}th,td{padding:.25rem .8rem;border-bottom:1px solid #e3e8ee;text-align:right}
th:first-child,td:first-child{text-align:left}.bad{color:#c2410c}.good{color:#2563a8}.soft{color:#66727f}img{max-width:100%}
"""


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
    from training.report.gate_pictures import classes, reliability

    kind = "good" if verdict.passed else "bad"
    parts = [
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(both[1])} 能否替换 {escape(both[0])}</title>',
        f"<style>{_STYLE}</style>",
        f'<h1>{escape(both[1])} 能否替换 {escape(both[0])}：<span class="{kind}">{escape(verdict.words)}</span></h1>',
        _list([reason.text for reason in verdict.reasons], "bad"),
        _list(list(facts), ""),
        _list([note.text for note in verdict.notes], "soft"),
    ]
    for head, one in heads.items():
        names = {label.code: label.name for label in taxonomy.heads[head].labels} if head in taxonomy.heads else {}
        status = verdict.classes.get(head, {})
        parts += [f"<h2>{escape(head)}：{one.n:,} 条</h2>", _figures(one, both)]
        parts += [
            _picture(classes(one, status, verdict.margin, names, both), f"{head} 每一类召回率之差及其界限"),
            _picture(reliability(one, both), f"{head} 两个模型的把握与实际正确率"),
            _classes(one, status, names, both),
        ]
    margin, alpha = percent(verdict.margin, 0), percent(verdict.alpha, 0)
    parts.append(
        f'<h2>怎么判的</h2><p class="soft">同样的留出工单，成对比较；近似的、同一客户的算一条。显著变差（精确检验，Holm 校正）'
        f"而且差得超过 {margin} 才拒绝：一样好的模型至多有 {alpha} 被误拒。整体的区间是双侧 95 %（成对自助法 2,000 次），"
        "各类的上下限是单侧 95 %（Tango 1998）。太少的类没有检验，不会只因偶然被拒，也没有证明什么。</p></html>"
    )
    return "\n".join(parts)


def _list(lines: Sequence[str], kind: str) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="{kind}">{items}</ul>' if lines else ""


def _figures(one: HeadComparison, both: tuple[str, str]) -> str:
    rows = [
        _row(name, *_cells(found))
        for name, found in (
            ("准确率", one.accuracy),
            ("macro-F1", one.macro_f1),
            ("自动覆盖", one.coverage),
            ("自动中的错误", one.selective_error),
        )
    ]
    test = f"只有挑战者答对的 {one.right.better:,} 条，只有冠军答对的 {one.right.worse:,} 条，McNemar 精确 p = {one.right.two_sided:.3g}"
    return _table(("", *both, "差", "95 % 区间"), rows) + f'<p class="soft">{escape(test)}</p>'


def _cells(found: Difference) -> tuple[str, str, str, str]:
    between = "–" if found.low is None or found.high is None else f"{found.low * 100:+.1f} … {found.high * 100:+.1f}"
    moved = "–" if found.difference is None else f"{found.difference * 100:+.1f}"
    return percent(found.champion), percent(found.challenger), moved, between


def _classes(one: HeadComparison, status: Mapping[str, str], names: Mapping[str, str], both: tuple[str, str]) -> str:
    rows = []
    for code, found in sorted(one.classes.items(), key=lambda item: -item[1].n):
        of = found.of
        between = f"{of.low * 100:+.1f} … {of.high * 100:+.1f}"
        name = f"{names.get(code, code)}（{code}）" if names.get(code, code) != code else code
        said = STATUS[status[code]]
        figures = (f"{found.n:,}", percent(found.champion), percent(found.challenger), f"{of.difference * 100:+.1f}")
        rows.append(_row(name, *figures, between, said, kind="bad" if status[code] == "worse" else ""))
    return _table(("类", "条数", *(f"{name} 召回率" for name in both), "差", "上下限", ""), rows)


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    return f"<table><tr>{cells}</tr>{''.join(rows)}</table>"


def _row(*cells: str, kind: str = "") -> str:
    return f'<tr class="{kind}">' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _picture(figure: Figure, alt: str) -> str:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=130, facecolor="white", metadata={"Software": None})
    data = base64.b64encode(out.getvalue()).decode("ascii")
    return f'<p><img alt="{escape(alt)}" src="data:image/png;base64,{data}"></p>'
