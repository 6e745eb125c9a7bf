"""Files of labelling tools -> flat rows like those of any other file, one a person and ticket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from intake.files.data_file import DataFile
from intake.tools import argilla, label_studio


class LabellingTool(NamedTuple):
    """How a tool's records are known and taken apart."""

    name: str
    recognises: Callable[[Mapping[str, Any]], bool]
    rows: Callable[[Mapping[str, Any], Sequence[str]], Iterator[dict[str, Any]]]


TOOLS = (
    LabellingTool("Label Studio", label_studio.recognises, label_studio.rows),
    LabellingTool("Argilla", argilla.recognises, argilla.rows),
)


def unwrap(data: DataFile, heads: Sequence[str]) -> None:
    """Takes the records of a labelling tool apart, in place; other files stay as they are.

    A record that is broken is a fault of its row; those that nobody labelled are counted.
    """
    tool = next((tool for tool in TOOLS if any(tool.recognises(cells) for _, cells in data.rows[:50])), None)
    if tool is None or data.form not in ("jsonl", "json"):
        return
    out = []
    silent: list[int] = []
    for number, cells in data.rows:
        if number in data.faults:
            out.append((number, cells))
            continue
        try:
            said = list(tool.rows(cells, heads))
        except ValueError as error:
            data.faults[number] = str(error)
            out.append((number, {}))
            continue
        out += [(number, row) for row in said]
        if not said:
            silent.append(number)
    data.tool = tool.name
    data.rows = out
    data.columns = tuple(dict.fromkeys(name for _, cells in out for name in cells))
    if silent:
        data.report.note(
            "unlabelled_records",
            data.path,
            f"{tool.name} 的 {len(silent):,} 条还没有人标，或标在了别的名字下（认得的是 category、urgency、sentiment 或分类、紧急程度、情绪），没有用",
            n=len(silent),
            rows=silent,
        )
