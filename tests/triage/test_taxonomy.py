"""The taxonomy file that ships, and what a shop's own file is told when it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from triage.errors import TaxonomyError
from triage.taxonomy import Taxonomy

FILE = Path(__file__).parents[2] / "datasets" / "taxonomy.yaml"


def test_the_shipped_taxonomy() -> None:
    taxonomy = Taxonomy.from_mapping(yaml.safe_load(FILE.read_text("utf-8")))
    assert {name: len(head.labels) for name, head in taxonomy.heads.items()} == {
        "category": 13,
        "urgency": 4,
        "sentiment": 3,
    }
    assert taxonomy.heads["urgency"].codes == ("critical", "high", "normal", "low")
    assert [head.name for head in taxonomy.heads.values() if head.ordinal] == ["urgency"]
    for head in taxonomy.heads.values():
        for label in head.labels:
            assert label.name, label
            assert label.name_en, label
            assert 0 < len(label.definition) <= 80, label
            assert 0 < len(label.definition_en) <= 140, label
            assert bool(label.stage) == (head.name == "category"), label
        assert len({label.name for label in head.labels}) == len(head.labels)


def test_there_and_back() -> None:
    taxonomy = Taxonomy.from_mapping(yaml.safe_load(FILE.read_text("utf-8")))
    assert Taxonomy.from_mapping(taxonomy.to_mapping()) == taxonomy


def test_inferred_from_data() -> None:
    taxonomy = Taxonomy.infer({"sentiment": ["差", "好", None, "差", ""], "category": ["b", "a"]})
    assert {name: head.codes for name, head in taxonomy.heads.items()} == {
        "category": ("a", "b"),
        "sentiment": ("好", "差"),
    }
    assert taxonomy.inferred
    with pytest.raises(TaxonomyError, match="没有标签列"):
        Taxonomy.infer({})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "应有一个 heads 段"),
        ({"heads": {}}, "heads 是空的"),
        ({"heads": {"Mood": {}}}, "'Mood' 不能做标签头的名字"),
        ({"heads": {"queue": {}}}, "'queue' 是数据文件或决定里别的东西的名字"),
        ({"heads": {"catagory": {}}}, "'catagory' 是不是想写 category"),
        ({"heads": {"mood": {}}}, "heads.mood 应有一个不空的 labels 列表"),
        ({"heads": {"category": {"labels": []}}}, "heads.category 应有一个不空的 labels 列表"),
        ({"heads": {"category": {"labels": ["refund"]}}}, r"heads.category.labels\[0\] 应是带 code 的一项"),
        ({"heads": {"category": {"labels": [{"code": "a b"}]}}}, "'a b' 不合规"),
        ({"heads": {"category": {"labels": [{"code": "a"}, {"code": "a"}]}}}, "'a' 写了两次"),
        ({"heads": {"category": {"labels": [{"code": "a", "naem": "x"}]}}}, "不认识的键"),
    ],
)
def test_says_what_is_wrong(data: Any, said: str) -> None:
    with pytest.raises(TaxonomyError, match=said):
        Taxonomy.from_mapping(data)


def test_an_unknown_label_is_named_with_what_is_allowed() -> None:
    head = Taxonomy.infer({"urgency": ["a", "b"]}).heads["urgency"]
    with pytest.raises(TaxonomyError, match="urgency 没有标签 'c'；可用的标签：a、b"):
        head.label("c")
