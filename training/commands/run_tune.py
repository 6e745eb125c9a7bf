"""What ``fendan tune`` does."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from training.commands.output import dump
from training.data.corpus import Corpus, read_corpus
from training.data.standard import load_taxonomy
from training.fit.recipe_file import read_recipe, write_recipe
from training.report import console as show
from training.tune.compare import compare
from training.tune.data import HeldOut, part
from training.tune.log import Log, logging
from training.tune.look import look, would_pay
from training.tune.say import speak
from training.tune.score import CandidateScorer
from training.tune.space import Candidate, assemble, parameters
from training.tune.study import Study, Told, default_candidate, load_optuna
from triage.errors import InputError, TrainingError
from triage.paths import home
from triage.taxonomy import Taxonomy


def tune(
    data: Sequence[Path],
    *,
    taxonomy: str,
    trials: int,
    minutes: float | None,
    heads: Sequence[str],
    out: Path,
    study: str,
    seed: int,
    as_json: bool,
) -> None:
    """Reads, searches, compares on the fifth that was kept out, writes the recipe, and says what it brought."""
    load_optuna()
    check_out(out)
    given = None if taxonomy == "infer" else load_taxonomy(taxonomy)
    with show.Bar() as bar, stopping(quietly=as_json) as stopped:
        corpus = read_corpus(data, given, progress=bar)
        labels = given or Taxonomy.infer(corpus.labels)
        chosen = tuple(dict.fromkeys(heads)) or tuple(h for h in corpus.labels if h in labels.heads)
        material, held = part(corpus, labels, chosen, seed=seed, progress=bar)
        about = {
            "data": corpus.fingerprint,
            "heads": list(chosen),
            "labels": {head: list(spec[0]) for head, spec in material.encoded.items()},
            "seed": seed,
        }
        name = study or f"{corpus.fingerprint[:12]}-{'+'.join(chosen)}-{seed}"
        kept = Study(home() / "tune.db", name, about, seed=seed)
        if kept.before:
            print(f"接着搜索 {name}：已有 {kept.before} 次试验（{kept.file}）", file=sys.stderr)
        scorer = CandidateScorer(material, seed=seed)
        params = {"data": [str(path) for path in data], "heads": list(chosen), "seed": seed, "split": held.how}
        bar("打开 MLflow", 0.0)
        with logging(kept, corpus, labels, params) as log:
            room = _Room(kept, scorer, held, labels, log, stopped, bar)
            result, found = _search(room, trials, minutes)
            write_recipe(out, found.features, found.heads, _record(result, corpus))
            log.result(result, out, kept)
    answer = {"recipe": str(out), **result, "mlflow": {"run_id": log.run_id, "tracking_uri": log.tracking_uri}}
    if as_json:
        dump(answer)
    else:
        speak(answer, found)


class _Room(NamedTuple):
    """Where a search takes place: what all its steps share."""

    study: Study
    scorer: CandidateScorer
    held: HeldOut
    taxonomy: Taxonomy
    log: Log
    stopped: Callable[[], bool]
    bar: Callable[[str, float], None]


def _search(room: _Room, trials: int, minutes: float | None) -> tuple[dict[str, Any], Candidate]:
    """Searches, looks around, compares; what came of it as plain values, and the winner."""
    study, scorer, held, taxonomy, log, stopped, bar = room
    bar("默认的配方", 0.0)
    heads = tuple(scorer.material.encoded)
    default = study.default(heads, lambda: default_candidate(scorer))

    def told(trial: Told) -> None:
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
    compared = _compare(room, default, found)
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


def _compare(room: _Room, default: Candidate, found: Candidate) -> dict[str, Any]:
    """The comparison on the held-out fifth, made once for a winner; ``times``: how many winners were ever held against it."""
    of = parameters(found)
    kept = room.study.recall("compared") or {"times": 0, "of": None}
    if kept["of"] != of:
        heads = compare(room.scorer.material, room.held, default, found, seed=room.scorer.seed)
        done = {head: one.to_json() for head, one in heads.items()}
        kept = {"times": kept["times"] + 1, "of": of, "heads": done}
        room.study.note("compared", kept)
    return dict(kept)


def _mean(losses: dict[str, float]) -> float:
    return sum(losses.values()) / len(losses)


def _record(result: dict[str, Any], corpus: Corpus) -> dict[str, Any]:
    """What the file says of how it came about."""
    search = result["search"]
    return {
        "data_fingerprint": corpus.fingerprint,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": result["study"],
        "trials": result["trials"]["complete"] + result["trials"]["pruned"],
        "tickets": search["tickets"],
        "log_loss": {
            "default": round(search["default"], 6),
            "tuned": round(search["tuned"], 6),
            **{head: round(one["tuned"], 6) for head, one in search["heads"].items()},
        },
        "held_out": result["held_out"],
    }


def check_out(path: Path) -> None:
    """Whether the recipe may be written there: asked before the search, not after.

    Raises:
        InputError: something else lies there, or it is no place for a file.
    """
    if path.is_dir():
        raise InputError(f"--out {path} 是一个文件夹；请给一个文件名，如 {path / 'recipe.yaml'}", field="out")
    if path.exists():
        try:
            read_recipe(path)
        except InputError:
            raise InputError(f"{path} 已存在且不是配方，不覆盖；请换一个 --out", field="out") from None
    above = path.resolve().parent
    if above.exists() and not above.is_dir():
        raise InputError(f"--out {path}：{above} 不是文件夹；请换一个 --out", field="out")


@contextmanager
def stopping(*, quietly: bool) -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C asks the search to end with what it has; a second one ends everything at once."""
    asked = False

    def ask(_number: int, _frame: Any) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        if not quietly:
            print("\n收到中断：这一折做完就收尾（再按一次立即退出）", file=sys.stderr)

    before = None
    with contextlib.suppress(ValueError):  # only the main thread may listen
        before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
