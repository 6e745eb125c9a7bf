"""Where things lie: the code, what comes with it, and what this machine makes. The only reader of ``FENDAN_HOME``.

The same answers hold in a clone, for an installed wheel and in a bento. Pure but for asking whether a file is there.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from triage.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
"""Where the packages lie: the clone, ``site-packages`` or the ``src`` folder of a bento."""

PACKAGES = ("triage", "intake", "features", "models", "training", "serving")
"""Folders of ours that another program may have, too; ``models`` and ``features`` are common names."""

HOME_VARIABLE = "FENDAN_HOME"


def home(env: Mapping[str, str] | None = None) -> Path:
    """The folder of everything that a machine makes: tickets, runs, models, snapshots. ``var`` here unless it is named."""
    env = os.environ if env is None else env
    return Path(env.get(HOME_VARIABLE, "").strip() or "var").expanduser()


def places(name: str) -> tuple[Path, ...]:
    """Where a file of ``datasets/`` may lie, best first: beside the code, or where an installed package put it."""
    installed = dict.fromkeys((Path(sysconfig.get_path("data")), Path(sys.prefix)))
    return (ROOT / "datasets" / name, *(place / "share" / "fendan" / "datasets" / name for place in installed))


def shipped(name: str) -> Path:
    """The file of ``datasets/`` that is there; where none is, the place where it should be."""
    found = [place for place in places(name) if place.is_file()]
    return found[0] if found else places(name)[0]


def python(module: str) -> list[str]:
    """The command that runs one of our modules, or a library's, in a process of its own.

    ``-P``: the folder somebody happens to stand in is not searched for packages; it may hold a ``models`` of its own.
    """
    return [sys.executable, "-P", "-m", module]


def child_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of such a process: our packages are found first, whatever the folder; ``home`` is the same."""
    env = os.environ if env is None else env
    path = os.pathsep.join(part for part in (str(ROOT), env.get("PYTHONPATH", "")) if part)
    return {**env, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", HOME_VARIABLE: str(home(env).resolve())}


def check_packages() -> None:
    """Refuses to go on with somebody else's folder in the place of ours.

    Raises:
        InputError: names the folder that was found and where ours lies.
    """
    for name in PACKAGES:
        try:
            spec = find_spec(name)
        except ImportError:  # it is not to be had here, as ``training`` in a bento
            continue
        found = list(spec.submodule_search_locations or ()) if spec else []
        if found and Path(found[0]).resolve() != ROOT / name:
            raise InputError(
                f"Python 找到的 {name} 是 {found[0]}，不是分单自己的 {ROOT / name}；"
                f"多半是当前文件夹或 PYTHONPATH 里有同名的文件夹：换个文件夹运行，或把它从 PYTHONPATH 里去掉",
                field="PYTHONPATH",
            )
