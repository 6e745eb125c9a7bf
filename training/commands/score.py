"""``fendan score``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intake.console import Column, Encoding, Sheet
from models.reference import CHAMPION
from training.commands.options import Json, Model, Profile, Wiring

_HELP = """给一个文件里的每张工单打分，保留原来的列，加上预测、把握、队列、优先级、到期时间。

\b
读不了的行不影响别的行：写进 error 列；等级、金额、时间认不出的，工单照样分，说一声没有用它。优先级与到期按工单到达（created_at）时计算。

\b
例：
  fendan score 导出.xlsx -o 结果.xlsx
  fendan score in.csv -o out.parquet --model M --profile promo
"""


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Registers the command."""

    @app.command(help=_HELP)
    def score(
        data: Annotated[Path, typer.Argument(help="要打分的文件：CSV、JSONL、Parquet、XLSX", show_default=False)],
        output: Annotated[Path, typer.Option("-o", "--output", help="结果写到哪里；后缀决定格式", show_default=False)],
        model: Model = CHAMPION,
        profile: Profile = "default",
        column: Column = None,
        sheet: Sheet = "",
        encoding: Encoding = "",
        as_json: Json = False,
    ) -> None:
        from intake.options import ReadOptions
        from models import TriageModel
        from training.commands import score_file
        from training.commands.output import dump, notes
        from training.registry.registry import fetched
        from training.report import console
        from triage.policy.profile import load_profile

        reading = ReadOptions.of(column or (), (), sheet, encoding)
        chosen = load_profile(profile, wiring.profiles)
        with fetched(model) as (folder, name), console.Bar() as bar:
            loaded = TriageModel.load(folder)
            done = score_file.score(data, output, loaded, profile=chosen, name=name, options=reading, progress=bar)
        if as_json:
            dump({"output": str(output), **done._asdict()})
            return
        notes(done.notes)
        typer.echo(f"{done.rows:,} 行 → {output}")
        if done.failed:
            typer.echo(f"其中 {done.failed:,} 行读不了，原因写在 error 列：", err=True)
            for fault in done.faults:
                typer.echo(f"  {fault}", err=True)
