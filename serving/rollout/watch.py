"""Asks the registry where a model's aliases point, cheaply enough to be asked by every worker every few seconds.

MLflow itself is not imported: that costs seconds of processor time and 200 MB. A tracking database is read with one
SELECT, a tracking server with one GET; only a version that is new is fetched through MLflow (serving/registry.py).
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from triage.errors import RegistryError

DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
"""Databases in which MLflow keeps a registry."""

_TIMEOUT = 10
"""Seconds that a server has to answer."""

_MOST = 8 << 20
"""Bytes of an answer that are read."""


class Watch:
    """Where the aliases of one registered model point.

    Args:
        name: of the registered model.
        uri: of the registry, as MLflow takes it: a database or an http(s) server.

    Raises:
        RegistryError: a kind of registry that cannot be asked cheaply.
    """

    def __init__(self, name: str, uri: str, env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._uri = uri
        self._env = os.environ if env is None else env
        self._engine: Any = None
        scheme = uri.partition(":")[0].lower()
        if scheme in ("http", "https"):
            self._ask = self._ask_server
        elif scheme.partition("+")[0] in DATABASES:
            self._ask = self._ask_database
        else:
            raise RegistryError(
                f"模型仓库 {_shown(uri)} 不能边跑边看；能看的是 {'、'.join(DATABASES)} 数据库和 http(s) 服务器。"
                "换模型请重启服务，或把 FENDAN_POLL_SECONDS 设成 0"
            )

    def ask(self) -> dict[str, str]:
        """Alias -> version; empty when there is no such model (yet). Blocks: not for the event loop.

        Raises:
            RegistryError: the registry cannot be reached or read.
        """
        return self._ask()

    def _ask_database(self) -> dict[str, str]:
        from sqlalchemy import create_engine, make_url, text
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError
        from sqlalchemy.pool import NullPool

        try:
            url = make_url(self._uri)
            if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
                raise RegistryError(
                    f"模型仓库 {self._uri} 不存在；用 fendan train --register 建一个"
                )  # never made here
            if self._engine is None:
                self._engine = create_engine(url, poolclass=NullPool)
            with self._engine.connect() as connection:
                # All columns: releases of MLflow differ in whether there is a workspace.
                found = connection.execute(
                    text("SELECT * FROM registered_model_aliases WHERE name = :name"), {"name": self.name}
                )
                rows = [dict(row) for row in found.mappings()]
        except (SQLAlchemyError, ArgumentError, ImportError, ValueError) as error:
            said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise RegistryError(f"读不了模型仓库 {_shown(self._uri)}：{said:.300}") from None
        here = self._env.get("MLFLOW_WORKSPACE", "").strip() or "default"
        return {str(row["alias"]): str(row["version"]) for row in rows if row.get("workspace", here) == here}

    def _ask_server(self) -> dict[str, str]:
        base, headers = self._address()
        url = f"{base}/api/2.0/mlflow/registered-models/get?name={quote(self.name, safe='')}"
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 (http or https, see __init__)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT, context=self._tls()) as answer:  # noqa: S310
                body = json.loads(answer.read(_MOST))
            aliases = body["registered_model"].get("aliases", [])
            return {str(item["alias"]): str(item["version"]) for item in aliases}
        except urllib.error.HTTPError as error:
            said = error.read(4096).decode("utf-8", "replace")
            if error.code == 404 and "RESOURCE_DOES_NOT_EXIST" in said:
                return {}
            raise RegistryError(f"模型仓库 {_shown(self._uri)} 答 {error.code}：{said:.200}") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = getattr(error, "reason", None) or error
            raise RegistryError(f"问不到模型仓库 {_shown(self._uri)}：{reason!s:.200}") from None

    def _address(self) -> tuple[str, dict[str, str]]:
        """The server's address without a password in it, and the headers that MLflow's own client would send."""
        parts = urlsplit(self._uri.rstrip("/"))
        headers = {"Accept": "application/json"}
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        user = self._env.get("MLFLOW_TRACKING_USERNAME", "") or user
        password = self._env.get("MLFLOW_TRACKING_PASSWORD", "") or password
        if user:
            pair = base64.b64encode(f"{user}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        elif token := self._env.get("MLFLOW_TRACKING_TOKEN", ""):
            headers["Authorization"] = f"Bearer {token}"
        if workspace := self._env.get("MLFLOW_WORKSPACE", "").strip():
            headers["X-MLFLOW-WORKSPACE"] = workspace
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path, "", "")), headers

    def _tls(self) -> ssl.SSLContext | None:
        if not self._uri.lower().startswith("https"):
            return None
        context = ssl.create_default_context(cafile=self._env.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or None)
        if self._env.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if client := self._env.get("MLFLOW_TRACKING_CLIENT_CERT_PATH"):
            context.load_cert_chain(client)
        return context


def _shown(uri: str) -> str:
    """``uri`` without user and password."""
    scheme, found, rest = uri.partition("://")
    head, slash, tail = rest.partition("/")
    return f"{scheme}{found}{head.rpartition('@')[2]}{slash}{tail}"
