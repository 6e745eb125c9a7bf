"""Tickets that a model has learned from are found, counted and left out, in a form or without."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.training.builders import corpus
from training.data.duplicates import grouping
from training.data.frames import NO_FRAMES
from training.data.learned import LearnedTickets, _texts
from training.judge.seen import seen
from triage.errors import InputError

OLD = [
    f"{what}{how}"
    for what in ("电视", "冰箱", "烤箱", "风扇", "水壶")
    for how in ("昨晚起不通电了", "运到时外壳裂开", "想换白色款")
]
NEW = ["发票税号填错想重开", "积分兑换的杯垫没寄来"]


def form(text: str) -> str:
    return f"受理渠道：门店热线\n客户反映：{text}\n办理要求：请经办人当日回电并登记结果"


def learned(texts: list[str]) -> LearnedTickets:
    return LearnedTickets(np.unique(_texts(texts)), None, len(texts), grouping(texts).frames)


def test_what_is_new_is_left() -> None:
    data = corpus([*OLD[:3], *NEW])
    found = seen(data, learned(OLD), "", "M")
    assert found.rows.tolist() == [True] * 3 + [False] * 2
    assert data.subset([3, 4]).texts == found.judged(data, kept=False).texts
    assert found.judged(data, kept=True) is data
    assert found.to_json(kept=False) == {"n": 3, "left_out": 3, "warning": None}
    assert "3 条（共 5 条）" in found.to_json(kept=True)["warning"]
    assert "3 条" in found.left_out(kept=False)[0]
    assert found.left_out(kept=True) == ()


def test_a_known_form_makes_no_ticket_known() -> None:
    """Five tickets show no frame of their own; the record tells of it. A record from before does not."""
    record = learned([form(text) for text in OLD])
    data = corpus([form(text) for text in (OLD[0], *NEW)])
    assert seen(data, record, "", "M").rows.tolist() == [True, False, False]
    assert seen(data, record._replace(frames=NO_FRAMES), "", "M").rows.tolist() == [True, True, True]


def test_when_all_is_seen_there_is_nothing_to_judge_on() -> None:
    data = corpus(OLD)
    found = seen(data, learned(OLD), "", "M")
    with pytest.raises(InputError, match="--with-seen"):
        found.judged(data, kept=False)


def test_nothing_seen_is_nothing_to_warn_of() -> None:
    data = corpus(NEW)
    found = seen(data, learned(OLD), "", "M")
    assert (found.n, found.known, found.warning(), found.left_out(kept=False)) == (0, True, "", ())
    assert found.judged(data, kept=False) is data


def test_without_a_record_the_fingerprint_and_else_nobody_knows() -> None:
    data = corpus(NEW)
    assert seen(data, None, data.fingerprint, "M").rows.all()
    found = seen(data, None, "another", "M")
    assert not found.rows.any()
    assert found.to_json(kept=False)["n"] is None
    assert "M 是文件夹" in found.notes[0]


def test_a_version_without_a_record_has_seen_what_is_older() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    data = corpus(NEW, created_at=[at.replace(day=2), at.replace(month=10)])
    found = seen(data, LearnedTickets(None, at), "", "models:/x/1")
    assert found.rows.tolist() == [False, True]
    assert any("没有记下" in note for note in found.notes)
