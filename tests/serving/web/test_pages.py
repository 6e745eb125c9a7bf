"""The page to try a ticket on: what it is made of. How it behaves is in test_serving_pages_browser.py."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from starlette.applications import Starlette
from starlette.testclient import TestClient

from serving.app import pages
from serving.tickets.pages.try_page import try_routes
from tests.serving.web.builders import files, templates
from triage.paths import ROOT
from triage.taxonomy import Taxonomy

TAXONOMY = Taxonomy.from_mapping(yaml.safe_load((ROOT / "datasets" / "taxonomy.yaml").read_text("utf-8")))


def page(labels: dict[str, Any] | None = None, **links: str) -> str:
    routes = try_routes(pages(), lambda: labels or TAXONOMY.to_mapping(), **links)
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
        assert name in files()


def test_nothing_comes_from_elsewhere() -> None:
    for path in [*files().values(), *templates().values()]:
        addresses = re.findall(r"(?:https?:)?//[a-z0-9][\w.-]*\.[a-z]{2,}[^\s\"'`)]*", path.read_text("utf-8"))
        assert [a for a in addresses if a != "http://www.w3.org/2000/svg"] == [], path


def test_no_two_files_have_one_name() -> None:
    """They are served under one address, so one would hide the other; templates of two slices may."""
    names = [path.name for folder in pages().files for path in folder.iterdir()]
    assert sorted(names) == sorted(set(names))


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
