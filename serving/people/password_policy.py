"""Which passwords are too easy, in rules that fit into one sentence (after NIST SP 800-63B: length and a list, no recipes)."""

from __future__ import annotations

import unicodedata
from typing import Literal

from triage.errors import InputError

MIN_LENGTH = 10
MAX_LENGTH = 256
"""In code points; the most keeps the work of hashing bounded."""

RULES = f"至少 {MIN_LENGTH} 个字符，不是自己的名字，也不是人人都会先猜的（如 1234567890、password123、woaini1314）"
"""The policy, for people."""

_FEWEST_DIFFERENT = 5
_REST = 6
"""So many characters a password must have beside the name."""

_ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "!@#$%^&*()_+",
    "147258369014725836901472583690",
    "789456123078945612307894561230",
)
_COMMON = frozenset(
    """
    a123456789 aa123456789 qq123456789 123456789a 123456789aa 123456789q 123456789qq 1234567890a 1234567890q asd123456789
    abc123456789 abc1234567 abcd123456 abcd1234567 abcd12345678 a1234567890 q123456789 z123456789 w123456789 wang123456
    zhang123456 123456abcd 123456789abc 123456qwerty 12345qwert 12345678qwe qwe123456789 qwerty1234 qwerty12345 qwerty123456
    qwer123456 qwert12345 asdf123456 zxcvbnm123 asdfghjkl123 qwertyuiop123 qazwsx123456 qazwsxedc123 1qazxsw23edc 1qaz2wsx3edc
    1q2w3e4r5t 1qaz@wsx3edc !qaz2wsx3edc p@ssw0rd12 p@ssw0rd123 p@ssword123 passw0rd123 password12 password123 password1234
    password12345 password123456 mypassword passwordpassword admin12345 admin123456 admin1234567 admin@12345 admin@123456
    adminadmin administrator admin888888 root123456 root1234567 test123456 test1234567 user123456 guest123456 welcome123
    welcome1234 letmein123 letmein1234 iloveyou12 iloveyou123 iloveyou1314 iloveyou520 sunshine123 princess123 football123
    baseball123 superman123 trustno1234 monkey12345 dragon12345 changeme123 changeme1234 fendan1234 fendan12345 fendan123456
    woaini1314 woaini13145 woaini5201314 woaini520520 woaini123456 woaini1234 woaini12345 woaiwojia1314 woaiwoziji
    5201314520 1314520520 5201314521 13145201314 5201314a520 7758521520 1314521521 5845201314 5203344520 wo5201314520
    3344520520 zhongguo123 beijing2008 shanghai123 taobao123456 tmall123456 kefu123456 kefu1234567 12345678910 123456789123
    1234512345 1231231231 123123123123 1122334455 0987654321 9876543210 1029384756 1357924680 2468013579 1212121212 1020304050
    """.split()  # noqa: SIM905 (as a list it would be a hundred lines)
)


PasswordRule = Literal["unreadable", "short", "long", "name", "common"]
"""What a password must not be: not to be read, too short, too long, near the name, what everybody guesses first."""


class PasswordError(InputError):
    """A password that the policy refuses, by ``rule``."""

    code = "weak_password"

    def __init__(self, message: str, rule: PasswordRule) -> None:
        super().__init__(message, field="password")
        self.rule = rule


def tidy_password(password: str) -> str:
    """A password as it is hashed: digits and letters typed in full width are the same as plain ones (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, name: str) -> str:
    """``password``, tidied.

    Raises:
        PasswordError: it is too easy to guess, or too long; the message does not repeat it.
    """
    tidy = tidy_password(password)
    if any("\ud800" <= char <= "\udfff" for char in tidy):
        raise PasswordError("密码里有读不懂的字节；终端或文件请用 UTF-8", "unreadable")
    if len(tidy) < MIN_LENGTH:
        raise PasswordError(f"密码有 {len(tidy)} 个字符，太短；请至少用 {MIN_LENGTH} 个，一句好记的话最好", "short")
    if len(tidy) > MAX_LENGTH:
        raise PasswordError(f"密码有 {len(tidy):,} 个字符，太长；最多 {MAX_LENGTH} 个", "long")
    folded, own = tidy.casefold(), tidy_password(name).casefold().strip()
    if own and own in folded and len(folded.replace(own, "")) < _REST:
        raise PasswordError("密码只是名字，或名字加几个字符；请换一个与名字无关的", "name")
    if folded in _COMMON or len(set(folded)) < _FEWEST_DIFFERENT or _is_run(folded):
        raise PasswordError("这个密码人人都会先猜；请换一个，比如三四个不相干的词连起来", "common")
    return tidy


def _is_run(folded: str) -> bool:
    """Whether the password only follows the alphabet, the digits or the keyboard, perhaps backwards."""
    return any(folded in row or folded[::-1] in row for row in _ROWS)
