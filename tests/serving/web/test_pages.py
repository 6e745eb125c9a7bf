"""The page to try a ticket on: what it is made of. How it behaves is in test_serving_pages_browser.py."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from starlette.applications import Starlette
from starlette.testclient import TestClient

from serving.web.pages import FOLDER, page_routes
from triage.paths import ROOT
from triage.taxonomy import Taxonomy

TAXONOMY = Taxonomy.from_mapping(yaml.safe_load((ROOT / "datasets" / "taxonomy.yaml").read_text("utf-8")))
STATIC = FOLDER / "static"


def page(labels: dict[str, Any] | None = None, **links: str) -> str:
    routes = page_routes(lambda: labels or TAXONOMY.to_mapping(), **links)
    response = TestClient(Starlette(routes=routes)).get("/")
    assert response.status_code == 200
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "unsafe" not in response.headers["content-security-policy"]
    return response.text


def test_no_inline_script_or_style_and_every_file_is_there() -> None:
    html = page()
    assert re.findall(r"\son\w+=|\sstyle=|<style", html) == []
    for tag in re.findall(r"<script[^>]*>", html):
        assert "src=" in tag or 'type="application/json"' in tag
    for name in re.findall(r'(?:src|href)="static/([^"]+)"', html):
        assert (STATIC / name).is_file(), name


def test_nothing_comes_from_elsewhere() -> None:
    for path in [*STATIC.iterdir(), *(FOLDER / "templates").rglob("*.html")]:
        addresses = re.findall(r"(?:https?:)?//[a-z0-9][\w.-]*\.[a-z]{2,}[^\s\"'`)]*", path.read_text("utf-8"))
        assert [a for a in addresses if a != "http://www.w3.org/2000/svg"] == [], path


def test_labels_cannot_break_out_of_their_block() -> None:
    evil = {"heads": {"category": {"labels": [{"code": "x", "name": "</script><script>alert(1)</script>"}]}}}
    assert "alert(1)</script>" not in page(evil)
    assert r"\u003c/script\u003e" in page(evil)


@pytest.mark.parametrize(
    ("url", "shown"),
    [("", False), ("http://127.0.0.1:5000", True), ("https://ml.shop.cn/x", True), ("javascript:alert(1)", False)],
)
def test_mlflow_is_linked_only_where_it_is(url: str, shown: bool) -> None:
    assert ("MLflow" in page(mlflow_url=url)) == shown


def test_every_word_has_two_languages_and_none_is_unused() -> None:
    source = (STATIC / "words.js").read_text("utf-8")
    table = source[source.index("const WORDS") : source.index("\n};")]
    known = dict(re.findall(r'^  "([\w.]+)": \[\s*"((?:[^"\\]|\\.)*)"', table, re.MULTILINE))
    html = (FOLDER / "templates" / "base.html").read_text("utf-8") + (FOLDER / "templates" / "try.html").read_text(
        "utf-8"
    )
    marked = set(re.findall(r'data-word(?:-label|-placeholder)?="([\w.]+)"', html))
    assert marked <= set(known)
    scripts = "".join(path.read_text("utf-8") for path in STATIC.glob("*.js"))
    for key in set(known) - marked:
        prefixes = ("reason.", "fault.", "action.", "head.", "priority.", "theme.", "tier.", "source.")
        assert (
            f'"{key}"' in scripts.replace(table, "")
            or key.startswith(prefixes)
            or f'tab("{key.removeprefix("nav.")}"' in html
            or key in ("page", "json", "curl", "queue", "due")
        )
    for chinese, tag in re.findall(r'data-word="([\w.]+)"[^>]*>([^<{]+)<', html):
        assert known[chinese] == tag, "the markup and words.js must say the same"
