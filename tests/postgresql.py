"""A throw-away PostgreSQL server for the tests, on a socket in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_USERS = ("postgres", "nobody")
_ROOM = 2**30


@dataclass
class Server:
    """A running server; `new_database` makes a database and gives its URL."""

    process: subprocess.Popen[bytes]
    folder: Path
    count: int = 0

    def new_database(self, like: str | None = None) -> str:
        """The URL of a fresh database: empty, or a copy of another that nobody is connected to."""
        self.count += 1
        name = f"test_{self.count}"
        self._query(f"CREATE DATABASE {name}" + (f" TEMPLATE {_name(like)}" if like else ""))
        return f"postgresql://imtui@/{name}?host={self.folder}"

    def cut(self, url: str) -> None:
        """End every connection to a database, as a restart of the server does."""
        self._query(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name(url)}'")

    def drop(self, url: str) -> None:
        """Make room: whoever is connected is cut off."""
        self._query(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server at once."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ready(self) -> bool:
        """Whether it takes connections."""
        try:
            self._query("SELECT 1")
        except subprocess.CalledProcessError:
            return False
        return True

    def _query(self, statement: str) -> None:
        command = ["psql", "-h", str(self.folder), "-U", "imtui", "-d", "postgres", "-qAtc", statement]
        subprocess.run(command, check=True, capture_output=True)


def start_server(folder: Path) -> Server | None:
    """Start a server, as an unprivileged user when this is root; None where its programs are not installed."""
    binaries = _binaries()
    if binaries is None or shutil.which("psql") is None:
        return None
    run_as = _user() if os.geteuid() == 0 else None
    home = _quick() / f"imtui-pg-{os.getpid()}" if len(str(folder)) > 80 or run_as else folder
    home.mkdir(parents=True, exist_ok=True)
    data = home / "data"
    data.mkdir(exist_ok=True)
    if run_as is not None:
        os.chown(home, run_as, -1)
        os.chown(data, run_as, -1)
    data.chmod(0o700)
    subprocess.run(
        [
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "imtui",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        user=run_as,
        cwd=home,
    )
    settings = {"listen_addresses": "", "unix_socket_directories": str(home), "max_connections": "60"}
    settings |= dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit", "autovacuum"), "off")
    command = [str(binaries / "postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=run_as, cwd=home, start_new_session=True
    )
    server = Server(process, home)
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError("the PostgreSQL server of the tests ended at once")
        if server.ready():
            return server
        time.sleep(0.05)
    server.stop()
    raise RuntimeError("the PostgreSQL server of the tests did not start within 10 seconds")


def _quick() -> Path:
    """A folder in memory where there is one with room: what the tests keep is gone with them."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM:
        return memory
    return Path("/tmp")


def _name(url: str) -> str:
    return url.rpartition("@/")[2].partition("?")[0]


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    if found and shutil.which("postgres"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _user() -> int:
    for name in _USERS:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no user 'postgres' or 'nobody'")
