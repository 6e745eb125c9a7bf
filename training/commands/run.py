"""What the commands of :mod:`training.commands.cli` do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from training.commands.output import dump
from training.commands.score_file import score as score_file
from training.data.corpus import read_corpus
from training.judge.evaluate import judge
from training.registry.lineage import history
from training.registry.registry import fetched, versions
from training.report import console as show
from triage.policy import decide
from triage.policy.profile import load_profile
from triage.ticket import Ticket


def evaluate(model: str, data: Sequence[Path], *, as_json: bool) -> None:
    """Judges a model on labelled data."""
    from models import TriageModel

    with fetched(model) as (folder, _), show.Bar() as bar:
        loaded = TriageModel.load(folder)
        corpus = read_corpus(data, None, progress=bar)
        reports = judge(loaded, corpus, progress=bar)
    heads = {head: report.to_json() for head, report in reports.items()}
    if as_json:
        dump({"heads": heads})
        return
    for note in corpus.notes:
        typer.echo(f"· {note}")
    typer.echo(show.figures(heads))
    for head, report in heads.items():
        typer.echo(f"\n{head}\n{show.classes(report)}")


def score(data: Path, output: Path, *, model: str, profile: str, profiles: Path, as_json: bool) -> None:
    """Scores a file."""
    from models import TriageModel

    chosen = load_profile(profile, profiles)
    with fetched(model) as (folder, name), show.Bar() as bar:
        done = score_file(data, output, TriageModel.load(folder), profile=chosen, name=name, progress=bar)
    if as_json:
        dump({"output": str(output), **done._asdict()})
        return
    for note in done.notes:
        typer.echo(f"· {note}")
    typer.echo(f"{done.rows:,} 行 → {output}")
    if done.failed:
        typer.echo(f"其中 {done.failed:,} 行读不了，原因写在 error 列：", err=True)
        for fault in done.faults:
            typer.echo(f"  {fault}", err=True)


def explain(text: str, *, model: str, profile: str, profiles: Path, tier: str, as_json: bool) -> None:
    """Decides one ticket and shows why."""
    from features.mask import mask
    from features.normalise import fold_same_length
    from models import TriageModel

    chosen = load_profile(profile, profiles)
    ticket = Ticket.parse({"text": mask(text), "customer_tier": tier})
    with fetched(model) as (folder, name):
        loaded = TriageModel.load(folder)
    prediction = loaded.predict([ticket.content], evidence=True)[0]
    made = decide(
        ticket,
        prediction,
        profile=chosen,
        taxonomy=loaded.taxonomy,
        now=datetime.now(UTC),
        model=name,
        text=fold_same_length(ticket.content),
    )
    if as_json:
        dump(made.to_json())
    else:
        typer.echo(show.decision(made, ticket.content))


def models(name: str, *, as_json: bool) -> None:
    """Lists registered versions."""
    found = versions(name)
    moves = [(model, move) for model in dict.fromkeys(v.name for v in found) for move in history(model)]
    if as_json:
        changed = [{"name": model, **move._asdict()} for model, move in moves]
        dump({"models": [version.to_json() for version in found], "history": changed})
        return
    if not found:
        typer.echo("模型仓库里还没有模型；训练时加 --register 名字 就会注册。")
        return
    rows = [
        (
            f"{v.name} {v.version}",
            "、".join(v.aliases) or "–",
            f"{v.created_at.astimezone():%Y-%m-%d %H:%M}",
            "  ".join(f"{k.split('.')[0]} {value:.3f}" for k, value in v.metrics.items() if k.endswith("macro_f1"))
            or "–",
        )
        for v in found
    ]
    typer.echo(show.table(("版本", "别名", "时间", "macro-F1（留出集）"), rows))
    for model, move in moves:
        what = "退回" if move.what == "rollback" else "强制上线" if move.forced else "上线"
        before = f"，原来是 {move.previous}" if move.previous else ""
        why = f"：{move.reason}" if move.reason else ""
        at = datetime.fromisoformat(move.at).astimezone()
        typer.echo(f"  {at:%Y-%m-%d %H:%M}  {move.by} {what} {model} {move.version}{before}{why}")
