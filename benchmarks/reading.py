"""What it costs to find the customer's own words: masking alone, reading (masking and finding), and scoring as a whole.

Plain tickets, which have nothing to find, and the same words in the forms in which they arrive: a mail in HTML with its
history, a message in JSON, a transcript, a form. One process, one thread, all in turn.
"""

from __future__ import annotations

import json

from benchmarks.starter_data import read_rows, taxonomy
from benchmarks.timing import medians
from features.mask import mask
from features.reading import read, read_many
from models.fit.model import LabelledTexts, fit_model
from models.spec import ModelSpec
from triage.taxonomy import HEADS

MOST_SHARE = 0.10
"""Finding may cost this share of scoring a plain ticket."""

_HTML = (
    '<html><head><style>p{{margin:0}}</style></head><body><div>{}<br></div><div class="gmail_quote"><div>客服 &lt;kf@yun.cn&gt; '
    "于2026年11月3日周二 10:05写道：<br></div><blockquote>您好，已经在处理</blockquote></div></body></html>"
)


def main(rounds: int, most: int = 2000) -> None:
    """Fits, times, prints, and says whether the promise (a tenth) is kept."""
    rows = read_rows("tickets.jsonl")
    texts = [row["text"] for row in rows]
    labels: dict[str, list[str | None]] = {head: [row[head] for row in rows] for head in HEADS}
    model = fit_model(LabelledTexts(texts, labels, taxonomy()), ModelSpec())
    plain = [text for text in texts if read(text).reading == "whole" and len(text) <= 60][:most]
    forms = {
        "a mail in HTML with history": [_HTML.format(text) for text in plain],
        "a message in JSON": [json.dumps({"msgtype": "text", "text": {"content": text}}) for text in plain],
        "a transcript": [f"客服(10:05:11)：您好\n客户(10:05:40)：{text}\n客服(10:06:02)：请稍等" for text in plain],
        "a form": [f"订单号：A1\n提交时间：2026-11-03\n问题描述：{text}" for text in plain],
    }
    seconds = medians(
        {
            "masking": lambda: [mask(text) for text in plain],
            "reading": lambda: read_many(plain),
            "scoring": lambda: model.predict(plain),
            **{f"reading {name}": lambda these=these: read_many(these) for name, these in forms.items()},
        },
        rounds,
    )
    print(f"## Reading: {len(plain):,} plain starter tickets of {sum(map(len, plain)) / len(plain):.0f} characters\n")
    print("| | µs each | of scoring |\n| --- | ---: | ---: |")
    for name, value in seconds.items():
        print(f"| {name} | {value / len(plain) * 1e6:,.1f} | {value / seconds['scoring']:.0%} |")
    share = (seconds["reading"] - seconds["masking"]) / seconds["scoring"]
    kept = "kept" if share <= MOST_SHARE else "NOT kept"
    print(f"\nFinding the customer's own words costs {share:.0%} of scoring a plain ticket ({kept}: {MOST_SHARE:.0%}).")
