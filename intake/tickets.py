"""Labelled files -> tickets with their labels, as training and ``fendan check`` see them; what is wrong goes into one report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from intake.columns import Columns
from intake.files.data_file import DataFile
from intake.label_checks import check_labelled
from intake.labels import LabelColumn, Unknown, inferred, read_labels
from intake.options import ReadOptions
from intake.read import TICKET_ROLES, read_file
from intake.report import Report, RowKind, RowSource
from intake.values import FieldReader
from triage.errors import DataError
from triage.taxonomy import HEADS, Taxonomy, in_order
from triage.ticket import MAX_TEXT

LEARNED = ("ticket_id", "created_at", "channel", "customer_id")
"""FieldReader beside the text that training uses. One that cannot be read stops it: a wrong time or id would spoil the split."""

_LEFT_OUT: dict[RowKind, str] = {
    "blank_text": "内容是空的",
    "long_text": f"超过 {MAX_TEXT:,} 个字",
    "repeated_row": "与前面的完全一样（编号、文字、标签）",
}


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One row that can be used. ``fields``: what else was read of it, as a :class:`triage.ticket.Ticket` holds it."""

    source: RowSource
    text: str
    fields: Mapping[str, Any]
    labels: Mapping[str, Any]
    """Head -> its cell as it stands in the file."""

    @property
    def ticket_id(self) -> str:
        return str(self.fields.get("ticket_id", ""))

    @property
    def created_at(self) -> datetime | None:
        return self.fields.get("created_at")


@dataclass(slots=True)
class FileSummary:
    """How one file was read, without its rows."""

    data: DataFile
    columns: Columns
    rows: int
    filled: dict[str, int]
    """Column -> rows in which it holds something."""


@dataclass(slots=True)
class Tickets:
    """What :func:`gather` found.

    Attributes:
        rows: tickets with a text, in the order of the files.
        labels: head -> codes, one a row; only heads with at least one label.
        heads: heads for which there is a column, with or without labels.
        columns: names of all columns of all files.
        taxonomy: what the labels are of: the one that was given, else one made from the data; None without labels.
    """

    rows: list[TicketRow] = field(default_factory=list)
    labels: dict[str, LabelColumn] = field(default_factory=dict)
    heads: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    files: list[FileSummary] = field(default_factory=list)
    taxonomy: Taxonomy | None = None
    report: Report = field(default_factory=Report)


def gather(
    paths: Sequence[str | Path],
    taxonomy: Taxonomy | None,
    options: ReadOptions,
    *,
    fields: Sequence[str] = LEARNED,
    heads: Iterable[str] = (),
    unknown: Unknown = "refuse",
    progress: Callable[[str, float], None] | None = None,
) -> Tickets:
    """Reads files and joins them. Nothing of a row raises: it stands in the report, and ``stops`` says whether it matters.

    Args:
        taxonomy: None takes the labels from the data.
        fields: which fields are read beside the text.
        heads: further heads that there may be columns for, beside those every shop knows and the taxonomy's.
        unknown: what becomes of labels that the taxonomy does not know.

    Raises:
        DataError: a whole file cannot be read; QuestionError: a person must say which column is meant.
    """
    known = in_order([*HEADS, *(taxonomy.heads if taxonomy else ()), *heads])
    gatherer = _Gatherer(taxonomy, options, tuple(fields), known)
    for i, path in enumerate(paths):
        gatherer.add(path, _part(progress, i, len(paths)))
    return gatherer.tickets(unknown)


def _part(progress: Callable[[str, float], None] | None, i: int, files: int) -> Callable[[float], None]:
    """A file's own share of the progress of all files."""

    def tick(share: float) -> None:
        if progress:
            progress("读取", (i + share) / files)

    return tick


class _Gatherer:
    """Gathers rows of all files; keeps every fault so that a person mends a file once, not row after row."""

    def __init__(
        self, taxonomy: Taxonomy | None, options: ReadOptions, fields: tuple[str, ...], known: Sequence[str]
    ) -> None:
        self._taxonomy = taxonomy
        self._options = options
        self._fields = fields
        self._known = known
        self._seen: dict[str, TicketRow] = {}
        self._heads: dict[str, bool] = {}
        self._found = Tickets()

    def add(self, path: str | Path, tick: Callable[[float], None]) -> None:
        data, columns = read_file(path, self._options, dict.fromkeys([*TICKET_ROLES, *self._known]), heads=self._known)
        report = self._found.report
        heads = self._usable(data, columns)
        fields = FieldReader(data, columns, strict=LEARNED)
        left: dict[RowKind, list[int]] = {kind: [] for kind in _LEFT_OUT}
        for done, (number, cells) in enumerate(data.rows):
            if done % 2000 == 0:
                tick(done / len(data.rows))
            source = data.source(number)
            if number in data.faults:
                report.add("broken_row", data.faults[number], source, stops=True)
                continue
            try:
                text = fields.text(number, cells)
            except DataError as error:
                report.add("unreadable_text", error.message, source, stops=True)
                continue
            side = fields.side(number, cells, self._fields)
            row = TicketRow(source, text, side, {head: columns.cell(cells, head) for head in heads})
            if not text.strip() or len(text) > MAX_TEXT:
                (left["long_text"] if text.strip() else left["blank_text"]).append(number)
            elif (first := self._first_of(row)) is row:
                self._found.rows.append(row)
            elif first.text == row.text and first.labels == row.labels:
                left["repeated_row"].append(number)
            else:
                self._tell_repeated(first, row, columns)
        report.update(data.report)
        for kind, numbers in left.items():
            if numbers:
                said = f"{len(numbers)} 行{_LEFT_OUT[kind]}，没有用"
                report.note(kind, data.path, said, n=len(numbers), rows=numbers)
        self._keep(data, columns)

    def _keep(self, data: DataFile, columns: Columns) -> None:
        filled = dict.fromkeys(data.columns, 0)
        for _, cells in data.rows:
            for name, cell in cells.items():
                filled[name] += not (cell is None or (isinstance(cell, str) and not cell.strip()))
        rows = len(data.rows)
        data.rows = []
        self._found.files.append(FileSummary(data, columns, rows, filled))

    def _usable(self, data: DataFile, columns: Columns) -> list[str]:
        heads = [head for head in self._known if head in columns.of]
        unknown = [head for head in heads if self._taxonomy and head not in self._taxonomy.heads]
        if unknown:
            said = f"标签体系里没有 {'、'.join(unknown)}，这一列没有用"
            self._found.report.note("unknown_head", data.path, said, n=len(unknown))
        heads = [head for head in heads if head not in unknown]
        for head in heads:
            self._heads[head] = self._heads.get(head, False) or columns.is_ours(head)
        return heads

    def _first_of(self, row: TicketRow) -> TicketRow:
        """The first row with this row's id; the row itself where it has none."""
        return self._seen.setdefault(row.ticket_id, row) if row.ticket_id else row

    def _tell_repeated(self, first: TicketRow, row: TicketRow, columns: Columns) -> None:
        """Two tickets with one id: neither is to be deleted for that."""
        differ = "而两行的文字不同" if first.text != row.text else "文字相同而标签不同"
        self._found.report.add(
            "repeated_id",
            f"ticket_id {row.ticket_id!r} 已在 {first.source} 出现过，{differ}；每张工单的编号要唯一。"
            f"“{columns.of['ticket_id']}”也许不是工单的编号，或者一张工单占了几行",
            row.source,
            mend="不用编号就加上 --column ticket_id=，是别的列就写 --column ticket_id=列名",
            key=row.source.path,
            stops=True,
        )

    def tickets(self, unknown: Unknown) -> Tickets:
        found = self._found
        found.heads = tuple(head for head in self._known if head in self._heads)
        found.columns = tuple(dict.fromkeys(name for file in found.files for name in file.data.columns))
        columns = {head: self._labels(head, unknown) for head in found.heads}
        found.labels = {head: column for head, column in columns.items() if any(column.codes)}
        self._leave_out_single()
        found.taxonomy = self._taxonomy or (inferred(found.labels) if found.labels else None)
        if unknown == "refuse":
            check_labelled(
                [row.text for row in found.rows],
                {head: column.codes for head, column in found.labels.items()},
                [row.source for row in found.rows],
                found.report,
                {head: column.names for head, column in found.labels.items()},
            )
        return found

    def _labels(self, head: str, unknown: Unknown) -> LabelColumn:
        return read_labels(
            head,
            [(row.source, row.labels.get(head)) for row in self._found.rows],
            self._taxonomy,
            self._found.report,
            said=self._options.labels.get(head),
            unknown=unknown,
            leave="" if self._heads[head] or head == HEADS[0] else f"；不要这一列就加上 --column {head}=",
        )

    def _leave_out_single(self) -> None:
        """A column that only passes for a head's and says the same in every row teaches nothing: it is left out and told."""
        for head, column in list(self._found.labels.items()):
            codes = {code for code in column.codes if code}
            if len(codes) < 2 and len(self._found.labels) > 1 and not self._heads[head]:
                del self._found.labels[head]
                said = f"{head} 列只有一种说法（{'、'.join(codes)}），学不出什么，没有用"
                self._found.report.note("one_class", "", said)
