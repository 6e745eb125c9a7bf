"""What a retraining says of itself: the facts behind a verdict, in words, as JSON, and as the tags of a registered version."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training.data.corpus import Corpus
from training.fit.retrain import Retrained, TrainingSnapshot
from training.fit.spec import TrainingSpec
from training.report.card import card
from training.report.gate_report import write
from triage.taxonomy import Taxonomy


def facts(
    snapshot: TrainingSnapshot, corpus: Corpus, done: Retrained, spec: TrainingSpec, champion: str, name: str
) -> list[str]:
    """Lines on data, split and specification, Chinese. ``champion``: its version, empty where ``name`` has none."""
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
        f"怎么训练（没有写的沿用冠军的）：{told(spec)}",
    ]
    if not champion:
        lines.append(f"{name} 还没有冠军，没有可比的")
    if spec.refit:
        lines.append(
            "交付的模型用全部工单重新训练过；判定与成绩是没见过留出工单的那一个的，重新训练的这一个没有人比较过"
        )
    else:
        lines.append("交付的就是比较过的这一个：它没有学过留出的工单，下一次重新训练会学到")
    return lines


def told(spec: TrainingSpec) -> str:
    """A specification in words, Chinese."""
    rates = spec.targets
    own = [f"{head} {rates.head(head):.3g}" for head in sorted({*rates.heads, *rates.classes})]
    parts = [f"种类 {spec.kind}", f"目标错误率 {'、'.join([f'{rates.default:.3g}', *own])}"]
    if spec.costs:
        parts.append("代价 " + "、".join(f"{h}.{c}={v:g}" for h, found in spec.costs.items() for c, v in found.items()))
    if spec.recipes:
        parts.append(f"配方是 fendan tune 的（{'、'.join(spec.recipes)}）")
    if spec.encoder is not None:
        parts.append(f"编码器的骨干 {spec.encoder.trunk or '没有，从零训练'}，轮流留出 {spec.encoder_folds} 个五分之一")
    return "，".join(parts)


def described(snapshot: TrainingSnapshot, done: Retrained, champion: str) -> dict[str, Any]:
    """What ``gate.json`` and ``fendan retrain --json`` both say beside the verdict."""
    return {
        "champion_version": champion or None,
        "snapshot": {"folder": str(snapshot.folder), **snapshot.manifest},
        "held_out": {
            "n": len(done.held.split.held_out),
            "how": done.held.split.how,
            "seen_by_champion": done.held.seen,
            "moved": done.held.moved,
        },
    }


@contextmanager
def written(
    done: Retrained, corpus: Corpus, taxonomy: Taxonomy, about: Mapping[str, Any], lines: Sequence[str]
) -> Iterator[tuple[Path, Path]]:
    """A temporary folder with the model and its card, and one with the gate's report.

    Args:
        about: see :func:`described`, and what else ``gate.json`` is to say.
        lines: see :func:`facts`.
    """
    champion = about["champion_version"]
    both = (f"冠军 版本 {champion}" if champion else "没有冠军", "挑战者")
    with tempfile.TemporaryDirectory() as place:
        folder, artefacts = Path(place) / "model", Path(place) / "artefacts"
        done.trained.model.save(folder)
        (folder / "model_card.md").write_text(card(done.trained, corpus), encoding="utf-8")
        artefacts.mkdir()
        write(artefacts, done.verdict, done.compared, about=about, facts=lines, taxonomy=taxonomy, both=both)
        yield folder, artefacts
