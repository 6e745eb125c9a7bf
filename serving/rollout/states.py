"""How a change of the model and a challenger fare, as ``/v1/model`` says it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

CandidateState = Literal["fetching", "loading", "unfetched", "refused"]
"""Of a version that the alias points to and that does not answer yet: on its way, or not to be had (for now, or at all)."""

ShadowState = Literal["off", "none", "starting", "running", "paused", "resting", "refused", "given_up"]
"""Of the challenger: not wanted, not there, at work in one way or another, or ended for good."""

ENDED: tuple[ShadowState, ...] = ("refused", "given_up")
"""It takes no more tickets."""


class CandidateView(TypedDict):
    """A version that is to answer, or cannot."""

    version: str
    state: CandidateState
    problem: str | None
    at: datetime


class WatchView(TypedDict):
    """The alias that is looked at every so many seconds."""

    ref: str
    every: int
    asked_at: datetime | None
    problem: str | None


class ShadowView(TypedDict):
    """The challenger in one worker; all but its state only where there may be one."""

    state: ShadowState
    version: NotRequired[str | None]
    problem: NotRequired[str | None]
    waiting: NotRequired[int]
    scored: NotRequired[int]
    dropped: NotRequired[int]
    failed: NotRequired[int]
    restarted: NotRequired[int]


class RolloutView(TypedDict):
    """What ``/v1/model`` says beside the model itself."""

    candidate: CandidateView | None
    watch: WatchView | None
    shadow: ShadowView
