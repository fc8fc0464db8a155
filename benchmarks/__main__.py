"""`python -m benchmarks [NAME…]`: run the benchmarks and write their figures into `benchmarks/RESULTS.md`."""

from __future__ import annotations

import compileall
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.figures import Figure, Sheet, machine, sheet_table, table

ALL = {
    "startup": "Starting up",
    "timers": "Timers",
    "intake": "Intake",
    "wire": "The wire",
    "screen": "The screen",
    "oncall": "On-call schedules",
}
PACKAGES = ("imtui", "screens", "widgets", "storage", "benchmarks")
RESULTS = Path(__file__).with_name("RESULTS.md")


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; the exit status says whether every limit was kept."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    for package in PACKAGES:  # as an installed program is, also where Python may write nothing while it runs
        compileall.compile_dir(Path(__file__).parents[1] / package, quiet=1)
    parts = ["# Results", "", f"{machine()}; {datetime.now(UTC):%Y-%m-%d}.", ""]
    everything: list[Figure] = []
    for name in names or list(ALL):
        print(f"{ALL[name]} …", file=sys.stderr)
        found: list[Figure | Sheet] = import_module(f"benchmarks.{name}").run()
        figures = [one for one in found if isinstance(one, Figure)]
        everything += figures
        parts += [f"## {ALL[name]}", "", f"`{figures[0].command}`", "", table(figures), ""]
        for sheet in (one for one in found if isinstance(one, Sheet)):
            parts += [sheet_table(sheet), ""]
    text = "\n".join(parts)
    print(text)
    if not names:
        RESULTS.write_text(text, encoding="utf-8")
    return 0 if all(figure.kept for figure in everything) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
