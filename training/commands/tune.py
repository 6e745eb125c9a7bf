"""``fendan tune``: reads, searches, compares on the fifth that was kept out, writes the recipe, says what it brought."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from intake.console import Column, Encoding, Label, Sheet
from training.commands.options import Json, Labelled, Seed, Taxonomy, Wiring

_HELP = """在开发数据上搜索线性模型的特征与配方，写成 recipe.yaml，给 fendan train --recipe 用。

\b
五分之一的工单（较晚的；没有日期就随机）不参与搜索，最后只用来比较默认与调参后的配方；
没有带来什么，也会照实说。目标是校准之后的折外对数损失。
搜索记在 var/tune.db：中断以后再运行同一条命令就接着搜索；Ctrl-C 用已找到的收尾。
每次试验是 MLflow 里的一个子运行。需要 pip install 'fendan[tune]'。

\b
例：
  fendan tune datasets/starter/tickets.jsonl
  fendan tune 我的工单.xlsx --taxonomy infer --head category --trials 100
  fendan tune a.csv --timeout 30 --out 配方.yaml
  fendan train a.csv --recipe recipe.yaml
"""


def register(app: typer.Typer, _: Wiring) -> None:
    """Registers the command."""
    app.command(help=_HELP)(tune)


def tune(
    data: Labelled,
    taxonomy: Taxonomy = "",
    trials: Annotated[int, typer.Option(help="一共试多少次；以前试过的也算", min=1)] = 60,
    timeout: Annotated[float | None, typer.Option(help="最多搜索多少分钟", min=0.01, show_default="不限")] = None,
    head: Annotated[list[str] | None, typer.Option(help="只调这一项，可给几次", show_default="全部")] = None,
    out: Annotated[Path, typer.Option(help="配方写到哪里")] = Path("recipe.yaml"),
    study: Annotated[str, typer.Option(help="搜索的名字", show_default="由数据与各项而定")] = "",
    seed: Seed = 0,
    column: Column = None,
    label: Label = None,
    sheet: Sheet = "",
    encoding: Encoding = "",
    as_json: Json = False,
) -> None:
    """Searches."""
    from intake.options import ReadOptions
    from training.commands.output import dump
    from training.data.corpus import read_corpus
    from training.data.standard import load_taxonomy
    from training.fit.recipe_file import check_place, write_recipe
    from training.report.console import Bar
    from training.tune.data import part
    from training.tune.log import logging
    from training.tune.say import speak
    from training.tune.score import CandidateScorer
    from training.tune.search import Search, record, run
    from training.tune.stopping import stopping
    from training.tune.study import Study, load_optuna
    from triage.paths import home

    load_optuna()
    check_place(out)
    reading = ReadOptions.of(column or (), label or (), sheet, encoding)
    given = None if taxonomy == "infer" else load_taxonomy(taxonomy)
    with Bar() as bar, stopping(quietly=as_json) as stopped:
        corpus = read_corpus(data, given, options=reading, progress=bar)
        labels = corpus.taxonomy
        assert labels is not None
        heads = tuple(dict.fromkeys(head or ())) or tuple(h for h in corpus.labels if h in labels.heads)
        material, held = part(corpus, labels, heads, seed=seed, progress=bar)
        about = {
            "data": corpus.fingerprint,
            "heads": list(heads),
            "labels": {name: list(spec[0]) for name, spec in material.encoded.items()},
            "seed": seed,
        }
        name = study or f"{corpus.fingerprint[:12]}-{'+'.join(heads)}-{seed}"
        kept = Study(home() / "tune.db", name, about, seed=seed)
        if kept.before:
            print(f"接着搜索 {name}：已有 {kept.before} 次试验（{kept.file}）", file=sys.stderr)
        params = {"data": [str(path) for path in data], "heads": list(heads), "seed": seed, "split": held.how}
        bar("打开 MLflow", 0.0)
        with logging(kept, corpus, labels, params) as log:
            search = Search(kept, CandidateScorer(material, seed=seed), held, labels, log, stopped, bar)
            result, found = run(search, trials, timeout)
            write_recipe(out, found.features, found.heads, record(result, corpus))
            log.result(result, out, kept)
    answer = {"recipe": str(out), **result, "mlflow": {"run_id": log.run_id, "tracking_uri": log.tracking_uri}}
    if as_json:
        dump(answer)
    else:
        speak(answer, found)
