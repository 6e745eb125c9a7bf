"""Which column is for what: our names first, then the usual ones; two candidates are asked about, never chosen between."""

from __future__ import annotations

import pytest

from intake.columns import assign
from intake.options import ReadOptions
from tests.intake.builders import WORDS, columns_of, data_of
from triage.errors import DataError, QuestionError

ROW = ("咨询", WORDS[0], "退款")


def test_the_words_of_a_shop_are_found() -> None:
    data = data_of(("标题", "内容", "分类"), ROW)
    found = columns_of(data)
    assert found.of == {"subject": "标题", "body": "内容", "category": "分类"}
    assert not any(map(found.is_ours, found.of))
    assert data.notes == ["导出.csv：列是这样读的：“标题”→subject，“内容”→body，“分类”→category"]
    assert found.cell(data.rows[0][1], "body") == WORDS[0]
    assert found.cell(data.rows[0][1], "channel") is None


def test_our_own_names_need_no_note_and_win() -> None:
    data = data_of(("text", "内容", "category", "分类"), ("a", "b", "c", "d"))
    found = columns_of(data)
    assert found.of == {"text": "text", "category": "category"}
    assert found.unread == ("内容", "分类")
    assert data.notes == []


def test_a_body_alone_is_the_text() -> None:
    assert columns_of(data_of(("描述",), ("a",))).of == {"text": "描述"}
    assert columns_of(data_of(("Title", "Text"), ("a", "b"))).of == {"subject": "Title", "body": "Text"}


def test_a_surer_heading_leaves_a_weaker_one_alone() -> None:
    found = columns_of(data_of(("Issue key", "Issue id", "Description", "Comment"), ("K", 1, "a", "b")))
    assert found.of == {"text": "Description", "ticket_id": "Issue key"}


@pytest.mark.parametrize(
    ("columns", "role"),
    [
        (("内容", "描述", "分类"), "body"),
        (("text", "一级分类", "二级分类"), "category"),
        (("text", "创建时间", "创建日期"), "created_at"),
    ],
)
def test_two_candidates_are_asked_about(columns: tuple[str, ...], role: str) -> None:
    with pytest.raises(QuestionError, match="说不准是哪一列") as caught:
        columns_of(data_of(columns, ("甲", "乙", "丙")))
    assert caught.value.field == role
    assert len(caught.value.ways) == 2
    for way in caught.value.ways:
        assert way in str(caught.value)
        assert columns_of(data_of(columns, ("甲", "乙", "丙")), way.removeprefix("--column ")).of[role] in columns


def test_an_empty_column_is_no_candidate() -> None:
    data = data_of(("内容", "描述"), ("a", ""), ("b", " "))
    assert columns_of(data).of == {"text": "内容"}


def test_a_person_may_say_which() -> None:
    data = data_of(("标题", "客人的话", "哪类"), ROW)
    found = columns_of(data, "text=客人的话", "category=哪类")
    assert found.of == {"text": "客人的话", "category": "哪类"}
    assert found.is_ours("category")
    body = columns_of(data_of(("标题", "客人的话", "哪类"), ROW), "body=客人的话")
    assert body.of == {"subject": "标题", "body": "客人的话"}


def test_a_person_may_leave_one_out() -> None:
    assert "category" not in columns_of(data_of(("text", "category"), ("a", "b")), "category=").of
    assert columns_of(data_of(("标题", "正文字段很长很长"), ("a", WORDS[0])), "body=").of == {"subject": "标题"}


def test_a_heading_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(DataError, match="没有 --column text=内 说的列；是不是想写 内容？现有的列：内容"):
        columns_of(data_of(("内容",), ("a",)), "text=内")


def test_only_a_repeated_column_that_is_read_is_refused() -> None:
    kept = data_of(("text", "Comment", "Comment"), ("a", "b", "c"))
    assert columns_of(kept).unread == ("Comment", "Comment.2")
    assert kept.rows[0][1] == {"text": "a", "Comment": "b", "Comment.2": "c"}
    assert any("Comment.2" in note for note in kept.notes)
    for columns in (("text", "text"), ("内容", "内容")):
        with pytest.raises(DataError, match="列名写了两次"):
            columns_of(data_of(columns, ("a", "b")))


def test_without_words_the_likeliest_column_is_named() -> None:
    rows = [(f"{word}，请尽快处理", "甲") for word in WORDS]
    with pytest.raises(QuestionError, match=r"没有 text 列.*像是客户说的话的列：说了什么") as caught:
        columns_of(data_of(("说了什么", "分类"), *rows))
    assert caught.value.ways == ("--column text=说了什么",)
    with pytest.raises(DataError, match="--column text=列名"):
        columns_of(data_of(("甲", "乙"), (1, 2)))
    with pytest.raises(DataError, match="全角逗号"):
        columns_of(data_of(("内容，分类",), ("没到，退款",)))


def test_a_subject_is_not_read_alone_while_words_stand_beside_it() -> None:
    rows = [("咨询", f"{word}，请尽快处理") for word in WORDS]
    with pytest.raises(QuestionError, match="只认出了标题") as caught:
        columns_of(data_of(("subject", "来电摘录"), *rows))
    assert caught.value.ways == ("--column body=来电摘录",)
    alone = data_of(("subject", "状态"), *(("咨询" + word, "开") for word in WORDS))
    assert columns_of(alone).of == {"subject": "subject"}
    assert any("只读了标题" in note for note in alone.notes)


def test_cells_inside_objects_are_found() -> None:
    data = data_of(("key", "fields"), ("K-1", {"description": "没到", "priority": {"name": "High"}}), form="jsonl")
    found = columns_of(data)
    assert found.of == {"text": "fields.description", "urgency": "fields.priority", "ticket_id": "key"}
    assert found.cell(data.rows[0][1], "urgency") == "High"
    said = data_of(("payload",), ({"a": {"b": "没到"}},), form="jsonl")
    assert columns_of(said, "text=payload.a.b").cell(said.rows[0][1], "text") == "没到"


def test_a_list_of_labels_is_a_category_and_tags_are_none() -> None:
    assert columns_of(data_of(("text", "labels"), ("a", ["退款"]), form="jsonl")).of["category"] == "labels"
    assert "category" not in columns_of(data_of(("text", "labels"), ("a", "x y"), form="jsonl")).of


def test_labels_alone_need_no_words() -> None:
    data = data_of(("工单号", "分类"), ("T-1", "退款"))
    assert assign(data, ReadOptions(), ("ticket_id", "category"), words=False).of == {
        "ticket_id": "工单号",
        "category": "分类",
    }
