"""What ``fendan compare`` does."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import typer

from models.reference import ModelReference
from training.commands.output import dump
from training.data.corpus import read_corpus
from training.data.duplicates import group
from training.data.hold_out import related
from training.data.learned import unseen
from training.judge.compare import compare
from training.judge.gate import GateVerdict, decide
from training.judge.wording import percent
from training.registry import lineage
from training.registry.registry import fetched
from training.report import console as show
from triage.errors import InputError


def run_compare(a: str, b: str, data: Sequence[Path], *, margin: float, seed: int, as_json: bool) -> None:
    """Compares any two models on a file, on what neither is known to have learned from."""
    from models import TriageModel

    with show.Bar() as bar, ExitStack() as stack:
        corpus = read_corpus(data, None, progress=bar)
        groups, notes = related(corpus, group(corpus.texts))
        said = [*corpus.notes, *notes]
        fresh = groups >= 0
        models = []
        for model in (a, b):
            folder, _ = stack.enter_context(fetched(model))
            models.append(TriageModel.load(folder))
            version = lineage.version_of(model)
            if version is None:
                said.append(f"{model} 是文件夹，不知道它学过什么；数据里若有它学过的工单，成绩会偏高")
            else:
                fresh &= unseen(corpus, groups, lineage.learned(version, models[-1].manifest["created_at"]))
        left_out = int((~fresh).sum())
        if left_out:
            said.append(f"{left_out:,} 条是其中一个学过的（或与之近似、同一客户），没有用来比较")
        if not fresh.any():
            raise InputError(
                f"{len(corpus):,} 条工单都是其中一个模型学过的，没有可以比较的；请给更新的数据", field="data"
            )
        rows = [row for row, new in enumerate(fresh.tolist()) if new]
        compared = compare(models[0], models[1], corpus.subset(rows), groups[rows], seed=seed, progress=bar)
        verdict = decide(compared, margin=margin, champion_heads=models[0].heads, challenger_heads=models[1].heads)
    if as_json:
        heads = {head: one.to_json() for head, one in compared.items()}
        dump({"a": a, "b": b, "n": len(rows), "left_out": left_out, "heads": heads, **verdict.to_json(), "notes": said})
        return
    for line in said:
        typer.echo(f"· {line}")
    typer.echo(show.comparison(compared, (_short(a), _short(b))))
    for head, one in compared.items():
        typer.echo(f"\n{head}\n{show.class_differences(one, verdict.classes[head])}")
    say_verdict(verdict)
    for reason in verdict.reasons:
        typer.echo(f"  ✗ {reason.text}")


def say_verdict(verdict: GateVerdict) -> None:
    typer.echo(f"\n判定      {verdict.words}（容许 {percent(verdict.margin)}）")
    for note in verdict.notes:
        typer.echo(f"  · {note.text}")
    sys.stdout.flush()


def _short(model: str) -> str:
    reference = ModelReference.parse(model)
    return reference.folder.name if reference.folder else f"{reference.name} {reference.alias or reference.version}"
