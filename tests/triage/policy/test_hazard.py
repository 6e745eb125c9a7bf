"""The hazard rules of the shipped profiles: harm said in plain words is never missed, and calm tickets stay calm."""

from __future__ import annotations

import json
from functools import cache

import pytest
import yaml

from features.mask import mask
from features.normalise import fold_same_length
from tests.triage.policy.test_engine import MODEL, NOW, ROOT, TAXONOMY, predicted, rules
from triage.decision import Decision
from triage.policy import decide
from triage.policy.conditions.text_any import TextAny
from triage.policy.profile import Profile, load_profile
from triage.prediction import Prediction
from triage.ticket import Ticket

NAMES = ("default", "promo")
MOST_FALSE_ALARMS = 0.003

HARM = (
    "买的电锅插电就跳闸还有烧焦味",
    "电热水壶一摸外壳发麻，像漏电",
    "电动车充电半夜自己着了，幸好发现早",
    "燃气灶关了还有煤气味，不敢用",
    "药品过期了没注意，已经吃了三粒，要紧吗",
    "老人助听器坏了听不见车，出门差点被撞",
    "宝宝用了你们的纸尿裤屁股红了一片，还能退吗",
    "加热毯用了半小时冒烟，床单烧了一个洞，人没事",
    "吹风机用着用着冒火星子",
    "洗澡的时候被电了一下，吓死我了",
    "摸洗衣机外壳手麻了一下",
    "插座那里有糊味，拔了",
    "这个热水袋漏水把我大腿烫了",
    "孩子玩的时候手指被夹了，破了皮在流血",
    "面霜用了两天脸上起疹子，又红又痒",
    "吃了你们家的鸭脖全家上吐下泻",
    "吃完拉肚子拉了一晚上",
    "小孩把纽扣电池吞下去了怎么办",
    "充电宝鼓包了还能用吗",
    "手机电池鼓起来把后盖都顶开了",
    "电饭煲里面糊味很重，插头都烧黑了",
    "锅盖突然炸了，玻璃渣飞得到处都是",
    "自行车刹车失灵，差点摔沟里",
    "滑板车骑着骑着前叉断了，摔了一跤，膝盖缝了三针",
    "药发错了，我妈已经吃了一粒",
    "血压药给我发成降糖药了",
    "账号被盗了，有人在用我的余额买东西",
    "银行卡一直在扣钱，不知道扣的什么，停不下来",
    "半夜收到短信说我在外地登录了，密码也改不了",
    "再不退钱我真的不想活了",
    "狗狗吃了你们家的粮开始吐，还便血",
    "猫用了驱虫药之后抽搐",
    "宝宝咬下来一块小零件，卡在喉咙里了",
    "奶粉喝了孩子发烧呕吐",
    "取暖器线烧化了，地板都烤黄了",
    "電熱毯冒煙了，還好人在旁邊",
    "老人洗澡椅塌了，摔得起不来，在医院",
    "儿童座椅的扣子断了孩子从车上滚下来",
    "染发膏弄得头皮又肿又流水",
    "用了脱毛膏皮肤灼烧一样疼，起了好多泡",
    "打火机在兜里自己着起来了",
    "灯泡炸了，玻璃扎到脚",
    "玻璃杯倒热水就裂开了，手烫红了一大片",
    "燃气热水器一直有股煤气的味道，头晕",
    "净水器漏水漏到插座上，冒火花",
    "孕妇吃了你们的东西现在肚子疼得厉害",
    "小孩误食了干燥剂",
    "花生过敏，你们写着不含花生结果我嘴肿了喘不上来",
    "喝了口感觉不对，一看过期半年了，已经喝了大半瓶",
    "吸尘器电机冒烟一股焦味",
    "平衡车充着电烧起来了，家里墙都熏黑了",
    "椅子腿断了把我妈摔了",
    "刀片弹出来划到手，血止不住",
    "买的灭蚊片孩子舔了两口",
    "眼药水滴完眼睛疼得睁不开",
    "隐形眼镜戴了眼睛红肿，看东西模糊",
    "有人冒充客服骗我转账，已经转了三千",
    "我妈被骗子骗得共享屏幕了，钱还在转",
    "按摩椅把我爸的手夹住了出不来",
    "梯子断了人摔下来骨折了",
    "热水器洗澡的时候手碰水龙头被电得一激灵",
    "烤箱插座那边噼里啪啦响还冒烟",
    "吸顶灯半夜掉下来砸在我床上，差一点砸到头",
    "小孩骑的扭扭车轮子掉了，磕掉一颗牙",
    "高压锅放气阀喷出来，脸烫掉一层皮",
    "冬天用暖手宝睡着了，醒来肚皮上一个大水泡",
    "锂电池充着充着冒白烟，我扔到阳台了",
    "微波炉里头打火，闻着一股塑料烧了的味",
    "我家阳台的充电线烧着了，还好没人",
    "洗面奶用完整张脸火辣辣的疼，起了一片红疙瘩",
    "孩子喝完果汁肚子痛，又吐又拉",
    "这批口服液喝了心慌手抖",
    "我把消毒液当水喝了一口",
    "老爷子把外用的药水喝了",
    "给猫滴了驱虫药一直流口水站不稳",
    "我奶奶吃了你们的保健品进医院了",
    "梯子中间突然断了，我摔下来尾椎骨疼得动不了",
    "玩具枪子弹打到眼睛了，眼睛充血",
    "书架没固定倒了压到孩子的腿",
    "指甲刀断了崩进眼睛里",
    "剃须刀漏电，刮的时候麻麻的",
    "燃气管接头嘶嘶响，有臭味",
    "灶台点火的时候轰一下把眉毛烧了",
    "电动车下坡刹不住车，撞墙上了",
    "电动滑板车突然加速，把我甩出去了",
    "头盔一摔就碎，我头上缝了六针",
    "我的号被人改了密码在疯狂下单",
    "支付宝绑定你们平台每隔五分钟被扣一次钱",
    "陌生人用我的会员买了三张礼品卡",
    "客服电话让我把钱转到安全账户，我转了",
    "十岁的儿子偷偷用我手机给主播刷了八千",
    "活着真没意思，你们客服还这样对我",
    "吃出一块玻璃，嘴巴都划破了",
    "牛奶里有虫子，宝宝喝完发高烧",
    "插排用了一晚上，早上看到插头那里融化了",
    "电热水袋漏水，水是烫的，腿上烫红了",
    "纸尿裤穿了一天起了好多小红点",
    "戴了这个耳环耳垂流脓了",
    "润肤露擦完宝宝脸上一块一块红",
    "隔壁闻到糊味来敲门我才发现烤盘烧起来了",
)

CALM = (
    "这个插座会不会漏电？",
    "充电宝安全吗，会爆炸吗",
    "请问电热毯会着火吗？",
    "这款热水器防漏电吗",
    "万一漏电怎么办，有保险吗",
    "担心孩子烫伤，有没有防烫的",
    "有没有烫伤膏卖",
    "没有冒烟，就是不加热了",
    "用了三年从来没漏过电",
    "油烟机不冒烟了，修得很好",
    "无烟烧烤炉多少钱",
    "烟熏火腿什么时候发货",
    "你家的爆款卫衣还有货吗",
    "辣条炸裂好吃！",
    "好吃到爆炸",
    "吓死我了太好看了",
    "直播间火爆，抢不到",
    "第一眼看到就有触电般的感觉",
    "我人都麻了，怎么又降价",
    "头皮发麻的剧情，书很好看",
    "麻辣火锅底料吃得嘴巴发麻，过瘾",
    "气得我冒火，三天不发货",
    "我都要气炸了",
    "空气炸锅炸了鸡翅，特别香",
    "打不着火，燃气灶是不是坏了",
    "防火门什么时候送",
    "灭火器有货吗",
    "火花塞型号对吗",
    "敏感肌会过敏吗",
    "过敏体质能用吗",
    "宝宝不过敏，很好用",
    "从不过敏的面霜",
    "手机壳划伤屏幕了",
    "二手手机有划伤吗",
    "衣服打骨折价，太划算",
    "跳楼价买的，值",
    "想死你们家的辣条了",
    "丑得想死",
    "等得我想死的心都有了",
    "手机漏电快，一天要充三次",
    "充电到80就停了",
    "家电到了吗",
    "来电到家里没人",
    "被电话骚扰了",
    "药还没到，什么时候发",
    "创可贴什么时候到",
    "医用口罩怎么还没发",
    "我孩子在医院打疫苗，晚点送",
    "急诊科护士的礼物，帮忙包装好看点",
    "医生推荐的奶粉有货吗",
    "猫粮什么时候发，猫快断粮了",
    "小猫爱吃，没吐",
    "猫吐毛球用哪款化毛膏",
    "红屁股护臀膏有货吗",
    "婴儿湿疹膏怎么卖",
    "磨出水泡了，鞋子能退吗",
    "开水泡面碗",
    "热水泡脚桶",
    "起泡酒什么时候发货",
    "打蛋器能打出起泡吗",
    "漏水了，没漏电",
    "如果起火你们赔吗",
    "怕烫伤孩子，所以想退",
    "小心烫伤的贴纸掉了",
    "不想活的太累，买个扫地机",
    "包装盒压坏了，东西没伤到",
    "快递摔坏了箱子，里面没事",
    "手工皂融化了一点",
    "冰淇淋融化了，能赔吗",
    "巧克力融化了",
    "爆米花机不热",
    "炒菜糊味有点大，油烟机吸不走",
    "饭烧糊了，是锅的问题吗",
    "面包烤焦了，温度怎么调",
    "自动续费怎么关",
    "上个月扣了两次会员费",
    "盗版书吧这是",
    "这游戏机手感炸裂",
    "评论区炸了",
    "西瓜路上炸了一个，补一个吧",
    "轮胎多少钱，爆胎险怎么买",
    "羽绒服臃肿了点",
    "甲醛会不会超标",
    "气球爆了两个",
    "会不会有刺激味道，宝宝能用吗",
    "孩子不小心把卡弄丢了",
    "密码忘了登录不上",
    "忘记密码怎么改",
    "想换绑手机号",
    "请冻结我的积分",
    "能锁住保温吗",
    "一笔一划都很清楚的字帖",
    "快递员骗子吗，说放驿站没有",
    "你们是骗子吗，三天不发货",
    "骗子！！！",
    "兽医推荐的处方粮有货吗",
    "止痛药有吗，急诊回来的",
    "血糖仪怎么用",
    "停药期间能吃吗",
    "消防栓旁边放的快递",
    "冒烟感冒药有吗",
    "蜡烛点燃了很香",
    "火锅燃料",
    "插板有没有防触电的儿童门",
    "这个充电宝能上飞机吗，会不会自燃",
    "电热毯睡着了用安全吗",
    "老人用会不会烫到",
    "锅盖是防爆玻璃的吗",
    "灶具点不着火，师傅什么时候来",
    "烧烤炉烟大不大",
    "电蚊香有没有毒",
    "孕妇可以用吗，会不会过敏",
    "宝宝三个月能吃吗",
    "药盒里少了一板",
    "退烧贴怎么贴",
    "体温计测出来38度准吗",
    "买的创伤药过期了，换一下",
    "伤口贴防水吗",
    "鞋子磨脚，后跟起泡了",
    "衣服一洗就掉色，手都染红了",
    "快递把箱子摔了，里面杯子碎了一地",
    "杯子碎了，还好没伤到人",
    "碗打开就是碎的，收拾的时候小心点没划到",
    "火龙果裂了",
    "火车票订单怎么开发票",
    "火锅底料辣得我喷火，好吃！",
    "冲这包装我给满分，太炸了",
    "这价格真的是割韭菜",
    "刀很快，切菜不费力",
    "安全带扣怎么装",
    "会员被盗号能找回吗，先问问",
    "你们会不会泄露信息",
    "扣款失败怎么回事",
    "花呗重复扣了一笔",
    "还款日自动扣款怎么取消",
    "密码改了之后登录不了",
    "请把我的账号注销",
    "昨天改了手机号，收不到验证码",
    "孩子的校服大了一码",
    "小孩不喜欢这个颜色",
    "狗粮换口味",
    "猫抓板有味道",
    "猫砂粉尘大，打喷嚏",
    "买药需要处方吗",
    "医保能用吗",
    "在医院上班，白天收不了快递",
    "住院的老人用的护理垫，型号发错",
    "轮椅坐垫有点硬",
    "手环一直显示心率过快，是不是坏了",
    "血压计测得偏高",
    "摔不坏的手机壳",
    "跑步鞋不防滑",
    "爆米花不脆",
    "气垫爆汗款",
    "剧情太虐，看得我心梗",
    "等快递等到崩溃",
    "烦死了又要重新填",
    "笑死，这也能叫赠品",
    "物流慢得要死",
    "被你们气得吐血",
    "客服态度冷得像冰",
    "灯不亮了",
    "电视黑屏",
    "洗衣机漏水，地板湿了",
    "空调不制冷",
    "热水器不出热水",
    "油烟机漏油",
)


@cache
def profile(name: str) -> Profile:
    return load_profile(name, ROOT / "serving" / "profiles")


def run(text: str, prediction: Prediction | None, name: str = "default") -> Decision:
    return decide(
        Ticket(text=text),
        prediction,
        profile=profile(name),
        taxonomy=TAXONOMY,
        now=NOW,
        model=MODEL,
        text=fold_same_length(mask(text)),
    )


def hazards(decision: Decision) -> list[str]:
    return [reason.rule for reason in decision.reasons if reason.rule.startswith("hazard")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", HARM)
def test_harm_is_seen_by_a_person_whatever_the_model_says(text: str, name: str) -> None:
    sure_it_is_nothing = run(text, predicted("logistics", "low"), name)
    assert sure_it_is_nothing.priority <= "P2"
    assert sure_it_is_nothing.action == "suggest"
    assert hazards(sure_it_is_nothing)
    unread = run(text, None, name)
    assert (unread.priority, unread.action) == ("P2", "human")


@pytest.mark.parametrize("text", CALM)
def test_calm_words_raise_nothing(text: str) -> None:
    decision = run(text, predicted("logistics", "low"))
    assert (decision.priority, decision.action, hazards(decision)) == ("P4", "auto", [])


def test_the_reason_names_the_word() -> None:
    decision = run("加热毯用了半小时冒烟，床单烧了一个洞，人没事", predicted("quality_issue", "low"))
    reason = next(reason for reason in decision.reasons if reason.rule == "hazard_fire")
    assert reason.text == "可能触电、起火、漏气或爆炸，至少 P2，必须有人看：文中有“冒烟”"
    assert reason.effect == "P4→P2,action→suggest"


def test_traditional_characters_and_wide_signs_are_read() -> None:
    assert hazards(run("電熱毯冒煙了", predicted())) == ["hazard_fire"]


def test_what_is_critical_stays_above() -> None:
    decision = run("插座冒烟了", predicted("quality_issue", "critical"))
    assert (decision.priority, decision.action) == ("P1", "suggest")
    assert rules(decision)["fast_lane"] == "P1"


def test_both_profiles_look_for_the_same_words() -> None:
    found = [{r.name: r for r in profile(name).rules if r.name.startswith("hazard")} for name in NAMES]
    assert found[0] == found[1]
    assert len(found[0]) == 5
    written = yaml.safe_load((ROOT / "serving" / "profiles" / "default.yaml").read_text("utf-8"))["rules"]
    for rule in written:
        words = rule["when"].get("text_any", [])
        assert len(set(words)) == len(words), rule["name"]


def test_every_word_is_found_where_it_stands_alone() -> None:
    for rule in profile("default").rules:
        condition = rule.when.get("text_any")
        if condition is not None:
            assert isinstance(condition, TextAny)
            assert [word for word in condition.value if condition.find(word.replace("…", "了")) is None] == []


def starter(*, harm: bool) -> dict[str, list[bool]]:
    """Urgency -> whether a hazard rule speaks, for everyday tickets or for those written about harm and near it."""
    lines = (ROOT / "datasets" / "starter" / "tickets.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if (row["ticket_id"] > "S-04793") is harm]
    return {
        urgency: [
            bool(hazards(run(row["text"], predicted(urgency="low")))) for row in rows if row["urgency"] == urgency
        ]
        for urgency in ("critical", "normal", "low")
    }


def test_harm_in_plain_words_is_told_from_what_only_sounds_like_it() -> None:
    """The net alone, beneath a model that finds most of them. The words were chosen on these tickets, so others are caught less often."""
    raised = starter(harm=True)
    alike = raised["normal"] + raised["low"]
    assert sum(raised["critical"]) / len(raised["critical"]) >= 0.60
    assert sum(alike) / len(alike) <= 0.06


def test_hardly_any_calm_starter_ticket_is_raised() -> None:
    raised = starter(harm=False)
    calm = raised["normal"] + raised["low"]
    assert sum(calm) / len(calm) <= MOST_FALSE_ALARMS
    assert sum(raised["critical"]) / len(raised["critical"]) >= 0.45  # the others have a deadline, or say it otherwise
