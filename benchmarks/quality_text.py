"""The words of docs/benchmarks.md; ``benchmarks.quality_page`` fills in the figures."""

PAGE = """# 与别家比：准确率 · Quality against peers

本页和图由 `python -m benchmarks.quality` 写成，不要手改。This page and its picture are written by that command; do not edit them.

```sh
{command}
```

- 每套语料的训练与测试文件对所有系统都一样，随机种子都是 {seed}；没有一个系统在测试部分上调过什么。
  *All systems learn from and are asked about the same files, with the same seed ({seed}); none was tuned on a test part.*
- 对手每一栏各训练一个模型，我们的一次训练所有栏。*Peers: one model per head. Ours: one training for all heads of a corpus.*
- 对手都按通行的写法、按准确率训练，不给少见的类加权；TextCNN 按留出一成的准确率停（Kim 2014），类很不均匀时 macro-F1 因此低。
  *Peers are trained as usually written, for accuracy, without class weights; TextCNN stops by accuracy on a held-out tenth (Kim
  2014), which costs macro-F1 where classes are very uneven.*
- {versions}
- {machines}
- {busy}

| 系统 system | | 设置 settings |
| --- | --- | --- |
{systems}

## 怎么读 · How to read the tables

- 方括号：95 % 百分位自助法区间，{draws} 次，近似重复的整组抽取，所有系统抽同样的工单。
  *Brackets: 95 % percentile bootstrap, {draws} draws of whole groups of near-duplicates, the same draws for all systems.*
- “与我们最好的比”对的是我们最好的模型：按训练部分里留出的工单挑，不看测试成绩（没有留出时表下会说明）。▲ 对手更好且显著，
  △ 更好但在误差之内，＝ 相同，▽ 更差但在误差之内，▼ 显著更差；先准确率（McNemar mid-p < 0.05），后 macro-F1
  （成对区间不含 0）。没有作多重校正。
  *“Against our best”: our model with the best figures on held-out training tickets, not by test figures (a note says where none were
  held out). ▲ better and significantly so, △ better within chance, ＝ equal, ▽ worse within chance, ▼ significantly worse; first accuracy
  (McNemar mid-p < 0.05), then macro-F1 (paired interval without 0). No correction for multiple tests.*
- “只有它对 / 只有我们对”：恰有一方答对的工单数，McNemar 双侧 mid-p（括号里是精确检验的 p）。
  *“Only it / only ours”: tickets that exactly one of the two got right; two-sided mid-p, the exact p in brackets.*
- 训练秒数、每秒工单、MB：对手的只算这一栏，我们的（标 †）是全部栏一起。每秒工单从原文到标签，含分词，一个进程。大小是存盘的权重加词表。
  *Seconds, tickets/s, MB: of this head alone for peers, of all heads together for ours (†). Tickets/s run from text to label, segmentation
  included, in one process. Size: weights and vocabulary on disk, nothing compressed.*
- “自动”：目标错误率 {target} 时不经人手的份额，和其中错的份额（Clopper–Pearson 95 % 区间）。对手不给这样的承诺。
  *“Auto”: share routed without a person at a target error of {target}, and the share of wrong ones among them (Clopper–Pearson 95 %).
  Peers make no such promise.*

{picture}

{tables}

## 不是最好的地方，为什么 · Where not best, and why

{worse}
{missing}"""

PICTURE = (
    "![Accuracy and macro-F1 with 95 % intervals of every system, one panel for each corpus and head;"
    " ours stand on a shaded band]({path})"
)

SMALL = """
> 这是 `--small` 的一次试跑（几百条、一轮）：数字什么也说明不了。*A trial run on a few hundred rows and one epoch: its figures say nothing.*
"""

MISSING = """
## 没有测的 · Not measured

{lines}
"""
