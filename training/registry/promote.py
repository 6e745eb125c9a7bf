"""Moves the alias ``champion``: forward only through a passed gate, or by force with a reason; and back.

Two who promote at once go one after the other (a lock beside the store); the second then finds another champion than the one
its gate was against, and is refused.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.reference import ModelReference
from training.registry.lineage import AGAINST, GATE, HISTORY, NONE, Change, before, changes, version_of
from training.registry.mlflow_home import load_mlflow, nothing_kept, quiet, reaching
from training.registry.registry import every, no_such, nothing
from training.registry.track import CHALLENGER, CHAMPION
from triage.errors import ConflictError, GateError, InputError, RegistryError

Clock = Callable[[], datetime]

LONGEST = 500
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was done; ``change`` as the history keeps it."""

    name: str
    change: Change

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, **self.change._asdict()}


def promote(
    model: str, *, force: bool = False, reason: str = "", by: str = "", clock: Clock = lambda: datetime.now(UTC)
) -> Moved:
    """Makes a version the champion.

    Args:
        model: a name (its challenger is meant), ``models:/NAME@ALIAS`` or ``models:/NAME/VERSION``.

    Raises:
        GateError: it has passed no gate against the present champion, and ``force`` is not set.
        InputError: a folder, ``force`` without ``reason``, a reason too long; RegistryError: no such version.
        ConflictError: it is the champion already.
    """
    reason, by = _words(reason, "reason"), _words(by, "by") or me()
    if force and not reason:
        raise InputError("--force 要同时写 --reason：以后的人要知道为什么没有通过也上线", field="reason")
    reference = ModelReference.parse(model if model.startswith("models:") else f"models:/{model}@{CHALLENGER}")
    with _registry(reference.name) as (client, aliases, moves):
        version = version_of(str(reference))
        assert version is not None
        now = aliases.get(CHAMPION, "")
        if version.version == now:
            raise ConflictError(f"{version.name} 版本 {now} 已经是冠军", field="model")
        if not force:
            _check_gate(version.name, version.version, version.tags, now)
        change = Change(clock().isoformat(), by, "promote", version.version, now, reason, force)
        _move(client, version.name, change, len(moves))
        if aliases.get(CHALLENGER) == version.version:
            client.delete_registered_model_alias(version.name, CHALLENGER)
    return Moved(version.name, change)


def rollback(
    name: str, *, to: str = "", reason: str = "", by: str = "", clock: Clock = lambda: datetime.now(UTC)
) -> Moved:
    """Makes the champion before this one the champion again, or the version ``to``.

    Raises:
        ConflictError: there is no champion, none before it is recorded, or ``to`` is the champion.
        RegistryError: no such model or version.
    """
    reason, by = _words(reason, "reason"), _words(by, "by") or me()
    with _registry(name) as (client, aliases, moves):
        now = aliases.get(CHAMPION, "")
        if not now:
            raise ConflictError(f"{name} 没有冠军，无从退回；先 fendan promote", field="name")
        target = to or before(moves, now)
        if not target:
            raise ConflictError(
                f"{name} 版本 {now} 之前没有记录过别的冠军；要退到哪一版，用 --to 写明（fendan models {name} 列出来）",
                field="to",
            )
        found = version_of(str(ModelReference.parse(f"models:/{name}/{_number(target)}")))
        assert found is not None
        if found.version == now:
            raise ConflictError(f"{name} 版本 {now} 已经是冠军", field="to")
        change = Change(clock().isoformat(), by, "rollback", found.version, now, reason)
        _move(client, name, change, len(moves))
    return Moved(name, change)


def me() -> str:
    """Who runs the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid()) if hasattr(os, "getuid") else "?"


def _check_gate(name: str, version: str, tags: dict[str, str], champion: str) -> None:
    which = f"{name} 版本 {version}"
    way_out = "；一定要上线就加 --force --reason 理由"
    verdict, against = tags.get(GATE), tags.get(AGAINST, "")
    if verdict is None:
        raise GateError(f"{which} 没有过关的记录：它不是 fendan retrain 做的{way_out}")
    if against != (champion or NONE):
        old = "没有冠军时" if against == NONE else f"与版本 {against} 比"
        raise GateError(f"{which} 是{old}检验的，现在的冠军是 {champion or '（无）'}；请重新 fendan retrain{way_out}")
    if verdict != "passed":
        raise GateError(
            f"{which} 没有通过与冠军的比较：{tags.get('gate_reasons') or '见它在 MLflow 里的 gate.json'}{way_out}"
        )


def _move(client: Any, name: str, change: Change, moves: int) -> None:
    """Writes down, then moves: the alias is one row of the store, so nobody sees it between two versions."""
    entry = json.dumps(change._asdict(), ensure_ascii=False)
    client.set_registered_model_tag(name, f"{HISTORY}{moves + 1:06d}", entry)
    client.set_registered_model_alias(name, CHAMPION, change.version)
    for key in ("at", "by", "reason", "previous", "forced"):
        value = str(getattr(change, key))
        client.set_model_version_tag(name, change.version, f"{change.what}.{key}", value)


@contextmanager
def _registry(name: str) -> Iterator[tuple[Any, dict[str, str], list[Change]]]:
    """The registry's client, the model's aliases and its history, with nobody else moving aliases meanwhile."""
    if nothing_kept():
        raise RegistryError(nothing(), field="name")
    mlflow = load_mlflow()
    with _alone(str(mlflow.get_tracking_uri())), reaching(mlflow), quiet():
        client = mlflow.MlflowClient()
        models = every(client.search_registered_models)
        model = next((model for model in models if model.name == name), None)
        if model is None:
            raise no_such(name, models)
        yield client, {alias: str(v) for alias, v in model.aliases.items()}, changes(dict(model.tags))


@contextmanager
def _alone(uri: str) -> Iterator[None]:
    """One at a time on this machine, whatever folder each was started in; a store is named by its address."""
    key = hashlib.sha256(uri.encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"fendan-promote-{key}.lock"
    if uri.startswith("sqlite:///"):
        path = Path(uri.removeprefix("sqlite:///") + ".promote.lock")
    try:
        held = path.open("a")
    except OSError as error:
        raise RegistryError(f"不能写入 {path}（{error.strerror}）；换冠军时要用它排队") from None
    with held:
        with contextlib.suppress(ImportError):  # Windows
            import fcntl

            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _words(text: str, field: str) -> str:
    text = " ".join(text.split())
    if len(text) > LONGEST:
        raise InputError(f"--{field} 有 {len(text)} 个字，至多 {LONGEST}", field=field)
    return text


def _number(version: str) -> str:
    if not version.isdecimal():
        raise InputError(f"--to 应是版本号，如 3；收到的是 {version!r}", field="to")
    return version
