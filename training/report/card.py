"""``model_card.md``: what a model learned from, how well it does, what it must not be used for (Mitchell et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.data.corpus import Corpus
from training.judge.evaluate import HeadReport
from training.judge.probe import CheckReport
from training.judge.wording import between, harm_words, percent
from triage.taxonomy import Label

if TYPE_CHECKING:
    from models import TriageModel
    from training.fit.fit import Trained


def card(trained: Trained, corpus: Corpus) -> str:
    """The card as Markdown, Chinese with English headings."""
    model = trained.model
    m = model.manifest
    dated = sorted(moment for moment in corpus.created_at if moment)
    span = f"{dated[0]:%Y-%m-%d} – {dated[-1]:%Y-%m-%d}" if dated else "未给出"
    since = trained.split.since
    how = f"按时间留出较晚的（{since:%Y-%m-%d %H:%M} 起）" if since else "随机留出的"
    lines = [
        "# 模型说明 Model card",
        "",
        "## 数据 Data",
        "",
        f"- 工单 {len(corpus):,} 条，其中 {trained.duplicates:,} 条与较早的一条重复或近似（同组工单不跨训练与留出）",
        f"- 时间 {span}",
        f"- 指纹 `{corpus.fingerprint}`",
        "- 文本在读入时已去除手机号、证件号、卡号、邮箱、订单号、地址",
        "",
        "## 标签 Heads",
        "",
    ]
    for head, labels in model.heads.items():
        names = "、".join(_named(model.taxonomy.heads[head].label(c)) for c in labels)
        lines.append(f"- **{head}**，{m['heads'][head]['texts']:,} 条带标签：{names}")
    lines += ["", "## 成绩 Held-out figures", ""]
    if trained.reports:
        lines += [
            f"{how} {len(trained.split.held_out):,} 条；成绩是**没有见过这些工单**的那个模型的。"
            + ("随后用全部工单重新训练，得到这里交付的模型。" if trained.refit else ""),
            "",
            "| head | n | accuracy | macro-F1 | ECE | Brier | log loss | coverage | selective error |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            *(line for report in trained.reports.values() for line in _rows(report)),
            "",
            "第二行是 95 % 区间：准确率与自动中的错误是精确的二项区间，macro-F1 与 Brier 是自助法，ECE（15 个等量的箱，"
            "没有去偏，工单少时偏大）的区间已计入偏差。",
            "",
            *(line for report in trained.reports.values() for line in _classes(report)),
            *_harm(trained),
            *_behaviour(trained),
        ]
    else:
        lines.append("没有成绩：工单太少，留不出一部分来评估。")
    lines += [*([""] if lines[-1] else []), "## 校准 Calibration", "", *_calibration(model)]
    lines += ["", "## 自动处理的界限 Limits", "", *_promise(model), "", *_limits(model)]
    lines += [
        "",
        "## 用途与不当用途 Intended use",
        "",
        "- 用来给中文客服工单分队列、定紧急程度和语气；每个回答都带校准过的把握，没把握的应由人处理。",
        "- 不应用来评价客服或客户个人，不应用作拒绝退款、赔偿等对客户不利的自动决定。",
        "- 业务、商品、话术变了，成绩会变；请用自己较新的工单重新评估（`fendan evaluate`）。",
        "- 对其他行业、其他语言的文本没有评估过。",
        "",
        "## 版本 Versions",
        "",
        "```",
        *(f"{name} {version}" for name, version in m["versions"].items()),
        "```",
    ]
    if trained.notes:
        lines += ["", "## 训练时的说明 Notes", "", *(f"- {note}" for note in trained.notes)]
    return "\n".join(lines) + "\n"


def _named(label: Label) -> str:
    return label.code if label.name == label.code else f"{label.name}（{label.code}）"


def _rows(report: HeadReport) -> list[str]:
    """The figures, and below them their intervals."""
    spans = report.intervals
    return [
        f"| {report.head} | {report.n:,} | {report.accuracy:.4f} | {report.macro_f1:.4f} | {report.ece:.4f} | "
        f"{report.brier:.4f} | {report.log_loss:.4f} | {percent(report.coverage)} | {percent(report.selective_error, 2)} |",
        f"| | | {between(spans['accuracy'])} | {between(spans['macro_f1'])} | {between(spans['ece'])} | "
        f"{between(spans['brier'])} | | | {between(spans['selective_error'], 2, percent=True)} |",
    ]


def _classes(report: HeadReport) -> list[str]:
    per_class = report.to_json()["per_class"]
    return [
        f"### {report.head}",
        "",
        "| label | precision | recall | F1 | support |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {code} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} | {row['support']:,} |"
            for code, row in per_class.items()
        ),
        "",
    ]


def _harm(trained: Trained) -> list[str]:
    if trained.harm is None:
        return []
    return ["### 不能漏掉的 Harm", "", f"- {harm_words(trained.harm)}", ""]


def _behaviour(trained: Trained) -> list[str]:
    """How often an answer moved as it must not; a star where the check lets the head move."""
    found = trained.behaviour
    if found is None:
        return []
    heads = list(trained.reports) or list(trained.model.heads)
    lines = [
        "### 行为检查 Behaviour",
        "",
        f"同样的 {len(found.texts):,} 条留出工单改动前后各问一遍（`fendan probe`）：回答变了几成，括号里是跳过一级以上的次数；"
        "方向检查里是往错的方向动了几成。带 * 的允许变，只作参考。",
        "",
        f"| check | n | {' | '.join(heads)} |",
        "| --- | ---: |" + " ---: |" * len(heads),
    ]
    for one in found.checks:
        if one.n:
            cells = [_moved(one, head) for head in heads]
            lines.append(f"| {one.check.title}（{one.check.name}） | {one.n:,} | {' | '.join(cells)} |")
    return [*lines, ""]


def _moved(one: CheckReport, head: str) -> str:
    change = one.heads.get(head)
    if change is None:
        return "–"
    jumps = f"（{change.jumps}）" if change.ordinal else ""
    return f"{percent(change.flips / one.n)}{jumps}{'*' if change.free else ''}"


def _calibration(model: TriageModel) -> list[str]:
    """Held-out log loss of every method, the one taken in bold."""
    heads = {head: spec for head, spec in model.manifest["heads"].items() if spec.get("calibrations")}
    if not heads:
        return ["没有比较过校准方法：留不出没见过的工单。"]
    methods = list(dict.fromkeys(method for spec in heads.values() for method in spec["calibrations"]))
    lines = [
        "各种校准方法在没见过的工单上的 log loss ± 标准误（ECE）；**粗体**是采用的：更复杂的要好过一个标准误才用。",
        "",
        f"| head | {' | '.join(methods)} |",
        "| --- |" + " ---: |" * len(methods),
    ]
    for head, spec in heads.items():
        taken = spec.get("calibrated_by", spec["calibration"]["method"])
        cells = []
        for method in methods:
            row = spec["calibrations"].get(method)
            cell = f"{row['log_loss']:.4f} ± {row['log_loss_se']:.4f} ({row['ece']:.3f})" if row else "–"
            cells.append(f"**{cell}**" if method == taken else cell)
        lines.append(f"| {head} | {' | '.join(cells)} |")
    return lines


def _promise(model: TriageModel) -> list[str]:
    m = model.manifest
    lines = [
        f"每项自动处理的回答里错的不超过目标（单侧 {percent(m['confidence'], 0)} 把握，Clopper–Pearson，依据没见过的工单）；"
        "有自己目标的类别单独承诺。“不能承诺”的类别永远交给人。",
        "",
        "| head | 目标 | 依据 n | 其中错 | 错误率上界 |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for head, spec in m["heads"].items():
        promise = spec["promise"]
        bound = percent(promise["bound"], 2) if promise["n"] else "–"
        lines.append(f"| {head} | {percent(promise['target'])} | {promise['n']:,} | {promise['errors']:,} | {bound} |")
    return lines


def _limits(model: TriageModel) -> list[str]:
    lines = ["| head | label | 自动的最低把握 | 依据 n | 其中错 |", "| --- | --- | ---: | ---: | ---: |"]
    for head, spec in model.manifest["heads"].items():
        for code, limit in spec["limits"].items():
            least = "不能承诺" if limit["auto"] is None else f"{limit['auto']:.3f}"
            lines.append(f"| {head} | {code} | {least} | {limit['n']:,} | {limit['errors']:,} |")
    return lines
