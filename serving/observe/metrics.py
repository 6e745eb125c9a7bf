"""What Prometheus may ask. Works in one process and, when ``PROMETHEUS_MULTIPROC_DIR`` is set, over all workers.

Requests are counted under BentoML's own metric names and labels, so that dashboards made for BentoML work, with two
changes: ``endpoint`` is the route's pattern (BentoML takes the raw path, so every ticket id would be a series of its
own, for ever), and the buckets begin at one millisecond.
"""

from __future__ import annotations

import os
from typing import Literal

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from triage.decision import ModelRef
from triage.prediction import Action

CONTENT_TYPE = CONTENT_TYPE_LATEST

Happened = Literal["swapped", "refused", "scored", "dropped", "failed", "restarted"]
"""What is counted of models: versions swapped in or refused; tickets that the challenger scored, was not asked about, or failed
on; restarts of its process."""

_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_LABELS = ("endpoint", "service_name", "service_version", "http_response_code", "runner_name")


class Metrics:
    """The counters of one application."""

    def __init__(self, service: str = "fendan", version: str = "not available") -> None:
        self.registry = CollectorRegistry()
        self._service = (service, version)
        self._requests = Counter("bentoml_service_request_total", "Requests answered", _LABELS, registry=self.registry)
        self._seconds = Histogram(
            "bentoml_service_request_duration_seconds",
            "Time from a request's head to the end of its answer",
            _LABELS,
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._tickets = Counter(
            "fendan_tickets_total",
            "Tickets decided and stored (one answered again is not counted again)",
            ("queue", "priority", "action", "degraded"),
            registry=self.registry,
        )
        self._errors = Counter("fendan_errors_total", "Errors answered, by code", ("code",), registry=self.registry)
        self._depth = Gauge(
            "fendan_write_queue_depth",
            "Tickets that wait to be written",
            multiprocess_mode="livesum",
            registry=self.registry,
        )

        self._model = Gauge(
            "fendan_model_info",
            "1 for the model that answers in a worker, 0 for one that did before",
            ("name", "version"),
            multiprocess_mode="liveall",
            registry=self.registry,
        )
        self._current: ModelRef | None = None
        self._changes = Counter(
            "fendan_model_changes_total",
            "New versions of the model, by what came of them: swapped or refused",
            ("result",),
            registry=self.registry,
        )
        self._shadow = Counter(
            "fendan_shadow_tickets_total",
            "Tickets offered to the challenger, by what came of them: scored, dropped or failed",
            ("result",),
            registry=self.registry,
        )
        self._restarts = Counter(
            "fendan_shadow_restarts_total", "Times that the challenger's process was restarted", registry=self.registry
        )

    def request(self, route: str, status: int, seconds: float, depth: int) -> None:
        """Counts an answered request; ``route`` is its pattern, ``depth`` the write queue's length after it."""
        labels = (route, *self._service, str(status), self._service[0])
        self._requests.labels(*labels).inc()
        self._seconds.labels(*labels).observe(seconds)
        self._depth.set(depth)

    def ticket(self, *, queue: str, priority: str, action: Action, degraded: bool) -> None:
        """Counts a stored decision; one that was answered before is not to be counted again."""
        self._tickets.labels(queue, priority, action, "true" if degraded else "false").inc()

    def error(self, code: str) -> None:
        """Counts an error by its code; each bad ticket of a batch counts."""
        self._errors.labels(code).inc()

    def model(self, ref: ModelRef) -> None:
        """Says which model answers in this worker."""
        if self._current is not None:
            self._model.labels(*self._current).set(0)
        self._current = ref
        self._model.labels(*ref).set(1)

    def live(self, what: Happened, n: int) -> None:
        """Counts what :class:`serving.rollout.rollout.Rollout` tells of."""
        if what in ("swapped", "refused"):
            self._changes.labels(what).inc(n)
        elif what == "restarted":
            self._restarts.inc(n)
        else:
            self._shadow.labels(what).inc(n)

    def render(self) -> bytes:
        """The exposition text, over all workers when there are several."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
