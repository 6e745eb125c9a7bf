"""A search from its default to its winner: try, look around, compare on the fifth that was kept out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from training.data.corpus import Corpus
from training.tune.compare import compare
from training.tune.data import HeldOut
from training.tune.log import Log
from training.tune.look import look, would_pay
from training.tune.score import CandidateScorer
from training.tune.space import Candidate, assemble, parameters
from training.tune.study import FinishedTrial, Study, default_candidate
from triage.errors import TrainingError
from triage.taxonomy import Taxonomy


class Search(NamedTuple):
    """What all steps of a search share."""

    study: Study
    scorer: CandidateScorer
    held: HeldOut
    taxonomy: Taxonomy
    log: Log
    stopped: Callable[[], bool]
    bar: Callable[[str, float], None]


def run(search: Search, trials: int, minutes: float | None) -> tuple[dict[str, Any], Candidate]:
    """Searches, looks around, compares; what came of it as plain values, and the winner."""
    study, scorer, held, taxonomy, log, stopped, bar = search
    bar("默认的配方", 0.0)
    heads = tuple(scorer.material.encoded)
    default = study.default(heads, lambda: default_candidate(scorer))

    def told(trial: FinishedTrial) -> None:
        log.trial(trial)
        finished = study.finished(heads)
        best = _mean(assemble(finished)[1]) if finished else trial.value
        usual = study.recall("curve")
        bar(f"搜索 最好 {best:.4f}（默认 {usual[-1]:.4f}）" if usual else "搜索", study.count() / trials)

    bar("搜索", study.before / trials)
    seconds = None if minutes is None else minutes * 60
    study.search(scorer, default, trials=trials, seconds=seconds, stopped=stopped, told=told)
    finished = study.finished(heads)
    if not finished:
        raise TrainingError(
            f"还没有一次试验做完就停了，没有配方可写；再运行同一条命令就接着搜索 {study.name}", field="trials"
        )
    found, losses = assemble(finished)
    halted = stopped()
    seen: dict[str, Any] | None = None
    if not halted:
        bar("看看周围", 0.0)
        seen = look(study, scorer, found, taxonomy, log.changed)
    bar("在留出的部分上比较", 0.0)
    compared = _compare(search, default, found)
    usual = dict(finished[0][1]) if finished[0][0] == default else {}
    result = {
        "study": study.name,
        "stopped": halted,
        "trials": {
            "complete": study.count("complete"),
            "pruned": study.count("pruned"),
            "before": study.before,
        },
        "search": {
            "tickets": scorer.material.size,
            "default": study.recall("curve")[-1],
            "tuned": _mean(losses),
            "heads": {head: {"default": usual.get(head), "tuned": losses[head]} for head in heads},
        },
        "held_out": {
            "tickets": len(held.texts),
            "how": held.how,
            "compared": compared["times"],
            "heads": compared["heads"],
        },
        "is_default": found == default,
        "look": seen,
        "would_pay": would_pay(seen) if seen else {},
    }
    return result, found


def _compare(search: Search, default: Candidate, found: Candidate) -> dict[str, Any]:
    """The comparison on the held-out fifth, made once for a winner; ``times``: how many winners were ever held against it."""
    of = parameters(found)
    kept = search.study.recall("compared") or {"times": 0, "of": None}
    if kept["of"] != of:
        heads = compare(search.scorer.material, search.held, default, found, seed=search.scorer.seed)
        done = {head: one.to_json() for head, one in heads.items()}
        kept = {"times": kept["times"] + 1, "of": of, "heads": done}
        search.study.note("compared", kept)
    return dict(kept)


def _mean(losses: dict[str, float]) -> float:
    return sum(losses.values()) / len(losses)


def record(result: dict[str, Any], corpus: Corpus) -> dict[str, Any]:
    """What the file says of how it came about."""
    found = result["search"]
    return {
        "data_fingerprint": corpus.fingerprint,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": result["study"],
        "trials": result["trials"]["complete"] + result["trials"]["pruned"],
        "tickets": found["tickets"],
        "log_loss": {
            "default": round(found["default"], 6),
            "tuned": round(found["tuned"], 6),
            **{head: round(one["tuned"], 6) for head, one in found["heads"].items()},
        },
        "held_out": result["held_out"],
    }
