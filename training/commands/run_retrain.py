"""What ``fendan retrain`` does: base data, snapshot, challenger, verdict, run in MLflow, version with the alias challenger."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import typer

from training.commands.output import dump
from training.commands.run_compare import say_verdict
from training.data.corpus import Corpus, read_corpus
from training.data.standard import load_taxonomy, starter_tickets
from training.fit.retrain import TICKETS, Retrained, TrainingSnapshot, plan, read_snapshot, rebuild, retrain
from training.fit.spec import TrainingSpec
from training.registry import lineage
from training.registry.lineage import AGAINST, GATE, NONE, ModelVersion
from training.registry.registry import fetched
from training.registry.track import ChallengerRecord, Tracked, prepare, track
from training.report import console as show
from training.report.card import card
from training.report.console import comparison
from training.report.gate_report import write as write_report
from triage.errors import GateError, InputError
from triage.taxonomy import Taxonomy


class BaseFile(NamedTuple):
    """One base data file as the writer of snapshots wants it: path, sha256 of its bytes, and its rows (see there)."""

    file: str
    sha256: str
    rows: Sequence[Mapping[str, Any]]


Snapshots = Callable[[Sequence[BaseFile], str, datetime | None, Callable[[str, float], None]], Path]
"""Writes a snapshot of base files and a database up to a moment (None: now), and gives its folder."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of the command. ``how``: the champion's way of training -> this one's."""

    base: Sequence[Path]
    db: str
    until: datetime | None
    name: str
    taxonomy: str
    how: Callable[[TrainingSpec], TrainingSpec]
    margin: float
    refit: bool
    seed: int


def run(wish: Wish, snapshots: Snapshots, *, as_json: bool) -> None:
    """Retrains.

    Raises:
        GateError: the challenger was registered and refused, or there was too little to compare on.
    """
    from models import TriageModel

    with show.Bar() as bar, ExitStack() as stack:
        bar("打开 MLflow", 0.0)
        prepare(wish.name)
        version = lineage.champion(wish.name)
        champion = learned = None
        if version is not None:
            folder, _ = stack.enter_context(fetched(f"models:/{wish.name}/{version.version}"))
            champion = TriageModel.load(folder)
            learned = lineage.learned(version, champion.manifest["created_at"])
        how = wish.how(
            TrainingSpec() if version is None or champion is None else lineage.how(version, champion.manifest)
        )
        files, note = _base(wish.base, version)
        snapshot = read_snapshot(snapshots([_read_base(path, bar) for path in files], wish.db, wish.until, bar))
        given = _taxonomy(wish.taxonomy, champion)
        corpus = read_corpus([snapshot.folder / TICKETS], given, progress=bar)
        taxonomy = given or Taxonomy.infer(corpus.labels)
        done = retrain(
            corpus,
            taxonomy,
            champion,
            learned,
            how=how,
            margin=wish.margin,
            refit=wish.refit,
            seed=wish.seed,
            progress=bar,
        )
        bar("写出报告，记入 MLflow", 0.5)
        facts = [*([note] if note else []), *_facts(snapshot, corpus, done, version, how, wish)]
        tracked = _track(done, corpus, taxonomy, snapshot, version, facts, files, how, wish)
    if as_json:
        dump(_json(done, tracked, snapshot, version, facts))
    else:
        _say(done, tracked, version, facts)
    if not done.verdict.passed:
        reasons = "\n".join(f"  ✗ {reason.text}" for reason in done.verdict.reasons)
        raise GateError(f"{tracked.name} 版本 {tracked.version} 没有通过与冠军的比较，不能接替：\n{reasons}")


def run_rebuild(model: str, folder: Path | None, out: Path, *, as_json: bool) -> None:
    """Fits a registered version again from its snapshot, into ``out``."""
    version = lineage.version_of(model)
    if version is None:
        raise InputError(f"--rebuild 要一个注册过的版本，如 models:/fendan/3；收到的是 {model!r}", field="rebuild")
    with show.Bar() as bar:
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


def _base(given: Sequence[Path], version: ModelVersion | None) -> tuple[list[Path], str]:
    """The base data files, and what is to be known of the choice."""
    if given:
        return list(given), ""
    recorded = lineage.recorded_data(version) if version else []
    if recorded and all(path.is_file() for path in recorded):
        return recorded, f"基础数据沿用冠军的：{'、'.join(map(str, recorded))}"
    gone = "、".join(str(path) for path in recorded if not path.is_file())
    why = f"冠军的基础数据不在了（{gone}）" if gone else "没有写基础数据，冠军也没有记录"
    return [starter_tickets()], f"{why}，用的是起步工单；要用自己的，写在命令里：fendan retrain 工单.csv"


def _read_base(path: Path, bar: Callable[[str, float], None]) -> BaseFile:
    corpus = read_corpus([path], None, progress=bar)
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


def _taxonomy(given: str, champion: Any) -> Taxonomy | None:
    """The labels: those given, else the champion's own, else the standard ones; None for those of the data."""
    if given == "infer":
        return None
    if given or champion is None:
        return load_taxonomy(given)
    found: Taxonomy = champion.taxonomy
    return None if found.version == "inferred" else found


def _facts(
    snapshot: TrainingSnapshot,
    corpus: Corpus,
    done: Retrained,
    version: ModelVersion | None,
    how: TrainingSpec,
    wish: Wish,
) -> list[str]:
    m = snapshot.manifest
    c, out = m["corrections"], m["excluded"]
    apart = sum(c["conflicts_by_head"].values())
    split = done.held.split
    since = f"（{split.since:%Y-%m-%d %H:%M} 起）" if split.since else ""
    lines = [
        f"快照 {snapshot.folder}：{len(corpus):,} 条，其中更正 {c['rows']:,} 条"
        f"（裁定 {c['adjudicated']:,}、一致 {c['agreed']:,}、取最新 {c['latest']:,}；分歧 {apart:,} 处）",
        f"没有用：还没报告的盲审 {out['blind_unreported']:,} 条，撤回的更正 {out['withdrawn']:,} 条",
        f"学习 {len(split.train):,} 条，留出{'较晚的' if split.how == 'time' else '随机的'} {len(split.held_out):,} 条{since}；"
        f"两边没有近似工单，也没有同一位客户",
        *done.held.notes,
        f"怎么训练（没有写的沿用冠军的）：{_told(how)}",
    ]
    if version is None:
        lines.append(f"{wish.name} 还没有冠军，没有可比的")
    if wish.refit:
        lines.append(
            "交付的模型用全部工单重新训练过；判定与成绩是没见过留出工单的那一个的，重新训练的这一个没有人比较过"
        )
    else:
        lines.append("交付的就是比较过的这一个：它没有学过留出的工单，下一次重新训练会学到")
    return lines


def _told(how: TrainingSpec) -> str:
    """How a model is made, in words."""
    parts = [f"种类 {how.kind}", f"目标错误率 {_rates(how)}"]
    if how.costs:
        parts.append("代价 " + "、".join(f"{h}.{c}={v:g}" for h, found in how.costs.items() for c, v in found.items()))
    if how.recipes:
        parts.append(f"配方是 fendan tune 的（{'、'.join(how.recipes)}）")
    if how.encoder is not None:
        parts.append(f"编码器的骨干 {how.encoder.trunk or '没有，从零训练'}，轮流留出 {how.encoder_folds} 个五分之一")
    return "，".join(parts)


def _rates(how: TrainingSpec) -> str:
    t = how.targets
    own = [f"{head} {t.head(head):.3g}" for head in sorted({*t.heads, *t.classes})]
    return "、".join([f"{t.default:.3g}", *own])


def _track(
    done: Retrained,
    corpus: Corpus,
    taxonomy: Taxonomy,
    snapshot: TrainingSnapshot,
    version: ModelVersion | None,
    facts: list[str],
    files: Sequence[Path],
    how: TrainingSpec,
    wish: Wish,
) -> Tracked:
    verdict = done.verdict
    tags = {
        GATE: "passed" if verdict.passed else "refused",
        AGAINST: version.version if version else NONE,
        "gate_reasons": "；".join(reason.text for reason in verdict.reasons)[:2000],
        "snapshot": str(snapshot.folder),
        "snapshot_fingerprint": snapshot.manifest["fingerprint"],
        "shipped": "refit" if wish.refit else "gated",
    }
    parameters = {
        "data": [str(path.resolve()) for path in files],
        "snapshot": str(snapshot.folder),
        "taxonomy": wish.taxonomy or "champion",
        "margin": wish.margin,
        "seed": wish.seed,
    }
    about = {
        "champion_version": version.version if version else None,
        "snapshot": {"folder": str(snapshot.folder), **snapshot.manifest},
        "held_out": {
            "n": len(done.held.split.held_out),
            "how": done.held.split.how,
            "seen_by_champion": done.held.seen,
            "moved": done.held.moved,
        },
        "shipped": tags["shipped"],
    }
    both = (f"冠军 版本 {version.version}" if version else "没有冠军", "挑战者")
    with tempfile.TemporaryDirectory() as place:
        folder, artefacts = Path(place) / "model", Path(place) / "artefacts"
        done.trained.model.save(folder)
        (folder / "model_card.md").write_text(card(done.trained, corpus), encoding="utf-8")
        artefacts.mkdir()
        write_report(artefacts, verdict, done.compared, about=about, facts=facts, taxonomy=taxonomy, both=both)
        made = plan(snapshot, done.held, taxonomy, how, refit=wish.refit, seed=wish.seed)
        (artefacts / "retrain.json").write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
        challenger = ChallengerRecord(tags, artefacts)
        return track(
            done.trained, corpus, folder, how=how, parameters=parameters, register=wish.name, challenger=challenger
        )


def _json(
    done: Retrained, tracked: Tracked, snapshot: TrainingSnapshot, version: ModelVersion | None, facts: list[str]
) -> dict[str, Any]:
    return {
        **done.verdict.to_json(),
        "name": tracked.name,
        "version": tracked.version,
        "champion_version": version.version if version else None,
        "snapshot": {"folder": str(snapshot.folder), **snapshot.manifest},
        "held_out": {
            "n": len(done.held.split.held_out),
            "how": done.held.split.how,
            "seen_by_champion": done.held.seen,
            "moved": done.held.moved,
        },
        "heads": {head: one.to_json() for head, one in done.compared.items()},
        "facts": facts,
        "seconds": round(done.trained.seconds, 3),
        "mlflow": tracked._asdict(),
    }


def _say(done: Retrained, tracked: Tracked, version: ModelVersion | None, facts: Sequence[str]) -> None:
    for line in facts:
        typer.echo(f"· {line}")
    if version is not None:
        typer.echo(f"\n同样的 {len(done.held.split.held_out):,} 条留出工单上：")
        typer.echo(comparison(done.compared, (f"冠军 {version.version}", "挑战者")))
    else:
        typer.echo(f"\n留出的 {len(done.held.split.held_out):,} 条上：")
        typer.echo(show.figures({head: report.to_json() for head, report in done.trained.reports.items()}))
    say_verdict(done.verdict)
    typer.echo(
        f"已注册    {tracked.name} 版本 {tracked.version}，别名 challenger（训练 {done.trained.seconds:.1f} 秒）"
    )
    typer.echo(
        f"报告      MLflow 运行 {tracked.run_id} 里的 gate.html；mlflow ui --backend-store-uri {tracked.tracking_uri}"
    )
    if done.verdict.passed:
        typer.echo(f"接下来    fendan promote {tracked.name}")
