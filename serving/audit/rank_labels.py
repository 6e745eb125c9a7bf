"""Ranks labels by how likely they are wrong, with cleanlab (confident learning; Northcutt, Jiang, Chuang, JAIR 2021).

Run as a program (``python -m serving.audit.rank_labels``, JSON in, JSON out) it keeps scikit-learn and pandas, which
cleanlab needs, out of the process that answers tickets.
"""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from triage.errors import FendanError
from triage.paths import child_environment, python

_ROOM = 120
"""Seconds that the ranking may take in a process of its own; most of it is imports on a cold disk."""


def rank(labels: Sequence[int], probabilities: Sequence[Sequence[float]]) -> list[tuple[int, float]]:
    """Suspected label errors, the most suspicious first.

    Args:
        labels: (n,) index of the label that each ticket was given.
        probabilities: (n, k) out-of-sample probabilities of a model.

    Returns:
        (row, quality) of the rows that confident learning flags; ``quality`` in [0, 1], small is suspicious.
    """
    import numpy as np
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    given, p = np.asarray(labels, np.int64), np.asarray(probabilities, np.float64)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*too few examples.*")  # a rare class is not flagged; that is right
        warnings.filterwarnings("ignore", message=".*missing.*class.*")
        found = find_label_issues(given, p, return_indices_ranked_by="normalized_margin", n_jobs=1)
        quality = get_label_quality_scores(given, p, method="normalized_margin")
    return [(int(i), float(quality[i])) for i in found]


def rank_apart(labels: Sequence[int], probabilities: Sequence[Sequence[float]]) -> list[tuple[int, float]]:
    """:func:`rank` in a process of its own.

    Raises:
        FendanError: the process failed.
    """
    given = json.dumps({"labels": list(labels), "probabilities": [list(row) for row in probabilities]})
    try:
        done = subprocess.run(
            python("serving.audit.rank_labels"),
            input=given,
            capture_output=True,
            text=True,
            timeout=_ROOM,
            check=False,
            env=child_environment(),
        )
    except subprocess.TimeoutExpired:
        raise FendanError(f"找可疑标签的进程 {_ROOM} 秒内没有做完；机器很忙时过一会儿再试") from None
    if done.returncode != 0:
        raise FendanError(f"找可疑标签的进程失败了：{done.stderr.strip().splitlines()[-1:] or done.returncode}")
    return [(int(i), float(quality)) for i, quality in json.loads(done.stdout)]


def main() -> None:
    given: dict[str, Any] = json.load(sys.stdin)
    json.dump(rank(given["labels"], given["probabilities"]), sys.stdout)


if __name__ == "__main__":
    main()
