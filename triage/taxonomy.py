"""The labels a shop uses: heads (category, urgency, sentiment), their codes, names, order and meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from triage.errors import TaxonomyError

HEADS: tuple[str, ...] = ("category", "urgency", "sentiment")
"""Heads that every shop knows, in the order in which they are always listed; a shop's own come after them."""

HEAD_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
"""What a shop's own head may be called; it becomes a column, a key of the decision's JSON and part of a file's name."""

_COLUMNS = (
    "ticket_id", "text", "subject", "body", "channel", "customer_id", "customer_tier", "order_amount", "contact_count",
    "created_at", "received_at", "revision", "by", "at", "note", "annotator", "updated_at", "annotation_id", "how",
    "origin", "reason", "error", "id",
)  # fmt: skip
_KEYS = (
    "action", "queue", "priority", "due_at", "reasons", "evidence", "similar", "profile", "model", "degraded", "facts",
    "label", "labels", "source", "all",
)  # fmt: skip
TAKEN: frozenset[str] = frozenset((*_COLUMNS, *_KEYS))
"""Names that data files, decisions and pages use for something else."""

CODE = re.compile(r"[^\s,;|\"']{1,64}")
"""What a label code may be; it travels through CSV, URLs and MLflow names."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label. ``code`` goes into data and API; ``name``/``name_en`` are what people read."""

    code: str
    name: str
    name_en: str = ""
    definition: str = ""
    definition_en: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """One question asked of a ticket, with its possible answers.

    ``ordinal`` heads list their labels from the most to the least severe (urgency: critical first).
    """

    name: str
    labels: tuple[Label, ...]
    title: str = ""
    title_en: str = ""
    ordinal: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(label.code for label in self.labels)

    def label(self, code: str) -> Label:
        for label in self.labels:
            if label.code == code:
                return label
        raise TaxonomyError(f"{self.name} 没有标签 {code!r}；可用的标签：{'、'.join(self.codes)}", field=self.name)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All heads of a shop. ``version`` is free text that travels into every model's manifest."""

    heads: Mapping[str, Head]
    version: str = "1"
    inferred: bool = False
    _names: dict[str, dict[str, str]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._names.update(
            {name: {label.code: label.name for label in head.labels} for name, head in self.heads.items()}
        )

    def title(self, head: str) -> str:
        """What people read for the head: its title, or its name where the taxonomy does not know it."""
        known = self.heads.get(head)
        return (known.title if known else "") or head

    def knows(self, head: str, code: str) -> bool:
        """Whether ``code`` is a label of ``head``."""
        return code in self._names.get(head, ())

    def name(self, head: str, code: str) -> str:
        """What people read for ``code``: its name, or the code itself where ``head`` does not know it."""
        return self._names.get(head, {}).get(code, code)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Taxonomy:
        """Builds a taxonomy from a parsed ``taxonomy.yaml``.

        Raises:
            TaxonomyError: names the head, the entry and what is allowed.
        """
        if not isinstance(data, Mapping) or not isinstance(data.get("heads"), Mapping):
            raise TaxonomyError("标签体系文件应有一个 heads 段：heads: {category: {labels: [...]}}", field="heads")
        heads: dict[str, Head] = {}
        for name, spec in data["heads"].items():
            if wrong := wrong_head(name, data["heads"]):
                raise TaxonomyError(f"heads 里的 {wrong}", field="heads")
            heads[name] = _head(name, spec)
        if not heads:
            raise TaxonomyError("heads 是空的；至少写一个：category、urgency 或 sentiment", field="heads")
        return cls(heads={head: heads[head] for head in in_order(heads)}, version=str(data.get("version", "1")))

    @classmethod
    def infer(cls, columns: Mapping[str, Iterable[str | None]]) -> Taxonomy:
        """Takes the labels from the data itself (``--taxonomy infer``): sorted codes, names equal to codes."""
        heads = {}
        for name in in_order(columns):
            codes = sorted({value for value in columns[name] if value})
            heads[name] = Head(name=name, labels=tuple(Label(c, c, c) for c in codes), title=name, title_en=name)
        if not heads:
            raise TaxonomyError("数据里没有标签列；至少要有一列：category、urgency 或 sentiment", field="category")
        return cls(heads=heads, version="inferred", inferred=True)

    def to_mapping(self) -> dict[str, Any]:
        """The inverse of :meth:`from_mapping`; plain data, ready for JSON or YAML."""
        keys = ("code", "name", "name_en", "definition", "definition_en", "stage")
        return {
            "version": self.version,
            "heads": {
                h.name: {
                    "title": h.title,
                    "title_en": h.title_en,
                    "ordinal": h.ordinal,
                    "labels": [{k: getattr(label, k) for k in keys if getattr(label, k)} for label in h.labels],
                }
                for h in self.heads.values()
            },
        }


def wrong_head(name: Any, named: Iterable[Any] = ()) -> str:
    """What is wrong with the name of a head, for people; empty when nothing is.

    Args:
        named: the other heads; a name that is nearly one of :data:`HEADS` is fine where that one is there too.
    """
    if name in HEADS:
        return ""
    meant = [head for head in get_close_matches(str(name), HEADS, 1, 0.8) if head not in named]
    if meant:
        return f"{name!r} 是不是想写 {meant[0]}？自己的标签头请换一个不这么像的名字"
    if not isinstance(name, str) or not HEAD_NAME.fullmatch(name):
        return f"{name!r} 不能做标签头的名字；用小写字母、数字和下划线，字母开头，至多 32 个字符，如 product_line"
    if name in TAKEN or name.startswith("predicted_") or name.endswith(("_confidence", "_action")):
        return f"{name!r} 是数据文件或决定里别的东西的名字；请换一个，如 {name}_kind"
    return ""


def _head(name: str, spec: Any) -> Head:
    if not isinstance(spec, Mapping) or not isinstance(spec.get("labels"), list) or not spec["labels"]:
        raise TaxonomyError(f"heads.{name} 应有一个不空的 labels 列表", field=f"heads.{name}.labels")
    labels: list[Label] = []
    for i, entry in enumerate(spec["labels"]):
        where = f"heads.{name}.labels[{i}]"
        if not isinstance(entry, Mapping) or not isinstance(entry.get("code"), str):
            raise TaxonomyError(f"{where} 应是带 code 的一项，如 {{code: refund, name: 退款进度}}", field=where)
        unknown = set(entry) - {"code", "name", "name_en", "definition", "definition_en", "stage"}
        if unknown:
            raise TaxonomyError(f"{where} 有不认识的键 {sorted(unknown)}", field=where)
        code = entry["code"]
        if not CODE.fullmatch(code):
            raise TaxonomyError(f"{where} 的 code {code!r} 不合规：1–64 个字符，不含空白、逗号、引号", field=where)
        if any(code == label.code for label in labels):
            raise TaxonomyError(f"{where} 的 code {code!r} 写了两次", field=where)
        text = {k: str(entry.get(k, "") or "") for k in ("name", "name_en", "definition", "definition_en", "stage")}
        labels.append(Label(code=code, **{**text, "name": text["name"] or code}))
    return Head(
        name=name,
        labels=tuple(labels),
        title=str(spec.get("title", name)),
        title_en=str(spec.get("title_en", name)),
        ordinal=bool(spec.get("ordinal", False)),
    )


def in_order(heads: Iterable[str]) -> list[str]:
    """``heads`` in the order in which they are always listed: those every shop knows, then a shop's own as given."""
    named = list(dict.fromkeys(heads))
    return [head for head in HEADS if head in named] + [head for head in named if head not in HEADS]
