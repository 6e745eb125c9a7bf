"""doccano's lists, spans and joined labels; two for one head are named."""

from __future__ import annotations

from typing import Any

import pytest

from intake.tools.doccano import labels_of, share_out
from training.data.standard import load_taxonomy

TAXONOMY = load_taxonomy("")


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        ({"label": ["refund"]}, ["refund"]),
        ({"label": []}, []),
        ({"text": "x"}, []),
        ({"label": "refund"}, ["refund"]),
        ({"label": "complaint#refund"}, ["complaint", "refund"]),
        ({"label": "__label__refund __label__high"}, ["refund", "high"]),
        ({"labels": [[0, 2, "refund"], [5, 8, "refund"]]}, ["refund"]),
        ({"label": [{"start_offset": 0, "end_offset": 2, "label": "refund"}]}, ["refund"]),
        ({"cats": ["refund"], "entities": []}, ["refund"]),
        ({"label": None}, []),
    ],
)
def test_labels_of_a_row(cells: dict[str, Any], labels: list[str]) -> None:
    assert labels_of(cells) == labels


@pytest.mark.parametrize("cell", [5, {"a": 1}, [[1, 2]], [None]])
def test_what_doccano_does_not_write(cell: Any) -> None:
    with pytest.raises(ValueError, match="label"):
        labels_of({"label": cell})


def test_each_label_goes_to_its_head() -> None:
    assert share_out(["差评", "refund", "紧急"], TAXONOMY) == {
        "category": "refund",
        "urgency": "紧急",
        "sentiment": "差评",
    }
    assert share_out(["urgency:普通", "情绪：中性", "发票"], TAXONOMY) == {
        "urgency": "普通",
        "sentiment": "中性",
        "category": "发票",
    }
    assert share_out(["没有的"], TAXONOMY) == {"category": "没有的"}


def test_two_for_one_head_and_one_for_two_are_named() -> None:
    with pytest.raises(ValueError, match="refund 和 logistics 都是 category"):
        share_out(["refund", "logistics"], TAXONOMY)
    with pytest.raises(ValueError, match="可能是 urgency、sentiment 的"):
        share_out(["一般"], TAXONOMY)
