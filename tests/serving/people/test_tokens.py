"""Tokens of programs, and the door before ``/v1`` that asks for them."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from serving.people.guard import Guard
from serving.people.secret import key_of
from serving.people.sessions import COOKIE
from serving.store import Store
from serving.store.tables import logbook, tokens
from serving.web.openapi import document
from tests.serving.builders import run
from tests.serving.people.builders import PASSWORD, Browser, Clock, make_app, make_guard
from tests.serving.store import databases as database_fixtures
from tests.serving.web.builders import error
from triage.errors import ConflictError, InputError, NotFoundError

TICKET = {"text": "快递三天没动了"}


store, sqlite = database_fixtures.any_store, database_fixtures.sqlite_store


@pytest.fixture
def guard(sqlite: Store, clock: Clock) -> Guard:
    return make_guard(sqlite, clock)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_is_shown_once_and_kept_as_a_hash(store: Store, clock: Clock) -> None:
    guard = make_guard(store, clock)
    token = run(guard.tokens.add("客服系统", by="老板"))
    assert token.startswith("fdn_")
    assert len(token) == 47
    assert run(guard.tokens.find(token)) == "客服系统"
    (row,) = run(store.read(lambda c: c.execute(select(tokens)).mappings().all()))
    assert row["key"] == key_of(token)
    assert token not in str(dict(row))
    (shown,) = run(guard.tokens.all())
    assert (shown.name, shown.created_by, shown.revoked_at) == ("客服系统", "老板", None)
    assert token not in repr(shown)
    for other in ("", "fdn_", token[:-1], token + "x", "x" + token, token.upper(), key_of(token)):
        assert run(guard.tokens.find(other)) is None


def test_a_revoked_token_is_worthless_at_once_here_and_soon_elsewhere(store: Store, clock: Clock) -> None:
    here, elsewhere = make_guard(store, clock), make_guard(store, clock)
    token = run(here.tokens.add("客服系统", by="t"))
    assert run(here.tokens.find(token)) == run(elsewhere.tokens.find(token)) == "客服系统"
    run(here.tokens.revoke("客服系统", by="老板"))
    assert run(here.tokens.find(token)) is None
    clock.later(seconds=5)
    assert run(elsewhere.tokens.find(token)) is None
    assert run(here.tokens.all())[0].revoked_at is not None
    with pytest.raises(NotFoundError, match="fendan token list"):
        run(here.tokens.revoke("客服系统", by="t"))
    with pytest.raises(ConflictError, match="客服系统-2"):
        run(here.tokens.add("客服系统", by="t"))
    with pytest.raises(InputError):
        run(here.tokens.add(" ", by="t"))
    kept = run(store.read(lambda c: c.execute(select(logbook).order_by(logbook.c.id)).all()))
    assert [(row.what, row.by, json.loads(row.detail)) for row in kept] == [
        ("token_added", "t", {"token": "客服系统"}),
        ("token_revoked", "老板", {"token": "客服系统"}),
    ]


def test_the_link_of_the_first_start_is_no_token(sqlite: Store, guard: Guard, clock: Clock) -> None:
    from serving.people.first_start import new_link

    token = run(new_link(sqlite, clock)) or ""
    assert run(guard.tokens.find(token)) is None
    assert run(guard.tokens.find(f"fdn_{token}")) is None
    assert run(guard.tokens.all()) == []


def test_without_the_setting_nobody_is_asked(guard: Guard) -> None:
    browser = Browser(make_app(guard))
    assert browser.post("/v1/triage", json=TICKET).status_code == 200
    assert browser.post("/v1/triage", json=TICKET, headers=bearer("nonsense")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/triage", "/v1/triage/batch", "/v1/corrections", "/v1/model", "/v1/labels", "/v1/x", "/v1"]
)
def test_with_the_setting_everything_under_v1_asks(guard: Guard, path: str) -> None:
    browser = Browser(make_app(guard, require_token=True))
    for method in ("GET", "POST"):
        said = error(browser(method, path, json=TICKET), 401, "unauthorized")
        assert said["field"] == "Authorization"
        assert "fendan token add" in said["message"]
        assert browser.last.headers["www-authenticate"] == 'Bearer realm="fendan"'
    for wrong in (bearer("fdn_wrong"), bearer(""), {"Authorization": "Basic eDp5"}, {"Cookie": f"{COOKIE}=x"}):
        error(browser.post(path, json=TICKET, headers=wrong), 401, "unauthorized")


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/review/login", "/static/base.css"]
)
def test_with_the_setting_the_rest_stays_open(guard: Guard, path: str) -> None:
    assert Browser(make_app(guard, require_token=True)).get(path).status_code == 200


def test_a_token_opens(guard: Guard) -> None:
    browser = Browser(make_app(guard, require_token=True))
    token = run(guard.tokens.add("客服", by="t"))
    for headers in (bearer(token), {"Authorization": f"bearer  {token} "}):
        assert browser.post("/v1/triage", json=TICKET, headers=headers).status_code == 200
    assert browser.get("/v1/model", headers=bearer(token)).status_code == 200
    error(browser.get("/v1/x", headers=bearer(token)), 404, "not_found")
    run(guard.tokens.revoke("客服", by="t"))
    error(browser.post("/v1/triage", json=TICKET, headers=bearer(token)), 401, "unauthorized")


def test_a_session_opens_for_the_try_page_but_not_for_another_site(guard: Guard) -> None:
    browser = Browser(make_app(guard, require_token=True))
    run(guard.accounts.add("小王", "reviewer", PASSWORD, by="t"))
    browser.sign_in("小王")
    path = "/v1/triage?dry_run=true"
    for good in ({}, {"Origin": "http://fendan.test"}, {"Sec-Fetch-Site": "same-origin"}):
        assert browser.post(path, json=TICKET, headers=good).status_code == 200
    for bad in ({"Origin": "https://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        error(browser.post(path, json=TICKET, headers=bad), 403, "forbidden")
    assert browser.get("/v1/labels", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200  # only read


def test_the_document_says_what_is_asked(guard: Guard) -> None:
    for needed in (True, False):
        served = Browser(make_app(guard, require_token=needed)).get("/openapi.json").json()
        assert served == json.loads(json.dumps(document("not available", token=needed)))
        for path, item in served["paths"].items():
            for operation in item.values():
                ways = operation.get("security", [{}])
                assert ({} in ways) == (not (needed and path.startswith("/v1/")))
                assert ("401" in operation["responses"]) == path.startswith("/v1/")
        assert set(served["components"]["securitySchemes"]) == {"token", "session"}
        assert served["components"]["securitySchemes"]["session"]["name"] == COOKIE
