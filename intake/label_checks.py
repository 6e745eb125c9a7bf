"""What looks wrong in a set of labelled tickets though every cell can be read: it is told, and training goes on."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from intake.report import Report, RowSource

FEW = 5
"""A class with fewer tickets is named: nothing can be promised for it, and hardly anything learned."""

_ENOUGH = 10
"""Tickets that a class needs before it is said that one sign gives it away."""

_NEARLY_ALL, _HARDLY_ANY = 0.95, 0.02
_FRAME = 0.5
"""Share of all tickets in which a line is part of a form's frame."""

_LEAST_ROWS = 20
_TAG = re.compile(r"[【\[][^】\]\n]{1,20}[】\]]")
_FIELD = re.compile(r"^\s*([^\n：:]{2,12})[：:]", re.MULTILINE)


def check_labelled(
    texts: Sequence[str],
    labels: Mapping[str, Sequence[str | None]],
    sources: Sequence[RowSource],
    report: Report,
    names: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Adds to ``report``: same text with two labels, classes with hardly any ticket, classes that one sign in the text gives
    away, lines that most tickets share.

    Args:
        names: head -> code -> what people call it.
    """
    for head, column in labels.items():
        _conflicts(head, texts, column, sources, report)
        counts = Counter(code for code in column if code)
        few = sorted((code for code, n in counts.items() if n < FEW), key=lambda code: (-counts[code], code))
        if few:
            shown = "、".join(f"“{code}”{counts[code]} 条" for code in few[:20]) + ("…" if len(few) > 20 else "")
            report.add_all(
                "small_classes",
                f"{head} 有 {len(few)} 类不到 {FEW} 条：{shown}；这么少学不会，也不能承诺什么，会交给人",
                [source for source, code in zip(sources, column, strict=True) if code in few],
            )
        _given_away(head, texts, column, sources, report, (names or {}).get(head, {}))
    _frame(texts, sources, report)


def _conflicts(
    head: str, texts: Sequence[str], column: Sequence[str | None], sources: Sequence[RowSource], report: Report
) -> None:
    first: dict[str, dict[str, int]] = defaultdict(dict)
    for i, (text, code) in enumerate(zip(texts, column, strict=True)):
        if code:
            first["".join(text.split())].setdefault(code, i)
    at_odds = [places for places in first.values() if len(places) > 1]
    if not at_odds:
        return
    shown = []
    for places in at_odds[:3]:
        rows = sorted(places.items(), key=lambda item: item[1])
        where = "与".join(f"第 {sources[i].row} {sources[i].unit}" for _, i in rows)
        shown.append(f"{where}文字相同，标签不同：{' / '.join(code for code, _ in rows)}")
    rest = f"……共 {len(at_odds):,} 处" if len(at_odds) > 3 else ""
    report.add_all(
        "conflicting_labels",
        f"{head} 有 {len(at_odds):,} 处同样的文字标了不同的标签：{'；'.join(shown)}{rest}",
        [sources[i] for places in at_odds for i in sorted(places.values())],
        mend="训练照常进行；请核对后改成一致",
    )


def _given_away(
    head: str,
    texts: Sequence[str],
    column: Sequence[str | None],
    sources: Sequence[RowSource],
    report: Report,
    names: Mapping[str, str],
) -> None:
    """Classes nearly all of whose tickets hold their own name, or a tag in brackets, that hardly any other ticket holds."""
    rows: dict[str, list[int]] = defaultdict(list)
    for i, code in enumerate(column):
        if code:
            rows[code].append(i)
    total = sum(map(len, rows.values()))
    if len(rows) < 2:
        return
    tags = [set(_TAG.findall(text)) for text in texts]
    folded = [text.casefold() for text in texts]
    signs: dict[str, str] = {}
    for code, at in rows.items():
        if len(at) < _ENOUGH:
            continue
        usual = [tag for tag, n in Counter(tag for i in at for tag in tags[i]).items() if n >= _NEARLY_ALL * len(at)]
        for sign in [*usual, *{code, names.get(code, code)}]:
            word = sign.casefold()
            if sum(word in folded[i] for i in at) < _NEARLY_ALL * len(at):
                continue
            outside = sum(word in folded[i] for other, places in rows.items() if other != code for i in places)
            if outside <= _HARDLY_ANY * (total - len(at)):
                signs[code] = sign
                break
    if signs:
        shown = "、".join(f"{code}（几乎每条都有“{sign}”）" for code, sign in list(signs.items())[:8])
        report.add_all(
            "given_away",
            f"{head} 有 {len(signs)} 类的文字里带着答案：{shown}。要是系统写进去的，成绩会好得不真实",
            [sources[i] for code in signs for i in rows[code]],
            mend="请把它从文字里去掉再训练；客户自己说的就不用管",
        )


def _frame(texts: Sequence[str], sources: Sequence[RowSource], report: Report) -> None:
    """Lines, and names of form fields, that stand in most tickets."""
    if len(texts) < _LEAST_ROWS:
        return
    lines: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    for text in texts:
        lines.update({line.strip() for line in text.split("\n") if len(line.strip()) >= 6})
        fields.update(set(_FIELD.findall(text)))
    shared = [line for line, n in lines.most_common(20) if n > _FRAME * len(texts)]
    forms = [name.strip() for name, n in fields.most_common(20) if n > _FRAME * len(texts)]
    if shared or len(forms) > 1:
        shown = "、".join(f"“{part:.20}”" for part in [*shared, *(f"{name}：" for name in forms)][:6])
        top = max([lines[line] for line in shared] + [fields[name] for name in fields if name.strip() in forms])
        held = [
            source
            for text, source in zip(texts, sources, strict=True)
            if any(line in text for line in shared) or any(name in text for name in forms)
        ]
        report.add_all(
            "template",
            f"{top:,} 条工单（{top / len(texts):.0%}）里有同样的字句：{shown}，像是表单或模板的框架",
            held,
            mend="框架不是客户说的话；能在导出时去掉最好",
        )
