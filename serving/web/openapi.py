"""The OpenAPI 3.1 document, as data. Tests hold it against the routes and run every example through the real code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from serving.web.schemas import schemas
from triage.taxonomy import HEADS, in_order

DECISION_EXAMPLE: dict[str, Any] = {
    "ticket_id": "T-20261111-0042",
    "action": "auto",
    "queue": "logistics",
    "priority": "P2",
    "due_at": "2026-11-11T18:05:00+08:00",
    "category": {
        "label": "logistics",
        "name": "物流配送",
        "confidence": 0.941203,
        "action": "auto",
        "alternatives": [{"label": "shipping", "confidence": 0.038711}],
    },
    "urgency": {"label": "high", "name": "高", "confidence": 0.8123, "action": "auto", "alternatives": []},
    "sentiment": {"label": "negative", "name": "负面", "confidence": 0.9312, "action": "auto", "alternatives": []},
    "reasons": [
        {"rule": "queue", "text": "“物流配送”由 logistics 队列处理", "effect": "queue→logistics"},
        {"rule": "points.tier", "text": "VIP 客户", "effect": "+25"},
    ],
    "evidence": [{"head": "category", "start": 16, "end": 19, "text": "没收到", "weight": 0.41}],
    "similar": [],
    "scope": 0.98,
    "profile": {"name": "default", "version": "3f1c0a9b7d"},
    "model": {"name": "fendan", "version": "7"},
    "degraded": False,
}

TICKETS: dict[str, dict[str, Any]] = {
    "最少只要一句话": {"text": "快递显示签收了，可我没收到，邻居也没看见"},
    "带上客户与订单": {
        "ticket_id": "T-20261111-0042",
        "text": "双十一买的洗衣机显示签收了，可我没收到，快递电话也打不通",
        "channel": "chat",
        "customer_id": "C-8812",
        "customer_tier": "vip",
        "order_amount": 2499,
        "contact_count": 3,
        "created_at": "2026-11-11T16:05:00+08:00",
    },
    "邮件：主题和正文": {
        "subject": "发票抬头开错",
        "body": "发票抬头应是“杭州青禾文化传播有限公司”，能不能作废重开？",
        "channel": "email",
    },
}

CORRECTIONS: dict[str, dict[str, Any]] = {
    "客服系统改了分类": {"ticket_id": "T-20261111-0042", "labels": {"category": "refund"}, "source": "helpdesk"},
    "审核员改了两项并说明": {
        "ticket_id": "T-20261111-0042",
        "revision": 1,
        "labels": {"category": "logistics", "urgency": "high"},
        "source": "reviewer",
        "by": "小王",
        "note": "问的是送货，不是退款",
    },
}


def document(version: str, *, token: bool = False, heads: Iterable[str] = ()) -> dict[str, Any]:
    """The whole document.

    Args:
        version: of Fendan.
        heads: of decisions, beside those that every shop knows.
        token: whether what is under ``/v1`` is for those only who have a token or are signed in.
    """
    made: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "分单 Fendan",
            "version": version,
            "summary": "读中文工单，说出队列、优先级、到期时间、把握和理由",
            "description": (
                "一律收发 UTF-8 的 JSON。决定先落盘再回答：收到回答后断电也不会丢。"
                "同一个 ticket_id、同一段文字再发一次，得到同一个决定；文字变了就是新的一版，旧版保留。"
                "个人信息在入库前就被遮住。\n\n"
                "请求头 X-Request-ID 会原样带回（没带就生成一个），报错时请附上它。"
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": "工单"}, {"name": "模型"}, {"name": "运行"}],
        "paths": {
            "/v1/triage": {"post": _triage()},
            "/v1/triage/batch": {"post": _batch()},
            "/v1/tickets/{ticket_id}": {"get": _ticket()},
            "/v1/corrections": {"post": _correction()},
            "/v1/model": {"get": _get("模型", "model", "正在用的模型与策略", "Model")},
            "/v1/labels": {"get": _get("模型", "labels", "标签体系：每个标签的代码、名称和定义", "Labels")},
            "/healthz": {"get": _get("运行", "healthz", "进程还活着", "Health")},
            "/readyz": {"get": _ready()},
            "/metrics": {"get": _metrics()},
            "/openapi.json": {"get": _get("运行", "openapi", "这份文档", "Document")},
        },
        "components": {
            "schemas": schemas(in_order([*HEADS, *heads])),
            "responses": _responses(),
            "securitySchemes": _SECURITY,
        },
    }
    for path, item in made["paths"].items():
        for operation in item.values() if path.startswith("/v1/") else ():
            operation["security"] = [{name: []} for name in _SECURITY] + ([] if token else [{}])
            operation["responses"]["401"] = {"$ref": "#/components/responses/401"}
    return made


_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "fdn_…，由 fendan token add 发出；FENDAN_REQUIRE_TOKEN=true 时必需",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": "fendan_session", "description": "在 /review/login 登录之后"},
}


def _triage() -> dict[str, Any]:
    return {
        "tags": ["工单"],
        "operationId": "triage",
        "summary": "分一张工单",
        "description": "没有模型能回答时也照收：degraded 为 true，队列是 manual，不编造把握。",
        "parameters": [
            {
                "name": "dry_run",
                "in": "query",
                "description": "true：只看会怎么分，什么都不留下",
                "schema": {"type": "boolean", "default": False},
            }
        ],
        "requestBody": _body("Ticket", {name: {"value": value} for name, value in TICKETS.items()}),
        "responses": {
            "200": _json("Decision", "决定", {"物流催单": {"value": DECISION_EXAMPLE}}),
            **_errors(400, 413, 415, 503),
        },
    }


def _batch() -> dict[str, Any]:
    several = list(TICKETS.values())
    answer = {
        "results": [
            {"index": 0, "decision": DECISION_EXAMPLE},
            {"index": 1, "error": {"code": "invalid_ticket", "message": "缺少 text …", "field": "text"}},
        ],
        "ok": 1,
        "failed": 1,
    }
    return {
        "tags": ["工单"],
        "operationId": "triageBatch",
        "summary": "分一批工单（最多 1,000 张）",
        "description": "回答按原来的次序，index 从 0 起。有问题的那张单独报错，别的照分；写库失败则整批都没有写。",
        "requestBody": _body("Batch", {"数组": {"value": several}, "对象": {"value": {"tickets": several}}}),
        "responses": {
            "200": _json("BatchAnswer", "每张的决定或错误", {"一好一坏": {"value": answer}}),
            **_errors(400, 413, 415, 503),
        },
    }


def _ticket() -> dict[str, Any]:
    return {
        "tags": ["工单"],
        "operationId": "ticket",
        "summary": "一张工单的决定、各版、更正和经过",
        "parameters": [
            {
                "name": "ticket_id",
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
                "example": "T-20261111-0042",
            }
        ],
        "responses": {"200": _json("TicketRecord", "最新的决定在 decision，各版在 revisions"), **_errors(404, 503)},
    }


def _correction() -> dict[str, Any]:
    return {
        "tags": ["工单"],
        "operationId": "correct",
        "summary": "说出正确的标签",
        "description": "更正会留在工单上，并用来训练下一个模型。备注里的个人信息会先被遮住。",
        "requestBody": _body("NewCorrection", {name: {"value": value} for name, value in CORRECTIONS.items()}),
        "responses": {"201": _json("Correction", "已记下"), **_errors(400, 404, 413, 415, 503)},
    }


def _ready() -> dict[str, Any]:
    return {
        "tags": ["运行"],
        "operationId": "readyz",
        "summary": "现在能不能收工单",
        "description": "能写库就是 200；没有模型时 status 是 degraded，仍然是 200。策略档案与模型的标签对不上，写在 warnings 里，仍然是 200。写不了库是 503。",
        "responses": {"200": _json("Ready", "能收"), "503": _json("Ready", "写不了库")},
    }


def _metrics() -> dict[str, Any]:
    answer = {"description": "Prometheus 文本格式", "content": {"text/plain": {"schema": {"type": "string"}}}}
    return {"tags": ["运行"], "operationId": "metrics", "summary": "Prometheus 指标", "responses": {"200": answer}}


def _get(tag: str, operation: str, summary: str, schema: str) -> dict[str, Any]:
    return {
        "tags": [tag],
        "operationId": operation,
        "summary": summary,
        "responses": {"200": _json(schema, summary)},
    }


def _json(schema: str, description: str, examples: dict[str, Any] | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    if examples:
        content["examples"] = examples
    return {"description": description, "content": {"application/json": content}}


def _body(schema: str, examples: dict[str, Any]) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "examples": examples}
    return {"required": True, "content": {"application/json": content}}


def _errors(*statuses: int) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in (*statuses, 500)}


def _responses() -> dict[str, Any]:
    said = {
        400: ("invalid_ticket", "customer_tier 应是 regular、silver、gold、vip 之一；收到的是 'SVIP'", "customer_tier"),
        401: (
            "unauthorized",
            "这里要令牌：加上请求头 Authorization: Bearer fdn_…（管理员运行 fendan token add 名字 得到）",
            "Authorization",
        ),
        404: ("not_found", "没有工单 'T-9'；它没有被分过，或者编号写错了", "ticket_id"),
        413: ("too_large", "正文超过上限 1,048,576 字节；请截短文本，或把一批拆成几批", None),
        415: ("unsupported_media_type", "Content-Type 是 text/plain；应是 application/json", None),
        500: ("internal", "服务出了错，已记入日志；请带上 request_id 联系管理员", None),
        503: (
            "store_unavailable",
            "数据库 sqlite:///var/fendan.db 磁盘或配额已满；腾出空间后会自动恢复，不用重启",
            None,
        ),
    }
    meanings = {
        400: "输入有误",
        401: "没有令牌，也没有登录",
        404: "没有这个",
        413: "太大",
        415: "不是 JSON",
        500: "服务出错",
        503: "暂时存不了",
    }
    out = {}
    for status, (code, message, field) in said.items():
        error = {"code": code, "message": message, "field": field, "request_id": "5f0c2e9a4b7d4d6e9c1f"}
        value = {"error": {key: value for key, value in error.items() if value is not None}}
        out[str(status)] = _json("Error", meanings[status], {code: {"value": value}})
    return out
