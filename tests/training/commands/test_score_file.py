"""A scored file keeps its columns, gains the decision, and a bad row fails alone."""

from __future__ import annotations

import csv
import functools
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from intake.files.open import read
from models import TriageModel
from models.fit.model import LabelledTexts, fit_model
from tests.training.builders import ROOT, corpus, model_folder, starter_file, starter_rows, write_jsonl
from training.commands.score_file import SUFFIXES, ScoredFile, score
from triage.decision import ModelRef
from triage.errors import DataError, InputError
from triage.policy import decide
from triage.policy.profile import Profile, load_profile
from triage.ticket import MAX_TEXT, Ticket

REF = ModelRef("small", "1")


@functools.cache
def model() -> TriageModel:
    return TriageModel.load(model_folder())


@functools.cache
def profile() -> Profile:
    return load_profile("default", ROOT / "serving" / "profiles")


def scored(source: Path, target: Path, **options: Any) -> tuple[ScoredFile, list[dict[str, Any]]]:
    done = score(source, target, model(), profile=profile(), name=REF, **options)
    return done, [cells for _, cells in read(target).rows]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_row_gets_the_decision_of_its_ticket_in_every_format(tmp_path: Path, suffix: str) -> None:
    done, rows = scored(starter_file(), tmp_path / f"out{suffix}")
    assert done == ScoredFile(len(starter_rows()), 0, (), ())
    assert len(rows) == len(starter_rows())
    for given, row in zip(starter_rows()[:40], rows, strict=False):
        ticket = Ticket.parse({k: given[k] for k in ("ticket_id", "text", "channel", "created_at")})
        answer = model().predict([ticket.content])[0]
        made = decide(ticket, answer, profile=profile(), taxonomy=model().taxonomy, now=ticket.created_at, model=REF)
        assert row["text"] == given["text"]
        assert row["sector"] == given["sector"], "a column that means nothing to us is kept"
        for head, said in answer.heads.items():
            assert row[f"predicted_{head}"] == said.label
            assert float(row[f"{head}_confidence"]) == pytest.approx(said.confidence, abs=1e-6)
            assert row[f"{head}_action"] == said.action
        assert (row["action"], row["queue"], row["priority"]) == (made.action, made.queue, made.priority)
        assert datetime.fromisoformat(row["due_at"]) == made.due_at.replace(microsecond=0)
        assert "error" not in row


def test_columns_stand_in_the_order_of_the_contract(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("订单,text\n1,没收到\n", encoding="utf-8")
    _, rows = scored(source, tmp_path / "out.csv")
    heads = [f"{a}{head}{b}" for head in ("category", "urgency", "sentiment") for a, b in
             (("predicted_", ""), ("", "_confidence"), ("", "_action"))]  # fmt: skip
    assert list(rows[0]) == ["订单", "text", *heads, "action", "queue", "priority", "due_at", "scope"]


BAD = [
    ({"text": ["不是文字"]}, "应是文字"),
    ({"text": "长" * (MAX_TEXT + 1)}, "上限是 20,000"),
    ({"text": "a\0b"}, "NUL"),
]


def test_bad_rows_fail_alone_and_the_others_come_out(tmp_path: Path) -> None:
    rows = [dict(row) for row in starter_rows()[:6]]
    mixed = [rows[0], *(row for row, _ in BAD), *rows[1:]]
    done, out = scored(write_jsonl(tmp_path / "in.jsonl", mixed), tmp_path / "out.jsonl")
    assert (done.rows, done.failed) == (len(mixed), len(BAD))
    assert done.faults[0].startswith(f"{tmp_path / 'in.jsonl'} 第 2 行：")
    _, alone = scored(write_jsonl(tmp_path / "good.jsonl", rows), tmp_path / "alone.jsonl")
    assert [row for row in out if "error" not in row] == alone
    for row, (_, says) in zip(out[1 : 1 + len(BAD)], BAD, strict=True):
        assert says in row["error"]
        assert "queue" not in row


def test_a_side_field_that_cannot_be_read_is_left_out_and_told(tmp_path: Path) -> None:
    rows = [
        {
            "text": "好",
            "created_at": "昨天",
            "order_amount": "很多",
            "contact_count": 1.5,
            "customer_tier": "V9",
            "ticket_id": "x" * 200,
        },
        {"text": "好"},
    ]
    done, out = scored(write_jsonl(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl")
    assert done.failed == 0
    assert [out[0][name] for name in ("queue", "priority")] == [out[1][name] for name in ("queue", "priority")]
    assert out[0]["created_at"] == "昨天", "the user's own column is his own"
    for column in ("created_at", "order_amount", "contact_count", "customer_tier", "ticket_id"):
        assert any(column in note and "照样分" in note for note in done.notes), column


def test_the_forms_of_a_sheet_count(tmp_path: Path) -> None:
    plain = {
        "text": "快递三天没动了",
        "created_at": "2026-11-11T12:00:00+08:00",
        "customer_tier": "vip",
        "order_amount": 12800,
        "contact_count": 3,
    }
    written = {
        "内容": plain["text"],
        "创建时间": "2026/11/11 12:00",
        "会员等级": "钻石会员",
        "订单金额": "¥1.28万",
        "联系次数": "第3次",
    }
    _, one = scored(write_jsonl(tmp_path / "a.jsonl", [plain]), tmp_path / "a_out.jsonl")
    _, other = scored(write_jsonl(tmp_path / "b.jsonl", [written]), tmp_path / "b_out.jsonl")
    assert [one[0][name] for name in ("queue", "priority", "due_at")] == [
        other[0][name] for name in ("queue", "priority", "due_at")
    ]


def test_broken_lines_fail_alone(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('ticket_id,text\n1,好,多\n2,没收到货\n"3"x,坏\n4,退款呢\n', encoding="utf-8")
    done, out = scored(source, tmp_path / "out.csv")
    assert (done.rows, done.failed) == (4, 2)
    assert [bool(row["error"]) for row in out] == [True, False, True, False]
    assert out[0]["ticket_id"] == "1"
    assert out[0]["列3"] == "多", "what stands beyond the header is kept"


def test_a_blank_ticket_is_filed_for_a_person(tmp_path: Path) -> None:
    done, out = scored(write_jsonl(tmp_path / "in.jsonl", [{"text": " "}, {"text": None}]), tmp_path / "out.jsonl")
    assert done.failed == 0
    assert {row["queue"] for row in out} == {"manual"}
    assert {row["action"] for row in out} == {"human"}


def test_customer_and_order_count(tmp_path: Path) -> None:
    plain = {"text": "快递三天没动了", "created_at": "2026-11-11T12:00"}
    rich = {**plain, "customer_tier": " VIP ", "order_amount": "12,800", "contact_count": 4}
    _, out = scored(write_jsonl(tmp_path / "in.jsonl", [plain, rich]), tmp_path / "out.jsonl")
    assert out[1]["priority"] < out[0]["priority"]
    assert out[1]["due_at"] <= out[0]["due_at"]


def test_personal_data_does_not_change_the_answer_and_the_input_is_kept(tmp_path: Path) -> None:
    rows = [{"text": "快递没到，电话13812345678"}, {"text": "快递没到，电话13987654321"}]
    _, out = scored(write_jsonl(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl")
    assert out[0]["category_confidence"] == out[1]["category_confidence"]
    assert out[0]["text"] == rows[0]["text"], "the user's own column is his own"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_cells_that_look_like_formulas_stay_text(tmp_path: Path, suffix: str) -> None:
    odd = ['=HYPERLINK("http://x","退款")', "+86 没收到", "-1", "@某某", "=1+1"]
    _, out = scored(write_jsonl(tmp_path / "in.jsonl", [{"text": t} for t in odd]), tmp_path / f"out{suffix}")
    assert [row["text"] for row in out] == odd
    if suffix == ".xlsx":
        cells = [row[0] for row in openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows(min_row=2)]
        assert {cell.data_type for cell in cells} == {"s"}, "Excel computes none of them"


ODD = {
    "text": "没收到\u0001 \ud83d 货",
    "list": [1, {"a": "二"}],
    "big": 2**70,
    "nan": float("nan"),
    "yes": True,
    "mixed": "字",
    "lone": "\udc00",
}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_odd_cells_of_json_can_be_written_in_every_format(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "in.jsonl"
    lines = [json.dumps(ODD), json.dumps({**ODD, "mixed": 1, "list": None, "big": 1, "nan": 0.5})]
    source.write_text("\n".join(lines), encoding="utf-8")
    done, out = scored(source, tmp_path / f"out{suffix}")
    assert done.failed == 0
    assert len(out) == 2
    assert all(row["queue"] for row in out)
    assert str(out[0]["big"]) == str(2**70)
    assert "二" in str(out[0]["list"])
    if suffix == ".jsonl":
        for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines():
            json.loads(line, parse_constant=lambda what: pytest.fail(f"{what} is no JSON"))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_odd_cells_of_parquet_can_be_written_in_every_format(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "in.parquet"
    moment = datetime(2026, 11, 11, 12, 30)
    table = {
        "text": ["没收到", "退款"],
        "created_at": [moment, None],
        "day": [date(2026, 1, 2), None],
        "hour": [moment.time(), None],
        "sum": [Decimal("1.50"), None],
        "raw": [b"\x00\xff", None],
        "span": [moment - datetime(2026, 1, 1), None],
        "nested": [{"a": [float("nan"), 1.0]}, None],
    }
    pq.write_table(pa.table(table), source)
    done, out = scored(source, tmp_path / f"out{suffix}")
    assert (done.rows, done.failed) == (2, 0)
    assert "1.5" in str(out[0]["sum"])
    assert str(out[0]["day"]).startswith("2026-01-02")


def test_columns_that_the_result_replaces_are_named(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text,queue,error\n没收到,旧的,旧\n", encoding="utf-8")
    done, out = scored(source, tmp_path / "out.csv")
    assert "queue、error" in done.notes[0]
    assert out[0]["queue"] != "旧的"


def test_a_scored_file_can_be_scored_again(tmp_path: Path) -> None:
    _, once = scored(starter_file(), tmp_path / "a.csv")
    _, twice = scored(tmp_path / "a.csv", tmp_path / "a.csv")
    assert once == twice


def test_csv_opens_in_excel_as_utf_8(tmp_path: Path) -> None:
    scored(starter_file(), tmp_path / "out.csv")
    raw = (tmp_path / "out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert len(list(csv.reader(raw.decode("utf-8-sig").splitlines()))) >= 200


def test_a_gbk_file_is_scored_and_said(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("text\n快递一直没有收到\n".encode("gbk"))
    done, _ = scored(source, tmp_path / "out.csv")
    assert "gb18030" in done.notes[0]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("no/out.csv", "文件夹"),
        ("out.doc", ".xlsx"),
        ("out", "没有后缀"),
        ("taken.csv", "写不了"),
        ("in.jsonl/x.csv", "文件夹"),
    ],
)
def test_where_nothing_can_be_written(tmp_path: Path, target: str, says: str) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", starter_rows()[:2])
    (tmp_path / "taken.csv").mkdir()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=says):
        scored(source, tmp_path / target)
    assert sorted(tmp_path.rglob("*")) == before, "nothing half-written is left"


def test_without_words_there_is_nothing_to_score(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("甲\n好\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"没有 text 列.*甲"):
        scored(source, tmp_path / "out.csv")


def test_rows_beyond_one_chunk_keep_their_order(tmp_path: Path) -> None:
    seen: list[float] = []
    rows = [{"ticket_id": i, "text": f"第{i}个包裹没收到"} for i in range(2100)]
    rows[2050] = {"text": ["不是文字"], "ticket_id": 2050}
    source = write_jsonl(tmp_path / "in.jsonl", rows)
    done, out = scored(source, tmp_path / "out.jsonl", progress=lambda _, share: seen.append(share))
    assert [row["ticket_id"] for row in out[:2050]] == list(range(2050))
    assert [i for i, row in enumerate(out) if "error" in row] == [2050]
    assert done.failed == 1
    assert seen[-1] == 1.0


def test_a_model_of_one_head_scores_what_it_knows(tmp_path: Path) -> None:
    rows = corpus([row["text"] for row in starter_rows()], {"category": [row["category"] for row in starter_rows()]})
    one = fit_model(LabelledTexts(rows.texts, dict(rows.labels), model().taxonomy))
    done = score(starter_file(), tmp_path / "out.jsonl", one, profile=profile(), name=REF)
    row = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert done.failed == 0
    assert "predicted_category" in row
    assert "predicted_urgency" not in row
    assert row["queue"]
