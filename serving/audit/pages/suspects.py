"""What the truth page shows of suspected label errors: what was found, with names. Pure."""

from __future__ import annotations

from typing import TypedDict

from serving.audit.label_errors import LabelErrors, SuspectedLabel
from serving.audit.pages.view import names
from triage.taxonomy import Taxonomy


class LabelNames(TypedDict):
    """Names in Chinese and in English."""

    given: tuple[str, str]
    suggested: tuple[str, str]


class SuspectView(SuspectedLabel):
    """A suspected label with its names."""

    names: LabelNames


class HeadSuspects(TypedDict):
    """One head's, under its title in Chinese and in English; ``suspected`` is None where too few labels say nothing."""

    title: tuple[str, str]
    labels: int
    suspected: int | None
    tickets: list[SuspectView]


class SuspectsView(TypedDict):
    """What ``/insight/truth/suspects`` answers."""

    source: str
    method: str
    limit: int
    least: int
    heads: dict[str, HeadSuspects]


def suspects_view(found: LabelErrors, taxonomy: Taxonomy) -> SuspectsView:
    """Adds what people call heads and labels."""
    heads: dict[str, HeadSuspects] = {}
    for head, some in found["heads"].items():
        title = taxonomy.heads[head]
        heads[head] = {
            "labels": some["labels"],
            "suspected": some["suspected"],
            "tickets": [{**one, "names": _names(taxonomy, head, one)} for one in some["tickets"]],
            "title": (title.title or head, title.title_en or head),
        }
    return {
        "source": found["source"],
        "method": found["method"],
        "limit": found["limit"],
        "least": found["least"],
        "heads": heads,
    }


def _names(taxonomy: Taxonomy, head: str, one: SuspectedLabel) -> LabelNames:
    return {"given": names(taxonomy, head, one["given"]), "suggested": names(taxonomy, head, one["suggested"])}
