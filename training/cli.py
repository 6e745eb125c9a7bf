"""``fendan train | evaluate | score | explain | models``. Each command imports what it needs when it runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from models.reference import CHAMPION
from triage.errors import InputError

_MODEL = "模型：fendan train --out 写出的文件夹，或 models:/名字@别名、models:/名字/版本"
_JSON = "输出 JSON，给程序用"

_TRAIN = """用带标签的工单训练一个模型，记入 MLflow，写成文件夹，可注册。

\b
数据：CSV、JSONL、Parquet、XLSX（可以给几个）。要有 text 列（或 subject 与 body），
和 category、urgency、sentiment 中的任意几列；有哪一列就训练哪一项。
created_at（ISO 8601）有的话，用较晚的工单来评估。

\b
例：
  fendan train datasets/starter/tickets.jsonl --out M
  fendan train 我的工单.xlsx --taxonomy infer --out M          标签以数据为准
  fendan train a.csv b.csv --target-error 0.05 --register fendan
"""
_EVALUATE = """用带标签的数据评估一个模型：准确率、macro-F1、每一类、校准（ECE）、自动处理的覆盖率与错误率。

\b
例：
  fendan evaluate M 新工单.csv
  fendan evaluate models:/fendan@champion 新工单.csv --json
"""
_SCORE = """给一个文件里的每张工单打分，保留原来的列，加上预测、把握、队列、优先级、到期时间。

\b
有问题的行不影响别的行：写进 error 列。优先级与到期按工单到达（created_at）时计算。

\b
例：
  fendan score 导出.xlsx -o 结果.xlsx
  fendan score in.csv -o out.parquet --model M --profile promo
"""
_EXPLAIN = """说出一张工单会怎么分、凭哪些字词。

\b
例：
  fendan explain "双11付的尾款怎么还没发货啊" --model M
  fendan explain "收到的锅是坏的" --tier vip --json
"""
_MODELS = """列出模型仓库里的版本、别名和成绩。

\b
例：
  fendan models
  fendan models fendan --json
"""


def commands(app: typer.Typer, profiles: Path) -> None:
    """Registers the commands of the training room; ``profiles`` is where policy profiles lie."""

    @app.command(help=_TRAIN)
    def train(
        data: Annotated[list[Path], typer.Argument(help="数据文件", show_default=False)],
        taxonomy: Annotated[str, typer.Option(help="标签体系 YAML；infer 表示以数据里的标签为准")] = "",
        model: Annotated[str, typer.Option(help="模型种类：linear")] = "linear",
        target_error: Annotated[float, typer.Option(help="自动处理的回答里允许错的比例")] = 0.03,
        out: Annotated[Path, typer.Option(help="模型文件夹写到哪里")] = Path("var/model"),
        register: Annotated[str, typer.Option(help="在模型仓库里用这个名字注册")] = "",
        refit: Annotated[bool, typer.Option(help="评估之后再用全部工单训练要交付的模型")] = True,
        seed: Annotated[int, typer.Option(help="随机种子", min=0, max=2**32 - 1)] = 0,
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training import run

        _linear_only(model)
        run.train(
            data,
            taxonomy=taxonomy,
            target_error=target_error,
            out=out,
            register=register,
            refit=refit,
            seed=seed,
            as_json=as_json,
        )

    @app.command(help=_EVALUATE)
    def evaluate(
        model: Annotated[str, typer.Argument(help=_MODEL)],
        data: Annotated[list[Path], typer.Argument(help="带标签的数据文件", show_default=False)],
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training import run

        run.evaluate(model, data, as_json=as_json)

    @app.command(help=_SCORE)
    def score(
        data: Annotated[Path, typer.Argument(help="要打分的文件：CSV、JSONL、Parquet、XLSX", show_default=False)],
        output: Annotated[Path, typer.Option("-o", "--output", help="结果写到哪里；后缀决定格式", show_default=False)],
        model: Annotated[str, typer.Option(help=_MODEL)] = CHAMPION,
        profile: Annotated[str, typer.Option(help="分单策略的名字或 YAML 文件")] = "default",
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training import run

        run.score(data, output, model=model, profile=profile, profiles=profiles, as_json=as_json)

    @app.command(help=_EXPLAIN)
    def explain(
        text: Annotated[str, typer.Argument(help="客户说的话；- 表示从标准输入读")],
        model: Annotated[str, typer.Option(help=_MODEL)] = CHAMPION,
        profile: Annotated[str, typer.Option(help="分单策略的名字或 YAML 文件")] = "default",
        tier: Annotated[str, typer.Option(help="客户等级：regular、silver、gold、vip")] = "regular",
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training import run

        said = sys.stdin.read() if text == "-" else text
        run.explain(said, model=model, profile=profile, profiles=profiles, tier=tier, as_json=as_json)

    @app.command(help=_MODELS)
    def models(
        name: Annotated[str, typer.Argument(help="只看这个名字", show_default="全部")] = "",
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training import run

        run.models(name, as_json=as_json)


def _linear_only(model: str) -> None:
    if model == "encoder":
        raise InputError("--model encoder 还没有做好；现在请用 --model linear", field="model")
    if model != "linear":
        raise InputError(f"--model 应是 linear；收到的是 {model!r}", field="model")


def dump(value: Any) -> None:
    """Prints JSON for machines: one document, UTF-8, no NaN."""
    typer.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))
