"""How a page is filled and what a browser may do on it; shared by everything that answers with HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from serving.web.catalogue import SHARED, Catalogue

if TYPE_CHECKING:
    from markupsafe import Markup
    from starlette.responses import HTMLResponse
    from starlette.routing import BaseRoute

FOLDER = Path(__file__).parent
"""What pages of all slices share lies here."""

HEADERS = {
    # Nothing but our own files, no inline script or style, no framing: what a ticket says can never run.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

PERSONAL = {
    **HEADERS,
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'"),
    "Cache-Control": "no-store",
}
"""For pages of somebody who is signed in: they have forms (sign out), and nothing of them stays in a shared browser."""


class Tab(NamedTuple):
    """A link at the top of every page of somebody who is signed in.

    ``name`` is the page's own (its ``here``), ``address`` leads there from the service's root. What it says is the message
    ``tab.NAME``; on the page one starts from, ``tab.NAME.title`` and ``tab.NAME.text``.
    """

    name: str
    address: str
    leads_only: bool = False


class Pages:
    """The pages of all slices: their templates, their files, their messages, the tabs between them.

    Args:
        folders: slice -> its folder ``pages``. Its templates are called ``SLICE/FILE``; those without a slice are shared.
            Its files are served under ``/static``, beside all others: no two may have one name.
        tabs: in the order in which they are shown.

    Raises:
        ValueError: a file of messages is none, or two have one key.
    """

    def __init__(self, folders: Mapping[str, Path], tabs: Sequence[Tab] = ()) -> None:
        from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

        self.files = (FOLDER / "static", *(folder / "static" for folder in folders.values()))
        self.templates = (FOLDER / "templates", *(folder / "templates" for folder in folders.values()))
        own = PrefixLoader({name: FileSystemLoader(folder / "templates") for name, folder in folders.items()})
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(FOLDER / "templates"), own]),
            autoescape=True,
            undefined=StrictUndefined,  # an unknown name in a template is an error
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["as_data"] = as_data
        self.tabs = tuple(tabs)
        self.catalogue = Catalogue({SHARED: FOLDER, **folders})
        self._messages = {name: as_data(self.catalogue.for_scripts(name)) for name in folders}
        for function in (self.catalogue.t, self.catalogue.t_label, self.catalogue.t_placeholder, self.catalogue.zh):
            self._environment.globals[function.__name__] = function
        self._environment.globals |= {"known": self.catalogue.__contains__, "tabs": self.tabs}

    def html(self, template: str, values: Mapping[str, Any]) -> str:
        """The filled page; what goes in is escaped. The messages of the template's slice go along for its scripts."""
        messages = self._messages.get(template.partition("/")[0])
        return self._environment.get_template(template).render(values, messages=messages)

    def answer(
        self, template: str, values: Mapping[str, Any], status: int = 200, *, headers: Mapping[str, str] = PERSONAL
    ) -> HTMLResponse:
        """The filled page as an answer; by default one for somebody who is signed in."""
        from starlette.responses import HTMLResponse

        return HTMLResponse(self.html(template, values), status, headers)

    def routes(self) -> list[BaseRoute]:
        """``/static``: scripts, styles and pictures."""
        from starlette.routing import Mount

        from serving.web.files import Files

        return [Mount("/static", Files(self.files), name="static")]


def as_data(value: Any) -> Markup:
    """JSON for a data block (``<script type="application/json">``); nothing in it can close the block."""
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 (escaped just above)
