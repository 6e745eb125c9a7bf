"""``fendan audit``: what the blind audit says, and closing its window."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.console import Db, Json, given_moment, say
from triage.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.audit.estimate import ShareJson
    from serving.audit.label_errors import LabelErrors
    from serving.audit.report import AuditReport, WindowEstimates
    from triage.taxonomy import Taxonomy

_AUDIT = """盲审：自动分派的工单里抽出一小部分，让没看过预测的人来答，由此估计真实的错误率。

\b
窗口关上（close）时，估计记入数据库；只有报告过的窗口，它的盲审工单才可以拿去重新训练。

\b
例：
  fendan audit report                                     这个窗口到现在为止
  fendan audit close --until 2026-11-16T00:00 --by 老李   报告并关上到这一刻为止的窗口
"""
_REPORT = """估计自动答案的真实错误率，附 95 % 区间；还有多少盲审没人答。什么都不改。

\b
例：
  fendan audit report
  fendan audit report --until 2026-11-16T00:00 --json
"""
_CLOSE = """报告一个窗口并关上它：估计记入数据库，从此这些盲审工单可以拿去训练。

\b
没人答的盲审超过两成时拒绝：没人答的审计说明不了真相。

\b
例：
  fendan audit close --until 2026-11-16T00:00 --by 老李
"""


def register(app: typer.Typer, _: Path) -> None:
    """Registers the group."""
    group = typer.Typer(help=_AUDIT, no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name="audit")

    @group.command(help=_REPORT)
    def report(
        until: Annotated[str, typer.Option(help="到哪一刻为止（ISO 8601，不写时区就是北京时间）。[默认现在]")] = "",
        db: Db = "",
        json_: Json = False,
    ) -> None:
        from serving.audit.label_errors import label_errors, read_labelled
        from serving.audit.rank_labels import rank
        from serving.audit.report import build
        from serving.clock import utc_now
        from serving.offline import on_store

        def work(connection: Connection, taxonomy: Taxonomy) -> tuple[AuditReport, LabelErrors]:
            found = build(connection, taxonomy, utc_now(), given_moment("until", until))
            return found, label_errors(read_labelled(connection, taxonomy), taxonomy, rank)

        found, errors = on_store(work, db=db)
        whole = {**found, "label_errors": errors}
        lines = [*_estimates(found), *_agreement(found), *_label_errors(errors)]
        say(json_, whole, "\n".join(lines))

    @group.command(help=_CLOSE)
    def close(
        until: Annotated[
            str, typer.Option(help="到哪一刻为止（ISO 8601，不写时区就是北京时间）。", show_default=False)
        ],
        by: Annotated[str, typer.Option(help="谁来关，写进记录。", show_default=False)],
        force: Annotated[bool, typer.Option("--force", help="没人答的太多也关；记录里会写明。")] = False,
        db: Db = "",
        json_: Json = False,
    ) -> None:
        from serving.audit.windows import close as shut
        from serving.clock import utc_now
        from serving.offline import on_store
        from serving.people.roles import check_name

        who, moment = check_name(by, "--by "), given_moment("until", until)
        if moment is None:
            raise InputError("--until 是空的；请写关到哪一刻，如 2026-11-16T00:00", field="until")
        now = utc_now()
        found = on_store(
            lambda c, taxonomy: shut(c, taxonomy, until=moment, by=who, now=now, force=force), db=db, writes=True
        )
        say(json_, found, "\n".join([*_estimates(found), f"已记入数据库，窗口关到 {until}"]))


_SHORT = {"category": "分类", "urgency": "紧急", "sentiment": "情绪"}
"""What the lines call a head; a shop's own goes by its code."""


def _estimates(found: WindowEstimates) -> list[str]:
    window, audits = found["window"], found["audits"]
    lines = [
        f"窗口      {_shown(window['since']) or '最早'} 到 {_shown(window['until'])}，自动分派 {found['automatic']:,} 张",
        f"盲审      抽了 {audits['drawn']:,} 张，答了 {audits['answered']:,} 张；没答 {audits['open'] + audits['late']:,} 张"
        f"（其中过期 {audits['late']:,} 张），作废 {audits['void']:,} 张",
    ]
    if found["covered"] < found["automatic"]:
        lines.append(f"注意      其中 {found['automatic'] - found['covered']:,} 张来时盲审没有开，估计不包括它们")
    if audits["drawn"] and not audits["consistent"]:
        lines.append("注意      抽到的张数与抽样率对不上：请检查审核队列是否还在工作")
    for head, figure in found["heads"].items():
        lines.append(f"{_SHORT.get(head, head)}      自动答案估计错 {_share(figure['all'])}")
    naive = found["naive"]
    if naive["n"]:
        lines.append(f"对照      只看有没有人改：{_share(naive)}；改的人看过预测，没人改不等于对，这个数不可信")
    return lines


def _agreement(found: AuditReport) -> list[str]:
    lines = []
    for head, agreed in found["agreement"].items():
        if agreed["all"]["kappa"] is not None:
            one = agreed["all"]
            lines.append(f"一致      {_SHORT.get(head, head)} kappa {one['kappa']:.2f}（{one['tickets']:,} 张）")
    lines.append(f"分歧      未裁定 {found['conflicts']['open']:,} 处，已裁定 {found['conflicts']['settled']:,} 处")
    return lines


def _label_errors(found: LabelErrors) -> list[str]:
    lines = []
    for head, some in found["heads"].items():
        if some["suspected"]:
            worst = "、".join(t["ticket_id"] for t in some["tickets"][:5])
            lines.append(f"可疑标签  {_SHORT.get(head, head)} {some['suspected']:,} 个，最可疑的：{worst}")
    return lines


def _share(figure: ShareJson) -> str:
    low, high = figure["low"], figure["high"]
    if figure["error"] is None or low is None or high is None:
        return "没有数据"
    return f"{figure['error']:.1%}（{low:.1%}–{high:.1%}，{figure['n']:,} 张里 {figure['wrong']:,} 张）".replace(
        "%", " %"
    )


def _shown(moment: str | None) -> str:
    from triage.ticket import SHOP_TIME

    if not moment:
        return ""
    return datetime.fromisoformat(moment).astimezone(SHOP_TIME).strftime("%Y-%m-%d %H:%M")
