"""From a snapshot to a challenger with its verdict: part, fit, compare, judge. No MLflow here; :mod:`training.commands.retrain` has it.

**What is shipped is what was judged.** The challenger has not learned from the held-out tickets, and it is that very model
which is registered. With ``refit`` another one is fitted on everything and shipped with the verdict of the first; nobody has
measured the one that then goes live, and the report says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.data.corpus import Corpus, read_corpus
from training.data.duplicates import group, group_whole, grouping
from training.data.hold_out import ComparisonSplit, hold_out, related
from training.data.learned import LearnedTickets, unseen
from training.data.split import Split
from training.fit.fit import Trained, train
from training.fit.spec import TrainingSpec
from training.judge import probe
from training.judge.compare import HeadComparison, compare
from training.judge.gate import LEAST_COMPARED, MARGIN, GateVerdict, decide, decide_first, too_few
from triage.errors import DataError, GateError, TrainingError
from triage.policy.profile import Profile
from triage.taxonomy import Taxonomy

if TYPE_CHECKING:
    from models import TriageModel

Progress = Callable[[str, float], None]

TICKETS = "tickets.jsonl"
FORMAT, VERSION = "fendan-snapshot", 1


class TrainingSnapshot(NamedTuple):
    """A folder that serving wrote."""

    folder: Path
    manifest: dict[str, Any]


class Champion(NamedTuple):
    """What is in use: the model, what it has learned from, its version."""

    model: TriageModel
    learned: LearnedTickets
    version: str = ""


@dataclass(frozen=True, eq=False)
class Retrained:
    """``compared`` is empty without a champion."""

    trained: Trained
    held: ComparisonSplit
    verdict: GateVerdict
    compared: Mapping[str, HeadComparison]


def read_snapshot(folder: Path) -> TrainingSnapshot:
    """Reads a snapshot's manifest and makes sure that its tickets are those it was made with.

    Raises:
        DataError: the folder is none, of a newer format, or was altered.
    """
    import hashlib

    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        with (folder / TICKETS).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        kind, version, stated = manifest["format"], manifest["version"], manifest["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{folder} 不是完整的快照（要有 manifest.json 与 {TICKETS}）", field="snapshot") from None
    if (kind, version) != (FORMAT, VERSION):
        raise DataError(
            f"{folder} 的格式是 {kind} {version}，这里只读 {FORMAT} {VERSION}；请升级 Fendan", field="snapshot"
        )
    if found != stated:
        raise DataError(f"{folder / TICKETS} 被改动过（指纹不符）；请重新运行 fendan retrain", field="snapshot")
    return TrainingSnapshot(folder, manifest)


def retrain(
    corpus: Corpus,
    taxonomy: Taxonomy,
    champion: Champion | None,
    spec: TrainingSpec,
    *,
    margin: float = MARGIN,
    profile: Profile | None = None,
    progress: Progress | None = None,
) -> Retrained:
    """Fits a challenger on the older part of ``corpus`` and judges it on the newer one.

    Args:
        champion: what is in use; None where there is nothing yet.
        spec: how to fit. Something is always held out, whatever it says.
        profile: as for :func:`training.fit.fit.train`.

    Raises:
        GateError: too few tickets are new since the champion to compare on; nothing was fitted.
        TrainingError: too few tickets to learn from.
    """
    say = progress or (lambda _what, _share: None)
    say("划分", 0.0)
    copies = grouping(corpus.texts)
    groups, crowd = related(corpus, copies.groups)
    new = None if champion is None else unseen(corpus, groups, champion.learned)
    held = hold_out(corpus, groups, new, seed=spec.seed)
    held = held._replace(notes=(*copies.shared.notes(), *crowd, *held.notes))
    _enough(corpus, held, new)
    trained = fit(corpus, taxonomy, held.split, groups, spec, profile=profile, progress=progress)
    trained = trained._replace(frames=copies.frames)
    judged = trained.judged
    assert judged is not None
    units = groups[held.split.held_out]
    part = corpus.subset(held.split.held_out.tolist())
    if champion is None:
        independent = {
            head: len(np.unique(units[[bool(code) for code in part.labels[head]]])) for head in trained.reports
        }
        return Retrained(trained, held, decide_first(trained.reports, independent), {})
    compared = compare(champion.model, judged, part, units, seed=spec.seed, progress=progress)
    verdict = decide(
        compared,
        margin=margin,
        behaviour=probe.compared(champion.model, judged, part.texts, units, seed=spec.seed, progress=progress),
        champion_heads=champion.model.heads,
        challenger_heads=judged.heads,
        challenger_taxonomy={head: spec.codes for head, spec in taxonomy.heads.items()},
    )
    return Retrained(trained, held, verdict, compared)


def fit(
    corpus: Corpus,
    taxonomy: Taxonomy,
    parted: Split,
    groups: NDArray[np.int64],
    spec: TrainingSpec,
    *,
    profile: Profile | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Fits on the part to learn from (and, with the spec's ``refit``, once more on all).

    Raises:
        TrainingError: too few tickets, or one class only.
    """
    spec = replace(spec, hold_out=True)
    trained = train(corpus, taxonomy, spec, parted=(parted, groups), profile=profile, progress=progress)
    if trained.judged is None:  # train() then ships a model of all tickets, which nobody could judge
        raise TrainingError(f"留出比较用的工单之后不够训练：{'；'.join(trained.notes[-1:])}")
    return trained


def plan(snapshot: TrainingSnapshot, held: ComparisonSplit, taxonomy: Taxonomy, spec: TrainingSpec) -> dict[str, Any]:
    """All that :func:`rebuild` needs beside the snapshot, as JSON."""
    return {
        "snapshot": str(snapshot.folder),
        "fingerprint": snapshot.manifest["fingerprint"],
        "held_out": held.split.held_out.tolist(),
        "split": held.split.how,
        "taxonomy": taxonomy.to_mapping(),
        "frames": "apart",
        **spec.to_mapping(),
    }


def rebuild(made: Mapping[str, Any], folder: Path | None = None, *, progress: Progress | None = None) -> Trained:
    """Fits the same model again from its snapshot: with the same libraries its weights are the same, byte for byte.

    Args:
        made: what :func:`plan` wrote down. ``folder``: where the snapshot lies now; None: where it lay then.

    Raises:
        DataError: the snapshot is not there, or is another one.
    """
    snapshot = read_snapshot(folder or Path(made["snapshot"]))
    if snapshot.manifest["fingerprint"] != made["fingerprint"]:
        raise DataError(
            f"{snapshot.folder} 是另一份快照；这个模型用的指纹是 {made['fingerprint'][:12]}", field="snapshot"
        )
    taxonomy = Taxonomy.from_mapping(made["taxonomy"])
    corpus = read_corpus([snapshot.folder / TICKETS], taxonomy, progress=progress)
    alike = group if made.get("frames") == "apart" else group_whole  # older plans let frames count
    groups, _ = related(corpus, alike(corpus.texts))
    held = np.asarray(made["held_out"], np.int64)
    parted = Split(np.setdiff1d(np.arange(len(corpus)), held), held, made["split"])
    return fit(corpus, taxonomy, parted, groups, TrainingSpec.from_mapping(made), progress=progress)


def _enough(corpus: Corpus, held: ComparisonSplit, new: NDArray[np.bool_] | None) -> None:
    """Fitting takes minutes; whether there is enough to compare on is known before."""
    units = len(np.unique(held.groups[held.split.held_out]))
    if units < LEAST_COMPARED:
        since = f"（共 {len(corpus):,} 条，冠军没有学过的 {int(new.sum()):,} 条）" if new is not None else ""
        raise GateError(f"{too_few(units).text}{since}")
