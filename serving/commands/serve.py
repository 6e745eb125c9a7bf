"""``fendan serve``: checks everything that can be checked, then becomes ``bentoml serve``."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.reference import CHAMPION, ModelReference
from serving.settings import Settings
from triage.errors import ArtefactError, FendanError, InputError, RegistryError
from triage.paths import ROOT, child_environment, home, python

if TYPE_CHECKING:
    from serving.registry import Resolved

_HELP = """启动服务：HTTP 接口、试用页和接口文档。

\b
例：
  fendan serve                                  用模型仓库里的冠军模型（models:/fendan@champion）
  fendan serve --model M --port 8080            用 fendan train --out M 写出的文件夹
  fendan serve --workers 4 --db postgresql+psycopg://fendan@db/fendan

\b
没有写的选项取自环境变量（FENDAN_MODEL、FENDAN_DB …，见 docs/configuration.md），再取默认值。
"""


def register(app: typer.Typer, profiles: Path) -> None:
    """Registers the command; ``profiles`` is where profiles lie unless the environment says."""

    @app.command(help=_HELP)
    def serve(
        model: Annotated[str, typer.Option(help="模型文件夹，或 models:/名字@别名、models:/名字/版本。")] = "",
        host: Annotated[str, typer.Option(help="监听的地址；要让别的机器访问就写 0.0.0.0。[默认 127.0.0.1]")] = "",
        port: Annotated[int, typer.Option(help="监听的端口。[默认 3000]", show_default=False)] = 0,
        workers: Annotated[int, typer.Option(help="工作进程数。[默认 1]", show_default=False)] = 0,
        db: Annotated[str, typer.Option(help="数据库，SQLAlchemy 写法。[默认 sqlite:///var/fendan.db]")] = "",
        profile: Annotated[str, typer.Option(help="分单策略的名字或 YAML 文件。[默认 default]")] = "",
        allow_degraded: Annotated[
            bool, typer.Option("--allow-degraded", help="没有模型也启动：工单照收，全部转人工。")
        ] = False,
    ) -> None:
        given: dict[str, Any] = {
            "model": model,
            "host": host,
            "port": port,
            "workers": workers,
            "db": db,
            "profile": profile,
        }
        given |= {"allow_degraded": allow_degraded}
        base = Settings.from_env({"FENDAN_PROFILES_DIR": str(profiles), **os.environ})
        _serve(replace(base, **{name: value for name, value in given.items() if value}))


def _serve(settings: Settings) -> None:
    from serving.people.first_start import first_link
    from serving.store import Store
    from triage.policy.profile import load_profile

    settings = replace(settings, host=_address(settings.host)).absolute()
    _check_port(settings.host, settings.port)
    load_profile(settings.profile, Path(settings.profiles_dir))
    store = Store(settings.db, timeout=settings.db_timeout)
    try:
        settings = _with_model(settings)
        link = first_link(store, settings.url)
    finally:
        store.close()
    _say(settings)
    if link:
        print(f"还没有用户。在浏览器里打开这个链接，成为第一位管理员（只能用一次）：\n          {link}")
    command = [*python("bentoml"), "serve", "serving.service:Fendan", "--working-dir", str(ROOT)]
    command += ["--host", settings.host, "--port", str(settings.port)]
    sys.stdout.flush()
    os.execve(sys.executable, command, environment(settings))  # noqa: S606


def environment(settings: Settings) -> dict[str, str]:
    """The environment ``bentoml serve`` runs in: our settings, no usage reports, a metrics folder of its own."""
    env = child_environment({**os.environ, **settings.to_env()}) | {"BENTOML_DO_NOT_TRACK": "True"}
    # BentoML empties its metrics folder when it starts; two services must not share one.
    env.setdefault("BENTOML_HOME", str(home(env) / "bentoml" / str(settings.port)))
    Path(env["BENTOML_HOME"]).mkdir(parents=True, exist_ok=True)
    return env


def _with_model(settings: Settings) -> Settings:
    """The settings with a checked model folder in them; without one when there is none and that is allowed."""
    from models import artefact
    from serving.registry import resolve

    wanted = settings.model or CHAMPION
    if ModelReference.parse(wanted).alias:
        settings = replace(settings, model_ref=wanted)
    try:
        found: Resolved = resolve(wanted)
        artefact.read(found.folder)
    except (ArtefactError, RegistryError) as error:
        if not settings.allow_degraded:
            raise _no_model(error) from error
        print(f"警告：没有可用的模型，服务降级运行，工单全部转人工。{error}", file=sys.stderr)
        return replace(settings, model="")
    if found.note:
        print(f"注意：{found.note}", file=sys.stderr)
    return replace(settings, model=str(found.folder), model_name=found.name, model_version=found.version)


def _no_model(error: FendanError) -> FendanError:
    return type(error)(
        f"{error}\n先训练一个：fendan train datasets/starter/tickets.jsonl --register fendan（或 --out M，再 "
        "fendan serve --model M）；只想先收工单、全部转人工，就加 --allow-degraded",
        field=error.field,
    )


def _address(host: str) -> str:
    """BentoML listens on addresses, not on names."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        raise InputError(f"--host 应是 IP 地址，如 127.0.0.1 或 0.0.0.0；收到的是 {host!r}", field="host") from None


def _check_port(host: str, port: int) -> None:
    if not 1 <= port <= 65535:
        raise InputError(f"--port 应在 1 与 65535 之间；收到的是 {port}", field="port")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InputError(
                f"{host}:{port} 用不了（{error.strerror}）；可能已有一个服务在跑，换一个 --port 或先停掉它",
                field="port",
            ) from None


def _say(settings: Settings) -> None:
    from serving.registry import tracking_shown

    url = settings.url
    version = f" 版本 {settings.model_version}" if settings.model_version else ""
    print(f"模型      {f'{settings.model_name}{version}（{settings.model}）' if settings.model else '无，全部转人工'}")
    print(f"数据库    {settings.db if '@' not in settings.db else settings.db.rpartition('@')[2]}")
    print(f"试用页    {url}/")
    print(f"接口文档  {url}/docs")
    print(f"训练记录  {settings.mlflow_url or f'mlflow ui --backend-store-uri {tracking_shown()}'}")
    print(f"审核登录  {url}/review/login")
    print(f"就绪检查  {url}/readyz")
    print(
        f"""试一张    curl -s {url}/v1/triage -H 'Content-Type: application/json' -d '{{"text": "双11付的尾款怎么还没发货？"}}'"""
    )
    print("Ctrl+C 停止")
