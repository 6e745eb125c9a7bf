"""Markdown that chat tools and web editors write: links, pictures, code fences, headings, strong words.

Of a link its words are read, of a picture nothing. ``#话题#`` is a topic, not a heading; stars that hide a name, a number or a curse
(张**, 188****4460) and those of masking are no strong words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from features.own_words.region import JOINER, Finder, Region

_ADDRESS = r"(?:[a-zA-Z][a-zA-Z0-9+.\-]{1,12}:|/|#|\.{1,2}/)(?:[^\s()<>]|\([^\s()<>]{0,200}\)){0,2000}"
_LINK = re.compile(
    rf"(?P<picture>!?)\[(?P<words>[^\[\]\n]{{0,300}})\]"
    rf"\([ \t]{{0,3}}<?{_ADDRESS}>?(?:[ \t]{{1,3}}\"[^\"\n]{{0,200}}\")?\)"
)
_FENCE = re.compile(r"^[ \t]{0,3}(?:`{3,20}|~{3,20})[A-Za-z0-9+#\-_]{0,20}[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(?=[^\s#])", re.MULTILINE)
_STRONG = re.compile(r"(?<![*\]0-9A-Za-z\\])\*\*(?=[^\s*])[^*\n，。！？,!?；;]{1,40}(?<=[^\s*])\*\*(?![*])")


def find(text: str) -> Iterator[Region]:
    """Marks and addresses."""
    for match in _LINK.finditer(text):
        if match["picture"]:
            yield Region(*match.span())
        else:
            yield Region(match.start(), match.start("words"), fill=JOINER)
            yield Region(match.end("words"), match.end(), fill=JOINER)
    for pattern in (_FENCE, _HEADING):
        for match in pattern.finditer(text):
            yield Region(*match.span())
    for match in _STRONG.finditer(text):
        yield Region(match.start(), match.start() + 2, fill=JOINER)
        yield Region(match.end() - 2, match.end(), fill=JOINER)


_SIGN = re.compile(r"\]\(|```|~~~|\*\*|# |#\t")
FINDER = Finder("markdown", ("](", "```", "~~~", "**", "# ", "#\t"), _SIGN.search, find)
