"""AWS's own service models: the shapes, limits and errors of every operation, loaded when one is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape

from imtui.operations.aws import SERVICES


@cache
def service(name: str) -> ServiceModel:
    """The model of a service; raises KeyError for one that is not answered here."""
    if name not in SERVICES:
        raise KeyError(name)
    return ServiceModel(_loader().load_service_model(name, "service-2"), name)


@cache
def operation(service_name: str, name: str) -> OperationModel | None:
    """The model of an operation such as `StartIncident`; None where the service has none of this name."""
    model = service(service_name)
    return model.operation_model(name) if name in model.operation_names else None


def shape(service_name: str, name: str) -> Shape | None:
    """What an operation takes; None where it takes nothing, or is none."""
    found = operation(service_name, name)
    return found.input_shape if found else None


@cache
def page_limit(service_name: str, name: str) -> tuple[str, str, str] | None:
    """The members that hold the token of a page in the request and in the answer, and how many it may have; None for
    operations without pages."""
    pages = _loader().load_service_model(service_name, "paginators-1")["pagination"].get(name)
    if pages is None:
        return None
    return pages["input_token"], pages["output_token"], pages.get("limit_key", "")


def members(shape: Shape | None) -> Iterator[tuple[str, Any]]:
    """The members of a structure with their shapes."""
    if shape is not None:
        yield from cast("Any", shape).members.items()


@cache
def _loader() -> Loader:
    return Loader(include_default_search_paths=False, extra_search_paths=[Loader.BUILTIN_DATA_PATH])
