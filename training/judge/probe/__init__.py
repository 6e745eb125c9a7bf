"""Behaviour checks: does a model answer alike where it must, and does it move the right way where it should?

After CheckList (Ribeiro, Wu, Guestrin, Singh: Beyond Accuracy, ACL 2020): a ticket is changed in a way that has a known
consequence, and the model is asked before and after. An *invariance* changes nothing that matters (a greeting, a mail's
frame, another order number), so no answer may flip. A *direction* adds what can only make matters more pressing (a deadline
tomorrow), so urgency may not fall. No labels are needed: any tickets will do, best the user's own.
"""

from __future__ import annotations

from training.judge.probe.brittleness import Brittleness, brittleness, compared
from training.judge.probe.check import Check, Kind
from training.judge.probe.checks import CHECKS
from training.judge.probe.report import CheckReport, FlippedAnswer, HeadChange, ProbeReport, run, sampled

__all__ = [
    "CHECKS",
    "Brittleness",
    "Check",
    "CheckReport",
    "FlippedAnswer",
    "HeadChange",
    "Kind",
    "ProbeReport",
    "brittleness",
    "compared",
    "run",
    "sampled",
]
