"""``fendan import``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.labels.commands.options import Db, Json

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.labels.record import LabelRecord

_IMPORT = """把别处标好的标签导入，成为更正（来源 import）。要么全部写入，要么什么都不写；同一个文件再导一次不会多出来。

\b
文件要有 ticket_id 列和 category、urgency、sentiment 中的至少一列；revision、by、note 可以没有。
Label Studio 导出的 JSON、JSON_MIN 和 CSV 都认。

\b
例：
  fendan import 待标.csv --by 外包一组
  fendan import project-1.json --format label-studio
  fendan import 标签.jsonl --dry-run
"""


def command(app: typer.Typer, record: Callable[[], LabelRecord]) -> None:
    """Registers it. ``record`` gives what takes labels in; asked for when the command runs."""

    @app.command(name="import", help=_IMPORT)
    def import_(
        file: Annotated[Path, typer.Argument(help="标好的文件。", show_default=False)],
        form: Annotated[
            str, typer.Option("--format", help="csv、jsonl 或 label-studio。[默认看后缀]", show_default=False)
        ] = "",
        by: Annotated[str, typer.Option(help="是谁标的；不写就看文件里的 by 或 annotator。", show_default=False)] = "",
        dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，什么都不写。")] = False,
        db: Db = "",
        json_: Json = False,
    ) -> None:
        from serving.clock import utc_now
        from serving.labels.import_ import ImportPlan, plan, write
        from serving.labels.rows import read
        from serving.labels.words import check
        from serving.offline import opened, who_runs
        from triage.taxonomy import HEADS, in_order

        with opened(db) as (store, taxonomy):
            rows = read(file, form, in_order([*HEADS, *taxonomy.heads]))
            words = check(rows, taxonomy, by)

            def work(connection: Connection) -> ImportPlan:
                found = plan(connection, words)
                if not dry_run and found.new:
                    write(connection, record(), found.new, by=who_runs(), file=file.name, now=utc_now())
                return found

            found = asyncio.run(store.read(work) if dry_run else store.write(work))
        counts = {"new": len(found.new), "known": found.known, "older": found.older, "written": not dry_run}
        if json_:
            print(json.dumps(counts))
            return
        print(
            f"{'会' if dry_run else ''}写入 {counts['new']:,} 条更正；{found.known:,} 行早已如此，"
            f"{found.older:,} 行被同一人更新的答案取代"
        )
