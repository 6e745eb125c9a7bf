"""What the pages say: one catalogue of messages in Chinese and English, read by templates and scripts alike.

It is made of the files ``i18n/*.json``: those of all pages lie beside this file, those of a slice in its folder ``pages``.
A file maps a key to ``{"zh": …, "en": …}``; ``{name}`` stands for a value. ``"zh": null`` is for what the service itself says
in Chinese (a reason, an error): the page shows that, and has only the English of its own.

A key is known to everybody and so stands in one file only. ``tab.NAME`` and what begins with it goes along with every page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from markupsafe import Markup

_PLACEHOLDER = re.compile(r"\{(\w+)\}")

SHARED = ""
"""The slice of what all pages share."""

_EVERYWHERE = "tab."


class Message(NamedTuple):
    """A sentence in both languages; ``zh`` is None where the service says it in its own words."""

    zh: str | None
    en: str

    @property
    def placeholders(self) -> frozenset[str]:
        """Names of the values that it needs."""
        return frozenset(_PLACEHOLDER.findall(self.zh if self.zh is not None else self.en))


class Catalogue:
    """All messages of all slices.

    Args:
        folders: slice -> folder that may have an ``i18n``; :data:`SHARED` for what all share.

    Raises:
        ValueError: a file is no catalogue, or a key stands twice; it names the file and the key.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self.slices = {name: dict(_read_all(folder / "i18n")) for name, folder in folders.items()}
        self._messages: dict[str, Message] = {}
        self._elements: dict[str, Markup] = {}
        for name, own in self.slices.items():
            if twice := sorted(self._messages.keys() & own.keys()):
                raise ValueError(
                    f"{folders[name] / 'i18n'}: {twice[0]!r} has a message elsewhere; a key stands in one file"
                )
            self._messages |= own

    def __getitem__(self, key: str) -> Message:
        try:
            return self._messages[key]
        except KeyError:
            raise KeyError(f"no message {key!r} in any i18n/*.json of the pages") from None

    def __contains__(self, key: object) -> bool:
        return key in self._messages

    def zh(self, key: str) -> str:
        """The Chinese alone, for where no element may stand (a title, an option).

        Raises:
            ValueError: only the service can say it in Chinese.
        """
        chinese = self[key].zh
        if chinese is None:
            raise ValueError(f"{key!r} has no Chinese of its own; hand in what the service says")
        return chinese

    def t(self, key: str, said: str | None = None, /, **values: object) -> Markup:
        """The message in an element of its own, which the page's script puts into the other language.

        Args:
            said: what the service says, where the message has no Chinese.
            values: what its placeholders stand for.
        """
        if values or said is not None:
            return _element(
                key, fill(said if said is not None and self[key].zh is None else self.zh(key), values), values
            )
        if key not in self._elements:  # most of them say the same on every page: made once
            self._elements[key] = _element(key, fill(self.zh(key), values), values)
        return self._elements[key]

    def t_label(self, key: str, **values: object) -> Markup:
        """An ``aria-label`` that changes with the language; stands inside a tag."""
        from markupsafe import Markup

        return Markup('aria-label="{}" data-t-label="{}"{}').format(fill(self.zh(key), values), key, _data(values))

    def t_placeholder(self, key: str) -> Markup:
        """A ``placeholder`` that changes with the language; stands inside a tag."""
        from markupsafe import Markup

        return Markup('placeholder="{}" data-t-placeholder="{}"').format(self.zh(key), key)

    def for_scripts(self, slice_name: str) -> dict[str, tuple[str | None, str]]:
        """Key -> Chinese, English: what the scripts of a slice's pages may say."""
        own = {**self.slices[SHARED], **self.slices[slice_name]}
        tabs = {key: message for key, message in self._messages.items() if key.startswith(_EVERYWHERE)}
        return {key: (message.zh, message.en) for key, message in {**own, **tabs}.items()}


def fill(text: str, values: Mapping[str, object]) -> str:
    """``text`` with its placeholders filled in; what looks like one in a value stays as it is.

    Raises:
        KeyError: a value is missing.
    """
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), text)


def _element(key: str, text: str, values: Mapping[str, object]) -> Markup:
    from markupsafe import Markup

    return Markup('<span data-t="{}"{}>{}</span>').format(key, _data(values), text)


def _data(values: Mapping[str, object]) -> Markup:
    from markupsafe import Markup

    if not values:
        return Markup()
    return Markup(' data-values="{}"').format(json.dumps(values, ensure_ascii=False, default=str))


def _read_all(folder: Path) -> Iterable[tuple[str, Message]]:
    seen: set[str] = set()
    for path in sorted(folder.glob("*.json")):
        for key, entry in _read(path):
            if key in seen:
                raise ValueError(f"{path}: {key!r} stands twice in {folder}; a key stands in one file")
            seen.add(key)
            yield key, entry


def _read(path: Path) -> Iterable[tuple[str, Message]]:
    pairs: list[tuple[str, object]] = json.loads(path.read_text("utf-8"), object_pairs_hook=list)
    for key, entry in pairs:
        languages = dict(entry) if isinstance(entry, list) else {}
        zh, en = languages.get("zh"), languages.get("en")
        if set(languages) != {"zh", "en"} or not (zh is None or isinstance(zh, str)) or not isinstance(en, str):
            raise ValueError(
                f'{path}: {key!r} is {languages or entry!r}; it should be {{"zh": "…" or null, "en": "…"}}'
            )
        yield key, Message(zh, en)
