"""What ``fendan train`` does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from models import artefact
from training.commands.output import dump
from training.data.corpus import read_corpus
from training.data.standard import load_taxonomy
from training.data.unlabelled import read_texts
from training.fit.fit import Trained
from training.fit.fit import train as fit
from training.fit.spec import TrainingSpec
from training.judge.wording import percent
from training.registry.registry import fetched
from training.registry.track import Tracked, prepare, track
from training.report import console as show
from training.report.card import card
from triage.errors import InputError
from triage.taxonomy import Taxonomy


def train(
    data: Sequence[Path],
    *,
    taxonomy: str,
    how: TrainingSpec,
    teacher: str,
    unlabelled: Sequence[Path],
    out: Path,
    register: str,
    holdout: bool,
    refit: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Reads, fits, writes the folder, tracks, and says what to do next."""
    from models import TriageModel

    if bool(teacher) != bool(unlabelled):
        missing = "--unlabelled（没有标签的工单）" if teacher else "--teacher（老师模型）"
        raise InputError(f"蒸馏要同时给出 --teacher 与 --unlabelled；现在缺 {missing}", field="teacher")
    first = os.environ.get("RANK", "0") == "0"  # under torchrun every process trains, and one writes and speaks
    if first:
        artefact.check_place(out)
    given = None if taxonomy == "infer" else load_taxonomy(taxonomy)
    with show.Bar() as bar:
        corpus = read_corpus(data, given, progress=bar)
        labels = given or Taxonomy.infer(corpus.labels)
        bar("打开 MLflow", 0.0)
        if first:
            prepare(register)
        master = None
        if teacher:
            with fetched(teacher) as (folder, _):
                master = TriageModel.load(folder)
        lessons, left_out = read_texts(unlabelled, progress=bar)
        trained = fit(
            corpus,
            labels,
            how=how,
            teacher=master,
            unlabelled=lessons,
            judged=holdout,
            refit=refit,
            seed=seed,
            progress=bar,
        )
        if left_out:
            note = f"没有标签的工单里 {left_out:,} 行空的、太长或读不了，没有用"
            trained = trained._replace(notes=(*trained.notes, note))
        if not first:
            return
        bar("写出模型", 0.0)
        trained.model.save(out)
        (out / "model_card.md").write_text(card(trained, corpus), encoding="utf-8")
        bar("记入 MLflow", 0.5)
        parameters = {
            "data": [str(path) for path in data],
            "taxonomy": taxonomy or "standard",
            "teacher": teacher,
            "unlabelled": len(lessons),
            "seed": seed,
        }
        tracked = track(trained, corpus, out, how=how, parameters=parameters, register=register)
    if as_json:
        dump(_train_json(trained, tracked, out))
    else:
        _say_trained(trained, tracked, out, len(corpus))


def _train_json(trained: Trained, tracked: Tracked, out: Path) -> dict[str, Any]:
    return {
        "model": str(out),
        "heads": {head: report.to_json() for head, report in trained.reports.items()},
        "held_out": {"n": len(trained.split.held_out), "how": trained.split.how},
        "refit": trained.refit,
        "seconds": round(trained.seconds, 3),
        "notes": list(trained.notes),
        "mlflow": tracked._asdict(),
    }


def _say_trained(trained: Trained, tracked: Tracked, out: Path, rows: int) -> None:
    typer.echo(f"训练完成：{rows:,} 条工单，{trained.duplicates:,} 条重复或近似，用时 {trained.seconds:.1f} 秒")
    for note in trained.notes:
        typer.echo(f"  · {note}")
    if trained.reports:
        when = "较晚的" if trained.split.how == "time" else "随机的"
        typer.echo(f"\n留出的{when} {len(trained.split.held_out):,} 条上（训练时没有见过）：")
        typer.echo(show.figures({head: report.to_json() for head, report in trained.reports.items()}))
    target = percent(trained.model.manifest["target_error"])
    for head, spec in trained.model.manifest["heads"].items():
        silent = [code for code, limit in spec["limits"].items() if limit["cannot_promise"]]
        if silent:
            which = "所有" if len(silent) == len(spec["limits"]) else f"{len(silent)} 个"
            typer.echo(
                f"{head}：凭这些例子，{which}类还不能承诺错误率在 {target} 以内，一律交给人：{'、'.join(silent)}"
            )
    typer.echo(f"\n模型      {out}（说明见 {out / 'model_card.md'}）")
    typer.echo(f"MLflow    运行 {tracked.run_id}；看图：mlflow ui --backend-store-uri {tracked.tracking_uri}")
    if tracked.version:
        crown = "，成为冠军（champion）" if tracked.champion else "；已有冠军在用，这一版在候选"
        typer.echo(f"已注册    {tracked.name} 版本 {tracked.version}{crown}")
    which = f"models:/{tracked.name}@champion" if tracked.champion else str(out)
    typer.echo(f'接下来    fendan explain "收到的杯子碎了" --model {which}\n          fendan serve --model {which}')
