"""Amazon Resource Names in the services' own forms: built and taken apart, never matched by pattern."""

from __future__ import annotations

from dataclasses import dataclass

from imtui.domain.errors import ValidationFailed

MAX = 2048


@dataclass(frozen=True, slots=True)
class Arn:
    """`arn:PARTITION:SERVICE:REGION:ACCOUNT:TYPE/NAME…`; `path` is the part after the type."""

    service: str
    region: str
    account: str
    kind: str
    path: str
    partition: str = "aws"

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.kind}/{self.path}"

    @property
    def name(self) -> str:
        """The last part of the path: a UUID for records, the name itself for named things."""
        return self.path.rpartition("/")[2]


def parse(text: str) -> Arn:
    """Take an ARN apart; raises ValidationFailed for anything that is not one."""
    parts = text.split(":", 5)
    kind, _, path = parts[-1].partition("/")
    if not path:  # SNS topics and alarms separate with a colon, or not at all
        kind, _, path = parts[-1].rpartition(":")
    if len(parts) != 6 or parts[0] != "arn" or not path or len(text) > MAX:
        raise ValidationFailed(f"{text[:80]!r} is not an ARN: expected arn:aws:SERVICE:REGION:ACCOUNT:TYPE/NAME")
    return Arn(parts[2], parts[3], parts[4], kind, path, parts[1])


def is_arn(text: str) -> bool:
    """Whether a person typed an ARN rather than an alias or a name."""
    return text.startswith("arn:")


@dataclass(frozen=True, slots=True)
class Names:
    """Builds the ARNs of one account in one Region."""

    account: str = "111122223333"
    region: str = "zz-local-1"

    def incident(self, plan: str, uuid: str) -> str:
        return f"arn:aws:ssm-incidents::{self.account}:incident-record/{plan}/{uuid}"

    def response_plan(self, name: str) -> str:
        return f"arn:aws:ssm-incidents::{self.account}:response-plan/{name}"

    def replication_set(self, uuid: str) -> str:
        return f"arn:aws:ssm-incidents::{self.account}:replication-set/{uuid}"

    def contact(self, alias: str) -> str:
        return f"arn:aws:ssm-contacts:{self.region}:{self.account}:contact/{alias}"

    def channel(self, alias: str, uuid: str) -> str:
        return f"arn:aws:ssm-contacts:{self.region}:{self.account}:contact-channel/{alias}/{uuid}"

    def rotation(self, uuid: str) -> str:
        return f"arn:aws:ssm-contacts:{self.region}:{self.account}:rotation/{uuid}"

    def engagement(self, alias: str, uuid: str) -> str:
        return f"arn:aws:ssm-contacts:{self.region}:{self.account}:engagement/{alias}/{uuid}"

    def page(self, alias: str, uuid: str) -> str:
        return f"arn:aws:ssm-contacts:{self.region}:{self.account}:page/{alias}/{uuid}"

    def rule(self, name: str) -> str:
        return f"arn:aws:events:{self.region}:{self.account}:rule/{name}"

    def user(self, alias: str) -> str:
        return f"arn:aws:iam::{self.account}:user/{alias}"
