"""The configuration file, the environment and the folders of the operating system, in one small place."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from imtui.domain.arns import Names
from imtui.domain.errors import ValidationFailed
from imtui.domain.user import check_user


@dataclass(frozen=True)
class Config:
    """What the configuration file says. Unknown sections are refused, so that a typing error is seen.

    `sections` holds the sections as they stand: `imtui.channels` gives meaning to those of channels (`email`, `sms`,
    `voice`, `chat`, `topic`, `heartbeat`). `keys` maps action ids to remapped keys. `ascii` is None where the locale
    decides. `key_file` holds the key that secrets in the database are encrypted with; None where the environment or
    the data folder names it.
    """

    path: Path | None = None
    names: Names = field(default_factory=Names)
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    theme: str = ""
    ascii: bool | None = None
    mouse: bool = False
    key_file: str | None = None

    @property
    def audit_days(self) -> int:
        """For how many days audit records are kept."""
        return int(self.section("audit").get("days", AUDIT_DAYS))

    def section(self, name: str) -> Mapping[str, Any]:
        """One section, empty when it is not configured."""
        return self.sections.get(name, {})


MAX_BYTES = 1024 * 1024
_MOST_SECRET = 4096
THEMES = ("", "auto", "dark", "light", "16")
_SECONDS = ("timeout", "seconds")
_SECTIONS = frozenset({"email", "sms", "voice", "chat", "topic", "heartbeat", "audit"})
_TABLES = _SECTIONS | {"keys", "secrets"}
AUDIT_DAYS = 90
"""How long audit records are kept unless `[audit] days` says otherwise."""


def load_config(path: str | None = None) -> Config:
    """Read the file that `--config`, `IMTUI_CONFIG` or the XDG folder names; a missing default file is no error.

    Raises ValidationFailed with the file's name and what is wrong.
    """
    named = path or os.environ.get("IMTUI_CONFIG")
    file = expanded(named) if named else _xdg("XDG_CONFIG_HOME", ".config") / "imtui" / "config.toml"
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        if not named:
            return Config()
        raise ValidationFailed(f"configuration {file}: {error.strerror}") from None
    except OSError as error:
        raise ValidationFailed(f"configuration {file}: {error.strerror or error}") from None
    if len(data) > MAX_BYTES:
        raise ValidationFailed(f"configuration {file}: more than {MAX_BYTES // 1024 // 1024} MiB")
    import tomllib

    try:
        return _checked(file, tomllib.loads(data.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise ValidationFailed(f"configuration {file}: not encoded in UTF-8") from None
    except RecursionError:
        raise ValidationFailed(f"configuration {file}: nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise ValidationFailed(f"configuration {file}: {error}") from None
    except ValueError:
        raise ValidationFailed(f"configuration {file}: a number or a date in it is beyond all bounds") from None


def _checked(file: Path, data: Mapping[str, Any]) -> Config:
    unknown = set(data) - _TABLES - {"account", "region", "theme", "ascii", "mouse"}
    if unknown:
        raise ValidationFailed(f"configuration {file}: unknown {', '.join(sorted(unknown))}")
    for name in sorted(_TABLES & set(data)):
        if not isinstance(data[name], dict):
            raise ValidationFailed(f"configuration {file}: [{name}] is not a section")
        for key, value in data[name].items():
            try:
                _check_setting(name, key, value)
            except ValidationFailed as error:
                raise ValidationFailed(f"configuration {file}: {error}") from None
        if name in ("sms", "voice", "heartbeat") and "url" in data[name]:
            web_address(data[name], f"configuration {file}: [{name}]", "url")
    theme = data.get("theme", "")
    if theme not in THEMES:
        raise ValidationFailed(f'configuration {file}: theme must be "auto", "dark", "light" or "16"')
    for name in ("ascii", "mouse"):
        if not isinstance(data.get(name, False), bool):
            raise ValidationFailed(f"configuration {file}: {name} must be true or false")
    account, region = data.get("account", Names().account), data.get("region", Names().region)
    if not (isinstance(account, str) and len(account) == 12 and account.isascii() and account.isdigit()):
        raise ValidationFailed(f'configuration {file}: account must be a string of 12 digits, such as "111122223333"')
    if not (isinstance(region, str) and region and region.isascii() and all(c.isalnum() or c == "-" for c in region)):
        raise ValidationFailed(f"configuration {file}: region must be a name such as zz-local-1")
    return Config(
        path=file,
        names=Names(account, region),
        sections={name: data[name] for name in _SECTIONS if name in data},
        keys=dict(data.get("keys", {})),
        theme=theme,
        ascii=data.get("ascii"),
        mouse=data.get("mouse", False),
        key_file=data.get("secrets", {}).get("key_file"),
    )


def _check_setting(section: str, name: str, value: Any) -> None:
    """A setting of the right kind; what it means is for those who use it."""
    if section in ("chat", "topic"):
        if not isinstance(value, dict):
            raise ValidationFailed(f"[{section}] {name} is not a section: write [{section}.{name}]")
        for key, inner in value.items():
            if isinstance(inner, (dict, list)):
                raise ValidationFailed(f"[{section}.{name}] {key} must be a text")
    elif section == "audit":
        if name != "days" or isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 36_500:
            raise ValidationFailed("[audit] takes days = a whole number from 1 to 36500")
    elif name in _SECONDS:
        seconds({name: value}, f"[{section}]", name, 1.0)
    elif not isinstance(value, str):
        raise ValidationFailed(f"[{section}] {name} must be a text")
    elif section == "secrets" and (name != "key_file" or not value):
        raise ValidationFailed(f"[secrets] {name}: there is key_file alone, the path of a file")


def seconds(section: Mapping[str, Any], where: str, name: str, default: float) -> float:
    """A number of seconds, or the default; raises ValidationFailed, which begins with `where`."""
    value = section.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValidationFailed(f"{where} {name} must be a number of seconds")
    if not 0.1 <= value <= 86_400:
        raise ValidationFailed(f"{where} {name}: from 0.1 to 86400 seconds")
    return float(value)


def web_address(section: Mapping[str, Any], where: str, name: str) -> str:
    """A setting that is the address of a web server; raises ValidationFailed, which begins with `where`."""
    value = section.get(name, "")
    problem = f"{where} {name} must start with http:// or https:// and name a host"
    try:
        url = urlsplit(value if isinstance(value, str) else "")
        usable = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        raise ValidationFailed(problem) from None
    if not usable or not value.isascii() or not value.isprintable() or " " in value:
        raise ValidationFailed(problem)
    return str(value)


def secret(section: Mapping[str, Any], name: str) -> str | None:
    """A secret that a section gives as `NAME_env` (an environment variable) or `NAME_file`; never in the clear."""
    if variable := section.get(f"{name}_env"):
        value = os.environ.get(str(variable))
        if value is None:
            raise ValidationFailed(f"configuration: {name}_env names {variable}, which is not set")
        return _printable(value, f"{name}_env")
    if path := section.get(f"{name}_file"):
        try:
            with expanded(str(path)).open("rb") as stream:
                data = stream.read(_MOST_SECRET + 1)
        except OSError as error:
            raise ValidationFailed(f"configuration: {name}_file: {path}: {error.strerror or error}") from None
        return _printable(data[: _MOST_SECRET + 1].decode("utf-8", "replace").strip(), f"{name}_file")
    return None


def _printable(value: str, where: str) -> str:
    """A secret travels in headers and commands, where a line end would begin the next one."""
    if not value.isprintable() or not 1 <= len(value) <= _MOST_SECRET or "\ufffd" in value:
        raise ValidationFailed(f"configuration: {where}: the secret must be one line of text")
    return value


def expanded(path: str) -> Path:
    """A path with `~` and `~name` filled in; raises ValidationFailed where nobody of that name has a home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ValidationFailed(f"{path[:200]}: the home folder is not known, write the whole path") from None


def _xdg(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable)
    return Path(value) if value and os.path.isabs(value) else expanded("~") / fallback


def database_location(given: str | None = None) -> str:
    """The path or URL that `--db`, `IMTUI_DB` or the XDG data folder names."""
    named = given or os.environ.get("IMTUI_DB")
    if named and named.startswith("~"):
        return str(expanded(named))
    return named or str(_xdg("XDG_DATA_HOME", ".local/share") / "imtui" / "imtui.db")


def key_file(config: Config) -> Path:
    """The file with the key of encryption that `IMTUI_KEY_FILE`, the configuration or the XDG data folder names."""
    named = os.environ.get("IMTUI_KEY_FILE") or config.key_file
    return expanded(named) if named else _xdg("XDG_DATA_HOME", ".local/share") / "imtui" / "imtui.key"


def state_folder() -> Path:
    """Where the program keeps what belongs to this person on this machine: command history, window state."""
    return _xdg("XDG_STATE_HOME", ".local/state") / "imtui"


def login_name() -> str:
    """The name the operating system knows the caller by."""
    import getpass

    try:
        return "".join(c for c in getpass.getuser() if c.isprintable()) or f"uid-{os.getuid()}"
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def here() -> str:
    """Where whoever sits at this terminal comes from: their network address over SSH, else the name of the machine."""
    import socket

    over_ssh = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return "".join(c for c in over_ssh or socket.gethostname() if c.isprintable())[:255]


def user_name(given: str | None = None) -> str:
    """The alias that `--as`, `IMTUI_USER` or the login name gives; raises ValidationFailed for one that is none."""
    named = given or os.environ.get("IMTUI_USER")
    return check_user(named) if named else login_name()
