"""``fendan train | evaluate | score | explain | models``. Each command imports what it needs when it runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from models.reference import CHAMPION
from training.commands.tune_cli import commands as tune_command
from triage.errors import InputError
from triage.paths import home

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
  fendan train a.csv --target-error category=0.02,urgency=0.05     每一项各自的
  fendan train a.csv --cost urgency.critical=3                     漏掉特急的代价是三倍
  fendan train a.csv --model blend --encoder-folds 5               线性与编码器合议
  fendan train a.csv --teacher M --unlabelled 历史工单.csv         向老师模型学没有标签的工单
"""
_PRETRAIN = """让编码器先读没有标签的工单（遮词预测），再去学标签；写出一个骨干文件夹，给 train --trunk 用。

\b
没有现成的中文模型时从零开始；有的话用 --trunk 给出本地文件夹或模型名，接着在工单上预训练。

\b
例：
  fendan pretrain 历史工单.csv --out T
  fendan pretrain 历史工单.csv --trunk ./chinese-roberta --out T
  fendan train 带标签的.csv --model encoder --trunk T
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
        model: Annotated[
            str, typer.Option(help="模型种类：linear 线性、encoder 编码器、blend 两者合议（哪一项不划算就只用线性）")
        ] = "linear",
        target_error: Annotated[
            str,
            typer.Option(
                help="自动处理的回答里允许错的比例；可写 category=0.02,urgency=0.05 或 YAML 文件（细到每一类）"
            ),
        ] = "0.03",
        cost: Annotated[str, typer.Option(help="漏掉某一类的代价，平常是 1；如 urgency.critical=3")] = "",
        recipe: Annotated[Path | None, typer.Option(help="fendan tune 写出的配方", show_default=False)] = None,
        trunk: Annotated[str, typer.Option(help="编码器的骨干：本地文件夹或模型名；不给就从零训练")] = "",
        encoder: Annotated[str, typer.Option(help="编码器的设置，如 layers=4,epochs=10，或 YAML 文件")] = "",
        encoder_folds: Annotated[
            int, typer.Option(help="轮流留出几个五分之一来校准编码器：多则更准，训练也多几遍", min=1, max=5)
        ] = 1,
        checkpoint: Annotated[
            Path | None, typer.Option(help="编码器训练中断后从这个文件夹继续", show_default=False)
        ] = None,
        teacher: Annotated[str, typer.Option(help="蒸馏：老师" + _MODEL)] = "",
        unlabelled: Annotated[
            list[Path] | None, typer.Option(help="蒸馏：没有标签的工单，可给几次", show_default=False)
        ] = None,
        out: Annotated[
            Path | None, typer.Option(help="模型文件夹写到哪里。[默认 var/model，或 FENDAN_HOME 下的 model]")
        ] = None,
        register: Annotated[str, typer.Option(help="在模型仓库里用这个名字注册")] = "",
        holdout: Annotated[
            bool, typer.Option(help="留出五分之一来评估；不留省一半时间，成绩请用 fendan evaluate 在别的数据上看")
        ] = True,
        refit: Annotated[bool, typer.Option(help="评估之后再用全部工单训练要交付的模型")] = True,
        seed: Annotated[int, typer.Option(help="随机种子", min=0, max=2**32 - 1)] = 0,
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training.commands import run_train
        from training.fit import options
        from training.fit.spec import TrainingSpec

        how = options.how(
            TrainingSpec(checkpoint=checkpoint),
            kind=model,
            target_error=target_error,
            cost=cost,
            recipe=recipe,
            trunk=trunk,
            encoder_settings=encoder,
            encoder_folds=encoder_folds if encoder_folds > 1 else None,
            seed=seed,
        )
        if model == "linear" and checkpoint:
            raise InputError("--checkpoint 是编码器的；请加 --model encoder 或 blend", field="model")
        if model == "encoder" and teacher:
            raise InputError("--teacher 是线性部分的；请用 --model linear 或 blend", field="model")
        run_train.train(
            data,
            taxonomy=taxonomy,
            how=how,
            teacher=teacher,
            unlabelled=unlabelled or [],
            out=out or home() / "model",
            register=register,
            holdout=holdout,
            refit=refit,
            seed=seed,
            as_json=as_json,
        )

    tune_command(app)

    @app.command(help=_PRETRAIN)
    def pretrain(
        data: Annotated[list[Path], typer.Argument(help="工单文件；标签列不会被用到", show_default=False)],
        out: Annotated[Path, typer.Option(help="骨干文件夹写到哪里", show_default=False)],
        trunk: Annotated[str, typer.Option(help="从这个骨干接着训练：本地文件夹或模型名；不给就从零开始")] = "",
        encoder: Annotated[str, typer.Option(help="编码器的设置，如 layers=4,epochs=10，或 YAML 文件")] = "",
        checkpoint: Annotated[Path | None, typer.Option(help="中断后从这个文件夹继续", show_default=False)] = None,
        seed: Annotated[int, typer.Option(help="随机种子", min=0, max=2**32 - 1)] = 0,
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training.commands import run_pretrain as room

        room.pretrain(data, out=out, trunk=trunk, settings=encoder, checkpoint=checkpoint, seed=seed, as_json=as_json)

    @app.command(help=_EVALUATE)
    def evaluate(
        model: Annotated[str, typer.Argument(help=_MODEL)],
        data: Annotated[list[Path], typer.Argument(help="带标签的数据文件", show_default=False)],
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training.commands import run

        run.evaluate(model, data, as_json=as_json)

    @app.command(help=_SCORE)
    def score(
        data: Annotated[Path, typer.Argument(help="要打分的文件：CSV、JSONL、Parquet、XLSX", show_default=False)],
        output: Annotated[Path, typer.Option("-o", "--output", help="结果写到哪里；后缀决定格式", show_default=False)],
        model: Annotated[str, typer.Option(help=_MODEL)] = CHAMPION,
        profile: Annotated[str, typer.Option(help="分单策略的名字或 YAML 文件")] = "default",
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training.commands import run

        run.score(data, output, model=model, profile=profile, profiles=profiles, as_json=as_json)

    @app.command(help=_EXPLAIN)
    def explain(
        text: Annotated[str, typer.Argument(help="客户说的话；- 表示从标准输入读")],
        model: Annotated[str, typer.Option(help=_MODEL)] = CHAMPION,
        profile: Annotated[str, typer.Option(help="分单策略的名字或 YAML 文件")] = "default",
        tier: Annotated[str, typer.Option(help="客户等级：regular、silver、gold、vip")] = "regular",
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training.commands import run

        said = sys.stdin.read() if text == "-" else text
        run.explain(said, model=model, profile=profile, profiles=profiles, tier=tier, as_json=as_json)

    @app.command(help=_MODELS)
    def models(
        name: Annotated[str, typer.Argument(help="只看这个名字", show_default="全部")] = "",
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training.commands import run

        run.models(name, as_json=as_json)
