"""Leases: one owner at a time, found dead by its silence and not by anybody's clock."""

from __future__ import annotations

from serving.jobs.lease import Leases
from serving.store import Store
from tests.serving.builders import NOW, run
from tests.serving.jobs.builders import Stopwatch


def leases(store: Store, owner: str, watch: Stopwatch) -> Leases:
    return Leases(store, lambda: NOW, owner=owner, patience=15.0, stopwatch=watch)


def test_one_owner_at_a_time(any_store: Store) -> None:
    watch = Stopwatch()
    one, other = leases(any_store, "one", watch), leases(any_store, "other", watch)
    assert run(one.hold("review"))
    assert run(one.hold("review"))
    assert not run(other.hold("review"))
    assert run(other.hold("due"))
    assert (one.held, other.held) == ({"review"}, {"due"})


def test_a_silent_owner_loses_it_and_notices(any_store: Store) -> None:
    watch = Stopwatch()
    one, other = leases(any_store, "one", watch), leases(any_store, "other", watch)
    assert run(one.hold("review"))
    assert not run(other.hold("review"))  # now it watches
    watch.seconds = 14.9
    assert not run(other.hold("review"))
    run(one.beat())
    watch.seconds = 20.0
    assert not run(other.hold("review"))  # it has shown itself
    watch.seconds = 34.9
    assert not run(other.hold("review"))
    watch.seconds = 35.0
    assert run(other.hold("review"))
    run(one.beat())
    assert one.held == frozenset()
    assert not run(one.hold("review"))


def test_what_is_given_back_can_be_taken_at_once(any_store: Store) -> None:
    watch = Stopwatch()
    one, other = leases(any_store, "one", watch), leases(any_store, "other", watch)
    assert run(one.hold("review"))
    run(one.free())
    assert run(other.hold("review"))
    assert not run(one.hold("review"))


def test_of_two_who_saw_the_same_one_gets_it(any_store: Store) -> None:
    from serving.jobs.queries import read_leases, take_lease

    seen = any_store.read_now(read_leases).get("review")
    got = [any_store.write_now(lambda c, who=who: take_lease(c, "review", who, seen, NOW)) for who in ("a", "b")]
    assert got == [True, False]
    seen = any_store.read_now(read_leases)["review"]
    got = [any_store.write_now(lambda c, who=who: take_lease(c, "review", who, seen, NOW)) for who in ("b", "a")]
    assert got == [True, False]
    assert any_store.read_now(read_leases)["review"].owner == "b"
