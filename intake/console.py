"""Options of every command that reads a file: how its columns, labels, sheet and encoding are to be read."""

from __future__ import annotations

from typing import Annotated

import typer

Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="用途=列名",
        help="哪一列是什么，可给几次：text=内容、category=分类、created_at=创建时间……；等号后面空着就是不要这一项。[默认自己认]",
        show_default=False,
    ),
]
Label = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        metavar="项.说法=标签",
        help="文件里的说法是哪个标签，可给几次：urgency.P1=critical、category.物流=logistics；等号后面空着就是没有标签",
        show_default=False,
    ),
]
Sheet = Annotated[
    str,
    typer.Option(
        "--sheet", help="Excel 里读哪一张工作表：名称，或从 1 起的序号。[默认有列名的第一张]", show_default=False
    ),
]
Encoding = Annotated[
    str, typer.Option("--encoding", help="文本文件的编码，如 gb18030、big5。[默认自己认]", show_default=False)
]
