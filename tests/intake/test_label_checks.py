"""What looks wrong in labelled tickets is told, with its rows; what is only natural is not."""

from __future__ import annotations

from intake.label_checks import check_labelled
from intake.report import Problem, Report, RowSource
from tests.intake.builders import WORDS


def checked(texts: list[str], labels: list[str | None], **names: str) -> dict[str, Problem]:
    report = Report()
    sources = [RowSource("a.csv", row) for row in range(2, len(texts) + 2)]
    check_labelled(texts, {"category": labels}, sources, report, {"category": names})
    return {problem.kind: problem for problem in report.problems}


MANY = [f"{WORDS[i % 8]}，第{i}次说了" for i in range(40)]
TWO = ["退款" if i % 2 else "物流" for i in range(40)]


def test_a_good_set_is_left_alone() -> None:
    assert checked(MANY, [*TWO]) == {}


def test_the_same_text_with_two_labels() -> None:
    found = checked(["没到", "坏了", "没 到", "坏了", "没到"], ["a", "b", "c", "b", None])["conflicting_labels"]
    assert "第 2 行与第 4 行文字相同，标签不同：a / c" in found.text
    assert (found.n, [s.row for s in found.sources]) == (2, [2, 4])
    assert not found.stops


def test_classes_with_hardly_any_ticket_are_named() -> None:
    found = checked(MANY, ["投诉", "投诉", *TWO[2:]])["small_classes"]
    assert "“投诉”2 条" in found.text
    assert [s.row for s in found.sources] == [2, 3]


def test_a_tag_that_gives_the_answer_away() -> None:
    found = checked([f"【{label}】{text}" for text, label in zip(MANY, TWO, strict=True)], [*TWO])["given_away"]
    assert "“【退款】”" in found.text
    assert found.n == 40


def test_a_name_in_the_text_that_gives_the_answer_away() -> None:
    texts = [f"{text} 类型 {'REFUND' if label == '退款' else 'ship'}" for text, label in zip(MANY, TWO, strict=True)]
    found = checked(texts, ["refund" if label == "退款" else "b" for label in TWO])["given_away"]
    assert "refund" in found.text
    assert found.n == 20
    named = checked(
        [f"{text}，要退款" if label == "退款" else text for text, label in zip(MANY, TWO, strict=True)],
        ["r" if label == "退款" else "b" for label in TWO],
        r="退款",
    )
    assert "退款" in named["given_away"].text


def test_the_frame_of_a_form_is_told_once() -> None:
    texts = [f"工单来源：App\n客户诉求：{text}\n处理要求：两小时内回复" for text in MANY]
    found = checked(texts, [*TWO])
    assert set(found) == {"template"}
    assert "处理要求：两小时内回复" in found["template"].text
    assert found["template"].n == 40


def test_few_tickets_have_no_frame() -> None:
    assert checked(["甲乙丙丁戊己\n好"] * 5, ["a"] * 5) == {}
