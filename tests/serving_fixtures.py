"""What the tests of the serving room share: a small real model, an engine, a client that needs no network."""

from __future__ import annotations

import asyncio
import functools
import tempfile
from collections.abc import Coroutine
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import httpx
import yaml
from starlette.applications import Starlette

from serving.engine import Engine
from serving.settings import ROOT
from serving.store import Store
from triage.decision import ModelRef
from triage.profile import Profile, load_profile
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


@functools.cache
def taxonomy() -> Taxonomy:
    return Taxonomy.from_mapping(yaml.safe_load((ROOT / "datasets" / "taxonomy.yaml").read_text(encoding="utf-8")))


@functools.cache
def profile() -> Profile:
    return load_profile("default", ROOT / "serving" / "profiles")


@functools.cache
def small_model() -> Any:
    """A :class:`models.TriageModel` fitted on 60 made-up tickets: every part of it is real but its knowledge."""
    from models import TriageModel

    rows = [(words + tone, category, urgency) for category, all_words in _WORDS.items() for words in all_words
            for urgency, tone in _TONE.items()]  # fmt: skip
    labels = {
        "category": [category for _, category, _ in rows],
        "urgency": [urgency for _, _, urgency in rows],
        "sentiment": [_MOOD[urgency] for _, _, urgency in rows],
    }
    return TriageModel.fit([text for text, _, _ in rows], labels, taxonomy=taxonomy(), target_error=0.3)


@functools.cache
def model_folder() -> Path:
    """The small model, saved."""
    folder = Path(tempfile.mkdtemp(prefix="fendan-model-")) / "small"
    small_model().save(folder)
    return folder


def engine(store: Store, **changes: Any) -> Engine:
    values = {"model": small_model(), "ref": ModelRef("fendan", "7"), "clock": lambda: NOW, **changes}
    return Engine(store=store, profile=profile(), taxonomy=taxonomy(), **values)


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
