"""The past tickets most like a new one that people have labelled. By their words alone, never by a prediction."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, select

from serving.labels.queries import newest_said
from serving.store.events import newest, read_after
from serving.store.keys import by_keys
from serving.store.tables import tickets
from triage.events import EventKind
from triage.labels import codes, effective

if TYPE_CHECKING:
    from serving.clock import Clock
    from serving.store import Store

NEWEST = 5000
"""So many of the newest labelled tickets are looked through."""

EVERY = 60.0
"""Seconds between two looks for new labels."""

_IN_ANSWER = 3
_LABELLED_OTHERWISE = 5
"""So many more are looked at, as some may have no category."""

_LOOKED_AT = 400
_SHOWN = 120
"""Signs of a ticket that are compared, and of a past one that stand in an answer."""

_FRESH = timedelta(seconds=EVERY)
_SAID: tuple[EventKind, ...] = ("corrected", "withdrawn")
_LEAST = 0.15
"""Cosine below which two tickets have little in common."""


class Past(NamedTuple):
    """A labelled ticket."""

    ticket_id: str
    text: str
    labels: Mapping[str, str]


class Grams(NamedTuple):
    """The n-grams of a text: (n,) keys, uint64, and (n,) how often each stands there, float64."""

    keys: Any
    counts: Any


class Index:
    """Cosine of tf-idf weighted character 1- to 3-grams (Salton and Buckley 1988) over a fixed list of tickets.

    Args:
        before: an older index; texts that it knows are not read again.
    """

    def __init__(self, past: list[Past], before: Index | None = None) -> None:
        import numpy as np

        self.past = past
        known = (
            {} if before is None else {one.text: grams for one, grams in zip(before.past, before.grams, strict=True)}
        )
        known.update(_missing([one.text for one in past], known))
        self.grams: list[Grams] = [known[one.text] for one in past]
        owner = np.repeat(np.arange(len(past)), [len(grams.keys) for grams in self.grams])
        keys = np.concatenate([np.empty(0, np.uint64), *(grams.keys for grams in self.grams)])
        counts = np.concatenate([np.empty(0), *(grams.counts for grams in self.grams)])
        order = np.argsort(keys, kind="stable")
        self._keys, first, found = np.unique(keys[order], return_index=True, return_counts=True)
        self._start = np.append(first, len(keys))
        self._idf = np.log((1.0 + len(past)) / (1.0 + found)) + 1.0
        weight = (1.0 + np.log(counts[order])) * np.repeat(self._idf, found)
        norm = np.sqrt(np.bincount(owner[order], weight**2, minlength=len(past)))
        self._owner = owner[order]
        self._weight = weight / norm[self._owner]

    def find(self, text: str, *, but: str, limit: int = 3) -> list[Past]:
        """The most similar ones, best first; never another text of ticket ``but``."""
        import numpy as np

        from features.postings import add_up

        if not self.past:
            return []
        keys, counts = _grams([text])[0]
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        known = self._keys[at] == keys
        weight = (1.0 + np.log(counts)) * np.where(known, self._idf[at], np.log(1.0 + len(self.past)) + 1.0)
        weight /= np.sqrt((weight**2).sum()) or 1.0
        scores = np.zeros(len(self.past))
        add_up(at[known], weight[known], self._start, self._owner, self._weight, scores)
        enough = np.flatnonzero(scores >= _LEAST)
        best = enough[np.argsort(-scores[enough], kind="stable")][: limit + 8]
        found = [self.past[i] for i in best.tolist()]
        return [one for one in found if one.ticket_id != but][:limit]


class Similar:
    """The index of one process, read again when there are new labels, once a minute at most.

    Args:
        index: to begin with; None: there is none until it is read.
    """

    def __init__(self, store: Store, clock: Clock, index: Index | None = None) -> None:
        self._store = store
        self._clock = clock
        self._index = index
        self._position = 0
        self._at: datetime | None = None
        self._task: asyncio.Task[None] | None = None
        self._alone = asyncio.Lock()

    async def find(self, text: str, *, but: str) -> list[dict[str, Any]]:
        """Up to three as JSON: [{ticket_id, text, labels}]. A stale index is made anew beside, not waited for."""
        if self._index is None:
            await self.refresh()
        elif self._at is None or abs(self._clock() - self._at) > _FRESH:
            self._at = self._clock()
            self._task = asyncio.get_running_loop().create_task(self.refresh())
        assert self._index is not None
        return [one._asdict() for one in self._index.find(text, but=but)]

    def at_hand(self, text: str, but: str) -> list[dict[str, str]]:
        """Up to three for an answer as JSON: [{ticket_id, text, category}]; none while no index is read.

        Waits for nothing, may be called in any thread, and takes a bounded time: of ``text`` only the beginning is looked at.
        """
        index = self._index
        found = [] if index is None else index.find(text[:_LOOKED_AT], but=but, limit=_IN_ANSWER + _LABELLED_OTHERWISE)
        told = [one for one in found if "category" in one.labels][:_IN_ANSWER]
        return [
            {"ticket_id": one.ticket_id, "text": _cut(one.text), "category": one.labels["category"]} for one in told
        ]

    async def refresh(self) -> None:
        """Reads the newest labelled tickets, if there is news of them."""
        async with self._alone:  # one that began earlier must not end later
            self._index = await self._store.read(self._read)
            self._at = self._clock()

    def _read(self, connection: Connection) -> Index:
        said = read_after(connection, self._position, _SAID, 1)
        if self._index is not None and not said.events:
            self._position = said.position
            return self._index
        self._position = newest(connection)  # before the labels are read: what comes meanwhile is read again
        texts = {} if self._index is None else {(one.ticket_id, one.text): one for one in self._index.past}
        past = read_past(connection)
        same = self._index is not None and len(texts) == len(past)
        if same and all(texts.get((one.ticket_id, one.text)) == one for one in past):
            assert self._index is not None
            return self._index
        return Index(past, self._index)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _missing(texts: Sequence[str], known: Mapping[str, Grams]) -> dict[str, Grams]:
    new = sorted({text for text in texts if text not in known})
    return dict(zip(new, _grams(new), strict=True)) if new else {}


def read_past(connection: Connection) -> list[Past]:
    """The newest labelled tickets, each with the labels that stand for it."""
    t = tickets.c
    said = newest_said(connection, NEWEST)
    query = select(t.ticket_id, t.revision, t.text)
    texts = {(row.ticket_id, row.revision): row.text for row in by_keys(connection, query, t.ticket_id, said)}
    return [Past(key[0], texts[key], codes(effective(words))) for key, words in said.items() if texts[key].strip()]


def _grams(texts: Sequence[str]) -> list[Grams]:
    """Distinct character n-grams of each text."""
    import numpy as np

    from features.hashing import FeatureSettings, count, is_char, read

    counts = count(read(texts), FeatureSettings(word_ngram=1, char_ngram=3, version=1))
    out = []
    for start, end in zip(counts.indptr[:-1].tolist(), counts.indptr[1:].tolist(), strict=True):
        chars = is_char(counts.keys[start:end])
        out.append(Grams(counts.keys[start:end][chars], counts.counts[start:end][chars].astype(np.float64)))
    return out
