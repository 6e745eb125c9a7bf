"""Headings of helpdesks lead to what a column is for, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.headings import _HEADINGS, OURS_ONLY, ROLES, normal, role_of, zone_hours

ALL = [(role, name) for role, groups in _HEADINGS.items() for group in groups for name in group.split("、")]


def test_no_heading_stands_for_two_things() -> None:
    names = [normal(name) for _, name in ALL]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert set(_HEADINGS) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_our_own_names_are_the_surest(role: str) -> None:
    assert role_of(role) == (role, 0)
    assert role_of(f" {role} ") == (role, 0)


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("内容", "body"), ("內容", "body"), ("【内容】", "body"), ("*内容", "body"), ("内容（必填）", "body"), ("工单内容：", "body"),
        ("Description", "body"), ("description_text", "body"), ("DESCRIPTION", "body"), ("客户诉求", "body"), ("留言内容", "body"),
        ("标题", "subject"), ("主旨", "subject"), ("Ticket Subject", "subject"), ("Summary", "subject"),
        ("问题分类", "category"), ("工单类型", "category"), ("Issue Type", "category"), ("分類", "category"),
        ("优先级", "urgency"), ("Priority", "urgency"), ("紧急程度", "urgency"), ("緊急程度", "urgency"),
        ("情感倾向", "sentiment"), ("工单编号", "ticket_id"), ("Ticket ID", "ticket_id"), ("Issue key", "ticket_id"),
        ("ID", "ticket_id"), ("创建时间", "created_at"), ("Created at (UTC)", "created_at"), ("Created Time", "created_at"),
        ("建立時間", "created_at"), ("进线渠道", "channel"), ("会员等级", "customer_tier"), ("订单金额（元）", "order_amount"),
        ("联系次数", "contact_count"), ("客户编号", "customer_id"),
    ],
)  # fmt: skip
def test_headings_of_helpdesks(heading: str, role: str) -> None:
    found = role_of(heading)
    assert found is not None
    assert found[0] == role
    assert found[1] > 0


@pytest.mark.parametrize(
    "heading",
    ["", " ", "处理结果", "订单号", "Updated", "备注", "回复内容", "Status", "Tags", "labels", "版本", "完成时间"],
)
def test_others_mean_nothing(heading: str) -> None:
    assert role_of(heading) is None


@pytest.mark.parametrize("role", OURS_ONLY)
def test_what_belongs_to_labels_is_read_by_our_own_names_alone(role: str) -> None:
    assert role_of(role) == (role, 0)
    assert role_of(role.upper()) in (None, (role, 1))


@given(st.sampled_from(ALL), st.sampled_from(["", " ", "：", "*", "（必填）", "_"]))
def test_blanks_marks_and_case_do_not_matter(known: tuple[str, str], mark: str) -> None:
    role, name = known
    if role not in OURS_ONLY:
        for written in (name + mark, name.upper() + mark, name.replace(" ", "_") + mark):
            found = role_of(written)
            assert found is not None
            assert found[0] == role


@given(st.text(max_size=20))
def test_any_heading_has_an_answer(heading: str) -> None:
    found = role_of(heading)
    assert found is None or found[0] in ROLES


def test_a_heading_may_name_its_zone() -> None:
    assert zone_hours("Created at (UTC)") == 0
    assert zone_hours("创建时间（GMT+8）") == 8
    assert zone_hours("创建时间") is None
