"""What it costs to group near-duplicates of 600,000 tickets, and what not counting their frames adds to it.

The tickets are halves of starter tickets put together anew, plain and in four frames (a form, a chat, a mail, a transfer with
numbers). Whole texts are what was compared before frames were known. One process, one thread, in turn.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from benchmarks.starter_data import read_rows
from benchmarks.timing import medians
from training.data.duplicates import group, group_whole

FRAMES = (
    "工单来源：在线客服\n受理时间：2026-11-{day:02d}\n客户诉求：{text}\n处理要求：请责任部门两小时内联系客户并反馈处理结果",
    "您好，欢迎光临云上家居旗舰店，我是智能客服小云，请问有什么可以帮您？{text}",
    "{text}\n\n本邮件及其附件含有本公司的保密信息，仅限于发送给上面地址中列出的个人或群组，禁止任何其他人使用本邮件中的信息。",
    "您的来电已于11月{day}日转到二线，流水号{number}，请在规定时间内回复。客户原话：{text}",
)

MOST = 1.1
"""Finding frames may make plain tickets take so many times as long."""


def tickets(n: int, seed: int = 0) -> list[str]:
    """``n`` tickets, each of the first half of one starter ticket and the second half of another."""
    rng = random.Random(seed)
    texts = [row["text"] for row in read_rows("tickets.jsonl")]
    pairs = ((rng.choice(texts), rng.choice(texts)) for _ in range(n))
    return [first[: len(first) // 2] + second[len(second) // 2 :] for first, second in pairs]


def framed(texts: Sequence[str], seed: int = 0) -> list[str]:
    """The same in frames, in turn."""
    rng = random.Random(seed)
    return [
        FRAMES[i % len(FRAMES)].format(text=text, day=rng.randint(1, 30), number=rng.randint(10**7, 10**8))
        for i, text in enumerate(texts)
    ]


def main(rounds: int, n: int = 600_000) -> None:
    """Times, prints, and says whether the promise is kept."""
    plain = tickets(n)
    forms = framed(plain)
    found: dict[str, NDArray[np.int64]] = {}

    def run(name: str) -> None:
        texts = plain if name.startswith("plain") else forms
        found[name] = (group_whole if name.endswith("whole") else group)(texts)

    names = ("plain, whole", "plain, without frames", "in frames, whole", "in frames, without frames")
    seconds = medians({name: partial(run, name) for name in names}, rounds)
    print(f"## Near-duplicates: {n:,} tickets of {sum(map(len, plain)) / n:.0f} characters\n")
    print("| | seconds | groups | largest |\n| --- | ---: | ---: | ---: |")
    for name in names:
        sizes = Counter(found[name].tolist())
        print(f"| {name} | {seconds[name]:,.1f} | {len(sizes):,} | {max(sizes.values()):,} |")
    ratio = seconds["plain, without frames"] / seconds["plain, whole"]
    kept = "kept" if ratio <= MOST else "NOT kept"
    print(f"\nLooking for frames makes plain tickets take {ratio:.2f} times as long ({kept}: {MOST}).")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates", description=__doc__)
    parser.add_argument("--tickets", type=int, default=600_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    main(given.rounds, given.tickets)
