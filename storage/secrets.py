"""Encryption at rest: secrets in the database can be read with a key that is not in it.

AES-256-GCM. What a secret is for is authenticated with it, so that one row's secret is of no use in another's. The key
is a file of one line that only its owner can read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from imtui.domain.errors import Unavailable

_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"
_MOST = 1024


class Key:
    """A key of encryption. `fingerprint` tells it from others and nothing of it."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.fingerprint = hashlib.sha256(b"imtui key" + key).hexdigest()[:16]

    def seal(self, text: str, about: str) -> str:
        """Encrypt a text; `about` says what it is for, and must be said again to open it."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._key).encrypt(nonce, text.encode(), about.encode())
        return base64.b64encode(_VERSION + nonce + sealed).decode()

    def open(self, sealed: str, about: str) -> str:
        """The text that was encrypted; raises Unavailable when it was with another key, or was altered."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            data = base64.b64decode(sealed, validate=True)
            if data[:1] != _VERSION:
                raise ValueError(data[:1])
            begin = len(_VERSION) + _NONCE_BYTES
            return AESGCM(self._key).decrypt(data[len(_VERSION) : begin], data[begin:], about.encode()).decode()
        except (binascii.Error, ValueError, InvalidTag):
            raise Unavailable(
                f"the secret of {about} cannot be decrypted: it was altered, or the key file is not the one it was "
                "encrypted with; put that file back"
            ) from None


def read_key(path: Path) -> Key | None:
    """The key in a file; None where there is none. Raises Unavailable for a file that cannot be used."""
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(_MOST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unavailable(f"the key file {path} cannot be read ({error.strerror or error})") from None
    if mode & stat.S_IRWXO:
        raise Unavailable(f"the key file {path} can be read by everybody on this machine: chmod 600 it")
    try:
        key = base64.b64decode(data.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise Unavailable(f"{path} is not a key file: put back the one that imtui made")
    return Key(key)


def make_key(path: Path) -> Key:
    """A new key in a new file; of two programs that make it at once, both get the same. Raises Unavailable."""
    line = base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n"
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
        descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, stat.S_IRUSR | stat.S_IWUSR)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
            with suppress(FileExistsError):
                os.link(beside, path)
        finally:
            beside.unlink()
    except OSError as error:
        raise Unavailable(f"the key file {path} cannot be made ({error.strerror or error})") from None
    made = read_key(path)
    if made is None:
        raise Unavailable(f"the key file {path} is gone again: nothing was encrypted")
    return made
