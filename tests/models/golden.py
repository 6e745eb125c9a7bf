"""Writes the golden model: ``python -m tests.models.golden``, from the repository.

A tiny model with all heads and what it answers, kept in ``tests/golden/``, one for each feature version (``model`` and
``answers.json`` are of version 1 and are not written again). They must keep loading and keep their answers: when the
format of the folder, the folding, the segmentation or the hashing changes what a text is turned into, the test beside it says
so, and whoever changed it raises ``FeatureSettings.version`` or ``artefact.FORMAT_VERSION`` and runs this again.
"""

from __future__ import annotations

import json
from pathlib import Path

from models import TriageModel
from tests.models.builders import HEADS, fit_texts, taxonomy

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
MODELS = {1: GOLDEN / "model", 2: GOLDEN / "model_2"}
ANSWERS = {1: GOLDEN / "answers.json", 2: GOLDEN / "answers_2.json"}
NEWEST = max(MODELS)

_TOPICS = {
    "logistics": "快递显示签收了可我没收到|物流三天没动了|包裹停在中转站不动|快递员把包裹扔在门口|物流一直不更新",
    "refund": "退款什么时候到账|退货签收了退款还没到|说好的退款没有到账|查一下退款进度|退款退到哪里了",
    "invoice": "麻烦开一张发票|发票抬头开错了|电子发票没收到|要开增值税发票|发票什么时候能开",
}
_TONES = {
    ("critical", "negative"): "，再不处理我就投诉！！！！！",
    ("normal", "neutral"): "，麻烦看一下",
    ("low", "positive"): "，不着急，谢谢😊😊😊😊😊 1299元",
    ("high", "negative"): "，催了三次了还没人管，太慢了",
    ("normal", "positive"): "，辛苦啦谢谢",
}
TEXTS = (
    "快递没收到，麻烦查一下",
    "我的快遞還沒收到！！！！！😡",
    "谢谢😊😊😊😊😊，退3588元",
    "发票抬头开错了，手机１３８１２３４５６７８，见 https://example.com/a?b=1",
    "退款1299元什么时候到账？谢谢",
    "𠮷野家的\u200b发票，ＡＢＣ  不着急",
    "",
    "ሀሁሂ",
)


def fit() -> TriageModel:
    rows = [
        (text + tone, category, urgency, sentiment)
        for category, texts in _TOPICS.items()
        for text in texts.split("|")
        for (urgency, sentiment), tone in _TONES.items()
    ]
    labels = {head: [row[i] for row in rows] for i, head in enumerate(HEADS, start=1)}
    groups = [i // len(_TONES) for i in range(len(rows))]  # one text in several tones: near-duplicates
    return fit_texts([row[0] for row in rows], labels, taxonomy=taxonomy(), target_error=0.3, groups=groups)


def answers(model: TriageModel) -> list[dict[str, object]]:
    return [
        {
            "text": text,
            "probabilities": {head: list(p.heads[head].probabilities) for head in HEADS},
            "scope": p.scope,
            "actions": {head: p.heads[head].action for head in HEADS},
            "evidence": [list(e) for e in p.evidence],
        }
        for text, p in zip(TEXTS, model.predict(TEXTS, evidence=True), strict=True)
    ]


if __name__ == "__main__":
    model = fit()
    place = MODELS[NEWEST]
    model.save(place)
    ANSWERS[NEWEST].write_text(json.dumps(answers(model), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{place}: {sum(p.stat().st_size for p in place.iterdir()):,} bytes")
