"""Documents are read in a process of its own, with bounds on memory and time: a file made to do harm can't stop this one.

The process is started once and kept for the files that follow; one that dies is replaced. It gets a path and gives back
plain JSON, it sees nothing of this process's environment (which may hold keys), and it ends when this process does.
"""

import atexit
import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from index import documents
from index.documents import Document, Line, Unreadable

_MOST_REPLY = 64 * 1024 * 1024  # bytes of JSON: several times the text of the largest file that is read
_IDLE_SECONDS = 60  # after which an unused process ends
_FIELDS = tuple(field.name for field in fields(Line))
_NUMBERS = {"number", "page", "indent", "level"}


def read_safely(path: Path, *, seconds: float = 60, megabytes: int = 1024) -> Document:
    """The document in a file, as `documents.read` gives it, read in at most so many seconds and MiB of address space.

    Raises Unreadable and nothing else. May be called from several threads; files are then read one after another.
    """
    request = {"path": str(path.absolute()), "seconds": seconds, "megabytes": megabytes}
    with _lock:
        for _ in range(2):  # a process that has just ended of idleness is replaced once
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):  # it can't be started, or doesn't end
                if (reply := _answer(request, path.name, seconds, megabytes)) is not None:
                    return _document(reply, path.name)
    raise Unreadable(f"{path.name} can't be read at the moment; try again, and restart the assistant if that fails.")


# --- this side ------------------------------------------------------------------------------------------------------

_lock = threading.Lock()
_kept: list["_Worker"] = []  # the process in use, if any


@dataclass(frozen=True, slots=True)
class _Worker:
    """A running reader process: the leader of a session, in which everything that it starts is too."""

    process: "subprocess.Popen[bytes]"
    folder: str  # for its temporary files, which it can't take away itself when it is killed

    @classmethod
    def start(cls) -> "_Worker":
        # Names of folders alone go along. The product's own folder comes first, wherever this process was started.
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        root = str(Path(__file__).parent.parent)
        folder = tempfile.mkdtemp(prefix="assistant-")
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "index.safely"],
            env={**kept, "TMPDIR": folder, "PYTHONPATH": root, "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return cls(process, folder)

    def end(self) -> None:
        """Kill the process and all that it started, and take its files away."""
        # Let it be waited for only when the others are gone: until then its number is not given to another process.
        for pid in _session(self.process.pid):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe and pipe.close()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _session(leader: int) -> list[int]:
    """The processes of a session, its leader last."""
    found = []
    for entry in Path("/proc").iterdir() if Path("/proc").is_dir() else []:
        with contextlib.suppress(OSError, ValueError):
            if os.getsid(int(entry.name)) == leader and int(entry.name) != leader:
                found.append(int(entry.name))
    return [*found, leader]


os.register_at_fork(after_in_child=_kept.clear)  # it answers the process that started it


@atexit.register
def _end_kept() -> None:
    while _kept:
        _kept.pop().end()


def _answer(request: Mapping[str, Any], name: str, seconds: float, megabytes: int) -> bytes | None:
    """What the process says to a request; None where it had ended of idleness. Raises Unreadable where it dies of it."""
    if not _kept:
        _kept.append(_Worker.start())
    worker = _kept.pop()  # kept again only when it has answered, so that no answer is taken for another file's
    reply, in_time, code = b"", True, 0
    try:
        with contextlib.suppress(OSError):
            reply, in_time = _exchange(worker.process, json.dumps(request).encode() + b"\n", seconds)
        if reply.endswith(b"\n"):
            _kept.append(worker)
            return reply
        if in_time and len(reply) <= _MOST_REPLY:
            code = worker.process.wait(timeout=5)
    finally:
        if not _kept:
            worker.end()
    if not in_time or code == -signal.SIGXCPU:
        raise Unreadable(f"{name} takes more than {seconds:g} seconds to read; save the policy's text alone.")
    if len(reply) > _MOST_REPLY:
        raise Unreadable(f"{name} holds too much text; save the policy's text alone.")
    if code == 0:
        return None
    raise Unreadable(
        f"{name} can't be read within {megabytes:,} MB of memory or is damaged; save it again as .docx or PDF, "
        "without its pictures."
    )


def _exchange(process: "subprocess.Popen[bytes]", request: bytes, seconds: float) -> tuple[bytes, bool]:
    """Send a line and take one: what came, ended by a line feed where it is whole, and whether it came in time."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(request)
    process.stdin.flush()
    deadline = time.monotonic() + seconds
    parts: list[bytes] = []
    size = 0
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while size <= _MOST_REPLY:
            left = deadline - time.monotonic()
            if left <= 0 or not ready.select(left):
                return b"".join(parts), False
            part = os.read(process.stdout.fileno(), 1 << 20)
            parts.append(part)
            size += len(part)
            if not part or part.endswith(b"\n"):
                break
    return b"".join(parts), True


def _document(reply: bytes, name: str) -> Document:
    """A reply as a Document. It comes from a process that has read what strangers wrote, so its types are looked at."""
    try:
        said = json.loads(reply)
        if "refused" in said:
            raise Unreadable(" ".join(str(said["refused"]).split())[:500])
        lines = tuple(_line(row) for row in said["lines"])
        if not isinstance(said["sha256"], str):
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Unreadable(f"{name} can't be read; save it again as .docx or PDF.") from None
    return Document(name=name, sha256=said["sha256"], lines=lines)


def _line(row: list[Any]) -> Line:
    values = dict(zip(_FIELDS, row, strict=True))
    cells = values.pop("cells")
    for field, value in values.items():
        if type(value) is not (int if field in _NUMBERS else bool if field == "bold" else str):
            raise TypeError(field)
    if not isinstance(cells, list) or not all(isinstance(cell, str) for cell in cells):
        raise TypeError("cells")
    return Line(**values, cells=tuple(cells))


# --- the process's side ---------------------------------------------------------------------------------------------


def _serve() -> None:
    """Answer requests from the standard input, a line of JSON each, until it ends or nothing comes for a minute."""
    import resource  # only where there are limits to set, which is wherever this runs

    replies = os.fdopen(os.dup(1), "wb", closefd=True)
    os.dup2(2, 1)  # what a library prints is not taken for a reply
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with selectors.DefaultSelector() as ready:
        ready.register(0, selectors.EVENT_READ)
        while ready.select(_IDLE_SECONDS):
            request = sys.stdin.buffer.readline()
            if not request:
                return
            replies.write(json.dumps(_reply(json.loads(request))).encode() + b"\n")
            replies.flush()
            if _holds_much(resource.getrlimit(resource.RLIMIT_AS)[0]):
                return  # memory that one file left behind must not be missing to the next


def _reply(request: dict[str, Any]) -> dict[str, Any]:
    path = Path(request["path"])
    _limit(request["seconds"], request["megabytes"])
    try:
        document = documents.read(path)
    except Unreadable as reason:
        return {"refused": str(reason)}
    except MemoryError:
        return {
            "refused": f"{path.name} needs more than {request['megabytes']:,} MB of memory to read; save the policy's text "
            "alone, without pictures."
        }
    except Exception:
        # A fault of a reader or of its library. Its words may hold what the file says, so they stay here.
        return {
            "refused": f"{path.name} is damaged or made in a way that can't be read; open it in the program that made it, "
            "save it again as .docx or PDF and try that file."
        }
    rows = [[getattr(line, field) for field in _FIELDS] for line in document.lines]
    return {"sha256": document.sha256, "lines": rows}


def _limit(seconds: float, megabytes: int) -> None:
    """Bound the memory of this process and of those it starts, and the CPU time that it takes from now on."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = int(used.ru_utime + used.ru_stime + seconds) + 1
    for limit, value in ((resource.RLIMIT_AS, megabytes * 1024 * 1024), (resource.RLIMIT_CPU, cpu)):
        with contextlib.suppress(OSError, ValueError):  # macOS bounds no address space
            resource.setrlimit(limit, (value, resource.getrlimit(limit)[1]))


def _holds_much(limit: int) -> bool:
    """Whether this process takes a third of its memory even between files."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return False
    return 0 < limit < 3 * pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    _serve()
