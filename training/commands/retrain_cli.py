"""``fendan retrain | compare | promote | rollback``. Each command imports what it needs when it runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.errors import InputError

if TYPE_CHECKING:
    from training.commands.run_retrain import Snapshots

_JSON = "输出 JSON，给程序用"
_MODEL = "模型：文件夹，或 models:/名字@别名、models:/名字/版本"
_BY = "谁做的，记进历史。[默认：运行命令的用户]"

_RETRAIN = """用基础数据加上审核中的更正，训练一个挑战者，与冠军在同样的、两者都没学过的工单上比较。

\b
先写快照（var/snapshots，同样的内容只有一份）；留出冠军没学过的较新工单；在其余的上训练；
比较，判定，记入 MLflow（gate.html 是带图的报告），注册为别名 challenger。
没有一处显著变差才算通过；没有通过时退出码是 1，理由在标准错误里。接着用 fendan promote 上线。
不写基础数据时，沿用冠军的；它们不在了，就用起步工单，并且说出来。
怎么训练也沿用冠军的：种类、目标错误率、代价、配方、编码器的骨干与设置；写了哪一项就换哪一项。

\b
例：
  fendan retrain
  fendan retrain 工单.csv --until 2026-11-12T00:00:00+08:00
  fendan retrain 工单.csv --margin 0.01 --json
  fendan retrain --model blend --encoder-folds 5           线性冠军试试换成合议
  fendan retrain --rebuild models:/fendan/3 --out M        从快照重建以前的一版
"""
_COMPARE = """比较两个模型：同样的工单，成对的检验与区间，每一类的召回率；甲当作现在用的，乙当作要换上的。

\b
注册过的模型学过的工单不用来比较，并计数；文件夹学过什么无从知道，也会说明。

\b
例：
  fendan compare models:/fendan@champion models:/fendan@challenger 新工单.csv
  fendan compare M N 新工单.csv --json
"""
_PROMOTE = """让一个版本成为冠军；运行中的服务随后换上它。

\b
它要通过与现在的冠军的比较（fendan retrain）；与更早的冠军比的不算。
一定要上线就加 --force --reason，谁、何时、为什么都记进历史（fendan models）。

\b
例：
  fendan promote                                    fendan 的挑战者
  fendan promote models:/fendan/4 --by 小王
  fendan promote models:/fendan/4 --force --reason "大促新类目，先上线"
"""
_ROLLBACK = """退回上一个冠军（按历史），或 --to 写明的版本；运行中的服务随后换回。

\b
例：
  fendan rollback --reason "退款类错得多"
  fendan rollback fendan --to 3
"""


def commands(app: typer.Typer, snapshots: Snapshots) -> None:
    """Registers the commands; ``snapshots`` is how serving writes what training reads."""

    @app.command(help=_RETRAIN)
    def retrain(
        base: Annotated[list[Path] | None, typer.Argument(help="基础数据文件", show_default="沿用冠军的")] = None,
        db: Annotated[str, typer.Option(help="存更正的数据库，与 fendan serve 的一样", show_default="FENDAN_DB")] = "",
        until: Annotated[str, typer.Option(help="只用这个时刻以前的更正（ISO 8601）", show_default="现在")] = "",
        name: Annotated[str, typer.Option(help="模型仓库里的名字")] = "fendan",
        model: Annotated[
            str | None, typer.Option(help="模型种类：linear、encoder、blend", show_default="冠军的")
        ] = None,
        target_error: Annotated[
            str | None, typer.Option(help="自动处理的目标错误率，写法同 fendan train", show_default="冠军的")
        ] = None,
        cost: Annotated[
            str | None, typer.Option(help="漏掉某一类的代价，写法同 fendan train", show_default="冠军的")
        ] = None,
        margin: Annotated[float, typer.Option(help="容许变差多少", min=0.0, max=0.5)] = 0.02,
        taxonomy: Annotated[str, typer.Option(help="标签体系 YAML；infer 以数据为准", show_default="冠军的")] = "",
        recipe: Annotated[Path | None, typer.Option(help="fendan tune 写的配方", show_default="冠军的")] = None,
        trunk: Annotated[
            str, typer.Option(help="编码器的骨干：本地文件夹或模型名；没有就从零训练", show_default="冠军的")
        ] = "",
        encoder: Annotated[str, typer.Option(help="编码器的设置，写法同 fendan train", show_default="冠军的")] = "",
        encoder_folds: Annotated[
            int | None,
            typer.Option(help="轮流留出几个五分之一来校准编码器", min=1, max=5, show_default="冠军的"),
        ] = None,
        refit: Annotated[
            bool, typer.Option("--refit", help="比较之后再用全部工单训练要交付的；交付的那个没有人比较过")
        ] = False,
        seed: Annotated[int, typer.Option(help="随机种子", min=0, max=2**32 - 1)] = 0,
        rebuild: Annotated[str, typer.Option(help="不训练新的，从快照重建这一版", show_default=False)] = "",
        snapshot: Annotated[Path | None, typer.Option(help="重建用的快照搬到了哪里", show_default=False)] = None,
        out: Annotated[Path | None, typer.Option(help="重建的模型写到哪里", show_default=False)] = None,
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        if rebuild:
            from training.commands.run_retrain import run_rebuild

            if out is None:
                raise InputError("--rebuild 要同时写 --out 文件夹", field="out")
            run_rebuild(rebuild, snapshot, out, as_json=as_json)
            return
        if out is not None or snapshot is not None:
            raise InputError("--out、--snapshot 只和 --rebuild 一起用", field="out")
        from training.commands import run_retrain
        from training.fit import options
        from training.fit.spec import TrainingSpec
        from triage.ticket import parse_time

        how = partial(
            options.how,
            kind=model,
            target_error=target_error,
            cost=cost,
            recipe=recipe,
            trunk=trunk,
            encoder_settings=encoder,
            encoder_folds=encoder_folds,
            seed=seed,
        )
        how(TrainingSpec(kind="blend"))  # what is wrong whatever the champion is, is said before anything is opened
        moment = parse_time("until", until) if until else None
        wish = run_retrain.Wish(base or [], db, moment, name, taxonomy, how, margin, refit, seed)
        run_retrain.run(wish, snapshots, as_json=as_json)

    @app.command(help=_COMPARE)
    def compare(
        a: Annotated[str, typer.Argument(help=_MODEL, show_default=False)],
        b: Annotated[str, typer.Argument(help=_MODEL, show_default=False)],
        data: Annotated[list[Path], typer.Argument(help="带标签的数据文件", show_default=False)],
        margin: Annotated[float, typer.Option(help="容许变差多少", min=0.0, max=0.5)] = 0.02,
        seed: Annotated[int, typer.Option(help="随机种子", min=0, max=2**32 - 1)] = 0,
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training.commands.run_compare import run_compare

        run_compare(a, b, data, margin=margin, seed=seed, as_json=as_json)

    @app.command(help=_PROMOTE)
    def promote(
        model: Annotated[str, typer.Argument(help="名字（它的 challenger），或 models:/名字/版本")] = "fendan",
        force: Annotated[bool, typer.Option("--force", help="没有通过比较也上线")] = False,
        reason: Annotated[str, typer.Option(help="为什么")] = "",
        by: Annotated[str, typer.Option(help=_BY, show_default=False)] = "",
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training.registry import promote as room

        _said(room.promote(model, force=force, reason=reason, by=by), as_json)

    @app.command(help=_ROLLBACK)
    def rollback(
        name: Annotated[str, typer.Argument(help="模型仓库里的名字")] = "fendan",
        to: Annotated[str, typer.Option(help="退到哪个版本", show_default="上一个冠军")] = "",
        reason: Annotated[str, typer.Option(help="为什么")] = "",
        by: Annotated[str, typer.Option(help=_BY, show_default=False)] = "",
        as_json: Annotated[bool, typer.Option("--json", help=_JSON)] = False,
    ) -> None:
        from training.registry import promote as room

        _said(room.rollback(name, to=to, reason=reason, by=by), as_json)


def _said(moved: object, as_json: bool) -> None:
    from training.commands.output import dump
    from training.registry.promote import Moved

    assert isinstance(moved, Moved)
    change = moved.change
    if as_json:
        dump(moved.to_json())
        return
    before = f"，原来是版本 {change.previous}" if change.previous else ""
    forced = "（没有通过比较，强制上线）" if change.forced else ""
    typer.echo(f"{moved.name} 的冠军现在是版本 {change.version}{before}{forced}；运行中的服务会自己换上")
