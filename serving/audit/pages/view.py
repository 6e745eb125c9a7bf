"""What the truth page shows: the report in words and positions. Pure; words are filled in by the template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from serving.audit.agreement import AgreementJson
from serving.audit.audits import Part
from serving.audit.conflicts import ConflictQueue
from serving.audit.confusion import Confusion
from serving.audit.estimate import EstimateJson, ShareJson
from serving.audit.figures import STATES, AuditSample, HeadFigures, WorstCase
from serving.audit.pages.view_types import (
    AgreedView,
    Both,
    ClosedView,
    ConflictsView,
    ConfusedView,
    Grade,
    HeadView,
    KappaView,
    PartView,
    RangeView,
    RowView,
    SampleView,
    StateView,
    TruthView,
    WorstView,
)
from serving.audit.report import AuditReport, HeadAgreement, ReportedWindow
from triage.taxonomy import Taxonomy
from triage.ticket import SHOP_TIME

_Naming = Callable[[str], Both]

SHOWN = 14
"""Rows of a breakdown; the rest is summed up in a line."""

_NICE = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


class _Known(NamedTuple):
    """A share that can be said: something was looked at."""

    n: int
    wrong: int
    error: float
    low: float
    high: float


def view(report: AuditReport, taxonomy: Taxonomy) -> TruthView:
    """Everything the template needs, ready to print: percentages as text, positions of marks in percent of an axis."""
    first = next(iter(report["heads"].values()), None)
    overall = _known(first["all"]) if first else None
    naive = _known(report["naive"])
    axis = _axis([overall] if overall else [], 2.0)
    return {
        "window": {"since": shown(report["window"]["since"]), "until": shown(report["window"]["until"])},
        "made_at": shown(report["made_at"]),
        "covered": f"{report['covered']:,}",
        "uncovered": report["automatic"] - report["covered"],
        "known": overall is not None,
        "headline": _range(overall, axis),
        "worst": _worst(first["worst"]) if first else None,
        "naive": _range(naive, axis),
        "axis": percent(axis),
        "audits": _audits(report["audits"]),
        "late_after": report["late_after_days"],
        "heads": [_head(name, figure, taxonomy) for name, figure in report["heads"].items()],
        "agreement": [_agreed(name, both, taxonomy) for name, both in report["agreement"].items()],
        "confusion": _confusion(report["confusion"], taxonomy),
        "conflicts": _conflicts(report["conflicts"]["queue"]),
        "windows": _windows(report["windows"]),
    }


def percent(share: float) -> str:
    """A share as text: ``2.1 %``; whole numbers from 10 % on, tenths below."""
    return f"{_number(share)} %"


def shown(moment: str | None) -> str:
    """A moment in the shop's time, to the minute; empty for none."""
    return datetime.fromisoformat(moment).astimezone(SHOP_TIME).strftime("%Y-%m-%d %H:%M") if moment else ""


def names(taxonomy: Taxonomy, head: str, code: str) -> tuple[str, str]:
    """A label's name in Chinese and in English; the code where the taxonomy does not know it any more."""
    if not taxonomy.knows(head, code):
        return code, code
    label = taxonomy.heads[head].label(code)
    return label.name, label.name_en or label.name


def _number(share: float) -> str:
    value = share * 100
    return f"{value:.0f}" if value >= 9.95 or value == 0 else f"{value:.1f}" if value >= 0.05 else "<0.1"


def _known(figure: ShareJson) -> _Known | None:
    error, low, high = figure["error"], figure["low"], figure["high"]
    if error is None or low is None or high is None:
        return None
    return _Known(figure["n"], figure["wrong"], error, low, high)


def _axis(figures: Sequence[_Known], room: float) -> float:
    """The end of an axis that shows all points and most of the intervals."""
    need = max((max(f.error * 1.15, min(f.high, room * f.error + 0.02)) for f in figures), default=0.02)
    return next(nice for nice in _NICE if nice >= min(need, 1.0))


def _range(figure: _Known | None, axis: float) -> RangeView | None:
    """A figure with its interval: texts, and positions on an axis from 0 to ``axis`` (percent of its length)."""
    if figure is None:
        return None

    def place(share: float) -> float:
        return round(min(100.0, 100 * share / axis), 2)

    return {
        "error": percent(figure.error),
        "between": f"{_number(figure.low)}–{_number(figure.high)} %",
        "n": f"{figure.n:,}",
        "wrong": f"{figure.wrong:,}",
        "beyond": figure.high > axis,
        "from": place(figure.low),
        "to": place(figure.high),
        "at": place(figure.error),
    }


def _worst(worst: WorstCase) -> WorstView:
    return {"low": percent(worst["low"]), "high": percent(worst["high"])}


def _audits(audits: AuditSample) -> SampleView:
    drawn = audits["drawn"]
    parts: list[StateView] = []
    start = 0.0
    for state in STATES:
        width = 100 * audits[state] / drawn if drawn else 0.0
        parts.append({"state": state, "n": f"{audits[state]:,}", "start": round(start, 2), "width": round(width, 2)})
        start += width
    return {
        "drawn": f"{drawn:,}",
        "any": drawn > 0,
        "parts": parts,
        "missing": audits["missing"],
        "missing_share": percent(audits["missing_share"] or 0),
        "much": (audits["missing_share"] or 0) > 0.2,
        "consistent": audits["consistent"],
        "rates": [{"rate": percent(r["rate"]), "drawn": f"{r['drawn']:,}"} for r in audits["rates"]],
    }


def _head(name: str, figure: HeadFigures, taxonomy: Taxonomy) -> HeadView:
    overall = _known(figure["all"])
    rows = [known for part in figure["by"].values() for f in part.values() if (known := _known(f))]
    big = [f for f in rows if f.n >= 20] or rows
    axis = _axis([*big, *([overall] if overall else [])], 3.0)
    head = taxonomy.heads[name]
    naming: dict[Part, _Naming] = {
        "class": lambda code: names(taxonomy, name, code),
        "channel": lambda code: (code, code),  # the template knows the names of those that come with the program
        "version": lambda code: (code or "–", code or "–"),
    }
    return {
        "name": name,
        "title": (head.title or name, head.title_en or name),
        "all": _range(overall, axis),
        "axis": percent(axis),
        "parts": [_part(kind, figure["by"][kind], name_of, axis) for kind, name_of in naming.items()],
    }


def _part(kind: Part, figures: Mapping[str, EstimateJson], naming: _Naming, axis: float) -> PartView:
    order = sorted(figures.items(), key=lambda item: (-item[1]["n"], -(item[1]["population"] or 0), item[0]))
    rows: list[RowView] = [
        {
            "code": code,
            "names": naming(code),
            "population": f"{f['population']:,}" if f["population"] is not None else None,
            "range": _range(_known(f), axis),
            "few": 0 < f["n"] < 20,
        }
        for code, f in order[:SHOWN]
    ]
    return {"kind": kind, "rows": rows, "more": max(0, len(order) - SHOWN)}


def _agreed(name: str, both: HeadAgreement, taxonomy: Taxonomy) -> AgreedView:
    head = taxonomy.heads[name]
    return {
        "title": (head.title or name, head.title_en or name),
        "all": _kappa(both["all"]),
        "blind": _kappa(both["blind"]),
    }


def _kappa(found: AgreementJson) -> KappaView | None:
    kappa, low, high = found["kappa"], found["low"], found["high"]
    if kappa is None:
        return None
    return {
        "kappa": f"{kappa:.2f}",
        "between": f"{low:.2f}–{high:.2f}" if low is not None and high is not None else "",
        "observed": percent(found["observed"] or 0.0),
        "tickets": f"{found['tickets']:,}",
        "method": found["method"],
        "word": _grade(kappa),
        "at": _spot(kappa),
        "from": _spot(kappa if low is None else low),
        "to": _spot(kappa if high is None else high),
        "beyond": False,
    }


def _spot(kappa: float) -> float:
    return round(100 * min(1.0, max(0.0, kappa)), 2)


def _grade(kappa: float) -> Grade:
    limits: tuple[tuple[float, Grade], ...] = ((0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"))
    return next((word for limit, word in limits if kappa <= limit), "almost")


def _confusion(found: Mapping[str, Confusion], taxonomy: Taxonomy) -> list[ConfusedView]:
    pairs = [(head, pair) for head, one in found.items() for pair in one["pairs"]]
    pairs.sort(key=lambda item: -item[1]["tickets"])
    most = pairs[0][1]["tickets"] if pairs else 1
    return [
        {
            "a": names(taxonomy, head, pair["a"]),
            "b": names(taxonomy, head, pair["b"]),
            "tickets": f"{pair['tickets']:g}",
            "share": percent(pair["share"]),
            "width": round(100 * pair["tickets"] / most, 2),
        }
        for head, pair in pairs[:10]
    ]


def _conflicts(queue: ConflictQueue) -> ConflictsView:
    return {
        "open": f"{queue['open']:,}",
        "done": f"{queue['done']:,}",
        "any": queue["open"] > 0,
        "oldest": shown(queue["oldest"]),
    }


def _windows(windows: Sequence[ReportedWindow]) -> list[ClosedView]:
    figures = [_known(next(iter(w["heads"].values()))) for w in windows]
    axis = _axis([f for f in figures if f], 2.0)
    return [
        {
            "until": shown(w["until"]),
            "covered": f"{w['covered']:,}",
            "forced": w["forced"],
            "range": _range(f, axis),
        }
        for w, f in reversed(list(zip(windows, figures, strict=True)))
    ]
