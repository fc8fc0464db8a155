"""What a caller can be told when something is refused. One sentence that says what happened and what to do."""

from __future__ import annotations


class ImtuiError(Exception):
    """Base of every error that is meant for a person; its text is one clear sentence."""

    code = "InternalServerException"


class ValidationFailed(ImtuiError):
    """A value is missing, malformed or out of its limits. `field` names it where one field is to blame."""

    code = "ValidationException"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFound(ImtuiError):
    """The named thing does not exist. `resource_id` and `resource_type` name it as the wire does."""

    code = "ResourceNotFoundException"

    def __init__(self, message: str, resource_id: str = "", resource_type: str = "") -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.resource_type = resource_type


class Conflict(ImtuiError):
    """What was asked contradicts what is: a name taken, something in use, somebody else's edit. `dependents` use what
    was asked about, in words; `dependent_arns` are the same for programs, where they have ARNs."""

    code = "ConflictException"

    def __init__(
        self,
        message: str,
        dependents: tuple[str, ...] = (),
        resource_id: str = "",
        resource_type: str = "",
        dependent_arns: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.dependents = dependents
        self.dependent_arns = dependent_arns
        self.resource_id = resource_id
        self.resource_type = resource_type


class QuotaExceeded(ImtuiError):
    """There would be more of something than may be. `resource_id` and `resource_type` name what has them."""

    code = "ServiceQuotaExceededException"

    def __init__(self, message: str, resource_id: str = "", resource_type: str = "") -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.resource_type = resource_type


class AccessDenied(ImtuiError):
    """The caller has no right to do this. `resource` is what it would have been done to."""

    code = "AccessDeniedException"

    def __init__(self, message: str, resource: str = "") -> None:
        super().__init__(message)
        self.resource = resource


class Throttled(ImtuiError):
    """Too many tries in too short a time."""

    code = "ThrottlingException"


class Unavailable(ImtuiError):
    """The database cannot be reached or written now; nothing was changed, the same call may be repeated."""

    code = "ServiceUnavailableException"
