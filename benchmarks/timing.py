"""Timing peers fairly: they take turns, and the median of the rounds counts."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping


def medians(peers: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each peer over ``rounds`` rounds, after one untimed round (compilation, caches)."""
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    for call in peers.values():
        call()
    for _ in range(rounds):
        for name, call in peers.items():
            gc.collect()
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def table(seconds: Mapping[str, float], items: int, unit: str, peer: str) -> str:
    """A Markdown table: rate of each, and how many times the rate of ``peer``."""
    lines = [f"| | {unit}/s | µs each | times {peer} |", "| --- | ---: | ---: | ---: |"]
    for name, value in seconds.items():
        lines.append(f"| {name} | {items / value:,.0f} | {value / items * 1e6:,.1f} | {seconds[peer] / value:.1f} |")
    return "\n".join(lines)
