"""What every kind of scorer offers: fitting, scores of a read batch, and how it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from features.hashing import Batch, FeatureSettings
    from models.core.distillation import Distillation
    from models.core.labels import Encoded
    from models.core.weight_table import BatchScores, FeatureVocabulary, Heads

Spec = TypeVar("Spec", contravariant=True)


class Scorer(Protocol):
    """A fitted scorer. Several threads may score at once.

    What a plain scorer need not know has a default here: derive from this class and write :meth:`score` and what is kept.
    """

    one_pass: ClassVar[bool] = False
    """Whether :meth:`score` finds the answers by itself when it is told ``heads``."""

    @property
    def vocabulary(self) -> FeatureVocabulary | None:
        """The features it knows, kept among its arrays as ``keys`` and ``idf``; None for one that counts none."""
        return None

    def score(
        self,
        batch: Batch,
        *,
        explain: bool = False,
        given: NDArray[np.int32] | None = None,
        heads: Heads | None = None,
    ) -> BatchScores:
        """Scores of a read batch, all heads in one pass.

        Args:
            explain: also says what each character adds to the answer.
            given: (texts, heads) the answers to explain; without them the answer is the largest score.
            heads: what makes the scores of a head comparable; only where :attr:`one_pass`.
        """
        ...

    def beside(self, column: NDArray[np.float32]) -> Scorer:
        """The same scorer that also gives ``margins`` by one more column of weights; only where there is a vocabulary."""
        raise NotImplementedError

    def absorbing(self, maps: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> Scorer | None:  # noqa: ARG002
        """The scorer whose scores are ``matrix @ score + shift`` for each head's (k, k) and (k,); None where it cannot."""
        return None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What it keeps among the weights of a model folder, by names that no other kind uses."""
        return {}

    def files(self) -> dict[str, bytes]:
        """What it keeps beside them: file name -> content, of its kind's ``files``."""
        return {}


@dataclass(frozen=True, slots=True, eq=False)
class FitData:
    """What a scorer is fitted on, all read and numbered.

    Attributes:
        texts: n masked or raw texts; ``batch``: the same, read.
        encoded: head -> labels, rows and truth of the labelled ones (see :func:`models.core.labels.encode`).
        groups: (n,) near-duplicates share a number and never part.
        when: (n,) seconds since an epoch, NaN where unknown; None where dates play no part.
        features: what is counted.
        distillation: a teacher's opinions of other texts, for a scorer that can learn from them.
        checkpoint: a folder in which a stopped fit goes on.
        progress: called with (what, share done in [0, 1]).
    """

    texts: Sequence[str]
    batch: Batch
    encoded: Mapping[str, Encoded]
    groups: NDArray[np.int64]
    when: NDArray[np.float64] | None
    features: FeatureSettings
    progress: Callable[[str, float], None]
    distillation: Distillation | None = None
    checkpoint: Path | None = None


class HeldOutScores(NamedTuple):
    """``scores``: (j, k) of the labelled tickets at the places ``at`` (j,), by scorers that had not seen them."""

    at: NDArray[np.int64]
    scores: NDArray[np.float32]


class HeadFit(NamedTuple):
    """What fitting a scorer says of one head with m labelled tickets. One of ``unseen`` and ``later`` there must be.

    Attributes:
        unseen: scores by scorers that knew tickets of any time.
        later: scores by scorers that knew only what came before; None where dates are unknown.
        fold: (m,) inner folds in which near-duplicates never part; None: to be dealt by whoever needs them.
        notes: what the manifest says of how it was chosen.
    """

    unseen: HeldOutScores | None
    later: HeldOutScores | None = None
    fold: NDArray[np.int64] | None = None
    notes: Mapping[str, Any] = {}


class FittedScorer(NamedTuple):
    """A scorer to ship, and head -> what is known of it."""

    scorer: Scorer
    heads: Mapping[str, HeadFit]


class StoredScorer(NamedTuple):
    """What a model folder keeps: all arrays and files, what is counted, and head -> its part of the manifest."""

    arrays: Mapping[str, NDArray[Any]]
    files: Mapping[str, bytes]
    features: FeatureSettings
    heads: Mapping[str, Mapping[str, Any]]


class ScorerKind(Protocol[Spec]):
    """A kind of scorers: an object without state in ``models/<kind>/kind.py``, listed in :mod:`models.scorers`.

    It imports nothing heavy until it fits or reads. Of a specification it asks for the fields it needs, and no more.
    """

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str:
        """For people, Chinese."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Libraries beyond those of every model; their versions go into the manifest."""
        ...

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files it keeps beside the weights."""
        ...

    def fit(self, spec: Spec, data: FitData) -> FittedScorer:
        """Fits one to ship, and others that had not seen the tickets they score.

        Raises:
            TrainingError: nothing to learn from.
        """
        ...

    def read(self, stored: StoredScorer) -> Scorer:
        """Reads what :meth:`Scorer.arrays` and :meth:`Scorer.files` gave.

        Raises:
            ValueError, KeyError: they do not fit together; ArtefactError: a file is missing or altered.
        """
        ...
