"""The ``fendan`` command: joins the packages' own Typer apps. Imports nothing heavy; each command imports what it needs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from triage.errors import FendanError, InputError, QuestionError
from triage.paths import ROOT, check_packages

if TYPE_CHECKING:
    from training.commands.options import BaseFile


def build() -> typer.Typer:
    """The command with everything that belongs to it. Our packages are imported here and not above: see :func:`main`."""
    from serving.commands import commands as serving_commands
    from training.commands import commands as training_commands
    from training.commands.options import Wiring

    app = typer.Typer(
        name="fendan",
        help="分单：读中文工单，说出该去哪个队列、什么优先级、何时到期、有多大把握、为什么。",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    profiles = ROOT / "serving" / "profiles"
    training_commands(app, Wiring(profiles, _snapshot))
    serving_commands(app, profiles)
    return app


def _snapshot(
    base: Sequence[BaseFile], db: str, until: datetime | None, progress: Callable[[str, float], None]
) -> Path:
    """Serving writes the snapshot that training reads: the one place where both rooms meet."""
    from serving.labels.snapshot import Base, take

    return take([Base(*file) for file in base], db, until, progress).folder


def _typed() -> str:
    """What was typed behind ``fendan``, as it can be typed again."""
    from intake.options import quoted

    return " ".join(quoted(word) for word in sys.argv[1:])


def main() -> None:
    """Entry point. Exit status: 0 done, 1 it failed, 2 the input or the call is wrong."""
    try:
        check_packages()  # before any of them is imported: somebody else's folder would be
        build()()
    except FendanError as error:
        print(f"错误：{error}", file=sys.stderr)
        if isinstance(error, QuestionError) and error.ways:
            print("完整的命令：", file=sys.stderr)
            for way in error.ways:
                print(f"  fendan {_typed()} {way}", file=sys.stderr)
        # A named field means that something the caller gave is to blame, whatever kind of error it led to.
        raise SystemExit(2 if isinstance(error, InputError) or error.field else 1) from None
    except KeyboardInterrupt:
        print("已中断。", file=sys.stderr)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
