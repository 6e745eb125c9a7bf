"""One transformers trunk, mean and max pooling over the tokens, one linear head for each triage head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, BertConfig, PretrainedConfig

from models.encoder.quiet import quiet
from models.encoder.settings import EncoderSettings
from triage.errors import ArtefactError, TrainingError

KINDS = (
    "albert",
    "bert",
    "camembert",
    "distilbert",
    "electra",
    "ernie",
    "modernbert",
    "roberta",
    "xlm-roberta",
)
"""Architectures that are built: encoders that transformers itself holds and whose attention is torch's fused one. Anything
else is refused, code from elsewhere too."""

WINDOWS = (2, 3, 4)
"""Neighbouring tokens that a convolution beside the trunk sees."""

_LARGEST = 1_000_000
"""No size in a trunk's configuration may be larger."""


class Network(nn.Module):
    """The whole net. ``outputs`` columns: the labels of the first head, then of the second …"""

    def __init__(self, trunk: nn.Module, heads: Mapping[str, Sequence[str]], dropout: float, filters: int = 0) -> None:
        super().__init__()
        self.trunk = trunk
        self.dropout = nn.Dropout(dropout)
        embedded = int(trunk.get_input_embeddings().embedding_dim)  # type: ignore[operator]
        self.windows = nn.ModuleList(
            nn.Conv1d(embedded, filters, size, padding=size - 1) for size in WINDOWS if filters
        )
        pooled = 2 * width(trunk) + filters * len(self.windows)
        self.head = nn.Linear(pooled, sum(map(len, heads.values())))  # all heads side by side are one matrix product

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids (b, t) int64, mask (b, t) bool, False at what is not to be read -> (b, outputs) float32 scores."""
        hidden = self.trunk(input_ids=ids, attention_mask=mask.long()).last_hidden_state.float()  # (b, t, w)
        seen = mask.unsqueeze(-1)  # (b, t, 1)
        mean = (hidden * seen).sum(1) / seen.sum(1).clamp_min(1)  # (b, w)
        peak = hidden.masked_fill(~seen, -1e4).amax(1)  # (b, w)
        parts = [mean, peak]
        if self.windows:
            embedded = self.trunk.get_input_embeddings()(ids) * seen  # type: ignore[operator]  # (b, t, e)
            flat = embedded.transpose(1, 2)  # (b, e, t)
            parts += [window(flat).amax(2).relu() for window in self.windows]  # each (b, filters)
        with torch.autocast(ids.device.type, enabled=False):  # scores are not for half precision
            pooled = torch.cat([part.float() for part in parts], dim=1)  # (b, pooled)
            scores: Tensor = self.head(self.dropout(pooled))  # (b, outputs)
        return scores


def width(trunk: nn.Module) -> int:
    """Size of the trunk's hidden states."""
    return int(trunk.config.hidden_size)  # type: ignore[union-attr, arg-type]


def scratch_config(settings: EncoderSettings, vocabulary: int, pad: int) -> BertConfig:
    """Configuration of a small BERT."""
    return BertConfig(
        vocab_size=vocabulary,
        hidden_size=settings.width,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.attention_heads,
        intermediate_size=settings.feed_forward,
        hidden_dropout_prob=settings.dropout,
        attention_probs_dropout_prob=0.0,  # the fused attention kernel knows no dropout
        max_position_embeddings=settings.max_length,
        type_vocab_size=1,
        pad_token_id=pad,
    )


def fresh_trunk(config: PretrainedConfig) -> nn.Module:
    """A trunk of this configuration with random weights (torch's global generator)."""
    trunk = AutoModel.from_config(config, attn_implementation="sdpa", dtype=torch.float32)  # type: ignore[no-untyped-call]
    return _bare(trunk)


def load_trunk(trunk: str) -> nn.Module:
    """A pretrained trunk from a local folder or the hub; safetensors only, no code from elsewhere.

    Raises:
        TrainingError: it cannot be read, or is of a kind that is not built here.
    """
    check_kind(trunk)
    try:
        with quiet():
            return _bare(AutoModel.from_pretrained(trunk, dtype=torch.float32, **loading(trunk)))
    except Exception as error:  # no network, no such folder, weights as pickle only …
        raise unreadable(trunk, error) from error


def check_kind(trunk: str) -> PretrainedConfig:
    """The configuration of a trunk, if it is one of :data:`KINDS`.

    Raises:
        TrainingError: it cannot be read, or is not.
    """
    options = {k: v for k, v in loading(trunk).items() if k in ("trust_remote_code", "local_files_only")}
    try:
        config: PretrainedConfig = AutoConfig.from_pretrained(trunk, **options)
    except Exception as error:
        raise unreadable(trunk, error) from error
    if config.model_type not in KINDS:
        raise TrainingError(f"主干 {trunk} 是 {config.model_type}，不支持；支持的是：{'、'.join(KINDS)}", field="trunk")
    return config


def loading(trunk: str) -> dict[str, Any]:
    """How transformers is to read a trunk: nothing that runs code, and no network where a folder is given."""
    return {
        "trust_remote_code": False,
        "local_files_only": Path(trunk).is_dir(),
        "use_safetensors": True,
        "attn_implementation": "sdpa",
    }


def unreadable(trunk: str, error: Exception) -> TrainingError:
    return TrainingError(
        f"读不到主干 {trunk}（{error}）；应是含 config.json、model.safetensors、tokenizer.json 的本地文件夹，"
        "或能下载的 hub 名（权重须是 safetensors）",
        field="trunk",
    )


def config_mapping(trunk: nn.Module) -> dict[str, Any]:
    """A trunk's configuration as plain JSON, for :func:`trunk_of`."""
    config: dict[str, Any] = trunk.config.to_dict()  # type: ignore[union-attr, operator]
    return {k: v for k, v in config.items() if _kept(k)}


def trunk_of(config: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> nn.Module:
    """A trunk of a stored configuration, its weights not yet filled in.

    It is laid out without memory first and must have exactly the stored shapes, so that a forged configuration cannot
    make this process allocate more than the file is long.

    Args:
        shapes: name -> shape of the stored weights.

    Raises:
        ArtefactError: an unknown kind, sizes out of range, or shapes that do not fit.
    """
    if not isinstance(config, Mapping) or config.get("model_type") not in KINDS:
        kind = config.get("model_type") if isinstance(config, Mapping) else config
        raise ArtefactError(f"主干的种类是 {kind!r}，不支持；支持的是：{'、'.join(KINDS)}", field="model")
    for name, value in config.items():
        if not _kept(name) or (isinstance(value, int | float) and not -_LARGEST <= value <= _LARGEST):
            raise ArtefactError(f"主干的设置里不应有 {name} = {value!r}；请重新训练或重新下载", field="model")
    if any(isinstance(v, int) and v > len(shapes) for k, v in config.items() if "layers" in k or "group" in k):
        raise ArtefactError("主干的层数比存下的权重还多；请重新训练或重新下载", field="model")
    try:
        with torch.device("meta"), quiet():
            built = AutoConfig.for_model(**dict(config))
            plan = {name: tuple(t.shape) for name, t in fresh_trunk(built).state_dict().items()}
    except Exception as error:  # whatever a nonsensical configuration makes a constructor raise
        raise ArtefactError(f"主干的设置不成立（{error}）；请重新训练或重新下载", field="model") from error
    if plan != dict(shapes):
        wrong = sorted(k for k in plan.keys() | shapes.keys() if plan.get(k) != shapes.get(k))
        raise ArtefactError(f"主干的设置与权重不符（{'、'.join(wrong[:3])}）；请重新训练或重新下载", field="model")
    return fresh_trunk(built)


_NEVER = ("auto_map", "attn_implementation", "quantization_config", "torch_dtype", "dtype", "transformers_version")


def _kept(name: str) -> bool:
    """Whether an entry of a configuration is stored and read: private ones choose code, not shape."""
    return not name.startswith("_") and name not in _NEVER


def _bare(trunk: nn.Module) -> nn.Module:
    """Without BERT's pooler, which nothing here reads."""
    if getattr(trunk, "pooler", None) is not None:
        trunk.pooler = None  # type: ignore[assignment]
    return trunk
