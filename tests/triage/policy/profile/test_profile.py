"""Profiles: what loads, what is refused and how it is said."""

from __future__ import annotations

import copy
import re
import runpy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from triage.errors import ProfileError
from triage.policy.gaps import find_gaps
from triage.policy.profile import Profile, load_profile
from triage.policy.profile.file import line_of
from triage.policy.profile.schema import SCHEMA
from triage.taxonomy import Taxonomy

ROOT = Path(__file__).parents[4]
PROFILES = ROOT / "serving" / "profiles"

SMALL: dict[str, Any] = {
    "name": "small",
    "queues": {"refund": "money", "complaint": "complaint"},
    "points": {
        "urgency": {"critical": 70, "normal": 20},
        "sentiment": {"negative": 5, "positive": 0},
        "tier": {"regular": 0, "silver": 3, "gold": 8, "vip": 15},
        "order_amount": [{"from": 500, "points": 3}, {"from": 2000, "points": 8}],
    },
    "priorities": {
        "P1": {"from_points": 70, "sla_minutes": 30, "clock": "always"},
        "P2": {"from_points": 40, "sla_minutes": 240},
        "P3": {"from_points": 20, "sla_minutes": 720},
        "P4": {"from_points": 0, "sla_minutes": 1440},
    },
    "hours": {day: ["09:00-12:00", "13:30-24:00"] for day in SCHEMA["hours"]},
    "fast_lanes": {"critical": "P1"},
    "rules": [{"name": "r", "text": "规则", "when": {"category": ["refund"]}, "raise_by": 1}],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """SMALL with one value replaced (``None`` removes it); a number in the path is a list index."""
    data = copy.deepcopy(SMALL)
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
    node: Any = data
    for part in parents:
        node = node[part]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return data


def test_reads_what_is_written() -> None:
    profile = Profile.from_mapping(SMALL)
    assert (profile.queue_for("refund"), profile.queue_for("城建")) == ("money", "城建")
    assert (profile.urgency_watch, profile.auto_requires, profile.unread_floor) == (0.25, ("category",), "P3")
    assert profile.hours.shifts(date(2026, 11, 11)) == ((540, 720), (810, 1440))


@pytest.mark.parametrize("value", [{"default": "triage", "by_category": {"refund": "finance"}}, {}, None, "谁"])
def test_what_an_earlier_profile_said_of_reviewers_does_nothing_and_is_said(value: Any) -> None:
    profile = Profile.from_mapping({**SMALL, "reviewers": value})
    assert profile.without_effect == ("reviewers",)
    assert profile == Profile.from_mapping(SMALL)
    assert profile.version == Profile.from_mapping(SMALL).version
    (gap,) = [gap for gap in find_gaps(profile, {}) if gap.kind == "no_effect"]
    assert gap.text == (
        f"策略档案 {profile.name} 里的 reviewers 不起作用："
        "审核不按方案分组，谁登录都从同一队里取下一张；删掉 reviewers 这一段，分派不变"
    )


@pytest.mark.parametrize("name", ["default", "promo"])
def test_shipped_profiles_cover_the_taxonomy(name: str) -> None:
    profile = load_profile(name, PROFILES)
    taxonomy = Taxonomy.from_mapping(yaml.safe_load((ROOT / "datasets" / "taxonomy.yaml").read_text("utf-8")))
    assert profile.name == name
    assert set(profile.queues) == set(taxonomy.heads["category"].codes)
    assert tuple(profile.points.urgency) == taxonomy.heads["urgency"].codes
    assert set(profile.points.sentiment) == set(taxonomy.heads["sentiment"].codes)
    assert profile.hours.always_open == (name == "promo")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("name", None, "name：缺少这一项"),
        ("queue", {}, "queue：不认识的键.*是不是想写 queues"),
        ("urgency_watch", 0, "urgency_watch：应是 0.01 到 1 的数；收到的是 0"),
        ("urgency_watch", True, "urgency_watch：应是 0.01 到 1 的数；收到的是 True"),
        ("auto_requires", ["categroy"], r"auto_requires\[0\]：.*是不是想写 category"),
        ("auto_requires", [], "auto_requires：至少写一个"),
        ("unread_floor", "P0", "unread_floor：应是 P1、P2、P3、P4 之一；收到的是 'P0'"),
        ("queues/refund", "a b", "queues.refund：.*不含空白"),
        ("queues", ["refund"], "queues：应是一组“键: 值”"),
        ("points/tiers", {}, "points.tiers：不认识的键.*是不是想写 tier？"),
        ("points/tier/vip", 2, "points.tier.gold：gold 的 8 分比 vip 的 2 分还高"),
        ("points/tier/vip", None, "points.tier.vip：缺少这一项"),
        ("points/tier/platinum", 30, "points.tier.platinum：不认识的键"),
        ("points/urgency/normal", 71, "points.urgency.normal：normal 的 71 分比 critical 的 70 分还高"),
        ("points/urgency/normal", -1, "points.urgency.normal：应是 0 到 1000 的整数；收到的是 -1"),
        ("points/urgency/normal", "20", "points.urgency.normal：.*收到的是 '20'"),
        ("points/order_amount/1/from", 500, r"points.order_amount\[1\].from：500 应大于上一档的 500"),
        ("points/order_amount/1/points", 2, r"points.order_amount\[1\].points：2 分比上一档的 3 分还低"),
        ("points/order_amount/0/point", 2, r"points.order_amount\[0\].point：不认识的键.*是不是想写 points"),
        ("points/order_amount/0/from", float("nan"), r"points.order_amount\[0\].from：应是 0 到"),
        ("points/order_amount", {"from": 1}, "points.order_amount：应是一个列表"),
        ("priorities/P4/from_points", 5, "priorities.P4.from_points：应是 0"),
        ("priorities/P2/from_points", 80, "priorities.P1.from_points：70 应大于 P2 的 80"),
        ("priorities/P2/sla_minutes", 20, "priorities.P1.sla_minutes：30 不应大于 P2 的 20"),
        ("priorities/P3/clock", "always", "priorities.P2.clock：P3 全天计时"),
        ("priorities/P1/clock", "24h", "priorities.P1.clock：应是 business、always 之一"),
        ("priorities/P3", None, "priorities.P3：缺少这一项"),
        ("hours", "24/7", "hours：应是 24x7"),
        ("hours/monday", ["9点到18点"], r"hours.monday\[0\]：应写成"),
        ("hours/monday", ["22:00-02:00"], r"hours.monday\[0\]：.*拆成两段"),
        ("hours/monday", ["09:00-12:00", "11:00-18:00"], r"hours.monday\[1\]：与上一班次重叠"),
        ("hours/monday", ["09:00-25:00"], r"hours.monday\[0\]：应写成"),
        ("hours/monday", False, "hours.monday：应是一个列表"),
        ("hours/sunday", None, "hours.sunday：缺少这一项"),
        ("hours", {day: [] for day in SCHEMA["hours"]}, "hours：一周七天都不上班"),
        ("holidays", ["10月1日"], r"holidays\[0\]：应是一天"),
        ("holidays", ["2026-10-07..2026-10-01"], r"holidays\[0\]：应是一天"),
        ("holidays", ["2026-01-01..2036-01-01"], r"holidays\[0\]：这一段有 3653 天"),
        ("fast_lanes/critcal", "P1", "fast_lanes.critcal：不认识的键.*是不是想写 critical"),
        ("fast_lanes/critical", "p1", "fast_lanes.critical：.*是不是想写 P1"),
        ("rules/0/lower_by", 1, r"rules\[0\].lower_by：不认识的键"),
        ("rules/0/raise_by", -1, r"rules\[0\].raise_by：应是 1 到 3 的整数；收到的是 -1"),
        ("rules/0/raise_by", None, r"rules\[0\]：这条规则什么也不做"),
        ("rules/0/when", {}, r"rules\[0\].when：条件是空的"),
        ("rules/0/when/category", ["refnud"], r"rules\[0\].when.category\[0\]：.*是不是想写 refund"),
        ("rules/0/when/urgency_at_least", "high", r"rules\[0\].when.urgency_at_least：应是 critical、normal 之一"),
        ("rules/0/when/tier_at_least", "VIP", r"rules\[0\].when.tier_at_least：.*之一.*是不是想写 vip"),
        ("rules/0/when/contacts_at_least", 0, r"rules\[0\].when.contacts_at_least：应是 1 到 10000"),
        ("rules/0/review", "yes", r"rules\[0\].review：应是 true 或 false"),
        ("rules", [*SMALL["rules"], *SMALL["rules"]], r"rules\[1\].name：r 写了两次"),
    ],
)
def test_says_where_what_and_what_is_allowed(path: str, value: Any, said: str) -> None:
    with pytest.raises(ProfileError) as caught:
        Profile.from_mapping(changed(path, value))
    assert re.match(said, caught.value.message), caught.value.message
    assert caught.value.field


@pytest.mark.parametrize("data", [None, [], "default", 7])
def test_refuses_what_is_no_mapping(data: Any) -> None:
    with pytest.raises(ProfileError, match="方案文件：应是一组"):
        Profile.from_mapping(data)


def test_version_follows_the_content_and_nothing_else() -> None:
    base = Profile.from_mapping(SMALL).version
    assert re.fullmatch("[0-9a-f]{10}", base)
    assert Profile.from_mapping(copy.deepcopy(SMALL)).version == base
    for path, value in [("points/tier/vip", 16), ("queues/refund", "x"), ("holidays", ["2026-10-01"]), ("title", "小")]:
        assert Profile.from_mapping(changed(path, value)).version != base


def test_loads_by_name_and_by_path(tmp_path: Path) -> None:
    assert load_profile(PROFILES / "promo.yaml", tmp_path) == load_profile("promo", PROFILES)
    with pytest.raises(ProfileError, match="没有名为 defualt 的方案；可用的是 default、promo；是不是想写 default？"):
        load_profile("defualt", PROFILES)
    with pytest.raises(ProfileError, match=r"没有名为 \.\./profiles/default 的方案"):
        load_profile("../profiles/default", PROFILES)
    with pytest.raises(ProfileError, match="读不到方案文件"):
        load_profile(tmp_path / "none.yaml", PROFILES)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name: a\nname: b\n", "shop.yaml 第 2 行 不是合法的 YAML：键 name 写了两次"),
        (b"points: {tier: {vip: 1, vip: 2}}\n", "第 1 行 .*键 vip 写了两次"),
        (b"name: [a\n", "第 2 行 不是合法的 YAML"),
        (b"name: a\nholidays: [2026-13-01]\n", "第 2 行 不是合法的 YAML：month must be in 1..12"),
        (b"name: \x07\n", "shop.yaml 里 不是合法的 YAML"),
        (b"? [a, b]\n: c\n", "不是合法的 YAML"),
        (b"!!python/object/apply:os.getcwd []\n", "不是合法的 YAML"),
        ("name: 平日\n".encode("gbk"), "不是 UTF-8 编码"),
        (b"", "方案文件：应是一组"),
        (b"name: 7\n", "shop.yaml 里 queues：缺少这一项"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "shop.yaml"
    path.write_bytes(content)
    with pytest.raises(ProfileError, match=said):
        load_profile(path, PROFILES)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("name", 1),
        ("queues", 2),
        ("queues.a.b", 4),
        ("queues.a", 3),
        ("rules[1].when.category[2]", 9),
        ("rules[1].when.nothing", 8),
        ("rules[7].name", 5),
        ("rules[x]", 5),
        ("rules.name", 5),
        ("points.tier", None),
        ("", None),
    ],
)
def test_finds_the_line_of_a_path(path: str, line: int | None) -> None:
    text = """name: x
queues:
  a: q
  a.b: r
rules:
  - {name: r}
  - name: s
    when:
      category: [a, a.b, zz]
"""
    assert line_of(yaml.compose(text), path) == line


def test_an_error_carries_its_line(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(yaml.safe_dump(changed("rules/0/raise_by", 9), allow_unicode=True, sort_keys=False), "utf-8")
    with pytest.raises(ProfileError) as caught:
        load_profile(path, PROFILES)
    assert caught.value.line is not None
    assert path.read_text("utf-8").splitlines()[caught.value.line - 1].strip() == "raise_by: 9"
    assert caught.value.message.startswith(f"shop.yaml 第 {caught.value.line} 行 rules[0].raise_by：")
    with pytest.raises(ProfileError) as caught:
        Profile.from_mapping(changed("rules/0/raise_by", 9))
    assert caught.value.line is None


# --- docs/policy.md ---

DOCUMENT = (ROOT / "docs" / "policy.md").read_text("utf-8")


@pytest.mark.parametrize("section", SCHEMA)
def test_every_key_is_documented(section: str) -> None:
    missing = [key for key in SCHEMA[section] if f"`{section}.{key}`".replace("`.", "`") not in DOCUMENT]
    if section == "":
        # A section with keys of its own is explained by them.
        missing = [key for key in missing if key not in SCHEMA]
    assert missing == []


def test_the_documents_example_is_a_profile_that_uses_every_key() -> None:
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)]
    whole = {key: value for block in blocks for key, value in block.items()}
    assert set(whole) == set(SCHEMA[""])
    profile = Profile.from_mapping(whole)
    assert {key for rule in whole["rules"] for key in rule} == set(SCHEMA["rules"])
    assert profile.hours.shifts(date(2026, 10, 10)) == ((540, 720), (780, 1260))


def test_the_documents_table_of_conditions_is_the_codes(root: Path) -> None:
    found = runpy.run_path(str(root / "docs" / "tables.py"))
    assert found["renewed"](DOCUMENT) == DOCUMENT, "run python docs/tables.py"


def test_the_documents_error_is_what_is_said(tmp_path: Path) -> None:
    path = tmp_path / "default.yaml"
    source = (PROFILES / "default.yaml").read_text("utf-8")
    for old, new in (("  tier:", "  teir:"), ("gold: 8, vip: 15", "gold: 8, vip: 2")):
        assert old in source
        path.write_text(source.replace(old, new), "utf-8")
        with pytest.raises(ProfileError) as caught:
            load_profile(path, PROFILES)
        assert caught.value.message in DOCUMENT
