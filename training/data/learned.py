"""What a model has learned from, kept as hashes in its run, so that no later comparison asks it what it knows by heart.

A ticket counts as seen when its id or its folded text was learned from, or when it belongs to a group (near-duplicates, one
customer) of which a member was. A model without such a record (of another origin) has seen at most what was written before
it was made: only later tickets count as unseen then.

What many of its tickets had in common is kept beside (as hashes, too): among a handful of new tickets nobody could tell that a
form makes them no copies. Records from before that have none, and are read as ever.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from features.normalise import fold
from training.data.corpus import Corpus
from training.data.frames import NO_FRAMES, Frames
from triage.errors import RegistryError

FILE = "learned.json"
FORMAT, VERSION = "fendan-learned", 1

Hashes = NDArray[np.uint64]


class LearnedTickets(NamedTuple):
    """``hashes``: of ids and texts, sorted; None where only ``until`` is known: nothing later was learned from.

    ``frames``: what many of them share; empty in an older record.
    """

    hashes: Hashes | None
    until: datetime | None
    tickets: int = 0
    frames: Frames = NO_FRAMES


def record(corpus: Corpus, frames: Frames = NO_FRAMES) -> dict[str, Any]:
    """What to keep of ``corpus``; no word of it can be read back."""
    hashes = np.unique(np.concatenate([_texts(corpus.texts), _ids(corpus.ids)]))
    moments = [moment for moment in corpus.created_at if moment]
    return {
        "format": FORMAT,
        "version": VERSION,
        "tickets": len(corpus),
        "until": max(moments).isoformat() if moments else None,
        "hashes": _packed(hashes, "<u8"),
        "frames": {"keys": _packed(frames.keys, "<u8"), "shares": _packed(frames.shares, "<f4")},
    }


def read(path: Path) -> LearnedTickets:
    """Reads a record.

    Raises:
        RegistryError: it is none, or of a newer format.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if (data["format"], data["version"]) != (FORMAT, VERSION):
            raise ValueError(f"{data['format']} {data['version']}")
        hashes = _unpacked(data["hashes"], "<u8").astype(np.uint64)
        frames = _frames(data["frames"]) if "frames" in data else NO_FRAMES
        until = datetime.fromisoformat(data["until"]) if data["until"] else None
        return LearnedTickets(hashes, until, int(data["tickets"]), frames)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RegistryError(f"读不了模型学过什么的记录 {path.name}（{error}）；请重新训练这个模型") from error


def unseen(corpus: Corpus, groups: NDArray[np.int64], learned: LearnedTickets) -> NDArray[np.bool_]:
    """(n,) whether a model with this record has learned from nothing of the ticket's group."""
    if learned.hashes is not None:
        known = np.isin(_texts(corpus.texts), learned.hashes)
        known |= np.isin(_ids(corpus.ids), learned.hashes) & np.array([bool(i) for i in corpus.ids], np.bool_)
    else:
        until = learned.until
        known = np.array([at is None or until is None or at <= until for at in corpus.created_at], np.bool_)
    return ~np.isin(groups, groups[known])


def _frames(data: dict[str, str]) -> Frames:
    found = Frames(
        _unpacked(data["keys"], "<u8").astype(np.uint64), _unpacked(data["shares"], "<f4").astype(np.float32)
    )
    if len(found.keys) != len(found.shares) or not ((found.shares > 0) & (found.shares <= 1)).all():
        raise ValueError("frames")
    return found


def _packed(values: NDArray[Any], kind: str) -> str:
    return base64.b64encode(values.astype(kind).tobytes()).decode("ascii")


def _unpacked(text: str, kind: str) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text, validate=True), kind)


def _texts(texts: Sequence[str]) -> Hashes:
    """(n,) of the folded texts: width, case and blanks make no other ticket."""
    folded = fold(texts)
    bounds = folded.bounds
    return _hashed(b"t" + folded.codes[bounds[i] : bounds[i + 1]].tobytes() for i in range(len(texts)))


def _ids(ids: Sequence[str]) -> Hashes:
    return _hashed(b"i" + one.encode() for one in ids)


def _hashed(values: Iterable[bytes]) -> Hashes:
    """First 8 bytes of SHA-256: two of a million tickets share one with a chance of 1 to 30 million."""
    return np.array([int.from_bytes(hashlib.sha256(value).digest()[:8], "little") for value in values], np.uint64)
