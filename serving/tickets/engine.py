"""From tickets to durable decisions: read, predict, decide, store. Knows neither HTTP nor BentoML."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import orjson

from features.mask import mask
from features.reading import ReadText, in_plain_letters, read_many
from serving.clock import Clock, utc_now
from serving.ids import new_id
from serving.store import NewTicket, Saved, Store
from serving.store.rows import Outcome
from triage.contract import decision_json
from triage.decision import Decision, ModelRef
from triage.own_words import with_reading
from triage.policy import decide
from triage.policy.gaps import LabelGap, find_gaps
from triage.policy.profile import Profile
from triage.prediction import Prediction
from triage.taxonomy import Taxonomy
from triage.ticket import Ticket

log = logging.getLogger("fendan.engine")

_ON_LOOP = 8
"""So many tickets of one request are decided on the event loop; more go to a thread, so that others are answered."""


_WARM_UP = "快递三天没动了，麻烦催一下，急用"


class Predictor(Protocol):
    """What the engine asks of a model; :class:`models.TriageModel` fulfils it."""

    heads: dict[str, tuple[str, ...]]
    manifest: dict[str, Any]

    def predict(self, texts: Sequence[str], *, evidence: bool = False) -> list[Prediction]: ...


class Active(NamedTuple):
    """The model that answers, with all that changes when it does. Replaced as a whole, never in parts.

    ``model`` is None when there is none, ``problem`` then says why, for people; ``since``: when it began to answer.
    """

    model: Predictor | None
    ref: ModelRef
    taxonomy: Taxonomy
    problem: str
    since: datetime


Listener = Callable[[Sequence[Outcome]], None]
"""Is told what has just been made durable, on the event loop, before it is answered: it has microseconds."""


SimilarTickets = Callable[[str, str], Sequence[Mapping[str, Any]]]
"""Past tickets like a text, never the ticket of the id itself, as an answer shows them. It waits for nothing."""


class Engine:
    """Decides tickets with one model at a time and one profile.

    Args:
        model: None when there is none; every ticket is then accepted with a ``degraded`` decision.
        problem: why there is no model, for people; empty when there is one.
        clock: gives the moment, aware; tests hand in their own.
        listeners: are told what has been made durable, in order.
        similar: finds what stands in the answer beside the decision.
    """

    def __init__(
        self,
        *,
        store: Store,
        profile: Profile,
        taxonomy: Taxonomy,
        model: Predictor | None = None,
        ref: ModelRef | None = None,
        problem: str = "",
        clock: Clock = utc_now,
        listeners: Sequence[Listener] = (),
        similar: SimilarTickets = lambda _text, _but: (),
    ) -> None:
        self.store = store
        self.profile = profile
        self.clock = clock
        problem = problem or ("" if model else "没有加载模型")
        self.active = Active(model, ref or ModelRef(), taxonomy, problem, clock())
        self._listeners = tuple(listeners)
        self._similar = similar
        self._gaps: tuple[Profile, Active, tuple[LabelGap, ...]] | None = None
        self._waiting: list[tuple[Sequence[Ticket], asyncio.Future[list[NewTicket]]]] = []

    @property
    def model(self) -> Predictor | None:
        """The model that answers just now."""
        return self.active.model

    @property
    def ref(self) -> ModelRef:
        """Its name and version."""
        return self.active.ref

    @property
    def taxonomy(self) -> Taxonomy:
        """Its labels."""
        return self.active.taxonomy

    @property
    def problem(self) -> str:
        """Why there is no model; empty when there is one."""
        return self.active.problem

    @property
    def gaps(self) -> tuple[LabelGap, ...]:
        """Where the profile and the model of just now do not fit; looked for again when either has changed."""
        profile, active = self.profile, self.active
        if self._gaps is None or self._gaps[0] is not profile or self._gaps[1] is not active:
            heads = active.model.heads if active.model else {}
            self._gaps = profile, active, find_gaps(profile, heads)
        return self._gaps[2]

    def warm_up(self) -> None:
        """Makes the first ticket be answered as fast as the thousandth."""
        self.decide([Ticket(text=_WARM_UP)])

    def use(self, model: Predictor, ref: ModelRef, taxonomy: Taxonomy) -> None:
        """Lets ``model`` answer from the next batch on. What is being decided just now is decided by the one before.

        To be called on the event loop, with a model that is ready to answer at full speed.
        """
        self.active = Active(model, ref, taxonomy, "", self.clock())

    async def triage(self, tickets: Sequence[Ticket], *, store: bool = True) -> list[Outcome]:
        """Decides ``tickets``, in order, with one call of the model, and makes the decisions durable together.

        With ``store`` False nothing is kept (a rehearsal).

        Raises:
            StoreError: the decisions could not be made durable; none of them was.
        """
        many = len(tickets) > _ON_LOOP
        rows = await (asyncio.to_thread(self.decide, tickets) if many else self._together(tickets))
        saved = await self.store.save(rows) if store else [Saved(row.decision, 0, True) for row in rows]
        outcomes = [
            Outcome(held.decision.encode(), row, held.created and store, held.revision)
            for row, held in zip(rows, saved, strict=True)
        ]
        if store:
            self._tell(outcomes)
        return outcomes

    def _tell(self, outcomes: list[Outcome]) -> None:
        for listener in self._listeners:
            try:
                listener(outcomes)
            except Exception:  # who listens must not harm who asks
                log.exception("a listener failed")

    def _together(self, tickets: Sequence[Ticket]) -> asyncio.Future[list[NewTicket]]:
        """Decides ``tickets`` with all others that come in during this turn of the event loop.

        Nobody waits for company: under load it is there, because tickets that were stored together are answered
        together and followed by the next ones together. One call of the model costs as much as ten more tickets in it.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[NewTicket]] = loop.create_future()
        self._waiting.append((tickets, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._flush)
        return future

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            rows = iter(self.decide([ticket for tickets, _ in waiting for ticket in tickets]))
            decided: list[Any] = [[next(rows) for _ in tickets] for tickets, _ in waiting]
        except Exception:  # a defect: it must not reach those who only came along
            decided = [self._alone(tickets) for tickets, _ in waiting]
        for (_, future), outcome in zip(waiting, decided, strict=True):
            if future.done():  # whoever asked has gone away
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _alone(self, tickets: Sequence[Ticket]) -> list[NewTicket] | Exception:
        try:
            return self.decide(tickets)
        except Exception as error:
            return error

    def decide(self, tickets: Sequence[Ticket]) -> list[NewTicket]:
        """The decisions as rows for the store. From here on there is only masked text."""
        now = self.clock()
        active = self.active  # read once: a batch is decided by one model from start to end
        texts = read_many(ticket.content for ticket in tickets)
        masked = [
            replace(
                ticket,
                ticket_id=ticket.ticket_id or new_id(),
                text=text.whole,
                subject="",
                body="",
                customer_id=mask(ticket.customer_id),
            )
            for ticket, text in zip(tickets, texts, strict=True)
        ]
        predictions = _predict(active.model, [text.masked for text in texts])
        return [
            _row(ticket, self._decide(ticket, text, prediction, now, active), now)
            for ticket, text, prediction in zip(masked, texts, predictions, strict=True)
        ]

    def _decide(
        self, ticket: Ticket, text: ReadText, prediction: Prediction | None, now: datetime, active: Active
    ) -> Decision:
        made = decide(
            ticket,
            prediction,
            profile=self.profile,
            taxonomy=active.taxonomy,
            now=now,
            model=active.ref,
            text=in_plain_letters(text.masked),
        )
        return with_reading(replace(made, similar=self._past(ticket, text)), text.reading, text.found)

    def _past(self, ticket: Ticket, text: ReadText) -> tuple[Mapping[str, Any], ...]:
        try:
            return tuple(self._similar(text.masked, ticket.ticket_id))
        except Exception:  # it is only company for the decision
            log.exception("no similar tickets were found")
            return ()


def _predict(model: Predictor | None, texts: Sequence[str]) -> list[Prediction | None]:
    """One prediction a text; None where the model failed. A text that breaks the model breaks no other."""
    if model is None or not texts:
        return [None] * len(texts)
    try:
        return list(model.predict(texts, evidence=True))
    except Exception:
        if len(texts) > 1:
            log.warning("the model failed on a batch of %d; trying its tickets one by one", len(texts))
            return [_predict(model, [text])[0] for text in texts]
        log.exception("the model failed on a ticket of %d characters; it goes to people", len(texts[0]))
        return [None]


def _row(ticket: Ticket, decision: Decision, now: datetime) -> NewTicket:
    return NewTicket(
        ticket_id=ticket.ticket_id,
        text=ticket.text,
        text_hash=hashlib.sha256(ticket.text.encode()).hexdigest(),
        channel=ticket.channel,
        customer_id=ticket.customer_id,
        customer_tier=ticket.customer_tier,
        order_amount=ticket.order_amount,
        contact_count=ticket.contact_count,
        created_at=ticket.created_at,
        received_at=now,
        category=category.label if (category := decision.answer("category")) else None,
        action=decision.action,
        queue=decision.queue,
        priority=decision.priority,
        due_at=decision.due_at,
        model_name=decision.model.name,
        model_version=decision.model.version,
        profile_name=decision.profile_name,
        profile_version=decision.profile_version,
        degraded=decision.degraded,
        decision=orjson.dumps(decision_json(decision)).decode(),
    )
