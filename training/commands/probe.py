"""``fendan probe``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.console import Column, Encoding, Sheet
from training.commands.options import Json, ModelArgument, Seed, Wiring

if TYPE_CHECKING:
    from training.judge.probe import ProbeReport

_HELP = """行为检查：把工单改一改（多几个感叹号、加句问候、套上邮件外壳、错一个字……），不该变的回答变了没有。

\b
每张工单在改动前后各问一遍，不需要标签；最好用自己的、模型没有学过的工单。不写数据就用起步工单。
不变：回答不该变，紧急程度更不该跳过一级。方向：加上“明天就要用”，紧急程度不该降。

\b
例：
  fendan probe M
  fendan probe M 我的工单.csv --limit 1000
  fendan probe models:/fendan@champion 我的工单.xlsx --json
"""

_LIMIT = 500


def register(app: typer.Typer, _: Wiring) -> None:
    """Registers the command."""
    app.command(help=_HELP)(probe)


def probe(
    model: ModelArgument,
    data: Annotated[
        list[Path] | None, typer.Argument(help="工单文件；标签列不会被用到", show_default="起步工单")
    ] = None,
    limit: Annotated[int, typer.Option(help="最多用几张工单，抽出来的总是同样的", min=1)] = _LIMIT,
    worst: Annotated[int, typer.Option(help="每项检查举几个例子", min=0)] = 3,
    seed: Seed = 0,
    column: Column = None,
    sheet: Sheet = "",
    encoding: Encoding = "",
    as_json: Json = False,
) -> None:
    """Runs the behaviour checks."""
    from intake.options import ReadOptions
    from models import TriageModel
    from training.commands.output import dump, notes
    from training.data.standard import starter_tickets
    from training.data.unlabelled import read_texts
    from training.judge import probe as checks
    from training.registry.registry import fetched
    from training.report import console

    said = []
    if not data:
        said.append("没有写工单文件，用的是起步工单；模型学过的工单上，回答变得比平常少")
    with fetched(model) as (folder, _), console.Bar() as bar:
        loaded = TriageModel.load(folder)
        options = ReadOptions.of(column or (), (), sheet, encoding)
        texts, left_out = read_texts(data or [starter_tickets()], options=options, progress=bar)
        rows = checks.sampled(texts, limit, seed)
        found = checks.run(loaded, [texts[row] for row in rows], seed, progress=bar)
    if left_out:
        said.append(f"{left_out:,} 行空的、太长或读不了，没有用")
    if len(rows) < len(texts):
        said.append(f"{len(texts):,} 张工单里抽了 {len(rows):,} 张；--limit 可以多用")
    if found.skipped:
        said.append(f"模型没有分先后的紧急程度，{len(found.skipped)} 项方向检查没有做：{'、'.join(found.skipped)}")
    if as_json:
        examples = {name: [one.to_json() for one in found.worst(name, worst)] for name in found.by_name}
        dump({**found.to_json(), "examples": examples, "notes": said})
        return
    notes(said)
    typer.echo(console.behaviour(found))
    _examples(found, worst)


def _examples(found: ProbeReport, limit: int) -> None:
    """The answers that moved worst, before and after."""
    for one in found.checks:
        shown = found.worst(one.check.name, limit)
        if not shown:
            continue
        typer.echo(f"\n{one.check.title}（{one.check.name}）")
        for example in shown:
            typer.echo(f"  {example.head}：{example.before} → {example.after}")
            typer.echo(f"    前  {_line(example.text)}")
            typer.echo(f"    后  {_line(example.changed)}")


def _line(text: str) -> str:
    """A text in one line; of a long one the start and the end."""
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:70]} … {line[-45:]}"
