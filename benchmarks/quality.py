"""Quality against named peers on the same tickets: ``python -m benchmarks.quality`` writes docs/benchmarks.md.

Trains and scores every system on every corpus, keeps each result under --work (a stopped run continues), then writes one
table per corpus and head, and a picture beside the page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tqdm import tqdm

from benchmarks import quality_figures, quality_page, quality_picture, quality_runs
from benchmarks.peers import SYSTEMS
from benchmarks.quality_data import CORPORA, STARTER, load_all
from triage.errors import FendanError

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
NAMES = (*CORPORA, STARTER)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when everything asked for was measured, 1 when a system is missing (0 with --allow-missing), 2 for
    data that cannot be used, 130 when stopped by hand."""
    parser = _parser()
    args = parser.parse_args(arguments)
    names = args.only or tuple(name for name in NAMES if args.corpora or name == STARTER)
    systems = args.peers or tuple(SYSTEMS)
    if args.corpora is None and set(names) != {STARTER}:
        parser.error(f"没有给 --corpora DIR（放着 {'、'.join(CORPORA)} 的文件夹），无从测 {'、'.join(names)}")
    whole = set(names) == set(NAMES) and set(systems) == set(SYSTEMS) and not args.small
    if args.out.resolve() == PAGE and not whole:
        parser.error(
            "只测一部分（--only、--peers、--small，或没有 --corpora）时不写 docs/benchmarks.md；请给 --out 别处"
        )
    try:
        with tqdm(disable=None, unit="row", unit_scale=True, leave=False) as bar:
            parts = load_all(names, args.corpora, args.starter, bar.set_description, small=args.small, seed=args.seed)
            chosen = [SYSTEMS[name] for name in systems]
            jobs = quality_runs.plan(parts, chosen, small=args.small, seed=args.seed)
            bar.reset(total=sum(job.work for job in jobs))

            def step(what: str, work: int) -> None:
                bar.set_description(what)
                bar.update(work)

            runs = quality_runs.run(jobs, args.work, step, fresh=args.fresh)
    except FendanError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"已停下；测完的都在 {args.work}，再运行同一命令会接着测", file=sys.stderr)
        return 130
    boards = quality_figures.boards(parts, runs.records, seed=args.seed)
    picture = args.out.parent / "img" / f"{args.out.stem}.png"
    if boards:
        quality_picture.draw(boards, systems, picture)
        text = quality_page.page(
            boards,
            systems,
            runs.missing,
            picture=f"img/{picture.name}",
            command=_command(args.seed),
            seed=args.seed,
            small=args.small,
        )
        args.out.write_text(text, encoding="utf-8")
        print("\n\n".join(quality_page.table(board, systems, runs.missing) for board in boards))
        print("\n" + "\n".join(quality_page.worse(boards)))
        print(f"\n{args.out} · {picture}")
    for name, why in runs.missing.items():
        print(f"没有测 {name}：{why}", file=sys.stderr)
    return 1 if runs.missing and not args.allow_missing else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__.splitlines()[0])
    parser.add_argument("--corpora", type=Path, help=f"放着公开语料 {'、'.join(CORPORA)} 的文件夹；不给则只测起步工单")
    parser.add_argument("--starter", type=Path, default=ROOT / "datasets" / "starter", help="起步工单的文件夹")
    parser.add_argument("--only", type=_list(NAMES), help=f"只测这些语料，逗号分隔：{','.join(NAMES)}")
    parser.add_argument("--peers", type=_list(tuple(SYSTEMS)), help=f"只测这些系统，逗号分隔：{','.join(SYSTEMS)}")
    parser.add_argument("--out", type=Path, default=PAGE, help="写到哪一页；图写到它旁边的 img/（docs/benchmarks.md）")
    parser.add_argument(
        "--work", type=Path, default=ROOT / "var" / "bench-quality", help="存放结果的文件夹；中断后从这里接着测"
    )
    parser.add_argument("--seed", type=int, default=0, help="所有系统共用的随机种子（0）")
    parser.add_argument("--small", action="store_true", help="只用几百条、训练一轮，看看能不能跑通；要另给 --out")
    parser.add_argument("--fresh", action="store_true", help="不用存着的结果，全部重测")
    parser.add_argument("--allow-missing", action="store_true", help="有系统没有安装时也以状态 0 结束")
    return parser


def _list(allowed: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def read(value: str) -> tuple[str, ...]:
        given = [one.strip() for one in value.split(",") if one.strip()]
        unknown = [one for one in given if one not in allowed]
        if unknown or not given:
            raise argparse.ArgumentTypeError(f"不认识 {'、'.join(unknown) or '空的一项'}；可用的：{'、'.join(allowed)}")
        return tuple(name for name in allowed if name in given)

    return read


def _command(seed: int) -> str:
    return (
        "make bench-quality CORPORA=DIR" if seed == 0 else f"python -m benchmarks.quality --corpora DIR --seed {seed}"
    )


if __name__ == "__main__":
    sys.exit(main())
