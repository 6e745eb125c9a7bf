"""``/insight/shadow``: how far the challenger agrees with the champion, as a page and as JSON. Nobody's text is on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serving.rollout.agreement import names, report
from triage.taxonomy import HEADS, in_order
from triage.ticket import SHOP_TIME

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from serving.people.guard import Guard
    from serving.people.roles import Person
    from serving.store import Store
    from serving.web.render import Pages

State = Callable[[], dict[str, Any]]

_BAD = ("resting", "refused", "given_up")


def shadow_routes(
    guard: Guard,
    pages: Pages,
    store: Store,
    labels: Callable[[], dict[str, Any]],
    state: State,
    *,
    role: str = "reviewer",
) -> list[BaseRoute]:
    """``/insight/shadow`` (the page) and ``/insight/api/shadow`` (the same figures as JSON).

    Both take ``?challenger=`` and ``?champion=``: versions; the pair that answered last is shown otherwise.

    Args:
        labels: gives what ``/v1/labels`` answers.
        state: gives what ``/v1/model`` says under ``shadow``.
    """
    from starlette.routing import Route

    from serving.web.answers import JsonResponse

    async def found(request: Request) -> dict[str, Any]:
        asked = (request.query_params.get("challenger", ""), request.query_params.get("champion", ""))
        heads = in_order([*HEADS, *labels()["heads"]])
        return await store.read(lambda connection: report(connection, *asked, heads=heads))

    async def shadow(request: Request, person: Person) -> Response:  # noqa: ARG001 (the guard's shape)
        return JsonResponse({**await found(request), "state": state()})

    async def page(request: Request, person: Person, csrf: str) -> Response:
        values = {
            "v": view(await found(request), names(labels()), state()),
            "person": person,
            "csrf": csrf,
            "here": "shadow",
            "root": "../",
        }
        return pages.answer("rollout/shadow.html", values)

    return [
        Route("/insight/shadow", guard.page(page, role=role), methods=["GET"], name="shadow"),
        Route("/insight/api/shadow", guard.call(shadow, role=role), methods=["GET"]),
    ]


def view(found: dict[str, Any], known: dict[str, dict[str, tuple[str, str]]], state: dict[str, Any]) -> dict[str, Any]:
    """What the template prints: :func:`serving.rollout.agreement.report` with numbers as people read them."""
    shown = found["shown"]
    heads = []
    for head, figures in found["heads"].items():
        own = known.get(head, {})
        heads.append(
            {
                "code": head,
                "name": own.get("", (head, head)),
                "n": f"{figures['n']:,}",
                "agree": _share(figures["agree"]),
                "auto": {name: _share(one) for name, one in figures["auto"].items()},
                "classes": [
                    {
                        "name": own.get(one["label"], (one["label"],) * 2),
                        "champion": f"{one['champion']:,}",
                        "challenger": f"{one['challenger']:,}",
                        "agree": _share(one["agree"]),
                    }
                    for one in figures["classes"]
                ],
                "confusions": [
                    {
                        "champion": own.get(one["champion"], (one["champion"],) * 2),
                        "challenger": own.get(one["challenger"], (one["challenger"],) * 2),
                        "n": f"{one['n']:,}",
                        "share": _percent(one["share"]),
                        "width": round(100 * one["n"] / figures["confusions"][0]["n"], 2),
                    }
                    for one in figures["confusions"]
                ],
                "further": f"{figures['further']:,}" if figures["further"] else "",
            }
        )
    pairs = [{**pair, "n": f"{pair['n']:,}", "shown": pair == shown} for pair in found["pairs"]]
    return {
        "heads": heads,
        "shown": shown
        and {
            "challenger": shown["challenger"],
            "champion": shown["champion"],
            "n": f"{shown['n']:,}",
            **{end: shown[end].astimezone(SHOP_TIME).strftime("%Y-%m-%d %H:%M") for end in ("first", "last")},
        },
        "pairs": pairs,
        "state": {"version": None, "problem": None, **state, "bad": state["state"] in _BAD},
        "counts": {name: f"{state.get(name, 0):,}" for name in ("scored", "waiting", "dropped", "failed")},
    }


def _share(one: dict[str, Any]) -> dict[str, Any]:
    """A share as text with its interval, and as places on a line from 0 to 100; without either where there is none."""
    if one["share"] is None:
        return {"share": "–", "between": "", "at": None}
    low, high = _percent(one["low"]), _percent(one["high"])
    places = {"at": one["share"], "from": one["low"], "to": one["high"]}
    return {
        "share": _percent(one["share"]),
        "between": f"{low}–{high}" if low != high else low,
        **{name: round(100 * place, 2) for name, place in places.items()},
    }


def _percent(share: float) -> str:
    value = 100 * share
    if 0 < value < 0.1:
        return "<0.1%"
    if 99.9 < value < 100:
        return ">99.9%"
    text = f"{value:.1f}" if value < 10 or value >= 99 else f"{value:.0f}"
    return f"{text.removesuffix('.0')}%"
