"""Names that HTML and mail programs give: of elements, and of the classes and ids that mark quotations and signatures."""

from __future__ import annotations

import re

from features.own_words.region import vocabulary

BLOCK = vocabulary(
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html includetail legend li link main menu meta nav ol "
    "optgroup option p pre script section style summary table tbody tfoot thead title tr ul xml"
)
"""Read as a line break."""

CELL = frozenset({"td", "th"})
"""Read as a tabulator: a table's label and its value stand apart."""

INLINE = vocabulary(
    "a abbr acronym applet area audio b base basefont bdi bdo big blink button canvas cite code col colgroup data datalist "
    "del dfn em embed font frame g i iframe img input ins kbd label map mark marquee meter nobr noframes noscript object "
    "output param path picture progress q qmbox rect rp rt ruby s samp select small source span strike strong sub sup svg "
    "template textarea time track tt u use var video wbr"
)
"""Read as nothing: a word goes on across them."""

VOID = vocabulary("area base basefont br col embed hr img input link meta param source track wbr")
"""Never closed."""

RAW = frozenset({"style", "script", "title", "xml"})
"""Their bodies are not text of the page."""

_ZERO = r"\s{0,4}:\s{0,4}0(?![.\d])"
HIDDEN = re.compile(
    r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden|mso-hide\s{0,4}:\s{0,4}all"
    rf"|[;\"' ](?:font-size|max-height|opacity){_ZERO}|class=[\"'][^\"'>]{{0,80}}preheader|\shidden(?=[\s/>])"
)
"""In a tag's attributes: the element is not shown (preheaders, tracking pixels)."""

QUOTED = re.compile(
    r"gmail_quote|gmail_extra|gmail_attr|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|moz-cite-prefix|iosymail"
    r"|isreplycontent|isforwardcontent|origbody|reply139content|orimsghtmlseperator|ntes-mailmaster-quote|original-content"
    r"|__aliyun_previous_quote|qm_history|foxmail_quote|mail-editor-reference-message|history-quote|lark-mail-quote"
    r"|^blockquote\b.{0,200}(?:type=[\"']?cite|cite=|quote|border-left|margin-top:\s?0px)",
    re.DOTALL,
)
"""In name and attributes: the element is a quotation."""

REST_QUOTED = re.compile(
    r"appendonsend|divrplyfwdmsg|replysplit|ms-outlook-mobile-reference-message|olk_src_body_section"
)
"""In a tag's attributes: from here on all is quotation (Outlook's marks are empty elements in front of it)."""

SIGNED = re.compile(
    r"gmail_signature|ms-outlook-mobile-signature|id=[\"']?(?:x_)?signature\b|neteasefooter|protonmail_signature"
    r"|__aliyun_signature|mail-signature|ntes-pcmail-signature|ntes-mailmaster-signature|moz-signature"
    r"|apple-mail-signature|zm-_id_-sgn\b|foxmail_signature|lark-mail-signature"
)
"""In a tag's attributes: the element is a signature."""
