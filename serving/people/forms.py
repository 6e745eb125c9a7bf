"""Reads what a plain HTML form sends, with a limit; no upload, no multipart."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from triage.errors import InputError, TooLargeError

if TYPE_CHECKING:
    from starlette.requests import Request

LIMIT = 65_536
"""Most bytes of a form."""

_FIELDS = 100


async def read_form(request: Request, limit: int = LIMIT) -> dict[str, str]:
    """The fields of an ``application/x-www-form-urlencoded`` body; the last one where a name comes twice.

    May be called again for the same request.

    Raises:
        TooLargeError: the body is longer than ``limit`` bytes.
        InputError: it is no such form.
    """
    known: dict[str, str] | None = getattr(request.state, "fendan_form", None)
    if known is not None:
        return known
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise InputError(
            f"这里收的是网页表单（application/x-www-form-urlencoded）；收到的是 {kind or '（没有）'!r:.80}"
        )
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise TooLargeError(f"表单超过 {limit:,} 字节；请缩短内容")
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=_FIELDS)
    except ValueError:
        raise InputError(f"表单读不懂：应是编码过的、不多于 {_FIELDS} 个字段；请从网页上提交") from None
    request.state.fendan_form = made = dict(pairs)
    return made
