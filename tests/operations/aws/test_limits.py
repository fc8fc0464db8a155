"""What the service models say of a request must be what is taken and what is refused, member by member."""

from __future__ import annotations

import pytest

from imtui.operations.aws import model
from imtui.operations.aws.values import Malformed, problems, taken
from tests.api.aws.shapes import Case, cases


def every() -> list[tuple[str, str]]:
    names = ("ssm-incidents", "ssm-contacts", "cloudtrail")
    found = [(name, operation) for name in names for operation in model.service(name).operation_names]
    return [(name, operation) for name, operation in found if name != "cloudtrail" or operation == "LookupEvents"]


@pytest.mark.parametrize(("service", "operation"), every())
def test_each_member_is_taken_within_its_limits_and_refused_beyond(service: str, operation: str) -> None:
    described = model.operation(service, operation)
    assert described is not None
    if described.input_shape is None:
        return
    found = list(cases(described.input_shape))
    assert found
    wrong = [case.label for case in found if _passes(described.input_shape, case) is not case.valid]
    assert wrong == []


def _passes(shape: object, case: Case) -> bool:
    try:
        return problems(shape, taken(shape, case.document)) == []
    except Malformed:
        return False
