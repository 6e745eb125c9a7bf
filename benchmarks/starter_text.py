"""The words of docs/starter-data.md; ``benchmarks.starter_page`` fills in the figures."""

PAGE = """# 起步数据的成绩 · What the starter data is good for

本页由 `python -m benchmarks.starter` 写成，不要手改。数据见 [datasets/README.md](../datasets/README.md)。
This page is written by that command; do not edit it. Figures are shares (0.9 is 90 %), classes carry their code.

- 训练部分 {train} 条，封存测试部分 {test} 条（SHA-256 `{seal}…`，{date} 封存）。没有对照组跨两边，也没有两条的字三元组
  Jaccard 超过 0.5；不计标点和空白时，有 {alike} 条封存的（都很短）与某条训练工单达到 0.5。
  *Training part {train} tickets, sealed test part {test}. No contrast set stands on both sides, and no two tickets share more than half of
  their character 3-grams; when signs and blanks do not count, {alike} sealed ones (all very short) reach half with a training ticket.*
- **Fendan** 是默认的线性模型，目标错误率 {target}。**naive** 是每一栏各一个 `TfidfVectorizer(tokenizer=jieba.lcut)` +
  `LogisticRegression(max_iter=1000)`，按默认值、不调参，在同一份训练部分上拟合；调过的会近一些。
  **strong** 是用心的团队会写的：词 1–2 加字 1–3 的 TF-IDF + `LinearSVC`（不给概率）。三者都没有在封存部分上挑过什么。
  *naive is untuned; a tuned one would come closer. strong is what a careful team writes: words 1–2 and characters 1–3,
  TF-IDF, linear SVM (it gives no probabilities).*
- 方括号里是 95 % 区间：自助法 2,000 次，整组抽取（对照组不拆开）。Brackets: 95 % bootstrap intervals, units drawn whole.
- {versions}；所有随机种子固定 (all seeds fixed)。

## 封存测试部分 · The sealed part

什么都没有在它上面挑选过。“error of as many surest answers”让两者按把握各取同样多的答案来比：Fendan 自动回答了多少，
就也取对手最有把握的那么多。最右一栏是两遍标注彼此一致的程度，可当作天花板的上限来看。
*Nothing was chosen on it. “Error of as many surest answers” takes from each model as many of the surest answers as Fendan
marked `auto`. The last column says how often two labellings agreed, an upper figure for the ceiling.*

{sealed}

与 naive 之差，以及恰有一方答对的工单数（McNemar 精确检验，双侧，未作多重校正）：
*The difference from naive, and the tickets that exactly one of the two got right (exact McNemar test, two-sided, not corrected for
three heads):*

{against}

### 对手更好的地方 · Where a peer is better

{worse}

单个类别的差距大多在几条工单之内，不一定说明什么。*Most gaps of single classes are a matter of a few tickets.*

### 各类 · Per class

粗体：naive 的 F1 更高。“auto”是回答为该类的工单里自动的条数。*Bold: naive has the higher F1. “auto” counts the automatic
answers among all answers of that class.*

{classes}

### 难的与普通的 · Hard and plain tickets

难的工单是有意写的：一单两事、误导的关键词、反讽、不动声色的急事、大喊大叫的小事。*Hard ones were written to be hard: two
issues in one ticket, misleading keywords, sarcasm, calm emergencies, loud trifles.*

{hard}

## 再多数据还有用吗 · Does more data still help?

只用训练部分：分成 5 份，每份轮流当考题，从其余 4 份随机抽 500、1,000、2,000 条或全用；括号里是 5 份中最低到最高。
*Training part only, in 5 folds; models learn from random draws outside a fold and are asked about it. Lowest to highest
fold in brackets.*

![Learning curve: accuracy and macro-F1 of each head rise with the number of training tickets](img/learning_curve.png)

{curve}

最后一步带来的 (the last step brought):

{growth}

## 没见过的渠道和行业 · Channels and sectors never seen

一家新店的工单与起步数据不会一样。这里用训练部分估计会差多少：轮流把一个渠道（或一个行业）整个拿走，用其余的学，
再考被拿走的那些。“cross-validation”是同样的工单、渠道行业都见过时（上面 5 份的结果）。估计仍偏乐观：
换的只是渠道或行业，作者和标注指南没有换。还有：交叉验证的模型学了约 {folded} 条，拿走一个渠道的学了 {without_channel} 条、
拿走一个行业的学了 {without_sector} 条，所以“没见过”有时反而高一点，那是工单多，不是没见过更好。
*A new shop's tickets will differ from ours. To estimate the loss, one channel (or goods sector) at a time is taken away whole, and
the model that learned from the rest is asked about it. “Cross-validation” is the same tickets with channel and sector seen.
This is still optimistic: channel or sector change, authors and guide do not. And the models of the cross-validation learned from
about {folded} tickets, those without a channel from {without_channel}, without a sector from {without_sector}: where “never seen”
comes out higher, that is the larger number of tickets, not the novelty.*

{pooled}

![Models that never saw a channel or a sector, beside models that did, on the same tickets](img/leave_one_out.png)

下面两张表由差到好排，括号里是同样的工单在“见过”时的成绩；一个行业里有的类只有几条，macro-F1 起伏大。
*Worst first; in brackets the same tickets when channel or sector were seen. Some classes have only a few tickets in a
sector, so its macro-F1 jumps about.*

### 渠道 · Channels

{channels}

### 行业 · Sectors

{sectors}
"""
