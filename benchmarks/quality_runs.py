"""The runs of ``benchmarks.quality``: which are missing, one after the other, each kept as soon as it is measured."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import quality_cache as cache
from benchmarks.peers import Lesson, Missing, System
from benchmarks.quality_data import Part

Step = Callable[[str, int], None]
"""Called with what is being done and with the work done (training rows times heads) since the last call."""


@dataclass(frozen=True)
class Job:
    """One fit: one head for a peer, all heads for ours."""

    part: Part
    system: System
    heads: tuple[str, ...]
    settings: dict[str, Any]
    seed: int
    key: str

    @property
    def work(self) -> int:
        return len(self.part.train) * len(self.heads)

    def cached(self, folder: Path) -> list[cache.Record] | None:
        """The records of all its heads, or None when one is missing or stale."""
        found = [cache.read(self.path(folder, head), self.key) for head in self.heads]
        return [one for one in found if one] if all(found) else None

    def path(self, folder: Path, head: str) -> Path:
        return cache.path_of(folder, self.part.name, head, self.system.name)


@dataclass(frozen=True)
class Runs:
    """``records[corpus, head, system]``, and why a system is missing (name -> Chinese words)."""

    records: dict[tuple[str, str, str], cache.Record]
    missing: dict[str, str]


def plan(parts: Sequence[Part], systems: Sequence[System], *, small: bool, seed: int) -> list[Job]:
    """Every fit that the tables need, corpus by corpus."""
    jobs = []
    for part in parts:
        for system in systems:
            settings = {**system.settings, **(system.small if small else {})}
            made = cache.key(
                data=part.fingerprint,
                settings=settings,
                seed=seed,
                versions=cache.versions_of(system.packages),
                code=cache.code_key(system.module),
            )
            for heads in [part.heads] if system.ours else [(head,) for head in part.heads]:
                jobs.append(Job(part, system, heads, settings, seed, made))
    return jobs


def run(jobs: Sequence[Job], folder: Path, step: Step, *, fresh: bool = False) -> Runs:
    """Runs what ``folder`` does not hold yet (everything if ``fresh``)."""
    runs = Runs({}, {})
    for job in jobs:
        what = f"{job.part.name} {'+'.join(job.heads)} {job.system.name}"
        step(what, 0)
        records = None if fresh else job.cached(folder)
        if records is None and job.system.name not in runs.missing:
            try:
                records = measure(job)
            except Missing as error:
                runs.missing[job.system.name] = str(error)
            else:
                for record in records:
                    cache.write(job.path(folder, record.head), record)
        for record in records or []:
            runs.records[record.corpus, record.head, record.system] = record
        step(what, job.work)
    return runs


def measure(job: Job) -> list[cache.Record]:
    """Fits, asks about the whole test part, saves to see how large it is.

    Raises:
        Missing: the system cannot run here.
    """
    module = job.system.load()
    module.ready(job.settings)
    corpus = job.part.train if job.system.ours else job.part.learn(job.heads[0])
    lesson = Lesson(corpus, job.heads, job.part.taxonomy, job.settings, job.seed)
    busy = [cache.load_average()]
    gc.collect()
    start = time.perf_counter()
    model = module.fit(lesson)
    train_seconds = time.perf_counter() - start
    texts = job.part.test.texts
    model.predict(texts[:100])  # compilation and caches are not what is timed
    start = time.perf_counter()
    answers = model.predict(texts)
    predict_seconds = time.perf_counter() - start
    busy.append(cache.load_average())
    with tempfile.TemporaryDirectory() as place:
        model.save(Path(place))
        size = sum(path.stat().st_size for path in Path(place).rglob("*") if path.is_file())
    records = []
    for head in job.heads:
        asked = job.part.ask(head).tolist()
        given = answers[head]
        labels = sorted(set(given.labels))
        place_of = {code: i for i, code in enumerate(labels)}
        records.append(
            cache.Record(
                key=job.key,
                corpus=job.part.name,
                head=head,
                system=job.system.name,
                labels=labels,
                answers=[place_of[given.labels[i]] for i in asked],
                auto=None if given.auto is None else [int(given.auto[i]) for i in asked],
                dev=model.dev.get(head),
                covers=len(job.heads),
                train_seconds=train_seconds,
                predict_seconds=predict_seconds,
                predicted=len(texts),
                size=size,
                settings=job.settings,
                seed=job.seed,
                versions=cache.versions_of(job.system.packages),
                machine=cache.machine(),
                measured_at=cache.now(),
                load=busy,
                notes=dict(getattr(model, "notes", {})),
            )
        )
    return records
