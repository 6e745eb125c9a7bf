"""Fixtures that every room shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A first call compiles a kernel; an example's own time says nothing here (speed is measured in benchmarks/).
settings.register_profile("fendan", deadline=None)
settings.load_profile("fendan")

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--corpora",
        default=os.environ.get("FENDAN_CORPORA"),
        help="folder of the public corpora (citizen_messages, shopping_reviews, auto_opinions); without it their tests skip",
    )


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def corpora(request: pytest.FixtureRequest) -> Path:
    """Folder of the public corpora."""
    given = request.config.getoption("--corpora")
    if not given:
        pytest.skip("needs the public corpora: --corpora DIR or FENDAN_CORPORA")
    folder = Path(given)
    if not folder.is_dir():
        pytest.fail(f"--corpora {folder} is not a folder")
    return folder.resolve()
