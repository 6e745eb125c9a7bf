"""``fendan export`` and ``fendan import``: labels may be given elsewhere."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

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
_Db = Annotated[
    str, typer.Option(help="数据库，与 fendan serve 的一样。[默认 FENDAN_DB，再是 sqlite:///var/fendan.db]")
]
_Json = Annotated[bool, typer.Option("--json", help="输出 JSON，给程序用。")]
_EXPORTS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "label-studio"}


def commands(app: typer.Typer, _: Path) -> None:
    """Registers both commands."""

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
        db: _Db = "",
        json_: _Json = False,
    ) -> None:
        from serving.clock import utc_now
        from serving.exchange.export import read, write
        from serving.offline import opened, who_runs
        from serving.store.events import record

        kind = form or _EXPORTS.get(out.suffix.lower(), "")
        start, end = _moment("since", since), _moment("until", until)
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

    @app.command(name="import", help=_IMPORT)
    def import_(
        file: Annotated[Path, typer.Argument(help="标好的文件。", show_default=False)],
        form: Annotated[
            str, typer.Option("--format", help="csv、jsonl 或 label-studio。[默认看后缀]", show_default=False)
        ] = "",
        by: Annotated[str, typer.Option(help="是谁标的；不写就看文件里的 by 或 annotator。", show_default=False)] = "",
        dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，什么都不写。")] = False,
        db: _Db = "",
        json_: _Json = False,
    ) -> None:
        from serving.clock import utc_now
        from serving.exchange.import_ import Plan, plan, write
        from serving.exchange.rows import read
        from serving.exchange.words import check
        from serving.offline import opened, who_runs

        rows = read(file, form)
        with opened(db) as (store, taxonomy):
            words = check(rows, taxonomy, by)

            def work(connection: object) -> Plan:
                found = plan(connection, words)  # type: ignore[arg-type]
                if not dry_run and found.new:
                    write(connection, found.new, by=who_runs(), file=file.name, now=utc_now())  # type: ignore[arg-type]
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


def _moment(name: str, text: str) -> datetime | None:
    from triage.ticket import parse_time

    return parse_time(name, text) if text else None
