"""Moving the policy about must not move a decision (see ``tests/triage/policy/golden.py``)."""

from __future__ import annotations

import json

from tests.triage.policy.golden import FINGERPRINTS, fingerprints


def test_every_decision_is_as_it_was() -> None:
    assert fingerprints() == json.loads(FINGERPRINTS.read_text(encoding="utf-8"))
