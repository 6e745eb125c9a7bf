"""``fendan export``."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from serving.console import Db, Json, given_moment

_EXPORT = """把工单、预测和标签导出成文件：CSV、JSONL，或 Label Studio 的任务（带预标注）。

\b
CSV 与 JSONL 可以直接拿去 fendan train；Label Studio 的旁边还会写一个同名的 .xml 标注配置。
文字是打过码的。还没报告的盲审工单不导出：给人看了预测就不是盲审了。

\b
例：
  fendan export 待标.csv --only unlabelled --since 2026-11-01
  fendan export 任务.json --format label-studio --only review
  fendan export 标签.jsonl --only labelled
"""
_EXPORTS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "label-studio"}


def register(app: typer.Typer, _: Path) -> None:
    """Registers the command."""

    @app.command(name="export", help=_EXPORT)
    def export(
        out: Annotated[Path, typer.Argument(help="写到哪个文件。", show_default=False)],
        form: Annotated[
            str, typer.Option("--format", help="csv、jsonl 或 label-studio。[默认看后缀]", show_default=False)
        ] = "",
        only: Annotated[
            str,
            typer.Option(
                help="unlabelled 没有标签的，labelled 有标签的，review 在等审核的。[默认全部]", show_default=False
            ),
        ] = "",
        since: Annotated[str, typer.Option(help="从哪一刻起收到的（ISO 8601）。", show_default=False)] = "",
        until: Annotated[str, typer.Option(help="到哪一刻为止收到的。", show_default=False)] = "",
        db: Db = "",
        json_: Json = False,
    ) -> None:
        from serving.clock import utc_now
        from serving.labels.export import read, write
        from serving.offline import opened, who_runs
        from serving.store.logbook import record

        kind = form or _EXPORTS.get(out.suffix.lower(), "")
        start, end = given_moment("since", since), given_moment("until", until)
        blind: list[int] = []
        with opened(db) as (store, taxonomy):
            n = asyncio.run(
                store.read(
                    lambda c: write(
                        read(c, only=only, since=start, until=end, left_out=blind.append), out, kind, taxonomy
                    )
                )
            )
            asyncio.run(
                store.write(
                    lambda c: record(c, at=utc_now(), by=who_runs(), what="export", file=out.name, rows=n, only=only)
                )
            )
        left = sum(blind)
        if json_:
            print(json.dumps({"rows": n, "blind_left_out": left, "format": kind}))
            return
        print(
            f"写了 {n:,} 张工单到 {out}" + (f"；标注配置在 {out.with_suffix('.xml')}" if kind == "label-studio" else "")
        )
        if left:
            print(f"还没报告的盲审工单 {left:,} 张没有导出（先 fendan audit close）")
