// @ts-check
// Eight tickets to click. Written for this page; none of them is in the training or test data.
// Their names stand in the messages, `example.NAME`.

export const EXAMPLES = [
  {
    name: "unreceived",
    ticket: {
      text: "物流显示昨天下午三点已签收，签收人写的是“前台”，可我们这栋楼根本没有前台，问了一圈邻居也没人看到。麻烦查一下到底放哪儿了，里面是给老人买的血压计。",
      channel: "chat",
      order_amount: 329,
    },
  },
  {
    name: "vip",
    ticket: {
      text: "我是你们八年的老会员了。上个月客服白纸黑字答应补偿我 500 元，这次换了个人，直接说“没有这回事”，说完还挂我电话。这是第三次了！请主管今天亲自给我回电道歉，否则我就去 12315。",
      channel: "phone",
      customer_tier: "vip",
      order_amount: 6899,
      contact_count: 3,
    },
  },
  {
    name: "emergency",
    ticket: {
      text: "你好，孩子喝了昨天收到的这款羊奶粉以后身上起了红疹，嘴唇也肿了，我们现在在儿童医院急诊。请问能把这一批的配料表和检测报告发我一份吗？医生等着看。",
      channel: "app",
      order_amount: 268,
    },
  },
  {
    name: "sarcasm",
    ticket: {
      text: "真是太感谢你们了😊 双十一下的单，圣诞节都快到了还是“待发货”，要不你们再慢慢找找仓库在哪儿？不急不急，我等得起🙃",
      channel: "weibo",
      order_amount: 189,
      contact_count: 2,
    },
  },
  {
    name: "refund",
    ticket: {
      text: "你好，我上星期已經把鞋子退回去了，物流顯示倉庫三天前就簽收，但退款到現在都還沒有進到我的信用卡，想請問大概還要等多久？謝謝。",
      channel: "email",
      order_amount: 1280,
    },
  },
  {
    name: "voice",
    ticket: {
      text: "喂你好那个就是我上礼拜在你们那儿买的那个洗衣机嗯师傅说今天上午来装然后我请了假等到现在下午四点了也没人来电话也打不通你们帮我问一下到底今天还来不来啊",
      channel: "voice",
      customer_tier: "silver",
      order_amount: 2499,
    },
  },
  {
    name: "invoice",
    ticket: {
      text: "发票抬头开错了，应该是“杭州青禾文化传播有限公司”，能不能作废重开一张电子专票？税号之前已经发过，不用改。月底前财务要入账，麻烦尽快，谢谢。",
      channel: "form",
      customer_tier: "gold",
      order_amount: 12600,
    },
  },
  {
    name: "coupon",
    ticket: {
      text: "预售付了 50 定金，付尾款的时候“满 300 减 40”的券用不上，提示不能和定金膨胀叠加，可是活动页明明写着可以同享。到底能不能用？不能用的话定金退我吗？",
      channel: "chat",
      order_amount: 459,
    },
  },
];
