"""Whether a model that has been read from its folder may answer tickets: it is asked, and its answers are looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triage.contract import decision_json
from triage.decision import ModelRef
from triage.errors import ArtefactError
from triage.policy import decide
from triage.policy.profile import Profile
from triage.prediction import Prediction
from triage.taxonomy import Taxonomy
from triage.ticket import Ticket

TEXTS = (
    "快递三天没动了，麻烦催一下，急用",
    "我手机 [手机号]******，退款什么时候到账？？？？？？",
    "優惠券用不了，滿減沒有生效！！！",
    "😡😡😡 三天了 ５００元 还没退 https://example.com/a?b=c",
    "hello, is it 纯棉?",
    "主题：发票\n\n发票抬头开错了，能不能作废重开？税号 91330100MA2XXXXX0X",
    "退" * 2_000,
    "x",
    "",
    " \n\t　",
)
"""What tickets look like, and what they look like at worst."""


def check(model: Any, profile: Profile, now: datetime, *, answering: Mapping[str, tuple[str, ...]]) -> None:
    """Asks ``model`` about :data:`TEXTS`, alone and together, as tickets would; also compiles what is not compiled yet.

    Args:
        answering: heads of the model that answers just now; empty when there is none.

    Raises:
        ArtefactError: its labels, heads or answers cannot be used.
    """
    _check_heads(model, profile, answering)
    together = model.predict(TEXTS, evidence=True)
    alone = [prediction for text in TEXTS for prediction in model.predict([text], evidence=True)]
    if len(together) != len(TEXTS) or len(alone) != len(TEXTS):
        raise _refused(f"问了 {len(TEXTS)} 段文字，答了 {len(together)} 段")
    for text, first, second in zip(TEXTS, together, alone, strict=True):
        for prediction in (first, second):
            _check_answer(text, prediction, model.heads)
            ticket = Ticket(ticket_id="T", text=text)
            ref = ModelRef("check", "check")
            decision_json(decide(ticket, prediction, profile=profile, taxonomy=model.taxonomy, now=now, model=ref))
        for head in model.heads:
            if abs(first.heads[head].confidence - second.heads[head].confidence) > 1e-4:
                raise _refused(f"同一段文字单独问和一起问，{head} 的把握不一样")


def _check_heads(model: Any, profile: Profile, answering: Mapping[str, tuple[str, ...]]) -> None:
    heads = set(model.heads)
    if missing := sorted(set(profile.auto_requires) - heads):
        raise _refused(f"它不回答 {'、'.join(missing)}，而分单策略 {profile.name} 的 auto_requires 要它")
    if missing := sorted(set(answering) - heads):
        raise _refused(f"它不回答 {'、'.join(missing)}，而正在用的模型回答；确实要这样换，请用它重启服务")
    taxonomy = model.taxonomy
    Taxonomy.from_mapping(taxonomy.to_mapping())
    for head, labels in model.heads.items():
        if unknown := [code for code in labels if not taxonomy.knows(head, code)]:
            raise _refused(f"它的标签体系里没有 {head} 的 {'、'.join(unknown[:5])}")


def _check_answer(text: str, prediction: Prediction, heads: Mapping[str, tuple[str, ...]]) -> None:
    if set(prediction.heads) != set(heads):
        raise _refused(f"它应答 {'、'.join(heads)}，答的却是 {'、'.join(prediction.heads)}")
    for name, head in prediction.heads.items():
        shares = head.probabilities
        finite = all(math.isfinite(p) and -1e-9 <= p <= 1 + 1e-9 for p in (*shares, head.confidence))
        if (
            not finite
            or len(shares) != len(heads[name])
            or abs(sum(shares) - 1) > 1e-3
            or head.label not in heads[name]
        ):
            raise _refused(f"{name} 的概率不成立（不是有限的数、不在 0 与 1 之间，或加起来不是 1）")
    for found in prediction.evidence:
        if not (0 <= found.start < found.end <= len(text) and math.isfinite(found.weight)):
            raise _refused("它指出的依据在文字之外")


def _refused(why: str) -> ArtefactError:
    return ArtefactError(f"模型读得出，但不能用：{why}", field="model")
