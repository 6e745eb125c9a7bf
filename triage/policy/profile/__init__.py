"""A shop's profile: its own rules for queue, priority and due time."""

from triage.policy.profile.file import load_profile
from triage.policy.profile.profile import Profile

__all__ = ["Profile", "load_profile"]
