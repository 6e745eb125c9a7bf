"""Pretraining without labels: what is hidden, and that what comes out is a trunk to start from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.hashing import read
from tests.models.encoder.builders import ODD, TEXTS, EncoderScorer, EncoderSettings, encoded, tiny, torch
from triage.errors import TrainingError


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pretrained tiny trunk."""
    from models.encoder import pretrain

    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("trunk") / "out"
    history = pretrain([*TEXTS, *ODD], tiny(epochs=6), out)
    assert history[-1]["loss"] < history[0]["loss"] - 0.5
    return out


def test_it_is_a_trunk_that_transformers_reads(trunk: Path) -> None:
    from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer

    assert {p.name for p in trunk.iterdir()} >= {"config.json", "model.safetensors", "tokenizer.json"}
    tokenizer = AutoTokenizer.from_pretrained(trunk, local_files_only=True)
    ids = tokenizer("快递很满意")["input_ids"]
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.mask_token == "[MASK]"
    assert AutoModel.from_pretrained(trunk, local_files_only=True).config.hidden_size == 16
    assert AutoModelForMaskedLM.from_pretrained(trunk, local_files_only=True).num_parameters() > 0


def test_fine_tuning_starts_from_it(trunk: Path) -> None:
    from models.encoder.fit import _begin

    settings = EncoderSettings(trunk=str(trunk), max_length=32, epochs=8, batch=8, learning_rate=1e-2)
    scorer = EncoderScorer.fit(TEXTS, encoded(), settings=settings)
    assert scorer.history[-1]["loss"] < scorer.history[0]["loss"] / 2
    assert scorer.settings.layer_decay == 0.9
    batch = read(TEXTS[:9])
    np.testing.assert_array_equal(
        EncoderScorer.from_files(scorer.files()).score(batch).scores, scorer.score(batch).scores
    )
    from safetensors.torch import load_file

    stored = load_file(trunk / "model.safetensors")["bert.embeddings.word_embeddings.weight"]
    begun = _begin([], encoded(), settings)[1].trunk.get_input_embeddings().weight  # type: ignore[operator]
    torch.testing.assert_close(begun, stored)


def test_pretraining_goes_on_from_a_trunk(trunk: Path, tmp_path: Path) -> None:
    from models.encoder import pretrain

    settings = EncoderSettings(trunk=str(trunk), max_length=32, epochs=1, learning_rate=1e-4)
    (entry,) = pretrain(TEXTS, settings, tmp_path / "more")
    from safetensors.torch import load_file

    before, after = (load_file(p / "model.safetensors") for p in (trunk, tmp_path / "more"))
    assert before.keys() == after.keys()
    assert 0 < max(float((before[k] - after[k]).abs().max()) for k in before) < 0.01
    assert entry["loss"] < 4.0


def test_a_killed_pretraining_goes_on_to_the_same_end(tmp_path: Path) -> None:
    from models.encoder import pretrain

    class KilledError(Exception):
        pass

    def kill(_what: str, share: float) -> None:
        if share > 0.7:
            raise KilledError

    pretrain(TEXTS, tiny(epochs=3), tmp_path / "whole")
    with pytest.raises(KilledError):
        pretrain(TEXTS, tiny(epochs=3), tmp_path / "again", checkpoint=tmp_path / "state", progress=kill)
    assert not (tmp_path / "again").exists()
    pretrain(TEXTS, tiny(epochs=3), tmp_path / "again", checkpoint=tmp_path / "state")
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_whole_words_are_hidden() -> None:
    from models.encoder.pretrain import hide
    from models.encoder.settings import EncoderSettings as Settings
    from models.encoder.tokens import build_tokens

    tokens = build_tokens(TEXTS, Settings(vocabulary=100, tokens="char"))
    words = np.tile(np.array([0, 1, 1, 2, 3, 3, 3, 0]), (2000, 1))
    ids = np.full(words.shape, 20)
    fed, hidden = hide(ids, words, tokens, np.random.default_rng(0))
    assert not hidden[:, [0, 7]].any()
    assert (hidden[:, 1] == hidden[:, 2]).all()
    assert (hidden[:, 4] == hidden[:, 5]).all()
    assert (hidden[:, 1] != hidden[:, 3]).any()
    assert hidden[:, 3].mean() == pytest.approx(0.15, abs=0.03)
    assert (fed[~hidden] == 20).all()
    assert (fed[hidden] == tokens.special["mask"]).mean() == pytest.approx(0.8, abs=0.05)
    assert not np.isin(fed, [tokens.special[s] for s in ("pad", "unk", "cls", "sep")]).any()
    one = hide(ids[:1, :3], words[:1, :3], tokens, np.random.default_rng(0))[1]
    assert one.tolist() == [[False, True, True]]  # never nothing


def test_long_tickets_are_read_whole() -> None:
    from models.encoder.pretrain import _stretches
    from models.encoder.tokens import build_tokens

    tokens = build_tokens(TEXTS, tiny(tokens="char"))
    batch = read(["快递" * 50 + "发票" * 50, "谢谢"])
    folded = [batch.folded.text(t) for t in range(2)]
    ids, words = _stretches(folded, [np.arange(2, 202, 2), np.array([2])], tokens, 32)
    assert all(len(i) <= 32 and len(i) == len(w) for i, w in zip(ids, words, strict=True))
    assert sum(len(i) - 2 for i in ids) == 202 or sum(len(i) - 2 for i in ids) == 2 + 200
    assert all(w[0] == w[-1] == 0 and w[1] == 1 for w in words)


def test_places_that_cannot_be_written_are_named_before_the_work(tmp_path: Path) -> None:
    from models.encoder import pretrain

    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    for place in (tmp_path / "full", tmp_path / "full" / "mine.txt", tmp_path / "full" / "mine.txt" / "x"):
        with pytest.raises(TrainingError) as caught:
            pretrain(TEXTS, tiny(), place)
        assert caught.value.field == "out"
    with pytest.raises(TrainingError, match="没有可读的字词"):
        pretrain(["", " "], tiny(), tmp_path / "nothing")


def test_a_trunk_that_is_no_trunk(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="读不到主干") as caught:
        EncoderScorer.fit(TEXTS, encoded(), settings=EncoderSettings(trunk=str(tmp_path)))
    assert caught.value.field == "trunk"
