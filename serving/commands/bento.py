"""``fendan bento``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.reference import CHAMPION

_HELP = """把服务和一个模型打成 bento：不带训练代码、MLflow 和 torch，可以直接跑或做成镜像。

\b
例：
  fendan bento                                  用冠军模型
  fendan bento --model M                        用 fendan train --out M 写出的文件夹
"""


def register(app: typer.Typer, _: Path) -> None:
    """Registers the command."""

    @app.command(help=_HELP)
    def bento(
        model: Annotated[str, typer.Option(help="模型文件夹，或 models:/名字@别名、models:/名字/版本。")] = CHAMPION,
    ) -> None:
        from serving.bento import build

        tag = build(model)
        print(f"打好了 {tag}；bentoml serve {tag} 运行，bentoml containerize {tag} 做成镜像")
