"""How a search is asked to end with what it has."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stopping(*, quietly: bool) -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C asks the search to end with what it has; a second one ends everything at once."""
    asked = False

    def ask(_number: int, _frame: Any) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        if not quietly:
            print("\n收到中断：这一折做完就收尾（再按一次立即退出）", file=sys.stderr)

    before = None
    with contextlib.suppress(ValueError):  # only the main thread may listen
        before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)
