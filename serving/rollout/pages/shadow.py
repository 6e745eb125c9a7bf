"""``/insight/shadow``: how far the challenger agrees with the champion, as a page and as JSON. Nobody's text is on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict

from serving.rollout.agreement import AgreedShare, HeadAgreementJson, PairJson, ShadowReport, names, report
from serving.rollout.states import ShadowState, ShadowView
from triage.taxonomy import HEADS, in_order
from triage.ticket import SHOP_TIME

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from serving.people.guard import Guard
    from serving.people.roles import Person, Role
    from serving.store import Store
    from serving.web.render import Pages

State = Callable[[], ShadowView]

Both = tuple[str, str]
"""A name in Chinese and in English."""

_BAD: tuple[ShadowState, ...] = ("resting", "refused", "given_up")


def shadow_routes(
    guard: Guard,
    pages: Pages,
    store: Store,
    labels: Callable[[], dict[str, Any]],
    state: State,
    *,
    role: Role = "reviewer",
) -> list[BaseRoute]:
    """``/insight/shadow`` (the page) and ``/insight/api/shadow`` (the same figures as JSON).

    Both take ``?challenger=`` and ``?champion=``: versions; the pair that answered last is shown otherwise.

    Args:
        labels: gives what ``/v1/labels`` answers.
        state: gives what ``/v1/model`` says under ``shadow``.
    """
    from starlette.routing import Route

    from serving.web.answers import JsonResponse

    async def found(request: Request) -> ShadowReport:
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


AgreedShareView = TypedDict(
    "AgreedShareView", {"share": str, "between": str, "at": float | None, "from": float, "to": float}
)
"""A share as text with its interval, and as places on a line from 0 to 100; ``at`` is None where there is none."""


class AutoView(TypedDict):
    """What each would do without a person, and where that differs."""

    champion: AgreedShareView
    challenger: AgreedShareView
    differ: AgreedShareView


class ClassView(TypedDict):
    """One label."""

    name: Both
    champion: str
    challenger: str
    agree: AgreedShareView


class ConfusionView(TypedDict):
    """A frequent difference; ``width`` in percent of the most frequent one."""

    champion: Both
    challenger: Both
    n: str
    share: str
    width: float


class ComparedHead(TypedDict):
    """One head."""

    code: str
    name: Both
    n: str
    agree: AgreedShareView
    auto: AutoView
    classes: list[ClassView]
    confusions: list[ConfusionView]
    further: str


class ShownPair(TypedDict):
    """The two versions that are compared, and from when to when."""

    challenger: str
    champion: str
    n: str
    first: str
    last: str


class PairLink(TypedDict):
    """A pair that may be looked at."""

    challenger: str
    champion: str
    n: str
    shown: bool


class ChallengerState(TypedDict):
    """How the challenger is doing; ``bad``: somebody should look."""

    state: ShadowState
    version: str | None
    problem: str | None
    bad: bool


class ShadowCounts(TypedDict):
    """What became of the tickets it was offered."""

    scored: str
    waiting: str
    dropped: str
    failed: str


class ShadowPage(TypedDict):
    """The whole page."""

    heads: list[ComparedHead]
    shown: ShownPair | None
    pairs: list[PairLink]
    state: ChallengerState
    counts: ShadowCounts


def view(found: ShadowReport, known: dict[str, dict[str, Both]], state: ShadowView) -> ShadowPage:
    """What the template prints: :func:`serving.rollout.agreement.report` with numbers as people read them."""
    return {
        "heads": [_head(head, figures, known.get(head, {})) for head, figures in found["heads"].items()],
        "shown": _shown(found["shown"]) if found["shown"] else None,
        "pairs": [
            {
                "challenger": pair["challenger"],
                "champion": pair["champion"],
                "n": f"{pair['n']:,}",
                "shown": pair == found["shown"],
            }
            for pair in found["pairs"]
        ],
        "state": {
            "state": state["state"],
            "version": state.get("version"),
            "problem": state.get("problem"),
            "bad": state["state"] in _BAD,
        },
        "counts": {
            "scored": f"{state.get('scored', 0):,}",
            "waiting": f"{state.get('waiting', 0):,}",
            "dropped": f"{state.get('dropped', 0):,}",
            "failed": f"{state.get('failed', 0):,}",
        },
    }


def _shown(pair: PairJson) -> ShownPair:
    def minute(moment: datetime) -> str:
        return moment.astimezone(SHOP_TIME).strftime("%Y-%m-%d %H:%M")

    return {
        "challenger": pair["challenger"],
        "champion": pair["champion"],
        "n": f"{pair['n']:,}",
        "first": minute(pair["first"]),
        "last": minute(pair["last"]),
    }


def _head(head: str, figures: HeadAgreementJson, own: dict[str, Both]) -> ComparedHead:
    auto = figures["auto"]
    return {
        "code": head,
        "name": own.get("", (head, head)),
        "n": f"{figures['n']:,}",
        "agree": _share(figures["agree"]),
        "auto": {
            "champion": _share(auto["champion"]),
            "challenger": _share(auto["challenger"]),
            "differ": _share(auto["differ"]),
        },
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


def _share(one: AgreedShare) -> AgreedShareView:
    share, low, high = one["share"], one["low"], one["high"]
    if share is None or low is None or high is None:
        return {"share": "–", "between": "", "at": None, "from": 0.0, "to": 0.0}
    ends = _percent(low), _percent(high)
    return {
        "share": _percent(share),
        "between": "–".join(ends) if ends[0] != ends[1] else ends[0],
        "at": round(100 * share, 2),
        "from": round(100 * low, 2),
        "to": round(100 * high, 2),
    }


def _percent(share: float) -> str:
    value = 100 * share
    if 0 < value < 0.1:
        return "<0.1%"
    if 99.9 < value < 100:
        return ">99.9%"
    text = f"{value:.1f}" if value < 10 or value >= 99 else f"{value:.0f}"
    return f"{text.removesuffix('.0')}%"
