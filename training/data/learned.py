"""What a model has learned from, kept as hashes in its run, so that no later comparison asks it what it knows by heart.

A ticket counts as seen when its id or its folded text was learned from, or when it belongs to a group (near-duplicates, one
customer) of which a member was. A model without such a record (of another origin) has seen at most what was written before
it was made: only later tickets count as unseen then.
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
from triage.errors import RegistryError

FILE = "learned.json"
FORMAT, VERSION = "fendan-learned", 1

Hashes = NDArray[np.uint64]


class LearnedTickets(NamedTuple):
    """``hashes``: of ids and texts, sorted; None where only ``until`` is known: nothing later was learned from."""

    hashes: Hashes | None
    until: datetime | None
    tickets: int = 0


def record(corpus: Corpus) -> dict[str, Any]:
    """What to keep of ``corpus``; no word of it can be read back."""
    hashes = np.unique(np.concatenate([_texts(corpus.texts), _ids(corpus.ids)]))
    moments = [moment for moment in corpus.created_at if moment]
    return {
        "format": FORMAT,
        "version": VERSION,
        "tickets": len(corpus),
        "until": max(moments).isoformat() if moments else None,
        "hashes": base64.b64encode(hashes.astype("<u8").tobytes()).decode("ascii"),
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
        hashes = np.frombuffer(base64.b64decode(data["hashes"], validate=True), "<u8").astype(np.uint64)
        until = datetime.fromisoformat(data["until"]) if data["until"] else None
        return LearnedTickets(hashes, until, int(data["tickets"]))
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
