"""Data files -> one :class:`Corpus` of masked texts and checked labels, ready to split and to learn from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from training.data.cells import Faults, label, moment, short, text_of
from training.data.tables import Table, read
from triage.errors import DataError
from triage.taxonomy import HEADS, Taxonomy, in_order
from triage.ticket import MAX_TEXT

TEXT_COLUMNS = ("text", "subject", "body")


class Source(NamedTuple):
    """Where a row came from: the file and the row number a person would look for."""

    path: str
    row: int

    def __str__(self) -> str:
        return f"{self.path} 第 {self.row} 行"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Labelled tickets, one entry a row in every field.

    Attributes:
        ids: ticket ids, "" where the data gives none; those given are unique.
        texts: the customer's words, personal data masked, never blank.
        labels: head -> label code per row, None where a row is unlabelled. Only heads with at least one label.
        created_at: aware moments, None where unknown.
        channel, customer_id: "" where unknown.
        sources: file and row of each entry, for messages.
        fingerprint: sha256 of the content in canonical form; the same tickets in another file format or order give the same.
        notes: what was noticed while reading (encoding, rows left out), in Chinese, for people.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: Mapping[str, tuple[str | None, ...]]
    created_at: tuple[datetime | None, ...]
    channel: tuple[str, ...]
    customer_id: tuple[str, ...]
    sources: tuple[Source, ...]
    fingerprint: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)

    def __post_init__(self) -> None:
        if not self.fingerprint:
            object.__setattr__(self, "fingerprint", _fingerprint(self))

    def subset(self, rows: Iterable[int]) -> Corpus:
        """The entries at ``rows``, in that order; the fingerprint is that of the part. Heads stay, even if now empty."""
        at = [int(i) for i in rows]
        return replace(
            self,
            ids=tuple(self.ids[i] for i in at),
            texts=tuple(self.texts[i] for i in at),
            labels={head: tuple(column[i] for i in at) for head, column in self.labels.items()},
            created_at=tuple(self.created_at[i] for i in at),
            channel=tuple(self.channel[i] for i in at),
            customer_id=tuple(self.customer_id[i] for i in at),
            sources=tuple(self.sources[i] for i in at),
            fingerprint="",
        )


def read_corpus(
    paths: Sequence[str | Path],
    taxonomy: Taxonomy | None = None,
    *,
    heads: Iterable[str] = (),
    progress: Callable[[str, float], None] | None = None,
) -> Corpus:
    """Reads labelled data files (CSV, JSONL, Parquet, XLSX; several are joined).

    ``taxonomy`` None accepts every label (``--taxonomy infer``, or data to evaluate on). Blank texts, and texts longer
    than a ticket may be, are left out and counted in the notes. Columns of labels are those that every shop knows, those of
    the taxonomy, and ``heads`` (a model's own, where there is no taxonomy).

    Raises:
        DataError: names every file, row, column and value that breaks the contract (the first few in full).
    """
    if not paths:
        raise DataError("没有给出数据文件；例如：fendan train tickets.csv")
    collector = _Collector(taxonomy, in_order([*HEADS, *(taxonomy.heads if taxonomy else ()), *heads]))
    for i, path in enumerate(paths):
        table = read(path)
        collector.add(table, _part(progress, i, len(paths)))
    return collector.corpus()


def _part(progress: Callable[[str, float], None] | None, i: int, files: int) -> Callable[[float], None]:
    """A file's own share of the progress of all files."""

    def tick(share: float) -> None:
        if progress:
            progress("读取", (i + share) / files)

    return tick


class _Collector:
    """Gathers rows of all files; keeps every fault so that a person mends a file once, not row after row."""

    def __init__(self, taxonomy: Taxonomy | None, known: Sequence[str] = HEADS) -> None:
        self.taxonomy = taxonomy
        self.known = known
        self.faults = Faults()
        self.rows: list[dict[str, Any]] = []
        self.seen: dict[str, Source] = {}
        self.heads: dict[str, None] = {}
        self.notes: list[str] = []
        self.columns: list[str] = []

    def add(self, table: Table, tick: Callable[[float], None]) -> None:
        from features.reading import read

        need_text(table)
        self.notes += table.notes
        self.columns += table.columns
        heads = self._heads(table)
        blank: list[int] = []
        long: list[int] = []
        for done, (number, cells) in enumerate(table.rows):
            if done % 2000 == 0:
                tick(done / len(table.rows))
            source = Source(str(table.path), number)
            if number in table.faults:
                self.faults.add(source, table.faults[number])
                continue
            with self.faults.at(source):
                text = text_of(cells)
                row: dict[str, Any] = {head: label(cells.get(head), head, self.taxonomy) for head in heads}
                row["ticket_id"] = self._unique(short(cells.get("ticket_id"), "ticket_id"), source)
                row["created_at"] = moment(cells.get("created_at"), "created_at")
                row["channel"] = short(cells.get("channel"), "channel")
                row["customer_id"] = short(cells.get("customer_id"), "customer_id")
                if not text.strip() or len(text) > MAX_TEXT:
                    (long if text.strip() else blank).append(number)
                    continue
                self.rows.append({**row, "text": read(text).masked, "source": source})
        self._left_out(table, blank, "内容是空的")
        self._left_out(table, long, f"超过 {MAX_TEXT:,} 个字")

    def _heads(self, table: Table) -> list[str]:
        heads = [head for head in self.known if head in table.columns]
        unknown = [head for head in heads if self.taxonomy and head not in self.taxonomy.heads]
        if unknown:
            self.notes.append(f"{table.path}：标签体系里没有 {'、'.join(unknown)}，这一列没有用")
        heads = [head for head in heads if head not in unknown]
        self.heads.update(dict.fromkeys(heads))
        return heads

    def _unique(self, ticket_id: str, source: Source) -> str:
        first = self.seen.setdefault(ticket_id, source) if ticket_id else source
        if first is not source:
            raise DataError(f"ticket_id {ticket_id!r} 已在 {first} 出现过；每张工单的编号要唯一，请删去重复的一行")
        return ticket_id

    def _left_out(self, table: Table, numbers: list[int], why: str) -> None:
        if numbers:
            first = "、".join(map(str, numbers[:3])) + ("…" if len(numbers) > 3 else "")
            self.notes.append(f"{table.path}：{len(numbers)} 行{why}，没有用（第 {first} 行）")

    def corpus(self) -> Corpus:
        if not self.heads:
            raise DataError(
                f"没有标签列：至少要有 {'、'.join(self.known)} 中的一列；现有的列：{'、'.join(dict.fromkeys(self.columns))}",
                field="category",
            )
        self.faults.throw()
        if not self.rows:
            raise DataError("没有一行可用的数据：所有行的内容都是空的或太长")
        labels = {head: tuple(row.get(head) for row in self.rows) for head in self.known if head in self.heads}
        labels = {head: column for head, column in labels.items() if any(column)}
        if not labels:
            raise DataError(f"{'、'.join(self.heads)} 列全是空的：没有一个标签；请先给一部分工单标上标签")

        def pick(name: str) -> tuple[Any, ...]:
            return tuple(row[name] for row in self.rows)

        return Corpus(
            ids=pick("ticket_id"),
            texts=pick("text"),
            labels=labels,
            created_at=pick("created_at"),
            channel=pick("channel"),
            customer_id=pick("customer_id"),
            sources=pick("source"),
            notes=tuple(self.notes),
        )


def need_text(table: Table) -> None:
    if not any(name in table.columns for name in TEXT_COLUMNS):
        raise DataError(
            f"{table.path}：没有 text 列（也没有 subject、body）；现有的列：{'、'.join(table.columns)}。"
            "请把客户说的话那一列改名为 text",
            field="text",
        )


def _fingerprint(corpus: Corpus) -> str:
    """sha256 over the sorted sha256 of the rows, each as JSON with sorted keys; times in UTC, empty values left out."""
    heads = list(corpus.labels)
    digests = []
    for i, text in enumerate(corpus.texts):
        moment = corpus.created_at[i]
        row = {
            "text": text,
            "ticket_id": corpus.ids[i],
            "channel": corpus.channel[i],
            "customer_id": corpus.customer_id[i],
            "created_at": moment.astimezone(UTC).isoformat() if moment else "",
            **{head: corpus.labels[head][i] for head in heads},
        }
        line = json.dumps({k: v for k, v in row.items() if v}, ensure_ascii=False, sort_keys=True)
        digests.append(hashlib.sha256(line.encode()).digest())
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()
