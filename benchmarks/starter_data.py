"""The starter tickets as the benchmarks and the data card read them: rows, labels, and which tickets belong together."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from training.data.duplicates import group
from triage.taxonomy import HEADS, Taxonomy

DATASETS = Path(__file__).resolve().parent.parent / "datasets"
STARTER = DATASETS / "starter"

CHANNELS = {
    "chat": "平台聊天",
    "form": "售后表单",
    "email": "邮件",
    "phone": "电话转写",
    "voice": "微信语音转文字",
    "weibo": "微博",
    "app": "应用反馈",
    "agent": "客服记录",
}
SECTORS = {
    "apparel": "服装",
    "home_appliance": "家电",
    "phones_digital": "手机数码",
    "alcohol_tea": "酒茶",
    "beauty": "美妆",
    "fresh_food": "生鲜",
    "snacks_drinks": "零食饮料",
    "health_medicine": "保健医药",
    "cameras_audio": "影音相机",
    "shoes_bags": "鞋包",
    "furniture_home": "家具家居",
    "kitchen": "厨具",
    "jewelry_watches": "珠宝钟表",
    "computers": "电脑办公",
    "pets": "宠物",
    "books_culture": "图书文化",
    "baby_kids": "母婴",
    "sports_outdoor": "运动户外",
    "toys_stationery": "玩具文具",
    "auto_parts": "汽车用品",
    "cross_border": "跨境",
    "virtual_goods": "虚拟商品",
    "tools_b2b": "工具与企业采购",
}


@dataclass(frozen=True)
class Tickets:
    """One part of the data set, n tickets in file order.

    Attributes:
        rows: the JSON objects as they are.
        units: (n,) int64; tickets of one contrast set or of one group of near-duplicates share a number.
        copies: (n,) int64; near-duplicates alone, as :class:`models.fit.model.LabelledTexts` wants them.
    """

    rows: list[dict[str, Any]]
    units: NDArray[np.int64]
    copies: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def texts(self) -> list[str]:
        return [row["text"] for row in self.rows]

    def column(self, name: str) -> NDArray[np.str_]:
        """(n,) the values of a column as strings."""
        return np.array([str(row[name]) for row in self.rows])

    def take(self, which: NDArray[np.int64]) -> Tickets:
        """The tickets with these row numbers, in that order."""
        return Tickets([self.rows[i] for i in which.tolist()], self.units[which], self.copies[which])

    def labels(self) -> dict[str, list[str | None]]:
        return {head: [row[head] for row in self.rows] for head in HEADS}


def taxonomy() -> Taxonomy:
    return Taxonomy.from_mapping(yaml.safe_load((DATASETS / "taxonomy.yaml").read_text(encoding="utf-8")))


def read_rows(name: str) -> list[dict[str, Any]]:
    """The rows of ``tickets.jsonl`` or ``test.jsonl``."""
    with (STARTER / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def load(name: str) -> Tickets:
    """One part with its units."""
    rows = read_rows(name)
    copies = group([row["text"] for row in rows])
    return Tickets(rows, _together(copies, [row.get("contrast_set") for row in rows]), copies)


def read_passes() -> list[dict[str, str]]:
    """Both labellings of the tickets that were labelled twice: ``ticket_id``, ``<head>_1``, ``<head>_2``."""
    with (STARTER / "passes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digest() -> str:
    """SHA-256 of the sealed part as it lies there."""
    return hashlib.sha256((STARTER / "test.jsonl").read_bytes()).hexdigest()


def _together(copies: NDArray[np.int64], sets: list[str | None]) -> NDArray[np.int64]:
    """Joins near-duplicates and contrast sets: connected components, each named by its smallest member."""
    unit = copies.copy()
    members: dict[str, list[int]] = {}
    for i, name in enumerate(sets):
        if name:
            members.setdefault(name, []).append(i)
    changed = True
    while changed:
        changed = False
        for rows in members.values():
            joined = np.unique(unit[rows])
            if len(joined) > 1:
                unit[np.isin(unit, joined)] = joined[0]
                changed = True
    return unit
