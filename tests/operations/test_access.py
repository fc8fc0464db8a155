"""The `:` line knows policies by name and reads no file; a file's policy is called as the file is."""

from __future__ import annotations

from typing import Any

import pytest

from imtui import services
from imtui.domain.errors import ValidationFailed
from imtui.operations.access import OPERATIONS, attach, detach
from imtui.operations.arguments import parse_line
from imtui.operations.existing import existing
from imtui.operations.files import File
from imtui.services.context import Context

OWN = File(
    "folder/own.json", b'{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}'
)


async def run(context: Context, line: str) -> Any:
    operation, values = parse_line(line)
    return list(operation.lines(await operation.handler(context, **values)))


async def test_a_user_from_the_line(context: Context) -> None:
    assert await run(context, "user create ben --display-name Ben --policy viewer") == ["user ben (Ben): viewer"]
    assert await run(context, "user attach-policy ben resolver") == ["user ben (Ben): resolver, viewer"]
    with pytest.raises(ValidationFailed, match="no policy '/etc/passwd'"):
        await run(context, "user attach-policy ben /etc/passwd")
    with pytest.raises(ValidationFailed, match="same name"):
        await run(context, "user create eve --policy viewer --policy ReadOnlyAccess")
    assert (await run(context, "user can ben events:PutRule *"))[0].startswith("denied: ")
    assert await run(context, "user detach-policy ben viewer") == ["user ben (Ben): resolver"]
    assert await existing(context, "policy of the user", {"alias": "ben"}) == [("resolver", "")]
    assert await existing(context, "user", {}) == [("ben", "Ben")]
    assert await existing(context, "access key", {}) == []
    with pytest.raises(ValidationFailed):
        parse_line("access-key create ben")


@pytest.mark.parametrize(
    ("file", "name"), [("own.json", "own"), ("a b.json", "a-b"), ("x/viewer.json", "viewer.json"), ("-", "policy")]
)
async def test_a_policy_is_called_as_its_file_is(context: Context, file: str, name: str) -> None:
    await services.users.create(context, "ben")
    assert list((await attach(context, "ben", OWN._replace(name=file))).policies) == [name]
    assert list((await attach(context, "ben", OWN._replace(name=file))).policies) == [name], "it is replaced"
    assert (await detach(context, "ben", name if file == "-" else file)).policies == {}


def test_what_deletes_asks_first() -> None:
    assert {each.name for each in OPERATIONS if each.question} == {"user delete", "access-key delete"}
