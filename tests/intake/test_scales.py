"""Urgency in numbers is read where the column shows the scale, and asked about where it does not."""

from __future__ import annotations

import pytest

from intake.scales import number_of, read_scale
from triage.errors import QuestionError

FOUR = ("critical", "high", "normal", "low")


@pytest.mark.parametrize(
    "words",
    [
        ("P0", "P1", "P2", "P3"),
        ("P1", "P2", "P3", "P4"),
        ("s1", "S2", "s3", "S4"),
        ("一级", "二级", "三级", "四级"),
        ("Ⅰ级", "Ⅱ级", "Ⅲ级", "Ⅳ级"),
        ("p-1", "p-2", "p-3", "p-4"),
    ],
)
def test_four_steps_are_the_four_urgencies(words: tuple[str, ...]) -> None:
    assert read_scale(words) == dict(zip(words, FOUR, strict=True))


def test_of_five_steps_the_lowest_two_are_one() -> None:
    assert read_scale(["P4", "P0", "P2", "P1", "P3"]) == {
        "P0": "critical",
        "P1": "high",
        "P2": "normal",
        "P3": "low",
        "P4": "low",
    }


def test_a_step_that_no_ticket_has_may_be_missing() -> None:
    assert read_scale(["P0", "P1", "P3"]) == {"P0": "critical", "P1": "high", "P3": "low"}


@pytest.mark.parametrize(
    "words",
    [
        ("P1", "P2", "P3"),
        ("P0", "P1"),
        ("P2", "P3", "P4", "P5"),
        ("1", "2", "3", "4"),
        ("1", "2", "3", "4", "5"),
        ("3级", "4级"),
    ],
)
def test_what_the_words_do_not_show_is_asked(words: tuple[str, ...]) -> None:
    with pytest.raises(QuestionError) as caught:
        read_scale(words)
    down, up = caught.value.ways
    assert f"--label urgency.{words[0]}=" in down
    assert down in str(caught.value)
    assert up in str(caught.value)


@pytest.mark.parametrize("words", [("P1", "紧急"), ("退款",), (), ("P1", "S2"), ("10", "20")])
def test_other_words_are_no_scale(words: tuple[str, ...]) -> None:
    assert read_scale(words) is None


def test_steps() -> None:
    assert number_of("Ｐ１") == ("p", 1)
    assert number_of("3") == ("", 3)
    assert number_of("优先级2") == ("p", 2)
    assert number_of("2级") == ("级", 2)
    assert number_of("P10") is None
