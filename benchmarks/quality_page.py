"""docs/benchmarks.md from the boards of ``benchmarks.quality_figures``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from benchmarks import quality_text as words
from benchmarks.peers import SYSTEMS
from benchmarks.quality_cache import Record
from benchmarks.quality_data import TITLES
from benchmarks.quality_figures import Board, Line
from benchmarks.quality_remarks import remark
from benchmarks.quality_stats import DRAWS, Range

TARGET = 0.03
_COLUMNS = (
    ("系统 system", "---"),
    ("准确率 accuracy", "---:"),
    ("macro-F1", "---:"),
    ("与我们最好的比 against our best", ":---:"),
    ("Δ 准确率 accuracy", "---:"),
    ("Δ macro-F1", "---:"),
    ("只有它对 / 只有我们对 only it / only ours, p", "---:"),
    ("自动 auto · 其中错 wrong", "---:"),
    ("训练 training s", "---:"),
    ("工单 tickets/s", "---:"),
    ("MB", "---:"),
)


def page(
    boards: Sequence[Board], systems: Sequence[str], missing: Mapping[str, str], *, picture: str, command: str,
    seed: int, small: bool,
) -> str:  # fmt: skip
    """The whole document; ``systems`` are those that were asked for, ``missing`` those of them that could not run."""
    records = [line.record for board in boards for line in board.lines]
    text = words.PAGE.format(
        command=command,
        seed=seed,
        versions=_versions(records),
        machines=_machines(records),
        busy=_busy(records),
        systems="\n".join(_system(name, records) for name in systems),
        draws=f"{DRAWS:,}",
        target=f"{TARGET:.0%}",
        picture=words.PICTURE.format(path=picture),
        tables="\n\n".join(table(board, systems, missing) for board in boards),
        worse="\n".join(worse(boards)),
        missing=_missing(missing),
    )
    return text.replace("\n\n", "\n" + words.SMALL + "\n", 1) if small else text


def table(board: Board, systems: Sequence[str], missing: Mapping[str, str]) -> str:
    """One corpus and head."""
    chinese, english = TITLES[board.corpus]
    there = {line.name: line for line in board.lines}
    best = max((line.accuracy.value for line in board.lines), default=0.0)
    best_f1 = max((line.macro_f1.value for line in board.lines), default=0.0)
    lines = [
        f"### {chinese} {english} · {board.head}",
        "",
        f"测试 {board.n:,} 条，{board.k} 类。*{board.n:,} test tickets, {board.k} labels.* {_compared(board)}".rstrip(),
        "",
        "| " + " | ".join(name for name, _ in _COLUMNS) + " |",
        "| " + " | ".join(side for _, side in _COLUMNS) + " |",
    ]
    for name in systems:
        if name in there:
            lines.append(_row(there[name], board, best, best_f1))
        elif name in missing:
            lines.append(f"| {_title(name)} | 没有测 not measured |" + " – |" * (len(_COLUMNS) - 2))
    return "\n".join(lines)


def worse(boards: Sequence[Board]) -> list[str]:
    """Every peer that is better than the best of ours somewhere, with what is known about the reason."""
    compared = [board for board in boards if board.best]
    if not compared:
        return ["没有我们的模型可比。*None of ours was measured.*"]
    out = []
    for board in compared:
        for line in board.better_peers:
            against = line.against
            assert against is not None
            chinese, english = remark(board.corpus, board.head, line.name)
            what = [
                f"{figure} {_signed(difference)} {_judged(sign)}"
                for figure, difference, sign in (
                    ("accuracy", against.accuracy, against.accuracy_sign),
                    ("macro-F1", against.macro_f1, against.macro_f1_sign),
                )
                if difference.value > 0
            ]
            out.append(
                f"- **{TITLES[board.corpus][1]} · {board.head}**：{_title(line.name)} 胜过 beats {_title(board.best or '')}："
                f"{'；'.join(what)}。{chinese}。*{english[0].upper()}{english[1:]}.*"
            )
    whole = sum(not board.better_peers for board in compared)
    count = (
        f"{len(compared)} 张表里有 {whole} 张，我们最好的模型两个数字都不输给任何对手。"
        f"*In {whole} of {len(compared)} tables no peer beats the best of ours in accuracy or macro-F1.*"
    )
    out += _ours_behind(compared)
    return [count, "", *out] if out else [count]


def _ours_behind(boards: Sequence[Board]) -> list[str]:
    """Those of ours, the best of a table apart, that are behind a peer: where, by how much behind the strongest, and why."""
    found: dict[tuple[str, tuple[str, str]], list[str]] = {}
    for board in boards:
        peers = [one for one in board.lines if not SYSTEMS[one.name].ours]
        for mine in board.lines:
            if not SYSTEMS[mine.name].ours or mine.name == board.best or not peers:
                continue
            accuracy = mine.accuracy.value - max(one.accuracy.value for one in peers)
            macro_f1 = mine.macro_f1.value - max(one.macro_f1.value for one in peers)
            less = [
                f"{figure} {value:+.4f}"
                for figure, value in (("accuracy", accuracy), ("macro-F1", macro_f1))
                if value < 0
            ]
            if less:
                why = remark(board.corpus, board.head, mine.name)
                found.setdefault((mine.name, why), []).append(
                    f"{TITLES[board.corpus][1]} · {board.head} {', '.join(less)}"
                )
    return [
        f"- {_title(name)} 不如最强的对手 is behind the strongest peer：{'；'.join(where)}。{chinese}。"
        f"*{english[0].upper()}{english[1:]}.*"
        for (name, (chinese, english)), where in found.items()
    ]


def _row(line: Line, board: Board, best: float, best_f1: float) -> str:
    record, against = line.record, line.against
    ours = SYSTEMS[line.name].ours
    mark = " †" if ours else ""
    cells = [
        f"**{_title(line.name)}**" if ours else _title(line.name),
        _figure(line.accuracy, line.accuracy.value == best),
        _figure(line.macro_f1, line.macro_f1.value == best_f1),
    ]
    if against:
        test = against.test
        cells += [
            f"{against.accuracy_sign} {against.macro_f1_sign}",
            _signed(against.accuracy),
            _signed(against.macro_f1),
            f"{test.only_a:,} / {test.only_b:,}, {_p(test.mid_p)} ({_p(test.exact)})",
        ]
    else:
        cells += ["我们最好的 our best" if line.name == board.best else "–", "–", "–", "–"]
    cells += [
        _auto(line),
        f"{_short(record.train_seconds)}{mark}",
        f"{record.predicted / record.predict_seconds:,.0f}{mark}",
        f"{_short(record.size / 1e6)}{mark}",
    ]
    return "| " + " | ".join(cells) + " |"


def _auto(line: Line) -> str:
    if line.auto is None:
        return "–"
    if line.auto_error is None:
        return f"{line.auto:.1%} · –"
    wrong = line.auto_error
    return f"{line.auto:.1%} · {wrong.value:.2%} [{wrong.low:.2%}, {wrong.high:.2%}]"


def _compared(board: Board) -> str:
    if not board.best:
        return "没有我们的模型，所以没有比较。*None of ours, so nothing is compared.*"
    if board.chosen_on == "dev":
        return ""
    return (
        f"我们的模型没有都留出工单，{_title(board.best)} 是按测试准确率挑的，略偏向我们。"
        "*Not all of ours held tickets out; the best was taken by test accuracy, which favours ours a little.*"
    )


def _title(name: str) -> str:
    system = SYSTEMS[name]
    return system.chinese if system.chinese == system.english else f"{system.chinese} {system.english}"


def _system(name: str, records: Sequence[Record]) -> str:
    settings = next((one.settings for one in records if one.system == name), SYSTEMS[name].settings)
    return f"| `{name}` | {_title(name)} | `{json.dumps(settings, ensure_ascii=False)}` |"


def _figure(value: Range, best: bool) -> str:
    number = f"**{value.value:.4f}**" if best else f"{value.value:.4f}"
    return f"{number} [{value.low:.3f}, {value.high:.3f}]"


def _signed(value: Range) -> str:
    return f"{value.value:+.4f} [{value.low:+.3f}, {value.high:+.3f}]"


def _judged(sign: str) -> str:
    return {"▲": "▲ 显著 significant", "△": "△ 在误差之内 within chance"}[sign]


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "<0.001"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _versions(records: Sequence[Record]) -> str:
    found = {name: version for one in records for name, version in one.versions.items() if version}
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items()))


def _machines(records: Sequence[Record]) -> str:
    days = sorted({one.measured_at[:10] for one in records})
    when = days[0] if days[:1] == days[-1:] else f"{days[0]} – {days[-1]}" if days else ""
    return f"{'; '.join(sorted({one.machine for one in records}))}；测于 measured {when}"


def _busy(records: Sequence[Record]) -> str:
    """Timings of a busy machine say little; how busy it was stands beside them."""
    highest = max((load for one in records for load in one.load), default=0.0)
    return (
        f"测的时候平均负载最高 {highest:.1f}：比核数高时，秒数偏大。"
        f"*Highest load average while measuring: {highest:.1f}; above the number of cores, timings come out too slow.*"
    )


def _missing(missing: Mapping[str, str]) -> str:
    if not missing:
        return ""
    return words.MISSING.format(lines="\n".join(f"- {_title(name)}：{why}" for name, why in missing.items()))
