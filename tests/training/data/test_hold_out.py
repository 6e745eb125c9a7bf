"""What both models are compared on: new to the champion, later, and nothing of it on the side that is learned from."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.fit.retrain_builders import START, corpus, later, rows
from training.data.corpus import Corpus
from training.data.duplicates import group, grouping
from training.data.hold_out import check_apart, hold_out, related
from training.data.learned import FILE, LearnedTickets, read, record, unseen
from training.data.split import Split
from triage.errors import RegistryError


def learned(found: Corpus, place: Path) -> LearnedTickets:
    path = place / FILE
    path.write_text(json.dumps(record(found)), encoding="utf-8")
    return read(path)


def test_the_newest_that_the_champion_does_not_know_are_held_out(tmp_path: Path) -> None:
    old = corpus(rows(240), tmp_path)
    every = corpus([*rows(240), *later(200)], tmp_path)
    groups, notes = related(every, group(every.texts))
    new = unseen(every, groups, learned(old, tmp_path))
    assert new.tolist() == [False] * 240 + [True] * 200
    held = hold_out(every, groups, new)
    assert held.split.how == "time"
    n = len(held.split.held_out)
    assert 80 <= n <= 88, "a fifth of all, less than half of what is new"
    assert held.split.held_out.tolist() == list(range(440 - n, 440))
    assert held.seen == 240
    assert any("240 条" in note for note in held.notes)
    assert notes == ()


def test_half_of_what_is_new_stays_to_be_learned_from(tmp_path: Path) -> None:
    every = corpus([*rows(900), *later(60)], tmp_path)
    groups, _ = related(every, group(every.texts))
    new = np.arange(960) >= 900
    held = hold_out(every, groups, new)
    assert held.split.held_out.tolist() == list(range(930, 960))


def test_without_a_champion_the_newest_fifth_is_held_out(tmp_path: Path) -> None:
    every = corpus(rows(300), tmp_path)
    held = hold_out(every, related(every, group(every.texts))[0], None)
    assert held.split.held_out.tolist() == list(range(240, 300))
    assert held.seen == 0


def test_a_planted_duplicate_across_the_split_is_caught(tmp_path: Path) -> None:
    """Newest tickets that repeat what the champion knows, or an older new one, are learned from and counted."""
    found = [*rows(240), *later(200)]
    found[438]["text"] = found[3]["text"] + "！"  # the champion has learned this
    found[437]["text"] = "　" + found[250]["text"]  # the challenger will learn this
    every = corpus(found, tmp_path)
    groups, _ = related(every, group(every.texts))
    new = unseen(every, groups, learned(corpus(rows(240), tmp_path), tmp_path))
    assert not new[438]
    held = hold_out(every, groups, new)
    assert not set(held.split.held_out.tolist()) & {437, 438}
    assert 439 in held.split.held_out
    assert held.seen == 241
    assert held.moved == 1
    assert any("1 条虽新" in note for note in held.notes)


def test_a_copy_on_both_sides_is_never_let_through(tmp_path: Path) -> None:
    """Whatever the groups say: here nobody has grouped anything."""
    found = rows(20)
    found[19]["text"] = found[2]["text"]
    every = corpus(found, tmp_path)
    parted = Split(np.arange(15), np.arange(15, 20), "time")
    with pytest.raises(AssertionError, match="1 held-out tickets have a copy"):
        check_apart(every, np.arange(20), parted)
    groups = np.arange(20)
    groups[18] = 3
    with pytest.raises(AssertionError, match="1 groups stand on both sides"):
        check_apart(every.subset(range(19)), groups[:19], Split(np.arange(15), np.arange(15, 19), "time"))


def test_a_customer_is_not_torn_apart_and_a_till_is_no_customer(tmp_path: Path) -> None:
    every = corpus(rows(100), tmp_path)
    who = ["" if i % 2 else "till" if i < 60 else "" for i in range(100)]
    who[5] = who[99] = who[71] = "C-1"
    every = replace(every, customer_id=tuple(who))
    groups, notes = related(every, np.arange(100))
    assert groups[5] == groups[99] == groups[71] == 5
    assert len(set(groups.tolist())) == 98, "nobody else is joined"
    assert "30 条" in notes[0]
    held = hold_out(every, groups, None)
    assert 99 not in held.split.held_out
    assert held.moved == 1
    assert 98 in held.split.held_out


@given(st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=1, max_size=12), st.data())
def test_joined_groups_are_connected_components(customers: list[str], data: st.DataObject) -> None:
    n = len(customers)
    names = data.draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n))
    groups = np.array([names.index(name) for name in names])
    empty = ("",) * n
    every = Corpus(empty, ("x",) * n, {}, (None,) * n, empty, tuple(customers), (), "f")
    joined = related(every, groups)[0]
    for i in range(n):
        for j in range(n):
            if groups[i] == groups[j] or (customers[i] and customers[i] == customers[j]):
                assert joined[i] == joined[j]
    links = {(int(a), int(b)) for a, b in zip(groups, joined, strict=True)}
    assert len({b for _, b in links}) >= 1
    alone = [i for i in range(n) if not customers[i] and (groups == groups[i]).sum() == 1]
    assert all((joined == joined[i]).sum() == 1 for i in alone)


def test_what_was_seen_is_known_by_id_by_text_and_by_company(tmp_path: Path) -> None:
    memory = learned(corpus(rows(10), tmp_path), tmp_path)
    assert memory.tickets == 10
    assert memory.until == START + timedelta(minutes=90)
    found = later(6)
    found[0]["ticket_id"] = "B-0003"
    found[1]["text"] = rows(10)[4]["text"].replace("快", " 快")
    found[2]["text"] = rows(10)[5]["text"]
    every = corpus(found, tmp_path)
    groups = np.array([0, 1, 2, 2, 4, 5])
    assert unseen(every, groups, memory).tolist() == [False, False, False, False, True, True]
    words = (tmp_path / FILE).read_text(encoding="utf-8")
    assert not any(row["text"][:8] in words or row["ticket_id"] in words for row in rows(10))


def test_without_a_record_only_what_is_later_than_the_model_is_new(tmp_path: Path) -> None:
    every = corpus(rows(4), tmp_path)
    every = replace(every, created_at=(*every.created_at[:3], None))
    made = datetime.fromisoformat(rows(4)[1]["created_at"])
    assert unseen(every, np.arange(4), LearnedTickets(None, made)).tolist() == [False, False, True, False]


def test_rows_without_an_id_do_not_know_each_other(tmp_path: Path) -> None:
    old = replace(corpus(rows(3), tmp_path), ids=("",) * 3)
    every = replace(corpus(later(3), tmp_path), ids=("",) * 3)
    assert unseen(every, np.arange(3), learned(old, tmp_path)).all()


def test_a_record_keeps_the_frames_and_one_from_before_has_none(tmp_path: Path) -> None:
    found = rows(40)
    for row in found:
        row["text"] = f"受理渠道：门店热线 客户反映：{row['text']}"
    frames = grouping([row["text"] for row in found]).frames
    assert len(frames)
    data = record(corpus(found, tmp_path), frames)
    (tmp_path / FILE).write_text(json.dumps(data), encoding="utf-8")
    kept = read(tmp_path / FILE)
    assert kept.frames.keys.tolist() == frames.keys.tolist()
    assert kept.frames.shares.tolist() == frames.shares.tolist()
    del data["frames"]
    (tmp_path / FILE).write_text(json.dumps(data), encoding="utf-8")
    before = read(tmp_path / FILE)
    assert before.hashes is not None
    assert kept.hashes is not None
    assert (before.hashes.tolist(), before.tickets, len(before.frames)) == (kept.hashes.tolist(), 40, 0)


BROKEN = (
    '{"format":"fendan-learned","version":1,"tickets":1,"until":null,"hashes":"","frames":{"keys":"","shares":"AAAA"}}'
)


@pytest.mark.parametrize("content", ["", "{}", BROKEN, '{"format":"fendan-learned","version":2}', "[]"])
def test_a_record_that_is_none_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(RegistryError, match="学过什么"):
        read(tmp_path / FILE)
