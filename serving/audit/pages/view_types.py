"""The shape of what the truth page prints: numbers as text, and places on an axis in percent of its length."""

from __future__ import annotations

from typing import Literal, TypedDict

from serving.audit.agreement import AgreementMethod
from serving.audit.audits import AuditState, Part

Both = tuple[str, str]
"""A name in Chinese and in English."""

Grade = Literal["slight", "fair", "moderate", "substantial", "almost"]
"""How Landis and Koch (1977) call a kappa."""

Places = TypedDict("Places", {"at": float, "from": float, "to": float, "beyond": bool})
"""A point with its interval on an axis; ``beyond``: the interval goes on behind the axis's end."""


class RangeView(Places):
    """A share of wrong answers."""

    error: str
    between: str
    n: str
    wrong: str


class KappaView(Places):
    """Agreement on one head."""

    kappa: str
    between: str
    observed: str
    tickets: str
    method: AgreementMethod
    word: Grade


class SpanView(TypedDict):
    """From when to when; ``since`` is empty for the beginning."""

    since: str
    until: str


class WorstView(TypedDict):
    """The best and the worst that the error can be."""

    low: str
    high: str


class StateView(TypedDict):
    """A stretch of the bar of drawn tickets."""

    state: AuditState
    n: str
    start: float
    width: float


class RateView(TypedDict):
    """How many were drawn at one rate."""

    rate: str
    drawn: str


class SampleView(TypedDict):
    """How complete the audit is; ``much``: too much is missing to close the window."""

    drawn: str
    any: bool
    parts: list[StateView]
    missing: int
    missing_share: str
    much: bool
    consistent: bool
    rates: list[RateView]


class RowView(TypedDict):
    """One class, channel or version; ``few``: too few answers for more than orientation."""

    code: str
    names: Both
    population: str | None
    range: RangeView | None
    few: bool


class PartView(TypedDict):
    """A breakdown, and how many rows of it are not listed."""

    kind: Part
    rows: list[RowView]
    more: int


class HeadView(TypedDict):
    """One head's error, with its breakdowns on one axis."""

    name: str
    title: Both
    all: RangeView | None
    axis: str
    parts: list[PartView]


class AgreedView(TypedDict):
    """Agreement on one head, of all and of those that were answered blind."""

    title: Both
    all: KappaView | None
    blind: KappaView | None


class ConfusedView(TypedDict):
    """Two labels that people mix up."""

    a: Both
    b: Both
    tickets: str
    share: str
    width: float


class ConflictsView(TypedDict):
    """What waits for a lead."""

    open: str
    done: str
    any: bool
    oldest: str


class ClosedView(TypedDict):
    """A window that was closed."""

    until: str
    covered: str
    forced: bool
    range: RangeView | None


class TruthView(TypedDict):
    """The whole page."""

    window: SpanView
    made_at: str
    covered: str
    uncovered: int
    known: bool
    headline: RangeView | None
    worst: WorstView | None
    naive: RangeView | None
    axis: str
    audits: SampleView
    late_after: int
    heads: list[HeadView]
    agreement: list[AgreedView]
    confusion: list[ConfusedView]
    conflicts: ConflictsView
    windows: list[ClosedView]
