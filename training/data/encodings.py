"""Bytes of a text file -> str: UTF-8, UTF-16 with BOM, GBK/GB18030 are read; anything else is refused by name.

GB18030 can decode almost any bytes, so "it decodes" proves nothing. What proves it is the outcome: in real Chinese text
nearly all characters are among the 3,755 most frequent ones (level 1 of GB 2312-80), in misread Big5, Shift-JIS or
Latin-1 they are not.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import NamedTuple

from triage.errors import DataError

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 stands before UTF-16: its little-endian mark begins with the other's."""

_SAMPLE = 200_000
_PLAUSIBLE = 0.8
"""Share of a text's non-ASCII characters that must be frequent Chinese for it to pass as GB18030 (real text: over 0.95)."""

_MEND = "请另存为 UTF-8 再试（Excel：另存为 → CSV UTF-8；WPS、记事本也能选编码）"


class Decoded(NamedTuple):
    """A file's text and the name of the encoding it was read with."""

    text: str
    encoding: str


def decode(raw: bytes, path: Path) -> Decoded:
    """Decodes a whole file.

    Raises:
        DataError: the encoding is none of the accepted ones, or single bytes are broken; names the row and the guess.
    """
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError as error:
                row = raw[: error.start].decode(encoding, "ignore").count("\n") + 1
                raise DataError(f"{path}：开头写明是 {encoding}，但第 {row} 行有坏字节，读不下去；{_MEND}") from None
            return Decoded(text, "utf-8" if encoding == "utf-8-sig" else encoding)
    if b"\x00" in raw and _looks_like_utf16(raw):
        raise DataError(f"{path}：看起来是没有 BOM 的 UTF-16，无法肯定地读；{_MEND}")
    try:
        return Decoded(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        broken = error
    try:
        text = raw.decode("gb18030")
        if _frequent_share(text) >= _PLAUSIBLE:
            return Decoded(text, "gb18030")
    except UnicodeDecodeError:
        pass
    raise DataError(_refusal(raw, broken, path))


def _looks_like_utf16(raw: bytes) -> bool:
    """Commas, quotes and digits of UTF-16 leave a NUL in every other byte; a stray NUL in an 8-bit file does not."""
    sample = raw[:_SAMPLE]
    return max(sample[0::2].count(0), sample[1::2].count(0)) > len(sample) // 20


def _frequent_share(text: str) -> float:
    """Share of the non-ASCII characters that are Chinese punctuation, full-width forms or frequent characters."""
    wide = [char for char in text[:_SAMPLE] if char > "\x7f"]
    if not wide:
        return 1.0
    return sum(1 for char in wide if _frequent(char)) / len(wide)


def _frequent(char: str) -> bool:
    if "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef" or "\u2010" <= char <= "\u2027":
        return True
    try:
        code = char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and 0xB0 <= code[0] <= 0xD7


def _refusal(raw: bytes, broken: UnicodeDecodeError, path: Path) -> str:
    """Tells a UTF-8 file with a few broken bytes from a file in another encoding, and names the latter."""
    replaced = raw.decode("utf-8", "replace")
    wide = sum(1 for char in replaced[:_SAMPLE] if char > "\x7f")
    if replaced[:_SAMPLE].count("\ufffd") * 10 < wide or wide == 0:
        row = raw.count(b"\n", 0, broken.start) + 1
        return f"{path}：像是 UTF-8，但第 {row} 行有坏字节 0x{raw[broken.start]:02x}（文件可能被截断或拼接过）；{_MEND}"
    from charset_normalizer import from_bytes

    guess = from_bytes(raw[:_SAMPLE]).best()
    name = f"，像是 {guess.encoding}" if guess else ""
    return f"{path}：编码不是 UTF-8、UTF-16 或 GBK/GB18030{name}，读出来会是乱码；{_MEND}"
