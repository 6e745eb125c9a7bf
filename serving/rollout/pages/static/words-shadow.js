// @ts-check
// What the shadow page says, in Chinese and English.

import { teach } from "./words.js";

teach({
  "shadow.page": ["分单 · 影子对比", "Fendan · Shadow"],
  "shadow.title": ["影子对比", "Champion and challenger"],
  "shadow.lead": [
    "挑战者在旁边把同样的工单也读一遍，只记下来，不影响任何决定。这里看它和冠军有多一致；一致不等于正确，正确与否看真实准确率。",
    "The challenger reads the same tickets on the side; its answers are kept and decide nothing. This page shows how far it agrees with the champion. To agree is not to be right: for that see the truth page.",
  ],
  "shadow.pair": ["冠军 {champion} 与挑战者 {challenger}：{n} 张工单", "Champion {champion} and challenger {challenger}: {n} tickets"],
  "shadow.window": ["{first} 到 {last}", "{first} to {last}"],
  "shadow.nothing": ["还没有可比的工单", "Nothing to compare yet"],
  "shadow.nothing.text": [
    "给模型仓库里的一个版本加上别名 challenger（fendan retrain 会加），服务就会让它在旁边读新来的工单。",
    "Give a version in the registry the alias challenger (fendan retrain does), and the service lets it read new tickets on the side.",
  ],
  "shadow.state.off": ["没有打开", "Switched off"],
  "shadow.state.none": ["现在没有挑战者", "No challenger at the moment"],
  "shadow.state.starting": ["正在启动", "Starting"],
  "shadow.state.running": ["在读", "Reading"],
  "shadow.state.paused": ["先让工单写库，歇着", "Pausing: tickets are being written first"],
  "shadow.state.resting": ["出过错，歇一会儿再试", "Failed; tries again after a rest"],
  "shadow.state.refused": ["这个版本用不了", "This version cannot be used"],
  "shadow.state.given_up": ["多次出错，不再试", "Failed too often; given up"],
  "shadow.counts": [
    "版本 {version}：读了 {scored}，等着 {waiting}，丢掉 {dropped}，失败 {failed}（答这一页的进程）",
    "Version {version}: {scored} read, {waiting} waiting, {dropped} dropped, {failed} failed (in the process that answered this page)",
  ],
  "shadow.others": ["别的对比", "Other pairs"],
  "shadow.level": [
    "百分数是两者答得一样的占比，后面是 95 % 区间（Wilson），图里的横线也是它。",
    "Percentages are shares of equal answers, followed by the 95 % interval (Wilson), which is also the line in the picture.",
  ],
  "shadow.n": ["{n} 张", "{n} tickets"],
  "shadow.auto.champion": ["冠军自动处理", "Champion automatic"],
  "shadow.auto.challenger": ["挑战者会自动处理", "Challenger would be automatic"],
  "shadow.auto.differ": ["两者都自动、却答得不同", "Both automatic, yet different"],
  "shadow.classes": [
    "冠军说是这一类的工单里，挑战者也这么说的占比",
    "Of the tickets that the champion calls so: the share that the challenger calls so, too",
  ],
  "shadow.label": ["标签", "Label"],
  "shadow.champion": ["冠军", "Champion"],
  "shadow.challenger": ["挑战者", "Challenger"],
  "shadow.agree": ["一致", "Agreement"],
  "shadow.picture": ["图", "Picture"],
  "shadow.confusions": ["最常见的不一致（冠军 → 挑战者）", "Most frequent differences (champion → challenger)"],
  "shadow.further": ["其余的不一致共 {n} 张。", "Further differences: {n} tickets."],
  "shadow.same": ["没有不一致的。", "No differences."],
});
