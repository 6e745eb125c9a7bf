"""Imports: every bad row is named, nothing is half written, the same file again changes nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from intake.options import ReadOptions
from serving.app import label_record
from serving.labels.corrections import Correction
from serving.labels.export import read as read_store
from serving.labels.export import write as write_file
from serving.labels.import_ import ImportPlan, plan, write
from serving.labels.label_rows import read_label_rows
from serving.labels.tables import corrections
from serving.store import Store
from serving.store.tables import logbook, review_items
from tests.intake.builders import write_book
from tests.serving.audit.builders import NOW, item, put, said, ticket
from tests.serving.builders import corrections_of, fendan, run, taxonomy
from triage.errors import DataError, FendanError, InputError, QuestionError


@pytest.fixture
def store(any_store: Store) -> Store:
    put(any_store, [ticket(f"T-{i}") for i in range(6)])
    return any_store


@pytest.fixture
def house(sqlite_store: Store) -> Store:
    put(sqlite_store, [ticket(f"T-{i}") for i in range(6)])
    return sqlite_store


def bring(store: Store, path: Path, by: str = "", form: str = "") -> ImportPlan:
    rows = read_label_rows(path, taxonomy(), form=form, by=by).rows

    def work(c: Any) -> ImportPlan:
        found = plan(c, rows)
        write(c, label_record(), found.new, by="cli:test", file=path.name, now=NOW)
        return found

    return run(store.write(work))


def stored(store: Store) -> list[Correction]:
    return corrections_of(store)


def csv_file(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "in.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def test_labels_become_corrections_and_the_same_file_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "ticket_id,category,urgency,note,by\nT-1,refund,high,电话 13812345678 里说的,甲\nT-2,,normal,,乙\nT-3,,,,丙\n",
    )
    found = bring(store, path)
    assert (len(found.new), found.known) == (2, 0)
    first, second = stored(store)
    assert (first.ticket_id, *first.labels.values(), first.source, first.by) == (
        "T-1",
        "refund",
        "high",
        "import",
        "甲",
    )
    assert "13812345678" not in first.note
    assert (first.blind, first.reason, first.model_version, first.revision) == (None, None, "7", 1)
    assert "category" not in second.labels
    again = bring(store, path)
    assert (len(again.new), again.known) == (0, 2)
    assert len(stored(store)) == 2


def test_every_bad_row_is_named_and_nothing_is_written(store: Store, tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "ticket_id,revision,category,by\nT-1,,refund,甲\nT-2,,物流,甲\nT-3,两,refund,甲\n,1,refund,甲\nT-4,,refund,\nT-5,1,refund\n",
    )
    with pytest.raises(DataError) as error:
        bring(store, path)
    lines = str(error.value).splitlines()
    assert lines[0] == "有 5 行不对，什么都没有写："
    assert lines[1].startswith("第 3 行：category 的 '物流' 不是可用的标签；是不是想写 logistics？")
    assert "第 4 行：revision 应是从 1 起的整数" in lines[2]
    assert "'两'" in lines[2]
    assert lines[3].startswith("第 5 行：没有 ticket_id")
    assert lines[4].startswith("第 6 行：没有写是谁标的")
    assert lines[5].startswith("第 7 行：有 3 个字段，表头有 4 个")
    unknown = csv_file(tmp_path, "ticket_id,revision,category\nT-1,,refund\nX-9,,refund\nT-2,7,refund\n")
    with pytest.raises(DataError) as error:
        bring(store, unknown, "甲")
    assert "第 3 行：没有工单 'X-9'" in str(error.value)
    assert "第 4 行：工单 'T-2' 没有第 7 版" in str(error.value)
    assert stored(store) == []


def test_one_person_twice_the_newer_counts_or_it_is_refused(house: Store, tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "ticket_id,category,by,at\nT-1,refund,甲,2025-11-02T10:00\nT-1,other,甲,2025-11-01T10:00\nT-1,refund,甲,2025-11-03\n",
    )
    found = bring(house, path)
    assert (len(found.new), found.older) == (1, 2)
    assert stored(house)[0].labels["category"] == "refund"
    assert bring(house, path).new == []
    with pytest.raises(DataError, match=r"第 3 行：与第 2 行说的不一样（category=other；category=refund）"):
        bring(house, csv_file(tmp_path, "ticket_id,category,by\nT-2,refund,甲\nT-2,other,甲\n"))


def test_an_export_that_comes_back_untouched_is_no_second_opinion(house: Store, tmp_path: Path) -> None:
    evil = {**ticket("=1+1"), "text": "=2+5"}
    put(house, [evil], None, [said("=1+1", category="refund"), said("T-0", category="refund")])
    path = tmp_path / "out.csv"
    run(house.read(lambda c: write_file(read_store(c, only="labelled"), path, "csv", taxonomy())))
    assert (len(bring(house, path, by="外包").new), len(stored(house))) == (0, 2)
    edited = path.read_text("utf-8-sig").replace("=1+1,1,'=2+5,refund", "=1+1,1,'=2+5,other")
    assert edited != path.read_text("utf-8-sig")
    path.write_text(edited, "utf-8")
    found = bring(house, path, by="外包")
    assert [(one.row.ticket_id, dict(one.row.labels)) for one in found.new] == [("=1+1", {"category": "other"})]


def test_answered_items_are_closed_a_blind_one_stays_and_contradictions_go_to_a_lead(
    store: Store, tmp_path: Path
) -> None:
    items = [item("T-1", "unsure", 1.0), item("T-2", "blind"), item("T-3", "reported", 1.0, state="done")]
    items.append(item("T-4", "unsure", 1.0, lease_by="小王", lease_until=NOW + timedelta(minutes=5)))
    answers = [said("T-3", category="refund", reason="reported")]
    put(store, [], items, answers)
    lines = [{"ticket_id": f"T-{i}", "category": "other", "by": "甲"} for i in (1, 2, 3, 4)]
    path = csv_file(tmp_path, "\n".join(json.dumps(line) for line in lines), name="in.jsonl")
    bring(store, path)
    i = review_items.c
    rows = run(store.read(lambda c: c.execute(select(i.ticket_id, i.reason, i.state)).all()))
    assert {(t, r): s for t, r, s in rows} == {
        ("T-1", "unsure"): "done",
        ("T-2", "blind"): "open",
        ("T-3", "reported"): "done",
        ("T-3", "conflict"): "open",
        ("T-4", "unsure"): "open",
    }
    happened = run(store.read(lambda c: c.execute(select(logbook)).one()))
    assert (happened.what, json.loads(happened.detail)) == ("import", {"file": "in.jsonl", "rows": 4})


def test_what_excel_saves_is_read(house: Store, tmp_path: Path) -> None:
    text = "ticket_id;note;category\r\nT-1;退错了;refund\r\n"
    assert len(bring(house, csv_file(tmp_path, text, "gb18030"), "甲").new) == 1
    assert stored(house)[0].note == "退错了"
    assert (
        len(bring(house, csv_file(tmp_path, "\ufeffticket_id\tcategory\nT-2\trefund\n", name="in.tsv"), "甲").new) == 1
    )


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("in.csv", b"text,category\na,b\n", "表头应有 ticket_id"),
        ("in.csv", b"ticket_id,category,category\na,b,c\n", "写了两次：category"),
        ("in.csv", b"\xff\xff\xff", "编码不是 UTF-8"),
        ("in.json", b'{"a": 1}', "表头应有 ticket_id"),
        ("in.json", b"[", "不是合法的 JSON"),
        ("in.xlsx", b"x", "不是可读的 XLSX"),
        ("in.doc", b"x", "不认识的文件类型"),
        ("in.jsonl", b'{"ticket_id": "T-1", "category": "refund"}\n["T-1"]', "第 2 行：应是一个 JSON 对象"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(FendanError) as error:
        read_label_rows(path, taxonomy(), by="甲")
    assert words in str(error.value)
    with pytest.raises(InputError, match="没有这个文件"):
        read_label_rows(tmp_path / "nothing.csv", taxonomy())


def test_an_undone_import_may_come_again(house: Store, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ticket_id,category\nT-1,refund\n")
    bring(house, path, "甲")
    run(house.write(lambda c: c.execute(update(corrections).values(withdrawn_at=NOW))))
    assert len(bring(house, path, "甲").new) == 1


def test_the_command_rehearses_and_writes(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path}/fendan.db"
    store = Store(db)
    put(store, [ticket("T-1")])
    csv_file(tmp_path, "ticket_id,category\nT-1,refund\n")
    rehearsal = fendan("import", "in.csv", "--by", "甲", "--db", db, "--dry-run", cwd=tmp_path)
    assert "会写入 1 条更正" in rehearsal.stdout, rehearsal.stderr
    assert stored(store) == []
    done = fendan("import", "in.csv", "--by", "甲", "--db", db, "--json", cwd=tmp_path)
    assert json.loads(done.stdout) == {"new": 1, "known": 0, "older": 0, "written": True, "unlabelled": 0}
    bad = fendan("import", "in.csv", "--db", db, cwd=tmp_path)
    assert bad.returncode == 2
    assert "第 2 行：没有写是谁标的" in bad.stderr
    assert len(stored(store)) == 1
    store.close()


def test_labels_in_the_shops_own_words_and_headings(house: Store, tmp_path: Path) -> None:
    text = "工单编号,分类,紧急程度,情绪,备注\nT-1,发票,特急,差评,x\nT-2,退款進度,一般,NaN,\nT-3,ＲＥＦＵＮＤ,—,中性,\n"
    found = bring(house, csv_file(tmp_path, text), "甲")
    assert [dict(one.row.labels) for one in found.new] == [
        {"category": "invoice", "urgency": "critical", "sentiment": "negative"},
        {"category": "refund", "urgency": "normal"},
        {"category": "refund", "sentiment": "neutral"},
    ]


def test_a_scale_is_read_by_its_whole_column(house: Store, tmp_path: Path) -> None:
    rows = "".join(f"T-{i},P{i}\n" for i in range(4))
    found = bring(house, csv_file(tmp_path, f"ticket_id,urgency\n{rows}"), "甲")
    assert [one.row.labels["urgency"] for one in found.new] == ["critical", "high", "normal", "low"]
    with pytest.raises(QuestionError, match="哪一头最急"):
        bring(house, csv_file(tmp_path, "ticket_id,urgency\nT-1,1\nT-2,3\n"), "甲")


def test_doccanos_lists(house: Store, tmp_path: Path) -> None:
    lines = [
        {"id": 7, "ticket_id": "T-1", "text": "x", "label": ["refund"]},
        {"id": 8, "ticket_id": "T-2", "text": "x", "label": ["发票", "紧急"]},
        {"id": 9, "ticket_id": "T-3", "text": "x", "label": []},
    ]
    path = csv_file(tmp_path, "\n".join(map(json.dumps, lines)), name="in.jsonl")
    assert [dict(one.row.labels) for one in bring(house, path, "甲").new] == [
        {"category": "refund"},
        {"category": "invoice", "urgency": "critical"},
    ]
    lines.append({"id": 10, "ticket_id": "T-4", "text": "x", "label": ["refund", "logistics"]})
    path = csv_file(tmp_path, "\n".join(map(json.dumps, lines)), name="in.jsonl")
    with pytest.raises(DataError, match="第 4 行：label 里有 2 个标签（refund、logistics）"):
        bring(house, path, "甲")
    joined = csv_file(tmp_path, "id,text,label,ticket_id\n1,x,紧急#refund,T-5\n")
    assert dict(bring(house, joined, "甲").new[0].row.labels) == {"category": "refund", "urgency": "critical"}


def test_rows_without_a_label_are_counted_and_told(house: Store, tmp_path: Path) -> None:
    read = read_label_rows(
        csv_file(tmp_path, "ticket_id,category,队列\nT-1,,退款组\nT-2,待定,x\nT-3,other,x\n"), taxonomy(), by="甲"
    )
    assert (len(read.rows), read.unlabelled) == (1, 2)
    assert any(
        "2 行没有标签（看的是 category 列；文件里的列：ticket_id、category、队列）" in note for note in read.notes
    )
    with pytest.raises(DataError, match="--column category=列名"):
        read_label_rows(csv_file(tmp_path, "ticket_id,队列\nT-1,退款组\n"), taxonomy(), by="甲")
    said = ReadOptions.of(["category=队列"], ["category.退款组=refund"])
    read = read_label_rows(csv_file(tmp_path, "ticket_id,队列\nT-1,退款组\n"), taxonomy(), options=said, by="甲")
    assert [dict(row.labels) for row in read.rows] == [{"category": "refund"}]


def test_rounded_ids_and_empty_fields(house: Store, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"科学计数.*从原来的系统重新导出"):
        bring(house, csv_file(tmp_path, "ticket_id,category\n2.02611E+20,refund\n"), "甲")
    assert len(bring(house, csv_file(tmp_path, "ticket_id,category,by\nT-1,refund,小赵,,\n")).new) == 1


def test_a_workbook(house: Store, tmp_path: Path) -> None:
    path = write_book(
        tmp_path / "in.xlsx", {"说明": [["请勿改动"]], "标注": [["工单号", "类别", "by"], ["T-1", "退款进度", "甲"]]}
    )
    found = bring(house, path)
    assert [(one.row.ticket_id, one.row.by, dict(one.row.labels)) for one in found.new] == [
        ("T-1", "甲", {"category": "refund"})
    ]


def test_argillas_records(house: Store, tmp_path: Path) -> None:
    record = {"id": "T-1", "fields": {"text": "x"}, "responses": {"category": [{"value": "发票", "user_id": "u-7"}]}}
    path = tmp_path / "in.json"
    path.write_text(json.dumps([record, {**record, "id": "T-2", "responses": {}}]), "utf-8")
    read = read_label_rows(path, taxonomy())
    assert [(row.ticket_id, row.by, dict(row.labels)) for row in read.rows] == [("T-1", "u-7", {"category": "invoice"})]
    assert read.unlabelled == 1
