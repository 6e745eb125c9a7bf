"""Markup of mails and web editors: tags, comments, style sheets, hidden preheaders, entities.

A tokeniser of our own and not the standard library's ``HTMLParser``: what that one does with a text cut in the middle of a
tag differs between patch releases of Python (a model must read a text tomorrow as it did today), it takes ``<M`` and
``<b且`` for tags, and it needs quadratic time on some broken texts. Names of entities are the library's. Only names that
HTML has (or that Office adds, ``o:p``) are tags, so 尺码<M, 3<5, <3 and <zhang@qq.com> stay.

What a mail program marked as quotation or signature is left out here too, as the tags that say so are gone afterwards; but
a mail that says nothing of its own outside a quotation keeps it (see :mod:`features.own_words.quoted`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import NamedTuple

from features.own_words.html_names import BLOCK, CELL, HIDDEN, INLINE, QUOTED, RAW, REST_QUOTED, SIGNED, VOID
from features.own_words.quoted import says_own
from features.own_words.region import JOINER, Finder, Region, blanked

_TOKEN = re.compile(
    r"<(?:(?P<open>!--|!\[CDATA\[|[!?](?=[a-zA-Z\[]))|(?P<close>/?)(?P<name>(?:(?:o|v|w|m|x|st1|dt):)?[a-zA-Z][a-zA-Z0-9]*)(?=[\s/>]|\Z))"
    r"|(?P<entity>&(?:amp;){0,6}(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,24});|&nbsp(?![a-zA-Z0-9;]))"
    r"|\]\]>",
    re.ASCII,
)
_ATTRIBUTES = re.compile(r"""(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+>""")
_PROSE = re.compile(r"[^=]*[\u3040-\uffef][^=]*")
_CUT = re.compile(r"<(?:/[a-zA-Z0-9]{0,10})?\Z")
_SHORTEST_TELLING = 6
"""Attributes that are shorter say nothing of what is hidden, quoted or a signature."""

_OFFICE = re.compile(r"(?:o|v|w|m|x|st1|dt):", re.ASCII)


class _Tag(NamedTuple):
    """A tag: its stretch, its name in small letters, whether it closes, its attributes in small letters."""

    start: int
    end: int
    name: str
    closes: bool
    attributes: str


def find(text: str) -> Iterator[Region]:
    """Tags, comments, raw bodies, hidden elements, entities; then quotations and signatures that tags mark."""
    tags, others = _tokens(text)
    if not _is_markup(tags, others):
        tags = []
    regions = [*others, *map(_read_as, tags)]
    cut = _CUT.search(text, max(0, len(text) - 12)) if tags else None
    regions += [Region(*cut.span())] if cut else []
    telling = [
        (tag, end) for tag, end in zip(tags, _ends(tags), strict=True) if len(tag.attributes) > _SHORTEST_TELLING
    ]
    regions += [Region(tag.start, end) for tag, end in telling if end and HIDDEN.search(tag.attributes)]
    signed = [Region(tag.start, end) for tag, end in telling if end and SIGNED.search(tag.attributes)]
    quoted = [
        Region(tag.start, end)
        for tag, end in telling
        if end and QUOTED.search(f"{tag.name} {tag.attributes}") and not REST_QUOTED.search(tag.attributes)
    ]
    rest = next((tag.start for tag, _ in telling if not tag.closes and REST_QUOTED.search(tag.attributes)), None)
    quoted += [] if rest is None else [Region(rest, len(text))]
    if quoted and says_own(blanked(text, [*regions, *signed, *quoted]).replace(JOINER, "")):
        regions += quoted
    yield from (*regions, *signed)


def _tokens(text: str) -> tuple[list[_Tag], list[Region]]:
    """Tags; and comments, declarations, bodies of raw elements and entities as regions. One pass."""
    tags: list[_Tag] = []
    others: list[Region] = []
    at = 0
    missing: set[str] = set()
    while (token := _TOKEN.search(text, at)) is not None:
        start, at = token.span()
        if token["entity"]:
            read = _entity(token["entity"])
            if read is not None:
                others.append(Region(start, at, *read))
        elif token["open"]:
            if token["open"] != "![CDATA[":
                closing = "-->" if token["open"] == "!--" else ">"
                end = _after(text, closing, at, missing) or _after(text, ">", at, missing)
                at = end or at
            others.append(Region(start, at, fill=JOINER))
        elif token["name"] is None:  # ]]>
            others.append(Region(start, at))
        else:
            name = token["name"].lower()
            if name not in BLOCK and name not in CELL and name not in INLINE and not _OFFICE.match(name):
                continue
            end = _tag_end(text, at, missing)
            if end is None:
                if not token["close"] and len(name) == 1:
                    continue
                end = len(text)
            if _PROSE.fullmatch(text, at, end):  # 价格 <b 但是 … > is no attribute
                continue
            tags.append(_Tag(start, end, name, bool(token["close"]), text[at:end].lower()))
            at = end
            if name in RAW and not token["close"] and not tags[-1].attributes.endswith("/>"):
                body = _body_end(text, name, at, missing)
                others.append(Region(at, body))
                at = body
    return tags, others


def _tag_end(text: str, at: int, missing: set[str]) -> int | None:
    """Where a tag ends whose name ended at ``at``; None when it is cut off by the end of the text or by another tag."""
    match = _ATTRIBUTES.match(text, at)
    if match:
        return match.end()
    end = _after(text, ">", at, missing)  # a quotation mark is missing: the first > then
    cut = text.find("<", at, end or len(text))
    return None if end is None and cut < 0 else (end if cut < 0 else cut)


def _body_end(text: str, name: str, at: int, missing: set[str]) -> int:
    """Where the body of a raw element ends; a style sheet or program that is never closed goes to the end of the text."""
    close = None if name in missing else re.compile(rf"</{name}(?=[\s/>]|\Z)", re.IGNORECASE).search(text, at)
    if close:
        return close.start()
    missing.add(name)
    return len(text) if name in ("style", "script") else at


def _after(text: str, sign: str, at: int, missing: set[str]) -> int | None:
    """Offset behind the next ``sign``. What is missing once is missing further on: not looked for again, so linear."""
    if sign in missing:
        return None
    found = text.find(sign, at)
    if found < 0:
        missing.add(sign)
        return None
    return found + len(sign)


def _is_markup(tags: list[_Tag], others: list[Region]) -> bool:
    """尺码<S>和<M> is not: bare capitals alone are no markup, with a closing tag, an attribute or a longer name they are."""
    return bool(tags) and (
        any(not region.silent for region in others)
        or any(tag.closes or len(tag.name) > 1 or len(tag.attributes) > 1 or tag.name == "p" for tag in tags)
    )


def _read_as(tag: _Tag) -> Region:
    if tag.name in BLOCK:
        return Region(tag.start, tag.end, "\n")
    if tag.name in CELL:
        return Region(tag.start, tag.end, "\t")
    blank = tag.name in VOID and tag.name != "wbr"
    return Region(tag.start, tag.end, fill=" " if blank else JOINER)


def _ends(tags: list[_Tag]) -> list[int]:
    """(tags,) where the element ends that each tag opens; 0 when it is never closed, or closes or is empty itself."""
    ends = [0] * len(tags)
    open_at: dict[str, list[int]] = {}
    for i, tag in enumerate(tags):
        if tag.name in VOID:
            ends[i] = tag.end
        elif not tag.closes:
            open_at.setdefault(tag.name, []).append(i)
        elif open_at.get(tag.name):
            ends[open_at[tag.name].pop()] = tag.end
    return ends


def _entity(entity: str) -> tuple[str, str, bool] | None:
    """How an entity is read (put, fill, silent); None when there is none of that name. ``&amp;nbsp;`` was escaped twice."""
    name = entity[entity.rindex("&") + 1 :]
    while name.startswith("amp;") and len(name) > 4:
        name = name[4:]
    if name.startswith("#"):
        code = int(name[2:-1], 16) if name[1] in "xX" else int(name[1:-1])
        read = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
    else:
        found = html5.get(name if name.endswith(";") else f"{name};")
        if found is None:
            return None
        read = found
    if read in "\n\r":
        return "\n", " ", False
    if read.isspace() or not read.isprintable():
        return ("", JOINER, False) if read in "\u200b\u200c\u200d\u2060\u00ad\ufeff\u200e\u200f" else ("", " ", False)
    return read[:2], JOINER, True


_SIGN = re.compile(r"<[a-zA-Z/!?]|&[a-zA-Z#]|\]\]>")
FINDER = Finder("html", ("<", "&", "]]>"), _SIGN.search, find)
