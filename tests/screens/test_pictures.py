"""Pictures of every screen and dialog, at the size of a small terminal and of a large one, in each of its looks.

After a change that is meant: `pytest tests/screens/test_pictures.py --all --snapshot-update`, then look at what is
different in `tests/screens/__snapshots__`, in a browser.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.color import ColorSystem

from tests.screens import scenes
from widgets.theme import look

LOOKS = {
    "dark": look("dark", ColorSystem.TRUECOLOR, {}),
    "light": look("light", ColorSystem.TRUECOLOR, {}),
    "16": look("dark", ColorSystem.STANDARD, {}),
    "ascii": look("", ColorSystem.STANDARD, {"NO_COLOR": "1"}, in_ascii=True),
}

KEPT = Path(__file__).parent / "__snapshots__"

SIZES = [(80, 24), (120, 36)]


def kept(scene: str, name: str, size: tuple[int, int]) -> Path:
    """The file of a picture."""
    return KEPT / f"{size[0]}x{size[1]}" / f"{scene}.{name}.svg"


@pytest.mark.parametrize(
    ("names", "size"),
    [
        pytest.param(("dark",), SIZES[0], marks=pytest.mark.slow),
        pytest.param(("dark",), SIZES[1], marks=pytest.mark.slow),
        *(pytest.param(("light", "16", "ascii"), size, marks=pytest.mark.slow) for size in SIZES),
    ],
    ids=["dark-80x24", "dark-120x36", "others-80x24", "others-120x36"],
)
@pytest.mark.timeout(300)
async def test_picture(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    names: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    """One program goes through all scenes and is dressed anew for each picture; all that differ are told at the end,
    and stand in a page beside those that were kept."""
    update = request.config.getoption("--snapshot-update")
    path = str(tmp_path / "imtui.db")
    await scenes.prepare(path)
    app = scenes.program(path, monkeypatch)
    different: dict[str, tuple[str, str]] = {}
    async with app.run_test(size=size, notifications=True) as pilot:
        async for scene in scenes.each(pilot, scenes.SCENES):
            for name in names:
                app.dress(LOOKS[name])
                app.refresh_css(animate=False)
                await pilot.pause()
                found = same_everywhere(app.export_screenshot(simplify=True))
                file = kept(scene, name, size)
                before = file.read_text("utf-8") if file.exists() else ""
                if update:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(found, "utf-8")
                elif found != before:
                    different[f"{scene}.{name}"] = before, found
    if different:
        report = tmp_path / "report.html"
        report.write_text(page(different), "utf-8")
        pytest.fail(f"{len(different)} look different, or are new: {', '.join(different)}\nsee file://{report}")


def test_no_picture_is_kept_of_what_is_not_there_any_more() -> None:
    wanted = {kept(scene, name, size) for scene in scenes.SCENES for name in LOOKS for size in SIZES}
    folders = [KEPT / f"{columns}x{rows}" for columns, rows in SIZES]
    assert {file for folder in folders for file in folder.iterdir()} == wanted


def same_everywhere(svg: str) -> str:
    """Without the number that each picture gets for itself."""
    return re.sub(r"\bterminal-\d+-", "terminal-", svg)


def page(different: dict[str, tuple[str, str]]) -> str:
    """Each picture as it was and as it is."""
    rows = (
        f"<h2>{name}</h2>"
        + "".join(
            # each has styles of its own for the same names
            f"<span style='display:inline-block;width:49%'>{svg.replace('terminal-', f'{name}-{which}-')}</span>"
            for which, svg in enumerate(pair)
        )
        for name, pair in different.items()
    )
    return f"<!doctype html><meta charset=utf-8><title>Pictures: before and now</title>{''.join(rows)}"
