"""A model takes another's place between two batches; one that cannot be used takes nobody's."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import shutil
import sys
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from models import TriageModel
from serving.rollout.check import TEXTS, check
from serving.rollout.swap import swap
from serving.store import Store
from tests.serving.builders import NOW, Client, app_of, engine, model_folder, profile, run, small_model
from tests.serving.rollout.builders import NEW_NAME, second_folder, truncated, with_manifest
from triage.decision import ModelRef
from triage.errors import ArtefactError
from triage.paths import ROOT
from triage.policy.profile import Profile
from triage.prediction import Evidence, Prediction
from triage.taxonomy import Taxonomy
from triage.ticket import Ticket

EIGHT = ModelRef("fendan", "8")
TEXT = "快递显示签收了可我没收到"


def test_name_version_and_labels_change_as_one_while_tickets_come_in(store: Store) -> None:
    made = engine(store)
    seen: list[tuple[str, str]] = []

    async def callers(batch: int) -> None:
        while len({version for version, _ in seen}) < 2:
            outcomes = await made.triage([Ticket(text=TEXT)] * batch)
            decisions = [json.loads(outcome.decision) for outcome in outcomes]
            assert len({decision["model"]["version"] for decision in decisions}) == 1
            seen.extend((decision["model"]["version"], decision["category"]["name"]) for decision in decisions)

    async def story() -> None:
        asking = [asyncio.create_task(callers(batch)) for batch in (1, 3, 40)]  # 40 are decided in a thread
        await asyncio.sleep(0)
        await swap(made, second_folder(), EIGHT)
        await asyncio.gather(*asking)

    run(story())
    assert set(seen) == {("7", "物流配送"), ("8", NEW_NAME)}
    versions = [version for version, _ in seen]
    assert versions[0] == "7"
    assert made.active.since == NOW


def test_pages_and_corrections_know_the_new_labels(store: Store) -> None:
    app = app_of(store)
    made, client = app.engine, Client(app.asgi)
    run(swap(made, second_folder(), EIGHT))
    assert NEW_NAME in client.get("/v1/labels").text
    assert NEW_NAME in client.get("/").text
    said = client.get("/v1/model").json()
    assert (said["version"], said["degraded"]) == ("8", False)


def test_gaps_between_labels_and_profile_are_looked_for_again_with_each_model_and_profile(store: Store) -> None:
    made = engine(store, model=None, ref=None)
    assert made.gaps == ()
    run(swap(made, model_folder(), EIGHT))
    before = [(gap.kind, gap.head) for gap in made.gaps]
    assert before == [("no_label", "urgency"), ("dead_rule", "category")]
    assert made.gaps is made.gaps
    data = yaml.safe_load((ROOT / "serving" / "profiles" / "default.yaml").read_text("utf-8"))
    points = {**data["points"], "urgency": {"high": 40, "low": 0}}
    made.profile = Profile.from_mapping({**data, "points": points, "fast_lanes": {}, "rules": []})
    assert [(gap.kind, gap.labels) for gap in made.gaps] == [
        ("no_points", ("critical", "normal")),
        ("no_label", ("high",)),
    ]


def test_a_service_without_a_model_gets_one(store: Store) -> None:
    made = engine(store, model=None, ref=None)
    assert json.loads(run(made.triage([Ticket(text=TEXT)]))[0].decision)["degraded"]
    run(swap(made, model_folder(), EIGHT))
    decision = json.loads(run(made.triage([Ticket(text=TEXT)]))[0].decision)
    assert (decision["degraded"], decision["category"]["label"]) == (False, "logistics")
    assert made.problem == ""


def test_the_old_model_is_gone_without_the_collectors_help(store: Store) -> None:
    made = engine(store, model=TriageModel.load(model_folder()))
    old = weakref.ref(made.model)
    gc.collect()
    gc.freeze()  # as a running service does
    gc.disable()
    try:
        interval = sys.getswitchinterval()
        run(swap(made, second_folder(), EIGHT))
        assert old() is None
        assert sys.getswitchinterval() == interval
    finally:
        gc.enable()
        gc.unfreeze()


def missing(target: Path) -> Path:
    return target


def tampered(target: Path) -> Path:
    shutil.copytree(model_folder(), target)
    manifest = target / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"auto"', '"Auto"', 1) + " ", encoding="utf-8")
    (target / "weights.npz").write_bytes(b"x" + (target / "weights.npz").read_bytes()[1:])
    return target


def newer(target: Path) -> Path:
    return with_manifest(target, format_version=99)


def other_labels(target: Path) -> Path:
    mapping = json.loads(json.dumps(small_model().manifest["taxonomy"]))
    labels = mapping["heads"]["category"]["labels"]
    mapping["heads"]["category"]["labels"] = [label for label in labels if label["code"] != "refund"]
    return with_manifest(target, taxonomy=mapping)


BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (missing, "没有可读的"),
    "truncated": (truncated, "校验和"),
    "tampered": (tampered, "校验和"),
    "newer": (newer, "升级"),
    "labels its taxonomy does not know": (other_labels, "refund"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_artefact_changes_nothing(store: Store, tmp_path: Path, name: str) -> None:
    make, said = BROKEN[name]
    made = engine(store)
    before = made.active
    with pytest.raises(ArtefactError, match=said):
        run(swap(made, make(tmp_path / "8"), EIGHT))
    assert made.active is before
    assert not json.loads(run(made.triage([Ticket(text=TEXT)]))[0].decision)["degraded"]


class Odd:
    """The small model, but for one thing."""

    def __init__(self, heads: Sequence[str] = ("category", "urgency", "sentiment"), change: Any = None) -> None:
        self.heads = {head: small_model().heads[head] for head in heads}
        self.taxonomy: Taxonomy = small_model().taxonomy
        self.manifest: dict[str, Any] = {}
        self._change = change or (lambda prediction, many: prediction)

    def predict(self, texts: Sequence[str], *, evidence: bool = False) -> list[Prediction]:
        answers = small_model().predict(texts, evidence=evidence)
        kept = [answer._replace(heads={head: answer.heads[head] for head in self.heads}) for answer in answers]
        kept = [k._replace(evidence=tuple(e for e in k.evidence if e.head in self.heads)) for k in kept]
        return [self._change(answer, len(texts)) for answer in kept]


def changed(**of_category: Any) -> Callable[[Prediction, int], Prediction]:
    def change(prediction: Prediction, _: int) -> Prediction:
        return prediction._replace(
            heads={**prediction.heads, "category": prediction.heads["category"]._replace(**of_category)}
        )

    return change


def crash(prediction: Prediction, _: int) -> Prediction:
    raise ZeroDivisionError


def moody(prediction: Prediction, many: int) -> Prediction:
    return changed(confidence=0.5 if many == 1 else 0.75)(prediction, many)


def outside(prediction: Prediction, _: int) -> Prediction:
    return prediction._replace(evidence=(Evidence("category", 0, 5_000, "x", 1.0),))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (Odd(heads=("urgency", "sentiment")), "auto_requires"),
        (Odd(heads=("category", "sentiment")), "urgency"),
        (Odd(change=changed(confidence=math.nan)), "概率"),
        (Odd(change=changed(probabilities=(0.2,) * 4)), "概率"),
        (Odd(change=changed(label="nonsense")), "概率"),
        (Odd(change=moody), "一起问"),
        (Odd(change=outside), "依据"),
    ],
)
def test_a_model_that_answers_nonsense_is_refused(model: Odd, said: str) -> None:
    with pytest.raises(ArtefactError, match=said):
        check(model, profile(), NOW, answering=small_model().heads)


def test_a_crash_while_warming_up_is_a_crash() -> None:
    with pytest.raises(ZeroDivisionError):
        check(Odd(change=crash), profile(), NOW, answering={})


def test_a_good_model_passes_and_fewer_heads_may_start() -> None:
    check(small_model(), profile(), NOW, answering=small_model().heads)
    check(Odd(heads=("category",)), profile(), NOW, answering={})
    assert max(map(len, TEXTS)) == 2000
