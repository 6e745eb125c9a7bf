"""``fendan compare``."""

from __future__ import annotations

from contextlib import ExitStack
from functools import reduce

import typer

from intake.console import Column, Encoding, Label, Sheet
from models.reference import ModelReference
from training.commands.options import Json, Labelled, Margin, ModelArgument, Seed, Wiring
from triage.errors import InputError

_HELP = """比较两个模型：同样的工单，成对的检验与区间，每一类的召回率；甲当作现在用的，乙当作要换上的。

\b
模型学过的工单不用来比较，并计数；训练时没有记在这里的 MLflow 里的文件夹学过什么无从知道，也会说明。

\b
例：
  fendan compare models:/fendan@champion models:/fendan@challenger 新工单.csv
  fendan compare M N 新工单.csv --json
"""


def register(app: typer.Typer, _: Wiring) -> None:
    """Registers the command."""
    app.command(help=_HELP)(compare)


def compare(
    a: ModelArgument,
    b: ModelArgument,
    data: Labelled,
    margin: Margin = 0.02,
    seed: Seed = 0,
    column: Column = None,
    label: Label = None,
    sheet: Sheet = "",
    encoding: Encoding = "",
    as_json: Json = False,
) -> None:
    """Compares any two models on a file, on what neither is known to have learned from."""
    from intake.options import ReadOptions
    from models import TriageModel
    from training.commands import output
    from training.data.corpus import read_corpus
    from training.data.duplicates import grouping
    from training.data.frames import NO_FRAMES, Frames
    from training.data.hold_out import related
    from training.data.learned import unseen
    from training.judge import compare as judge
    from training.judge import probe
    from training.judge.gate import decide
    from training.registry import lineage
    from training.registry.registry import fetched
    from training.report import console

    reading = ReadOptions.of(column or (), label or (), sheet, encoding)
    with console.Bar() as bar, ExitStack() as stack:
        models = []
        for model in (a, b):
            folder, _ = stack.enter_context(fetched(model))
            models.append(TriageModel.load(folder))
        corpus = read_corpus(
            data, models[0].taxonomy, options=reading, heads=models[1].heads, unknown="keep", progress=bar
        )
        known = [lineage.learned_by(model, one.manifest) for model, one in zip((a, b), models, strict=True)]
        frames = [NO_FRAMES, *(record.frames for record in known if record)]
        copies = grouping(corpus.texts, known=reduce(Frames.joined, frames))
        groups, remarks = related(corpus, copies.groups)
        notes = [*corpus.notes, *copies.shared.notes(), *remarks]
        fresh = groups >= 0
        for model, record in zip((a, b), known, strict=True):
            if record is None:
                notes.append(f"{model} 是文件夹，不知道它学过什么；数据里若有它学过的工单，成绩会偏高")
            else:
                fresh &= unseen(corpus, groups, record)
        left_out = int((~fresh).sum())
        if left_out:
            notes.append(f"{left_out:,} 条是其中一个学过的（或与之近似、同一客户），没有用来比较")
        if not fresh.any():
            raise InputError(
                f"{len(corpus):,} 条工单都是其中一个模型学过的，没有可以比较的；请给更新的数据", field="data"
            )
        rows = [row for row, new in enumerate(fresh.tolist()) if new]
        compared = judge.compare(models[0], models[1], corpus.subset(rows), groups[rows], seed=seed, progress=bar)
        texts = [corpus.texts[row] for row in rows]
        verdict = decide(
            compared,
            margin=margin,
            champion_heads=models[0].heads,
            challenger_heads=models[1].heads,
            behaviour=probe.compared(models[0], models[1], texts, groups[rows], seed=seed, progress=bar),
        )
    if as_json:
        heads = {head: one.to_json() for head, one in compared.items()}
        counts = {"a": a, "b": b, "n": len(rows), "left_out": left_out}
        output.dump({**counts, "heads": heads, **verdict.to_json(), "notes": notes})
        return
    output.notes(notes)
    typer.echo(console.comparison(compared, (_short(a), _short(b))))
    for head, one in compared.items():
        typer.echo(f"\n{head}\n{console.class_differences(one, verdict.classes[head])}")
    output.verdict(verdict)
    for reason in verdict.reasons:
        typer.echo(f"  ✗ {reason.text}")


def _short(model: str) -> str:
    reference = ModelReference.parse(model)
    return reference.folder.name if reference.folder else f"{reference.name} {reference.alias or reference.version}"
