"""``fendan import``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.console import Column, Encoding, Label, Sheet
from serving.console import Db, Json

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.labels.record import LabelRecord

_IMPORT = """把别处标好的标签导入，成为更正（来源 import）。要么全部写入，要么什么都不写；同一个文件再导一次不会多出来。

\b
文件要有 ticket_id 列和 category、urgency、sentiment 中的至少一列；revision、by、note 可以没有。
常用的列名（工单编号、分类……）自己认得，别的用 --column 说明。标签可以写代码、名称或常用的说法（发票、紧急、差评）。
Label Studio（JSON、JSON_MIN、CSV）、doccano 和 Argilla 的导出都认。没有标签的行不会写，但会数出来。

\b
例：
  fendan import 待标.csv --by 外包一组
  fendan import project-1.json --format label-studio
  fendan import 标签.jsonl --dry-run
"""


def register(app: typer.Typer, _: Path, record: Callable[[], LabelRecord]) -> None:
    """Registers the command. ``record`` gives what takes labels in; asked for when the command runs."""

    @app.command(name="import", help=_IMPORT)
    def import_(
        file: Annotated[Path, typer.Argument(help="标好的文件。", show_default=False)],
        form: Annotated[
            str,
            typer.Option(
                "--format",
                help="csv、jsonl、xlsx、label-studio、doccano、argilla。[默认看后缀和内容]",
                show_default=False,
            ),
        ] = "",
        by: Annotated[str, typer.Option(help="是谁标的；不写就看文件里的 by 或 annotator。", show_default=False)] = "",
        column: Column = None,
        label: Label = None,
        sheet: Sheet = "",
        encoding: Encoding = "",
        dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，什么都不写。")] = False,
        db: Db = "",
        json_: Json = False,
    ) -> None:
        from intake.options import ReadOptions
        from serving.clock import utc_now
        from serving.labels.import_ import ImportPlan, plan, write
        from serving.labels.label_rows import read_label_rows
        from serving.offline import opened, who_runs

        reading = ReadOptions.of(column or (), label or (), sheet, encoding)
        with opened(db) as (store, taxonomy):
            read = read_label_rows(file, taxonomy, options=reading, form=form, by=by)

            def work(connection: Connection) -> ImportPlan:
                found = plan(connection, read.rows)
                if not dry_run and found.new:
                    write(connection, record(), found.new, by=who_runs(), file=file.name, now=utc_now())
                return found

            found = asyncio.run(store.read(work) if dry_run else store.write(work))
        counts = {"new": len(found.new), "known": found.known, "older": found.older, "written": not dry_run}
        counts["unlabelled"] = read.unlabelled
        if json_:
            print(json.dumps(counts))
            return
        for note in read.notes:
            print(f"· {note}")
        print(
            f"{'会' if dry_run else ''}写入 {counts['new']:,} 条更正；{found.known:,} 行早已如此，"
            f"{found.older:,} 行被同一人更新的答案取代"
        )
