"""``fendan explain``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from models.reference import CHAMPION
from training.commands.options import Json, Model, Profile, Wiring

_HELP = """说出一张工单会怎么分、凭哪些字词。

\b
例：
  fendan explain "双11付的尾款怎么还没发货啊" --model M
  fendan explain "收到的锅是坏的" --tier vip --json
"""


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Registers the command."""

    @app.command(help=_HELP)
    def explain(
        text: Annotated[str, typer.Argument(help="客户说的话；- 表示从标准输入读")],
        model: Model = CHAMPION,
        profile: Profile = "default",
        tier: Annotated[str, typer.Option(help="客户等级：regular、silver、gold、vip")] = "regular",
        as_json: Json = False,
    ) -> None:
        from features.reading import in_plain_letters, read
        from models import TriageModel
        from training.commands.output import dump
        from training.registry.registry import fetched
        from training.report import console
        from triage.contract import decision_json
        from triage.own_words import with_reading
        from triage.policy import decide
        from triage.policy.gaps import find_gaps
        from triage.policy.profile import load_profile
        from triage.ticket import Ticket

        chosen = load_profile(profile, wiring.profiles)
        words = read(sys.stdin.read() if text == "-" else text)
        ticket = Ticket.parse({"text": words.whole, "customer_tier": tier})
        with fetched(model) as (folder, name):
            loaded = TriageModel.load(folder)
        prediction = loaded.predict([words.masked], evidence=True)[0]
        now = datetime.now(UTC)
        decision = decide(
            ticket,
            prediction,
            profile=chosen,
            taxonomy=loaded.taxonomy,
            now=now,
            model=name,
            text=in_plain_letters(words.masked),
        )
        decision = with_reading(decision, words.reading, words.found)
        if as_json:
            dump(decision_json(decision))
        else:
            typer.echo(console.decision(decision, ticket.content))
            for gap in find_gaps(chosen, loaded.heads):
                typer.echo(f"注意：{gap.text}", err=True)
