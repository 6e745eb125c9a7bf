"""``fendan retrain``: base data, snapshot, challenger, verdict, run in MLflow, version with the alias challenger."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from intake.console import Column, Encoding, Label, Sheet
from training.commands.options import (
    CHAMPIONS,
    COST,
    ENCODER,
    ENCODER_FOLDS,
    KIND,
    RECIPE,
    TARGET_ERROR,
    TAXONOMY,
    TRUNK,
    BaseFile,
    Json,
    Margin,
    Seed,
    Wiring,
)
from triage.errors import GateError, InputError

if TYPE_CHECKING:
    from intake.options import ReadOptions
    from training.data.corpus import Corpus
    from training.fit.options import SpecOptions
    from training.fit.retrain import Champion, Retrained
    from training.registry.lineage import ModelVersion
    from training.registry.track import Tracked
    from triage.taxonomy import Taxonomy

_HELP = """用基础数据加上审核中的更正，训练一个挑战者，与冠军在同样的、两者都没学过的工单上比较。

\b
先写快照（var/snapshots，同样的内容只有一份）；留出冠军没学过的较新工单；在其余的上训练；
比较，判定，记入 MLflow（gate.html 是带图的报告），注册为别名 challenger。
没有一处显著变差才算通过；没有通过时退出码是 1，理由在标准错误里。接着用 fendan promote 上线。
不写基础数据时，沿用冠军的；它们不在了，就用起步工单，并且说出来。
怎么训练也沿用冠军的：种类、目标错误率、代价、配方、编码器的骨干与设置；写了哪一项就换哪一项。

\b
例：
  fendan retrain
  fendan retrain 工单.csv --until 2026-11-12T00:00:00+08:00
  fendan retrain 工单.csv --margin 0.01 --json
  fendan retrain --model blend --encoder-folds 5           线性冠军试试换成合议
  fendan retrain --rebuild models:/fendan/3 --out M        从快照重建以前的一版
"""


class _Wish(NamedTuple):
    """What was asked for, beside the specification."""

    base: Sequence[Path]
    reading: ReadOptions
    db: str
    until: datetime | None
    name: str
    taxonomy: str
    margin: float


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Registers the command."""

    @app.command(help=_HELP)
    def retrain(
        base: Annotated[list[Path] | None, typer.Argument(help="基础数据文件", show_default="沿用冠军的")] = None,
        db: Annotated[str, typer.Option(help="存更正的数据库，与 fendan serve 的一样", show_default="FENDAN_DB")] = "",
        until: Annotated[str, typer.Option(help="只用这个时刻以前的更正（ISO 8601）", show_default="现在")] = "",
        name: Annotated[str, typer.Option(help="模型仓库里的名字")] = "fendan",
        model: Annotated[str | None, typer.Option(help=KIND, show_default=CHAMPIONS)] = None,
        target_error: Annotated[str | None, typer.Option(help=TARGET_ERROR, show_default=CHAMPIONS)] = None,
        cost: Annotated[str | None, typer.Option(help=COST, show_default=CHAMPIONS)] = None,
        margin: Margin = 0.02,
        taxonomy: Annotated[str, typer.Option(help=TAXONOMY, show_default=CHAMPIONS)] = "",
        recipe: Annotated[Path | None, typer.Option(help=RECIPE, show_default=CHAMPIONS)] = None,
        trunk: Annotated[str, typer.Option(help=TRUNK, show_default=CHAMPIONS)] = "",
        encoder: Annotated[str, typer.Option(help=ENCODER, show_default=CHAMPIONS)] = "",
        encoder_folds: Annotated[
            int | None, typer.Option(help=ENCODER_FOLDS, min=1, max=5, show_default=CHAMPIONS)
        ] = None,
        refit: Annotated[
            bool, typer.Option("--refit", help="比较之后再用全部工单训练要交付的；交付的那个没有人比较过")
        ] = False,
        seed: Seed = 0,
        rebuild: Annotated[str, typer.Option(help="不训练新的，从快照重建这一版", show_default=False)] = "",
        snapshot: Annotated[Path | None, typer.Option(help="重建用的快照搬到了哪里", show_default=False)] = None,
        out: Annotated[Path | None, typer.Option(help="重建的模型写到哪里", show_default=False)] = None,
        column: Column = None,
        label: Label = None,
        sheet: Sheet = "",
        encoding: Encoding = "",
        as_json: Json = False,
    ) -> None:
        if rebuild:
            if out is None:
                raise InputError("--rebuild 要同时写 --out 文件夹", field="out")
            _rebuild(rebuild, snapshot, out, as_json=as_json)
            return
        if out is not None or snapshot is not None:
            raise InputError("--out、--snapshot 只和 --rebuild 一起用", field="out")
        from intake.options import ReadOptions
        from training.fit.options import SpecOptions
        from training.fit.spec import TrainingSpec
        from triage.ticket import parse_time

        options = SpecOptions(model, target_error, cost, recipe, trunk, encoder, encoder_folds, seed, refit)
        options.applied_to(TrainingSpec(kind="blend"))  # what is wrong whatever the champion is, is said at once
        moment = parse_time("until", until) if until else None
        reading = ReadOptions.of(column or (), label or (), sheet, encoding)
        wish = _Wish(base or [], reading, db, moment, name, taxonomy, margin)
        _retrain(wish, options, wiring, as_json=as_json)


def _retrain(wish: _Wish, options: SpecOptions, wiring: Wiring, *, as_json: bool) -> None:
    """Retrains.

    Raises:
        GateError: the challenger was registered and refused, or there was too little to compare on.
    """
    from training.commands.output import dump
    from training.data.corpus import read_corpus
    from training.fit import retrain as room
    from training.fit.spec import TrainingSpec
    from training.registry import lineage
    from training.registry.track import ChallengerRecord, prepare, track
    from training.report import retraining
    from training.report.console import Bar
    from triage.policy.profile import load_profile

    with Bar() as bar, ExitStack() as stack:
        profile = load_profile("default", wiring.profiles)
        bar("打开 MLflow", 0.0)
        prepare(wish.name)
        version = lineage.champion(wish.name)
        champion = None if version is None else _champion(version, stack)
        usual = TrainingSpec()
        if version is not None and champion is not None:
            usual = lineage.spec(version, champion.model.manifest)
        spec = options.applied_to(usual)
        files, note = _base(wish.base, version)
        reading = wish.reading
        if not wish.base and version is not None and not reading.to_json():
            reading = lineage.recorded_reading(version)
        given = _taxonomy(wish.taxonomy, champion)
        known = given or (champion.model.taxonomy if champion and wish.taxonomy != "infer" else None)
        base, remarks = _read_base(files, reading, known, bar)
        snapshot = room.read_snapshot(wiring.snapshots(base, wish.db, wish.until, bar))
        corpus = read_corpus([snapshot.folder / room.TICKETS], given, progress=bar)
        taxonomy = given or _of_data(corpus, champion)
        done = room.retrain(corpus, taxonomy, champion, spec, margin=wish.margin, profile=profile, progress=bar)
        bar("写出报告，记入 MLflow", 0.5)
        against = champion.version if champion else ""
        facts = [*([note] if note else []), *remarks]
        facts += retraining.facts(snapshot, corpus, done, spec, against, wish.name)
        about = retraining.described(snapshot, done, against)
        tags = {
            lineage.GATE: "passed" if done.verdict.passed else "refused",
            lineage.AGAINST: against or lineage.NONE,
            "gate_reasons": "；".join(reason.text for reason in done.verdict.reasons)[:2000],
            "snapshot": str(snapshot.folder),
            "snapshot_fingerprint": snapshot.manifest["fingerprint"],
            "shipped": "refit" if spec.refit else "gated",
        }
        parameters = {
            "data": [str(path.resolve()) for path in files],
            "snapshot": str(snapshot.folder),
            "taxonomy": wish.taxonomy or "champion",
            "margin": wish.margin,
            "seed": spec.seed,
            **reading.parameter(),
        }
        said = {**about, "shipped": tags["shipped"]}
        with retraining.written(done, corpus, taxonomy, said, facts) as (folder, artefacts):
            plan = room.plan(snapshot, done.held, taxonomy, spec)
            (artefacts / "retrain.json").write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
            record = ChallengerRecord(tags, artefacts)
            tracked = track(
                done.trained, corpus, folder, spec, parameters=parameters, register=wish.name, challenger=record
            )
    if as_json:
        heads = {head: one.to_json() for head, one in done.compared.items()}
        named = {"name": tracked.name, "version": tracked.version}
        rest = {"facts": facts, "seconds": round(done.trained.seconds, 3), "mlflow": tracked._asdict()}
        dump({**done.verdict.to_json(), **named, **about, "heads": heads, **rest})
    else:
        _say(done, tracked, against, facts)
    if not done.verdict.passed:
        reasons = "\n".join(f"  ✗ {reason.text}" for reason in done.verdict.reasons)
        raise GateError(f"{tracked.name} 版本 {tracked.version} 没有通过与冠军的比较，不能接替：\n{reasons}")


def _rebuild(model: str, folder: Path | None, out: Path, *, as_json: bool) -> None:
    """Fits a registered version again from its snapshot, into ``out``."""
    from training.commands.output import dump
    from training.fit.retrain import rebuild
    from training.registry import lineage
    from training.registry.registry import fetched
    from training.report.console import Bar

    version = lineage.version_of(model)
    if version is None:
        raise InputError(f"--rebuild 要一个注册过的版本，如 models:/fendan/3；收到的是 {model!r}", field="rebuild")
    with Bar() as bar:
        trained = rebuild(lineage.plan(version), folder, progress=bar)
        trained.model.save(out)
    with fetched(model) as (stored, _):
        then, now = (
            json.loads((place / "manifest.json").read_text(encoding="utf-8"))["files"] for place in (stored, out)
        )
    if as_json:
        dump({"model": str(out), "same_weights": then == now})
    else:
        same = "权重与注册的逐字节相同" if then == now else "权重与注册的不同：库的版本或机器不一样"
        typer.echo(f"重建了 {version.name} 版本 {version.version} → {out}：{same}")


def _champion(version: ModelVersion, stack: ExitStack) -> Champion:
    from models import TriageModel
    from training.fit.retrain import Champion
    from training.registry import lineage
    from training.registry.registry import fetched

    folder, _ = stack.enter_context(fetched(f"models:/{version.name}/{version.version}"))
    model = TriageModel.load(folder)
    return Champion(model, lineage.learned(version, model.manifest["created_at"]), version.version)


def _base(given: Sequence[Path], version: ModelVersion | None) -> tuple[list[Path], str]:
    """The base data files, and what is to be known of the choice."""
    from training.data.standard import starter_tickets
    from training.registry import lineage

    if given:
        return list(given), ""
    recorded = lineage.recorded_data(version) if version else []
    if recorded and all(path.is_file() for path in recorded):
        return recorded, f"基础数据沿用冠军的：{'、'.join(map(str, recorded))}"
    gone = "、".join(str(path) for path in recorded if not path.is_file())
    why = f"冠军的基础数据不在了（{gone}）" if gone else "没有写基础数据，冠军也没有记录"
    return [starter_tickets()], f"{why}，用的是起步工单；要用自己的，写在命令里：fendan retrain 工单.csv"


def _read_base(
    files: Sequence[Path], reading: ReadOptions, known: Taxonomy | None, bar: Callable[[str, float], None]
) -> tuple[list[BaseFile], list[str]]:
    """The base files with labels as ``known`` calls them (None: as the file does), and what was noticed while reading."""
    from training.data.corpus import read_corpus

    base: list[BaseFile] = []
    remarks: list[str] = []
    for path in files:
        corpus = read_corpus([path], known, options=reading, unknown="keep" if known else "refuse", progress=bar)
        base.append(_base_file(path, corpus))
        remarks += corpus.notes
    return base, remarks


def _of_data(corpus: Corpus, champion: Champion | None) -> Taxonomy:
    """The labels of the data, called what the champion calls them."""
    from intake.labels import named_as

    assert corpus.taxonomy is not None
    return corpus.taxonomy if champion is None else named_as(corpus.taxonomy, champion.model.taxonomy)


def _base_file(path: Path, corpus: Corpus) -> BaseFile:
    import hashlib

    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    rows = [
        {
            "ticket_id": corpus.ids[i],
            "text": corpus.texts[i],
            "created_at": corpus.created_at[i],
            "channel": corpus.channel[i],
            "customer_id": corpus.customer_id[i],
            **{head: column[i] for head, column in corpus.labels.items()},
        }
        for i in range(len(corpus))
    ]
    return BaseFile(str(path.resolve()), digest, rows)


def _taxonomy(given: str, champion: Champion | None) -> Taxonomy | None:
    """The labels: those given, else the champion's own, else the standard ones; None for those of the data."""
    from training.data.standard import load_taxonomy

    if given == "infer":
        return None
    if given or champion is None:
        return load_taxonomy(given)
    found = champion.model.taxonomy
    return None if found.version == "inferred" else found


def _say(done: Retrained, tracked: Tracked, champion: str, facts: Sequence[str]) -> None:
    from training.commands import output
    from training.report import console

    output.notes(facts)
    if champion:
        typer.echo(f"\n同样的 {len(done.held.split.held_out):,} 条留出工单上：")
        typer.echo(console.comparison(done.compared, (f"冠军 {champion}", "挑战者")))
    else:
        typer.echo(f"\n留出的 {len(done.held.split.held_out):,} 条上：")
        typer.echo(console.figures({head: report.to_json() for head, report in done.trained.reports.items()}))
    output.verdict(done.verdict)
    typer.echo(
        f"已注册    {tracked.name} 版本 {tracked.version}，别名 challenger（训练 {done.trained.seconds:.1f} 秒）"
    )
    typer.echo(
        f"报告      MLflow 运行 {tracked.run_id} 里的 gate.html；mlflow ui --backend-store-uri {tracked.tracking_uri}"
    )
    if done.verdict.passed:
        typer.echo(f"接下来    fendan promote {tracked.name}")
