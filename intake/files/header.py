"""Which row of a grid is its header: exports put a title, a date or a remark above it, and a total below the data."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from intake.headings import ROLES, WORDS, normal, role_of

LOOKED_AT = 30
"""Rows from the top among which the header is looked for."""

_UNIT = r"(?:条|行|单|张|件|个|元|条记录|条数据)"
_TOTAL = re.compile(
    rf"[\s#*（(]*(?:合计|总计|小计|共计|汇总|total)\s*[:：]?\s*(?:共|计)?\s*[\d,.]*\s*{_UNIT}?[\s)）]*"
    rf"|[\s#*（(]*共\s*[:：]?\s*[\d,.]+\s*{_UNIT}[\s)）]*"
    r"|[\s#*（(]*(?:导出|制表|统计|打印|下载)(?:时间|日期|人|条数|员)?\s*[:：].*"
    r"|[\s#*（(]*(?:数据截止|以上为|以上是|—+|-{3,}|\*{3,}).*",
    re.IGNORECASE,
)
"""What stands in the first cell of a row that sums up or remarks; a customer's sentence does not."""


def find_header(rows: Sequence[Sequence[Any]], given: Collection[str] = ()) -> int:
    """The place among ``rows`` (blank ones left out) of the one that names columns.

    The first row, unless it holds at most one known heading and a later one more. ``given``: headings that a person named;
    the first row that holds all of them is the header.
    """
    wanted = {normal(name) for name in given if name}
    best, most, widest = 0, 0, 0
    for place, cells in enumerate(rows[:LOOKED_AT]):
        names = [str(cell) for cell in cells if cell is not None and str(cell).strip()]
        if wanted and wanted <= {normal(name) for name in names}:
            return place
        roles = {found[0] for name in names if (found := role_of(name))}
        if place == 0:
            most = len(roles)
            if most >= 2 and not wanted:
                return 0
        elif len(roles) > most and (len(roles) >= 2 or (roles & set(WORDS) and _stands_out(len(names), widest, place))):
            best, most = place, len(roles)
        widest = max(widest, len(names))
    return best


def _stands_out(cells: int, widest: int, place: int) -> bool:
    """Whether a row with one known heading is a header below titles and not a row of data: they are narrower."""
    return place <= 3 and (cells > widest or cells == widest == 1)


def count_roles(cells: Sequence[Any]) -> int:
    """How many different roles the cells of a row name; our own names count more than look-alikes."""
    found = [role for cell in cells if cell is not None and (role := role_of(str(cell)))]
    return len({role for role, _ in found}) + len({role for role, rank in found if rank == 0 and role in ROLES})


def count_totals(rows: Sequence[Sequence[Any]], columns: int) -> int:
    """How many rows at the end are no data but a total or a remark: at most two cells, the first of which says so."""
    n = 0
    for cells in reversed(rows[-5:]):
        held = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
        if columns < 2 or not held or len(held) > min(2, columns - 1) or not _TOTAL.fullmatch(held[0]):
            break
        n += 1
    return n
