"""Data files -> one :class:`Corpus` of masked texts and checked labels, ready to split and to learn from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from intake.labels import Unknown
from intake.options import ReadOptions
from intake.report import RowSource
from intake.tickets import gather
from triage.errors import DataError
from triage.taxonomy import HEADS, Taxonomy, in_order


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
        taxonomy: what the labels are of: that which was given, else one made from the data; None where nobody read files.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: Mapping[str, tuple[str | None, ...]]
    created_at: tuple[datetime | None, ...]
    channel: tuple[str, ...]
    customer_id: tuple[str, ...]
    sources: tuple[RowSource, ...]
    fingerprint: str = ""
    notes: tuple[str, ...] = ()
    taxonomy: Taxonomy | None = None

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
    options: ReadOptions | None = None,
    unknown: Unknown = "refuse",
    progress: Callable[[str, float], None] | None = None,
) -> Corpus:
    """Reads labelled data files (CSV, JSONL, Parquet, XLSX; several are joined).

    ``taxonomy`` None accepts every label (``--taxonomy infer``). Blank texts, and texts longer than a ticket may be, are left
    out and counted in the notes. Columns of labels are those that every shop knows, those of the taxonomy, and ``heads``.

    Args:
        unknown: what becomes of labels that the taxonomy does not know: refused, or kept (data to judge a model on).

    Raises:
        DataError: names every file, row, column and value that breaks the contract (the first few in full).
    """
    from features.reading import read

    if not paths:
        raise DataError("没有给出数据文件；例如：fendan train tickets.csv")
    found = gather(paths, taxonomy, options or ReadOptions(), heads=heads, unknown=unknown, progress=progress)
    if not found.heads:
        known = in_order([*HEADS, *(taxonomy.heads if taxonomy else ()), *heads])
        raise DataError(
            f"没有标签列：至少要有 {'、'.join(known)} 中的一列；现有的列：{'、'.join(found.columns)}。"
            "叫别的名字就在命令后面加上 --column category=列名",
            field="category",
        )
    found.report.throw()
    if not found.rows:
        raise DataError("没有一行可用的数据：所有行的内容都是空的或太长")
    if not found.labels:
        raise DataError(f"{'、'.join(found.heads)} 列全是空的：没有一个标签；请先给一部分工单标上标签")
    return Corpus(
        ids=tuple(row.ticket_id for row in found.rows),
        texts=tuple(read(row.text).masked for row in found.rows),
        labels={head: tuple(column.codes) for head, column in found.labels.items()},
        created_at=tuple(row.created_at for row in found.rows),
        channel=tuple(row.fields.get("channel", "") for row in found.rows),
        customer_id=tuple(row.fields.get("customer_id", "") for row in found.rows),
        sources=tuple(row.source for row in found.rows),
        notes=tuple(found.report.notes()),
        taxonomy=found.taxonomy,
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
