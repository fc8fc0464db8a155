"""Users, their policies and their access keys."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imtui import services
from imtui.domain.asking import Question
from imtui.domain.managed_policies import ARN, NAMES, OTHER_NAMES, managed_name
from imtui.operations.files import File
from imtui.operations.operation import Operation, Parameter
from imtui.operations.words import columns, instant, iso

if TYPE_CHECKING:
    from imtui.domain.policy import Decision
    from imtui.services.access_keys import AccessKey, Made
    from imtui.services.context import Context
    from imtui.services.users import PolicyText, User

ALIAS = Parameter("alias", "the user's alias", names="user")
POLICY = Parameter(
    "policy",
    f"{', '.join(NAMES)}, or in a shell a JSON file",
    names="known policy",
    file=True,
    known=(*NAMES, *OTHER_NAMES, *(f"{ARN}{name}" for name in OTHER_NAMES)),
)


def _given(policy: str | File) -> PolicyText:
    if isinstance(policy, File):
        return services.users.PolicyText(_named(policy.name), policy.text())
    return services.users.PolicyText(policy)


def _named(file: str) -> str:
    """What a policy that a file holds is called: as the file, without its ending where that is no other policy's."""
    if file == "-":
        return "policy"
    path = Path(file)
    name = path.name if managed_name(path.stem) else path.stem
    return "".join(c if c.isascii() and (c.isalnum() or c in "_+=,.@-") else "-" for c in name)


async def create(
    context: Context, alias: str, display_name: str, policy: Sequence[str | File] | None, account: str | None
) -> User:
    policies = [_given(each) for each in policy or ()]
    return await services.users.create(context, alias, display_name=display_name, policies=policies, account=account)


async def list_(context: Context) -> list[User]:
    return await services.users.list_users(context)


async def show(context: Context, alias: str) -> User:
    return await services.users.get(context, alias)


async def delete(context: Context, alias: str) -> str:
    await services.users.delete(context, alias)
    return alias


async def ask_delete(context: Context, alias: str) -> Question:
    user = await services.users.get(context, alias)
    text = f"{_label(user)}\nThe policies and access keys go too; nothing is allowed in that name from then on."
    return Question("Delete this user?", text, "Delete")


async def attach(context: Context, alias: str, policy: str | File) -> User:
    return await services.users.attach(context, alias, _given(policy))


async def detach(context: Context, alias: str, policy: str) -> User:
    held = (await services.users.get(context, alias)).policies
    return await services.users.detach(context, alias, policy if policy in held else _stem(policy))


def _stem(policy: str) -> str:
    return _named(policy) if policy.endswith(".json") else policy


async def can(context: Context, alias: str, action: str, arn: str) -> Decision:
    return await services.users.can(context, alias, action, arn)


async def create_key(context: Context, alias: str) -> Made:
    return await services.access_keys.create(context, alias)


async def list_keys(context: Context, alias: str) -> list[AccessKey]:
    return await services.access_keys.list_keys(context, alias)


async def delete_key(context: Context, id: str) -> str:  # noqa: A002
    await services.access_keys.delete(context, id)
    return id


async def ask_delete_key(context: Context, id: str) -> Question:  # noqa: A002
    return Question("Delete this access key?", f"{id}\nRequests that are signed with it are refused at once.", "Delete")


def _label(user: User) -> str:
    return f"{user.alias} ({user.display_name})" if user.display_name else user.alias


def _policies(user: User) -> str:
    return ", ".join(user.policies) or "no policies: nothing is allowed"


def _shown(user: User) -> list[str]:
    lines = columns(
        [
            ("user", _label(user)),
            ("ARN", user.arn),
            ("since", instant(user.created_at)),
            ("policies", _policies(user)),
        ]
    )
    for name, document in user.policies.items():
        if name not in NAMES:
            lines += ["", f"{name}:", *json.dumps(document, indent=2, ensure_ascii=False).splitlines()]
    return lines


def _short(user: User) -> dict[str, Any]:
    return {
        "UserName": user.alias,
        "DisplayName": user.display_name,
        "Arn": user.arn,
        "CreateDate": iso(user.created_at),
        "Policies": list(user.policies),
    }


def _whole(user: User) -> dict[str, Any]:
    documents = [{"PolicyName": name, "PolicyDocument": document} for name, document in user.policies.items()]
    return _short(user) | {"Policies": documents}


def _made(made: Made) -> dict[str, Any]:
    return {
        "UserName": made.key.user,
        "AccessKeyId": made.key.id,
        "SecretAccessKey": made.secret,
        "CreateDate": iso(made.key.created_at),
    }


def _key(key: AccessKey) -> dict[str, Any]:
    return {
        "UserName": key.user,
        "AccessKeyId": key.id,
        "Status": "Active",
        "CreateDate": iso(key.created_at),
        "LastUsedDate": iso(key.last_used_at),
        "LastUsedService": key.last_used_service or None,
    }


def _key_row(key: AccessKey) -> tuple[str, str, str]:
    last = f"last used {instant(key.last_used_at)} for {key.last_used_service}" if key.last_used_at else "never used"
    return key.id, f"made {instant(key.created_at)}", last


def _decided(decision: Decision) -> dict[str, Any]:
    return {
        "Allowed": decision.allowed,
        "ExplicitDeny": decision.explicit,
        "Statement": decision.statement or None,
        "Policy": decision.policy or None,
    }


OPERATIONS = (
    Operation(
        ("user", "create"),
        "make a user; without a policy nothing is allowed",
        (
            ALIAS._replace(names=""),
            Parameter("display_name", "the name that people read", option=True, default=""),
            POLICY._replace(kind="texts", option=True),
            Parameter("account", "the account, 12 digits, where it is not this one", option=True),
        ),
        create,
        lambda user: [f"user {_label(user)}: {_policies(user)}"],
        _short,
    ),
    Operation(
        ("user", "list"),
        "all users and their policies",
        (),
        list_,
        lambda found: columns((x.alias, x.display_name or "–", _policies(x)) for x in found) or ["no users"],
        lambda found: [_short(user) for user in found],
    ),
    Operation(("user", "show"), "one user with the documents of the policies", (ALIAS,), show, _shown, _whole),
    Operation(
        ("user", "delete"),
        "delete a user with policies and access keys",
        (ALIAS,),
        delete,
        lambda alias: [f"user {alias} is deleted"],
        lambda alias: {"UserName": alias},
        question=ask_delete,
    ),
    Operation(
        ("user", "attach-policy"),
        "give a user a policy; it counts at once",
        (ALIAS, POLICY),
        attach,
        lambda user: [f"user {_label(user)}: {_policies(user)}"],
        _short,
    ),
    Operation(
        ("user", "detach-policy"),
        "take a policy from a user; it counts no more at once",
        (ALIAS, Parameter("policy", "the policy's name, or the file it came from", names="policy of the user")),
        detach,
        lambda user: [f"user {_label(user)}: {_policies(user)}"],
        _short,
    ),
    Operation(
        ("user", "can"),
        "whether a user may do something, and by which statement; status 1 when not",
        (
            ALIAS,
            Parameter("action", "such as ssm-incidents:StartIncident"),
            Parameter("arn", "what it would be done to: an ARN, a number, an alias, a name or *"),
        ),
        can,
        lambda decision: [f"{'allowed' if decision.allowed else 'denied'}: {decision.reason}"],
        _decided,
        status=lambda decision: 0 if decision.allowed else 1,
    ),
    Operation(
        ("access-key", "create"),
        "make an access key for a user; its secret is shown this once",
        (ALIAS,),
        create_key,
        lambda made: [],
        _made,
        always_json=True,
        shell_only=True,
    ),
    Operation(
        ("access-key", "list"),
        "the access keys of a user, and when they were last used",
        (ALIAS,),
        list_keys,
        lambda found: columns(_key_row(key) for key in found) or ["no access keys"],
        lambda found: [_key(key) for key in found],
    ),
    Operation(
        ("access-key", "delete"),
        "delete an access key; it is refused at once",
        (Parameter("id", "the access key's id", names="access key"),),
        delete_key,
        lambda id_: [f"access key {id_} is deleted"],
        lambda id_: {"AccessKeyId": id_},
        question=ask_delete_key,
    ),
)
