"""``model_card.md``: what a model learned from, how well it does, what it must not be used for (Mitchell et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.corpus import Corpus
from training.evaluate import HeadReport
from triage.taxonomy import Label

if TYPE_CHECKING:
    from models import TriageModel
    from training.fit import Trained


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a person reads it; a dash for None."""
    return "–" if value is None else f"{value * 100:.{digits}f} %"


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
            "| head | n | accuracy | macro-F1 | ECE | Brier | coverage | selective error |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            *(_row(report) for report in trained.reports.values()),
            "",
            *(line for report in trained.reports.values() for line in _classes(report)),
        ]
    else:
        lines.append("没有成绩：工单太少，留不出一部分来评估。")
    lines += [*([""] if lines[-1] else []), "## 自动处理的界限 Limits", "", _promise(model), ""]
    lines += _limits(model)
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


def _row(report: HeadReport) -> str:
    return (
        f"| {report.head} | {report.n:,} | {report.accuracy:.4f} | {report.macro_f1:.4f} | {report.ece:.4f} | "
        f"{report.brier:.4f} | {percent(report.coverage)} | {percent(report.selective_error, 2)} |"
    )


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


def _promise(model: TriageModel) -> str:
    m = model.manifest
    return (
        f"目标：自动处理的回答里错的不超过 {percent(m['target_error'])}（按类，单侧 {percent(m['confidence'], 0)} 把握，"
        "Clopper–Pearson）。“不能承诺”的类别永远交给人。"
    )


def _limits(model: TriageModel) -> list[str]:
    lines = ["| head | label | 自动的最低把握 | 依据 n | 其中错 |", "| --- | --- | ---: | ---: | ---: |"]
    for head, spec in model.manifest["heads"].items():
        for code, limit in spec["limits"].items():
            least = "不能承诺" if limit["auto"] is None else f"{limit['auto']:.3f}"
            lines.append(f"| {head} | {code} | {least} | {limit['n']:,} | {limit['errors']:,} |")
    return lines
