"""Renews the pictures and the answer shown in both READMEs, from a running service.

    python docs/retake.py http://127.0.0.1:3000
    python docs/retake.py http://127.0.0.1:3000 NAME PASSWORD

Needs the test extras (Playwright, httpx) and /usr/bin/chromium. The first stores nothing: every call is a dry run. The
second takes the review desk instead, signed in as NAME; it sends tickets and skips some, so give it a service with a
store of its own (``fendan serve --db sqlite:////tmp/retake.db``).
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

PAST = (
    ("货退回去签收一个星期了，钱还没到账，客服就会说在走流程", "refund", "normal"),
    ("退货签收八天了一分钱没退，再不退我打12315", "refund", "high"),
    ("快递显示签收八天了我根本没拿到，钱也不退", "logistics", "high"),
)
"""Tickets that people have labelled, for the review desk: text, category, urgency."""

SHOWN = (
    "退货你们签收都八天了，钱一分没到，问客服只会说在走流程，到底还退不退？再拖我就打12315",
    "退的货你们早签收了，钱不退，客服还叫我别催，什么态度，我要投诉",
    "签收八天了钱没退，要不给我换一个新的也行，别拖了",
)
"""The review desk shows the first of these about which the model is not sure."""

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
            _save(page.screenshot(full_page=True), f"decision.{language}.png")
            context.close()
        browser.close()


def _save(picture: bytes, name: str) -> None:
    from PIL import Image

    palette = (
        Image.open(io.BytesIO(picture)).convert("RGB").quantize(256)
    )  # a third of the size; pages have few colours
    palette.save(DOCS / "img" / name, optimize=True)


def renew_review(url: str, name: str, password: str) -> None:
    """Takes the review desk, wide and light, in Chinese, with a ticket that has similar past ones."""
    import httpx
    from playwright.sync_api import sync_playwright

    customer = {"channel": "chat", "customer_tier": "gold", "order_amount": 1299, "contact_count": 2}
    for number, (text, category, urgency) in enumerate(PAST):
        past = {"ticket_id": f"past-{number}", "text": text, "channel": "phone"}
        httpx.post(f"{url}/v1/triage", json=past, timeout=60).raise_for_status()
        labels = {"category": category, "urgency": urgency, "sentiment": "negative"}
        said = {"ticket_id": past["ticket_id"], "labels": labels, "source": "reviewer"}
        httpx.post(f"{url}/v1/corrections", json=said, timeout=60).raise_for_status()
    for text in SHOWN:
        httpx.post(f"{url}/v1/triage", json={"text": text, **customer}, timeout=60).raise_for_status()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": 1280, "height": 800},
            device_scale_factor=1.5,
            color_scheme="light",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        page = context.new_page()
        page.goto(f"{url}/review/")
        page.fill("#name", name)
        page.fill("#password", password)
        page.keyboard.press("Enter")
        while True:
            page.wait_for_selector("#ticket .words:visible")
            text = page.inner_text("#ticket .words")
            if text in SHOWN and all(page.locator(part).count() for part in (".rule + .rule", ".past", "#ticket mark")):
                break
            page.keyboard.press("k")
            page.wait_for_function("before => document.querySelector('#ticket .words').innerText !== before", arg=text)
        page.wait_for_function("() => !document.querySelector('.flash')")
        page.mouse.move(0, 0)
        _save(page.screenshot(), "review.png")
        browser.close()


if __name__ == "__main__":
    base = sys.argv[1].rstrip("/")
    if len(sys.argv) == 4:
        renew_review(base, sys.argv[2], sys.argv[3])
    else:
        renew_answers(base)
        renew_pictures(base)
