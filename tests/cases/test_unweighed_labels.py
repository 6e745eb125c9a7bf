"""A shop's own words for urgency, of which its profile knows nothing: said by train, score, explain, and by the service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from models import TriageModel
from serving.app import assemble
from serving.settings import Settings
from serving.start import Loaded
from serving.store import Store
from tests.serving.builders import NOW, Client
from tests.shared import once_per_run, run_folder
from tests.training.builders import Done, fendan_here, fendan_often, write_text
from triage.decision import ModelRef
from triage.paths import ROOT
from triage.policy.profile import load_profile

EXPORT = Path(__file__).parent / "lights_for_urgency" / "export.csv"
DEFAULT = ROOT / "serving" / "profiles" / "default.yaml"
TEXT = "插座冒火花漏电麻手"
MEND = "在 default.yaml 的 points 下写上（由最急写到最缓）：urgency: {critical: 70, high: 40, normal: 20, low: 0, "


class Shop(NamedTuple):
    """Where ``fendan train`` has written the model M, and what it said."""

    folder: Path
    spoken: Done


@once_per_run
def shop() -> Shop:
    folder = run_folder() / "lights"
    folder.mkdir()
    train = ("train", EXPORT, "--taxonomy", "infer", "--no-holdout", "--out", "M", "--json")
    (done,) = fendan_often(train, cwd=folder)
    assert done.status == 0, done
    return Shop(folder, done)


def mended(tmp_path: Path) -> Path:
    """The default profile, mended as it is said."""
    text = DEFAULT.read_text("utf-8")
    text = text.replace("{critical: 70,", "{红灯: 70, critical: 70,").replace(" normal: 20,", " 黄灯: 20, normal: 20,")
    return write_text(tmp_path / "shop.yaml", text.replace(" low: 0}", " low: 0, 绿灯: 0}"))


def served(store: Store, profile: str = "default") -> Client:
    made = TriageModel.load(shop().folder / "M")
    loaded = Loaded(made, ModelRef("lights", "1"), made.taxonomy)
    settings = Settings(profile=profile)
    return Client(assemble(settings, store=store, loaded=loaded, clock=lambda: NOW).asgi)


def test_train_names_the_labels_the_profile_and_the_line_to_add() -> None:
    notes = "\n".join(json.loads(shop().spoken.out)["notes"])
    assert "紧急程度的标签 红灯、绿灯、黄灯 在策略档案 default 里没有分值，判成它的工单都按 0 分计" in notes
    assert f"{MEND}红灯: 分数, 绿灯: 分数, 黄灯: 分数}}" in notes
    assert "规则 product_safety、account_safety" in notes or "永远不会命中" in notes


def test_score_and_explain_say_it(tmp_path: Path) -> None:
    source = write_text(tmp_path / "in.csv", f"text\n{TEXT}\n")
    scored = fendan_here("score", source, "-o", tmp_path / "o.csv", "--model", shop().folder / "M", cwd=tmp_path)
    assert "没有分值" in scored.out
    assert MEND in scored.out
    told = fendan_here("explain", TEXT, "--model", shop().folder / "M", cwd=tmp_path)
    assert "紧急程度“红灯”在策略档案 default 里没有分值，按 0 分计" in told.out
    assert "没有分值，判成它的工单都按 0 分计" in told.err


def test_the_service_says_it_in_readyz_and_in_the_decision(store: Store) -> None:
    client = served(store)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    first: dict[str, Any] = ready.json()["warnings"][0]
    assert (first["code"], first["head"], first["labels"]) == ("no_points", "urgency", ["红灯", "绿灯", "黄灯"])
    decision = client.post("/v1/triage", json={"text": TEXT}).json()
    assert decision["urgency"]["label"] == "红灯"
    (reason,) = [reason for reason in decision["reasons"] if reason["rule"] == "unweighed"]
    assert reason["text"].startswith("紧急程度“红灯”在策略档案 default 里没有分值，按 0 分计；")
    assert reason["effect"] == "+0"


def test_a_profile_mended_as_it_is_said_is_silent_and_weighs(store: Store, tmp_path: Path) -> None:
    path = mended(tmp_path)
    client = served(store, str(path))
    assert "no_points" not in [gap["code"] for gap in client.get("/readyz").json()["warnings"]]
    decision = client.post("/v1/triage", json={"text": TEXT}).json()
    assert decision["priority"] == "P1"
    assert "unweighed" not in [reason["rule"] for reason in decision["reasons"]]
    told = fendan_here("explain", TEXT, "--model", shop().folder / "M", "--profile", path, cwd=tmp_path)
    assert "没有分值" not in told.out + told.err


def test_the_line_pasted_as_it_is_asks_for_a_number(tmp_path: Path) -> None:
    text = DEFAULT.read_text("utf-8").replace(" low: 0}", " low: 0, 红灯: 分数}")
    with pytest.raises(Exception, match=r"points\.urgency\.红灯：应是 0 到 1000 的整数；收到的是 '分数'"):
        load_profile(write_text(tmp_path / "shop.yaml", text), tmp_path)
