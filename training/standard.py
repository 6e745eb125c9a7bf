"""The standard taxonomy, and reading one from a file."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from triage.errors import TaxonomyError
from triage.taxonomy import Taxonomy

_HOME = Path(__file__).resolve().parent.parent
STANDARD_TAXONOMY = (
    _HOME / "datasets" / "taxonomy.yaml",
    Path(sys.prefix) / "share" / "fendan" / "datasets" / "taxonomy.yaml",
)
"""Where the standard taxonomy lies: beside the code, or where an installed package put it."""


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
