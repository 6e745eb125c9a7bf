"""The markup that a mail program or a shop's form wraps the words in."""

from __future__ import annotations

import html
import random

from training.judge.probe.check import Check

_PLAIN = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body><p>{}</p></body></html>'
_GMAIL = '<div dir="ltr">{}</div>'
_QQ = '<div style="font-family: -apple-system, system-ui; font-size: 14px; color: rgb(0, 0, 0); line-height: 1.43;">{}</div><div><br></div>'
_NETEASE = (
    '<div style="line-height:1.7;color:#000000;font-size:14px;font-family:Arial">'
    '<div style="margin: 0;">{}</div></div><br><span title="neteasefooter"><p>&nbsp;</p></span>'
)
_OUTLOOK = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!--\n'
    "@font-face {{font-family:等线; panose-1:2 1 6 0 3 1 1 1 1 1;}}\np.MsoNormal {{margin:0cm; font-size:10.5pt;}}\n--></style></head>"
    '<body lang="ZH-CN"><div class="WordSection1"><p class="MsoNormal"><span lang="EN-US">{}<o:p></o:p></span></p></div></body></html>'
)
_EDITOR = '<p class="MsoNormal" style="text-align:left"><span style="font-size:16px;">&nbsp;&nbsp;{}</span></p><!-- ticket form -->'
_TABLE = "<table border=0 cellpadding=0><tr><td>{}</td></tr></table>"
_FRAMES = (_PLAIN, _GMAIL, _QQ, _NETEASE, _OUTLOOK, _EDITOR, _TABLE)
_BREAKS = ("<br>", "<br/>", "<br />\n", "</p><p>", "</div><div>")


def perturb(text: str, rng: random.Random) -> list[str]:
    """Two frames. The words themselves are escaped as HTML demands, line breaks become marks."""
    out = []
    for frame in rng.sample(_FRAMES, 2):
        lines = html.escape(text.strip(), quote=False).split("\n")
        fitting = [b for b in _BREAKS if b.startswith("<br") or b[:4] in frame.split("{}")[1][:4]]
        out.append(frame.format(rng.choice(fitting).join(lines)))
    return out


CHECK = Check("html_frame", "邮件的 HTML 外壳", "invariance", perturb)
