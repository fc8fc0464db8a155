#!/usr/bin/env python3
"""One command from a fresh clone: set everything up in `.venv`, then run the program or its tests.

    python3 bootstrap.py run [ARGUMENTS…]     imtui, for example `run demo`
    python3 bootstrap.py test [ARGUMENTS…]    its tests, with pytest's arguments

Needs Python 3.11 or newer and the package index, nothing else. A second run finds all in place and starts at once.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("imtui needs Python 3.11 or newer; this is " + sys.version.split()[0])

import compileall
import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
PACKAGES = ("imtui", "screens", "widgets", "storage")
LOCKS = {"run": "requirements.lock", "test": "requirements-dev.lock"}


def main(arguments: list[str]) -> int:
    """Set up what the task needs and become its program."""
    if not arguments or arguments[0] not in LOCKS:
        print(__doc__.strip(), file=sys.stderr)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    task, rest = arguments[0], arguments[1:]
    try:
        set_up(task)
    except subprocess.CalledProcessError as error:
        return failed(f"`{' '.join(map(str, error.cmd[:6]))} …` ended with status {error.returncode}")
    except OSError as error:
        return failed(str(error))
    program = [ENVIRONMENT / "bin" / "imtui"] if task == "run" else [PYTHON, "-m", "pytest"]
    if task == "test":
        os.chdir(ROOT)
        rest = rest if "-n" in rest else ["-n", "auto", *rest]
    command = [str(part) for part in program] + rest
    os.execv(command[0], command)


def set_up(task: str) -> None:
    """Make the environment of this task, unless it stands; two at once wait for each other."""
    if complete(task):
        return
    ROOT.joinpath(".venv").mkdir(exist_ok=True)
    with (ENVIRONMENT / ".setting-up").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if complete(task):
            return
        say("setting up in .venv, once …")
        if not usable():
            make_environment()
        install(ROOT / LOCKS[task])
        link()
        say("compiling …")
        for folder in (*(ROOT / name for name in PACKAGES), site_packages()):
            compileall.compile_dir(folder, quiet=2, workers=0)
        if not usable():
            raise OSError("the environment in .venv does not start: delete the folder and try again")
        stamp(task).write_text(fingerprint(task))
        if task == "test":
            stamp("run").write_text(fingerprint("run"))


def complete(task: str) -> bool:
    """Whether the environment stands as the lock file and this interpreter ask for."""
    try:
        return stamp(task).read_text() == fingerprint(task) and PYTHON.exists()
    except OSError:
        return False


def stamp(task: str) -> Path:
    return ENVIRONMENT / f".complete-{task}"


def fingerprint(task: str) -> str:
    """What the environment depends on: the lock, this file, the interpreter, the place."""
    digest = hashlib.sha256()
    for name in (LOCKS[task], "pyproject.toml", "bootstrap.py"):
        digest.update(ROOT.joinpath(name).read_bytes())
    digest.update(f"{sys.version}{ROOT}".encode())
    return digest.hexdigest()


def usable() -> bool:
    """Whether the environment has an interpreter of this version that starts."""
    if not PYTHON.exists():
        return False
    wanted = f"{sys.version_info.major}.{sys.version_info.minor}"
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    found = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False)
    return found.returncode == 0 and found.stdout.strip() == wanted


def make_environment() -> None:
    """An empty environment; pip need not be in it, any pip of this machine serves it."""
    for child in ENVIRONMENT.iterdir():
        if child.name != ".setting-up":
            shutil.rmtree(child) if child.is_dir() and not child.is_symlink() else child.unlink()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ENVIRONMENT], check=True)


def install(lock: Path) -> None:
    """Install exactly what the lock names, by its hashes."""
    if subprocess.run([PYTHON, "-m", "ensurepip", "--default-pip"], capture_output=True, check=False).returncode == 0:
        pip = [PYTHON, "-m", "pip"]
    elif subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
        pip = [sys.executable, "-m", "pip", "--python", PYTHON]
    else:
        raise OSError("this Python has neither ensurepip nor pip: install python3-venv or python3-pip")
    say(f"installing {lock.name} …")
    options = ["install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--no-compile"]
    subprocess.run([*pip, *options, "-r", lock], check=True)


def link() -> None:
    """Make the packages of this checkout importable, and `imtui` a command."""
    site_packages().joinpath("imtui.pth").write_text(f"{ROOT}\n")
    command = ENVIRONMENT / "bin" / "imtui"
    # The shell finds the interpreter: a first line with its path may neither be long nor hold a space.
    command.write_text(
        "#!/bin/sh\n"
        "''':'\n"
        f'exec \'{str(PYTHON).replace(chr(39), chr(39) + chr(92) + chr(39) + chr(39))}\' "$0" "$@"\n'
        "'''\n"
        "import sys\n"
        "from imtui.cli import main\n"
        "sys.exit(main())\n"
    )
    command.chmod(0o755)


def site_packages() -> Path:
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return ENVIRONMENT / "lib" / name / "site-packages"


def say(text: str) -> None:
    print(f"imtui: {text}", file=sys.stderr)


def failed(reason: str) -> int:
    say(f"it could not be set up: {reason}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
