"""The program's colours: few, and each with a meaning. Nothing is said by colour alone, every word has a contrast of at
least 4.5, and there is a set for terminals of each kind, because rounding one set to fewer colours makes mud of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from rich.color import ColorSystem
from textual.theme import Theme

_DARK = Theme(
    name="imtui-dark",
    primary="#7aa2f7",
    secondary="#9aa5ce",
    accent="#7dcfff",
    foreground="#c8d0e8",
    background="#14161f",
    surface="#1b1e2a",
    panel="#242837",
    success="#8fd6a0",
    warning="#e8c26e",
    error="#ff8f8f",
    dark=True,
    variables={"beneath": "#7f869d", "field": "#30354a", "alarm": "#3a1d24", "choice": "#2e3650", "marked": "#3d4a75"},
)

_LIGHT = Theme(
    name="imtui-light",
    primary="#2450b8",
    secondary="#4a5270",
    accent="#005f87",
    foreground="#1f2433",
    background="#fbfbfd",
    surface="#f0f1f6",
    panel="#e2e4ee",
    success="#1d6b35",
    warning="#7a5200",
    error="#b01e1e",
    dark=False,
    variables={"beneath": "#666c82", "field": "#d6d9e8", "alarm": "#f7dede", "choice": "#d3dcf3", "marked": "#b9c9f0"},
)

_DARK_256 = replace(
    _DARK,
    name="imtui-dark-256",
    primary="#87afff",
    secondary="#afafaf",
    foreground="#d7d7d7",
    background="#121212",
    surface="#1c1c1c",
    panel="#303030",
    success="#87d787",
    warning="#d7af5f",
    error="#ff8787",
    variables={"beneath": "#808080", "field": "#3a3a3a", "alarm": "#5f0000", "choice": "#3a3a3a", "marked": "#00005f"},
)

_LIGHT_256 = replace(
    _LIGHT,
    name="imtui-light-256",
    primary="#005faf",
    secondary="#4e4e4e",
    foreground="#1c1c1c",
    background="#ffffff",
    surface="#f5f5f5",
    panel="#eeeeee",
    success="#005f00",
    warning="#875f00",
    error="#af0000",
    variables={"beneath": "#6c6c6c", "field": "#e0e0e0", "alarm": "#ffd7d7", "choice": "#d7d7ff", "marked": "#afd7ff"},
)

# The sixteen are named by the values rich rounds to, so that what is meant is what the terminal is told.
_DARK_16 = Theme(
    name="imtui-dark-16",
    primary="#ffffff",
    secondary="#aaaaaa",
    accent="#ffffff",
    foreground="#aaaaaa",
    background="#000000",
    surface="#000000",
    panel="#000000",
    success="#55ff55",
    warning="#ffff55",
    error="#ff5555",
    dark=True,
    variables={"beneath": "#aaaaaa", "field": "#0000aa", "alarm": "#aa0000", "choice": "#0000aa", "marked": "#00aaaa"},
)

_LIGHT_16 = Theme(
    name="imtui-light-16",
    primary="#0000aa",
    secondary="#000000",
    accent="#0000aa",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#ffffff",
    success="#0000aa",
    warning="#aa00aa",
    error="#aa0000",
    dark=False,
    variables={"beneath": "#000000", "field": "#aaaaaa", "alarm": "#aa0000", "choice": "#aaaaaa", "marked": "#55ffff"},
)

_ROTATIONS = {
    "imtui-dark": "#7aa2f7 #a5d977 #ff9e64 #d7a4f5 #5fd7c4 #f7a1c4 #cdb083 #b4bdd6",
    "imtui-light": "#2450b8 #2b6b1f #954800 #7430a3 #00666b #a01f66 #665112 #4a5270",
    "imtui-dark-256": "#87afff #87d75f #ff875f #d787ff #5fd7d7 #ff87d7 #d7af87 #afafaf",
    "imtui-light-256": "#005faf #005f00 #af5f00 #8700af #005f5f #af005f #5f5f00 #4e4e4e",
    "imtui-dark-16": "#55ffff #55ff55 #ff55ff #ffffff #00aaaa #00aa00 #aaaaaa #ffff55",
    "imtui-light-16": "#0000aa #aa5500 #5555ff #aa00aa #555555 #aa0000 #000000 #0000aa",
}
"""The rotations of a calendar, A to H, by themes. They have letters, too: sixteen colours are too few for eight."""


def _whole(theme: Theme) -> Theme:
    """The theme with what Textual's own widgets would else blend: blends are neither legible nor among few colours."""
    few = theme.name.endswith("-16")
    own = theme.variables
    front, back, primary = str(theme.foreground), str(theme.background), str(theme.primary)
    variables = {
        "text-muted": str(theme.secondary),
        "text-disabled": str(theme.secondary),
        "foreground-muted": str(theme.secondary),
        "foreground-disabled": str(theme.secondary),
        "text-success": str(theme.success),
        "text-warning": str(theme.warning),
        "text-error": str(theme.error),
        "button-foreground": front,
        "button-color-foreground": front,
        "block-cursor-foreground": front if few else back,
        "block-cursor-background": own["choice"] if few else primary,
        "block-cursor-text-style": "bold underline" if few else "bold",
        "block-cursor-blurred-foreground": front,
        "block-cursor-blurred-background": own["choice"],
        "block-cursor-blurred-text-style": "bold underline" if few else "bold",
        "button-focus-text-style": "bold",
        "input-cursor-foreground": back,
        "input-cursor-background": front,
        "input-selection-foreground": "#000000" if few else front,
        "input-selection-background": own["marked"],
        "border": primary,
        "border-blurred": str(theme.secondary),
        "scrollbar-background": own["field"] if few else str(theme.surface),
        "scrollbar": front if few else own["beneath"],
        "scrollbar-hover": front if few else own["beneath"],
        "scrollbar-active": front if few else own["beneath"],
        "scrollbar-corner-color": str(theme.surface),
        **{
            f"rotation-{letter}": color
            for letter, color in zip("abcdefgh", _ROTATIONS[theme.name].split(), strict=True)
        },
    }
    return replace(theme, variables={**variables, **own})


DARK, LIGHT, DARK_256, LIGHT_256, DARK_16, LIGHT_16 = THEMES = tuple(
    _whole(theme) for theme in (_DARK, _LIGHT, _DARK_256, _LIGHT_256, _DARK_16, _LIGHT_16)
)

FEW = "-few"
"""The class of the program where colours are few or none: there cursor, focus and borders are drawn by other means."""

CSS = """
Toast { width: auto; max-width: 70; background: $panel; color: $foreground; padding: 0 1; }
ToastRack { align-horizontal: right; }
SelectCurrent Static#label, SelectCurrent .arrow { color: $secondary; }
SelectCurrent.-has-value Static#label { color: $foreground; }
SelectOverlay { background: $panel; color: $foreground; }
Input > .input--placeholder, Input > .input--suggestion { color: $secondary; }
TextArea .text-area--cursor { color: $input-cursor-foreground; background: $input-cursor-background; }
TextArea .text-area--selection { color: $input-selection-foreground; background: $input-selection-background; }
Button.-style-default { background: $field; color: $foreground; }
Button.-style-default:focus { background: $foreground; color: $background; background-tint: transparent; }
Input:focus, TextArea:focus, Select:focus > SelectCurrent, OptionList:focus { background-tint: transparent; }

.-few #title, .-few #keys { background: #0000aa; color: #aaaaaa; }
.-few #title .line--strong, .-few #keys .line--strong { color: #ffffff; }
.-few #title .line--dim, .-few #keys .line--dim { color: #aaaaaa; }
.-few #title .line--warn, .-few #keys .line--warn { color: #ffff55; }
.-few AlarmLine { background: #aa0000; color: #ffffff; }
.-few Line .line--loud, .-few AlarmLine .line--strong { background: #aa0000; color: #ffffff; }
.-few Line .line--on { text-style: bold reverse; }
.-few VirtualTable .table--head { text-style: bold underline; }
.-few VirtualTable .table--cursor { text-style: bold reverse; }
.-few VirtualTable .table--cursor-blurred { text-style: underline; }
.-few VirtualList .list--loud { background: #aa0000; color: #ffffff; }
.-few VirtualList .list--warn { text-style: bold; }
.-few VirtualTiles .list--title { text-style: bold reverse; }
.-few Entries .entries--chosen { text-style: reverse; }
.-few Calendar .calendar--head, .-few Calendar .calendar--warn { text-style: bold; }
.-few Calendar .calendar--cursor { text-style: bold reverse; }
.-few Calendar .calendar--chosen, .-few Calendar .calendar--here { text-style: underline; }
.-few Confirm > Vertical, .-few Reader > Vertical, .-few Form > Vertical,
.-few Palette > Vertical, .-few Chooser > Vertical, .-few Replay > Vertical
    { border: solid $foreground; padding: 0 1; }
.-few DetailsScreen #notes { border-left: solid $foreground; }
.-few DetailsScreen #notes.-alone { border: none; }
.-few Prompt > Vertical, .-few Prompt Input { background: $background; }
.-few Button.-style-default { text-style: bold underline; background: $background; }
.-few Button.-style-default:focus { text-style: bold; background: $foreground; }
.-few Input, .-few TextArea, .-few SelectCurrent { background: $field; color: $foreground; }
.-few SelectCurrent Static#label, .-few SelectCurrent .arrow { color: $foreground; }
.-few Select:focus > SelectCurrent Static#label { text-style: bold reverse; }
.-few SelectOverlay { border: solid $foreground; }
.-few Toast { border: solid $foreground; background: $background; }
.-few .error { text-style: bold; }

App.-few:nocolor Button.-style-default:focus { text-style: bold reverse; }
App.-few:nocolor Input, App.-few:nocolor TextArea, App.-few:nocolor SelectCurrent Static#label
    { text-style: underline; }
App.-few:nocolor Select:focus > SelectCurrent Static#label { text-style: bold reverse; }
App.-few:nocolor .input--cursor, App.-few:nocolor .text-area--cursor { text-style: reverse; }
App.-few:nocolor .input--selection, App.-few:nocolor .text-area--selection { text-style: bold reverse; }
App.-few:nocolor AlarmLine .line--loud, App.-few:nocolor VirtualList .list--loud { text-style: bold underline; }
"""
"""What all screens have in common; the second part is for few colours, the third for none."""


class Look(NamedTuple):
    """How the program looks: the name of its theme, the colours the terminal is told, whether it is told none at all
    (`plain`), and whether every character is one of ASCII's."""

    theme: str
    colors: ColorSystem | None = ColorSystem.TRUECOLOR
    plain: bool = False
    ascii: bool = False

    @property
    def few(self) -> bool:
        """Whether colours cannot carry what they carry elsewhere."""
        return self.theme.endswith("-16")


_DEPTHS = {ColorSystem.STANDARD: "-16", ColorSystem.WINDOWS: "-16", ColorSystem.EIGHT_BIT: "-256"}


def look(asked: str, colors: ColorSystem | None, environment: Mapping[str, str], *, in_ascii: bool = False) -> Look:
    """How to look on a terminal that can show these colours. `asked` is the configuration's theme: empty or `auto`,
    `dark`, `light`, or `16` for the terminal's own sixteen colours although it has more."""
    plain = bool(environment.get("NO_COLOR"))
    if asked == "16" or plain:
        colors = ColorSystem.STANDARD
    depth = _DEPTHS.get(colors, "") if colors is not None else ""
    light = asked == "light" or (asked != "dark" and depth == "-16" and _is_light(environment.get("COLORFGBG", "")))
    return Look(f"imtui-{'light' if light else 'dark'}{depth}", colors, plain, in_ascii)


def _is_light(foreground_background: str) -> bool:
    """Whether a terminal that tells its colours as `0;15` has a light background."""
    background = foreground_background.rpartition(";")[2]
    return background.isdigit() and int(background) in (7, *range(9, 16))
