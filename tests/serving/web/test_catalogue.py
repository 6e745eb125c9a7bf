"""The catalogue of messages: reading, filling, and what stands in a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.web.catalogue import SHARED, Catalogue, fill

ONE = {"zh": "{n} 张", "en": "{n} tickets"}


def put(folder: Path, messages: object, name: str = "a.json") -> Path:
    (folder / "i18n").mkdir(parents=True, exist_ok=True)
    (folder / "i18n" / name).write_text(json.dumps(messages, ensure_ascii=False), "utf-8")
    return folder


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    shared = put(tmp_path / "web", {"hello": {"zh": "你好", "en": "Hello"}})
    own = put(tmp_path / "desk", {"n": ONE, "reason": {"zh": None, "en": "Why"}, "tab.desk": {"zh": "审", "en": "R"}})
    other = put(tmp_path / "other", {"else": {"zh": "别的", "en": "Else"}})
    return Catalogue({SHARED: shared, "desk": own, "other": other})


def test_a_message_stands_in_an_element_that_says_which(catalogue: Catalogue) -> None:
    assert catalogue.t("hello") == '<span data-t="hello">你好</span>'
    assert catalogue.t_label("hello") == 'aria-label="你好" data-t-label="hello"'
    assert catalogue.t_placeholder("hello") == 'placeholder="你好" data-t-placeholder="hello"'


def test_values_are_filled_in_and_go_along(catalogue: Catalogue) -> None:
    assert catalogue.t("n", n=3) == '<span data-t="n" data-values="{&#34;n&#34;: 3}">3 张</span>'
    with pytest.raises(KeyError, match="n"):
        catalogue.t("n")


def test_what_only_the_service_says_must_be_handed_in(catalogue: Catalogue) -> None:
    assert catalogue.t("reason", "规则说的") == '<span data-t="reason">规则说的</span>'
    with pytest.raises(ValueError, match="reason"):
        catalogue.t("reason")


@given(st.text())
def test_no_value_becomes_markup(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    catalogue = Catalogue({SHARED: put(tmp_path_factory.mktemp("web"), {"n": ONE})})
    made = str(catalogue.t("n", n=f"<b>\"'{value}"))
    assert made.count("<") == 2
    assert made.removeprefix('<span data-t="n" data-values="').partition('">')[0].count('"') == 0


@given(st.dictionaries(st.sampled_from("abc"), st.text()))
def test_a_value_is_not_filled_again(values: dict[str, str]) -> None:
    text = " ".join(f"{{{name}}}" for name in values)
    assert fill(text, values) == " ".join(values.values())


def test_scripts_get_their_slice_and_what_is_shared(catalogue: Catalogue) -> None:
    assert catalogue.for_scripts("other") == {
        "hello": ("你好", "Hello"),
        "else": ("别的", "Else"),
        "tab.desk": ("审", "R"),
    }
    assert catalogue.for_scripts("desk")["reason"] == (None, "Why")


def test_an_unknown_key_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(KeyError, match="nothing"):
        catalogue.t("nothing")
    assert "nothing" not in catalogue
    assert "hello" in catalogue


@pytest.mark.parametrize(
    "wrong", [{"n": "text"}, {"n": {"zh": "一"}}, {"n": {"zh": "一", "en": None}}, {"n": {**ONE, "fr": ""}}]
)
def test_a_file_that_is_no_catalogue_is_named(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(ValueError, match=r"a\.json: 'n' is"):
        Catalogue({SHARED: put(tmp_path, wrong)})


def test_a_key_stands_once(tmp_path: Path) -> None:
    put(tmp_path / "a", {"n": ONE})
    with pytest.raises(ValueError, match="stands twice"):
        Catalogue({SHARED: put(tmp_path / "a", {"n": ONE}, "b.json")})
    (tmp_path / "b" / "i18n").mkdir(parents=True)
    twice = '{"n": {"zh": "一", "en": "1"}, "n": {"zh": "二", "en": "2"}}'
    (tmp_path / "b" / "i18n" / "a.json").write_text(twice, "utf-8")
    with pytest.raises(ValueError, match="stands twice"):
        Catalogue({SHARED: tmp_path / "b"})
    with pytest.raises(ValueError, match="has a message elsewhere"):
        Catalogue({SHARED: put(tmp_path / "c", {"n": ONE}), "x": put(tmp_path / "d", {"n": ONE})})
