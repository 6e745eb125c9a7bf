"""What ``fendan pretrain`` does: an encoder reads unlabelled tickets before it sees a label."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from training.commands.output import dump
from training.data.unlabelled import read_texts
from training.fit.options import encoder
from training.report import console as show
from triage.errors import InputError


def pretrain(
    data: Sequence[Path],
    *,
    out: Path,
    trunk: str,
    settings: str,
    checkpoint: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Reads the texts, trains, writes a trunk that ``fendan train --trunk`` takes."""
    from models.encoder import pretrain as learn

    chosen = encoder(settings, trunk, seed)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out} 已存在且不是空文件夹，不覆盖；请换一个 --out", field="out")
    with show.Bar() as bar:
        texts, left_out = read_texts(data, progress=bar)
        learn(texts, chosen, out, progress=bar, checkpoint=checkpoint)
    if as_json:
        dump({"trunk": str(out), "texts": len(texts), "left_out": left_out})
        return
    typer.echo(f"预训练完成：{len(texts):,} 条工单（{left_out:,} 行空的或太长，没有用）→ {out}")
    typer.echo(f"接下来    fendan train 带标签的工单.csv --model encoder --trunk {out}")
