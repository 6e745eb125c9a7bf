"""The fitted encoder: batches in, scores out; made to stand where the linear table stands.

Texts are batched by length and the trunk's linear layers run in 8-bit integers (see :mod:`models.encoder.quantise`).
How that was chosen: fp32, bf16, torch's dynamic int8, int8 with one scale for each token, ONNX Runtime in fp32 and dynamic
int8 were timed on one and two threads with one text and with many, small and wide trunks; of those whose scores do not
depend on the neighbours in the batch the quickest was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from features.hashing import Batch
from features.normalise import fold
from features.reading import own_words
from models.core.labels import EncodedHeads
from models.core.scorer import Scorer
from models.core.weight_table import BatchScores, Heads
from models.encoder.batches import by_size
from models.encoder.explain import shares
from models.encoder.files import StoredEncoder, from_files, round_weights, to_files
from models.encoder.fit import fit
from models.encoder.quantise import quantised
from models.encoder.settings import EncoderSettings

_TOKENS = 4096
"""Padded tokens of one pass: enough to keep the processor busy, few enough to stay in its cache."""

_FOLDED = 4096
"""Texts folded at a time."""


class EncoderScorer(Scorer):
    """A fitted encoder. Build one with :meth:`fit` or :meth:`from_files`. Several threads may score at once.

    Attributes:
        heads: head name -> label codes in column order.
        settings: as fitted, nothing left open.
        history: what each epoch of the training gave.
    """

    def __init__(self, stored: StoredEncoder) -> None:
        self._stored = stored
        self.heads = stored.heads
        self.settings = stored.settings
        self.history = stored.history
        self._network = quantised(stored.network)
        self._groups = np.cumsum([0, *(len(labels) for labels in self.heads.values())]).astype(np.int64)

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        heads: EncodedHeads,
        *,
        settings: EncoderSettings,
        valid: NDArray[np.bool_] | None = None,
        teacher: Mapping[str, NDArray[np.floating]] | None = None,
        checkpoint: Path | None = None,
        progress: Callable[[str, float], None] | None = None,
    ) -> EncoderScorer:
        """Fits all heads on labelled texts.

        Args:
            texts: n raw or masked texts.
            heads: head -> what :func:`models.core.labels.encode` gives.
            valid: (n,) bool, tickets kept from training to stop in time; with None the last epoch's weights are taken.
            teacher: head -> (n, labels) probabilities to learn from; NaN in rows that it says nothing about.
            checkpoint: a folder to keep the training's state in; called again with the same arguments, it goes on there.
            progress: called with (what, share done in [0, 1]).

        Raises:
            TrainingError: nothing to learn from, an unreadable trunk, a foreign checkpoint, a diverging loss.
        """
        folded: list[str] = []
        for start in range(0, len(texts), _FOLDED):
            part = fold([own_words(text) for text in texts[start : start + _FOLDED]])
            folded += [part.text(t) for t in range(len(part.bounds) - 1)]
        fitted = fit(
            folded, heads, settings=settings, valid=valid, teacher=teacher, checkpoint=checkpoint, progress=progress
        )
        round_weights(fitted.network)
        labels = {head: tuple(spec[0]) for head, spec in heads.items()}
        return cls(StoredEncoder(fitted.network, fitted.tokens, labels, fitted.settings, fitted.history))

    def score(
        self,
        batch: Batch,
        *,
        explain: bool = False,
        given: NDArray[np.int32] | None = None,
        heads: Heads | None = None,  # noqa: ARG002 (of a scorer of one pass)
    ) -> BatchScores:
        """Scores a read batch, all heads in one pass.

        Args:
            explain: also says what each word adds (see :func:`models.encoder.explain.shares`).
            given: (texts, heads) the answers to explain; without them the answer is the largest score.
        """
        folded = [batch.folded.text(t) for t in range(batch.size)]
        pieces = self._stored.tokens.pieces(folded, self.settings.max_length) if explain else []
        ids = [p.ids for p in pieces] if explain else self._stored.tokens.encode(folded, self.settings.max_length)
        scores = self._run(ids, [np.ones(len(i), bool) for i in ids])
        best = self._best(scores) if given is None else given
        known = np.array([self._stored.tokens.known(i) for i in ids], np.int32)
        parts = np.zeros((len(self.heads), 0), np.float32)
        if explain:
            parts = shares(batch, pieces, scores, best, self._groups, self._run)
        return BatchScores(scores, best, known, parts)

    def files(self) -> dict[str, bytes]:
        """File name -> content, for the model folder."""
        return to_files(self._stored)

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> EncoderScorer:
        """Reads what :meth:`files` gave.

        Raises:
            ArtefactError: a file is missing or altered, or they do not fit together.
        """
        return cls(from_files(files))

    def _best(self, scores: NDArray[np.float32]) -> NDArray[np.int32]:
        g = self._groups
        heads = [scores[:, g[h] : g[h + 1]].argmax(axis=1) for h in range(len(self.heads))]
        return np.stack(heads, axis=1).astype(np.int32)

    def _run(self, ids: list[NDArray[np.int32]], seen: list[NDArray[np.bool_]]) -> NDArray[np.float32]:
        """(texts, outputs) float32 scores; of each text only the tokens in ``seen`` are read."""
        out = np.zeros((len(ids), int(self._groups[-1])), np.float32)
        filler = self._stored.tokens.special["pad"]
        with torch.inference_mode():
            for rows, size in by_size(np.array([len(i) for i in ids], np.int64), self.settings.max_length, _TOKENS):
                tokens = np.full((len(rows), size), filler, np.int64)
                visible = np.zeros((len(rows), size), bool)
                for i, r in enumerate(rows):
                    tokens[i, : len(ids[r])] = ids[r]
                    visible[i, : len(ids[r])] = seen[r]
                out[rows] = self._network(torch.from_numpy(tokens), torch.from_numpy(visible)).numpy()
        return out
