"""An encoder as files: ``encoder.json`` (settings, labels, the trunk's configuration), ``encoder.safetensors``, ``tokenizer.json``.

Weights are kept in half precision; the net in memory has the same rounded weights, so a loaded one scores the same to the
bit. Nothing is a pickle, and reading trusts nothing: what does not fit together to the last shape is refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from models.encoder.network import Network, config_mapping, trunk_of, width
from models.encoder.settings import EncoderSettings
from models.encoder.tokens import EncoderTokenizer
from triage.errors import ArtefactError, TrainingError

CONFIG, WEIGHTS, TOKENIZER = "encoder.json", "encoder.safetensors", "tokenizer.json"
VERSION = 1

_DTYPES = (torch.float16, torch.float32)
_KEYS = frozenset({"kind", "version", "settings", "heads", "special", "trunk", "history"})


class StoredEncoder(NamedTuple):
    """What the files hold."""

    network: Network
    tokens: EncoderTokenizer
    heads: dict[str, tuple[str, ...]]
    settings: EncoderSettings
    history: list[dict[str, float]]


def round_weights(network: Network) -> None:
    """Rounds every weight to what half precision can hold; a weight too large for that stays as it is."""
    with torch.no_grad():
        for p in network.state_dict().values():
            p.copy_(_stored(p).to(p.dtype))


def to_files(stored: StoredEncoder) -> dict[str, bytes]:
    """File name -> content."""
    config = {
        "kind": "encoder",
        "version": VERSION,
        "settings": stored.settings.to_mapping(),
        "heads": {head: list(labels) for head, labels in stored.heads.items()},
        "special": stored.tokens.special,
        "trunk": config_mapping(stored.network.trunk),
        "history": stored.history,
    }
    return {
        CONFIG: json.dumps(config, ensure_ascii=False, indent=1, allow_nan=False).encode(),
        WEIGHTS: save({k: _stored(v) for k, v in stored.network.state_dict().items()}),
        TOKENIZER: stored.tokens.to_json().encode(),
    }


def from_files(files: Mapping[str, bytes]) -> StoredEncoder:
    """Reads what :func:`to_files` gave.

    Raises:
        ArtefactError: a file is missing, is no such file, or they do not fit together.
    """
    for name in (CONFIG, WEIGHTS, TOKENIZER):
        if name not in files:
            raise ArtefactError(f"模型缺少 {name}；请重新训练或重新下载", field="model")
    config = _config(files[CONFIG])
    heads = _heads(config["heads"])
    try:
        settings = EncoderSettings.from_mapping(config["settings"])
    except TrainingError as error:
        raise ArtefactError(f"{CONFIG} 里的设置不成立（{error}）；请重新训练或重新下载", field="model") from error
    weights = _weights(files[WEIGHTS])
    try:
        text = files[TOKENIZER].decode("utf-8")
    except UnicodeDecodeError as error:
        raise ArtefactError(f"{TOKENIZER} 不是 UTF-8；请重新训练或重新下载", field="model") from error
    if not isinstance(config["special"], dict):
        raise ArtefactError(f"{CONFIG} 的 special 应是对照表；请重新训练或重新下载", field="model")
    tokens = EncoderTokenizer.from_json(text, config["special"])
    inside = {k.removeprefix("trunk."): tuple(v.shape) for k, v in weights.items() if k.startswith("trunk.")}
    network = Network(trunk_of(config["trunk"], inside), heads, settings.dropout, settings.filters or 0)
    wanted = {k: tuple(v.shape) for k, v in network.state_dict().items()}
    given = {k: tuple(v.shape) for k, v in weights.items()}
    if wanted != given:
        wrong = sorted(k for k in wanted.keys() | given.keys() if wanted.get(k) != given.get(k))
        raise ArtefactError(
            f"{WEIGHTS} 与 {CONFIG} 不符（{'、'.join(wrong[:3])}）；请重新训练或重新下载", field="model"
        )
    _check_reach(network, tokens, settings)
    network.load_state_dict(weights)
    return StoredEncoder(network.eval(), tokens, heads, settings, _history(config["history"]))


def _stored(weight: Tensor) -> Tensor:
    half = weight.detach().to(torch.float16)
    return (half if bool(torch.isfinite(half).all()) else weight.detach()).contiguous().clone()


def _config(data: bytes) -> dict[str, Any]:
    try:
        config = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ArtefactError(f"{CONFIG} 不是完整的 JSON（{error}）；请重新训练或重新下载", field="model") from error
    if not isinstance(config, dict) or config.get("kind") != "encoder":
        raise ArtefactError(f"{CONFIG} 不是 encoder 模型的清单；请重新训练或重新下载", field="model")
    version = config.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise ArtefactError(
            f"{CONFIG} 的版本是 {version!r}，这个 Fendan 只读到 {VERSION}；请升级 Fendan 再加载", field="model"
        )
    if set(config) != _KEYS:
        raise ArtefactError(
            f"{CONFIG} 应恰有 {'、'.join(sorted(_KEYS))}；多了或少了 {'、'.join(sorted(set(config) ^ _KEYS))}",
            field="model",
        )
    return config


def _heads(data: Any) -> dict[str, tuple[str, ...]]:
    good = (
        isinstance(data, dict)
        and data
        and all(
            isinstance(labels, list)
            and len(labels) >= 2
            and all(isinstance(label, str) and label for label in labels)
            and len(set(labels)) == len(labels)
            for labels in data.values()
        )
    )
    if not good:
        raise ArtefactError(f"{CONFIG} 的 heads 应是「项: 至少两个不同的标签」；请重新训练或重新下载", field="model")
    return {head: tuple(labels) for head, labels in data.items()}


def _weights(data: bytes) -> dict[str, Tensor]:
    try:
        weights = load(data)
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise ArtefactError(
            f"{WEIGHTS} 不是可读的 safetensors（{error}）；请重新训练或重新下载", field="model"
        ) from error
    for name, value in weights.items():
        if value.dtype not in _DTYPES or not bool(torch.isfinite(value).all()):
            raise ArtefactError(f"{WEIGHTS} 的 {name} 应是有限的浮点数；请重新训练或重新下载", field="model")
    return weights


def _check_reach(network: Network, tokens: EncoderTokenizer, settings: EncoderSettings) -> None:
    """That no token or place lies outside the tables."""
    rows = network.trunk.get_input_embeddings().num_embeddings  # type: ignore[operator]
    if tokens.size > rows:
        raise ArtefactError(f"分词器有 {tokens.size} 个编号，词表只有 {rows} 行；请重新训练或重新下载", field="model")
    most = getattr(network.trunk.config, "max_position_embeddings", None)
    if isinstance(most, int) and settings.max_length > most:
        raise ArtefactError(f"max_length 是 {settings.max_length}，主干只有 {most} 个位置；请重新训练", field="model")
    assert width(network.trunk) > 0


def _history(data: Any) -> list[dict[str, float]]:
    if not isinstance(data, list) or not all(
        isinstance(e, dict) and all(isinstance(v, int | float) and math.isfinite(v) for v in e.values()) for e in data
    ):
        raise ArtefactError(f"{CONFIG} 的 history 应是每轮的数字；请重新训练或重新下载", field="model")
    return data
