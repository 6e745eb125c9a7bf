"""Options that several commands share, and what the commands are handed because they must not import it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from models.scorers import kinds

MODEL = "模型：fendan train --out 写出的文件夹，或 models:/名字@别名、models:/名字/版本"
TRUNK = "编码器的骨干：本地文件夹或模型名；不给就从零训练"
TARGET_ERROR = "自动处理的回答里允许错的比例；可写 category=0.02,urgency=0.05 或 YAML 文件（细到每一类）"
COST = "漏掉某一类的代价，平常是 1；如 urgency.critical=3"
KIND = "模型种类：" + "、".join(f"{kind.name} {kind.title}" for kind in kinds().values())
ENCODER = "编码器的设置，如 layers=4,epochs=10，或 YAML 文件"
ENCODER_FOLDS = "轮流留出几个五分之一来校准编码器：多则更准，训练也多几遍"
RECIPE = "fendan tune 写出的配方"
TAXONOMY = "标签体系 YAML；infer 表示以数据里的标签为准"
CHAMPIONS = "冠军的"
"""What ``fendan retrain`` takes where nothing is said."""

Model = Annotated[str, typer.Option(help=MODEL)]
ModelArgument = Annotated[str, typer.Argument(help=MODEL, show_default=False)]
Labelled = Annotated[list[Path], typer.Argument(help="带标签的数据文件", show_default=False)]
Taxonomy = Annotated[str, typer.Option(help=TAXONOMY)]
Profile = Annotated[str, typer.Option(help="分单策略的名字或 YAML 文件")]
Trunk = Annotated[str, typer.Option(help=TRUNK)]
Encoder = Annotated[str, typer.Option(help=ENCODER)]
Checkpoint = Annotated[Path | None, typer.Option(help="编码器训练中断后从这个文件夹继续", show_default=False)]
Margin = Annotated[float, typer.Option(help="容许变差多少", min=0.0, max=0.5)]
WithSeen = Annotated[bool, typer.Option("--with-seen", help="模型学过的工单也算进成绩：成绩偏高，只供查看")]
Seed = Annotated[int, typer.Option(help="随机种子", min=0, max=2**32 - 1)]
Reason = Annotated[str, typer.Option(help="为什么")]
By = Annotated[str, typer.Option(help="谁做的，记进历史。[默认：运行命令的用户]", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，给程序用")]


class BaseFile(NamedTuple):
    """One base data file as the writer of snapshots wants it: path, sha256 of its bytes, and its rows (see there)."""

    file: str
    sha256: str
    rows: Sequence[Mapping[str, Any]]


Snapshots = Callable[[Sequence[BaseFile], str, datetime | None, Callable[[str, float], None]], Path]
"""Writes a snapshot of base files and a database up to a moment (None: now), and gives its folder."""


class Wiring(NamedTuple):
    """What the commands are handed: where policy profiles lie, and how serving writes what training reads."""

    profiles: Path
    snapshots: Snapshots
