"""What the tests of HTTP answers share: the one shape of an error, and whether something is what the document says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serving.app import pages
from serving.web.openapi import document

JSON = {"Content-Type": "application/json"}


def files() -> dict[str, Path]:
    """Scripts, styles and pictures of all pages, by name."""
    return {path.name: path for folder in pages().files for path in folder.iterdir()}


def templates() -> dict[str, Path]:
    """Templates of all pages, by name."""
    return {path.name: path for folder in pages().templates for path in folder.iterdir()}


def error(response: Any, status: int, code: str) -> dict[str, Any]:
    """The error of an answer, after a look at its shape."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    body = response.json()
    assert set(body) == {"error"}
    assert body["error"].keys() - {"field"} == {"code", "message", "request_id"}
    assert body["error"]["code"] == code
    assert body["error"]["request_id"] == response.headers["x-request-id"]
    found: dict[str, Any] = body["error"]
    return found


_KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def matches(value: Any, schema: dict[str, Any], at: str = "$") -> list[str]:
    """What of ``value`` does not fit ``schema``: the few keywords of JSON Schema that the document uses."""
    if "$ref" in schema:
        return matches(value, document("1")["components"]["schemas"][schema["$ref"].rpartition("/")[2]], at)
    wrong: list[str] = []
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(
        isinstance(value, _KINDS[k]) and (k == "boolean" or not isinstance(value, bool)) for k in kinds
    ):
        return [f"{at} is {type(value).__name__}, not {kinds}"]
    if "anyOf" in schema:
        tries = [matches(value, {**option}, at) for option in schema["anyOf"]]
        wrong += [] if any(not t for t in tries) else tries[0]
    if "enum" in schema and value not in schema["enum"]:
        wrong.append(f"{at} is {value!r}")
    if "const" in schema and value != schema["const"]:
        wrong.append(f"{at} is {value!r}")
    if isinstance(value, (int, float)) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        wrong.append(f"{at} is {value}")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties", True)
        wrong += [f"{at} lacks {name}" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            inner = known.get(name, rest)
            if inner is False:
                wrong.append(f"{at}.{name} is unknown")
            elif isinstance(inner, dict):
                wrong += matches(item, inner, f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        wrong += [problem for i, item in enumerate(value) for problem in matches(item, schema["items"], f"{at}[{i}]")]
    return wrong
