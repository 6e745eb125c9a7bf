"""Several processes learn together what one learns alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from features.hashing import read
from tests.models.encoder.builders import TEXTS, EncoderScorer, encoded, tiny, torch

_TWO = """
import json, os, sys
import torch
torch.set_num_threads(1)
from models.encoder import EncoderScorer
from tests.models.encoder.builders import TEXTS, encoded, tiny
import numpy as np
settings = tiny(epochs=2, dropout=0.0, token_dropout=0.0)
scorer = EncoderScorer.fit(TEXTS, encoded(), settings=settings, valid=np.arange(len(TEXTS)) >= 75)
from features.hashing import read
out = {"scores": scorer.score(read(TEXTS[:10])).scores.tolist(), "history": scorer.history}
with open(sys.argv[1] + os.environ.get("RANK", ""), "w") as file:
    json.dump(out, file)
"""


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(tmp_path: Path, root: Path) -> None:
    settings = tiny(epochs=2, dropout=0.0, token_dropout=0.0)
    torch.set_num_threads(1)
    alone = EncoderScorer.fit(TEXTS, encoded(), settings=settings, valid=np.arange(len(TEXTS)) >= 75)
    script = tmp_path / "two.py"
    script.write_text(f"import sys; sys.path.insert(0, {str(root)!r})\n{_TWO}", encoding="utf-8")
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", str(script)]
    subprocess.run([*start, str(tmp_path / "out")], check=True, capture_output=True, cwd=tmp_path)
    first, second = (json.loads((tmp_path / f"out{rank}").read_text()) for rank in "01")
    assert first == second
    assert first["history"][0]["loss"] == pytest.approx(alone.history[0]["loss"], abs=1e-3)
    np.testing.assert_allclose(first["scores"], alone.score(read(TEXTS[:10])).scores, atol=0.02)
