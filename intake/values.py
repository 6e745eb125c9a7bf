"""Cells of a file -> checked values, one row at a time, with what only the whole column can tell.

A spreadsheet gives numbers where words were meant (``12`` as a text, ``1`` as a label, an id without quotes): a number is
read as its digits. Pandas writes a missing string to Parquet as NaN: read as empty. How a single value is read is in
``triage/values.py`` and ``triage/moments.py``.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from intake.columns import Columns
from intake.files.data_file import DataFile
from intake.headings import WORDS
from triage import spreadsheet
from triage.errors import DataError, TicketError, UnreadableError, UnreadableKind
from triage.moments import SHOP_TIME, Order, numbers_of, parse_time
from triage.ticket import SIDE_FIELDS
from triage.values import ROUNDED, folded, identifier, is_null

_EMPTY_TEXTS = frozenset(
    ("nan", "null", "none", "n/a", "#n/a", "<na>", "nat", "(null)", "<null>", "#value!", "#ref!", "undefined")
)
"""What programs write where there was no text. A customer writes none of these."""

_DIGITS_KEPT = 15
"""Digits that a spreadsheet keeps of a number."""


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
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**_DIGITS_KEPT:
        return str(int(value))  # pandas turns a column of whole numbers with a gap into 1.0, 2.0
    if isinstance(value, (bool, int, float, Decimal)):
        return str(value)
    raise DataError(f"{column} 列应是文字；收到的是 {value!r:.60}", field=column)


def joined(text: str, subject: str, body: str) -> str:
    """The words of a ticket: ``text``, or ``subject`` and ``body`` joined by a line break where there is no text."""
    if text.strip():
        return text
    return "\n".join(part for part in (subject, body) if part.strip()) or text


class FieldReader:
    """Reads the fields of one file's rows. What cannot be read is told in the file's report, once for all its rows.

    Args:
        strict: fields of which one that cannot be read stops the file (training); of others it is left out of its ticket.
    """

    def __init__(self, data: DataFile, columns: Columns, *, strict: Collection[str] = ()) -> None:
        self._data = data
        self._columns = columns
        self._strict = strict
        self._zone = SHOP_TIME if columns.hours is None else timezone(timedelta(hours=columns.hours))
        self._order = self._date_order()
        self._cut = {role for role in ("ticket_id", "customer_id") if self._is_cut(role)}

    def text(self, number: int, cells: Mapping[str, Any]) -> str:
        """The words of a row: ``text``, or ``subject`` and ``body`` joined by a line break where there is no text.

        Raises:
            DataError: a cell that should hold words holds a list or an object.
        """
        return joined(*(self._words(number, cells, role) for role in WORDS))

    def side(self, number: int, cells: Mapping[str, Any], roles: Iterable[str]) -> dict[str, Any]:
        """The fields of ``roles`` that the row gives and that can be read, as :class:`triage.ticket.Ticket` holds them."""
        found: dict[str, Any] = {}
        for role in roles:
            cell = self._columns.cell(cells, role)
            if is_null(cell):
                continue
            try:
                found[role] = self._field(role, cell)
            except TicketError as error:
                kind: UnreadableKind = error.kind if isinstance(error, UnreadableError) else "short"
                self._tell(kind, role, error.message, number)
        return found

    def _words(self, number: int, cells: Mapping[str, Any], role: str) -> str:
        text = self._unquoted(plain(self._columns.cell(cells, role), role))
        if len(text) < 12 and folded(text) in _EMPTY_TEXTS:
            self._data.report.add(
                "placeholder_text",
                f"{role} 里的 {text.strip()!r} 是空缺的记号，当作没有文字",
                self._data.source(number),
                key=f"{role} {self._data.path}",
            )
            return ""
        return text

    def _field(self, role: str, cell: Any) -> Any:
        if role == "created_at":
            if not isinstance(cell, datetime):
                cell = cell if isinstance(cell, int | float) and not isinstance(cell, bool) else _text(cell, role)
            return parse_time(role, cell, order=self._order, zone=self._zone)
        if role in ("ticket_id", "customer_id"):
            text = self._unquoted(_text(cell, role)) if not isinstance(cell, float) else cell
            if role in self._cut and len(str(text).strip()) > _DIGITS_KEPT:
                raise UnreadableError(f"{role} 的 {text!r:.40} {ROUNDED}", kind="rounded", field=role)
            return identifier(role, text)
        if isinstance(cell, int | float | Decimal) and role not in ("channel", "customer_tier"):
            return SIDE_FIELDS[role](role, cell)
        return SIDE_FIELDS[role](role, self._unquoted(_text(cell, role)))

    def _tell(self, kind: UnreadableKind, role: str, message: str, number: int) -> None:
        leave = f"不用这一列就加上 --column {role}="
        stops = role in self._strict
        mend = leave if stops else f"这些工单照样分，只是没有用它的 {role}"
        self._data.report.add(
            kind, message, self._data.source(number), key=f"{role} {self._data.path}", mend=mend, stops=stops
        )

    def _unquoted(self, text: str) -> str:
        """Our own CSV files carry a quote before what a spreadsheet would take for a formula."""
        return spreadsheet.plain(text) if self._data.form == "csv" else text

    def _date_order(self) -> Order | None:
        """Which number stands first in this file's dates, where one of its rows shows it and none contradicts."""
        if "created_at" not in self._columns.of:
            return None
        shows: dict[Order, int] = {}
        open_ = 0
        for number, cells in self._data.rows:
            found = numbers_of(self._columns.cell(cells, "created_at"))
            if found is None:
                continue
            a, b = found
            if a > 12:
                shows.setdefault("day", number)
            elif b > 12:
                shows.setdefault("month", number)
            else:
                open_ += a != b
        if len(shows) != 1 or not open_:
            return None
        ((order, number),) = shows.items()
        said = "日/月/年" if order == "day" else "月/日/年"
        self._data.report.note(
            "date_order_settled",
            self._data.path,
            f"created_at 里有 {open_:,} 行看不出哪个是月，照第 {number} 行的写法都按 {said} 读",
            n=open_,
        )
        return order

    def _is_cut(self, role: str) -> bool:
        """Whether all long ids of a column end in zeros behind the fifteenth digit: a spreadsheet took the digits."""
        if role not in self._columns.of:
            return False
        long = [
            text
            for _, cells in self._data.rows
            if len(text := str(self._columns.cell(cells, role) or "").strip()) > _DIGITS_KEPT and text.isdecimal()
        ]
        return len(long) > 1 and all(not text[_DIGITS_KEPT:].strip("0") for text in long)


def _text(cell: Any, role: str) -> str:
    try:
        return plain(cell, role)
    except DataError as error:
        raise TicketError(error.message, field=role) from None
