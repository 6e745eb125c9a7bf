"""Which column of a file is for what, and why. Two that could be the same thing are asked about, never chosen between."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intake.files.data_file import DataFile
from intake.headings import OURS_ONLY, ROLES, role_of, zone_hours
from intake.options import ReadOptions, quoted
from triage.errors import DataError, QuestionError
from triage.taxonomy import HEADS

TITLES: dict[str, str] = {
    "text": "客户说的话",
    "subject": "标题",
    "body": "正文",
    "category": "分类",
    "urgency": "紧急程度",
    "sentiment": "情绪",
    "ticket_id": "工单编号",
    "customer_id": "客户编号",
    "created_at": "创建时间",
    "channel": "渠道",
    "customer_tier": "客户等级",
    "order_amount": "订单金额",
    "contact_count": "联系次数",
}
"""What a role is, for people."""

_CONTAINERS = ("ticket", "fields", "data", "issue", "attributes", "custom_fields", "meta", "metadata", "conversation")
"""Objects inside a JSON row whose own keys are looked at, too."""

_LABEL_LISTS = ("labels", "cats")
"""What labelling tools call a list of labels; elsewhere ``labels`` are tags."""

_LOOKED_AT = 200
"""Rows by which it is judged whether a column holds text."""


@dataclass(slots=True)
class Columns:
    """Role -> heading, and why it was taken for that.

    Attributes:
        of: role -> heading, a path with dots where the cell stands inside an object.
        why: role -> reason, in Chinese.
        unread: headings that nothing is read from.
        hours: zone of ``created_at`` as its heading names it, hours east of Greenwich; None where it names none.
    """

    of: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    hours: float | None = None

    def cell(self, cells: Mapping[str, Any], role: str) -> Any:
        """The cell of a row for ``role``; None where the file has none."""
        heading = self.of.get(role)
        if heading is None:
            return None
        return cells[heading] if heading in cells else _inside(cells, heading)

    def is_ours(self, role: str) -> bool:
        """Whether the column was called by our own name, or named by a person: then it is meant to be read."""
        return self.why.get(role) in (_OWN, _SAID)


_OWN = "就是这个名字"
_SAID = "--column 指明的"
_USUAL = "各家系统常用的列名"


def assign(data: DataFile, options: ReadOptions, roles: Iterable[str], *, words: bool = True) -> Columns:
    """Finds the column for each of ``roles``; notes what was taken for what in ``data.report``.

    Args:
        words: whether the customer's words are needed.

    Raises:
        DataError: a heading that ``options`` names is not there; a column that is read stands twice; no column with words.
        QuestionError: two columns could be the same thing.
    """
    wanted = [role for role in roles if options.columns.get(role) != ""]
    found = Columns()
    _take_said(data, options, found)
    known = _known(data, wanted)
    for role in wanted:
        if role not in found.of and not _is_said_otherwise(role, found):
            _take_known(data, role, known.get(role, {}), found)
    if "subject" in found.of and "body" not in found.of and found.why.get("text") == _USUAL:
        found.of["body"], found.why["body"] = found.of.pop("text"), found.why.pop("text")
    if "text" in found.of:  # a whole text stands for subject and body, unless it is blank in a row
        for role in ("subject", "body"):
            if role in found.of and found.why[role] not in (_OWN, _SAID):
                del found.of[role], found.why[role]
    elif "body" in found.of and "subject" not in found.of and found.why["body"] not in (_OWN, _SAID):
        found.of["text"], found.why["text"] = found.of.pop("body"), found.why.pop("body")
    for heading in found.of.values():
        if heading.split(".", 1)[0] in data.repeated or heading in data.repeated:
            raise DataError(f"{data.path}：列名写了两次：{heading}；请改名或删去一列", field=heading)
    read = {heading.split(".", 1)[0] for heading in found.of.values()} | set(found.of.values())
    found.unread = tuple(name for name in data.columns if name not in read)
    if words:
        _check_words(data, options, found)
    found.of = {role: found.of[role] for role in dict.fromkeys([*ROLES, *found.of]) if role in found.of}
    if "created_at" in found.of:
        found.hours = zone_hours(found.of["created_at"])
    _note(data, found)
    return found


def _is_said_otherwise(role: str, found: Columns) -> bool:
    """Whether a person named another column for the customer's words: a whole text, or a body."""
    if role == "text":
        return found.why.get("body") == _SAID
    return role in ("subject", "body") and found.why.get("text") == _SAID


def _take_said(data: DataFile, options: ReadOptions, found: Columns) -> None:
    for role, heading in options.columns.items():
        if not heading:
            continue
        name = next((c for c in data.columns if c == heading or c.strip() == heading), None)
        if name is None and any(_inside(cells, heading) is not None for _, cells in data.rows[:_LOOKED_AT]):
            name = heading
        if name is None:
            near = difflib.get_close_matches(heading, data.columns, n=1, cutoff=0.4)
            hint = f"是不是想写 {near[0]}？" if near else ""
            raise DataError(
                f"{data.path}：没有 --column {role}={heading} 说的列；{hint}现有的列：{'、'.join(data.columns)}",
                field="column",
            )
        found.of[role], found.why[role] = name, _SAID


def _known(data: DataFile, wanted: Iterable[str]) -> dict[str, dict[int, list[str]]]:
    """Role -> rank -> headings of the file that name it."""
    own = set(wanted) - set(ROLES)
    known: dict[str, dict[int, list[str]]] = {}
    for name in (*data.columns, *_nested(data)):
        if name in own:  # a head that only this shop has is called by its own name
            known.setdefault(name, {}).setdefault(0, []).append(name)
            continue
        if name in _LABEL_LISTS and any(isinstance(cells.get(name), list) for _, cells in data.rows[:_LOOKED_AT]):
            known.setdefault("category", {}).setdefault(3, []).append(name)
            continue
        if name in _CONTAINERS and any(isinstance(cells.get(name), Mapping) for _, cells in data.rows[:_LOOKED_AT]):
            continue
        place = role_of(name.rsplit(".", 1)[-1] if name not in data.columns else _first_name(data, name))
        if place:
            known.setdefault(place[0], {}).setdefault(place[1], []).append(name)
    return known


def _first_name(data: DataFile, name: str) -> str:
    """The heading as it stands in the file: the second ``Comment`` is called ``Comment.2`` by us."""
    stem, dot, number = name.rpartition(".")
    return stem if dot and number.isdecimal() and stem in data.repeated else name


def _nested(data: DataFile) -> list[str]:
    """Paths of cells inside the objects of JSON rows, where the object is one that systems wrap a ticket in."""
    if data.form not in ("jsonl", "json"):
        return []
    paths: dict[str, None] = {}
    for _, cells in data.rows[:_LOOKED_AT]:
        for outer in _CONTAINERS:
            inner = cells.get(outer)
            if isinstance(inner, Mapping):
                paths.update(dict.fromkeys(f"{outer}.{key}" for key in inner))
    return [path for path in paths if path not in data.columns]


def _take_known(data: DataFile, role: str, ranks: Mapping[int, list[str]], found: Columns) -> None:
    if not ranks:
        return
    rank = min(ranks)
    names = [name for name in ranks[rank] if name not in found.of.values()]
    names = list(dict.fromkeys(_first_name(data, name) for name in names))
    if not names:
        return
    if len(names) > 1:
        filled = [name for name in names if any(not _is_empty(_get(cells, name)) for _, cells in data.rows)]
        names = filled or names[:1]
    if len(names) > 1:
        raise _question(data, role, names)
    found.of[role] = names[0]
    found.why[role] = _OWN if rank == 0 else _USUAL


def _question(data: DataFile, role: str, names: Sequence[str]) -> QuestionError:
    shown = "、".join(f"“{name}”" for name in names)
    ways = " 或 ".join(_flag(role, name) for name in names)
    return QuestionError(
        f"{data.path}：{shown} 都可能是 {role}（{TITLES.get(role, role)}），说不准是哪一列；请在命令后面加上 {ways}"
        f"（都不要就写 --column {role}=）",
        ways=[_flag(role, name) for name in names],
        field=role,
    )


def _flag(role: str, heading: str) -> str:
    return f"--column {quoted(f'{role}={heading}')}"


def _check_words(data: DataFile, options: ReadOptions, found: Columns) -> None:
    """That there is a column with the customer's words, and not a subject alone while the words stand in a column unread."""
    if found.of.keys() & {"text", "body"}:
        return
    look = _look_like_text(data, found.unread)
    if "subject" in found.of:
        if look and options.columns.get("body") != "" and found.why["subject"] != _SAID:
            raise QuestionError(
                f"{data.path}：只认出了标题“{found.of['subject']}”，没有认出正文；像是客户说的话的列：{'、'.join(look)}。"
                f"请在命令后面加上 {_flag('body', look[0])}（只读标题就写 --column body=）",
                ways=[_flag("body", name) for name in look],
                field="body",
            )
        data.report.note(
            "subject_only",
            data.path,
            f"只读了标题“{found.of['subject']}”，没有正文",
            mend=f"有正文的列请加 --column body=列名；现有的列：{'、'.join(data.columns)}",
        )
        return
    columns = "、".join(data.columns)
    message = f"{data.path}：没有 text 列（也没有 subject、body）；现有的列：{columns}。"
    ways = [_flag("text", name) for name in look]
    if look:
        message += f"像是客户说的话的列：{'、'.join(look)}。"
    said = ways[0] if ways else "--column text=列名"
    for role in HEADS:
        if role not in found.of and (near := _near(role, found.unread)):
            said += f" {_flag(role, near)}"
            ways = [f"{way} {_flag(role, near)}" for way in ways]
    message += f"请说明哪一列是客户说的话，在命令后面加上 {said}，或者把那一列改名为 text"
    if not found.of.keys() & set(HEADS):
        message += "（要训练的话，标签列也用 --column category=列名 说明）"
    if any(len(name) >= 8 and any(mark in name for mark in "，。！？") for name in data.columns):
        message += "。第一行像是工单本身，不是列名；请在最上面加一行列名，如 text,category"
    elif any("，" in name for name in data.columns):
        ways = []
        message += "。列名里有全角逗号“，”，像是用它分隔的；请改成半角逗号再试"
    raise QuestionError(message, ways=ways, field="text")


def _near(role: str, names: Sequence[str]) -> str:
    return next((name for name in names if TITLES[role] in name), "")


def _look_like_text(data: DataFile, names: Sequence[str]) -> list[str]:
    """Columns whose cells look like sentences, the likeliest first."""
    worth = []
    for name in names:
        cells = [cell for _, row in data.rows[:_LOOKED_AT] if isinstance(cell := row.get(name), str) and cell.strip()]
        if len(cells) * 2 < min(len(data.rows), _LOOKED_AT) or not cells:
            continue
        length = sum(map(len, cells)) / len(cells)
        wordy = sum(any("\u4e00" <= char <= "\u9fff" for char in cell) or cell.count(" ") > 2 for cell in cells)
        if length >= 6 and len(set(cells)) * 2 > len(cells) and wordy * 2 > len(cells):
            worth.append((length, name))
    return [name for _, name in sorted(worth, reverse=True)[:3]]


def _note(data: DataFile, found: Columns) -> None:
    taken = [
        f"“{heading}”→{role}"
        for role, heading in found.of.items()
        if found.why[role] != _OWN and not (role in OURS_ONLY and heading == role)
    ]
    if taken:
        data.report.note("columns", data.path, f"列是这样读的：{'，'.join(taken)}", n=len(taken))


def _get(cells: Mapping[str, Any], name: str) -> Any:
    return cells[name] if name in cells else _inside(cells, name)


def _inside(cells: Mapping[str, Any], path: str) -> Any:
    """The cell at a path with dots inside the objects of a JSON row; of an object with a name, its name."""
    value: Any = cells
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping) and isinstance(value.get("name"), str):
        return value["name"]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())
