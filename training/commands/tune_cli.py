"""``fendan tune``. Imports what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_TUNE = """在开发数据上搜索线性模型的特征与配方，写成 recipe.yaml，给 fendan train --recipe 用。

\b
五分之一的工单（较晚的；没有日期就随机）不参与搜索，最后只用来比较默认与调参后的配方；
没有带来什么，也会照实说。目标是校准之后的折外对数损失。
搜索记在 var/tune.db：中断以后再运行同一条命令就接着搜索；Ctrl-C 用已找到的收尾。
每次试验是 MLflow 里的一个子运行。需要 pip install 'fendan[tune]'。

\b
例：
  fendan tune datasets/starter/tickets.jsonl
  fendan tune 我的工单.xlsx --taxonomy infer --head category --trials 100
  fendan tune a.csv --timeout 30 --out 配方.yaml
  fendan train a.csv --recipe recipe.yaml
"""


def commands(app: typer.Typer) -> None:
    """Registers the command."""

    @app.command(help=_TUNE)
    def tune(
        data: Annotated[list[Path], typer.Argument(help="带标签的数据文件", show_default=False)],
        taxonomy: Annotated[str, typer.Option(help="标签体系 YAML；infer 表示以数据里的标签为准")] = "",
        trials: Annotated[int, typer.Option(help="一共试多少次；以前试过的也算", min=1)] = 60,
        timeout: Annotated[float | None, typer.Option(help="最多搜索多少分钟", min=0.01, show_default="不限")] = None,
        head: Annotated[list[str] | None, typer.Option(help="只调这一项，可给几次", show_default="全部")] = None,
        out: Annotated[Path, typer.Option(help="配方写到哪里")] = Path("recipe.yaml"),
        study: Annotated[str, typer.Option(help="搜索的名字", show_default="由数据与各项而定")] = "",
        seed: Annotated[int, typer.Option(help="随机种子", min=0, max=2**32 - 1)] = 0,
        as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，给程序用")] = False,
    ) -> None:
        from training.commands import run_tune as room

        room.tune(
            data,
            taxonomy=taxonomy,
            trials=trials,
            minutes=timeout,
            heads=head or [],
            out=out,
            study=study,
            seed=seed,
            as_json=as_json,
        )
