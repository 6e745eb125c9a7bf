"""A column of labels in a shop's own words -> codes, with a note of what was read as what. One rule for files, import and HTTP.

In this order a word is: what a person said it is (``--label``); a code or a name of the taxonomy, letter case, width, script,
blanks and marks at the ends aside; a word for nothing; a usual word for an urgency or a sentiment; a step of a scale (P1, 三级)
where the whole column shows the scale. Without a taxonomy (``--taxonomy infer``) any other word is a label of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from intake.options import quoted
from intake.report import Report, RowSource
from intake.scales import number_of, read_scale
from intake.values import plain
from intake.vocabulary import LabelVocabulary, unknown_label
from intake.words import STANDARD, TOP, folded_label, is_placeholder, is_unsaid, settle_top
from triage.errors import DataError, QuestionError
from triage.taxonomy import CODE, Head, Label, Taxonomy

Unknown = Literal["refuse", "keep"]
"""What becomes of a word that the taxonomy does not know: training refuses it, judging keeps it to name it."""

_FORBIDDEN = re.compile(r"[,;|\"']")
_JOINTS = re.compile(r"\s*(?:[;；,，、/|+&#]|和|及|以及|\s与\s)\s*")
_SHOWN = 12
"""Words that a note lists; the rest is counted."""


@dataclass(slots=True)
class LabelColumn:
    """One head's labels of all files.

    Attributes:
        codes: one a cell, None where it says nothing or could not be read.
        names: code -> what people call it, where that is not the code itself.
        is_standard: whether the codes are the standard ones of urgency or sentiment, in a column of the shop's own words.
    """

    codes: list[str | None]
    names: dict[str, str] = field(default_factory=dict)
    is_standard: bool = False


def inferred(columns: Mapping[str, LabelColumn]) -> Taxonomy:
    """The taxonomy of labels that came from the data: standard heads in their order and with their names, others sorted.

    Raises:
        TaxonomyError: there is no head.
    """
    plain = Taxonomy.infer({head: column.codes for head, column in columns.items()})
    heads = {}
    for name, head in plain.heads.items():
        column = columns[name]
        if column.is_standard:
            known = STANDARD[name]
            labels = tuple(Label(code, known[code], code) for code in known if code in head.codes)
            heads[name] = Head(name, labels, name, name, ordinal=name == "urgency")
        else:
            labels = tuple(
                Label(code, column.names.get(code, code), column.names.get(code, code)) for code in head.codes
            )
            heads[name] = Head(name, labels, name, name)
    return Taxonomy(heads=heads, version=plain.version, inferred=True)


def named_as(taxonomy: Taxonomy, older: Taxonomy) -> Taxonomy:
    """``taxonomy`` with the names that ``older`` gives the same codes."""
    heads = {}
    for name, head in taxonomy.heads.items():
        known = {label.code: label for label in older.heads[name].labels} if name in older.heads else {}
        heads[name] = replace(head, labels=tuple(known.get(label.code, label) for label in head.labels))
    return Taxonomy(heads=heads, version=taxonomy.version, inferred=taxonomy.inferred)


def read_labels(
    head: str,
    cells: Sequence[tuple[RowSource, Any]],
    taxonomy: Taxonomy | None,
    report: Report,
    *,
    said: Mapping[str, str] | None = None,
    unknown: Unknown = "refuse",
    leave: str = "",
) -> LabelColumn:
    """Reads one head's column; what was read as what, and what could not be read, goes to ``report``.

    Args:
        taxonomy: None takes the labels from the data.
        unknown: what becomes of words that ``taxonomy`` does not know.
        leave: how the column can be left out, for messages.
    """
    rows: dict[str, list[RowSource]] = {}
    words: list[str] = []
    for source, cell in cells:
        word = _word(cell, head, source, report)
        words.append(word)
        if word:
            rows.setdefault(word, []).append(source)
    known = LabelVocabulary(head, taxonomy.heads[head] if taxonomy else None, said)
    codes: dict[str, str] = {}
    for word in rows:
        found = known.find(word)
        if found is None and (is_placeholder(word) or is_unsaid(word)):
            found = ""
        if found is not None:
            codes[word] = found
    rest = [word for word in rows if word not in codes]
    column = LabelColumn([])
    read = _usual(known, rest, head, rows, report, taxonomy, leave)
    codes |= read
    found_codes = set(codes.values()) - {""}
    column.is_standard = bool(
        taxonomy is None
        and known.is_standard
        and found_codes
        and found_codes <= set(STANDARD[head])
        and len(codes) == len(rows)
    )
    rest = [word for word in rest if word not in codes]
    read_as = dict(codes)
    if taxonomy is None or unknown == "keep":
        codes |= _own(rest, head, rows, report, column)
    else:
        for word in rest:
            _refuse(word, head, known, rows[word], report, leave)
    _note_empty(head, rows, codes, known, report)
    _note_read(head, rows, read_as, report)
    column.codes = [codes.get(word) or None for word in words]
    return column


def _word(cell: Any, head: str, source: RowSource, report: Report) -> str:
    """The label of a cell, invisible signs dropped; a list with one is that one."""
    if isinstance(cell, (list, tuple)):
        held = [item for item in cell if item not in (None, "")]
        if len(held) > 1:
            report.add(
                "several_labels",
                f"{head} 里有 {len(held)} 个标签（{'、'.join(map(str, held)):.60}）；一张工单只有一个 {head}，请留下客户此刻最要办的那一件",
                source,
                key=head,
                stops=True,
            )
            return ""
        cell = held[0] if held else ""
    try:
        text = plain(cell, head).strip()
    except DataError as error:
        report.add("unreadable_label", error.message, source, stops=True)
        return ""
    bare = "".join(char for char in text if unicodedata.category(char) != "Cf").strip()
    return bare or text


def _usual(
    known: LabelVocabulary,
    words: Sequence[str],
    head: str,
    rows: Mapping[str, Sequence[RowSource]],
    report: Report,
    taxonomy: Taxonomy | None,
    leave: str,
) -> dict[str, str]:
    """Usual words and scales of urgency and sentiment. Without a taxonomy: all words of the column or none."""
    if not known.is_standard or not words:
        return {}
    usual = {word: code for word in words if (code := known.usual(word))}
    if head == "urgency" and not usual and all(map(number_of, words)) and (taxonomy or len(words) > 1):
        try:
            return dict(read_scale(words) or {})
        except QuestionError as error:
            sources = [source for word in words for source in rows[word]]
            report.add_all("scale", error.message + leave, sources, stops=True, ways=error.ways)
            return dict.fromkeys(words, "")
    strange = [word for word in words if word not in usual]
    if taxonomy is None and usual and strange:
        flags = " ".join(f"--label {head}.{word}={next(iter(STANDARD[head]))}" for word in strange[:3])
        sources = [source for word in strange for source in rows[word]]
        report.add_all(
            "unusual_labels",
            f"{head} 里的 {'、'.join(strange[:_SHOWN])} 不是常用的说法，所以整列按原样当作标签，默认的策略不会给它们加分",
            sources,
            mend=f"要读成标准的标签就加上 {flags} 这样",
        )
        return {}
    top = settle_top(set(usual.values()))
    return {word: top if code == TOP else code for word, code in usual.items()}


def _own(
    words: Sequence[str], head: str, rows: Mapping[str, Sequence[RowSource]], report: Report, column: LabelColumn
) -> dict[str, str]:
    """Words as labels of their own. Those that differ only in form are one, by the form that is used most."""
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(folded_label(word), []).append(word)
    codes: dict[str, str] = {}
    folded = set(groups)
    for group in groups.values():
        best = max(group, key=lambda word: (len(rows[word]), word.casefold() == folded_label(word)))
        code = re.sub(r"\s+", "_", best)
        if fault := _why_not(best, code, head):
            for word in group:
                report.add_all(
                    "forbidden_label",
                    fault if word == best else _why_not(word, code, head) or fault,
                    rows[word],
                    stops=True,
                )
            continue
        if code != best:
            column.names[code] = best
        codes |= dict.fromkeys(group, code)
        if len(group) > 1:
            others = [word for word in group if word != best]
            report.add_all(
                "twin_labels",
                f"{head} 的 {'、'.join(f'“{word}”' for word in others)} 与“{best}”只差在写法（大小写、全半角、繁简、空白或标点），读成了同一类",
                [source for word in others for source in rows[word]],
            )
        parts = [part for part in _JOINTS.split(best) if part]
        if len(parts) > 1 and any(folded_label(part) in folded for part in parts):
            report.add_all(
                "joined_labels",
                f"{head} 的“{best}”像是 {len(parts)} 个标签连在一起（{' + '.join(parts)}），现在当作单独的一类",
                rows[best],
                mend=f"要归到其中一个就加上 --label {quoted(f'{head}.{best}={parts[0]}')}",
            )
    return codes


def _why_not(word: str, code: str, head: str) -> str:
    """Why a word cannot be a label; empty where it can."""
    if found := _FORBIDDEN.search(word):
        parts = [part for part in _JOINTS.split(word) if part]
        choose = f"；要归到其中一个就加上 --label {quoted(f'{head}.{word}={parts[0]}')}" if len(parts) > 1 else ""
        return (
            f"{head} 列的 {word!r:.80} 不能作标签：里面有 {found[0]!r}，不含空白、逗号、分号、竖线、引号才行；"
            f"像是把几个标签写在了一起，而一张工单只有一个 {head}：请留下客户此刻最要办的那一件{choose}"
        )
    if not CODE.fullmatch(code) or not code.isprintable():
        return f"{head} 列的 {word!r:.80} 不能作标签：应是 1–64 个可见字符，不含逗号、分号、竖线、引号"
    return ""


def _refuse(
    word: str, head: str, known: LabelVocabulary, sources: Sequence[RowSource], report: Report, leave: str
) -> None:
    parts = [part for part in _JOINTS.split(word) if part]
    codes = [known.find(part) or known.usual(part).rstrip("?") for part in parts]
    if len(parts) > 1 and any(codes):
        joint = next(char for char in word if char in ";；,，、/|+&#和及与")
        choice = next(filter(None, codes))
        report.add_all(
            "joined_labels",
            f"{head} 列的 {word!r:.80} 用 {joint!r} 连着 {len(parts)} 个标签，而一张工单只有一个 {head}："
            f"请留下客户此刻最要办的那一件，或在命令后面加上 --label {quoted(f'{head}.{word}={choice}')}",
            sources,
            stops=True,
        )
        return
    advice = unknown_label(word, head, known.codes, known.near(word))
    report.add_all(
        "unknown_label",
        f"{advice}。它是哪一个可以用 --label {head}.{word}=… 说明；标签要以数据为准时用 --taxonomy infer{leave}",
        sources,
        stops=True,
    )


def _note_empty(
    head: str, rows: Mapping[str, Sequence[RowSource]], codes: Mapping[str, str], known: LabelVocabulary, report: Report
) -> None:
    empty = [word for word in rows if codes.get(word) == ""]
    unsaid = [word for word in empty if is_unsaid(word) and known.find(word) is None]
    placeholders = [word for word in empty if is_placeholder(word) and word not in unsaid]
    if placeholders:
        sources = _sources(placeholders, rows)
        said = f"{head} 里有 {len(sources):,} 行写的是 {'、'.join(placeholders)}，是空缺的记号，当作没有标签"
        report.add_all("placeholder_labels", said, sources)
    if unsaid:
        sources = _sources(unsaid, rows)
        said = f"{head} 里有 {len(sources):,} 行写的是 {'、'.join(unsaid)}，等于没有选，当作没有标签"
        mend = f"要当作一类就加上 --label {quoted(f'{head}.{unsaid[0]}={unsaid[0]}')}"
        report.add_all("unsaid_labels", said, sources, mend=mend)


def _sources(words: Sequence[str], rows: Mapping[str, Sequence[RowSource]]) -> list[RowSource]:
    return sorted(source for word in words for source in rows[word])


def _note_read(head: str, rows: Mapping[str, Sequence[RowSource]], codes: Mapping[str, str], report: Report) -> None:
    read = [(word, code) for word, code in codes.items() if code and code != word]
    if read:
        shown = "，".join(f"“{word}”→{code}（{len(rows[word]):,} 行）" for word, code in read[:_SHOWN])
        more = f" 等 {len(read)} 种" if len(read) > _SHOWN else ""
        n = sum(len(rows[word]) for word, _ in read)
        report.note("labels_read", "", f"{head} 的说法是这样读的：{shown}{more}", n=n)
