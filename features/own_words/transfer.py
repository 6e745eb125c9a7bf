r"""Letters that nobody decoded: ``\u9000\u6b3e`` of JSON and ``=E9=80=80=E6=AC=BE`` of mails are 退款.

Mails: quoted-printable (RFC 2045, 6.7), and only where it decodes to Chinese somewhere; "满=300" or a formula stays.
They are decoded before anything else, before masking too: the digits of an escape and those behind it would pass for a
number. Each character takes the first place of what stands for it, the rest is filled with joiners.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from features.own_words.region import JOINER, Region, blanked

_ESCAPE = re.compile(r"\\{1,4}(?:u([dD][89abAB][0-9a-fA-F]{2})\\{1,4}u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))")
_BYTES = re.compile(r"=[0-9A-Fa-f]{2}=[0-9A-Fa-f]{2}")
_BYTE = r"=[0-9A-Fa-f]{2}"
_RUN = re.compile(rf"{_BYTE}(?:(?:=[ \t]?\r?\n)?{_BYTE})*+")
_ONE = re.compile(_BYTE)
_SOFT = re.compile(r"=[ \t]{0,8}\r?\n")


def decoded(text: str) -> str:
    """``text`` with such letters decoded in place; same length, and itself when there are none."""
    if "\\u" in text:
        text = blanked(text, _escaped(text))
    return blanked(text, _printable(text)) if _BYTES.search(text) else text


def _escaped(text: str) -> Iterator[Region]:
    r"""``\uXXXX``, after one backslash or, in JSON within JSON, more. Signs of JSON itself stay escaped for its scanner."""
    for match in _ESCAPE.finditer(text):
        high, low, code = match.groups()
        char = chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00) if high else chr(int(code, 16))
        if char.isalnum() or (char >= "\x80" and char.isprintable()):
            yield Region(*match.span(), char, JOINER)


def _printable(text: str) -> Iterator[Region]:
    """The characters that bytes stand for, and soft line breaks."""
    runs = [
        [(m.start(), int(m.group()[1:], 16)) for m in _ONE.finditer(text, *run.span())] for run in _RUN.finditer(text)
    ]
    encoding = next((name for name in ("utf-8", "gb18030") if any(_chinese(run, name) for run in runs)), None)
    if encoding is None:
        return
    taken = [_characters(run, encoding) for run in runs]
    for characters in taken:
        for start, end, char in characters:
            shown = char if char.isprintable() else ("\n" if char in "\r\n" else " ")
            yield Region(start, end, shown, JOINER)
    for match in _SOFT.finditer(text):  # one inside a character's bytes gives way to the character
        yield Region(*match.span(), fill=JOINER)


def _chinese(run: list[tuple[int, int]], encoding: str) -> bool:
    if len(run) < 4:
        return False
    decoded = bytes(value for _, value in run).decode(encoding, "replace")
    han = sum("\u4e00" <= char <= "\u9fff" for char in decoded)
    return han > 0 and "\ufffd" not in decoded[:-1] and (encoding == "utf-8" or han * 2 >= len(decoded))


def _characters(run: list[tuple[int, int]], encoding: str) -> list[tuple[int, int, str]]:
    """(start, end, character) of a run; bytes that mean nothing are a blank."""
    out = []
    i = 0
    while i < len(run):
        most = 4 if encoding == "gb18030" or run[i][1] >= 0x80 else 1
        for n in range(1, most + 1):
            try:
                char = bytes(value for _, value in run[i : i + n]).decode(encoding)
            except UnicodeDecodeError:
                continue
            break
        else:
            n, char = 1, " "
        n = min(n, len(run) - i)
        out.append((run[i][0], run[i + n - 1][0] + 3, char))
        i += n
    return out
