"""Options that both commands have."""

from __future__ import annotations

from typing import Annotated

import typer

Db = Annotated[str, typer.Option(help="数据库，与 fendan serve 的一样。[默认 FENDAN_DB，再是 sqlite:///var/fendan.db]")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，给程序用。")]
