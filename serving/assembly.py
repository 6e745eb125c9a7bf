"""Where rooms of the service are joined that know nothing of each other."""

from __future__ import annotations

from serving.labels.record import LabelRecord
from serving.review.following import follow


def label_record() -> LabelRecord:
    """What takes in all that people say; the review desk follows up."""
    return LabelRecord(follow)
