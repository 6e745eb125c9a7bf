"""``fendan train``: reads, fits, writes the folder, tracks, and says what to do next."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intake.console import Column, Encoding, Label, Sheet
from models.encoder.kind import ENCODER
from models.linear.kind import LINEAR
from models.scorers import kinds
from training.commands.options import (
    COST,
    ENCODER_FOLDS,
    KIND,
    MODEL,
    RECIPE,
    TARGET_ERROR,
    Checkpoint,
    Encoder,
    Json,
    Labelled,
    Seed,
    Taxonomy,
    Trunk,
    Wiring,
)
from triage.errors import InputError
from triage.paths import home

if TYPE_CHECKING:
    from training.fit.fit import Trained
    from training.registry.track import Tracked

_HELP = """用带标签的工单训练一个模型，记入 MLflow，写成文件夹，可注册。

\b
数据：CSV、JSONL、Parquet、XLSX（可以给几个）。要有 text 列（或 subject 与 body），
和 category、urgency、sentiment 中的任意几列；有哪一列就训练哪一项。
各家客服系统常用的列名（内容、分类、Description……）自己认得，别的用 --column 说明；先用 fendan check 看看读成了什么。
created_at 有的话，用较晚的工单来评估。

\b
例：
  fendan train datasets/starter/tickets.jsonl --out M
  fendan train 我的工单.xlsx --taxonomy infer --out M          标签以数据为准
  fendan train 导出.csv --column text=客户原话 --column category=一级分类 --out M
  fendan train a.csv b.csv --target-error 0.05 --register fendan
  fendan train a.csv --target-error category=0.02,urgency=0.05     每一项各自的
  fendan train a.csv --cost urgency.critical=3                     漏掉特急的代价是三倍
  fendan train a.csv --model blend --encoder-folds 5               线性与编码器合议
  fendan train a.csv --teacher M --unlabelled 历史工单.csv         向老师模型学没有标签的工单
"""


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Registers the command."""

    @app.command(help=_HELP)
    def train(
        data: Labelled,
        taxonomy: Taxonomy = "",
        model: Annotated[str, typer.Option(help=KIND)] = "linear",
        target_error: Annotated[str, typer.Option(help=TARGET_ERROR)] = "0.03",
        cost: Annotated[str, typer.Option(help=COST)] = "",
        recipe: Annotated[Path | None, typer.Option(help=RECIPE, show_default=False)] = None,
        trunk: Trunk = "",
        encoder: Encoder = "",
        encoder_folds: Annotated[int, typer.Option(help=ENCODER_FOLDS, min=1, max=5)] = 1,
        checkpoint: Checkpoint = None,
        teacher: Annotated[str, typer.Option(help="蒸馏：老师" + MODEL)] = "",
        unlabelled: Annotated[
            list[Path] | None, typer.Option(help="蒸馏：没有标签的工单，可给几次", show_default=False)
        ] = None,
        out: Annotated[
            Path | None, typer.Option(help="模型文件夹写到哪里。[默认 var/model，或 FENDAN_HOME 下的 model]")
        ] = None,
        register: Annotated[str, typer.Option(help="在模型仓库里用这个名字注册")] = "",
        holdout: Annotated[
            bool, typer.Option(help="留出五分之一来评估；不留省一半时间，成绩请用 fendan evaluate 在别的数据上看")
        ] = True,
        refit: Annotated[bool, typer.Option(help="评估之后再用全部工单训练要交付的模型")] = True,
        seed: Seed = 0,
        column: Column = None,
        label: Label = None,
        sheet: Sheet = "",
        encoding: Encoding = "",
        profile: Annotated[
            str, typer.Option(help="分单策略的名字或 YAML 文件：看看标签都有没有分值、险情会不会漏，不影响训练")
        ] = "default",
        as_json: Json = False,
    ) -> None:
        from intake.options import ReadOptions
        from models import TriageModel, artefact
        from training.commands.output import dump
        from training.data.corpus import read_corpus
        from training.data.standard import load_taxonomy
        from training.data.unlabelled import read_texts
        from training.fit import fit
        from training.fit.options import SpecOptions
        from training.fit.spec import TrainingSpec
        from training.registry.registry import fetched
        from training.registry.track import prepare, track
        from training.report.card import card
        from training.report.console import Bar
        from triage.policy.gaps import find_gaps
        from triage.policy.profile import load_profile

        chosen = load_profile(profile, wiring.profiles)
        options = SpecOptions(
            kind=model,
            target_error=target_error,
            cost=cost,
            recipe=recipe,
            trunk=trunk,
            encoder=encoder,
            encoder_folds=encoder_folds if encoder_folds > 1 else None,
            seed=seed,
            refit=refit,
            hold_out=holdout,
        )
        spec = options.applied_to(TrainingSpec())
        _check(model, checkpoint, teacher, bool(unlabelled))
        out = out or home() / "model"
        first = os.environ.get("RANK", "0") == "0"  # under torchrun every process trains, and one writes and speaks
        if first:
            artefact.check_place(out)
        reading = ReadOptions.of(column or (), label or (), sheet, encoding)
        given = None if taxonomy == "infer" else load_taxonomy(taxonomy)
        with Bar() as bar:
            corpus = read_corpus(data, given, options=reading, progress=bar)
            assert corpus.taxonomy is not None
            bar("打开 MLflow", 0.0)
            if first:
                prepare(register)
            teacher_model = None
            if teacher:
                with fetched(teacher) as (folder, _):
                    teacher_model = TriageModel.load(folder)
            texts, left_out = read_texts(unlabelled or [], options=reading, progress=bar)
            trained = fit.train(
                corpus,
                corpus.taxonomy,
                spec,
                teacher=teacher_model,
                unlabelled=texts,
                profile=chosen,
                checkpoint=checkpoint,
                progress=bar,
            )
            left = f"没有标签的工单里 {left_out:,} 行空的、太长或读不了，没有用"
            gaps = [gap.text for gap in find_gaps(chosen, trained.model.heads)]
            trained = trained._replace(notes=(*trained.notes, *([left] if left_out else []), *gaps))
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
                "unlabelled": len(texts),
                "seed": seed,
                **reading.parameter(),
            }
            tracked = track(trained, corpus, out, spec, parameters=parameters, register=register)
        if as_json:
            dump(_json(trained, tracked, out))
        else:
            _say(trained, tracked, out, len(corpus))


def _check(kind: str, checkpoint: Path | None, teacher: str, unlabelled: bool) -> None:
    """Whether what is no part of the specification goes with it."""
    members = kinds()[kind]
    if checkpoint and not members.has(ENCODER):
        raise InputError("--checkpoint 是编码器的；请加 --model encoder 或 blend", field="model")
    if teacher and not members.has(LINEAR):
        raise InputError("--teacher 是线性部分的；请用 --model linear 或 blend", field="model")
    if bool(teacher) != unlabelled:
        missing = "--unlabelled（没有标签的工单）" if teacher else "--teacher（老师模型）"
        raise InputError(f"蒸馏要同时给出 --teacher 与 --unlabelled；现在缺 {missing}", field="teacher")


def _json(trained: Trained, tracked: Tracked, out: Path) -> dict[str, Any]:
    return {
        "model": str(out),
        "heads": {head: report.to_json() for head, report in trained.reports.items()},
        "held_out": {"n": len(trained.split.held_out), "how": trained.split.how},
        "refit": trained.refit,
        "seconds": round(trained.seconds, 3),
        "behaviour": None if trained.behaviour is None else trained.behaviour.to_json(),
        "harm": None if trained.harm is None else trained.harm.to_json(),
        "notes": list(trained.notes),
        "mlflow": tracked._asdict(),
    }


def _say(trained: Trained, tracked: Tracked, out: Path, rows: int) -> None:
    from training.judge.wording import harm_words, percent
    from training.report import console

    typer.echo(f"训练完成：{rows:,} 条工单，{trained.duplicates:,} 条重复或近似，用时 {trained.seconds:.1f} 秒")
    for note in trained.notes:
        typer.echo(f"  · {note}")
    if trained.reports:
        when = "较晚的" if trained.split.how == "time" else "随机的"
        typer.echo(f"\n留出的{when} {len(trained.split.held_out):,} 条上（训练时没有见过）：")
        typer.echo(console.figures({head: report.to_json() for head, report in trained.reports.items()}))
    if trained.harm is not None:
        typer.echo(f"\n{harm_words(trained.harm)}")
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
