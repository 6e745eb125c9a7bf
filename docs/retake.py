"""Renews the pictures and the answer shown in both READMEs, from a running service.

    python docs/retake.py http://127.0.0.1:3000

Needs the test extras (Playwright, httpx) and /usr/bin/chromium. Nothing is stored: every call is a dry run.
"""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
READMES = (DOCS.parent / "README.md", DOCS.parent / "README.zh-CN.md")
ANSWER = re.compile(r"(<!-- answer:start -->\n```json\n).*?(\n```\n<!-- answer:end -->)", re.DOTALL)
CALL = re.compile(r"curl [^\n]*/v1/triage [^\n]*\\\n.*?-d '(?P<body>[^']*)'", re.DOTALL)
EXAMPLE = 1
"""Which of the page's examples is shown."""

WIDTH = 110


def shown(value: Any, depth: int = 0) -> str:
    """JSON with line breaks added where a value would not fit into a line; nothing is left out."""
    line = json.dumps(value, ensure_ascii=False)
    if (depth and len(line) + 2 * depth < WIDTH) or not isinstance(value, dict | list) or not value:
        return line
    space = "  " * (depth + 1)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {shown(item, depth + 1)}" for key, item in value.items()]
    else:
        parts = [shown(item, depth + 1) for item in value]
    left, right = "{}" if isinstance(value, dict) else "[]"
    return f"{left}\n{space}" + f",\n{space}".join(parts) + f"\n{'  ' * depth}{right}"


def renew_answers(url: str) -> None:
    """Sends the ticket of each README's own curl call and puts the answer where it stands."""
    import httpx

    for path in READMES:
        text = path.read_text(encoding="utf-8")
        call = CALL.search(text)
        if call is None or not ANSWER.search(text):
            raise SystemExit(f"{path.name}: no curl call of /v1/triage, or no answer marks")
        reply = httpx.post(f"{url}/v1/triage", params={"dry_run": "true"}, json=json.loads(call["body"]))
        answer = shown(reply.raise_for_status().json())
        before, after = ANSWER.split(text)[0], ANSWER.split(text)[-1]
        left, right = ANSWER.findall(text)[0]
        path.write_text(f"{before}{left}{answer}{right}{after}", encoding="utf-8")


def renew_pictures(url: str) -> None:
    """Takes the page to try a ticket on, wide and light, in both languages."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for language in ("zh", "en"):
            context = browser.new_context(
                viewport={"width": 1280, "height": 800},
                device_scale_factor=1.5,
                color_scheme="light",
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
            )
            page = context.new_page()
            page.goto(url)
            if language == "en":
                page.click("#language")
            page.locator("#examples button").nth(EXAMPLE).click()
            page.wait_for_selector("#result[aria-busy=false] #queue")
            page.mouse.move(0, 0)
            picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
            palette = picture.quantize(256)  # a third of the size; the page has few colours
            palette.save(DOCS / "img" / f"decision.{language}.png", optimize=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    base = sys.argv[1].rstrip("/")
    renew_answers(base)
    renew_pictures(base)
