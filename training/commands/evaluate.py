"""``fendan evaluate``."""

from __future__ import annotations

import typer

from intake.console import Column, Encoding, Label, Sheet
from training.commands.options import Json, Labelled, ModelArgument, Wiring, WithSeen

_HELP = """用带标签的数据评估一个模型：各项成绩、校准、自动处理的错误率，漏掉的紧急工单。

\b
模型学过的工单（和与之近似的、同一客户的）不算进成绩，并计数。

\b
例：
  fendan evaluate M 新工单.csv
  fendan evaluate models:/fendan@champion 新工单.csv --json
"""


def register(app: typer.Typer, wiring: Wiring) -> None:
    """Registers the command."""

    @app.command(help=_HELP)
    def evaluate(
        model: ModelArgument,
        data: Labelled,
        column: Column = None,
        label: Label = None,
        sheet: Sheet = "",
        encoding: Encoding = "",
        with_seen: WithSeen = False,
        as_json: Json = False,
    ) -> None:
        from intake.options import ReadOptions
        from models import TriageModel
        from training.commands.output import dump, notes, warn
        from training.data.corpus import read_corpus
        from training.judge.evaluate import judge
        from training.judge.harm import harm
        from training.judge.seen import seen
        from training.judge.wording import harm_words
        from training.registry import lineage
        from training.registry.registry import fetched
        from training.report import console
        from triage.policy.profile import load_profile

        reading = ReadOptions.of(column or (), label or (), sheet, encoding)
        with fetched(model) as (folder, _), console.Bar() as bar:
            loaded = TriageModel.load(folder)
            corpus = read_corpus(
                data, loaded.taxonomy, options=reading, heads=loaded.heads, unknown="keep", progress=bar
            )
            known = seen(corpus, lineage.learned_by(model, loaded.manifest), loaded.manifest["data_fingerprint"], model)
            corpus = known.judged(corpus, kept=with_seen)
            reports = judge(loaded, corpus, progress=bar)
            worst = harm(loaded, corpus, load_profile("default", wiring.profiles))
        heads = {head: report.to_json() for head, report in reports.items()}
        if as_json:
            about = {"seen": known.to_json(kept=with_seen), "notes": [*corpus.notes, *known.notes]}
            dump({"heads": heads, **about, **({} if worst is None else {"harm": worst.to_json()})})
            return
        notes((*corpus.notes, *known.notes, *known.left_out(kept=with_seen)))
        warn(known.warning() if with_seen else "")
        typer.echo(console.figures(heads))
        for head, report in heads.items():
            typer.echo(f"\n{head}\n{console.classes(report)}")
        if worst is not None:
            typer.echo(f"\n{harm_words(worst)}")
        warn(known.warning() if with_seen else "")
