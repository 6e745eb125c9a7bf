"""A shop's own words become codes, with a note; what could be two things, or nothing, is told."""

from __future__ import annotations

from typing import Any
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.labels import LabelColumn, inferred, named_as, read_labels
from intake.report import Report
from intake.vocabulary import LabelVocabulary, read_label, settle
from tests.intake.builders import cells_of
from training.data.standard import load_taxonomy
from triage.errors import InputError, QuestionError
from triage.taxonomy import Taxonomy

TAXONOMY = load_taxonomy("")
CATEGORY, URGENCY, SENTIMENT = (TAXONOMY.heads[head] for head in ("category", "urgency", "sentiment"))


def read(head: str, *words: Any, taxonomy: Taxonomy | None = None, **options: Any) -> tuple[LabelColumn, Report]:
    report = Report()
    return read_labels(head, cells_of(*words), taxonomy, report, **options), report


def told(report: Report) -> str:
    return "\n".join(problem.line() for problem in report.problems)


@pytest.mark.parametrize("head", TAXONOMY.heads.values(), ids=lambda head: head.name)
def test_codes_and_names_of_the_taxonomy_are_codes_in_every_form(head: Any) -> None:
    for label in head.labels:
        for word in (
            label.code,
            label.name,
            label.name_en,
            label.code.upper(),
            f" {label.name}。",
            label.name_en.upper(),
        ):
            assert read_label(word, head) == label.code, word


@pytest.mark.parametrize(
    ("head", "word", "code"),
    [
        (URGENCY, "特急", "critical"), (URGENCY, "紧急", "critical"), (URGENCY, "加急", "high"), (URGENCY, "一般", "normal"),
        (URGENCY, "不急", "low"), (SENTIMENT, "差评", "negative"), (SENTIMENT, "好评", "positive"),
        (CATEGORY, "發票", "invoice"), (CATEGORY, "ＲＥＦＵＮＤ", "refund"),
    ],
)  # fmt: skip
def test_usual_words_alone(head: Any, word: str, code: str) -> None:
    assert read_label(word, head) == code


@pytest.mark.parametrize("word", ["P1", "3", "退款吧", "高兴"])
def test_what_only_a_column_can_tell_is_not_known_alone(word: str) -> None:
    assert read_label(word, URGENCY) is None


def test_words_are_read_as_codes_and_noted() -> None:
    column, report = read("urgency", "紧急", "高", "中", "低", "低", taxonomy=TAXONOMY)
    assert column.codes == ["critical", "high", "normal", "low", "low"]
    assert "“低”→low（2 行）" in told(report)
    assert not report.problems[0].stops


def test_without_a_taxonomy_usual_words_become_the_standard_codes() -> None:
    column, _ = read("urgency", "高", "紧急", "一般")
    assert column.codes == ["high", "critical", "normal"]
    assert column.is_standard
    head = inferred({"urgency": column}).heads["urgency"]
    assert head.ordinal
    assert [(label.code, label.name) for label in head.labels] == [
        ("critical", "紧急"),
        ("high", "高"),
        ("normal", "普通"),
    ]


def test_one_strange_word_keeps_the_column_as_it_is_and_is_told() -> None:
    column, report = read("urgency", "高", "紧急", "超急")
    assert column.codes == ["高", "紧急", "超急"]
    assert not column.is_standard
    assert "超急 不是常用的说法" in told(report)
    assert "--label urgency.超急=critical" in told(report)
    column, _ = read("urgency", "高", "紧急", "超急", said={"超急": "critical"})
    assert column.codes == ["high", "critical", "critical"]
    assert column.is_standard


def test_two_levels_above_normal_stay_two() -> None:
    assert read("urgency", "非常紧急", "紧急", "普通", "较低")[0].codes == ["critical", "high", "normal", "low"]
    assert read("urgency", "Highest", "High", "Medium", "Low", "Lowest")[0].codes == [
        "critical",
        "high",
        "normal",
        "low",
        "low",
    ]


def test_scales() -> None:
    assert read("urgency", "P0", "P3", "P1", "P2", taxonomy=TAXONOMY)[0].codes == ["critical", "low", "high", "normal"]
    _, report = read("urgency", "1", "2", "3", "4", "5", taxonomy=TAXONOMY)
    with pytest.raises(QuestionError, match="哪一头最急"):
        report.throw()
    column, report = read("urgency", "1", "2", taxonomy=TAXONOMY, said={"1": "low", "2": "紧急"})
    assert column.codes == ["low", "critical"]
    report.throw()


def test_placeholders_and_unsaid_words_are_empty_and_counted() -> None:
    column, report = read("category", "退款", "NaN", "#N/A", None, "", "无", "—", float("nan"), "待定")
    assert column.codes == ["退款", None, None, None, None, None, None, None, None]
    counts = {problem.kind: (problem.n, [s.row for s in problem.sources]) for problem in report.problems}
    assert counts == {"placeholder_labels": (3, [3, 4, 8]), "unsaid_labels": (2, [7, 10])}


def test_a_taxonomy_may_have_such_a_word_as_a_label() -> None:
    own = Taxonomy.infer({"category": ["无", "退款"]})
    assert read("category", "无", "退款", taxonomy=own)[0].codes == ["无", "退款"]
    assert read("category", "无", "退款", said={"无": "无"})[0].codes == ["无", "退款"]


def test_twins_are_one_by_the_form_used_most() -> None:
    column, report = read(
        "category",
        "维修",
        "維修",
        "维修",
        "退款。",
        "退款",
        "退款",
        "Refund request",
        "refund_request",
        "Refund request",
    )
    assert column.codes == ["维修", "维修", "维修", "退款", "退款", "退款", *["Refund_request"] * 3]
    assert column.names == {"Refund_request": "Refund request"}
    assert [p.kind for p in report.problems] == ["twin_labels"] * 3
    assert inferred({"category": column}).heads["category"].label("Refund_request").name == "Refund request"


@pytest.mark.parametrize(
    ("word", "sign"), [("退款;投诉", "';'"), ("退款,投诉", "','"), ("退款|投诉", "'|'"), ('"退款', "'\"'")]
)
def test_a_sign_that_no_code_may_hold_is_named(word: str, sign: str) -> None:
    column, report = read("category", word, "物流")
    assert column.codes == [None, "物流"]
    assert sign in told(report)
    assert "只有一个 category" in told(report)
    assert report.problems[0].stops


def test_a_joined_label_is_told_with_the_way_out() -> None:
    column, report = read("category", "物流、投诉", "物流", "投诉")
    assert column.codes[0] == "物流、投诉"
    assert "像是 2 个标签连在一起" in told(report)
    _, report = read("category", "退款进度/发票", taxonomy=TAXONOMY)
    assert "'/' 连着 2 个标签" in told(report)
    assert "--label category.退款进度/发票=refund" in told(report)
    assert read("category", "退款;投诉", "退款", said={"退款;投诉": "退款"})[0].codes == ["退款", "退款"]


def test_a_list_with_one_label_is_that_label() -> None:
    column, report = read("category", ["退款"], [], ["退款", "物流"])
    assert column.codes == ["退款", None, None]
    assert "2 个标签（退款、物流）" in told(report)
    assert [s.row for s in report.problems[0].sources] == [4]


def test_an_unknown_word_is_refused_or_kept() -> None:
    column, report = read("category", "refund", "refnud", "退钱", taxonomy=TAXONOMY)
    assert column.codes == ["refund", None, None]
    assert "是不是想写 refund？" in told(report)
    kept, report = read("category", "refund", "refnud", taxonomy=TAXONOMY, unknown="keep")
    assert kept.codes == ["refund", "refnud"]
    report.throw()


@pytest.mark.parametrize("label", ["x" * 65, "\u200b", {"a": 1}, [["a"]]])
def test_what_cannot_be_a_label_at_all(label: Any) -> None:
    _, report = read("category", label)
    assert any(problem.stops for problem in report.problems)


def test_what_a_person_says_must_be_a_label() -> None:
    with pytest.raises(InputError, match="'criticl'，它不是可用的标签"):
        LabelVocabulary("urgency", URGENCY, {"P1": "criticl"})


def test_settle_reads_a_whole_column_of_an_import() -> None:
    assert settle(["P1", "P2", "P3", "P4"], URGENCY) == {"P1": "critical", "P2": "high", "P3": "normal", "P4": "low"}
    assert settle(["发票", "无", "x"], CATEGORY) == {"发票": "invoice", "无": ""}


def test_a_retrained_model_keeps_the_names() -> None:
    column, _ = read("category", "Money back", "Parcel", "Money back")
    older = inferred({"category": column})
    newer = named_as(Taxonomy.infer({"category": ["Money_back", "new"]}), older)
    assert [label.name for label in newer.heads["category"].labels] == ["Money back", "new"]


WORDS = st.lists(
    st.one_of(st.text(max_size=8), st.sampled_from(["退款", "紧急", "P1", "无", "NaN", "1", "高"])), max_size=12
)


@given(WORDS, st.sampled_from(["category", "urgency", "sentiment"]), st.booleans())
def test_any_column_is_read_or_told(words: list[str], head: str, infer: bool) -> None:
    column, report = read(head, *words, taxonomy=None if infer else TAXONOMY)
    assert len(column.codes) == len(words)
    told_of = sum(p.n for p in report.problems if p.stops or p.kind in ("placeholder_labels", "unsaid_labels"))
    visible = [bool("".join(c for c in word if not c.isspace() and category(c) != "Cf")) for word in words]
    silent = sum(1 for code, seen in zip(column.codes, visible, strict=True) if code is None and seen)
    assert told_of >= silent, "nothing is dropped without a count"
