"""Fixtures that every room shares."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import shared
from tests.serving.people import builders as people_fixtures
from tests.serving.store import databases as database_fixtures
from tests.training.report import fonts as picture_fixtures

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A first call compiles a kernel; an example's own time says nothing here (speed is measured in benchmarks/).
settings.register_profile("fendan", deadline=None)
settings.load_profile("fendan")

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = Path("/usr/bin/chromium")


def _offer(name: str) -> None:
    """Makes a package of the repository importable that is not installed, without the repository's root on the path.

    On the path, the folder ``datasets`` would pass for Hugging Face's library of that name.
    """
    folder = ROOT / name
    spec = spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])


_offer("benchmarks")


def pytest_configure(config: pytest.Config) -> None:
    """The process that starts the others makes what they share (see :mod:`tests.shared`)."""
    if not hasattr(config, "workerinput"):
        shared.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shared.end()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--corpora",
        default=os.environ.get("FENDAN_CORPORA"),
        help="folder of the public corpora (citizen_messages, shopping_reviews, auto_opinions); without it their tests skip",
    )


@pytest.hookimpl(tryfirst=True)  # before pytest looks who is asked for by ``-m``
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is not marked as long is ``fast``; the long files begin: last, one process would wait minutes for the other."""
    longest: dict[Path, int] = {}
    for item in items:
        marks = [i for i, name in enumerate(("corpora", "slow", "browser")) if item.get_closest_marker(name)]
        if not marks:
            item.add_marker("fast")
        longest[item.path] = min([*marks, longest.get(item.path, 3)])
    items.sort(key=lambda item: longest[item.path])


postgresql, url = database_fixtures.postgresql, database_fixtures.url
store, sqlite_store, any_store = (
    database_fixtures.sqlite_store,
    database_fixtures.sqlite_store,
    database_fixtures.any_store,
)
clock = people_fixtures.clock
no_chinese_font = picture_fixtures.no_chinese_font


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def corpora(request: pytest.FixtureRequest) -> Path:
    """Folder of the public corpora."""
    given = request.config.getoption("--corpora")
    if not given:
        pytest.skip("needs the public corpora: --corpora=DIR or FENDAN_CORPORA")
    folder = Path(given)
    if not folder.is_dir():
        pytest.fail(f"--corpora {folder} is not a folder")
    return folder.resolve()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()
