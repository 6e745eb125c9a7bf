"""``fendan score`` and ``fendan explain`` as a user types them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.training.builders import (
    ROOT,
    fendan_here,
    model_folder,
    starter_rows,
    write_jsonl,
)


def test_score_writes_the_file_and_says_what_failed(tmp_path: Path) -> None:
    rows = [*starter_rows()[:3], {"text": ["不是文字"]}, {"text": "好", "created_at": "昨天"}]
    source = write_jsonl(tmp_path / "in.jsonl", rows)
    status, out, err = fendan_here("score", source, "-o", tmp_path / "out.csv", "--model", model_folder(), cwd=tmp_path)
    assert status == 0
    assert "5 行" in out
    assert "没有用它的 created_at" in out, "a date that cannot be read costs no ticket its decision"
    assert "1 行读不了" in err
    assert "第 4 行" in err
    assert (tmp_path / "out.csv").exists()


def test_score_tells_programs_in_one_document(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", starter_rows()[:3])
    output = tmp_path / "out.xlsx"
    status, out, err = fendan_here("score", source, "-o", output, "--model", model_folder(), "--json", cwd=tmp_path)
    assert (status, err) == (0, "")
    assert json.loads(out) == {"output": str(output), "rows": 3, "failed": 0, "faults": [], "notes": []}


@pytest.mark.parametrize(
    ("target", "profile", "says"),
    [("no/out.csv", "default", "文件夹"), ("out.txt", "default", ".xlsx"), ("out.csv", "nosuch", "nosuch")],
)
def test_score_says_what_it_cannot_do(tmp_path: Path, target: str, profile: str, says: str) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", starter_rows()[:3])
    status, _, err = fendan_here(
        "score", source, "-o", target, "--model", model_folder(), "--profile", profile, cwd=tmp_path
    )
    assert status == 2
    assert says in err


def test_the_promo_profile_can_be_chosen(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", starter_rows())
    outputs = []
    for profile in ("default", "promo", ROOT / "serving" / "profiles" / "promo.yaml"):
        output = tmp_path / f"{len(outputs)}.csv"
        assert (
            fendan_here("score", source, "-o", output, "--model", model_folder(), "--profile", profile, cwd=tmp_path)[0]
            == 0
        )
        outputs.append(output.read_bytes())
    assert outputs[0] != outputs[1]
    assert outputs[1] == outputs[2]


def test_explain_answers_with_the_decision(tmp_path: Path) -> None:
    text = "快递显示签收了可我没收到，电话13812345678"
    status, out, err = fendan_here("explain", text, "--model", model_folder(), "--tier", "vip", "--json", cwd=tmp_path)
    assert (status, err) == (0, "")
    made = json.loads(out)
    assert made["degraded"] is False
    assert made["category"]["label"]
    assert made["evidence"]
    for word in made["evidence"]:
        if "手机号" not in word["text"] and "*" not in word["text"]:
            assert text[word["start"] : word["end"]] == word["text"]
    assert "13812345678" not in out
    assert any("VIP" in reason["text"] for reason in made["reasons"])


def test_a_mail_in_html_is_answered_as_its_words(tmp_path: Path) -> None:
    plain = [row["text"] for row in starter_rows()[:20]]
    rows = [{"text": text} for text in plain] + [{"text": f"<div><p>{text}</p>&nbsp;</div>"} for text in plain]
    source, output = write_jsonl(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl"
    assert fendan_here("score", source, "-o", output, "--model", model_folder(), cwd=tmp_path)[0] == 0
    scored = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    answers = [{k: v for k, v in row.items() if k not in ("text", "due_at")} for row in scored]
    assert answers[:20] == answers[20:]
    shown = [
        fendan_here("explain", text, "--model", model_folder(), "--json", cwd=tmp_path)[1]
        for text in (plain[0], rows[20]["text"])
    ]
    first, second = map(json.loads, shown)
    assert second["category"] == first["category"]
    assert {part["kind"] for part in second["unread"]} == {"html"}
    assert second["reasons"][0]["rule"] == "own_words"


def test_explain_shows_words_and_reads_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO("发票抬头开错了\n请重开"))
    status, out, _ = fendan_here("explain", "-", "--model", model_folder(), cwd=tmp_path)
    assert status == 0
    assert "队列" in out
    assert "发票抬头开错了 请重开" in out
    assert "\x1b[" not in out, "colours are for terminals"


@pytest.mark.parametrize("text", ["", "   ", "😡" * 5000, "\ud83d", "\x00\x01", "x" * 20_000])
def test_explain_takes_any_text(tmp_path: Path, text: str) -> None:
    status, out, _ = fendan_here("explain", text, "--model", model_folder(), "--json", cwd=tmp_path)
    assert status == 0
    assert json.loads(out)["queue"]


@pytest.mark.parametrize(("arguments", "says"), [(("x" * 20_001,), "20,000"), (("好", "--tier", "emperor"), "emperor")])
def test_explain_says_what_it_cannot_take(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    status, _, err = fendan_here("explain", *arguments, "--model", model_folder(), cwd=tmp_path)
    assert status == 2
    assert says in err
