"""The behaviour checks, one file each, in the order in which they are shown."""

from __future__ import annotations

from training.judge.probe.check import Check
from training.judge.probe.checks import (
    amount,
    brand,
    capitals,
    dates,
    deadline,
    emoji,
    greeting,
    harm,
    html_frame,
    marks,
    order_number,
    politeness,
    quoted_mail,
    signature,
    thanks,
    third_contact,
    traditional,
    transcript,
    typo,
    width,
)

CHECKS: tuple[Check, ...] = (
    marks.CHECK,
    emoji.CHECK,
    capitals.CHECK,
    width.CHECK,
    traditional.CHECK,
    typo.CHECK,
    order_number.CHECK,
    brand.CHECK,
    dates.CHECK,
    greeting.CHECK,
    politeness.CHECK,
    signature.CHECK,
    html_frame.CHECK,
    quoted_mail.CHECK,
    transcript.CHECK,
    deadline.CHECK,
    third_contact.CHECK,
    harm.CHECK,
    amount.CHECK,
    thanks.CHECK,
)
