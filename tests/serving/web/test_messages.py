"""The messages of the real pages: each is used and there, in both languages, and no page says anything beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import pytest

from serving.app import pages
from serving.people.roles import ROLES
from serving.review.reasons import REASONS
from tests.serving.web.builders import files, templates
from triage.decision import PRIORITIES
from triage.labels import Source
from triage.own_words import KIND_NAMES
from triage.paths import ROOT
from triage.prediction import ACTIONS
from triage.ticket import CHANNELS, TIERS

SERVICE_SAYS = ("reason.", "try.fault.", "people.fault.")
"""Beginnings of keys whose Chinese may be the service's own: reasons of the policy, errors."""

PUT_TOGETHER: dict[str, Iterable[str]] = {
    "action.": ACTIONS,
    "head.": ACTIONS,
    "channel.": CHANNELS,
    "origin.": get_args(Source),
    "people.role.": ROLES,
    "priority.": PRIORITIES,
    "tab.": [tab.name for tab in pages().tabs],
    "theme.": ("auto", "light", "dark"),
    "tier.": TIERS,
    "unread.": KIND_NAMES,
    "why.": REASONS,
}
"""Keys that end in a code: for each code there is one."""

MAY_BE_CHINESE = {
    "base.html": "分单",  # the product's name, the same in both languages
    "docs.html": "分单 · 接口文档 这一页要用 不用的话请看",  # around Swagger UI, without a script of ours; Chinese only
    "examples.js": None,  # what customers wrote
    "review-keys.js": "？",  # a key of a Chinese keyboard
}
"""What stands in a file outside the catalogue, and why; None: whatever it is."""

_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
_STRING = re.compile(r"""["'`]([\w.]+)(?:["'`]|\$?\{)""")


def sources() -> dict[str, str]:
    """Templates and scripts without their comments."""
    found = {**templates(), **files()}
    texts = {name: path.read_text("utf-8") for name, path in found.items() if path.suffix in (".html", ".js")}
    comment = re.compile(r"/\*.*?\*/|^\s*//.*?$|\s// .*?$|\{#.*?#\}", re.DOTALL | re.MULTILINE)
    return {name: comment.sub("", text) for name, text in texts.items()}


def known() -> dict[str, tuple[str | None, str]]:
    """All messages."""
    catalogue = pages().catalogue
    return {key: (message.zh, message.en) for own in catalogue.slices.values() for key, message in own.items()}


def code() -> str:
    """Our Python that speaks of messages."""
    return "".join(path.read_text("utf-8") for path in (ROOT / "serving").rglob("pages/*.py")) + (
        ROOT / "serving" / "people" / "guard.py"
    ).read_text("utf-8")


def test_every_message_is_there_in_both_languages() -> None:
    for key, (zh, en) in known().items():
        assert en.strip(), key
        assert zh is None or zh.strip(), key
        assert zh is not None or key.startswith(SERVICE_SAYS), f"{key} has no Chinese"
        assert not _CHINESE.search(en) or key in ("try.placeholder", "language", "language.label"), (
            f"{key}: Chinese in the English"
        )


def test_both_languages_have_the_same_placeholders() -> None:
    for key, (zh, en) in known().items():
        if zh is not None:
            assert set(re.findall(r"\{(\w+)\}", zh)) == set(re.findall(r"\{(\w+)\}", en)), key


def test_every_key_that_is_asked_for_is_there() -> None:
    messages = known()
    asked = {
        (name, key)
        for name, text in sources().items()
        for key in [
            *re.findall(r'\b(?:t|t_label|t_placeholder|zh|option|hasMessage)\(\s*"([\w.]+)"\s*[,)]', text),
            *re.findall(r'\? "([\w.]+\.[\w.]+)" : "[\w.]+"', text),
            *re.findall(r'set title = "([\w.]+)"', text),
        ]
    }
    assert len(asked) > 200
    assert {(name, key) for name, key in asked if key not in messages} == set()


@pytest.mark.parametrize("start", PUT_TOGETHER)
def test_every_code_has_its_message(start: str) -> None:
    messages = known()
    assert [code for code in PUT_TOGETHER[start] if start + code not in messages] == []


def test_no_message_is_unused() -> None:
    """A key stands somewhere as it is, or begins as one that is put together there."""
    text = "\n".join(sources().values()) + code()
    strings = set(_STRING.findall(text))
    starts = {string for string in strings if string.endswith(".")}
    unused = [key for key in known() if key not in strings and not any(key.startswith(start) for start in starts)]
    assert unused == []


def test_starts_of_keys_lead_somewhere() -> None:
    starts = {start for text in sources().values() for start in re.findall(r'\bt\(\s*["`]([\w.]+\.)(?:"|\$\{)', text)}
    assert "shadow.state." in starts
    assert [start for start in starts if not any(key.startswith(start) for key in known())] == []


@pytest.mark.parametrize("name", sorted(sources()))
def test_nothing_chinese_stands_outside_the_catalogue(name: str) -> None:
    allowed = MAY_BE_CHINESE.get(name, "")
    if allowed is not None:
        stray = [word for word in _CHINESE.findall(sources()[name]) if word.strip("，；。 ") not in allowed]
        assert stray == [], f"{name}: what a page says belongs into i18n/*.json"


def test_exceptions_are_still_needed() -> None:
    assert [name for name in MAY_BE_CHINESE if not _CHINESE.search(sources()[name])] == []


def test_a_page_gets_its_own_messages_and_the_shared_ones() -> None:
    own = pages().catalogue.for_scripts("rollout")
    assert {"skip", "shadow.title", "tab.truth"} <= set(own)
    assert not {"truth.title", "desk.title"} & set(own)


def test_every_error_of_the_doors_has_its_words() -> None:
    """What the pages to sign in and to begin say of an error that the service raises."""
    raised = "".join(path.read_text("utf-8") for path in (ROOT / "serving" / "people").rglob("*.py"))
    rules = {f"password.{rule}" for rule in re.findall(r'raise PasswordError\(.*, "(\w+)"\)', raised)}
    codes = {"wrong_password", "locked", "disabled", "foreign", "invalid_input", "conflict", "not_alike"}
    assert len(rules) > 3
    keys = {f"people.fault.{name}" for name in codes | rules | {"link.users", "link.none"}}
    assert keys == {key for key in known() if key.startswith("people.fault.")}


def test_folders() -> None:
    """Messages lie where their slice's pages lie: a page touches one folder."""
    for path in (ROOT / "serving").rglob("i18n/*.json"):
        assert path.parents[1].name in ("pages", "web"), path
        assert isinstance(path, Path)
