"""The configuration file, the environment and the folders of the operating system, in one small place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imtui.domain.arns import Names
from imtui.domain.errors import ValidationFailed


@dataclass(frozen=True)
class Config:
    """What the configuration file says. Unknown sections are refused, so that a typing error is seen.

    `sections` holds the channel sections as they stand (`email`, `sms`, `voice`, `chat`, `topic`, `heartbeat`):
    `imtui.channels` gives them meaning. `keys` maps action ids to remapped keys.
    """

    path: Path | None = None
    names: Names = field(default_factory=Names)
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    theme: str = ""

    def section(self, name: str) -> Mapping[str, Any]:
        """One section, empty when it is not configured."""
        return self.sections.get(name, {})


_SECTIONS = frozenset({"email", "sms", "voice", "chat", "topic", "heartbeat"})


def load_config(path: str | None = None) -> Config:
    """Read the file that `--config`, `IMTUI_CONFIG` or the XDG folder names; a missing default file is no error.

    Raises ValidationFailed with the file's name and what is wrong.
    """
    named = path or os.environ.get("IMTUI_CONFIG")
    file = Path(named).expanduser() if named else _xdg("XDG_CONFIG_HOME", ".config") / "imtui" / "config.toml"
    if not named and not file.exists():
        return Config()
    import tomllib

    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValidationFailed(f"configuration {file}: {error}") from None
    return _checked(file, data)


def _checked(file: Path, data: Mapping[str, Any]) -> Config:
    unknown = set(data) - _SECTIONS - {"account", "region", "keys", "theme"}
    if unknown:
        raise ValidationFailed(f"configuration {file}: unknown {', '.join(sorted(unknown))}")
    for name in (_SECTIONS | {"keys"}) & set(data):
        if not isinstance(data[name], dict):
            raise ValidationFailed(f"configuration {file}: [{name}] is not a section")
    account, region = data.get("account", Names().account), data.get("region", Names().region)
    if not (isinstance(account, str) and len(account) == 12 and account.isascii() and account.isdigit()):
        raise ValidationFailed(f'configuration {file}: account must be a string of 12 digits, such as "111122223333"')
    if not (isinstance(region, str) and region and all(c.isalnum() or c == "-" for c in region)):
        raise ValidationFailed(f"configuration {file}: region must be a name such as zz-local-1")
    return Config(
        path=file,
        names=Names(account, region),
        sections={name: data[name] for name in _SECTIONS if name in data},
        keys={str(key): str(value) for key, value in data.get("keys", {}).items()},
        theme=str(data.get("theme", "")),
    )


def secret(section: Mapping[str, Any], name: str) -> str | None:
    """A secret that a section gives as `NAME_env` (an environment variable) or `NAME_file`; never in the clear."""
    if variable := section.get(f"{name}_env"):
        value = os.environ.get(str(variable))
        if value is None:
            raise ValidationFailed(f"configuration: {name}_env names {variable}, which is not set")
        return value
    if path := section.get(f"{name}_file"):
        try:
            return Path(str(path)).expanduser().read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValidationFailed(f"configuration: {name}_file: {error}") from None
    return None


def _xdg(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable)
    return Path(value) if value and os.path.isabs(value) else Path.home() / fallback


def database_location(given: str | None = None) -> str:
    """The path or URL that `--db`, `IMTUI_DB` or the XDG data folder names."""
    return given or os.environ.get("IMTUI_DB") or str(_xdg("XDG_DATA_HOME", ".local/share") / "imtui" / "imtui.db")


def state_folder() -> Path:
    """Where the program keeps what belongs to this person on this machine: command history, window state."""
    return _xdg("XDG_STATE_HOME", ".local/state") / "imtui"


def login_name() -> str:
    """The name the operating system knows the caller by."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def user_name(given: str | None = None) -> str:
    """The alias that `--as`, `IMTUI_USER` or the login name gives."""
    return given or os.environ.get("IMTUI_USER") or login_name()
