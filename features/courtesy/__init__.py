"""Finds what a ticket says out of courtesy: greetings, thanks, "could you have a look".

Such a phrase is nobody's matter, and yet in a ticket of nine characters it is half of what a model reads: with 在吗 in front,
a battery that burns a hand was no longer ``critical``. From feature version 2 on it leaves the words' layer (see
:mod:`features.tone`) and stands among the signs of tone.

A phrase is a chain of atoms (:mod:`features.courtesy.words`), one of them a courtesy, the others what usually stands beside it (客服,
一下, 帮我). It is left out

* where it is a whole clause: "您好，", "麻烦帮我看一下，", "谢谢你们！";
* at the start of a clause where it opens it: "请问" in "请问发货了吗", "你好" in "你好我的快递没到";
* at the end of one: "谢谢" in "帮我改成后天送谢谢";

never inside ("说声谢谢都没有"), and never where nothing else would remain. "订单号：" in front of a number that
:mod:`features.mask` has hidden goes the same way.
"""

from __future__ import annotations
