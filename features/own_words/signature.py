"""Signature, device's line and disclaimer below a mail; the warning that a company's mail server puts above it.

A name below a letter is not a signature here: many customers close so, and it costs nothing. What is left out is a block
that tells where to reach somebody: two and more of telephone, mail, address, below a close or a company's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from features.own_words.region import Finder, Line, Region, lines, says_something, vocabulary

_DEVICE = (
    r"iPhone|iPad|iOS|[Mm]ac|Android|安卓|华为|HUAWEI|小米|[Xx]iaomi|红米|Redmi|OPPO|oppo|vivo|荣耀|HONOR|三星|Samsung|Galaxy|魅族"
    r"|一加|努比亚|手机|平板|电脑|网易|QQ邮箱|QQ ?[Mm]ail|新浪|搜狐|阿里邮箱|阿里云|钉钉|钉邮|企业微信|飞书|[Ff]oxmail|Outlook|Windows"
    r"|Gmail|Yahoo|Spark|Thunderbird|[Pp]roton|189邮箱|139邮箱|邮箱大师|邮件应用|[Mm]ail"
)
_SENT_FROM = re.compile(
    r"[\-—–_\s|]{0,20}(?:"
    rf"(?:发送?自|来自)(?:我的)?[ \t]{{0,3}}[^\n，。！？；的]{{0,12}}?(?:{_DEVICE})[^\n，。！？；的]{{0,20}}"
    rf"|(?:从|通过|使用|由)(?:我的)?[ \t]{{0,3}}[^\n，。！？；]{{0,12}}?(?:{_DEVICE})[^\n，。！？；]{{0,20}}?发送"
    r"|(?:获取|取得|下载)[ \t]{0,2}(?:适用于[^\n]{1,12}的[ \t]{0,2})?Outlook[^\n，。]{0,30}"
    r"|(?:Sent|Get) (?:from|with|via|using|Outlook)\b[^\n，。]{0,60}|sent from my [^\n，。]{1,40}"
    r"|签名由[ \t]{0,2}网易邮箱大师[ \t]{0,2}定制"
    r")[\-—–_\s|。.]{0,20}"
)
_SENT_FROM_TAIL = re.compile(
    rf"(?<=[\s。！？!?~～])(?:发自我的|来自我的|Sent from my )[ \t]{{0,2}}(?:{_DEVICE})[^\n，。！？]{{0,24}}\Z"
)
_DELIMITER = re.compile(r"--\Z")
_LONGEST_SIGNATURE = 800

_DISCLAIMER = re.compile(
    r"(?:【[^】\n]{1,10}】)?[\[【*（(\s]{0,4}(?:"
    r"(?:此|本)(?:电子)?邮件(?:(?:及|和|以及|与)?其?(?:任何|所有|全部)?附件)?[^\n。]{0,60}(?:机密|保密|专有|特权|仅供|仅限|未经授权|法律保护)"
    r"|(?:此|本)(?:电子)?邮件(?:来自|由)(?:公司|组织|单位)?(?:外部|系统自动|自动)|(?:保密|免责|法律)(?:提示|声明|通知|条款)[ \t]{0,2}[：:】\]]"
    r"|免责声明\Z|打印(?:本|此)?邮件前|(?:请|保护环境)[^\n]{0,12}(?:谨慎|考虑)[^\n]{0,8}打印|这是一封(?:系统)?自动(?:发送|生成)的邮件"
    r"|This (?:e-?mail|message|communication)[^\n]{0,100}(?:confidential|privileged|intended|external)|CONFIDENTIALITY|DISCLAIMER"
    r"|(?:The )?[Ii]nformation (?:contained )?in this (?:e-?mail|message)|Please consider the environment"
    r"|(?:CAUTION|EXTERNAL|WARNING)[^\n]{0,20}(?:[Ee]mail|EMAIL|[Ss]ender|[Oo]utside|external)"
    r")"
)
_BREAK = re.compile(r"\n[ \t\r]*\n")

_CONTACT = re.compile(
    r"[|\s·•*]{0,4}(?:联系)?(?:电话|手机(?:号码?)?|座机|热线|邮箱|邮件|电子邮箱|地址|公司地址|传真|网址|网站|官网|邮编|微信|QQ|企业微信"
    r"|[Tt]el|TEL|[Pp]hone|[Mm]obile|[Mm]ob|[Ee]-?[Mm]ail|[Ff]ax|FAX|[Aa]dd(?:ress)?|[Ww]eb(?:site)?|[Cc]ell|[TMFEPAW])"
    r"[ \t]{0,4}[：:|].{1,80}|[|\s]{0,4}\[(?:电话|手机号|邮箱)\]\**[|\s]{0,4}"
)
_COMPANY = re.compile(
    r"[^\n，。！？：:]{2,40}(?:公司|集团|事务所|大学|学院|研究院|研究所|医院|Ltd\.?|Inc\.?|LLC|Co\.)"
    r"(?:[ \t|·\-]{0,3}[^\n，。！？：:]{0,24})?"
)
_CLOSE = re.compile(
    r"(?:祝好|此致|敬礼|顺颂商祺|商祺|顺祝商祺|谢谢|多谢|[Bb]est [Rr]egards|[Kk]ind [Rr]egards|[Rr]egards|[Bb]est|BR|[Tt]hanks"
    r"|[Ss]incerely|[\-—_=*]{2,60})[！!，,。.~ ]{0,3}"
)
_MOST_LINES = 10


def find(text: str) -> Iterator[Region]:
    """Device's lines, what stands below ``--``, disclaimers, a block of contacts at the end."""
    rows = lines(text)
    begun = False
    for i, row in enumerate(rows):
        if len(row.text) <= 120 and _SENT_FROM.fullmatch(row.text):
            yield Region(row.start, row.end)
        elif _DELIMITER.match(row.text) and begun and len(text) - row.start <= _LONGEST_SIGNATURE:
            yield Region(row.start, len(text))
            return
        elif _DISCLAIMER.match(row.text):
            gap = _BREAK.search(text, row.end)
            end = row.end if i == 0 else (gap.start() if gap else len(text))
            yield Region(row.start, end)
        begun = begun or says_something(row.text)
    tail = _SENT_FROM_TAIL.search(text, max(0, len(text) - 80))
    if tail:
        yield Region(*tail.span())
    yield from _contacts(text, rows)


def _contacts(text: str, rows: list[Line]) -> Iterator[Region]:
    """The block at the end: contacts, names and companies, from the close of the letter on."""
    low = max(0, len(rows) - _MOST_LINES)
    contacts = [i for i in range(low, len(rows)) if len(rows[i].text) <= 120 and _CONTACT.fullmatch(rows[i].text)]
    if len(contacts) < 2 or len(rows) - contacts[-1] > 2:
        return
    first = contacts[0]
    for i in range(first, max(low, first - 4) - 1, -1):
        if _CLOSE.fullmatch(rows[i].text):
            break
        if i < first and len(rows[i].text) > 40:
            return
    else:
        i = next((i for i in range(first, max(low, first - 3) - 1, -1) if _COMPANY.fullmatch(rows[i].text)), -1)
    if i > 0 and says_something(text[: rows[i].start]):
        yield Region(rows[i].start, len(text))


_HINTS = (
    "发自 来自 发送 發自 來自 發送 大师 大師 聲明 郵件 Outlook Sent sent -- 保密 法律 声明 邮件 onfidential CONF DISC ntended rivileged nformation environment "
    "CAUTION EXTERNAL WARNING [电话] [手机号] [邮箱]"
)
_SIGN = re.compile("|".join(map(re.escape, sorted(vocabulary(_HINTS)))))
FINDER = Finder("signature", ("Get ", *_HINTS.split()), re.compile(f"Get |{_SIGN.pattern}").search, find)
