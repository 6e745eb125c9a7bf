"""Reads a correction: what a helpdesk or a reviewer says was right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from features.mask import mask
from intake.vocabulary import read_label
from serving.ids import new_id
from serving.labels.corrections import NewCorrection
from triage.errors import InputError
from triage.labels import MAX_NOTE, REPORTERS
from triage.taxonomy import Taxonomy

FIELDS: tuple[str, ...] = ("ticket_id", "labels", "source", "revision", "by", "note")


class CorrectionError(InputError):
    """A correction breaks the contract."""

    code = "invalid_correction"


def parse_correction(data: Any, *, taxonomy: Taxonomy, now: datetime) -> NewCorrection:
    """Validates one JSON object into a correction; ``note`` is masked here, before it goes anywhere.

    Raises:
        CorrectionError: names the field, the value and what is allowed.
    """
    if not isinstance(data, Mapping):
        raise CorrectionError('更正应是一个 JSON 对象，如 {"ticket_id": "T-1", "labels": {"category": "refund"}}')
    unknown = sorted(str(key) for key in data if key not in FIELDS)
    if unknown:
        raise CorrectionError(f"不认识的字段 {'、'.join(unknown)}；可用的字段：{'、'.join(FIELDS)}", field=unknown[0])
    ticket_id = _short(data, "ticket_id")
    if not ticket_id:
        raise CorrectionError("缺少 ticket_id：要更正哪张工单", field="ticket_id")
    source = data.get("source", "helpdesk")
    if source not in REPORTERS:
        raise CorrectionError(f"source 应是 {'、'.join(REPORTERS)} 之一；收到的是 {source!r:.60}", field="source")
    revision = data.get("revision")
    if revision is not None and (type(revision) is not int or not 1 <= revision < 2**31):
        raise CorrectionError(f"revision 应是从 1 起的整数，省略就是最新一版；收到 {revision!r:.60}", field="revision")
    return NewCorrection(
        id=new_id(),
        ticket_id=ticket_id,
        revision=revision,
        labels=check_labels(data.get("labels"), taxonomy),
        source=source,
        by=_short(data, "by"),
        note=check_note(data.get("note") or ""),
        at=now,
    )


def check_note(note: Any) -> str:
    """The note, masked.

    Raises:
        CorrectionError: it is no text, or too long.
    """
    if not isinstance(note, str) or len(note) > MAX_NOTE:
        raise CorrectionError(f"note 应是不超过 {MAX_NOTE:,} 字的字符串", field="note")
    return mask(note)


def check_labels(labels: Any, taxonomy: Taxonomy) -> dict[str, str]:
    """Head -> label, at least one. A label may be given by its code, its name, or a usual word for it.

    Raises:
        CorrectionError: names the head, the label and what is allowed.
    """
    heads = "、".join(taxonomy.heads)
    if not isinstance(labels, Mapping) or not labels:
        raise CorrectionError(f'labels 应至少说一个，如 {{"category": "refund"}}；可用的键：{heads}', field="labels")
    out: dict[str, str] = {}
    for head, word in labels.items():
        if head not in taxonomy.heads:
            raise CorrectionError(f"labels 里不认识 {head!r:.60}；可用的键：{heads}", field=f"labels.{head}")
        code = read_label(word, taxonomy.heads[head]) if isinstance(word, str) else None
        if not code:
            codes = "、".join(taxonomy.heads[head].codes)
            raise CorrectionError(f"{head} 没有标签 {word!r:.60}；可用的标签：{codes}", field=f"labels.{head}")
        out[head] = code
    return out


def _short(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value.strip()) > 128 or not value.strip().isprintable():
        raise CorrectionError(f"{name} 应是 1–128 个可见字符；收到的是 {value!r:.80}", field=name)
    return value.strip()
