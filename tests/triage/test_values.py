"""Single values in the forms that people write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import values
from triage.errors import TicketError, UnreadableError
from triage.values import TIERS


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        (1280, 1280.0), ("1280", 1280.0), ("1,280.00", 1280.0), ("¥1280", 1280.0), ("￥ 1,280", 1280.0), ("1280元", 1280.0),
        ("1280 元整", 1280.0), ("RMB 1280", 1280.0), ("人民币1280元", 1280.0), ("CNY1,280.5", 1280.5), ("1.2万", 12000.0),
        ("1.2万元", 12000.0), ("1.2w", 12000.0), ("３千", 3000.0), ("0", 0.0), ("１２８０", 1280.0), (" 99.9块 ", 99.9),
    ],
)  # fmt: skip
def test_sums(written: Any, yuan: float) -> None:
    assert values.amount("order_amount", written) == yuan


@pytest.mark.parametrize(
    "written",
    ["", "一千", "约1280", "-1", -1, "1,28", "1.280,00", "$12", "12美元", "12-20", True, None, [1], "1e3", 10**400],
)
def test_these_are_no_sums(written: Any) -> None:
    with pytest.raises(UnreadableError, match="不小于 0") as caught:
        values.amount("order_amount", written)
    assert caught.value.kind == "amount"


@given(st.floats(0, 1e9).map(lambda x: round(x, 2)))
def test_thousands_separators_change_nothing(yuan: float) -> None:
    assert values.amount("a", f"{yuan:,.2f}") == pytest.approx(yuan)
    assert values.amount("a", f"¥{yuan:,.2f}元") == values.amount("a", yuan)


@pytest.mark.parametrize(
    ("written", "n"),
    [
        (2, 2),
        (2.0, 2),
        ("2", 2),
        ("2.0", 2),
        ("第2次", 2),
        ("第 2 次", 2),
        ("2次", 2),
        ("第二次", 2),
        ("两次", 2),
        ("首次", 1),
        ("第十次", 10),
    ],
)
def test_counts(written: Any, n: int) -> None:
    assert values.count("contact_count", written) == n


@pytest.mark.parametrize("written", [0, 1.5, "多次", "", "-1", 10_001, True, None, "第0次", float("inf")])
def test_these_are_no_counts(written: Any) -> None:
    with pytest.raises(UnreadableError, match="1 到 10000 的整数"):
        values.count("contact_count", written)


@pytest.mark.parametrize(
    ("written", "tier"),
    [
        ("VIP", "vip"), (" gold ", "gold"), ("Silver", "silver"), ("ＶＩＰ", "vip"), ("金卡", "gold"), ("黄金会员", "gold"),
        ("白银", "silver"), ("黃金會員", "gold"), ("钻石", "vip"), ("普通会员", "regular"),
    ],
)  # fmt: skip
def test_tiers(written: str, tier: str) -> None:
    assert values.tier("customer_tier", written) == tier


@given(st.sampled_from(TIERS), st.sampled_from(["", " ", "\t", "　"]))
def test_case_and_blanks_do_not_matter_for_a_tier(tier: str, blank: str) -> None:
    for written in (tier.upper(), tier.title(), tier):
        assert values.tier("t", f"{blank}{written}{blank}") == tier


@pytest.mark.parametrize("written", ["SVIP", "V3", "皇帝", "", None, 3, ["vip"]])
def test_what_a_tier_may_be_is_told(written: Any) -> None:
    with pytest.raises(UnreadableError, match="regular、silver、gold、vip"):
        values.tier("customer_tier", written)


@pytest.mark.parametrize(
    "nothing", [None, "", "  ", "NaN", "nan", "NULL", "None", "N/A", "#N/A", "-", "—", "（空）", "无", float("nan")]
)
def test_nothing(nothing: Any) -> None:
    assert values.is_null(nothing)


@pytest.mark.parametrize("something", [0, "0", False, "无线耳机", "x", "nano", []])
def test_something(something: Any) -> None:
    assert not values.is_null(something)


def test_ids() -> None:
    assert values.identifier("ticket_id", 17) == "17"
    assert values.identifier("ticket_id", 17.0) == "17"
    assert values.identifier("ticket_id", " T-1 ") == "T-1"
    assert values.identifier("ticket_id", "202611031234567890") == "202611031234567890"
    assert values.identifier("ticket_id", 202611031234567890) == "202611031234567890"
    for rounded in ("2.02611E+17", "2.02611e17", 2.02611e17, "1E+20"):
        with pytest.raises(UnreadableError, match="科学计数") as caught:
            values.identifier("ticket_id", rounded)
        assert caught.value.kind == "rounded"
    for bad in ("x" * 129, "a\nb", True, ["a"]):
        with pytest.raises(TicketError):
            values.identifier("ticket_id", bad)
