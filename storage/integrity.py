"""Whether the file can be trusted: its content, the file system below it, and the room that is left."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path

from storage.database import BUSY_SECONDS, Database
from storage.files import uri

DAMAGE = "check:file"
"""The alarm's key."""


async def check_integrity(database: Database) -> list[str]:
    """What SQLite's quick check finds wrong with the file, in its own words; empty when all is well."""
    if database.path is None:
        return []

    def check(path: Path) -> list[str]:
        connection = sqlite3.connect(uri(path, "ro"), uri=True, timeout=BUSY_SECONDS)
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(10)")]
        except sqlite3.DatabaseError as error:
            found = [str(error)]
        finally:
            connection.close()
        return [] if found == ["ok"] else found

    return await asyncio.to_thread(check, database.path)


def is_network_file_system(path: Path) -> str | None:
    """The type of the network file system that holds the path, on which SQLite's locks cannot be trusted."""
    known = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs"}
    best, kind = "", None
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    real = os.path.realpath(path)
    for line in mounts:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        if (real == point or real.startswith(point.rstrip("/") + "/")) and len(point) > len(best):
            best, kind = point, fields[2]
    return kind if kind in known else None


LEAST_FREE = 64 * 1024 * 1024
"""Bytes below which a disk is as good as full: the next storm would fill it."""


def short_of_space(database: Database) -> str | None:
    """What to say when little room is left for the file of a database; None while there is enough."""
    if database.path is None:
        return None
    try:
        disk = os.statvfs(database.path)
    except OSError:
        return None  # the file is gone: whoever reads it says so
    free = disk.f_bavail * disk.f_frsize
    if free >= LEAST_FREE:
        return None
    return f"only {free / 1024 / 1024:.1f} MiB are left on the disk of {database.path}: make room before it is full"
