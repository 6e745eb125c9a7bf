"""Rows of a file with labels from elsewhere -> checked words, each by itself; every bad row is named with its value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from features.mask import mask
from serving.labels.rows import Row
from triage.errors import DataError, InputError, TicketError
from triage.labels import MAX_NOTE
from triage.taxonomy import HEADS, Taxonomy, in_order
from triage.ticket import parse_time


@dataclass(frozen=True, slots=True)
class Word:
    """One checked row. ``own``: the row itself says who labelled it; ``at``: when, elsewhere; None where not said."""

    where: str
    ticket_id: str
    revision: int | None
    labels: Mapping[str, str]
    by: str
    own: bool
    note: str
    at: datetime | None


def check(rows: Iterable[Row], taxonomy: Taxonomy, by: str = "") -> list[Word]:
    """Checks all rows by themselves.

    Args:
        by: who labelled all of them, whatever the rows say.

    Raises:
        DataError: names every bad row with its value.
    """
    words = []
    faults = []
    for row in rows:
        try:
            words.append(_word(row, taxonomy, by))
        except (InputError, ValueError) as error:
            faults.append(f"{row.where}：{error}")
    throw(faults)
    return words


def throw(faults: Sequence[str]) -> None:
    """Raises all faults as one :class:`DataError`; returns when there are none."""
    if faults:
        raise DataError("\n".join([f"有 {len(faults):,} 行不对，什么都没有写：", *faults]), field="file")


def _word(row: Row, taxonomy: Taxonomy, by: str) -> Word:
    if row.fault:
        raise ValueError(row.fault)
    cells = row.cells
    ticket_id = _text(cells.get("ticket_id"))
    if not ticket_id:
        raise ValueError("没有 ticket_id，不知道说的是哪张工单")
    labels = {
        head: _label(cells[head], head, taxonomy)
        for head in in_order([*HEADS, *taxonomy.heads])
        if cells.get(head) not in (None, "")
    }
    own = _text(cells.get("by"))
    who = by or own
    if not who:
        raise ValueError("没有写是谁标的；在文件里加 by 列，或用 --by")
    if len(who) > 128 or not who.isprintable():
        raise ValueError(f"by 应是至多 128 个可见字符；收到的是 {who!r:.80}")
    note = _text(cells.get("note"))
    if len(note) > MAX_NOTE:
        raise ValueError(f"note 有 {len(note):,} 字，上限是 {MAX_NOTE:,} 字：{note:.20}…")
    return Word(
        row.where,
        ticket_id,
        _revision(cells.get("revision")),
        labels,
        who,
        bool(own),
        mask(note),
        _moment(cells.get("at")),
    )


def _label(value: Any, head: str, taxonomy: Taxonomy) -> str:
    known = taxonomy.heads.get(head)
    if known is None:
        raise ValueError(f"这里没有 {head} 这一项；有的是：{'、'.join(taxonomy.heads)}")
    code = _text(value)
    if not taxonomy.knows(head, code):
        named = [label.code for label in known.labels if code in (label.name, label.name_en)]
        hint = f"是不是想写 {named[0]}？" if named else ""
        raise ValueError(f"{head} 的 {code!r:.80} 不是可用的标签；{hint}可用的是：{'、'.join(known.codes)}")
    return code


def _revision(value: Any) -> int | None:
    text = _text(value)
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) < 2**31:
        raise ValueError(f"revision 应是从 1 起的整数，空着就是最新一版；收到的是 {text!r:.40}")
    return int(text)


def _moment(value: Any) -> datetime | None:
    text = _text(value)
    if not text:
        return None
    try:
        return parse_time("at", text).astimezone(UTC)
    except TicketError as error:
        raise ValueError(error.message) from None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():  # a spreadsheet writes 2 as 2.0
        value = int(value)
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value).strip()
    raise ValueError(f"应是文字；收到的是 {value!r:.60}")
