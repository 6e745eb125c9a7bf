"""Decisions of the policy over the starter tickets and a fixed draw of predictions, as fingerprints.

``python -m tests.triage.policy.golden`` writes ``golden/policy/decisions.json`` anew: only when a decision was *meant* to change.
The two profiles beside it are copies of what was shipped when the fingerprints were first taken, and stay as they are.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from triage.contract import decision_json
from triage.decision import ModelRef
from triage.policy import decide
from triage.policy.profile import load_profile
from triage.prediction import HeadPrediction, Prediction
from triage.taxonomy import Taxonomy
from triage.ticket import SHOP_TIME, TIERS, Ticket

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden" / "policy"
FINGERPRINTS = GOLDEN / "decisions.json"
PROFILES = ("default", "promo")
DRAWS = 2
NOW = datetime(2026, 11, 11, 12, tzinfo=SHOP_TIME)


def taxonomy() -> Taxonomy:
    return Taxonomy.from_mapping(yaml.safe_load((ROOT / "datasets" / "taxonomy.yaml").read_text("utf-8")))


def cases(labels: Taxonomy) -> Iterator[tuple[str, Ticket, Prediction | None]]:
    """(kind, ticket, prediction); kind is ``read`` (a model read it), ``foreign`` (out of its scope) or ``unread``."""
    lines = (ROOT / "datasets" / "starter" / "tickets.jsonl").read_text("utf-8").splitlines()
    rows = lines[:3828]  # those that were there when the record was made
    for number, row in enumerate(rows):
        for draw in range(DRAWS):
            dice = random.Random(number * DRAWS + draw)
            ticket = Ticket(
                ticket_id=f"T-{number}-{draw}",
                text=" " if dice.random() < 0.01 else json.loads(row)["text"],
                customer_tier=dice.choice(TIERS),
                order_amount=dice.choice([None, 0.0, 80.0, 600.0, 5_000.0, 12_345.6]),
                contact_count=dice.choice([1, 1, 2, 3, 5, 8]),
                created_at=dice.choice(
                    [None, NOW - timedelta(minutes=dice.randrange(10_000)), NOW + timedelta(days=1)]
                ),
            )
            if dice.random() < 0.03:
                yield "unread", ticket, None
                continue
            heads = {name: _head(head.codes, dice) for name, head in labels.heads.items() if dice.random() < 0.97}
            scope = dice.choice([1.0] * 8 + [0.3])
            yield "read" if scope == 1.0 else "foreign", ticket, Prediction(heads, (), scope)


def _head(codes: tuple[str, ...], dice: random.Random) -> HeadPrediction:
    weights = [dice.random() ** 4 for _ in codes]
    shares = tuple(round(weight / sum(weights), 6) for weight in weights)
    best = max(range(len(codes)), key=shares.__getitem__)
    return HeadPrediction(codes[best], shares[best], dice.choice(["auto", "suggest", "human"]), codes, shares)


def fingerprints() -> dict[str, str]:
    """``profile kind`` -> SHA-256 of all its decisions; the profile's version and what was given as scope are left out."""
    labels = taxonomy()
    found: dict[str, str] = {}
    for name in PROFILES:
        profile = load_profile(GOLDEN / f"{name}.yaml", GOLDEN)
        digests = {kind: hashlib.sha256() for kind in ("read", "foreign", "unread")}
        for kind, ticket, prediction in cases(labels):
            made = decision_json(
                decide(ticket, prediction, profile=profile, taxonomy=labels, now=NOW, model=ModelRef("fendan", "7"))
            )
            del made["profile"]["version"], made["scope"]
            digests[kind].update(json.dumps(made, ensure_ascii=False, sort_keys=True).encode())
        found |= {f"{name} {kind}": digest.hexdigest() for kind, digest in digests.items()}
    return found


if __name__ == "__main__":
    FINGERPRINTS.write_text(json.dumps(fingerprints(), indent=1) + "\n", encoding="utf-8")
