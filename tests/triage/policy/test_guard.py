"""The guard: what is said, and what is only negated, asked about, supposed, or part of a harmless word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.policy.guard import HARMLESS, stated

STATED = [
    ("冒烟", "冒烟了人都没有来"),
    ("冒烟", "冒烟都没有人管"),
    ("手麻", "摸门边手麻"),
    ("烫手", "电池烫手了"),
    ("手烫", "手烫了个泡"),
    ("冒烟", "加热毯用了半小时冒烟了"),
    ("冒烟", "没用几天就冒烟"),
    ("冒烟", "还没插电就冒烟"),
    ("冒烟", "如果再冒烟我就投诉"),
    ("冒烟", "会冒烟正常吗"),
    ("冒烟", "为什么会冒烟？"),
    ("冒烟", "插头冒烟"),
    ("冒烟", "不停冒烟"),
    ("冒烟", "要是不来人管，都冒烟了"),
    ("冒烟", "有没有人管都冒烟了"),
    ("冒烟", "冒烟没有人管"),
    ("冒烟", "不光冒烟，还有味"),
    ("漏电", "一摸外壳发麻，像漏电"),
    ("漏电", "是不是漏电了"),
    ("漏电", "会不会是漏电"),
    ("漏电", "是漏电吗"),
    ("漏电", "恐怕漏电了"),
    ("漏电", "怕是漏电"),
    ("起火", "怎么会起火？"),
    ("起火", "起火了吗？起火了"),
    ("烫伤", "不小心烫伤了手"),
    ("烫伤", "孩子烫伤了怎么办"),
    ("烫伤", "可怕的烫伤"),
    ("烫伤", "难免烫伤"),
    ("烫伤", "谁来负责？没人管烫伤的事"),
    ("炸了", "空气炸锅炸了"),
    ("炸了", "燃气灶炸了"),
    ("炸了", "插头都炸了"),
    ("爆炸", "充电到爆炸"),
    ("触电", "碰一下触电一样麻"),
    ("糊味", "电饭煲里有糊味"),
    ("焦味", "烤箱插电就有焦味"),
    ("中毒", "用手机下单的蘑菇吃了中毒"),
    ("过敏了", "用完脸过敏了"),
    ("不想活了", "要是今天不退我就不想活了"),
    ("120", "120在路上"),
]

NOT_STATED = [
    ("拉肚子", "一个拉肚子的都没有"),
    ("拉肚子", "没有一个拉肚子的"),
    ("糊味", "糊味塑料味都没有，很好"),
    ("上吐下泻", "吃这个会上吐下泻不"),
    ("账号被盗", "担心多人共用账号被盗"),
    ("手烫", "烫手烫手"),
    ("头卡", "充电桩枪头卡住"),
    ("手麻", "箱子太重拎得手麻"),
    ("吐血", "被你们气得吐血"),
    ("爆炸", "游戏里手雷爆炸"),
    ("冒烟", "没有冒烟"),
    ("冒烟", "没冒烟"),
    ("冒烟", "不冒烟了"),
    ("冒烟", "没有再出现冒烟"),
    ("冒烟", "冒烟倒是没有"),
    ("冒烟", "会不会冒烟"),
    ("冒烟", "会冒烟吗"),
    ("冒烟", "容易冒烟么？"),
    ("冒烟", "万一冒烟怎么办"),
    ("冒烟", "担心冒烟"),
    ("冒烟", "气得冒烟"),
    ("冒烟", "嗓子都冒烟了"),
    ("冒烟", "避免冒烟"),
    ("漏电", "防漏电的插座"),
    ("漏电", "漏电保护器多少钱"),
    ("漏电", "漏不漏电"),
    ("漏电", "这款漏电吗"),
    ("漏电", "是否会漏电"),
    ("漏电", "有没有漏电的"),
    ("漏电", "怎么防漏电？"),
    ("漏电", "并未漏电"),
    ("漏电", "从来没漏电"),
    ("漏电", "手机漏电快"),
    ("起火", "一起火锅"),
    ("着火", "打不着火"),
    ("着火", "着火点游戏"),
    ("烫伤", "万一孩子碰到，烫伤了怎么办"),
    ("烫伤", "怕孩子烫伤"),
    ("烫伤", "小心烫伤的贴纸"),
    ("受伤", "还好没人受伤"),
    ("受伤", "人未受伤"),
    ("触电", "触电般的感觉"),
    ("触电", "第一眼就像触电"),
    ("发麻", "看得头皮发麻"),
    ("炸了", "我都要气炸了"),
    ("炸了", "空气炸锅炸了鸡翅"),
    ("炸了", "评论区炸了"),
    ("爆炸", "好吃到爆炸"),
    ("骨折", "打骨折的价"),
    ("糊味", "煮饭有糊味"),
    ("过敏", "过敏体质能用吗"),
    ("120", "1120元"),
    ("120", "1200元"),
]


def find(word: str, text: str, guard: bool = True) -> list[int]:
    return [
        at for at in range(len(text)) if text.startswith(word, at) and (not guard or stated(text, at, at + len(word)))
    ]


@pytest.mark.parametrize(("word", "text"), STATED)
def test_what_is_said(word: str, text: str) -> None:
    assert find(word, text)


@pytest.mark.parametrize(("word", "text"), NOT_STATED)
def test_what_is_not_said(word: str, text: str) -> None:
    assert find(word, text, guard=False)
    assert not find(word, text)


def test_a_second_mention_counts_by_itself() -> None:
    assert find("冒烟", "上次没有冒烟，这次冒烟了") == [9]


def test_a_find_with_a_gap_is_judged_by_its_last_part() -> None:
    text = "电池用了半年没有鼓"
    assert not stated(text, 0, len(text), first=2, last=1)
    text = "手机电池用了半年就鼓"
    assert stated(text, 0, len(text), first=4, last=1)
    text = "手机夹住了拿不出来"
    assert not stated(text, 0, 4, first=1, last=2)  # 手 is a part of 手机


@given(st.text(alphabet="冒烟没有会吗不了，。？怕万一防 "), st.integers(0, 30))
def test_what_stands_far_away_changes_nothing(far: str, gap: int) -> None:
    """Windows are bounded: the same surroundings give the same answer, whatever the rest of the text is."""
    near = "。" * 20 + "插座冒烟了" + "。" * 20
    text = far + near + far
    at = text.index("插座冒烟了", len(far)) + 2
    assert stated(text, at, at + 2)


def test_no_idiom_is_a_word_of_one_sign() -> None:
    assert not HARMLESS.search("电")
    assert not HARMLESS.fullmatch("")
