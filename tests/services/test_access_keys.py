"""A secret is told once, leaks from nowhere, and is worth nothing from the moment its key is deleted."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from imtui import services
from imtui.clock import ManualClock
from imtui.config import Config
from imtui.domain.errors import AccessDenied, Conflict, NotFound, Unavailable
from imtui.services.access_keys import Holder, Verifier
from imtui.services.context import Context
from imtui.services.users import PolicyText
from storage import tables as t
from storage.secrets import make_key, read_key
from storage.tables_access import access_keys


async def verify_key(context: Context, id_: str) -> Holder | None:
    """Whose access key this is, for one request."""
    verifier = Verifier(context)
    try:
        return await verifier.holder(id_)
    finally:
        verifier.close()


@pytest.fixture
async def keyed(context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A database with the user ben, and a key file of its own."""
    monkeypatch.delenv("IMTUI_KEY_FILE", raising=False)
    configured = replace(context, config=Config(key_file=str(tmp_path / "folder" / "secret.key")))
    await services.users.create(configured, "ben", policies=[PolicyText("viewer")])
    return configured


async def test_a_key_is_made_found_listed_and_deleted(keyed: Context, tmp_path: Path) -> None:
    made = await services.access_keys.create(keyed, "ben")
    assert made.key.id.startswith("AKIA")
    assert (len(made.key.id), len(made.secret)) == (20, 40)
    assert (tmp_path / "folder" / "secret.key").stat().st_mode & 0o777 == 0o600
    found = await verify_key(keyed, made.key.id)
    assert found is not None
    assert (found.user, found.arn, found.secret) == ("ben", "arn:aws:iam::111122223333:user/ben", made.secret)
    assert await services.access_keys.list_keys(keyed, "ben") == [made.key]
    assert await services.access_keys.delete(keyed, made.key.id) == "ben"
    assert await verify_key(keyed, made.key.id) is None
    with pytest.raises(NotFound, match="no access key"):
        await services.access_keys.delete(keyed, made.key.id)
    for unknown in ("", "AKIA", "AKIA' OR 1=1 --"):
        assert await verify_key(keyed, unknown) is None


async def test_a_user_has_two_keys_at_most(keyed: Context) -> None:
    first = await services.access_keys.create(keyed, "ben")
    await services.access_keys.create(keyed, "ben")
    with pytest.raises(Conflict, match="2 access keys already"):
        await services.access_keys.create(keyed, "ben")
    await services.access_keys.delete(keyed, first.key.id)
    await services.access_keys.create(keyed, "ben")
    with pytest.raises(NotFound):
        await services.access_keys.create(keyed, "nobody")


async def test_the_secret_stands_nowhere_in_the_database(keyed: Context) -> None:
    made = await services.access_keys.create(keyed, "ben")
    async with keyed.database.read() as reader:
        for table in t.metadata.sorted_tables:
            assert made.secret not in repr(await reader.all(sa.select(table))), table.name
    assert made.secret not in repr(made)
    assert made.secret not in repr(await verify_key(keyed, made.key.id))


async def test_a_deleted_key_is_unknown_at_once_to_a_server_that_knew_it(keyed: Context) -> None:
    one, other = await services.access_keys.create(keyed, "ben"), await services.access_keys.create(keyed, "ben")
    verifier = Verifier(keyed)
    try:
        for made in (one, other):
            found = await verifier.holder(made.key.id)
            assert found is not None
            assert found.secret == made.secret
        await services.access_keys.delete(keyed, one.key.id)
        assert await verifier.holder(one.key.id) is None
        assert await verifier.holder(other.key.id) is not None
        await services.users.delete(keyed, "ben")
        assert await verifier.holder(other.key.id) is None
        await services.users.create(keyed, "ben")
        assert await verifier.holder(other.key.id) is None
        assert await services.access_keys.list_keys(keyed, "ben") == []
    finally:
        verifier.close()


async def test_that_a_key_was_used_is_written_once_a_minute(keyed: Context, manual_clock: ManualClock) -> None:
    made = await services.access_keys.create(keyed, "ben")
    verifiers = [Verifier(keyed), Verifier(keyed)]

    async def used(verifier: Verifier, service: str) -> tuple[object, str]:
        holder = await verifier.holder(made.key.id)
        assert holder is not None
        await verifier.used(holder, service)
        [key] = await services.access_keys.list_keys(keyed, "ben")
        return key.last_used_at, key.last_used_service

    begin = keyed.now()
    try:
        assert await used(verifiers[0], "ssm-incidents") == (begin, "ssm-incidents")
        manual_clock.advance(timedelta(seconds=59).total_seconds())
        for verifier in verifiers:
            assert await used(verifier, "ssm-contacts") == (begin, "ssm-incidents")
        manual_clock.advance(timedelta(seconds=1).total_seconds())
        assert await used(verifiers[0], "ssm-contacts") == (keyed.now(), "ssm-contacts")
    finally:
        for verifier in verifiers:
            verifier.close()


async def test_a_lost_or_another_key_file_is_one_clear_error(keyed: Context, tmp_path: Path) -> None:
    made = await services.access_keys.create(keyed, "ben")
    file = tmp_path / "folder" / "secret.key"
    kept = file.read_bytes()
    file.unlink()
    with pytest.raises(Unavailable, match=r"the key file .*secret.key is not there"):
        await verify_key(keyed, made.key.id)
    with pytest.raises(Unavailable, match="copy that file back"):
        await services.access_keys.create(keyed, "ben")
    assert not file.exists(), "no new key is made where an old one is missing"
    make_key(file)
    with pytest.raises(Unavailable, match=r"secret.key is not the key"):
        await verify_key(keyed, made.key.id)
    with pytest.raises(Unavailable, match=r"is not the key"):
        await services.access_keys.create(keyed, "ben")
    file.write_bytes(b"nonsense\n")
    with pytest.raises(Unavailable, match="not a key file"):
        await verify_key(keyed, made.key.id)
    file.write_bytes(kept)
    assert await verify_key(keyed, made.key.id) is not None
    file.chmod(0o644)
    with pytest.raises(Unavailable, match="chmod 600"):
        await verify_key(keyed, made.key.id)


async def test_a_secret_is_of_no_use_in_another_row(keyed: Context) -> None:
    one, other = await services.access_keys.create(keyed, "ben"), await services.access_keys.create(keyed, "ben")
    k = access_keys.c
    async with keyed.database.write(keyed.now()) as unit:
        sealed = await unit.scalar(sa.select(k.secret).where(k.id == one.key.id))
        await unit.run(sa.update(access_keys).where(k.id == other.key.id).values(secret=sealed))
    with pytest.raises(Unavailable, match="cannot be decrypted"):
        await verify_key(keyed, other.key.id)


async def test_keys_are_for_whoever_may(keyed: Context, make_context: Callable[..., Context]) -> None:
    ben = keyed.acting_as(replace(keyed.caller, name="ben", arn=keyed.names.user("ben"), bound=True))
    with pytest.raises(AccessDenied, match="iam:CreateAccessKey on resource: arn:aws:iam::111122223333:user/ben"):
        await services.access_keys.create(ben, "ben")
    made = await services.access_keys.create(keyed, "ben")
    with pytest.raises(AccessDenied, match="iam:DeleteAccessKey"):
        await services.access_keys.delete(ben, made.key.id)
    assert await verify_key(keyed, made.key.id) is not None


def test_of_two_that_make_the_key_at_once_both_get_the_same(tmp_path: Path) -> None:
    one, other = make_key(tmp_path / "k"), make_key(tmp_path / "k")
    assert one.fingerprint == other.fingerprint
    assert os.listdir(tmp_path) == ["k"]
    read = read_key(tmp_path / "k")
    assert read is not None
    assert read.open(one.seal("ä secret", "x"), "x") == "ä secret"
    assert one.seal("a", "x") != one.seal("a", "x")
