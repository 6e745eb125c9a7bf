"""Another brand of the same goods, another shop's name behind the @."""

from __future__ import annotations

import random
import re

from training.judge.probe.check import Check

_GOODS: tuple[tuple[str, ...], ...] = (
    ("华为手机", "小米手机", "苹果手机", "荣耀手机", "OPPO手机", "vivo手机", "三星手机", "一加手机"),
    ("华为平板", "小米平板", "苹果平板", "荣耀平板", "联想平板"),
    ("联想笔记本", "戴尔笔记本", "惠普笔记本", "华硕笔记本", "宏碁笔记本"),
    ("格力空调", "美的空调", "海尔空调", "奥克斯空调", "海信空调"),
    ("海尔冰箱", "美的冰箱", "容声冰箱", "西门子冰箱", "美菱冰箱"),
    ("海尔洗衣机", "小天鹅洗衣机", "美的洗衣机", "西门子洗衣机"),
    ("耐克", "阿迪达斯", "李宁", "安踏", "特步", "匹克", "新百伦", "斯凯奇"),
    ("兰蔻", "雅诗兰黛", "珀莱雅", "欧莱雅", "资生堂", "薇诺娜", "自然堂"),
    ("优衣库", "海澜之家", "太平鸟", "森马", "美特斯邦威"),
    ("飞鹤奶粉", "伊利奶粉", "君乐宝奶粉", "爱他美奶粉", "美素佳儿奶粉"),
    ("戴森", "追觅", "科沃斯", "石头", "云鲸"),
    ("顺丰", "中通", "圆通", "申通", "韵达", "极兔", "京东快递", "邮政"),
)
"""Names of one kind of goods or service each. A name that is also a word (苹果, 小米, 美的) stands with its goods."""

_SHOPS = ("晴川", "木叶", "青禾", "拾光", "白鹭", "南枝", "半夏", "云栖", "松间", "小满")
_AT = re.compile(r"@([\u4e00-\u9fff]{2})(?=[\u4e00-\u9fff])")
"""The first half of a shop's name; what follows names the trade (@云朵家电) and stays."""

_WORDS = {"京东快递": "京东快递", "石头": "石头扫地机"}
"""What a name needs to stand as, so that it is the name and not the word."""

_NAMES = {_WORDS.get(name, name): peers for peers in _GOODS for name in peers}
_BRAND = re.compile("|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)))


def perturb(text: str, rng: random.Random) -> str | None:
    """All mentions of one name become another of its kind."""
    mentioned = sorted({found.group() for found in _BRAND.finditer(text)})
    if mentioned:
        name = rng.choice(mentioned)
        peers = [_WORDS.get(peer, peer) for peer in _NAMES[name] if _WORDS.get(peer, peer) not in mentioned]
        return text.replace(name, rng.choice(peers)) if peers else None
    shop = _AT.search(text)
    if shop is None:
        return None
    return text.replace(shop.group(1), rng.choice([name for name in _SHOPS if name != shop.group(1)]))


CHECK = Check("brand", "换一个品牌或店名", "invariance", perturb)
