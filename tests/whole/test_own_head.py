"""A shop's own head, ``product_line``: a taxonomy, a guideline, a profile, and no code. Trained, served, reviewed, retrained."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from serving.app import App, assemble
from serving.audit.report import build
from serving.labels import export
from serving.review.desk import Desk
from serving.review.guidelines import load_guidelines
from serving.review.search import Wanted, search
from serving.settings import Settings
from serving.start import Loaded
from serving.store import Store
from serving.tickets.engine import Engine
from tests.serving.builders import Client, corrections_of, fendan, run
from tests.serving.review.builders import NOW, Clock
from tests.shared import mlflow_store
from tests.training.builders import write_jsonl
from tests.training.fit.retrain_builders import later, rows
from triage.decision import ModelRef
from triage.errors import TaxonomyError
from triage.paths import ROOT
from triage.policy.profile import load_profile
from triage.taxonomy import Taxonomy

pytestmark = pytest.mark.slow

TAXONOMY = """
version: shop-1
heads:
  product_line:
    title: 产品线
    title_en: Product line
    labels:
      - {code: shoes, name: 鞋靴, name_en: Shoes, definition: 鞋子和靴子}
      - {code: phones, name: 手机, name_en: Phones, definition: 手机和配件}
  category:
    title: 分类
    title_en: Category
    labels:
      - {code: logistics, name: 物流配送}
      - {code: refund, name: 退款进度}
      - {code: invoice, name: 发票}
"""
GUIDELINES = """
product_line:
  labels:
    shoes: {zh: 说的是鞋。, en: It is about shoes.}
  pairs:
    - {codes: [phones, shoes], zh: 看买的是什么。, en: What was bought.}
"""
RECIPE = """
features: {word_ngram: 1, char_ngram: 2}
heads:
  category: [{penalty: 1.0}]
  product_line: [{penalty: 1.0}]
"""
LINES = {"shoes": "这双靴子", "phones": "这部手机"}


def sold(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tickets, each about a product."""
    lines = list(LINES)
    return [
        {**row, "text": f"{LINES[lines[i % 2]]}，{row['text']}", "product_line": lines[i % 2]}
        for i, row in enumerate(found)
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the shop's files and a champion trained on 240 tickets."""
    folder = tmp_path_factory.mktemp("own")
    for name, text in (("taxonomy.yaml", TAXONOMY), ("guidelines.yaml", GUIDELINES), ("recipe.yaml", RECIPE)):
        (folder / name).write_text(text, encoding="utf-8")
    profile = yaml.safe_load((ROOT / "serving" / "profiles" / "default.yaml").read_text(encoding="utf-8"))
    profile |= {"name": "shop", "auto_requires": ["category", "product_line"]}
    (folder / "shop.yaml").write_text(yaml.safe_dump(profile, allow_unicode=True, sort_keys=False), encoding="utf-8")
    write_jsonl(folder / "base.jsonl", sold(rows(240)))
    mlflow_store(folder / "var" / "mlflow.db")
    options = ("--taxonomy", "taxonomy.yaml", "--recipe", "recipe.yaml", "--target-error", "0.2", "--no-holdout")
    done(folder, "train", "base.jsonl", "--register", "fendan", "--out", "M", *options)
    return folder


def done(place: Path, *arguments: str) -> str:
    found = fendan(*arguments, cwd=place)
    assert found.returncode == 0, f"{arguments}: {found.stdout}\n{found.stderr}"
    return found.stdout


@pytest.fixture
def app(place: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[App]:
    """The service; ``request.param``: the share of automatic tickets that are judged blind."""
    from models import TriageModel

    model = TriageModel.load(place / "M")
    store = Store(f"sqlite:///{tmp_path}/fendan.db")
    yield assemble(
        Settings(guidelines=str(place / "guidelines.yaml"), blind_rate=getattr(request, "param", 0.0)),
        store=store,
        clock=lambda: NOW,
        loaded=Loaded(model, ModelRef("fendan", "1"), model.taxonomy),
        profile=load_profile(str(place / "shop.yaml"), place),
    )
    store.close()


@pytest.fixture
def engine(app: App) -> Engine:
    return app.engine


@pytest.fixture
def client(app: App) -> Client:
    return Client(app.asgi)


def decided(client: Client, text: str = "这双靴子，快递一直没有动静", ticket_id: str = "T-1") -> dict[str, Any]:
    found: dict[str, Any] = client.post("/v1/triage", json={"ticket_id": ticket_id, "text": text}).json()
    return found


def test_it_is_decided_after_the_heads_that_every_shop_knows(client: Client) -> None:
    shoes, phones = decided(client), decided(client, "这部手机，钱什么时候退给我", "T-2")
    assert (shoes["product_line"]["label"], shoes["product_line"]["name"]) == ("shoes", "鞋靴")
    assert (phones["product_line"]["label"], phones["category"]["label"]) == ("phones", "refund")
    assert list(shoes)[5:9] == ["category", "urgency", "sentiment", "product_line"]
    assert (shoes["urgency"], shoes["sentiment"]) == (None, None)
    assert {item["head"] for item in shoes["evidence"]} == {"category", "product_line"}


def test_the_profile_may_require_it(client: Client, engine: Engine) -> None:
    assert engine.profile.auto_requires == ("category", "product_line")
    doubtful = decided(client, "快递一直没有动静")
    assert doubtful["action"] != "auto"
    assert any(reason["text"].startswith("产品线最像") for reason in doubtful["reasons"])


def test_what_the_service_says_of_itself_knows_it(client: Client) -> None:
    assert list(client.get("/v1/labels").json()["heads"]) == ["category", "product_line"]
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert "product_line" in schemas["Decision"]["properties"]
    assert "product_line" in schemas["NewCorrection"]["properties"]["labels"]["properties"]
    assert "鞋靴" in client.get("/").text


def test_it_is_corrected_found_and_exported(client: Client, engine: Engine, place: Path, tmp_path: Path) -> None:
    decided(client)
    wrong = client.post("/v1/corrections", json={"ticket_id": "T-1", "labels": {"product_line": "boots"}})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "labels.product_line")
    made = client.post("/v1/corrections", json={"ticket_id": "T-1", "labels": {"product_line": "phones"}})
    assert made.status_code == 201
    assert client.get("/v1/tickets/T-1").json()["corrections"][0]["labels"] == {"product_line": "phones"}
    rows_found, _ = run(engine.store.read(lambda c: search(c, Wanted(label="phones"))))
    assert [row["labels"] for row in rows_found] == [{"product_line": "phones"}]
    out = tmp_path / "out.csv"
    run(engine.store.read(lambda c: export.write(export.read(c), out, "csv", engine.taxonomy)))
    with out.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["product_line"], row["predicted_product_line"]) == ("phones", "shoes")


@pytest.mark.parametrize("app", [1.0], indirect=True)
def test_people_are_asked_about_it(app: App, client: Client, engine: Engine, place: Path) -> None:
    said = {
        "这双靴子，快递一直没有动静": "shoes",
        "这部手机，发票抬头开错了": "shoes",
        "这双，钱什么时候退给我": "shoes",
    }
    for i, text in enumerate(said):
        decided(client, text, f"T-{i}")
    assert run(app.jobs.drain())
    rules = load_guidelines(place / "guidelines.yaml")
    desk = Desk(engine.store, lambda: engine.taxonomy, Clock(), guidelines=rules, random_share=0.0)
    cards = []
    while card := run(desk.next("小王")):
        cards.append(card)
        run(desk.submit(card["item_id"], "小王", {"category": "refund", "product_line": "shoes"}))
    assert len(cards) == 3
    seen = [card for card in cards if card["decision"]]
    assert all("product_line" in card["decision"] for card in seen)
    assert all(one.labels == {"category": "refund", "product_line": "shoes"} for one in corrections_of(engine.store))
    report = run(engine.store.read(lambda c: build(c, engine.taxonomy, NOW + timedelta(hours=1))))
    assert list(report["heads"]) == ["category", "product_line"]
    assert report["audits"]["answered"] == report["audits"]["drawn"]
    assert rules.hint("product_line", "shoes", "phones") == {"zh": "看买的是什么。", "en": "What was bought."}
    assert rules.of("category", "refund"), "what comes with the program stays"


def test_a_file_brings_labels_and_retraining_learns_from_them(place: Path, tmp_path: Path) -> None:
    db = f"sqlite:///{place}/var/fendan.db"
    drifted = sold(later(240))
    store = Store(db)
    from tests.serving.audit.builders import put, ticket

    put(store, [ticket(row["ticket_id"], text=row["text"], text_hash=row["ticket_id"]) for row in drifted])
    store.close()
    labelled = place / "labels.csv"
    with labelled.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["ticket_id", "category", "product_line"])
        out.writerows([row["ticket_id"], row["category"], row["product_line"]] for row in drifted)
    assert json.loads(done(place, "import", "labels.csv", "--by", "外包", "--db", db, "--json"))["new"] == 240
    said = json.loads(
        done(place, "retrain", "base.jsonl", "--recipe", "recipe.yaml", "--target-error", "0.2", "--db", db, "--json")
    )
    assert (said["passed"], said["snapshot"]["corrections"]["rows"]) == (True, 240)
    folder = (
        Path(said["snapshot"]["folder"])
        if "folder" in said["snapshot"]
        else next((place / "var" / "snapshots").iterdir())
    )
    (first, *_) = (place / folder / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    assert list(json.loads(first))[:4] == ["ticket_id", "text", "category", "product_line"]
    found = json.loads(done(place, "evaluate", "models:/fendan@challenger", "base.jsonl", "--with-seen", "--json"))
    assert set(found["heads"]) == {"category", "product_line"}
    assert found["heads"]["product_line"]["accuracy"] > 0.9


@pytest.mark.parametrize(
    "name", ["Product", "产品线", "2nd", "queue", "created_at", "predicted_line", "line_action", "categry"]
)
def test_a_name_that_means_something_else_is_refused(name: str) -> None:
    with pytest.raises(TaxonomyError, match="heads 里的"):
        Taxonomy.from_mapping({"heads": {name: {"labels": [{"code": "a"}]}}})
