r"""TeX that removes the commands which write files, read the bytes of any file, or run programs.

A command can have several names: its own, and those that expl3 gives it (`\tex_openout:D`). What no package needs is
removed before the first line of the preamble, when only the names of the format exist; what packages need while they
are loaded, behind it. LuaTeX lists all names that there are, so there each is compared by its meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

FIRST: Final = ("openout", "pdffiledump", "filedump", "primitive", "pdfprimitive")
"""Open a file to write; read the bytes of any file; stand for any other command."""
LATER: Final = ("pdfmapfile", "pdfmapline", "pdffilemoddate", "filemoddate", "pdfmdfivesum", "mdfivesum")
"""Name files for fonts; tell when a file was changed, and a checksum of it."""
LUA: Final = (
    "directlua", "latelua", "lateluafunction", "luafunction", "luafunctioncall", "luabytecode", "luabytecodecall",
    "luadef",
)  # fmt: skip
"""Run Lua, which reads and writes what it likes."""
PREFIXES: Final = ("tex", "pdftex", "luatex", "xetex", "etex")
"""What expl3 has begun its names for commands with, in this version or an earlier one."""
COPIES: Final = {"filemoddate": ("__file_timestamp:n",)}
"""Names that the kernel of LaTeX copies a command to."""


def names(commands: Iterable[str]) -> list[str]:
    """All names that these commands have in a format of LaTeX."""
    found = []
    for command in commands:
        short = command.removeprefix("pdf")
        found += [command, *(f"{prefix}_{one}:D" for prefix in PREFIXES for one in {command: 0, short: 0})]
        found += COPIES.get(short, ())
    return found


def _without(commands: Iterable[str]) -> str:
    """TeX on one line that makes all names of some commands undefined."""
    listed = ",".join(names(commands))
    return (
        rf"\begingroup\makeatletter\expandafter\endgroup\csname @for\endcsname\gone:={listed}\do"
        r"{\expandafter\let\csname\gone\endcsname\undefined}\let\gone\undefined "
    )


LATE = _without(LATER)
"""Goes behind the preamble."""

OPENS_NOTHING = _without(FIRST)
"""Goes before the preamble of an engine that writes no file for a second pass."""

_WALK = r"""\directlua{
local gone, slash = {}, string.char(92)
local function meaning(name) local t = token.create(name) return t and t.command .. "/" .. t.mode or 0 end
for _, name in ipairs{NAMES} do gone[meaning(name)] = true end
gone[0], gone[meaning("undefined")] = nil, nil
for _, name in ipairs(tex.hashtokens()) do if gone[meaning(name)] then
  tex.sprint(slash .. "global" .. slash .. "expandafter" .. slash .. "let" .. slash .. "csname " .. name .. slash
    .. "endcsname" .. slash .. "undefined") end end
local readers = fonts and fonts.readers or {}
for _, name in ipairs{"lua", "check_lua", "evl"} do readers[name] = function() end end
}""".replace("\n", " ")

WITHOUT_LUA = OPENS_NOTHING + _WALK.replace("NAMES", ", ".join(f'"{name}"' for name in (*FIRST, *LUA)))
"""Goes before the preamble of LuaTeX: no command runs it, and no font may be a Lua program."""

OPENS_ONE = (
    r"\csname IfFileExists\endcsname{job.aux}{\immediate\openout\csname @mainaux\endcsname=last.aux }"
    r"{\immediate\openout\csname @mainaux\endcsname=job.aux }\csname @fileswfalse\endcsname" + OPENS_NOTHING
)
"""Goes before the preamble of an engine with a second pass: its file is opened before that command is removed."""
