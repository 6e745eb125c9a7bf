"""How an encoder is built and trained. Plain data: no torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from triage.errors import TrainingError

WIDE: Final = 512
"""Trunks at least this wide (768 is usual) want the small learning rates of the BERT paper; narrower ones larger ones."""

_MANY: Final = 20_000


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """Settings of one encoder. The defaults train a small net from scratch in minutes on two CPU cores.

    What is None is chosen by :meth:`resolved` for the trunk at hand.

    Attributes:
        trunk: "" for a net from scratch, else a local folder (also one that ``fendan pretrain`` wrote) or a hub id.
        layers, width, attention_heads, feed_forward: size of a net from scratch.
        filters: convolutions of each window (2, 3 and 4 tokens) over the embeddings, max-pooled and handed to the heads beside
            what the trunk says (Kim 2014): short patterns are learned from few tickets. None: 64 from scratch, else 0.
        tokens: what a net from scratch reads: "char" (one token for each Chinese character: learns most from few
            tickets) or "piece" (frequent sequences of characters are one token, too: shorter, so quicker).
        vocabulary: most different tokens of a net from scratch.
        max_length: most tokens read of a ticket; of a longer one, the first and the last half of that (see ``tokens.py``).
        epochs: most passes over the tickets.
        batch: tickets in one step, over all processes together.
        learning_rate: largest rate, of the heads and the topmost layer.
        layer_decay: a layer learns at this share of the rate of the layer above.
        warm_up: share of all steps in which the rate rises.
        weight_decay: AdamW's pull towards 0 (not of biases and norms).
        dropout: of a net from scratch, and before the heads.
        token_dropout: share of the tokens that are hidden in training; against learning single words by heart.
        class_weight: 0 counts each ticket the same, 1 each class the same; between them, the power of the class's rarity.
        label_smoothing: share of the target that is spread evenly over the labels.
        teacher_share: weight of a teacher's targets where a ticket has a label as well.
        patience: stop after this many epochs without a better validation merit (where a validation part is given).
        gradient_checkpointing: on a GPU, compute the layers of a wide trunk twice instead of keeping them: far less memory.
        seed: of everything drawn at random.
    """

    trunk: str = ""
    layers: int = 2
    width: int = 128
    attention_heads: int = 4
    feed_forward: int = 256
    filters: int | None = None
    tokens: str = "char"
    vocabulary: int = 8000
    max_length: int = 256
    epochs: int | None = None
    batch: int = 32
    learning_rate: float | None = None
    layer_decay: float | None = None
    warm_up: float = 0.1
    weight_decay: float = 0.01
    dropout: float = 0.2
    token_dropout: float = 0.1
    class_weight: float = 0.25
    label_smoothing: float = 0.05
    teacher_share: float = 0.5
    patience: int = 3
    gradient_checkpointing: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Checks every value.

        Raises:
            TrainingError: names the field, its value and what is allowed.
        """
        for field in fields(self):
            value: Any = getattr(self, field.name)
            if field.name in _OPTIONAL and value is None:
                continue
            allowed = _ALLOWED.get(field.name)
            kind = _KINDS[field.name]
            if kind is float and type(value) is int:
                object.__setattr__(self, field.name, value := float(value))
            if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
                raise _wrong(field.name, value, _NAMES[kind])
            if allowed and not allowed[0] <= float(getattr(self, field.name)) <= allowed[1]:  # NaN is not, either
                raise _wrong(field.name, value, f"{allowed[0]} 到 {allowed[1]} 之间的数")
        if self.tokens not in ("char", "piece"):
            raise _wrong("tokens", self.tokens, "char（按字）或 piece（按常见的字串）")
        if self.width % self.attention_heads:
            raise _wrong("width", self.width, f"attention_heads（{self.attention_heads}）的整数倍")

    def resolved(self, width: int | None = None, texts: int = 0) -> EncoderSettings:
        """These settings with every None replaced by what suits a trunk of this width (None: from scratch).

        Args:
            texts: how many there are to learn from; a net from scratch needs fewer passes over many.
        """
        if width is None:
            epochs, rate, decay = 10 if texts < _MANY else 6, 1e-3, 1.0
        elif width < WIDE:
            epochs, rate, decay = 10, 5e-4, 0.9
        else:
            epochs, rate, decay = 4, 3e-5, 0.9
        return replace(
            self,
            epochs=epochs if self.epochs is None else self.epochs,
            learning_rate=rate if self.learning_rate is None else self.learning_rate,
            filters=(64 if width is None else 0) if self.filters is None else self.filters,
            layer_decay=decay if self.layer_decay is None else self.layer_decay,
        )

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> EncoderSettings:
        """Reads settings from a mapping (a YAML or JSON file); what is left out has its default.

        Raises:
            TrainingError: an unknown field, or a value that is not allowed.
        """
        if not isinstance(data, Mapping):
            raise TrainingError(
                f"encoder 的设置应是「字段: 值」的对照表；收到的是 {type(data).__name__}", field="encoder"
            )
        unknown = sorted(str(k) for k in data if k not in _KINDS)
        if unknown:
            raise TrainingError(
                f"encoder 的设置里不认识 {'、'.join(unknown)}；可用的是：{'、'.join(_KINDS)}", field=unknown[0]
            )
        return cls(**dict(data))


_OPTIONAL: Final = ("epochs", "learning_rate", "layer_decay", "filters")

_KINDS: Final[dict[str, type]] = {
    field.name: {"str": str, "int": int, "float": float, "bool": bool}[str(field.type).split(" ")[0]]
    for field in fields(EncoderSettings)
}
_NAMES: Final[dict[type, str]] = {str: "文字", int: "整数", float: "数", bool: "true 或 false"}

_ALLOWED: Final[dict[str, tuple[float, float]]] = {
    "layers": (1, 48),
    "width": (8, 4096),
    "attention_heads": (1, 64),
    "feed_forward": (8, 16384),
    "vocabulary": (64, 200_000),
    "max_length": (8, 8192),
    "filters": (0, 1024),
    "epochs": (1, 1000),
    "batch": (1, 4096),
    "learning_rate": (1e-7, 1.0),
    "layer_decay": (0.1, 1.0),
    "warm_up": (0.0, 0.9),
    "weight_decay": (0.0, 1.0),
    "dropout": (0.0, 0.9),
    "token_dropout": (0.0, 0.9),
    "class_weight": (0.0, 1.0),
    "label_smoothing": (0.0, 0.5),
    "teacher_share": (0.0, 1.0),
    "patience": (1, 1000),
    "seed": (0, 2**31 - 1),
}


def _wrong(name: str, value: Any, allowed: str) -> TrainingError:
    return TrainingError(f"encoder 的 {name} 应是{allowed}；收到的是 {value!r}", field=name)
