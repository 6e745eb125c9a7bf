"""What the truth page shows: the report in words and positions. Pure; words are filled in by the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from triage.taxonomy import Taxonomy
from triage.ticket import SHOP_TIME

SHOWN = 14
"""Rows of a breakdown; the rest is summed up in a line."""

_NICE = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def view(report: Mapping[str, Any], taxonomy: Taxonomy) -> dict[str, Any]:
    """Everything the template needs, ready to print: percentages as text, positions of marks in percent of an axis."""
    first = next(iter(report["heads"].values()), None)
    overall = first["all"] if first and first["all"]["error"] is not None else None
    naive = report["naive"]
    axis = _axis([overall] if overall else [], 2.0)
    return {
        "window": {name: shown(report["window"][name]) for name in ("since", "until")},
        "made_at": shown(report["made_at"]),
        "covered": f"{report['covered']:,}",
        "uncovered": report["automatic"] - report["covered"],
        "known": overall is not None,
        "headline": _range(overall, axis) if overall else None,
        "worst": _worst(first["worst"]) if first else None,
        "naive": _range(naive, axis) if naive["n"] else None,
        "axis": percent(axis),
        "audits": _audits(report["audits"]),
        "late_after": report["late_after_days"],
        "heads": [_head(name, figure, taxonomy) for name, figure in report["heads"].items()],
        "agreement": [_agreed(name, both, taxonomy) for name, both in report["agreement"].items()],
        "confusion": _confusion(report["confusion"], taxonomy),
        "conflicts": _conflicts(report["conflicts"]),
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


def _axis(figures: Sequence[Mapping[str, Any]], room: float) -> float:
    """The end of an axis that shows all points and most of the intervals."""
    need = max((max(f["error"] * 1.15, min(f["high"], room * f["error"] + 0.02)) for f in figures), default=0.02)
    return next(nice for nice in _NICE if nice >= min(need, 1.0))


def _range(figure: Mapping[str, Any], axis: float) -> dict[str, Any]:
    """A figure with its interval: texts, and positions on an axis from 0 to ``axis`` (percent of its length)."""
    at = {name: round(min(100.0, 100 * figure[key] / axis), 2) for name, key in _ENDS}
    return {
        "error": percent(figure["error"]),
        "between": f"{_number(figure['low'])}–{_number(figure['high'])} %",
        "n": f"{figure['n']:,}",
        "wrong": f"{figure['wrong']:,}",
        "beyond": figure["high"] > axis,
        **at,
    }


_ENDS = (("from", "low"), ("to", "high"), ("at", "error"))


def _worst(worst: Mapping[str, float]) -> dict[str, str]:
    return {"low": percent(worst["low"]), "high": percent(worst["high"])}


def _audits(audits: Mapping[str, Any]) -> dict[str, Any]:
    drawn = audits["drawn"]
    parts = []
    start = 0.0
    for state in ("answered", "open", "late", "void"):
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


def _head(name: str, figure: Mapping[str, Any], taxonomy: Taxonomy) -> dict[str, Any]:
    overall = figure["all"]
    rows = [f for part in figure["by"].values() for f in part.values() if f["error"] is not None]
    big = [f for f in rows if f["n"] >= 20] or rows
    axis = _axis([*big, *([overall] if overall["error"] is not None else [])], 3.0)
    head = taxonomy.heads[name]
    naming = {
        "class": lambda code: names(taxonomy, name, code),
        "channel": lambda code: (code, code),  # the template knows the names of those that come with the program
        "version": lambda code: (code or "–", code or "–"),
    }
    return {
        "name": name,
        "title": (head.title or name, head.title_en or name),
        "all": _range(overall, axis) if overall["error"] is not None else None,
        "axis": percent(axis),
        "parts": [_part(kind, figure["by"][kind], naming[kind], axis) for kind in ("class", "channel", "version")],
    }


def _part(kind: str, figures: Mapping[str, Any], naming: Any, axis: float) -> dict[str, Any]:
    order = sorted(figures.items(), key=lambda item: (-item[1]["n"], -(item[1]["population"] or 0), item[0]))
    rows = [
        {
            "code": code,
            "names": naming(code),
            "population": f"{f['population']:,}" if f["population"] is not None else None,
            "range": _range(f, axis) if f["error"] is not None else None,
            "few": 0 < f["n"] < 20,
        }
        for code, f in order[:SHOWN]
    ]
    return {"kind": kind, "rows": rows, "more": max(0, len(order) - SHOWN)}


def _agreed(name: str, both: Mapping[str, Any], taxonomy: Taxonomy) -> dict[str, Any]:
    head = taxonomy.heads[name]
    return {
        "title": (head.title or name, head.title_en or name),
        "all": _kappa(both["all"]),
        "blind": _kappa(both["blind"]),
    }


def _kappa(found: Mapping[str, Any]) -> dict[str, Any] | None:
    if found["kappa"] is None:
        return None
    low, high = found["low"], found["high"]
    return {
        "kappa": f"{found['kappa']:.2f}",
        "between": f"{low:.2f}–{high:.2f}" if low is not None else "",
        "observed": percent(found["observed"]),
        "tickets": f"{found['tickets']:,}",
        "method": found["method"],
        "word": _grade(found["kappa"]),
        "at": _spot(found["kappa"]),
        "from": _spot(low if low is not None else found["kappa"]),
        "to": _spot(high if high is not None else found["kappa"]),
        "beyond": False,
    }


def _spot(kappa: float) -> float:
    return round(100 * min(1.0, max(0.0, kappa)), 2)


def _grade(kappa: float) -> str:
    """How Landis and Koch (1977) call it."""
    limits = ((0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"))
    return next((word for limit, word in limits if kappa <= limit), "almost")


def _confusion(found: Mapping[str, Any], taxonomy: Taxonomy) -> list[dict[str, Any]]:
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


def _conflicts(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "open": f"{found['queue']['open']:,}",
        "done": f"{found['queue']['done']:,}",
        "any": found["queue"]["open"] > 0,
        "oldest": shown(found["queue"]["oldest"]),
    }


def _windows(windows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    figures = [next(iter(w["heads"].values())) for w in windows]
    axis = _axis([f for f in figures if f["error"] is not None], 2.0)
    return [
        {
            "until": shown(w["until"]),
            "covered": f"{w['covered']:,}",
            "forced": w["forced"],
            "range": _range(f, axis) if f["error"] is not None else None,
        }
        for w, f in reversed(list(zip(windows, figures, strict=True)))
    ]
