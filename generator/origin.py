"""Where this program was installed from, as pip wants to be told: an address with its commit, a file or a folder.

An installer records this in `direct_url.json` (PEP 610), unless the program came from an index by its name.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import url2pathname

NAME = "trace-trick-worksheets"
HERE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Origin:
    """A requirement for pip, and why it will not do on another computer, if so."""

    requirement: str
    warning: str = ""


def origin() -> Origin:
    """Where this program was installed from; the folder of its files if it was not installed."""
    try:
        installed = distribution(NAME)
    except PackageNotFoundError:
        return _folder(HERE, "")
    told = installed.read_text("direct_url.json")
    return _from_url(json.loads(told)) if told else Origin(f"{NAME}=={installed.version}")


def said(requirement: str) -> Origin:
    """The origin that somebody names; a file or a folder that there is by its whole path."""
    path = Path(requirement)
    return Origin(str(path.resolve()), _local(path.resolve().as_uri())) if path.exists() else Origin(requirement)


def _from_url(told: dict[str, Any]) -> Origin:
    """The origin that a `direct_url.json` tells."""
    url, inside = told["url"], told.get("subdirectory", "")
    if vcs := told.get("vcs_info"):
        return _commit(f"{vcs['vcs']}+{_without_password(url)}", vcs["commit_id"], inside)
    if "dir_info" in told:
        return _folder(Path(url2pathname(urlsplit(url).path)), inside)
    hashes = told.get("archive_info", {}).get("hashes", {})
    fragments = [f"sha256={hashes['sha256']}"] if "sha256" in hashes else []
    fragments += [f"subdirectory={inside}"] if inside else []
    requirement = f"{NAME} @ {_without_password(url)}" + ("#" + "&".join(fragments) if fragments else "")
    return Origin(requirement, _local(url))


def _folder(folder: Path, inside: str) -> Origin:
    """The commit of a clone, where it has been pushed; otherwise the folder itself."""
    folder /= inside
    here = Origin(f"{NAME} @ {folder.as_uri()}")
    if not (commit := _git(folder, "rev-parse", "HEAD")) or not _git(folder, "ls-files", "pyproject.toml"):
        return Origin(here.requirement, _local(folder.as_uri()))
    pushed = _git(folder, "for-each-ref", "--contains", commit, "--format=%(refname)", "refs/remotes")
    remotes = [name for name in _git(folder, "remote").splitlines() if f"refs/remotes/{name}/" in pushed]
    if not remotes:
        why = f"{_local(folder.as_uri())}; commit {commit[:12]} of it has not been pushed to a remote"
        return Origin(here.requirement, why)
    address = _git(folder, "remote", "get-url", "origin" if "origin" in remotes else remotes[0])
    found = _commit(f"git+{_url(address, folder)}", commit, _git(folder, "rev-parse", "--show-prefix").rstrip("/"))
    if _git(folder, "status", "--porcelain", "--untracked-files=no"):
        changed = f"changes in {folder} that are not committed are not part of it"
        return Origin(found.requirement, "; ".join(filter(None, (found.warning, changed))))
    return found


def _commit(address: str, commit: str, inside: str) -> Origin:
    where = f"{address}@{commit}" + (f"#subdirectory={inside}" if inside else "")
    warning = _local(address.partition("+")[2])
    return Origin(where if warning else f"{NAME} @ {where}", warning)  # pip knows `NAME @ git+file:` as no requirement


def _local(url: str) -> str:
    return f"{url} is on this computer alone" if urlsplit(url).scheme == "file" else ""


def _url(address: str, folder: Path) -> str:
    """The address of a remote as a URL, without a password: `git@host:path` is one by SSH, a path one of a file."""
    if "://" in address:
        return _without_password(address)
    if found := re.fullmatch(r"((?:[^@/]+@)?[^:/]{2,}):(?!//)(.+)", address):
        return f"ssh://{found[1]}/{found[2].lstrip('/')}"
    return (folder / address).resolve().as_uri()


def _without_password(url: str) -> str:
    """A URL for others: over HTTP nobody's name and password, over SSH no password."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    is_kept = at and "ssh" in parts.scheme
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}" if is_kept else host))


def _git(folder: Path, *arguments: str) -> str:
    """What git says there; nothing if it fails."""
    git = shutil.which("git")
    if git is None or not folder.is_dir():
        return ""
    done = subprocess.run([git, "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
