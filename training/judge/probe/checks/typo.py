"""One typing error by sound, as a pinyin keyboard makes it: 块递 for 快递.

The table is our own. Words of harm and of deadlines stand in it as well as the usual ones; a shop assistant reads past
such an error, so the answer may not hang on it.
"""

from __future__ import annotations

import random

from training.judge.probe.check import Check

ERRORS: dict[str, tuple[str, ...]] = {
    "快递": ("块递", "快弟", "快第"),
    "退款": ("退宽", "腿款", "退筷"),
    "发货": ("发或", "法货", "发祸"),
    "退货": ("退或", "腿货"),
    "换货": ("换或", "还货"),
    "物流": ("物留", "雾流", "物刘"),
    "发票": ("发飘", "法票", "发漂"),
    "客服": ("客伏", "课服", "克服"),
    "质量": ("质亮", "治量", "只量"),
    "包裹": ("包果", "包过", "报裹"),
    "签收": ("迁收", "签受", "千收"),
    "订单": ("定单", "钉单", "丁单"),
    "地址": ("地止", "地只", "地纸"),
    "优惠": ("优会", "忧惠", "优汇"),
    "会员": ("汇员", "会原"),
    "积分": ("机分", "积份", "级分"),
    "支付": ("支富", "只付", "知付"),
    "付款": ("付宽", "负款", "付筷"),
    "尾款": ("尾宽", "委款"),
    "定金": ("订金", "定今"),
    "赔偿": ("陪偿", "培偿", "赔尝"),
    "维修": ("维休", "为修", "围修"),
    "安装": ("按装", "安庄"),
    "账号": ("帐号", "张号", "账好"),
    "密码": ("蜜码", "密马"),
    "尺码": ("尺吗", "迟码", "尺马"),
    "仓库": ("苍库", "仓裤"),
    "收到": ("受到", "收道", "首到"),
    "已经": ("以经", "已精", "已近"),
    "应该": ("因该", "应改", "英该"),
    "什么": ("神么", "甚么", "什莫"),
    "怎么": ("怎吗", "怎摸", "咋么"),
    "没有": ("没又", "妹有", "没友"),
    "还没": ("还妹", "孩没", "海没"),
    "一直": ("一只", "已直", "一致"),
    "现在": ("限在", "现再", "线在"),
    "昨天": ("做天", "昨添"),
    "今天": ("金天", "今添"),
    "明天": ("名天", "明添"),
    "麻烦": ("马烦", "麻凡", "嘛烦"),
    "处理": ("处里", "出理", "处礼"),
    "联系": ("连系", "联习", "恋系"),
    "坏了": ("怀了", "坏啦"),
    "碎了": ("岁了", "碎啦"),
    "申请": ("深请", "身请", "申情"),
    "价格": ("价各", "家格"),
    "活动": ("火动", "活洞"),
    "视频": ("试频", "视平"),
    "照片": ("找片", "照骗"),
    "问题": ("问提", "文题"),
    "商品": ("伤品", "商拼"),
    "衣服": ("一服", "衣付"),
    "孩子": ("孩纸", "还子"),
    "受伤": ("收伤", "受商"),
    "漏电": ("露电", "漏点"),
    "冒烟": ("冒盐", "帽烟"),
    "投诉": ("头诉", "投素"),
    "手机": ("手鸡", "首机"),
    "电话": ("电化", "点话"),
    "短信": ("短心", "断信"),
}
"""Word -> what a pinyin keyboard offers beside it."""


def perturb(text: str, rng: random.Random) -> str | None:
    places = [(at, word) for word in ERRORS for at in _places(text, word)]
    if not places:
        return None
    at, word = rng.choice(places)
    return text[:at] + rng.choice(ERRORS[word]) + text[at + len(word) :]


def _places(text: str, word: str) -> list[int]:
    out, at = [], text.find(word)
    while at >= 0:
        out.append(at)
        at = text.find(word, at + 1)
    return out


CHECK = Check("typo", "一处同音错字", "invariance", perturb)
