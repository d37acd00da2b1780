"""Start a TeX program so that the system itself keeps it from other files, from the network and from other programs.

On Linux this is done with Landlock, which needs no privileges; on macOS with `sandbox-exec`. Elsewhere nothing confines
the program, and the other two layers stand alone: the commands that `lockdown` removes, and the record of files that
`guard` reads.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from generator.errors import BuildError

if sys.platform == "linux":
    from resource import RLIM_INFINITY, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, prlimit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MEMORY: Final = 2_000_000_000
"""Bytes of memory that a TeX program may use; LuaTeX uses a tenth of that for 150 papers."""
FILE_SIZE: Final = 100_000_000
"""Bytes of the largest file that a TeX program may write; 150 papers have five million."""

READABLE: Final = "WORKSHEETS_TEX_FOLDERS"
"""Environment variable: more folders that TeX programs may read, and run programs of, separated as in PATH."""
SYSTEM: Final = (
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/nix/store", "/gnu/store", "/snap",
    "/etc/texmf", "/etc/fonts", "/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime",
    "/var/lib/texmf", "/var/cache/fontconfig", "/var/cache/fonts", "/opt/texlive",
    "/dev/urandom", "/dev/random", "/dev/zero", "/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu",
)  # fmt: skip
"""Files and folders of the system, and of TeX, that hold nothing private."""
FONTS: Final = (
    "~/.fonts",
    "~/.local/share/fonts",
    "~/.cache/fontconfig",
    "~/.config/fontconfig",
    "~/.nix-profile/share/fonts",
)
"""Where a user's own fonts are, and what fontconfig knows of them."""
NETWORK: Final = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/ssl",
                  "/etc/pki", "/etc/ca-certificates", "/run/systemd/resolve", "/etc/services")  # fmt: skip
"""What a program reads to find and to trust a computer of the network."""
MAC: Final = ("/System", "/Library/TeX", "/Library/Fonts", "/Library/Apple", "/opt/homebrew", "/opt/local",
              "/private/etc/fonts", "/private/var/db/timezone", "~/Library/Fonts", "~/Library/texlive")  # fmt: skip
"""What macOS has besides."""
INTERPRETED: Final = b"#!"
"""How a script begins; it has to run other programs."""

# Numbers of the system calls, the same on all processors that Python runs on, and of the rights: linux/landlock.h.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PR_SET_NO_NEW_PRIVS = 38
_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_READ, _OF_A_FILE = _READ_FILE | _READ_DIR, _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15
_SPECIAL_FILES = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11  # devices, sockets, pipes
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""All rights that each version can deny; those between are like the one before."""
_TCP = 3, 4
"""The rights to listen and to connect, and the version from which on they can be denied."""
_SCOPES = 3, 6
"""Sockets without a name and signals to others, and the version from which on they can be denied."""


@dataclass(frozen=True)
class Confinement:
    """The files that a program may use besides those of the system, and whether it may use the network."""

    read: tuple[Path, ...]
    write: tuple[Path, ...]
    """Folders; all that is in them may also be read."""
    network: bool = False


def start(
    command: Sequence[str], confinement: Confinement, *, seconds: int | None = None, **options: Any
) -> subprocess.Popen[str]:
    """Start a program, confined as far as `means` says; with `seconds` it is ended after so much processor time.

    The options are those of `subprocess.Popen`.
    """
    if means() == "sandbox-exec":
        limits = f"ulimit -t {seconds or 'unlimited'} -f {FILE_SIZE // 512} -c 0"
        inside = ["/usr/bin/sandbox-exec", "-p", profile(command[0], confinement)]
        return subprocess.Popen([*inside, "/bin/sh", "-c", f'{limits}; exec "$@"', "sh", *command], **options)
    if sys.platform != "linux":
        return subprocess.Popen(command, **options)
    started: Future[subprocess.Popen[str]] = Future()

    def work() -> None:
        try:
            if means():
                _restrict(_program(command[0]), confinement)
            process = subprocess.Popen(command, **options)
            _limit(process.pid, seconds)
        except BaseException as error:  # noqa: BLE001 - which is raised below
            started.set_exception(error)
            return
        started.set_result(process)
        with suppress(ChildProcessError):  # to Linux the parent of the program, with which it may have to end
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    Thread(target=work, daemon=True).start()  # Landlock confines one thread and what that starts
    return started.result()


@cache
def means() -> str:
    """What confines a program here: "Landlock", "sandbox-exec", or nothing."""
    if sys.platform == "linux":
        return "Landlock" if _version() else ""
    return "sandbox-exec" if sys.platform == "darwin" and Path("/usr/bin/sandbox-exec").exists() else ""


def denies_network() -> bool:
    """Connections to other computers can be denied here."""
    return means() == "sandbox-exec" or _version() >= _TCP[1]


def limits() -> tuple[str, ...]:
    """What is limited here of each run."""
    if sys.platform == "linux":
        return "processor time", "memory", "size of files"
    return ("processor time", "size of files") if means() else ()


@cache
def _version() -> int:
    """The version of Landlock that the kernel has; 0 if it has none, or if it is switched off."""
    if sys.platform != "linux":
        return 0
    with suppress(OSError):
        return _call(_CREATE_RULESET, None, 0, _VERSION)
    return 0


def _call(number: int, *arguments: Any) -> int:
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result: int = library.syscall(ctypes.c_long(number), *wide)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _restrict(program: str, confinement: Confinement) -> None:
    """Confine the thread that calls this, and all that it starts, for good."""
    import ctypes

    version = _version()
    rights = _RIGHTS[max(known for known in _RIGHTS if known <= version)]
    tcp = _TCP[0] if version >= _TCP[1] and not confinement.network else 0
    scopes = _SCOPES[0] if version >= _SCOPES[1] else 0
    attributes = struct.pack("QQQ", rights, tcp, scopes)
    size = 24 if version >= _SCOPES[1] else 16 if version >= _TCP[1] else 8
    ruleset = _call(_CREATE_RULESET, attributes, size, 0)
    try:
        for allowed, paths in _rules(program, confinement):
            for path in paths:
                _allow(ruleset, path, allowed & rights)
        zero = ctypes.c_ulong(0)
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)  # or the next is refused
        _call(_RESTRICT_SELF, ruleset, 0)
    except OSError as error:
        raise BuildError(
            f"TeX cannot be confined by the kernel, though it has Landlock: {error.strerror}",
            remedy="Say so to the authors of this program.",
        ) from error
    finally:
        os.close(ruleset)


def _rules(program: str, confinement: Confinement) -> Iterable[tuple[int, Iterable[str | Path]]]:
    yield _READ, readable(program, confinement)
    yield _EXECUTE | _READ, executable(program)
    yield (1 << 16) - 1 & ~_EXECUTE & ~_SPECIAL_FILES, confinement.write
    yield _READ_FILE | _WRITE_FILE, ("/dev/null",)


def _allow(ruleset: int, path: str | Path, rights: int) -> None:
    """Allow something with a file, or with all in a folder, where there is one."""
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = struct.pack("=Qi", rights if Path(path).is_dir() else rights & _OF_A_FILE, place)
            _call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
        finally:
            os.close(place)


def readable(program: str, confinement: Confinement) -> list[str | Path]:
    """All files and folders that a program may read."""
    named = (*SYSTEM, *FONTS, *(MAC if sys.platform == "darwin" else ()), *(NETWORK if confinement.network else ()))
    own = Path(program).resolve().parent
    return [*(os.path.expanduser(name) for name in named), own, *confinement.read, *_named()]  # noqa: PTH111


def executable(program: str) -> list[str | Path]:
    """The program and what loads it; of a script, which runs others, the folders of programs as well."""
    with suppress(OSError), open(program, "rb") as file:  # noqa: PTH123 - it is small
        if file.read(2) == INTERPRETED:
            return ["/usr", "/bin", "/nix/store", "/gnu/store", Path(program).parent, *_loaders(), *_named()]
    return [program, *_loaders()]


def _named() -> list[str | Path]:
    return [folder for folder in os.environ.get(READABLE, "").split(os.pathsep) if os.path.isabs(folder)]  # noqa: PTH117


@cache
def _loaders() -> tuple[Path, ...]:
    """The dynamic linkers, which the kernel runs for every program."""
    patterns = ("lib*/ld-*.so*", "lib*/*/ld-*.so*", "usr/lib*/ld-*.so*", "nix/store/*glibc*/lib/ld-*.so*")
    return tuple(found for pattern in patterns for found in Path("/").glob(pattern))


def _program(name: str) -> str:
    return shutil.which(name) or name


def _limit(process: int, seconds: int | None) -> None:
    """Bound what a process may use; should nobody be left to stop it, it stops itself."""
    if sys.platform == "linux":
        most = {RLIMIT_DATA: MEMORY, RLIMIT_FSIZE: FILE_SIZE, RLIMIT_CORE: 0}
        if seconds:
            most[RLIMIT_CPU] = seconds
        with suppress(ProcessLookupError):
            for what, amount in most.items():
                already = prlimit(process, what)[1]
                least = amount if already == RLIM_INFINITY else min(amount, already)
                prlimit(process, what, (least, least))


def profile(program: str, confinement: Confinement) -> str:
    """What `sandbox-exec` is told, in its own language."""

    def paths(some: Iterable[str | Path]) -> str:
        real = dict.fromkeys(str(Path(one).resolve()) for one in some)
        return " ".join(f"(subpath {_quoted(one)})" for one in real)

    run = [*executable(_program(program)), Path(_program(program)).resolve(), "/bin/sh", "/bin/bash", "/bin/dash"]
    network = "(allow network*)(allow system-socket)" if confinement.network else "(deny network*)"
    return f"""(version 1)
(deny default)
(import "system.sb")
(allow process-fork)
(allow sysctl-read)
(allow file-read-metadata)
(allow process-exec {paths(run)})
(allow file-read* {paths([*readable(_program(program), confinement), *confinement.write, *run])} (literal "/"))
(allow file-write* {paths(confinement.write)} (literal "/dev/null"))
{network}
"""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
