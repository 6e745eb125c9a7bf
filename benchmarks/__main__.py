"""``python -m benchmarks``: runs the benchmarks and prints their tables."""

from __future__ import annotations

import argparse
import platform
from importlib import metadata
from pathlib import Path

from benchmarks import reading, segmentation, similar, speed


def main() -> None:
    """Runs what was asked for; without ``--corpora`` only what the starter tickets allow."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--corpora", type=Path, help="folder of the public corpora; adds segmentation of 10,000 reviews"
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often each peer is timed, taking turns; the median counts"
    )
    args = parser.parse_args()
    versions = ", ".join(f"{n} {metadata.version(n)}" for n in ("scikit-learn", "jieba", "rjieba", "numba", "numpy"))
    print(f"Python {platform.python_version()}, {versions}\n")
    speed.main(rounds=args.rounds)
    print()
    reading.main(rounds=args.rounds)
    print()
    similar.main(rounds=args.rounds)
    if args.corpora:
        print()
        segmentation.main(args.corpora, rounds=args.rounds)


if __name__ == "__main__":
    main()
