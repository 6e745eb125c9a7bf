"""What ``fendan tune`` tells people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from training.judge.wording import percent
from training.report import console as show
from training.tune.space import Candidate

_VERDICTS = {"better": "更好", "worse": "更差", "same": "分不出"}
_CHANGES = {
    "min_df=1": "只出现一次的特征也要（min_df 1）",
    "min_df=3": "特征至少出现三次（min_df 3）",
    "min_df=4": "特征至少出现四次（min_df 4）",
    "first_line_twice": "第一行（标题）算两遍",
}


def speak(answer: Mapping[str, Any], found: Candidate) -> None:
    """Prints what was searched and found, the comparison on the fifth kept out, the verdict, and what to do next."""
    trials, search = answer["trials"], answer["search"]
    ended = "（中途停下）" if answer["stopped"] else ""
    typer.echo(
        f"搜索{ended}：{trials['complete']} 次做完，{trials['pruned']} 次提前放弃，"
        f"{search['tickets']:,} 条工单；折外对数损失 {search['default']:.4f} → {search['tuned']:.4f}"
    )
    typer.echo(f"特征：词 1–{found.features.word_ngram}，字 1–{found.features.char_ngram}")
    for head, recipes in found.heads.items():
        svms = " ＋ ".join(f"penalty {one.penalty:g}, ratio {one.ratio:g}, balance {one.balance:g}" for one in recipes)
        typer.echo(f"{head}：{svms}")
    _compared(answer["held_out"])
    typer.echo("\n" + verdict(answer))
    for name, share in answer["would_pay"].items():
        typer.echo(f"· {_CHANGES[name]}：折外对数损失会再低 {percent(share)}；配方里还写不了这一条")
    typer.echo(f"\n配方      {answer['recipe']}")
    typer.echo(f"MLflow    运行 {answer['mlflow']['run_id']}；每次试验在它下面")
    typer.echo(f"接下来    fendan train 数据 --recipe {answer['recipe']}")


def verdict(answer: Mapping[str, Any]) -> str:
    """One sentence: did it help, and where."""
    if answer["is_default"]:
        return "结论：没有找到比默认更好的配方；不用 --recipe 也一样。"
    heads = answer["held_out"]["heads"]
    by = {v: "、".join(h for h, c in heads.items() if c["verdict"] == v) for v in _VERDICTS}
    if not by["better"]:
        tail = f"；{by['worse']} 反而更差，请不要用这份配方" if by["worse"] else "，用默认的配方就好"
        return f"结论：调参没有带来什么：在没见过的工单上，没有一项确实更好{tail}。"
    parts = [f"{by['better']} 确实更好"]
    parts += [f"{by['same']} 分不出"] if by["same"] else []
    parts += [f"{by['worse']} 更差（用之前请先去掉配方里的这一项）"] if by["worse"] else []
    return f"结论：在没见过的工单上，{'；'.join(parts)}。"


def _compared(held: Mapping[str, Any]) -> None:
    when = "较晚的" if held["how"] == "time" else "随机的"
    again = "" if held["compared"] == 1 else f"；这是第 {held['compared']} 次用它比较，次数多了就不再是没见过的"
    typer.echo(f"\n没有参与搜索的{when} {held['tickets']:,} 条上（默认 → 调参，差的 95 % 区间{again}）：")
    rows = []
    for head, one in held["heads"].items():
        cells = [f"{one['default'][n]:.4f} → {one['tuned'][n]:.4f}" for n in ("log_loss", "accuracy", "macro_f1")]
        _, low, high = one["difference"]["log_loss"]
        rows.append((head, *cells, f"[{low:+.4f}, {high:+.4f}]", _VERDICTS[one["verdict"]]))
    typer.echo(show.table(("", "对数损失", "准确率", "macro-F1", "对数损失之差", ""), rows))
