"""A preview in the browser that follows a worksheet while it is edited."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from generator.building.builder import overrides
from generator.building.preview import preview_page
from generator.errors import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from threading import Event

    from generator.building.builder import Options

HOST = "127.0.0.1"
QUIET = 30
"""Milliseconds without a further change after which a change counts as whole."""
LATEST = 300
"""Milliseconds after which changes count in any case."""
AGAIN = 500
"""Milliseconds after which the files are looked at, though no change was told."""
PATIENCE = 20
"""Seconds after which a page that waits for a change is told that there is none, and asks again."""
SCRIPT = """<script>
(async () => {
  for (;;) {
    try {
      const now = await (await fetch("/changes?since=%(number)s")).text();
      if (now !== "%(number)s") { location.reload(); return; }
    } catch { await new Promise((resolve) => setTimeout(resolve, 1000)); }
  }
})();
</script>
"""
EMPTY = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Preview</title></head><body></body></html>'
BODY = re.compile(r"<body\b[^>]*>")
ALERT = '<div role="alert" style="border: 2px solid #b3261e; padding: 0 1rem; margin: 1rem auto; max-width: 60rem">'


class Shown:
    """What the browser shows: a page, which gets a new number whenever it changes."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._number = 0
        self._good = EMPTY
        self._page = EMPTY

    def show(self, page: str) -> bool:
        """Show a page; whether it is another one than before."""
        self._good = page
        return self._replace(page)

    def show_error(self, error: GeneratorError) -> bool:
        """Show what is wrong above the last good page."""
        alert = f'{ALERT}<pre style="white-space: pre-wrap">{escape(str(error))}</pre></div>'
        return self._replace(BODY.sub(lambda found: found[0] + alert, self._good, count=1))

    def _replace(self, page: str) -> bool:
        with self._changed:
            if page == self._page:
                return False
            self._page = page
            self._number += 1
            self._changed.notify_all()
            return True

    def content(self) -> str:
        """The page, with the script that loads it again once it has changed."""
        with self._changed:
            return self._page.replace("</body>", SCRIPT % {"number": self._number} + "</body>", 1)

    def after(self, number: int) -> int:
        """The number of the page, as soon as it is another one; after a while in any case."""
        with self._changed:
            self._changed.wait_for(lambda: self._number != number, PATIENCE)
            return self._number


@contextmanager
def serving(shown: Shown, port: int = 0) -> Iterator[str]:
    """Serve a page to this computer alone; the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Host") != f"{HOST}:{server.server_port}":  # a name that somebody else lets point here
                self.send_error(403)
                return
            asked = urlsplit(self.path)
            if asked.path == "/changes":
                since = parse_qs(asked.query).get("since", [""])[0]
                self._send(str(shown.after(int(since) if since.isdecimal() else -1)), "text/plain")
            elif asked.path == "/":
                self._send(shown.content(), "text/html")
            else:
                self.send_error(404)

        def _send(self, text: str, kind: str) -> None:
            content = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Requests are not logged."""

    try:
        server = ThreadingHTTPServer((HOST, port), Handler)
    except OSError as error:
        raise GeneratorError(
            f"port {port} cannot be used: {error.strerror}", remedy="Choose another one with --port, or none."
        ) from error
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def watch(
    path: Path,
    options: Options,
    shown: Shown,
    report: Callable[[GeneratorError | None], None],
    stop: Event | None = None,
) -> None:
    """Show the preview of a worksheet, again after each change beside it, of its families or of its templates.

    `report` is called whenever the page has changed, with the error that it shows, if any. Ends when `stop` is set.
    """
    import watchfiles

    def update() -> None:
        try:
            changed, error = shown.show(preview_page(path, options)), None
        except GeneratorError as found:
            changed, error = shown.show_error(found), found
        if changed:
            report(error)

    folders = _folders(path, options)
    seen = _state(folders)
    update()
    for _ in watchfiles.watch(
        *folders,
        recursive=False,
        debounce=LATEST,
        step=QUIET,
        rust_timeout=AGAIN,
        yield_on_timeout=True,  # for what was changed before the watch began, or where no changes are told
        stop_event=stop,
        raise_interrupt=True,
    ):
        if (now := _state(folders)) != seen:
            seen = now
            update()


def _state(folders: list[Path]) -> dict[Path, tuple[int, int]]:
    """When each file in some folders was changed, and how long it is."""
    found = {}
    for folder in folders:
        with suppress(OSError):  # of what is removed meanwhile
            for file in folder.iterdir():
                status = file.stat()
                if not file.is_dir():
                    found[file] = status.st_mtime_ns, status.st_size
    return found


def _folders(path: Path, options: Options) -> list[Path]:
    """The folder of a worksheet and those in it, which may have families, and those of templates."""
    beside = [one for one in path.parent.iterdir() if one.is_dir() and not one.name.startswith((".", "output"))]
    templates = overrides(options)
    ours = [templates, templates / "html"] if templates else []
    return [path.parent, *beside, *(one for one in ours if one.is_dir() and one not in beside)]
