"""OpenDocument, old Word and RTF files become lines: LibreOffice turns them into .docx, which is then read."""

import contextlib
import io
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
import zlib
from pathlib import Path

from index.documents import Line, Unreadable

_SECONDS = 45  # for one file; LibreOffice takes one or two
_MOST_UNPACKED = 400_000_000  # bytes, of an .odt as its own directory tells


def read_office(data: bytes, name: str) -> tuple[Line, ...]:
    """The lines of an .odt, .doc or .rtf file, whichever of these it is by its bytes.

    Raises Unreadable where LibreOffice is not installed, takes longer than 45 seconds or can't open the file. Nothing
    that the file links to is loaded, and none of its macros is run.
    """
    from index.readers.web_page import read_web_page
    from index.readers.word import read_word

    kind = _kind(data, name)
    if kind == "html":
        return read_web_page(data, name)
    if kind == "docx":
        return read_word(data, name)
    return read_word(_converted(data, name, kind), name)


_FILTERS = {"odt": "writer8", "doc": "MS Word 97", "rtf": "Rich Text Format"}


def _kind(data: bytes, name: str) -> str:
    """What a file is by its bytes: systems that "export to Word" put RTF, HTML or .docx into a .doc."""
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "doc"
    if start.startswith(b"{\\rtf"):
        return "rtf"
    if start.startswith((b"<html", b"<!doctype html")) or b"<html" in start:
        return "html"
    if data.startswith(b"PK"):
        return _packed_kind(data, name)
    raise Unreadable(
        f"{name} is not what its name says; open it in the program that made it and save it as .docx or PDF."
    )


def _packed_kind(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = set(package.namelist())
            unpacked = sum(part.file_size for part in package.infolist())
            manifest = b""
            if "META-INF/manifest.xml" in names:
                with package.open("META-INF/manifest.xml") as file:
                    manifest = file.read(1_000_000)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zlib.error):
        raise Unreadable(f"{name} is damaged; open it in the program that made it and save it again.") from None
    if unpacked > _MOST_UNPACKED:
        raise Unreadable(f"{name} unpacks to more than {_MOST_UNPACKED:,} bytes; save the policy's text alone.")
    if b"encryption-data" in manifest:
        raise Unreadable(f"{name} is protected by a password; save it without one.")
    if "word/document.xml" in names:
        return "docx"
    if "content.xml" in names:
        return "odt"
    raise Unreadable(f"{name} holds no text document; open it in the program that made it and save it as .docx or PDF.")


# No macros, nothing loaded from a link (a picture on the web, a part of another file), and no way out but a proxy that
# isn't there.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop>
<prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop>
<prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""


def _converted(data: bytes, name: str, kind: str) -> bytes:
    """A file as .docx."""
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None:
        raise Unreadable(f"{name} can be opened by LibreOffice alone; save it as .docx or PDF, or install LibreOffice.")
    with tempfile.TemporaryDirectory(prefix="assistant-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        (folder / "profile" / "user").mkdir(parents=True)
        (folder / "profile" / "user" / "registrymodifications.xcu").write_text(_SETTINGS, "utf-8")
        source, made = folder / f"document.{kind}", folder / "made" / "document.docx"
        source.write_bytes(data)
        command = [
            soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--nologo",
            "--nolockcheck", "--nodefault", f"--infilter={_FILTERS[kind]}", "--convert-to",
            "docx:MS Word 2007 XML", "--outdir", str(made.parent), str(source),
        ]  # fmt: skip
        if not _run(command, folder):
            raise Unreadable(f"{name} takes LibreOffice more than {_SECONDS} seconds; save it as .docx or PDF.")
        if not made.exists():
            raise Unreadable(
                f"{name} can't be opened, as it is damaged, locked with a password or too big; save it as .docx or PDF."
            )
        return made.read_bytes()


def _run(command: list[str], folder: Path) -> bool:
    """Run LibreOffice in a process group of its own, which is killed whole; whether it ended in time."""
    # Nothing of this process's environment goes with it, for that may hold keys.
    environment = {"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        command, env=environment, cwd=folder, process_group=0,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        process.wait(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):  # all of it has ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return True
