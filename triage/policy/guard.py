"""Whether a word that names harm is *stated*: not negated, not asked about beforehand, not supposed, not part of another word.

"冒烟了" is an alarm; "没有冒烟", "会不会冒烟？", "万一冒烟怎么办", "防火门" and "气得冒烟" are none. The guard looks at a few signs
around the word and knows tables of words; it knows no grammar. Where it cannot tell, the word counts as stated: a ticket too
many before a person costs little, a fire too few costs much. So "怎么会冒烟？", "如果再冒烟", "有没有人管都冒烟了" are stated. Every
look is at a window of bounded length: the time is linear in the text.
"""

from __future__ import annotations

import re

_CLAUSE = r"，,。．.！!？?；;：:、…~～\n\r\t 　"
_SENTENCE = r"。！!？?；;\n"

_WINDOW = 20
"""Signs before and after a word that are looked at."""

NEGATED = re.compile(
    r"(?:没有?|未|从不|不会|不再|毫无|无|(?<!要)不|防止|避免|预防|杜绝|以防|(?<!消)防|免得|以免|(?<![难不])免)"
    r"(?:再|有|任何|一个|一人|出现|发生|存在|明显|什么|过|被|闻到|见到|看到|听到|发现|感到|感觉到|人|受|受到|造成|引起|导致|一点|半点|太|怎么|丝毫){0,3}$"
)
"""Right before the word, with nothing but such fillers between: "没用几天就冒烟" is no negation, nor is "不小心烫伤"."""

NEGATED_AFTER = re.compile(
    rf"^(?:倒是?|的?(?:情况|现象|问题|危险|隐患))?(?:没有(?=$|[{_CLAUSE}了的过])|没有?发生|没有?出现|不存在)"
    rf"|^[^{_CLAUSE}]{{0,4}}都没有?(?=$|[{_CLAUSE}了过的跟和])"
)
"""The second: "一个拉肚子的都没有", "糊味塑料味都没有". Not "冒烟都没有人管"."""

ASKED = re.compile(
    rf"(?:会不会(?!是)[^{_CLAUSE}]{{0,4}}|是不是会|(?:是否|会否|容不容易|有没有(?!人|谁|办法)|有无|怕不怕)[^{_CLAUSE}]{{0,4}})$"
)
"""A question that carries its sign before the word. "会不会是漏电" is a suspicion and no question before a purchase."""

MAYBE_ASKED = re.compile(rf"(?<!怎么)(?<!什么)(?<![咋啥还])(?:会|容易)[^{_CLAUSE}]{{0,4}}$")
"""With this before and a question sign after, it is a question, too: "会漏电吗". Not "怎么会漏电？"."""

QUESTION = re.compile(
    rf"^(?![^{_CLAUSE}]{{0,8}}(?:正常|怎么|怎样|咋|要紧|赔|为什|算|管))[^{_CLAUSE}]{{0,6}}?(?:吗|[么嘛不没吧]?[？?]|[不没](?=$|[{_CLAUSE}]))"
)
"""A question sign soon after; one that asks what to do about it tells that it is there: "会冒烟正常吗"."""

PLAINLY_ASKED = re.compile(r"^吗")
"""Right after the word: "这款漏电吗". Not after a sign of the past ("着火了吗") or a suspicion ("是漏电吗")."""

SUSPECTED = re.compile(rf"[是像算了到][^{_CLAUSE}]{{0,2}}$")

ASKED_TWICE = re.compile(r"(.)不$")
"""``漏不漏电``, ``烫不烫伤``: the word's first sign and 不 before it."""

SUPPOSED = re.compile(
    rf"(?:如果|要是|万一|假如|倘若|假设|若是|一旦)(?!再|还|又)(?![^{_SENTENCE}]*我[就只真])[^{_CLAUSE}]{{0,14}}$"
)
"""Not "如果再冒烟": then it has smoked; nor a threat against oneself ("要是不退我就…")."""

SUPPOSED_BEFORE = re.compile(rf"(?:如果|要是|万一|假如|倘若|一旦)(?!再|还|又)[^{_SENTENCE}]{{0,14}}$")

OUTCOME = re.compile(rf"^[^{_SENTENCE}]{{0,6}}(?:怎么办|咋办|怎么处理|怎么赔|赔吗|赔不赔|负责|谁管|算谁)")
"""With a supposition in the clause before: "万一孩子碰到，烫伤了怎么办"."""

FEARED = re.compile(
    rf"(?:担心|(?<![可恐哪])怕|以为[要会快]|当心|谨防|提防|(?<!不)小心)(?!再|又|是)[^{_CLAUSE}]{{0,9}}$"
)

HARMLESS = re.compile(
    "|".join(
        (
            # 电
            r"[停来充断送供]电了(?:我|一下(?!.{0,6}[着炸烧鼓]))|漏电(?:保护|开关|断路|检测|测试|快)|[充家来停供断用通]电到|触电般(?!的?[麻疼刺])",
            r"(?:心动|恋爱|一见|眼神|第一眼|初恋)[^，。]{0,10}触电|(?:头皮|看得|听得|坐得?|舌头?|嘴巴?|吃得|麻辣)[^，。]{0,3}发麻",
            r"(?:脑子|大脑|脑)短路|短路保护|麻[烦辣花薯将袋布绳]|火花塞|擦出[^，。]{0,3}火花",
            # 烟、火
            r"[点打]不着火|着火点|[点打]着火|一起火(?!灾)|起火(?:锅|车|把)|发起火|拿起火|冒烟感冒",
            r"(?:嗓子|喉咙|气得|七窍|头顶|心里|眼睛|两眼)[^，。]{0,4}冒[火烟]|(?:车载|干粉|家用)灭火器|灭火器(?:多少|有货|过期|压力)",
            r"(?:饭(?!煲|锅)|粥|菜|汤(?!锅)|锅底|锅巴|烤(?!箱|炉|盘|机)|煎|炒|煮)[^，。]{0,5}[糊焦]味|焦糖|浆糊|烧焦糖",
            # 炸
            r"爆炸(?:好|头|盐|糖|性|多|美|帅|香|甜|便宜|螺)|(?:信息|原地|人气|性价比|颜值)爆炸|(?:气|忙|烦)得?[要快]?爆炸",
            r"(?:好[吃看用听]|美|帅|香|甜|辣|酸|可爱|便宜|开心)[^，。]{0,2}[到得]爆炸|我[要快]爆炸|太炸了|(?:油|空气)炸了",
            r"(?<![燃煤然暖充氧蒸空])气得?[都要快]?炸了|(?:心态|肺|脑壳|脑袋|群里?|评论区?|全场|弹幕)[^，。]{0,3}炸了",
            r"(?<![插龙喷镜灯接笔])头[都要快]{1,2}炸了|炸了(?:锅|薯|鸡|鱼|虾|丸|点|些|盘|春卷|油条|花生|馒头|茄)|[西蜜]瓜[^，。]{0,6}炸",
            r"爆[款单品仓满炒浆棚红料]|爆米花|[卖劲火]爆|口碑爆|爆胎险|防爆胎",
            # 伤
            r"(?<![想要])[帅美香甜酷爽]炸(?!伤|弹|药)|(?:[点刷聊打说累忙急辣帅]|好吃)到冒烟",
            r"(?:游戏|特效|电影|剧情|手雷)[^，。]{0,6}爆炸|爆炸特效|冒烟的?干冰|干冰[^，。]{0,4}冒烟|看得[^，。]{0,3}喘不[上过]气",
            r"气得?[^，。]{0,3}吐血|打骨折|骨折价|[二到入拿对歌选水新高老]手|手[机表柄镯套提工链串帕办账册]|臃肿|大出血|流血价|磨[出起了破][^，。]{0,4}泡",
            r"打[^，。]{0,2}水泡|自己缝|[很太又]受伤|受伤的(?:心|总是)|(?:内心|果子?|苹果)[^，。]{0,4}受伤|勾勒|看[^，。]{0,6}眼睛|挂水桶",
            r"(?:勒|挤|压|笑|累|跑|忙)得?[^，。]{0,3}喘不[上过]气|笑得?[^，。]{0,3}肚子",
            r"烫手(?!了|得|到|[^，。]{0,3}[泡红伤])|[枪接插笔喷镜]头卡|一头扎进|[提拎抱拿枕压睡]得[^，。]{0,4}手麻|(?:鼠标|打字|久坐)[^，。]{0,6}手麻",
            # 病
            r"抽[纸奖屉绳]|过敏(?:体质|史|源|原|季|人群|肌|皮肤|性鼻炎|期)|抗过敏|低过?敏|[从便]不过敏|吐(?:槽|司|毛|舌|泡|鲁|字|丝)|吞吐|又痒痒",
            r"红屁[股屁](?:膏|霜|护|克星)|护臀|(?:电脑|手机|系统|软件|平板|刷机|病毒)[^，。]{0,3}中毒|屏[^。]{0,10}红斑|中毒(?:太深|很深)",
            # 药、账、人
            r"你[^，。]{0,4}吃错药|是不是吃错药|吃错药了吧|系统[^，。]{0,3}吞|吞了我|跳楼(?:价|机|大?甩)|盗版|防盗|海盗|盗墓",
        )
    )
)
"""Harmless words and idioms of which a word of harm is a part. They have to stick out of it, or they would forbid it."""


def stated(text: str, start: int, end: int, *, first: int | None = None, last: int | None = None) -> bool:
    """Whether what stands in ``text[start:end]`` is said to be so.

    Args:
        first, last: lengths of the literal first and last part of a find with a gap; None: it is literal as a whole.
    """
    head, tail = (
        start + (first or end - start),
        end - (last or end - start),
    )  # where the first part ends, the last begins
    before, after = text[max(0, tail - _WINDOW) : tail], text[end : end + _WINDOW]
    return not (
        _negated(before, after)
        or _asked(text, tail, before, after)
        or _supposed(before, after)
        or _splits_number(text, start, end)
        or _harmless(text, ((start, head), (tail, end)))
    )


def _negated(before: str, after: str) -> bool:
    return bool(NEGATED.search(before) or NEGATED_AFTER.search(after))


def _asked(text: str, at: int, before: str, after: str) -> bool:
    if ASKED.search(before) or (MAYBE_ASKED.search(before) and QUESTION.search(after)):
        return True
    if PLAINLY_ASKED.search(after) and not SUSPECTED.search(before):
        return True
    twice = ASKED_TWICE.search(before)
    return twice is not None and twice[1] == text[at]


def _supposed(before: str, after: str) -> bool:
    if SUPPOSED.search(before) or FEARED.search(before):
        return True
    return bool(SUPPOSED_BEFORE.search(before) and OUTCOME.search(after))


def _splits_number(text: str, start: int, end: int) -> bool:
    """Whether the find is a piece of a longer number: the 120 of 1120."""
    left = start > 0 and text[start - 1].isdigit() and text[start].isdigit()
    return left or (end < len(text) and text[end - 1].isdigit() and text[end].isdigit())


def _harmless(text: str, parts: tuple[tuple[int, int], ...]) -> bool:
    begin = max(0, parts[0][0] - _WINDOW)
    for found in HARMLESS.finditer(text[begin : parts[-1][1] + _WINDOW]):
        at, stop = found.start() + begin, found.end() + begin
        if any(at < end and stop > start and (at < start or stop > end) for start, end in parts):
            return True
    return False
