"""The whole loop with nothing left out: a running service, drift, corrections, retrain, gate, promote, swap, and back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving.builders import Server, fendan, run
from tests.shared import mlflow_store
from tests.training.builders import write_jsonl
from tests.training.fit.retrain_builders import NEW_WORDS, later, recipe, rows

pytestmark = pytest.mark.slow

REST = ("--target-error", "0.2")


def done(*arguments: object, cwd: Path, status: int = 0) -> str:
    """Output of a command that ends with ``status``."""
    found = fendan(*map(str, arguments), cwd=cwd)
    assert found.returncode == status, f"{arguments}: {found.stdout}\n{found.stderr}"
    return found.stdout


async def until(client: httpx.AsyncClient, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Waits until it is true of what the service says of its model."""
    give_up = time.monotonic() + 120
    while True:
        said: dict[str, Any] = (await client.get("/v1/model")).json()
        if true(said):
            return said
        assert time.monotonic() < give_up, said
        await asyncio.sleep(0.1)  # polling


class Helpdesk:
    """Asks all the time; whatever is not answered well is kept in ``bad``."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.stop = client, False
        self.bad: list[str] = []
        self.versions: list[str] = []

    async def ask(self) -> None:
        while not self.stop:
            answer = await self.client.post("/v1/triage?dry_run=true", json={"text": "快递一直没有动静，帮忙看看"})
            if answer.status_code == 200:
                self.versions.append(answer.json()["model"]["version"])
            else:
                self.bad.append(answer.text)


async def decided(client: httpx.AsyncClient, texts: list[str]) -> list[dict[str, Any]]:
    found = (await client.post("/v1/triage/batch?dry_run=true", json=[{"text": text} for text in texts])).json()
    return [result["decision"]["category"] for result in found["results"]]


async def corrected(client: httpx.AsyncClient, drifted: list[dict[str, Any]]) -> None:
    """Every ticket is decided, and a reviewer says what was right."""
    tickets = [{k: row[k] for k in ("ticket_id", "text", "created_at")} for row in drifted]
    answer = (await client.post("/v1/triage/batch", json=tickets)).json()
    assert answer["failed"] == 0
    for row in drifted:
        said = {
            "ticket_id": row["ticket_id"],
            "labels": {"category": row["category"]},
            "source": "reviewer",
            "by": "小林",
        }
        assert (await client.post("/v1/corrections", json=said)).status_code == 201


def test_from_drift_to_a_new_champion_and_back(tmp_path: Path) -> None:
    base, made = write_jsonl(tmp_path / "base.jsonl", rows(240)), recipe(tmp_path)
    mlflow_store(tmp_path / "var" / "mlflow.db")
    done("train", base, "--no-holdout", "--register", "fendan", "--recipe", made, *REST, cwd=tmp_path)
    drifted = later(240)
    fresh = [row for row in later(60, seed=7, name="F") if row["category"] == "invoice"]
    texts = [row["text"] for row in fresh]

    with Server(tmp_path, FENDAN_POLL_SECONDS="1", FENDAN_BLIND_RATE="0") as server:

        async def story() -> None:
            async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
                helpdesk = Helpdesk(client)
                asking = asyncio.create_task(helpdesk.ask())
                try:
                    await corrected(client, drifted)
                    before = await decided(client, texts)
                    assert NEW_WORDS["invoice"] in texts[0]
                    assert sum(one["label"] == "invoice" for one in before) < len(before) / 2

                    said = await asyncio.to_thread(done, "retrain", "--recipe", made, *REST, "--json", cwd=tmp_path)
                    verdict = json.loads(said)
                    assert (verdict["passed"], verdict["version"], verdict["champion_version"]) == (True, "2", "1")
                    assert verdict["snapshot"]["corrections"]["rows"] == 240

                    await asyncio.to_thread(done, "promote", "--by", "小林", cwd=tmp_path)
                    await until(client, lambda said: said["version"] == "2")
                    after = await decided(client, texts)
                    assert sum(one["label"] == "invoice" for one in after) > 0.9 * len(after)

                    await asyncio.to_thread(done, "rollback", "--reason", "演练", cwd=tmp_path)
                    await until(client, lambda said: said["version"] == "1")
                    assert await decided(client, texts) == before
                finally:
                    helpdesk.stop = True
                    await asking
                assert helpdesk.bad == []
                assert [v for v, w in zip(helpdesk.versions, ["", *helpdesk.versions], strict=False) if v != w] == [
                    "1",
                    "2",
                    "1",
                ]

        run(story())

    history = json.loads(done("models", "fendan", "--json", cwd=tmp_path))["history"]
    moves = sorted(history, key=lambda move: move["at"])
    assert [(move["version"], move["by"]) for move in moves[:1]] == [("2", "小林")]
    assert [(move["version"], move["reason"]) for move in moves[1:]] == [("1", "演练")]
