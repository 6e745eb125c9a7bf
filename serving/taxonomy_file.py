"""The taxonomy of a shop, as a YAML file."""

from __future__ import annotations

from pathlib import Path

from triage.errors import TaxonomyError
from triage.taxonomy import Taxonomy


def read_taxonomy(path: Path) -> Taxonomy:
    """The taxonomy that corrections are checked against while there is no model to bring its own.

    Raises:
        TaxonomyError: the file cannot be read or is wrong.
    """
    import yaml

    try:
        return Taxonomy.from_mapping(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TaxonomyError(
            f"读不了标签体系文件 {path}：{error}；用 FENDAN_TAXONOMY 指一个", field="taxonomy"
        ) from None
