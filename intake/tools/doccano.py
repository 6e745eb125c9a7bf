"""doccano's shapes: text classification exports a list of labels a row (``label``; CSV joins them with ``#``), sequence labelling
spans ``[start, end, label]``, intent detection ``cats``. One ticket has one label a head, so a list is shared out among heads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from intake.headings import role_of
from intake.vocabulary import read_label
from triage.taxonomy import HEADS, Taxonomy

COLUMNS = ("label", "labels", "cats")


def labels_of(cells: Mapping[str, Any]) -> list[str]:
    """The labels of a row, each once, in the order of the file; empty where the row has none.

    Spans count as their labels.

    Raises:
        ValueError: the cell is not as doccano writes it.
    """
    found: dict[str, None] = {}
    for column in COLUMNS:
        cell = cells.get(column)
        if isinstance(cell, str):
            parts = cell.split() if cell.startswith("__label__") else cell.split("#")
            found.update(dict.fromkeys(part.removeprefix("__label__").strip() for part in parts))
        elif isinstance(cell, list):
            found.update(dict.fromkeys(_one(item, column) for item in cell))
        elif cell is not None:
            raise ValueError(f"{column} 应是标签的列表；收到的是 {cell!r:.60}")
    return [label for label in found if label]


def share_out(labels: list[str], taxonomy: Taxonomy) -> dict[str, str]:
    """Head -> word. A label goes to the one head that knows it, or to the one it names (``urgency:high``); a label that
    nobody knows is taken for a category, so that its error names it.

    Raises:
        ValueError: two labels are for the same head, or several heads know one.
    """
    found: dict[str, str] = {}
    for label in labels:
        head, word = _head(label, taxonomy)
        if head in found:
            raise ValueError(
                f"label 里有 {len(labels)} 个标签（{'、'.join(labels):.80}），其中 {found[head]} 和 {word} 都是 {head}；"
                f"一张工单只有一个 {head}，请留下客户此刻最要办的那一件"
            )
        found[head] = word
    return found


def _head(label: str, taxonomy: Taxonomy) -> tuple[str, str]:
    for mark in (":", "：", "=", "/", "."):
        name, sign, word = label.partition(mark)
        place = role_of(name)
        named = name if name in taxonomy.heads else place[0] if place and place[0] in HEADS else ""
        if sign and word and named:
            return named, word.strip()
    heads = [head for head in taxonomy.heads if read_label(label, taxonomy.heads[head])]
    if len(heads) > 1:
        raise ValueError(f"label 里的 {label!r} 可能是 {'、'.join(heads)} 的；请写成 {heads[0]}:{label} 这样")
    return (heads[0] if heads else HEADS[0]), label


def _one(item: Any, column: str) -> str:
    if isinstance(item, Mapping):  # a span with relations is an object
        item = item.get("label", item.get("text"))
    elif isinstance(item, list) and len(item) >= 3 and isinstance(item[2], str):
        item = item[2]
    if isinstance(item, (str, int)) and not isinstance(item, bool):
        return str(item).strip()
    raise ValueError(f"{column} 里应是标签或 [起, 止, 标签]；收到的是 {item!r:.60}")
