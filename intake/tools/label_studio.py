"""Label Studio's shapes: the labelling config, tasks with pre-annotations, and what comes back. Pure.

Choices carry the label's name for people and its code as ``alias``, so results hold codes. What comes back may be Label
Studio's own export (JSON) or its converter's short one (JSON_MIN); the converter's CSV is read like any CSV.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from intake.headings import role_of
from triage.taxonomy import HEADS, Taxonomy

DATA = ("text", "ticket_id", "revision", "channel", "created_at", "received_at", "reason")
"""What a task's ``data`` holds; ``ticket_id`` and ``revision`` lead back to the ticket."""

PEOPLE = "people"
"""The ``model_version`` of what people said already."""


def config(taxonomy: Taxonomy) -> str:
    """The labelling config (XML): the text, and one set of choices a head."""
    lines = ["<View>", '  <Text name="text" value="$text"/>']
    for head in taxonomy.heads.values():
        lines.append(f'  <Header value={quoteattr(head.title or head.name)} size="4"/>')
        lines.append(f'  <Choices name="{head.name}" toName="text" choice="single" showInline="true">')
        for label in head.labels:
            hint = f" hint={quoteattr(label.definition)}" if label.definition else ""
            lines.append(f"    <Choice value={quoteattr(label.name)} alias={quoteattr(label.code)}{hint}/>")
        lines.append("  </Choices>")
    return "\n".join([*lines, "</View>", ""])


def task(
    data: Mapping[str, Any], predicted: Mapping[str, tuple[str, float | None]], model: str, labels: Mapping[str, str]
) -> dict[str, Any]:
    """One task with pre-annotations: the model's answers, and what people said already under the name :data:`PEOPLE`.

    Labels are not sent as annotations: they would come back under the name of whoever opened the project, as if two people
    had agreed. A prediction's ``score`` is its least sure head's; each head's own stands beside its choice. Guesses have none.
    """
    out: dict[str, Any] = {"data": dict(data)}
    predictions: list[dict[str, Any]] = []
    if labels:
        predictions.append(
            {"model_version": PEOPLE, "result": [_choice(head, label) for head, label in labels.items()]}
        )
    if predicted:
        scores = {head: {"score": score} for head, (_, score) in predicted.items() if score is not None}
        predictions.append(
            {
                "model_version": model,
                **({"score": min(score["score"] for score in scores.values())} if scores else {}),
                "result": [{**_choice(head, label), **scores.get(head, {})} for head, (label, _) in predicted.items()],
            }
        )
    return {**out, "predictions": predictions} if predictions else out


def recognises(cells: Mapping[str, Any]) -> bool:
    """Whether a row is a task as Label Studio exports it (its JSON_MIN and CSV are flat rows like any others)."""
    return isinstance(cells.get("data"), Mapping) and ("annotations" in cells or "predictions" in cells)


def rows(task: Mapping[str, Any], heads: Sequence[str] = HEADS) -> Iterator[dict[str, Any]]:
    """What people said in one exported task: the cells of its data, with heads, ``by`` and ``at`` of each annotation.

    A cancelled annotation says nothing, and neither does one without a choice, or a task that nobody annotated.

    Raises:
        ValueError: names what of the task is not as Label Studio writes it.
    """
    data = task.get("data")
    if not isinstance(data, Mapping):
        raise ValueError(f"任务没有 data：{str(dict(task))[:60]}")
    if "annotations" not in task:
        return
    given = task["annotations"]
    if not isinstance(given, list):
        raise ValueError("任务的 annotations 应是一个列表")
    for one in given:
        if not isinstance(one, Mapping) or not isinstance(one.get("result", []), list):
            raise ValueError(f"annotations 里应是带 result 列表的对象；收到的是 {str(one)[:60]}")
        if one.get("was_cancelled") or one.get("skipped"):
            continue
        labels = _choices(one.get("result", []), heads)
        if labels:
            at = one.get("updated_at") or one.get("created_at")
            yield {**data, **labels, "by": person(one.get("completed_by")), "at": at}


def person(value: Any) -> str:
    """Who completed an annotation: an id, an e-mail, or an object with either."""
    if isinstance(value, Mapping):
        value = value.get("email") or value.get("username") or value.get("id")
    return "" if value is None else str(value)


def _choices(result: list[Any], heads: Sequence[str]) -> dict[str, Any]:
    labels: dict[str, Any] = {}
    for region in result:
        if not isinstance(region, Mapping) or region.get("type") != "choices":
            continue
        name = str(region.get("from_name"))
        place = role_of(name)
        head = name if name in heads else place[0] if place else ""
        if head not in heads:
            continue
        chosen = (region.get("value") or {}).get("choices")
        if not isinstance(chosen, list) or len(chosen) != 1:
            raise ValueError(f"{head} 应只选一个；收到的是 {str(chosen)[:60]}")
        labels[head] = chosen[0]
    return labels


def _choice(head: str, label: str) -> dict[str, Any]:
    return {"from_name": head, "to_name": "text", "type": "choices", "value": {"choices": [label]}}
