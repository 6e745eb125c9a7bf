"""How good the starter data set makes the default model: ``python -m benchmarks.starter`` writes docs/starter-data.md.

Fits the default model and a naive jieba + TF-IDF + LogisticRegression on the training part and asks both about the sealed
part; then, on the training part alone, a learning curve, and models that never saw one channel or one goods sector.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Sequence
from pathlib import Path

import jieba
from tqdm import tqdm

from benchmarks import card, starter_fits, starter_page, starter_pictures
from benchmarks.starter_data import digest, load

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs everything, writes the page and its pictures, prints a summary."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.starter", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of starter-data.md and img/ (docs)")
    parser.add_argument(
        "--quick", action="store_true", help="few fits, to see that all works; needs an --out of its own"
    )
    args = parser.parse_args(arguments)
    if args.quick and args.out.resolve() == DOCS:
        parser.error("--quick does not measure enough for docs/; give --out DIR")
    if card.sealed()[0] != digest():
        parser.error("datasets/starter/test.jsonl is not the sealed one; python -m benchmarks.card --seal")
    jieba.setLogLevel(logging.ERROR)
    start = time.perf_counter()
    train, test = load("tickets.jsonl"), load("test.jsonl")
    fold = starter_fits.folds(train, 2 if args.quick else starter_fits.FOLDS)
    sizes = (500,) if args.quick else starter_fits.SIZES
    most = 2 if args.quick else None
    counts = [min(most or 99, len(set(train.column(name)))) for name in ("channel", "sector")]
    parts = int(fold.max()) + 1
    work = parts * sum(sizes) + (7 + parts - 1 + sum(counts) - len(counts)) * len(train)
    with tqdm(total=work, unit="ticket", unit_scale=True, disable=None, leave=False) as bar:

        def step(what: str, tickets: int) -> None:
            bar.set_description(what)
            bar.update(tickets)

        ours, naive, strong, recipes = starter_fits.everyone(train, test, step)
        curve = starter_fits.curve(train, fold, sizes, step)
        seen = starter_fits.unfold(curve, fold)
        channels = starter_fits.leave_one_out(train, "channel", seen, step, recipes, most)
        sectors = starter_fits.leave_one_out(train, "sector", seen, step, recipes, most)
    results = starter_page.Results(train, test, ours, naive, strong, curve, seen, channels, sectors)
    starter_pictures.draw(results.curve, channels, sectors, args.out / "img")
    page = args.out / "starter-data.md"
    page.write_text(starter_page.page(results), encoding="utf-8")
    print(starter_page.summary(results))
    print(f"\n{page} · {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
