"""A real service under load while the alias moves: no request fails, whatever the new model is."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.serving.builders import Server, model_folder, run
from tests.serving.rollout.builders import NEW_NAME, Registrar, second_folder, truncated

pytestmark = pytest.mark.slow

TEXT = "快递显示签收了可我没收到"
NAMES = {"1": "物流配送", "2": NEW_NAME}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="module")
def registrar(home: Path) -> Iterator[Registrar]:
    """Versions 1 (the model), 2 (another), 3 (half a model)."""
    made = Registrar(home)
    for folder in (model_folder(), second_folder(), truncated(home / "half")):
        made("register", "fendan", str(folder))
    made("alias", "fendan", "champion", "1")
    yield made
    made.close()


class Load:
    """Callers that never stop; each keeps a connection, and so a worker, for a while."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.runs: list[list[tuple[str, str]]] = []
        self.seconds: list[float] = []
        self.bad: list[str] = []
        self.stop = False

    async def caller(self) -> None:
        while not self.stop:
            seen: list[tuple[str, str]] = []
            self.runs.append(seen)
            async with httpx.AsyncClient(base_url=self.url, timeout=60) as client:
                for i in range(40):
                    if self.stop:
                        return
                    before = time.perf_counter()
                    many = i % 20 == 7
                    if many:
                        answer = await client.post("/v1/triage/batch", json=[{"text": TEXT}] * 60)
                    elif i % 20 == 13:
                        answer = await client.get("/readyz")
                    else:
                        answer = await client.post("/v1/triage", json={"text": TEXT})
                    self.seconds.append(time.perf_counter() - before)
                    if answer.status_code != 200:
                        self.bad.append(answer.text)
                        continue
                    body = answer.json()
                    for decision in [r["decision"] for r in body["results"]] if many else [body]:
                        if "category" in decision:
                            seen.append((decision["model"]["version"], decision["category"]["name"]))

    async def met(self, version: str) -> None:
        """Waits until a caller has an answer of ``version``: the workers may say they have it before anyone was served."""
        give_up = time.monotonic() + 120
        while version not in {answered for one in self.runs for answered, _ in one}:
            assert time.monotonic() < give_up, f"no answer of version {version}"
            await asyncio.sleep(0.05)  # polling

    def check(self, *versions: str) -> None:
        """All was answered; each worker went through ``versions`` in this order; each answer is of one model."""
        assert self.bad == []
        seen = {pair for one in self.runs for pair in one}
        assert seen == {(version, NAMES[version]) for version in versions}
        for one in self.runs:
            places = [versions.index(version) for version, _ in one]
            assert places == sorted(places)


@asynccontextmanager
async def load(url: str) -> Any:
    made = Load(url)
    callers = [asyncio.create_task(made.caller()) for _ in range(4)]
    try:
        yield made
    finally:
        made.stop = True
        await asyncio.gather(*callers)


async def workers(url: str) -> dict[int, dict[str, Any]]:
    """What each of the two workers says of its model; a new connection a question, until both have answered."""
    found: dict[int, dict[str, Any]] = {}
    while len(found) < 2:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            said = (await client.get("/v1/model")).json()
        found[said["worker"]] = said
    return found


async def until(url: str, true: Callable[[dict[str, Any]], bool]) -> dict[int, dict[str, Any]]:
    """Waits until it is true of both workers."""
    give_up = time.monotonic() + 120
    while True:
        found = await workers(url)
        if all(map(true, found.values())):
            return found
        assert time.monotonic() < give_up, found
        await asyncio.sleep(0.05)  # polling


def events(home: Path, what: str) -> list[dict[str, Any]]:
    with sqlite3.connect(home / "var" / "fendan.db") as connection:
        rows = connection.execute("SELECT detail FROM logbook WHERE what = ? ORDER BY id", (what,)).fetchall()
    return [json.loads(detail) for (detail,) in rows]


def test_the_alias_moves_under_load(home: Path, registrar: Registrar) -> None:
    with Server(home, "--workers", "2", FENDAN_POLL_SECONDS="1") as server:
        url = server.url

        async def story() -> None:
            async with load(url) as asked:
                await until(url, lambda said: said["version"] == "1")
                await asked.met("1")
                await asyncio.to_thread(registrar, "alias", "fendan", "champion", "2")
                found = await until(url, lambda said: said["version"] == "2")
                await asked.met("2")
            asked.check("1", "2")
            assert {said["watch"]["ref"] for said in found.values()} == {"models:/fendan@champion"}

            async with load(url) as asked:
                await asyncio.to_thread(registrar, "alias", "fendan", "champion", "3")
                found = await until(
                    url, lambda said: bool(said["candidate"]) and said["candidate"]["state"] == "refused"
                )
                await asked.met("2")
            asked.check("2")
            for said in found.values():
                assert (said["version"], said["candidate"]["version"]) == ("2", "3")
                assert "校验和" in said["candidate"]["problem"]

            await asyncio.to_thread(registrar, "alias", "fendan", "champion", "2")
            async with load(url) as asked:
                await asyncio.to_thread(registrar, "alias", "fendan", "challenger", "1")
                found = await until(url, lambda said: said["shadow"].get("scored", 0) > 0)
                assert {said["shadow"]["version"] for said in found.values()} == {"1"}
                shadows = [p for p in psutil.process_iter(["cmdline"]) if _is_shadow(p, home)]
                assert len(shadows) == 2
                assert all(p.nice() >= 10 for p in shadows)
                for p in shadows:
                    os.kill(p.pid, signal.SIGKILL)
                await until(url, lambda said: said["shadow"]["restarted"] == 1 and said["shadow"]["state"] == "running")
                await asked.met("2")
            asked.check("2")

            async with load(url) as asked:
                await asked.met("2")
                await asyncio.to_thread(registrar, "alias", "fendan", "champion", "1")  # a rollback
                await until(url, lambda said: said["version"] == "1" and said["shadow"]["state"] == "none")
                await asked.met("1")
            asked.check("2", "1")

        run(story())
        text = httpx.get(f"{url}/metrics", timeout=30).text
        shown = re.findall(r'^fendan_model_info\{name="fendan",pid="\d+",version="(\d)"\} 1\.0$', text, re.M)
        assert shown == ["1", "1"]
        assert re.search(r'^fendan_model_changes_total\{result="swapped"\} 4\.0$', text, re.M)
    swapped = [(event["from"], event["to"]) for event in events(home, "model_swapped")]
    assert sorted(swapped) == [("1", "2"), ("1", "2"), ("2", "1"), ("2", "1")]
    assert [event["version"] for event in events(home, "model_refused")] == ["3", "3"]
    assert not [p for p in psutil.process_iter(["cmdline"]) if _is_shadow(p, home)]


def _is_shadow(process: psutil.Process, home: Path) -> bool:
    line = process.info["cmdline"] or []
    return "serving.rollout.scorer" in line and any(part.startswith(str(home)) for part in line)


def test_a_service_that_started_without_a_model_picks_one_up(home: Path, registrar: Registrar) -> None:
    with Server(home, "--model", "models:/fendan@tomorrow", "--allow-degraded", FENDAN_POLL_SECONDS="1") as server:
        assert server.client.get("/readyz").json()["status"] == "degraded"
        assert server.client.post("/v1/triage", json={"text": TEXT}).json()["degraded"]
        registrar("alias", "fendan", "tomorrow", "2")
        give_up = time.monotonic() + 120
        while server.client.get("/readyz").json()["status"] == "degraded":
            assert time.monotonic() < give_up
            time.sleep(0.05)  # polling
        decision = server.client.post("/v1/triage", json={"text": TEXT}).json()
        assert (decision["model"], decision["category"]["name"]) == ({"name": "fendan", "version": "2"}, NEW_NAME)
    imported = {name.partition(".")[0] for file in server.modules.iterdir() for name in file.read_text().splitlines()}
    assert "serving" in imported
    assert not imported & {"mlflow", "torch", "sklearn", "pandas"}
