"""What the tests of the serving room share: a small real model, an engine, a client that needs no network."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
import yaml
from sqlalchemy import Connection, select
from starlette.applications import Starlette

from serving.app import App, assemble
from serving.labels.corrections import Correction, NewCorrection
from serving.labels.queries import read_by_ids
from serving.labels.record import LabelRecord
from serving.labels.tables import corrections
from serving.people.guard import Guard
from serving.settings import Settings
from serving.start import Loaded
from serving.store import Store
from serving.tickets.engine import Engine
from serving.tickets.queries import TicketRecord, read_ticket
from tests.shared import once_per_run, run_folder
from triage.decision import ModelRef
from triage.paths import ROOT
from triage.policy.profile import Profile, load_profile
from triage.taxonomy import Taxonomy

T = TypeVar("T")

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=timezone(timedelta(hours=8)))

_WORDS = {
    "logistics": (
        "快递显示签收了可我没收到",
        "物流三天没动",
        "包裹停在中转站",
        "快递员态度差把件扔门口",
        "派送地址送错了",
    ),
    "refund": ("退款什么时候到账", "退货已签收钱还没退", "说好的退款没有到", "退款进度查一下", "钱没退回来"),
    "promotion": ("优惠券用不了", "满减没有生效", "预售定金能退吗", "价保申请被拒", "活动赠品没给"),
    "product_inquiry": ("这款有大码吗", "材质是纯棉吗", "支持苹果手机吗", "这个怎么用", "是正品吗"),
}
_TONE = {"critical": "，家里孩子急用，再不处理我就投诉", "normal": "，麻烦看一下", "low": "，不着急，谢谢"}
_MOOD = {"critical": "negative", "normal": "neutral", "low": "positive"}


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def correct(store: Store, new: NewCorrection, record: LabelRecord | None = None) -> Correction:
    """Stores what somebody said; nobody follows it up unless ``record`` does."""
    return run(store.write(lambda connection: (record or LabelRecord()).add(connection, [new], new.at)))[0]


def corrections_of(store: Store) -> list[Correction]:
    """All that was ever said, the oldest first."""
    query = select(corrections.c.id).order_by(corrections.c.at, corrections.c.id)

    def read(connection: Connection) -> list[Correction]:
        ids = connection.execute(query).scalars().all()
        found = {one.id: one for one in read_by_ids(connection, ids)}
        return [found[one] for one in ids]

    return store.read_now(read)  # also where a browser has its event loop in this thread


def ticket_of(store: Store, ticket_id: str) -> TicketRecord | None:
    """All that is known of a ticket."""
    return run(store.read(lambda connection: read_ticket(connection, ticket_id)))


@functools.cache
def taxonomy() -> Taxonomy:
    return Taxonomy.from_mapping(yaml.safe_load((ROOT / "datasets" / "taxonomy.yaml").read_text(encoding="utf-8")))


@functools.cache
def profile() -> Profile:
    return load_profile("default", ROOT / "serving" / "profiles")


@once_per_run
def small_model() -> Any:
    """A :class:`models.TriageModel` fitted on 60 made-up tickets: every part of it is real but its knowledge."""
    from models.fit.model import LabelledTexts, fit_model
    from models.promise.targets import Targets
    from models.spec import ModelSpec

    rows = [(words + tone, category, urgency) for category, all_words in _WORDS.items() for words in all_words
            for urgency, tone in _TONE.items()]  # fmt: skip
    labels = {
        "category": [category for _, category, _ in rows],
        "urgency": [urgency for _, _, urgency in rows],
        "sentiment": [_MOOD[urgency] for _, _, urgency in rows],
    }
    tickets = LabelledTexts([text for text, _, _ in rows], labels, taxonomy())
    return fit_model(tickets, ModelSpec(targets=Targets(0.3)))


@once_per_run
def model_folder() -> Path:
    """The small model, saved."""
    folder = run_folder() / "serving" / "small"
    small_model().save(folder)
    return folder


def engine(store: Store, **changes: Any) -> Engine:
    values = {"model": small_model(), "ref": ModelRef("fendan", "7"), "clock": lambda: NOW, **changes}
    return Engine(store=store, profile=profile(), taxonomy=taxonomy(), **values)


_SMALL = object()


def app_of(
    store: Store,
    settings: Settings | None = None,
    *,
    guard: Guard | None = None,
    model: Any = _SMALL,
    clock: Callable[[], datetime] = lambda: NOW,
    swagger_ui: Path | None = None,
) -> App:
    """The whole service on ``store``; its jobs are not begun. ``model``: the small one by default, None for none."""
    loaded = Loaded(small_model() if model is _SMALL else model, ModelRef("fendan", "7"), taxonomy())
    given: dict[str, Any] = {"store": store, "guard": guard, "clock": clock, "profile": profile()}
    return assemble(settings or Settings(), loaded=loaded, swagger_ui=swagger_ui, **given)


class Client:
    """Calls an application in this process; each call is a request of its own."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://fendan.test") as client:
                return await client.request(method, path, **options)

        return run(call())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self("POST", path, **options)


_SPY = """
import os, sys
folder = os.environ.get("FENDAN_TEST_MODULES")
if folder and "_bentoml_impl.worker.service" in sys.orig_argv:
    notes = open(f"{folder}/{os.getpid()}", "w", buffering=1)
    sys.addaudithook(lambda event, args: event == "import" and notes.write(f"{args[0]}\\n") and None)
blocked = os.environ.get("FENDAN_TEST_BLOCKED", "").split()
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ImportError(f"{name} must not be needed")
if blocked:
    sys.meta_path.insert(0, Blocker())
"""
"""A ``sitecustomize`` that notes what a worker imports, and makes modules unimportable."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fendan(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs the ``fendan`` command to its end."""
    return subprocess.run(_command(*arguments), cwd=cwd, env=_env(env), capture_output=True, text=True, check=False)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fendan", *arguments]


def _env(env: dict[str, str]) -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("FENDAN_", "MLFLOW_", "BENTOML_"))}
    return {**ours, "PYTHONPATH": str(ROOT), **env}


class Server:
    """A real service in processes of its own; ``command`` defaults to ``fendan serve``. Use as a context manager."""

    def __init__(self, cwd: Path, *arguments: str, command: list[str] | None = None, **env: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.modules = cwd / "modules"
        self.modules.mkdir(exist_ok=True)
        (cwd / "sitecustomize.py").write_text(_SPY, encoding="utf-8")
        env = {"PYTHONPATH": f"{cwd}{os.pathsep}{ROOT}", "FENDAN_TEST_MODULES": str(self.modules), **env}
        self.log = cwd / f"{self.port}.log"
        self._process = subprocess.Popen(
            [*(command or _command("serve", *arguments)), "--port", str(self.port)],
            cwd=cwd,
            env=_env(env),
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.client = httpx.Client(base_url=self.url, timeout=30)

    def __enter__(self) -> Server:
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if self.client.get("/readyz").status_code == 200:
                    return self
            time.sleep(0.05)  # polling
        self.kill()
        raise AssertionError(f"the service did not start:\n{self.log.read_text(encoding='utf-8')}")

    def __exit__(self, *_: object) -> None:
        self.client.close()
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
            self._process.wait(timeout=60)

    def kill(self) -> None:
        """``kill -9`` for the supervisor and for its workers, which live in process groups of their own."""
        with contextlib.suppress(psutil.NoSuchProcess):
            supervisor = psutil.Process(self._process.pid)
            family = [supervisor, *supervisor.children(recursive=True)]
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(family[1:], timeout=60)
        self._process.wait(timeout=60)
