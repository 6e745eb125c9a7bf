"""Everything an operator can set, read once from ``FENDAN_…`` environment variables.

``docs/configuration.md`` lists the same settings; a test keeps the two together.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.errors import InputError
from triage.paths import ROOT, shipped

PREFIX = "FENDAN_"

_SQLITE = "sqlite:///"


def _setting(default: Any, doc: str, *, least: int = 0) -> Any:
    return field(default=default, metadata={"doc": doc, "least": least})


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per setting; ``FENDAN_`` + the field's name in capitals is its environment variable."""

    home: str = _setting("var", "这台机器生成的东西放在哪里：数据库、训练记录、取回的模型、快照、模型文件夹")
    model: str = _setting("", "模型文件夹；空着就是没有模型")
    model_name: str = _setting("fendan", "写进每个决定里的模型名")
    model_version: str = _setting("", "写进每个决定里的模型版本；空着就取模型自己的指纹")
    model_ref: str = _setting("", "运行中盯着模型仓库里的哪个别名，如 models:/fendan@champion；fendan serve 会填好")
    poll_seconds: int = _setting(30, "每几秒看一次那个别名换了版本没有；0 就是不看")
    shadow: bool = _setting(True, "模型仓库里有 challenger 时，让它在旁边把同样的工单也读一遍，只记下来作比较")
    shadow_queue: int = _setting(1000, "等着影子模型读的工单最多几张；再多就丢掉最早的，并计数", least=1)
    shadow_pause: int = _setting(100, "等着写库的工单超过几张时，影子模型先歇着")
    shadow_memory: int = _setting(4096, "影子模型的进程最多用几 MB 内存", least=256)
    taxonomy: str = _setting("", "没有模型时用的标签体系文件；空着就用随包带的那份")
    guidelines: str = _setting("", "自己的标签的标注要点（YAML），给审核页看；空着就只用随包带的那份")
    allow_degraded: bool = _setting(False, "模型缺失或损坏时也启动：工单照收，全部交给人工队列")
    db: str = _setting(
        "sqlite:///var/fendan.db", "存工单的数据库，SQLAlchemy 写法；PostgreSQL 用 postgresql+psycopg://…"
    )
    db_timeout: int = _setting(5, "数据库被别的进程锁住时最多等几秒", least=1)
    queue_limit: int = _setting(20_000, "等着写库的工单最多几张；再多就答 503，请对方稍后重试", least=1)
    profile: str = _setting("default", "分单策略：profiles_dir 里的名字，或一个 YAML 文件")
    profiles_dir: str = _setting(str(ROOT / "serving" / "profiles"), "策略文件所在的文件夹")
    host: str = _setting("127.0.0.1", "监听的地址；要让别的机器访问就写 0.0.0.0")
    port: int = _setting(3000, "监听的端口", least=1)
    workers: int = _setting(1, "工作进程数", least=1)
    max_body: int = _setting(1_048_576, "一次请求的正文最多几个字节", least=1024)
    max_batch: int = _setting(1000, "一批最多几张工单", least=1)
    max_batch_body: int = _setting(33_554_432, "一批工单的正文最多几个字节", least=1024)
    access_log: bool = _setting(False, "每个请求记一行日志（编号、路径、状态、毫秒），不记内容")
    require_token: bool = _setting(False, "/v1 下的接口要令牌（fendan token add）或登录的会话；页面和健康检查不受影响")
    session_hours: int = _setting(12, "登录之后多少小时要重新登录", least=1)
    secure_cookies: bool = _setting(False, "会话 cookie 只走 https；请求本来就是 https 时不用设")
    blind_rate: float = _setting(0.02, "自动处理的工单抽多少去盲审（0–1）：审的人看不到预测，真实准确率只从这里算")
    overlap_share: float = _setting(0.05, "审过的工单里多少（0–1）再请第二个人独立判一次，用来算一致性")
    random_share: float = _setting(0.1, "取下一张时，多少次（0–1）不按次序、随机拿一张")
    review_lease: int = _setting(10, "取到的工单留在一个人手上几分钟；过了就还回去", least=1)
    mlflow_url: str = _setting("", "试用页上 MLflow 链接指向哪里；空着就不显示")

    @property
    def taxonomy_file(self) -> Path:
        """The labels that hold while no model brings its own."""
        return Path(self.taxonomy) if self.taxonomy else shipped("taxonomy.yaml")

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the service."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 (for showing)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Reads the settings from ``env`` (the process environment by default); an empty value means the default.

        Raises:
            InputError: names the variable, its value and what is allowed.
        """
        env = os.environ if env is None else env
        values = {}
        for item in dataclasses.fields(cls):
            raw = env.get(variable(item.name), "").strip()
            if raw:
                values[item.name] = _parse(item, raw)
        if "home" in values:  # what is not named lies there, too
            values.setdefault("db", f"sqlite:///{Path(values['home']) / 'fendan.db'}")
        return cls(**values)

    def absolute(self) -> Settings:
        """The same with every path made absolute: the service's processes do not stand where the command stood."""
        db = self.db
        if db.startswith(_SQLITE) and not db.startswith((f"{_SQLITE}file:", f"{_SQLITE}:memory:")) and db != _SQLITE:
            path, mark, options = db.removeprefix(_SQLITE).partition("?")
            db = f"{_SQLITE}{Path(path).resolve()}{mark}{options}"
        named = Path(self.profile).suffix.lower() not in {".yaml", ".yml"}
        return dataclasses.replace(
            self,
            home=str(Path(self.home).expanduser().resolve()),
            db=db,
            taxonomy=str(Path(self.taxonomy).resolve()) if self.taxonomy else "",
            guidelines=str(Path(self.guidelines).resolve()) if self.guidelines else "",
            profile=self.profile if named else str(Path(self.profile).resolve()),
            profiles_dir=str(Path(self.profiles_dir).resolve()),
        )

    def to_env(self) -> dict[str, str]:
        """The inverse of :meth:`from_env`: variables that make another process read the same settings."""
        out = {}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            out[variable(item.name)] = ("true" if value else "false") if isinstance(value, bool) else str(value)
        return out


def variable(name: str) -> str:
    """``db_timeout`` -> ``FENDAN_DB_TIMEOUT``."""
    return PREFIX + name.upper()


def _parse(item: dataclasses.Field[Any], raw: str) -> Any:
    name = variable(item.name)
    if isinstance(item.default, bool):
        if raw.lower() not in ("true", "false", "1", "0"):
            raise InputError(f"环境变量 {name} 应是 true 或 false；现在是 {raw!r}", field=name)
        return raw.lower() in ("true", "1")
    if isinstance(item.default, int):
        least = item.metadata["least"]
        if not raw.isdecimal() or int(raw) < least:
            raise InputError(f"环境变量 {name} 应是不小于 {least} 的整数；现在是 {raw!r}", field=name)
        return int(raw)
    if isinstance(item.default, float):
        return _share(name, raw)
    return raw


def _share(name: str, raw: str) -> float:
    try:
        value = float(raw)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise InputError(f"环境变量 {name} 应是 0 到 1 之间的数，如 0.02；现在是 {raw!r}", field=name)
    return value
