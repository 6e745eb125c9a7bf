"""What the commands of :mod:`training.cli` do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
import yaml

from models import artefact
from training import show
from training.card import card, percent
from training.cli import dump
from training.corpus import read_corpus
from training.evaluate import judge
from training.fit import Trained
from training.fit import train as fit
from training.registry import fetched, versions
from training.score import score as score_file
from training.track import Tracked, prepare, track
from triage.errors import InputError, TaxonomyError
from triage.policy import decide
from triage.profile import load_profile
from triage.taxonomy import Taxonomy
from triage.ticket import Ticket

_HOME = Path(__file__).resolve().parent.parent
STANDARD_TAXONOMY = (
    _HOME / "datasets" / "taxonomy.yaml",
    Path(sys.prefix) / "share" / "fendan" / "datasets" / "taxonomy.yaml",
)
"""Where the standard taxonomy lies: beside the code, or where an installed package put it."""


def load_taxonomy(path: str) -> Taxonomy:
    """The taxonomy in a YAML file; the standard one when ``path`` is empty.

    Raises:
        TaxonomyError: there is no such file, it is no valid YAML, or its content is wrong.
    """
    found = [Path(path)] if path else [p for p in STANDARD_TAXONOMY if p.exists()]
    if not found or not found[0].is_file():
        raise TaxonomyError(
            f"找不到标签体系 {path or STANDARD_TAXONOMY[0]}；给一个 YAML 文件，或 --taxonomy infer", field="taxonomy"
        )
    try:
        data = yaml.safe_load(found[0].read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TaxonomyError(f"{found[0]} 不是有效的 YAML：{str(error).splitlines()[0]}", field="taxonomy") from None
    return Taxonomy.from_mapping(data)


def train(
    data: Sequence[Path],
    *,
    taxonomy: str,
    target_error: float,
    out: Path,
    register: str,
    refit: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Reads, fits, writes the folder, tracks, and says what to do next."""
    if not 0 < target_error <= 0.5:
        raise InputError(f"--target-error 应大于 0、不超过 0.5；收到的是 {target_error}", field="target_error")
    artefact.check_place(out)
    given = None if taxonomy == "infer" else load_taxonomy(taxonomy)
    with show.Bar() as bar:
        corpus = read_corpus(data, given, progress=bar)
        labels = given or Taxonomy.infer(corpus.labels)
        bar("打开 MLflow", 0.0)
        prepare(register)
        trained = fit(corpus, labels, target_error=target_error, refit=refit, seed=seed, progress=bar)
        bar("写出模型", 0.0)
        trained.model.save(out)
        (out / "model_card.md").write_text(card(trained, corpus), encoding="utf-8")
        bar("记入 MLflow", 0.5)
        parameters = {
            "data": [str(path) for path in data],
            "taxonomy": taxonomy or "standard",
            "target_error": target_error,
            "seed": seed,
        }
        tracked = track(trained, corpus, out, parameters=parameters, register=register)
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
    from models import TriageModel

    chosen = load_profile(profile, profiles)
    ticket = Ticket.parse({"text": mask(text), "customer_tier": tier})
    with fetched(model) as (folder, name):
        loaded = TriageModel.load(folder)
    prediction = loaded.predict([ticket.content], evidence=True)[0]
    made = decide(ticket, prediction, profile=chosen, taxonomy=loaded.taxonomy, now=datetime.now(UTC), model=name)
    if as_json:
        dump(made.to_json())
    else:
        typer.echo(show.decision(made, ticket.content))


def models(name: str, *, as_json: bool) -> None:
    """Lists registered versions."""
    found = versions(name)
    if as_json:
        dump({"models": [version.to_json() for version in found]})
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
