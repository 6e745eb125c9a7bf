"""Where an alias points, asked of a real MLflow store and server without MLflow."""

from __future__ import annotations

import base64
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from models.reference import ModelReference
from serving.observe.metrics import Metrics
from serving.rollout.rollout import Rollout
from serving.rollout.source import VersionSource
from serving.rollout.watch import Watch
from serving.settings import Settings
from serving.status import StatusEndpoints
from serving.store import Store
from serving.tickets.engine import Engine
from tests.serving.builders import Client, engine, model_folder, run
from tests.serving.rollout.builders import Registrar, second_folder, truncated
from tests.serving.web.builders import matches
from triage.errors import RegistryError
from triage.paths import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("registry")


@pytest.fixture(scope="module")
def registrar(home: Path) -> Iterator[Registrar]:
    made = Registrar(home)
    assert [made("register", "shop", str(model_folder())) for _ in range(2)] == ["1", "2"]
    made("register", "other", str(model_folder()))
    made("alias", "shop", "champion", "1")
    made("alias", "other", "champion", "1")
    yield made
    made.close()


def test_a_database_and_a_server_say_the_same(registrar: Registrar) -> None:
    server = registrar("serve")  # MLflow's own application over HTTP
    watches = [Watch("shop", registrar.uri, {}), Watch("shop", f"{server}/", {})]
    assert [watch.ask() for watch in watches] == [{"champion": "1"}] * 2
    registrar("alias", "shop", "champion", "2")
    registrar("alias", "shop", "challenger", "1")
    assert [watch.ask() for watch in watches] == [{"champion": "2", "challenger": "1"}] * 2
    registrar("unalias", "shop", "challenger")
    registrar("alias", "shop", "champion", "1")
    assert [watch.ask() for watch in watches] == [{"champion": "1"}] * 2
    assert [Watch("nobody", uri, {}).ask() for uri in (registrar.uri, server)] == [{}, {}]


def test_another_workspace_is_not_ours(registrar: Registrar) -> None:
    assert Watch("shop", registrar.uri, {"MLFLOW_WORKSPACE": "elsewhere"}).ask() == {}


@pytest.mark.parametrize(
    "uri", ["sqlite:////proc/nowhere/mlflow.db", "http://127.0.0.1:1", "postgresql+nothing://a:b@c/d"]
)
def test_a_registry_that_is_down_is_named_without_its_password(uri: str) -> None:
    with pytest.raises(RegistryError) as caught:
        Watch("shop", uri, {}).ask()
    assert uri.rpartition("/")[2] in str(caught.value)
    assert "a:b" not in str(caught.value)


def test_no_registry_is_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(RegistryError):
        Watch("shop", f"sqlite:///{tmp_path}/mlflow.db", {}).ask()
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_no_registry(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "mlflow.db").close()
    with pytest.raises(RegistryError, match="registered_model_aliases"):
        Watch("shop", f"sqlite:///{tmp_path}/mlflow.db", {}).ask()


def test_what_cannot_be_watched_says_so() -> None:
    with pytest.raises(RegistryError, match="FENDAN_POLL_SECONDS"):
        Watch("shop", "databricks://x", {})


class Odd(BaseHTTPRequestHandler):
    """A server that is something else; it tells what it was asked with."""

    seen: ClassVar[list[tuple[str, str | None, str | None]]] = []
    answers: ClassVar[list[tuple[int, bytes]]] = [
        (200, b"<html>"),
        (401, b"no"),
        (200, b"[1]"),
        (404, b"nothing here"),
        (200, b'{"registered_model": {}}'),
    ]

    def do_GET(self) -> None:
        headers = self.headers
        self.seen.append((self.path, headers.get("Authorization"), headers.get("X-MLFLOW-WORKSPACE")))
        status, body = self.answers[(len(self.seen) - 1) % len(self.answers)]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_answers_oddly_and_what_it_is_asked_with() -> None:
    with HTTPServer(("127.0.0.1", 0), Odd) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{other.server_port}"
        for _ in range(4):
            with pytest.raises(RegistryError) as caught:
                Watch("双 11", f"http://me:se%40cret@{host}/ml/", {"MLFLOW_WORKSPACE": "w"}).ask()
            assert "cret" not in str(caught.value)
        assert Watch("shop", f"http://{host}", {"MLFLOW_TRACKING_TOKEN": "t"}).ask() == {}
        other.shutdown()
    basic = "Basic " + base64.b64encode(b"me:se@cret").decode()
    path = "/ml/api/2.0/mlflow/registered-models/get?name=%E5%8F%8C%2011"
    assert Odd.seen[:4] == [(path, basic, "w")] * 4
    assert Odd.seen[4][1:] == ("Bearer t", None)


# What a worker makes of it


class Worker:
    """What changes models in one worker, and what it counted."""

    def __init__(self, engine: Engine, cache: Path) -> None:
        self.engine, self.cache = engine, cache
        self.counted: list[str] = []
        self.source = VersionSource(ModelReference.parse("models:/shop@champion"), cache=cache)
        self.rollout = Rollout(engine, self.source, every=30, count=lambda what, _: self.counted.append(what))

    async def look(self) -> None:
        await self.rollout.poll(self.source)

    def describe(self) -> dict[str, Any]:
        return self.rollout.describe()


@pytest.fixture
def live(registrar: Registrar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker with version 1, whose cache holds versions 1 (the model), 2 (another) and 3 (half a model)."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registrar.uri)
    monkeypatch.delenv("MLFLOW_REGISTRY_URI", raising=False)
    cache = tmp_path / "champion"
    shutil.copytree(model_folder(), cache / "shop" / "1")
    shutil.copytree(second_folder(), cache / "shop" / "2")
    store = Store(f"sqlite:///{tmp_path}/fendan.db")
    made = engine(store)
    made.active = made.active._replace(ref=made.ref._replace(name="shop", version="1"))
    yield Worker(made, cache)
    store.close()


def test_it_follows_the_alias_there_and_back(registrar: Registrar, live: Worker) -> None:

    async def story() -> None:
        await live.look()
        assert (live.engine.ref.version, live.describe()["candidate"]) == ("1", None)
        for version in ("2", "1"):
            registrar("alias", "shop", "champion", version)
            await live.look()
            assert live.engine.ref == ("shop", version)

    run(story())
    assert live.counted == ["swapped", "swapped"]


def test_a_bad_version_is_tried_once_and_again_when_the_alias_comes_back(registrar: Registrar, live: Worker) -> None:
    bad = live.cache / "shop" / "2"
    shutil.rmtree(bad)
    truncated(bad)

    async def look_thrice() -> None:
        registrar("alias", "shop", "champion", "2")
        for _ in range(3):
            await live.look()

    run(look_thrice())
    assert live.counted == ["refused"]
    status = StatusEndpoints(live.engine, Metrics(), live.rollout)
    said = Client(Starlette(routes=[Route("/v1/model", status.model)])).get("/v1/model").json()
    assert matches(said, {"$ref": "#/components/schemas/Model"}) == []
    assert (said["version"], said["watch"]["problem"]) == ("1", None)
    assert (said["candidate"]["version"], said["candidate"]["state"]) == ("2", "refused")
    assert "校验和" in said["candidate"]["problem"]

    async def story() -> None:
        registrar("alias", "shop", "champion", "1")
        await live.look()
        assert live.describe()["candidate"] is None
        shutil.rmtree(bad)
        shutil.copytree(second_folder(), bad)
        registrar("alias", "shop", "champion", "2")
        await live.look()
        assert live.engine.ref.version == "2"
        registrar("alias", "shop", "champion", "1")
        await live.look()

    run(story())


def test_while_the_registry_is_away_the_model_stays(
    live: Worker, tmp_path: Path, registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    monkeypatch.chdir(tmp_path)

    async def story() -> None:
        await live.look()
        assert "还没有模型仓库" in live.describe()["watch"]["problem"]
        monkeypatch.setenv("MLFLOW_TRACKING_URI", registrar.uri)
        await live.look()
        assert live.describe()["watch"]["problem"] is None
        assert live.engine.ref.version == "1"

    run(story())


def test_without_an_alias_nothing_is_watched() -> None:
    for settings in (
        Settings(),
        Settings(model_ref="models:/shop/1"),
        Settings(model_ref="models:/shop@champion", poll_seconds=0),
    ):
        assert VersionSource.of(settings) is None


def test_the_service_needs_no_mlflow_to_watch() -> None:
    code = "import sys, serving.rollout.rollout; sys.exit('mlflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
