"""Errors as AWS clients read them: the model's exceptions with their members filled in."""

from __future__ import annotations

import json
from typing import Any

from imtui.domain.errors import Conflict, ImtuiError, NotFound, QuotaExceeded, Throttled, Unavailable
from imtui.operations.aws import model
from imtui.operations.aws.perform import Invalid, Unknown
from imtui.operations.aws.values import given

RETRY_SECONDS = 5
_STATUS = {
    "AccessDeniedException": 400,
    "MissingAuthenticationTokenException": 403,
    "UnrecognizedClientException": 403,
    "InvalidSignatureException": 403,
    "RequestEntityTooLargeException": 413,
    "UnknownOperationException": 404,
    "ThrottlingException": 429,
    "InternalServerException": 500,
    "ServiceUnavailableException": 503,
}
"""Of exceptions that have no status in the model; all others are 400."""


def answer(service: str, error: ImtuiError) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an error. `service` is empty where it was not known yet."""
    code = error.code
    members = _members(service, code, error)
    status = _STATUS.get(code, 400)
    headers = {"x-amzn-ErrorType": code}
    if service:
        shape = _shape(service, code)
        if shape is not None:
            status = shape.metadata.get("error", {}).get("httpStatusCode", status)
            members = given(shape, members)
    if isinstance(error, Unavailable | Throttled):
        headers["Retry-After"] = str(RETRY_SECONDS if isinstance(error, Unavailable) else 1)
    return status, headers, json.dumps({"__type": code, "message": str(error), **members}).encode()


def _members(service: str, code: str, error: ImtuiError) -> dict[str, Any]:
    """What the exception of this service has, as far as it has members for it."""
    shape = _shape(service, code) if service else None
    if shape is None:
        return {}
    known: dict[str, Any] = {
        "message": str(error),
        "Message": str(error),
        "quotaCode": code,
        "QuotaCode": code,
        "serviceCode": service,
        "ServiceCode": service,
        "RetryAfterSeconds": RETRY_SECONDS,
    }
    if isinstance(error, NotFound | Conflict | QuotaExceeded):
        of = getattr(error, "resource_id", ""), getattr(error, "resource_type", "")
        upper, needed = "ResourceId" in shape.members, shape.required_members
        names = ("ResourceId", "ResourceType") if upper else ("resourceIdentifier", "resourceType")
        known |= {name: text for name, text in zip(names, of, strict=True) if text or name in needed}
    if isinstance(error, Conflict) and error.dependent_arns:
        known["DependentEntities"] = [{"RelationType": "USED_BY", "DependentResourceIds": list(error.dependent_arns)}]
    if code == "ValidationException" and "Fields" in shape.members:
        found = _fields(error)
        known["Reason"] = "FIELD_VALIDATION_FAILED" if found else "OTHER"
        known["Fields"] = found or None
    if isinstance(error, Unknown) and "Reason" in shape.members:
        known["Reason"] = "UNKNOWN_OPERATION"
    return {name: item for name, item in known.items() if name in shape.members}


def _fields(error: ImtuiError) -> list[dict[str, str]]:
    if isinstance(error, Invalid):
        return [{"Name": path, "Message": text} for path, text in error.found[:20]]
    field = getattr(error, "field", None)
    return [{"Name": field, "Message": str(error)}] if field else []


def _shape(service: str, code: str) -> Any:
    found = model.service(service)
    return found.shape_for(code) if code in found.shape_names else None
