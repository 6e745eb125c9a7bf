"""The JSON Schemas of the OpenAPI document (2020-12, as OpenAPI 3.1 uses them)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from triage.decision import PRIORITIES
from triage.labels import MAX_NOTE, REPORTERS
from triage.own_words import KIND_NAMES
from triage.policy.gaps import GapKind
from triage.prediction import ACTIONS
from triage.ticket import CHANNELS, MAX_TEXT, TIERS
from triage.values import MAX_COUNT

_CONFIDENCE = {"type": "number", "minimum": 0, "maximum": 1, "description": "校准过的概率"}
_SURENESS = {
    "type": ["number", "null"],
    "minimum": 0,
    "maximum": 1,
    "description": "校准过的概率；null：不像模型学过的工单，标签只是猜测",
}
_MOMENT = {"type": "string", "format": "date-time"}
_ID = {"type": "string", "minLength": 1, "maxLength": 128}


def _object(properties: dict[str, Any], *, optional: tuple[str, ...] = (), closed: bool = True) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return {**schema, "additionalProperties": False} if closed else schema


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: dict[str, Any], description: str = "") -> dict[str, Any]:
    return {"type": "array", "items": items, **({"description": description} if description else {})}


_TICKET = {
    "ticket_id": {"type": ["string", "null"], "maxLength": 128, "description": "贵方的编号；省略就由分单生成"},
    "text": {
        "type": ["string", "null"],
        "maxLength": MAX_TEXT,
        "description": "客户说的话；与 subject/body 二选一；null 同空白，如只发了图片",
    },
    "subject": {"type": ["string", "null"], "description": "邮件主题"},
    "body": {"type": ["string", "null"], "description": "邮件正文"},
    "channel": {"type": ["string", "null"], "description": "来源", "examples": list(CHANNELS)},
    "customer_id": {"type": ["string", "null"], "maxLength": 128},
    "customer_tier": {
        "type": ["string", "null"],
        "default": TIERS[0],
        "examples": list(TIERS),
        "description": f"客户等级：{'、'.join(TIERS)}；大小写不论，VIP、金卡、黄金会员这样的说法也可以",
    },
    "order_amount": {
        "type": ["number", "string", "null"],
        "minimum": 0,
        "description": "订单金额（元）；1,280.00、¥1280、1280元、1.2万也可以",
    },
    "contact_count": {
        "type": ["integer", "string", "null"],
        "minimum": 1,
        "maximum": MAX_COUNT,
        "default": 1,
        "description": "为这件事第几次联系（含这次）；“第2次”也可以",
    },
    "created_at": {
        "type": ["string", "number", "null"],
        "description": "客户何时发出，如 2026-11-11T12:00:00+08:00；不带时区就当北京时间；2026/11/3 9:12、2026年11月3日 上午9:12、"
        "1970 年以来的秒或毫秒也可以；11/12/2026 说不清哪个是月，不收",
    },
}

_HEAD = _object(
    {
        "label": {"type": "string"},
        "name": {"type": "string", "description": "标签的中文名"},
        "confidence": _SURENESS,
        "action": {"enum": list(ACTIONS)},
        "alternatives": _list(_object({"label": {"type": "string"}, "confidence": _CONFIDENCE}), "次选"),
    }
)

_DECISION: dict[str, Any] = {
    "ticket_id": _ID,
    "action": {"enum": list(ACTIONS), "description": "auto：有把握，自动处理；suggest：建议，请人确认；human：交给人"},
    "queue": {"type": "string", "description": "去哪个队列；manual 是人工分派"},
    "priority": {"enum": list(PRIORITIES), "description": "P1 最急"},
    "due_at": _MOMENT,
}
_REASONS = _list(
    _object({"rule": {"type": "string"}, "text": {"type": "string"}, "effect": {"type": "string"}}), "逐步的理由"
)

_DECISION_END: dict[str, Any] = {
    "similar": _list(
        _object({name: {"type": "string"} for name in ("ticket_id", "text", "category")}),
        "人给过分类的旧工单里最像的，至多三张：编号、遮住个人信息的原话（至多 120 字）、人给的分类",
    ),
    "scope": {
        "type": ["number", "null"],
        "minimum": 0,
        "maximum": 1,
        "description": "多像模型学过的工单；0.5 以下没有读懂，标签只是猜测；null：没有模型读过",
    },
    "profile": _ref("Named"),
    "model": _ref("Named"),
    "degraded": {"type": "boolean", "description": "true：没有模型回答，工单已收下，转人工"},
    "unread": _list(
        _object(
            {
                "start": {"type": "integer", "minimum": 0, "description": "原文里的起点（字符）"},
                "end": {"type": "integer", "minimum": 0},
                "kind": {
                    "enum": list(KIND_NAMES),
                    "description": "；".join(f"{k}：{v}" for k, v in KIND_NAMES.items()),
                },
            }
        ),
        "没有读的部分：不是客户自己的话；全都读了就没有这一项",
    ),
}

_ERROR = {
    "code": {"type": "string", "description": "给程序看，英文，不会变"},
    "message": {"type": "string", "description": "给人看：哪里错、收到什么、允许什么、怎么改"},
    "field": {"type": "string"},
    "request_id": {"type": "string"},
}


def _decision(heads: Sequence[str]) -> dict[str, Any]:
    evidence = _object(
        {
            "head": {"enum": list(heads)},
            "start": {"type": "integer", "minimum": 0, "description": "原文里的起点（字符）"},
            "end": {"type": "integer", "minimum": 0},
            "text": {"type": "string", "description": "那一段（个人信息已遮住）"},
            "weight": {"type": "number", "description": "越大越有力"},
        }
    )
    return {
        **_DECISION,
        **{head: {"anyOf": [_ref("HeadAnswer"), {"type": "null"}]} for head in heads},
        "reasons": _REASONS,
        "evidence": _list(evidence, "是哪些词让模型这样判断"),
        **_DECISION_END,
    }


def _correction(heads: Sequence[str]) -> dict[str, Any]:
    labels = {
        "type": "object",
        "properties": {head: {"type": "string"} for head in heads},
        "minProperties": 1,
        "additionalProperties": False,
    }
    return {
        "ticket_id": _ID,
        "revision": {"type": ["integer", "null"], "minimum": 1, "description": "说的是哪一版；省略就是最新一版"},
        "labels": {**labels, "description": "至少一个；代码见 /v1/labels"},
        "source": {"enum": list(REPORTERS), "default": REPORTERS[0]},
        "by": {"type": ["string", "null"], "maxLength": 128, "description": "谁说的"},
        "note": {"type": ["string", "null"], "maxLength": MAX_NOTE},
    }


def schemas(heads: Sequence[str]) -> dict[str, Any]:
    """All schemas, for a service whose decisions have ``heads``."""
    correction = _correction(heads)
    return {
        **_SCHEMAS,
        "Decision": _object(_decision(heads), optional=("unread",)),
        "NewCorrection": _object(correction, optional=("revision", "source", "by", "note")),
        "Correction": _object(
            {**correction, "id": {"type": "string"}, "revision": {"type": "integer", "minimum": 1}, "at": _MOMENT}
        ),
    }


_SCHEMAS: dict[str, Any] = {
    "Ticket": {
        **_object(_TICKET, optional=tuple(_TICKET)),
        "anyOf": [{"required": [name]} for name in ("text", "subject", "body")],
    },
    "Batch": {
        "anyOf": [_list(_ref("Ticket")), _object({"tickets": _list(_ref("Ticket"))})],
        "description": "工单的数组，或包着它的对象",
    },
    "HeadAnswer": _HEAD,
    "Named": _object({"name": {"type": "string"}, "version": {"type": "string"}}),
    "Decision": {},  # these three depend on the heads; they keep their place
    "BatchAnswer": _object(
        {
            "results": _list(
                _object(
                    {"index": {"type": "integer"}, "decision": _ref("Decision"), "error": _ref("ErrorBody")},
                    optional=("decision", "error"),
                )
            ),
            "ok": {"type": "integer"},
            "failed": {"type": "integer"},
        }
    ),
    "ErrorBody": _object(_ERROR, optional=("field", "request_id")),
    "Error": _object({"error": _ref("ErrorBody")}),
    "NewCorrection": {},
    "Correction": {},
    "TicketRecord": _object(
        {
            "ticket_id": _ID,
            "revision": {"type": "integer", "minimum": 1},
            "decision": _ref("Decision"),
            "revisions": _list(
                _object(
                    {
                        "revision": {"type": "integer", "minimum": 1},
                        "text": {"type": "string", "description": "遮住个人信息之后的文字"},
                        "received_at": _MOMENT,
                        "decision": _ref("Decision"),
                    }
                )
            ),
            "corrections": _list(_ref("Correction")),
            "history": _list(
                _object(
                    {"at": _MOMENT, "event": {"enum": ["decided", "revised", "corrected"]}, "revision": {}},
                    closed=False,
                ),
                "按时间先后",
            ),
        }
    ),
    "Model": _object(
        {
            "name": {"type": "string"},
            "version": {"type": "string"},
            "since": {**_MOMENT, "description": "从何时起用它"},
            "worker": {"type": "integer", "description": "答这个请求的工作进程；各进程先后差几秒换模型"},
            "degraded": {"type": "boolean"},
            "problem": {"type": ["string", "null"], "description": "没有模型时的原因"},
            "candidate": {"anyOf": [_ref("Candidate"), {"type": "null"}]},
            "watch": {"anyOf": [_ref("Watch"), {"type": "null"}]},
            "shadow": _ref("Shadow"),
            "heads": {"type": "object", "additionalProperties": _list({"type": "string"})},
            "profile": _ref("Named"),
            "manifest": {"type": "object", "description": "模型文件夹里的 manifest.json"},
        }
    ),
    "Candidate": {
        **_object(
            {
                "version": {"type": "string"},
                "state": {
                    "enum": ["fetching", "loading", "unfetched", "refused"],
                    "description": "fetching、loading：正在换上；unfetched：取不回来，过一会儿再试；refused：用不了，照用原来的",
                },
                "problem": {"type": ["string", "null"]},
                "at": _MOMENT,
            }
        ),
        "description": "别名指向了它，但还没有（或没能）换上",
    },
    "Watch": {
        **_object(
            {
                "ref": {"type": "string", "examples": ["models:/fendan@champion"]},
                "every": {"type": "integer", "description": "每几秒看一次"},
                "asked_at": {"type": ["string", "null"], "format": "date-time"},
                "problem": {"type": ["string", "null"], "description": "最近一次没看成的原因"},
            }
        ),
        "description": "盯着的别名；null 就是不盯",
    },
    "Shadow": {
        **_object(
            {
                "state": {
                    "enum": ["off", "none", "starting", "running", "paused", "resting", "refused", "given_up"],
                    "description": "off：没有打开；none：没有挑战者；resting：出过错，歇一会儿再试；given_up：不再试",
                },
                "version": {"type": ["string", "null"]},
                "problem": {"type": ["string", "null"]},
                "waiting": {"type": "integer"},
                "scored": {"type": "integer"},
                "dropped": {"type": "integer", "description": "排队满了丢掉的"},
                "failed": {"type": "integer"},
                "restarted": {"type": "integer"},
            },
            optional=("version", "problem", "waiting", "scored", "dropped", "failed", "restarted"),
        ),
        "description": "挑战者在旁边读同样的工单，只记下来作比较",
    },
    "Labels": _object({"version": {"type": "string"}, "heads": {"type": "object"}}),
    "Health": _object({"status": {"const": "ok"}}),
    "Ready": _object(
        {
            "status": {"enum": ["ready", "degraded", "unavailable"]},
            "store": {"enum": ["ok", "failed"]},
            "model": _ref("Named"),
            "problem": {"type": "string"},
            "warnings": _list(_ref("LabelGap"), "策略档案与模型的标签对不上的地方；没有就不写，有也照样收工单"),
            "error": _ref("ErrorBody"),
        },
        optional=("problem", "warnings", "error"),
    ),
    "LabelGap": _object(
        {
            "code": {
                "enum": list(get_args(GapKind)),
                "description": "no_points：标签没有分值；no_queue：分类没有写队列；no_head、no_label：方案要用的项、标签模型没有；"
                "dead_rule：规则永远不会命中；no_effect：方案里这一段不起作用",
            },
            "head": {"type": "string"},
            "labels": _list({"type": "string"}),
            "message": {"type": "string", "description": "是什么、会怎样、怎么改"},
        }
    ),
    "Document": {"type": "object"},
}
