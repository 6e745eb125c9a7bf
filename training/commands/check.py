"""``fendan check``: what a file would be read as, and every problem with its rows and its mend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intake.console import Column, Encoding, Label, Sheet
from training.commands.options import Json, Wiring

if TYPE_CHECKING:
    from intake.check import FileCheck
    from intake.options import ReadOptions

_HELP = """看看一个文件会被读成什么：编码、工作表、哪一列是什么、各标签有多少，以及每个问题在哪几行、怎么改。

\b
退出码：0 读得了，没有会让训练停下的问题；2 读不了，或者有。文件本身不会被改动。

\b
例：
  fendan check 导出.xlsx
  fendan check 导出.csv --column text=客户原话 --column category=一级分类
  fendan check 导出.csv --json
"""
_FORMS = {"csv": "CSV", "jsonl": "每行一个 JSON", "json": "JSON", "parquet": "Parquet", "xlsx": "Excel"}
_MARKS = {",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线"}


def register(app: typer.Typer, _: Wiring) -> None:
    """Registers the command."""
    app.command(help=_HELP)(check)


def check(
    file: Annotated[Path, typer.Argument(help="数据文件：CSV、JSONL、JSON、Parquet、XLSX", show_default=False)],
    taxonomy: Annotated[
        str, typer.Option(help="标签体系 YAML；infer 表示以数据里的标签为准。[默认标准体系，标签都不认识就以数据为准]")
    ] = "",
    column: Column = None,
    label: Label = None,
    sheet: Sheet = "",
    encoding: Encoding = "",
    as_json: Json = False,
) -> None:
    """Checks a file and says what was found; exit status 2 where training would refuse it."""
    from intake import check as room
    from intake.options import ReadOptions
    from training.commands.output import dump
    from training.data.standard import load_taxonomy
    from training.report.console import Bar

    reading = ReadOptions.of(column or (), label or (), sheet, encoding)
    given = None if taxonomy == "infer" else load_taxonomy(taxonomy)
    with Bar() as bar:
        found = room.check(file, reading, given, may_be_own=not taxonomy, progress=bar)
    if as_json:
        dump(found.to_json())
    else:
        _say(found, reading, taxonomy)
    if found.stops:
        raise typer.Exit(2)


def _say(found: FileCheck, reading: ReadOptions, taxonomy: str) -> None:
    from intake.columns import TITLES

    if found.file is not None and found.tickets is not None:
        typer.echo(_head(found))
        typer.echo(_columns(found))
        for head, counts in found.labels.items():
            shown = "、".join(f"“{code}” {n:,}" for code, n in list(counts.items())[:20])
            more = f" …… 共 {len(counts)} 类" if len(counts) > 20 else ""
            typer.echo(f"\n{head}（{TITLES.get(head, head)}）  {shown}{more}")
    stops = [problem for problem in found.problems if problem.stops]
    notes = [problem for problem in found.problems if not problem.stops]
    if stops:
        typer.echo("\n要先改的：")
    for problem in stops:
        typer.echo(f"  ✗ {problem.line()}")
        for way in problem.ways:
            typer.echo(f"      fendan check {found.path}{reading.words()} {way}")
    if notes:
        typer.echo("\n请留意：")
    for problem in notes:
        typer.echo(f"  · {problem.line()}")
    if stops:
        typer.echo("\n结论      现在不能拿去训练；改好上面打 ✗ 的再试")
    elif found.labels:
        own = " --taxonomy infer" if found.own_labels else f" --taxonomy {taxonomy}" if taxonomy else ""
        typer.echo(f"\n接下来    fendan train {found.path}{own}{reading.words()} --out M")
    else:
        typer.echo(f"\n接下来    fendan score {found.path}{reading.words()} -o 结果.xlsx --model M")


def _head(found: FileCheck) -> str:
    assert found.file is not None
    assert found.tickets is not None
    data = found.file.data
    parts = [_FORMS.get(data.form, data.form)]
    if data.sheet:
        parts.append(f"工作表「{data.sheet}」")
    if data.encoding:
        parts.append(f"编码 {data.encoding}")
    if data.delimiter:
        parts.append(f"用{_MARKS.get(data.delimiter, data.delimiter)}分隔")
    if data.header_row:
        parts.append(f"列名在第 {data.header_row} 行")
    if data.tool:
        parts.append(f"{data.tool} 的导出")
    return f"{found.path}  {'，'.join(parts)}\n{found.file.rows:,} 行，其中 {len(found.tickets.rows):,} 行可用\n"


def _columns(found: FileCheck) -> str:
    from intake.columns import TITLES

    assert found.file is not None
    columns = found.file.columns
    lines = []
    for role, heading in columns.of.items():
        n = found.file.filled.get(heading.split(".", 1)[0], 0)
        lines.append(f"  {heading} → {role}（{TITLES.get(role, role)}），{n:,} 行有内容；{columns.why[role]}")
    if columns.unread:
        shown = "、".join(columns.unread[:20]) + ("…" if len(columns.unread) > 20 else "")
        lines.append(f"  没有读的列：{shown}")
    return "\n".join(lines)
