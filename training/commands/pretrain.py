"""``fendan pretrain``: an encoder reads unlabelled tickets before it sees a label."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intake.console import Column, Encoding, Sheet
from training.commands.options import Checkpoint, Encoder, Json, Seed, Trunk, Wiring
from triage.errors import InputError

_HELP = """让编码器先读没有标签的工单（遮词预测），再去学标签；写出一个骨干文件夹，给 train --trunk 用。

\b
没有现成的中文模型时从零开始；有的话用 --trunk 给出本地文件夹或模型名，接着在工单上预训练。

\b
例：
  fendan pretrain 历史工单.csv --out T
  fendan pretrain 历史工单.csv --trunk ./chinese-roberta --out T
  fendan train 带标签的.csv --model encoder --trunk T
"""


def register(app: typer.Typer, _: Wiring) -> None:
    """Registers the command."""
    app.command(help=_HELP)(pretrain)


def pretrain(
    data: Annotated[list[Path], typer.Argument(help="工单文件；标签列不会被用到", show_default=False)],
    out: Annotated[Path, typer.Option(help="骨干文件夹写到哪里", show_default=False)],
    trunk: Trunk = "",
    encoder: Encoder = "",
    checkpoint: Checkpoint = None,
    seed: Seed = 0,
    column: Column = None,
    sheet: Sheet = "",
    encoding: Encoding = "",
    as_json: Json = False,
) -> None:
    """Reads the texts, trains, writes a trunk that ``fendan train --trunk`` takes."""
    from intake.options import ReadOptions
    from models.encoder import pretrain as learn
    from training.commands.output import dump
    from training.data.unlabelled import read_texts
    from training.fit import options
    from training.report.console import Bar

    reading = ReadOptions.of(column or (), (), sheet, encoding)
    settings = options.encoder(encoder, trunk, seed)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} 已存在且不是空文件夹，不覆盖；请换一个 --out", field="out")
    with Bar() as bar:
        texts, left_out = read_texts(data, options=reading, progress=bar)
        learn(texts, settings, out, progress=bar, checkpoint=checkpoint)
    if as_json:
        dump({"trunk": str(out), "texts": len(texts), "left_out": left_out})
        return
    typer.echo(f"预训练完成：{len(texts):,} 条工单（{left_out:,} 行空的或太长，没有用）→ {out}")
    typer.echo(f"接下来    fendan train 带标签的工单.csv --model encoder --trunk {out}")
