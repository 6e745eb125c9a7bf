"""Numbers of a calibration, read back from a file: nothing passes that is not what it should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def only(mapping: Mapping[str, Any], *names: str) -> None:
    """Raises ValueError unless ``mapping`` has just ``method`` and these keys."""
    wanted = {"method", *names}
    if set(mapping) != wanted:
        raise ValueError(
            f"校准 {mapping.get('method')} 应有 {'、'.join(sorted(wanted))}；有的是 {'、'.join(map(str, mapping))}"
        )


def floats(value: Any, shape: tuple[int, ...], what: str) -> NDArray[np.float64]:
    """``value``, nested lists of finite numbers, as float64 of that shape; -1 in ``shape`` stands for any length but 0.

    Raises:
        ValueError: anything else; says ``what`` it was.
    """
    if not _nested(value, len(shape)):
        raise ValueError(f"校准的 {what} 应是 {len(shape)} 层的数字列表")
    try:
        array = np.array(value, np.float64)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"校准的 {what} 各行长短不一，或有数字太大") from error
    if len(array.shape) != len(shape) or any(
        a != b and (b != -1 or a == 0) for a, b in zip(array.shape, shape, strict=True)
    ):
        raise ValueError(f"校准的 {what} 的形状应是 {shape}；收到的是 {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"校准的 {what} 里有不是有限数的值")
    return array


def _nested(value: Any, depth: int) -> bool:
    if depth:
        return isinstance(value, list) and all(_nested(item, depth - 1) for item in value)
    return isinstance(value, int | float) and not isinstance(value, bool)
