"""What comes with Fendan for training: the standard taxonomy, and texts that are no tickets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from triage.errors import DataError, TaxonomyError
from triage.paths import places
from triage.taxonomy import Taxonomy

STANDARD_TAXONOMY = places("taxonomy.yaml")
"""Where the standard taxonomy lies: beside the code, or where an installed package put it."""

ELSEWHERE = places("elsewhere/texts.txt")
"""Where the contrast set lies (see ``datasets/elsewhere/README.md``), likewise."""


def load_elsewhere(places: Sequence[Path] = ELSEWHERE) -> tuple[str, ...]:
    """The contrast set: one text a line, under headings ``# walk of life``. Empty where it is not installed."""
    found = [place for place in places if place.is_file()]
    lines = found[0].read_text(encoding="utf-8").splitlines() if found else []
    return tuple(line for line in lines if line and not line.startswith("#"))


STARTER = places("starter/tickets.jsonl")
"""Where the starter tickets lie."""


def starter_tickets() -> Path:
    """The starter tickets.

    Raises:
        DataError: they are not installed.
    """
    found = next((path for path in STARTER if path.is_file()), None)
    if found is None:
        raise DataError(f"找不到起步工单 {STARTER[0]}；请在命令里写出基础数据", field="base")
    return found


def load_taxonomy(path: str) -> Taxonomy:
    """The taxonomy in a YAML file; the standard one when ``path`` is empty.

    Raises:
        TaxonomyError: there is no such file, it is no valid YAML, or its content is wrong.
    """
    found = [Path(path)] if path else [p for p in STANDARD_TAXONOMY if p.exists()]
    if not found or not found[0].is_file():
        raise TaxonomyError(
            f"找不到标签体系 {path or STANDARD_TAXONOMY[0]}；给一个 YAML 文件，或 --taxonomy infer", field="taxonomy"
        )
    try:
        data = yaml.safe_load(found[0].read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TaxonomyError(f"{found[0]} 不是有效的 YAML：{str(error).splitlines()[0]}", field="taxonomy") from None
    return Taxonomy.from_mapping(data)
