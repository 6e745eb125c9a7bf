"""Folded text to token numbers: a tokenizer built from the tickets, or the trunk's own.

What is read is the *folded* text (:mod:`features.normalise`): compatibility forms, letter case and traditional characters
are one there already, and each of its code points knows its place in the raw text, so a token's offsets in the folded
string are all that is needed for exact evidence.

Of a ticket with more tokens than fit, the first and the last half are read: the subject stands at the beginning, the
demand at the end (Sun et al. 2019, "How to Fine-Tune BERT for Text Classification", found head and tail best, too).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from models.encoder.settings import EncoderSettings
from triage.errors import ArtefactError, TrainingError

SPECIALS = ("pad", "unk", "cls", "sep", "mask")
_LONGEST_PIECE = 4
"""Longest token of a tokenizer built here, in characters: words, not whole phrases."""


_SIGNS = r"\d+|[\p{P}\p{S}\p{Co}]"
_UNITS = {"char": r"\p{Han}|" + _SIGNS, "piece": r"\p{Han}+|" + _SIGNS}
"""What no token crosses: a Chinese character or a run of them, a number, a single mark or emoji; what is left is letters."""


class Piece(NamedTuple):
    """One text as tokens. ``ids``: (t,) int32 with the first and last special token; ``starts``, ``stops``: (t,) int32 offsets
    into the folded text, both 0 for a special token."""

    ids: NDArray[np.int32]
    starts: NDArray[np.int32]
    stops: NDArray[np.int32]


class EncoderTokenizer:
    """A tokenizer and the numbers of its special tokens. Safe to use from several threads.

    Attributes:
        special: pad, unk, cls, sep, mask -> number.
        size: one more than the largest number.
    """

    def __init__(self, tokenizer: Tokenizer, special: Mapping[str, int]) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self.special = dict(special)
        self.size = 1 + max(tokenizer.get_vocab(with_added_tokens=True).values(), default=0)

    def encode(self, texts: Sequence[str], max_length: int) -> list[NDArray[np.int32]]:
        """Token numbers of each folded text, at most ``max_length``, the first and last special ones among them."""
        found = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [self._frame(np.array(e.ids, np.int32), max_length, self.special) for e in found]

    def pieces(self, texts: Sequence[str], max_length: int) -> list[Piece]:
        """As :meth:`encode`, with offsets."""
        out = []
        for e in self._tokenizer.encode_batch(list(texts), add_special_tokens=False):
            spans = np.array(e.offsets, np.int32).reshape(-1, 2)
            none = {"cls": 0, "sep": 0}
            starts, stops = (self._frame(spans[:, i], max_length, none) for i in (0, 1))
            out.append(Piece(self._frame(np.array(e.ids, np.int32), max_length, self.special), starts, stops))
        return out

    def known(self, ids: NDArray[np.int32]) -> int:
        """How many tokens of one text are known: neither special nor unknown."""
        return int((~np.isin(ids, list(self.special.values()))).sum())

    @staticmethod
    def _frame(ids: NDArray[np.int32], max_length: int, special: Mapping[str, int]) -> NDArray[np.int32]:
        room = max_length - 2
        if len(ids) > room:
            ids = np.concatenate([ids[: room - room // 2], ids[len(ids) - room // 2 :]])
        return np.concatenate([[special["cls"]], ids, [special["sep"]]]).astype(np.int32)

    def to_json(self) -> str:
        text: str = self._tokenizer.to_str()
        return text

    def save(self, folder: Path, max_length: int) -> None:
        """Writes the tokenizer so that transformers' AutoTokenizer reads it."""
        from transformers import PreTrainedTokenizerFast

        names = {f"{k}_token": self._tokenizer.id_to_token(v) for k, v in self.special.items()}
        build: Any = PreTrainedTokenizerFast
        build(tokenizer_object=self._tokenizer, model_max_length=max_length, **names).save_pretrained(folder)

    @classmethod
    def from_json(cls, text: str, special: Mapping[str, Any]) -> EncoderTokenizer:
        """Reads what :meth:`to_json` wrote, trusting nothing.

        Raises:
            ArtefactError: not a tokenizer, or its special tokens do not exist.
        """
        try:
            tokenizer = Tokenizer.from_str(text)
        except Exception as error:  # the library raises plain Exception
            raise ArtefactError(
                f"tokenizer.json 不是可读的分词器（{error}）；请重新训练或重新下载", field="model"
            ) from error
        if set(special) != set(SPECIALS) or not all(
            type(v) is int and v >= 0 and tokenizer.id_to_token(v) is not None for v in special.values()
        ):
            raise ArtefactError(
                f"分词器的特殊符号应是 {'、'.join(SPECIALS)} 各一个编号；收到的是 {dict(special)!r}", field="model"
            )
        return cls(tokenizer, special)


def build_tokens(texts: Sequence[str], settings: EncoderSettings) -> EncoderTokenizer:
    """Builds a tokenizer from folded texts. The same texts in the same order give the same tokenizer.

    "char": each Chinese character is a token, Latin letters and digits are joined to frequent pieces (BERT's way).
    "piece": Chinese characters are joined to frequent pieces, too (byte-pair merges, Sennrich et al. 2016).

    Raises:
        TrainingError: there is nothing to read in the texts.
    """
    names = [f"[{s.upper()}]" for s in SPECIALS]
    options: dict[str, Any] = {
        "vocab_size": settings.vocabulary,
        "min_frequency": 2,
        "special_tokens": names,
        "limit_alphabet": settings.vocabulary * 3 // 4,
        "show_progress": False,
        "max_token_length": _LONGEST_PIECE,
    }
    tokenizer = Tokenizer(models.BPE(unk_token=names[1]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(_UNITS[settings.tokens]), "isolated")]
    )
    tokenizer.train_from_iterator(iter(texts), trainers.BpeTrainer(**options))
    if tokenizer.get_vocab_size() <= len(SPECIALS):
        raise TrainingError("这些工单里没有可读的字词，无从学习；请提供更多工单", field="text")
    return EncoderTokenizer(
        tokenizer, {s: int(tokenizer.token_to_id(n) or 0) for s, n in zip(SPECIALS, names, strict=True)}
    )


def trunk_tokens(trunk: str) -> EncoderTokenizer:
    """The trunk's own tokenizer.

    Raises:
        TrainingError: it cannot be read, or lacks a special token.
    """
    from transformers import AutoTokenizer

    try:
        loaded = AutoTokenizer.from_pretrained(
            trunk, trust_remote_code=False, use_fast=True, local_files_only=Path(trunk).is_dir()
        )
        tokenizer = Tokenizer.from_str(loaded.backend_tokenizer.to_str())
    except Exception as error:  # dozens of kinds: no such folder, no network, a tokenizer that runs code
        raise TrainingError(
            f"读不到主干 {trunk} 的分词器（{error}）；应是带 tokenizer.json 的本地文件夹，或能下载的 hub 名",
            field="trunk",
        ) from error
    special = {s: getattr(loaded, f"{s}_token_id", None) for s in SPECIALS}
    missing = [s for s, v in special.items() if v is None]
    if missing:
        raise TrainingError(f"主干 {trunk} 的分词器缺少 {'、'.join(missing)}；请换一个 BERT 一类的主干", field="trunk")
    return EncoderTokenizer(tokenizer, {s: int(v) for s, v in special.items() if v is not None})
