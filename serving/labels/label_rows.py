"""A file with labels from elsewhere -> checked rows; every bad row is named with its value, and none is left out uncounted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from features.mask import mask
from intake.columns import Columns
from intake.files.data_file import DataFile
from intake.files.open import FORMATS
from intake.options import ReadOptions
from intake.read import read_file
from intake.tools import doccano, label_studio
from intake.vocabulary import LabelVocabulary, settle
from triage import spreadsheet, values
from triage.errors import DataError, InputError, TicketError
from triage.labels import MAX_NOTE
from triage.taxonomy import HEADS, Taxonomy, in_order
from triage.ticket import parse_time

MAX_ROWS = 20_000
"""Rows of one file. It is written in one transaction, for which the service waits: under two seconds for 10,000."""

_BESIDE = ("ticket_id", "revision", "by", "at", "note")


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One checked row. ``own``: the row itself says who labelled it; ``at``: when, elsewhere; None where not said."""

    where: str
    ticket_id: str
    revision: int | None
    labels: Mapping[str, str]
    by: str
    own: bool
    note: str
    at: datetime | None


class LabelRows(NamedTuple):
    """The rows that say something, how many say nothing, and what a person should know of the reading."""

    rows: list[LabelRow]
    unlabelled: int
    notes: list[str]


def read_label_rows(
    path: Path, taxonomy: Taxonomy, *, options: ReadOptions | None = None, form: str = "", by: str = ""
) -> LabelRows:
    """Reads and checks all rows by themselves.

    Args:
        form: one of :data:`intake.files.open.FORMATS`; empty: the suffix decides.
        by: who labelled all of them, whatever the rows say.

    Raises:
        InputError, DataError: the file cannot be read as a whole, or rows are wrong: each with its value.
    """
    if form and form not in FORMATS:
        raise InputError(f"不知道 {form!r} 是什么格式；--format 可以是 {'、'.join(FORMATS)}", field="format")
    heads = in_order([*HEADS, *taxonomy.heads])
    data, columns = read_file(path, options or ReadOptions(), [*_BESIDE, *heads], heads=heads, words=False, form=form)
    if len(data.rows) > MAX_ROWS:
        raise InputError(f"{path} 有 {len(data.rows):,} 行，一次最多 {MAX_ROWS:,} 行；请拆成几个文件", field="file")
    if data.rows and ("ticket_id" not in columns.of or not columns.of.keys() & set(heads)):
        raise DataError(
            f"{path} 的表头应有 ticket_id 和 {'、'.join(heads)} 中的至少一列；现在是：{'、'.join(data.columns)}。"
            "叫别的名字就在命令后面加上 --column ticket_id=列名 --column category=列名",
            field="file",
        )
    reader = _Reader(data, columns, taxonomy, options or ReadOptions(), by)
    rows = []
    faults = []
    silent = []
    for number, cells in data.rows:
        where = reader.where(number)
        try:
            if number in data.faults:
                raise ValueError(data.faults[number])
            row = reader.row(number, cells)
        except (InputError, ValueError) as error:
            faults.append(f"{where}：{error}")
            continue
        if row is None:
            silent.append(number)
        else:
            rows.append(row)
    throw(faults)
    if silent:
        looked = "、".join(columns.of[head] for head in heads if head in columns.of)
        data.report.note(
            "unlabelled_rows",
            path,
            f"{len(silent):,} 行没有标签（看的是 {looked} 列；文件里的列：{'、'.join(data.columns)}），没有用",
            n=len(silent),
            rows=silent,
        )
    unlabelled = len(silent) + sum(p.n for p in data.report.problems if p.kind == "unlabelled_records")
    return LabelRows(rows, unlabelled, [*data.notes, *reader.notes()])


def throw(faults: Sequence[str]) -> None:
    """Raises all faults as one :class:`DataError`; returns when there are none."""
    if faults:
        raise DataError("\n".join([f"有 {len(faults):,} 行不对，什么都没有写：", *faults]), field="file")


class _Reader:
    """Reads the rows of one file; the words of its labels are settled for whole columns beforehand."""

    def __init__(self, data: DataFile, columns: Columns, taxonomy: Taxonomy, options: ReadOptions, by: str) -> None:
        self._data = data
        self._columns = columns
        self._taxonomy = taxonomy
        self._said = options.labels
        self._by = by
        self._heads = in_order([*HEADS, *taxonomy.heads])
        self._read: Counter[tuple[str, str, str]] = Counter()
        words_said = [self._raw_labels(cells) for number, cells in data.rows if number not in data.faults]
        self._codes: dict[str, dict[str, str]] = {}
        for head, spec in taxonomy.heads.items():
            words = {said[head] for said in words_said if isinstance(said, dict) and head in said}
            self._codes[head] = settle(sorted(words), spec, self._said.get(head))

    def where(self, number: int) -> str:
        """How a message names a row."""
        return f"第 {number} {self._data.source(number).unit}"

    def row(self, number: int, cells: Mapping[str, Any]) -> LabelRow | None:
        """The row as it may be written; None where it holds no label."""
        said = self._raw_labels(cells)
        if isinstance(said, ValueError):
            raise said
        labels = {head: code for head, word in said.items() if (code := self._code(head, word))}
        if not labels:
            return None
        ticket_id = values.identifier("ticket_id", _plain(self._cell(cells, "ticket_id")))
        if not ticket_id:
            raise ValueError("没有 ticket_id，不知道说的是哪张工单")
        own = label_studio.person(_plain(self._cell(cells, "by"), keep_objects=True)).strip()
        who = self._by or own
        if not who:
            raise ValueError("没有写是谁标的；在文件里加 by 列，或用 --by")
        if len(who) > 128 or not who.isprintable():
            raise ValueError(f"by 应是至多 128 个可见字符；收到的是 {who!r:.80}")
        note = _text(self._cell(cells, "note"))
        if len(note) > MAX_NOTE:
            raise ValueError(f"note 有 {len(note):,} 字，上限是 {MAX_NOTE:,} 字：{note:.20}…")
        revision = _revision(self._cell(cells, "revision"))
        at = _moment(self._at(cells))
        return LabelRow(self.where(number), ticket_id, revision, labels, who, bool(own), mask(note), at)

    def notes(self) -> list[str]:
        """Which words were read as which labels."""
        read = [f"{head} 的“{word}”→{code}（{n:,} 行）" for (head, word, code), n in self._read.items() if word != code]
        return [f"{self._data.path}：标签的说法是这样读的：{'，'.join(read)}"] if read else []

    def _cell(self, cells: Mapping[str, Any], role: str) -> Any:
        cell = self._columns.cell(cells, role)
        return spreadsheet.plain(cell) if isinstance(cell, str) and self._data.form == "csv" else cell

    def _at(self, cells: Mapping[str, Any]) -> Any:
        """When the label was given: elsewhere than beside an annotation, ``created_at`` is the customer's time."""
        at = self._cell(cells, "at")
        return cells.get("created_at") if at in (None, "") and "annotation_id" in cells else at

    def _raw_labels(self, cells: Mapping[str, Any]) -> dict[str, str] | ValueError:
        """Head -> word as the row has it; an error instead of a row that cannot be understood."""
        try:
            heading = self._columns.of.get("category", "")
            cell = self._cell(cells, "category")
            listed: dict[str, str] = {}
            if heading in doccano.COLUMNS and (isinstance(cell, list) or "#" in str(cell) or "__label__" in str(cell)):
                listed = doccano.share_out(doccano.labels_of({heading: cell}), self._taxonomy)
            others = [head for head in self._heads if not (head == "category" and listed)]
            found = {head: _label_text(self._cell(cells, head), head) for head in others}
            return {**{head: word for head, word in found.items() if word}, **listed}
        except ValueError as error:
            return error

    def _code(self, head: str, word: str) -> str:
        known = self._taxonomy.heads.get(head)
        if known is None:
            raise ValueError(f"这里没有 {head} 这一项；有的是：{'、'.join(self._taxonomy.heads)}")
        code = self._codes[head].get(word)
        if code is None:
            near = LabelVocabulary(head, known).near(word)
            hint = f"是不是想写 {near}？" if near else ""
            raise ValueError(f"{head} 的 {word!r:.80} 不是可用的标签；{hint}可用的是：{'、'.join(known.codes)}")
        if code:
            self._read[head, word, code] += 1
        return code


def _label_text(cell: Any, head: str) -> str:
    if isinstance(cell, list):
        if len(cell) > 1:
            raise ValueError(
                f"{head} 里有 {len(cell)} 个标签（{'、'.join(map(str, cell)):.60}）；一张工单只有一个 {head}，请留下客户此刻最要办的那一件"
            )
        cell = cell[0] if cell else None
    return _text(cell)


def _revision(value: Any) -> int | None:
    text = _text(value)
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) < 2**31:
        raise ValueError(f"revision 应是从 1 起的整数，空着就是最新一版；收到的是 {text!r:.40}")
    return int(text)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return parse_time("at", value).astimezone(UTC)
    text = _text(value)
    if not text:
        return None
    try:
        return parse_time("at", text).astimezone(UTC)
    except TicketError as error:
        raise ValueError(error.message) from None


def _plain(value: Any, *, keep_objects: bool = False) -> Any:
    """A cell without what spreadsheets and pandas do to it: 2.0 is 2, NaN is nothing."""
    if values.is_null(value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return int(value)
    return value if keep_objects or not isinstance(value, Mapping) else _text(value)


def _text(value: Any) -> str:
    value = "" if value is None else value
    if isinstance(value, float):
        if value != value:
            return ""
        value = int(value) if value.is_integer() and abs(value) < 10**15 else value
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value).strip()
    raise ValueError(f"应是文字；收到的是 {value!r:.60}")
