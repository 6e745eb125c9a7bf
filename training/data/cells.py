"""Single cells of a data file -> checked values, and a collector of what was wrong with them.

A spreadsheet gives numbers where words were meant (``12`` as a text, ``1`` as a label, an id without quotes): a number is
read as its digits. Pandas writes a missing string to Parquet as NaN: read as empty.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from triage.errors import DataError, TicketError
from triage.taxonomy import CODE, Taxonomy
from triage.ticket import parse_time

SHOWN = 5
"""Faults told in full; the rest is counted."""


class Faults:
    """What is wrong with which row. The same fault in many rows is told once, with the number of rows."""

    def __init__(self) -> None:
        self._rows: dict[str, list[object]] = {}

    def add(self, source: object, message: str) -> None:
        self._rows.setdefault(message, []).append(source)

    @contextmanager
    def at(self, source: object) -> Iterator[None]:
        """Keeps a :class:`DataError` or :class:`TicketError` raised inside as a fault of ``source``."""
        try:
            yield
        except (DataError, TicketError) as error:
            self.add(source, error.message)

    def throw(self) -> None:
        """Raises all faults as one :class:`DataError`; returns when there are none."""
        if not self._rows:
            return
        lines = []
        for message, sources in list(self._rows.items())[:SHOWN]:
            more = f"（共 {len(sources):,} 行这样）" if len(sources) > 1 else ""
            lines.append(f"{sources[0]}：{message}{more}")
        if len(self._rows) > SHOWN:
            rest = sum(len(sources) for sources in list(self._rows.values())[SHOWN:])
            lines.append(f"……另有 {rest:,} 行有问题")
        raise DataError("\n".join(lines))


def plain(value: Any, column: str) -> str:
    """A cell as text; None and NaN as "".

    Raises:
        DataError: the cell holds a list, an object or bytes.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))  # pandas turns a column of whole numbers with a gap into 1.0, 2.0
    if isinstance(value, (bool, int, float, Decimal)):
        return str(value)
    raise DataError(f"{column} 列应是文字；收到的是 {value!r:.60}", field=column)


def text_of(cells: Mapping[str, Any]) -> str:
    """The words of a row: ``text``, or ``subject`` and ``body`` joined by a line break where there is no text."""
    text = plain(cells.get("text"), "text")
    if text.strip():
        return text
    return "\n".join(part for part in (plain(cells.get(name), name) for name in ("subject", "body")) if part.strip())


def short(value: Any, column: str) -> str:
    """An id or a channel, stray blanks cut off.

    Raises:
        DataError: longer than 128 characters, or not printable.
    """
    text = plain(value, column).strip()
    if len(text) > 128 or not text.isprintable():
        raise DataError(f"{column} 列应是至多 128 个可见字符；收到的是 {text!r:.60}", field=column)
    return text


def moment(value: Any, column: str) -> datetime | None:
    """An ISO 8601 moment (China time where no zone is given), None for an empty cell.

    Raises:
        TicketError: not ISO 8601.
    """
    if isinstance(value, datetime):
        return parse_time(column, value)
    text = plain(value, column).strip()
    return parse_time(column, text) if text else None


def label(value: Any, head: str, taxonomy: Taxonomy | None) -> str | None:
    """A label code, stray blanks cut off; None for an empty cell.

    Raises:
        DataError: the taxonomy does not know it (names the nearest code); without a taxonomy, it cannot be a code.
    """
    code = plain(value, head).strip()
    if not code:
        return None
    if taxonomy is None:
        if not CODE.fullmatch(code) or not code.isprintable():
            raise DataError(
                f"{head} 列的 {code!r:.80} 不能作标签：应是 1–64 个可见字符，不含空白、逗号、引号", field=head
            )
    elif not taxonomy.knows(head, code):
        entries = taxonomy.heads[head].labels
        names = {name: entry.code for entry in entries for name in (entry.name, entry.name_en) if name}
        advice = unknown_label(code, head, taxonomy.heads[head].codes, names)
        raise DataError(f"{advice}。标签要以数据为准时用 --taxonomy infer", field=head)
    return code


def unknown_label(code: str, head: str, codes: Sequence[str], names: Mapping[str, str] | None = None) -> str:
    """What to say of a label that is not among ``codes``: the nearest one by code or by name, and what is allowed.

    ``names``: what people call a label -> its code, so that 物流 in a data file leads to ``logistics``.
    """
    known = {**{c: c for c in codes}, **(names or {})}
    near = difflib.get_close_matches(code, list(known), n=1, cutoff=0.5)
    hint = f"是不是想写 {known[near[0]]}？" if near else ""
    allowed = "、".join(codes[:20]) + (f" 等 {len(codes)} 个" if len(codes) > 20 else "")
    return f"{head} 列的 {code!r:.80} 不是可用的标签；{hint}可用的是：{allowed}"
