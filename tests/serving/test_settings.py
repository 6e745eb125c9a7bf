"""Settings: read from the environment, refused by name, all documented."""

from __future__ import annotations

import dataclasses
import re

import pytest

from serving.settings import Settings, variable
from triage.errors import InputError
from triage.paths import ROOT


def test_defaults_and_the_environment() -> None:
    assert Settings.from_env({}) == Settings()
    env = {"FENDAN_PORT": "8080", "FENDAN_ALLOW_DEGRADED": "True", "FENDAN_MODEL": " M ", "FENDAN_WORKERS": ""}
    settings = Settings.from_env(env)
    assert (settings.port, settings.allow_degraded, settings.model, settings.workers) == (8080, True, "M", 1)


def test_another_process_reads_the_same() -> None:
    settings = Settings(
        model="M",
        port=1234,
        allow_degraded=True,
        blind_rate=1e-05,
        overlap_share=0.0,
        db="postgresql+psycopg://a:b@c/d",
    )
    assert Settings.from_env(settings.to_env()) == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FENDAN_PORT", "http"),
        ("FENDAN_WORKERS", "0"),
        ("FENDAN_WORKERS", "-1"),
        ("FENDAN_ALLOW_DEGRADED", "yes"),
        ("FENDAN_BLIND_RATE", "2%"),
        ("FENDAN_BLIND_RATE", "1.5"),
        ("FENDAN_BLIND_RATE", "nan"),
        ("FENDAN_BLIND_RATE", "-0.1"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InputError, match=name) as caught:
        Settings.from_env({name: value})
    assert value in str(caught.value)


def test_the_documentation_lists_every_setting_with_its_default() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(FENDAN_\w+)` \| (.*?) \|", text, re.M))
    assert list(rows) == [variable(item.name) for item in dataclasses.fields(Settings)]
    for item in dataclasses.fields(Settings):
        default = str(item.default).replace(f"{ROOT}/", "")
        shown = {"True": "true", "False": "false", "": "（空）"}.get(default, default)
        assert rows[variable(item.name)] == (shown if shown == "（空）" else f"`{shown}`")
        assert item.metadata["doc"] in text
