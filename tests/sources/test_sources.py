"""Sources: each outcome on the files on disk and in `Fetched`, against stand-ins over real HTTP and HTTPS on loopback."""

import email.utils
import itertools
import json
import logging
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from assistant.sources import (
    Credential,
    Fetched,
    Limits,
    Part,
    SharePointPart,
    SourceFailed,
    WebsitePart,
    credential,
    folder_of,
    open_source,
)
from assistant.sources.client import AGENT, Client, NotAllowed
from assistant.sources.folder import Folder
from assistant.sources.mirror import local_name, mirrored
from assistant.sources.quickxor import quick_xor
from assistant.sources.sharepoint import SharePoint
from assistant.sources.website import Website

from . import graph_stand_in as stand_in
from .graph_stand_in import APP, OWNER, PATH, SECRET, SITE, TENANT, Library, Microsoft
from .website_stand_in import File, WebSite, serving

FORMATS = frozenset({".txt", ".pdf", ".docx", ".doc", ".odt", ".html"})
LIMITS = Limits(formats=FORMATS, max_bytes=100_000, patience=5)


def files(into: Path) -> dict[str, bytes]:
    """What the index would see of a folder."""
    found = [p for p in into.rglob("*") if p.is_file() and not p.relative_to(into).as_posix().startswith(".")]
    return {p.relative_to(into).as_posix(): p.read_bytes() for p in found}


def left_over(into: Path) -> list[str]:
    return sorted(p.name for p in into.iterdir() if p.name.startswith(".") and p.name not in (".lock", ".state.json"))


def reasons(fetched: Fetched) -> str:
    return "\n".join(f"{one.name}: {one.reason}" for one in fetched.refused)


# SharePoint and OneDrive


@pytest.fixture(scope="session")
def secure(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return stand_in.tls(tmp_path_factory.mktemp("tls"))


class Tenant:
    """A school's tenant, and the assistant's folder for one source in it."""

    def __init__(self, microsoft: Microsoft, into: Path) -> None:
        self.microsoft, self.into, self.library = microsoft, into, microsoft.libraries[0]
        self.limits, self.proof = LIMITS, Credential(tenant_id=TENANT, app_id=APP, app_password=SECRET)
        self.part: dict[str, Any] = {"site": f"https://{SITE}/{PATH}"}

    def source(self) -> SharePoint:
        part = SharePointPart(kind="sharepoint", name="policies", **self.part)
        login = self.microsoft.api.removesuffix("/v1.0")
        return SharePoint(part, self.proof, self.limits, api=self.microsoft.api, login=login)

    def fetch(self) -> Fetched:
        self.microsoft.stored.clear()
        self.microsoft.calls.clear()
        fetched = self.source().fetch(self.into)
        assert self.microsoft.broken == []
        assert left_over(self.into) == []
        return fetched

    def fails(self) -> SourceFailed:
        """A fetch fails, and everything is as it was."""
        before = files(self.into) if self.into.exists() else {}
        state = self.into / ".state.json"
        said = state.read_bytes() if state.exists() else b""
        with pytest.raises(SourceFailed) as failed:
            self.source().fetch(self.into)
        assert (files(self.into) if self.into.exists() else {}) == before
        assert (state.read_bytes() if state.exists() else b"") == said
        for secret in (SECRET, "token-", "tempauth", "BEGIN"):
            assert secret not in str(failed.value)
        assert failed.value.__suppress_context__ or failed.value.__context__ is None
        assert str(failed.value).endswith(".")
        return failed.value

    def state(self) -> dict[str, Any]:
        return json.loads((self.into / ".state.json").read_text())


@pytest.fixture
def tenant(tmp_path: Path, secure: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenant]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure[1]))
    microsoft = Microsoft(libraries=[Library("b!docs", "Documents"), Library("b!policies", "Policies")])
    with serving(microsoft.graph(), microsoft.files(), tls=secure[0]) as (graph, store):
        microsoft.api, microsoft.store = f"https://localhost:{graph}/v1.0", f"https://127.0.0.1:{store}"
        yield Tenant(microsoft, tmp_path / "sources" / "oakfield" / "policies")


@pytest.fixture
def filled(tenant: Tenant) -> Tenant:
    """A library with three policies that have been fetched."""
    for name in ("Behaviour", "Complaints", "Safeguarding"):
        tenant.library.put(f"{name}.txt", f"{name} as it was. ".encode() * 500)
    assert tenant.fetch() == Fetched(came=3)
    return tenant


def test_a_library_comes_page_by_page_with_all_its_folders(tenant: Tenant) -> None:
    for path in ("Behaviour.txt", "Primary/Behaviour.txt", "Primary/Early years/Sleep.pdf", "Secondary/Behaviour.txt"):
        tenant.library.put(path, path.encode() * 999)
    assert tenant.fetch() == Fetched(came=4)
    assert files(tenant.into) == {
        "Behaviour.txt": b"Behaviour.txt" * 999,
        "Behaviour (Primary).txt": b"Primary/Behaviour.txt" * 999,
        "Behaviour (Secondary).txt": b"Secondary/Behaviour.txt" * 999,
        "Sleep.pdf": b"Primary/Early years/Sleep.pdf" * 999,
    }
    assert sum(call.endswith("/delta") for call in tenant.microsoft.calls) == 4
    assert tenant.microsoft.sign_ins == 1


def test_what_has_not_changed_is_not_fetched_again(filled: Tenant) -> None:
    before = {p.name: p.stat().st_ino for p in filled.into.iterdir() if p.suffix == ".txt"}
    assert filled.fetch() == Fetched(same=3)
    assert filled.microsoft.stored == []
    assert {p.name: p.stat().st_ino for p in filled.into.iterdir() if p.suffix == ".txt"} == before


def test_new_changed_renamed_and_deleted_in_one_go(filled: Tenant) -> None:
    behaviour, complaints, safeguarding = list(filled.library.nodes.values())[1:]
    filled.library.put("Behaviour.txt", b"Behaviour as it is now.")
    filled.library.rename(complaints, "Complaints 2026.txt")
    filled.library.delete(safeguarding)
    filled.library.put("Uniform.pdf", b"%PDF uniform")
    assert filled.fetch() == Fetched(came=1, changed=2, went=1)
    assert files(filled.into) == {
        "Behaviour.txt": b"Behaviour as it is now.",
        "Complaints 2026.txt": b"Complaints as it was. " * 500,
        "Uniform.pdf": b"%PDF uniform",
    }
    assert sorted(filled.microsoft.stored) == ["Behaviour.txt", "Uniform.pdf"]  # a rename needs no download
    assert filled.fetch() == Fetched(same=3)
    assert behaviour.id in filled.state()["kept"]


def test_two_documents_swap_their_names(filled: Tenant) -> None:
    behaviour, complaints, _ = list(filled.library.nodes.values())[1:]
    filled.library.rename(behaviour, "Complaints.txt")
    filled.library.rename(complaints, "Behaviour.txt")
    assert filled.fetch() == Fetched(changed=2, same=1)
    assert files(filled.into)["Complaints.txt"].startswith(b"Behaviour as it was")
    assert files(filled.into)["Behaviour.txt"].startswith(b"Complaints as it was")
    assert filled.microsoft.stored == []


def test_a_document_keeps_its_name_when_another_of_that_name_comes_or_goes(filled: Tenant) -> None:
    filled.library.put("Annex/Behaviour.txt", b"An annex.")
    assert filled.fetch() == Fetched(came=1, same=3)
    assert files(filled.into)["Behaviour (Annex).txt"] == b"An annex."
    filled.library.delete(list(filled.library.nodes.values())[1])
    assert filled.fetch() == Fetched(went=1, same=3)
    assert files(filled.into)["Behaviour (Annex).txt"] == b"An annex."


def test_of_a_deleted_folder_nothing_stays(filled: Tenant) -> None:
    filled.library.put("Old/Deep/Phones.txt", b"Phones.")
    filled.library.put("Old/Trips.txt", b"Trips.")
    assert filled.fetch().came == 2
    filled.library.delete(filled.library.folder("Old"))  # Graph tells of the folder alone
    assert filled.fetch() == Fetched(went=2, same=3)
    assert sorted(files(filled.into)) == ["Behaviour.txt", "Complaints.txt", "Safeguarding.txt"]


def test_one_folder_of_a_library_and_what_is_moved_into_it_and_out_of_it(tenant: Tenant) -> None:
    tenant.part["folder"] = "Staff/Policies & forms #1"
    inside = tenant.library.put("Staff/Policies & forms #1/Leave.txt", b"Leave.")
    tenant.library.put("Staff/Policies & forms #1/Pay.txt", b"Pay.")
    tenant.library.put("Staff/Rota.txt", b"Rota.")
    tenant.library.put("Drafts/New/Dress.txt", b"Dress.")
    assert tenant.fetch() == Fetched(came=2)
    tenant.library.move(inside, "Archive")
    tenant.library.move(tenant.library.folder("Drafts/New"), "Staff/Policies & forms #1")
    tenant.fetch()  # Graph need not tell of all that; once a day everything is listed
    state = tenant.state()
    state["memory"]["listed"] -= 25 * 3600
    (tenant.into / ".state.json").write_text(json.dumps(state))
    tenant.fetch()
    assert files(tenant.into) == {"Pay.txt": b"Pay.", "Dress.txt": b"Dress."}


def test_names_from_outside_are_never_paths(tenant: Tenant) -> None:
    names = [
        "x/../../../evil.txt",
        "x\\..\\..\\evil.txt",
        "/etc/evil.txt",
        "con.txt",
        "a\u202etxt.exe.txt",
        "x" * 300 + ".txt",
    ]
    above = tenant.library.nodes["01ROOT"]
    for number, name in enumerate(names):
        tenant.library._new(name, above.id, str(number).encode())
    for hidden in (".state.json", "../../evil.txt", "~$Behaviour.docx", "Thumbs.db"):
        tenant.library._new(hidden, above.id, b"hidden")
    before = set(tenant.into.parents[2].rglob("*"))
    assert tenant.fetch() == Fetched(came=6)
    assert {p.parent for p in set(tenant.into.parents[2].rglob("*")) - before if p.suffix == ".txt"} == {tenant.into}
    assert sorted(files(tenant.into).values()) == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert all(len(name.encode()) <= 160 and "\u202e" not in name for name in files(tenant.into))
    assert "_con.txt" in files(tenant.into)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Behaviour Policy.docx", "Behaviour Policy.docx"),
        ("  Mobile\tphones\n.pdf ", "Mobile phones.pdf"),
        ("...", "document"),
        (".pdf", "pdf"),
        ("~$Lock.docx", "Lock.docx"),
        ("Version 1. Final draft", "Version 1. Final draft"),
        ("Cafe\u0301.txt", "Café.txt"),
        ("NUL.txt", "_NUL.txt"),
        ("é" * 200 + ".pdf", "é" * 73 + ".pdf"),
    ],
)
def test_a_plain_name(name: str, plain: str) -> None:
    assert local_name(name) == plain


def test_what_is_no_document_is_refused_with_a_sentence(filled: Tenant) -> None:
    library = filled.library
    library.put("Behaviour.txt", b"b" * 100_001)
    library.put("Staff list.xlsx", b"PK")
    library.put("Complaints.txt", b"bad", malware={"description": "Trojan"})
    list(library.nodes.values())[2].more = {"malware": {"description": "Trojan"}}
    library._new("Notebook", "01ROOT", None, {"package": {"type": "oneNote"}})
    library._new("Trust policies", "01ROOT", b"", {"remoteItem": {"id": "01X", "name": "Trust policies"}})
    fetched = filled.fetch()
    assert replace(fetched, refused=()) == Fetched(went=2, same=1)
    assert sorted(files(filled.into)) == ["Safeguarding.txt"]
    said = reasons(fetched)
    assert "Behaviour.txt: Behaviour.txt is too big (over 100,000 bytes); save the policy's text alone." in said
    assert "Staff list.xlsx is in a format that can't be read; save it there as one of .doc, .docx" in said
    assert "Complaints.txt holds malware" in said
    assert "Notebook is not a file" in said or "Notebook is in a format" in said
    assert "Trust policies is a shortcut to another library" in said
    assert filled.microsoft.stored == []
    assert reasons(filled.fetch()) == said  # it is said every time


def test_a_size_that_graph_does_not_tell_is_kept_to(tenant: Tenant) -> None:
    tenant.library.put("Behaviour.txt", b"b" * 100_001)
    tenant.library.put("Pay.txt", b"Pay.")
    tenant.microsoft.lies["Behaviour.txt"] = {"size": 10}
    fetched = tenant.fetch()
    assert replace(fetched, refused=()) == Fetched(came=1)
    assert "too big" in reasons(fetched)


@pytest.mark.parametrize(
    "busy", [[(429, "1")], [(503, "1"), (429, "0")], [(503, "")], [(500, ""), (502, "")], [(429, "date")]]
)
def test_busy_services_are_waited_for(filled: Tenant, busy: list[tuple[int, str]]) -> None:
    soon = email.utils.formatdate(time.time() + 2, usegmt=True)
    filled.microsoft.busy = [(status, soon if after == "date" else after) for status, after in busy]
    filled.library.put("New.txt", b"New.")
    began = time.monotonic()
    assert filled.fetch() == Fetched(came=1, same=3)
    assert time.monotonic() - began >= sum(1 for _, after in busy if after in ("1", "date")) * 0.9


@pytest.mark.parametrize("after", ["3600", "date"])
def test_patience_has_an_end(filled: Tenant, after: str) -> None:
    later = email.utils.formatdate(time.time() + 3600, usegmt=True)
    filled.microsoft.busy = [(429, later if after == "date" else after)]
    filled.library.put("New.txt", b"New.")
    began = time.monotonic()
    failed = filled.fails()
    assert "60 minutes" in str(failed)
    assert failed.seconds == pytest.approx(3600, abs=5)
    assert time.monotonic() - began < 3
    filled.microsoft.busy = [(429, "1")] * 20
    filled.limits = replace(LIMITS, patience=2)
    assert filled.fails().seconds == 1
    filled.microsoft.busy = []
    assert filled.fetch() == Fetched(came=1, same=3)


def test_a_token_that_has_ended_is_renewed_once(filled: Tenant) -> None:
    filled.library.put("New.txt", b"New." * 999)
    filled.library.put("Newer.txt", b"Newer.")
    filled.microsoft.before["New.txt"] = filled.microsoft.expire
    filled.microsoft.urls = False  # so that Graph is asked after it
    assert filled.fetch() == Fetched(came=2, same=3)
    assert filled.microsoft.sign_ins == 3


def test_a_token_that_is_never_taken(filled: Tenant) -> None:
    filled.microsoft.busy = [(401, ""), (401, "")]
    assert "does not take the app's token" in str(filled.fails())


def test_a_delta_link_that_has_ended_lists_everything_anew(filled: Tenant) -> None:
    _, complaints, safeguarding = list(filled.library.nodes.values())[1:]
    filled.library.delete(safeguarding)
    filled.library.rename(complaints, "Complaints 2026.txt")
    filled.library.put("New.txt", b"New.")
    filled.microsoft.forgotten = filled.library.number
    assert filled.fetch() == Fetched(came=1, changed=1, went=1, same=1)
    assert filled.microsoft.stored == ["New.txt"]
    assert sorted(files(filled.into)) == ["Behaviour.txt", "Complaints 2026.txt", "New.txt"]
    filled.microsoft.forgotten = -1
    assert filled.fetch() == Fetched(same=3)


def test_a_connection_that_breaks_is_tried_again(filled: Tenant) -> None:
    filled.library.put("Behaviour.txt", b"Behaviour as it is now." * 3000)
    filled.microsoft.breaks["Behaviour.txt"] = 2
    assert filled.fetch() == Fetched(changed=1, same=2)
    assert files(filled.into)["Behaviour.txt"] == b"Behaviour as it is now." * 3000
    assert filled.microsoft.stored == ["Behaviour.txt"] * 3


def test_a_connection_that_keeps_breaking_leaves_yesterdays_files_whole(filled: Tenant) -> None:
    behaviour, complaints, safeguarding = list(filled.library.nodes.values())[1:]
    filled.library.put("Behaviour.txt", b"Behaviour as it is now.")
    filled.library.rename(complaints, "Complaints 2026.txt")
    filled.library.delete(safeguarding)
    filled.library.put("Zoo.txt", b"Zoo." * 9999)
    filled.microsoft.breaks["Zoo.txt"] = 99
    assert "connection broke while Zoo.txt came" in str(filled.fails())
    assert left_over(filled.into) == []
    filled.microsoft.breaks.clear()
    assert filled.fetch() == Fetched(came=1, changed=2, went=1)
    assert behaviour.version == 2


def test_a_service_that_is_away(filled: Tenant, secure: tuple[ssl.SSLContext, Path]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        filled.microsoft.api = f"https://localhost:{free.getsockname()[1]}/v1.0"
    assert "localhost can't be reached" in str(filled.fails())


def test_a_certificate_that_is_not_trusted(filled: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    assert "REQUESTS_CA_BUNDLE" in str(filled.fails())


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_document_that_changes_while_it_is_fetched_comes_as_it_is_by_then(filled: Tenant, moment: str) -> None:
    node = filled.library.put("Behaviour.txt", b"first " * 1000)

    def change() -> bytes:
        filled.library.put("Behaviour.txt", b"second" * 1000)
        return (node.content or b"")[3000:]  # half of the one and half of the other, and as long as both

    if moment == "before":
        filled.microsoft.before["Behaviour.txt"] = lambda: (change(), None)[1]
    else:
        filled.microsoft.meanwhile["Behaviour.txt"] = change
    assert filled.fetch() == Fetched(changed=1, same=2)
    assert files(filled.into)["Behaviour.txt"] == b"second" * 1000
    assert filled.fetch() == Fetched(same=3)
    assert filled.microsoft.stored == []


def test_a_document_that_changes_all_the_time_stays_as_it_was(filled: Tenant) -> None:
    node = filled.library.put("Behaviour.txt", b"0" * 100)

    def change() -> None:
        node.content = (node.content or b"") + b"1"
        filled.library.put("Behaviour.txt", node.content)
        filled.microsoft.before["Behaviour.txt"] = change

    change()
    fetched = filled.fetch()
    assert replace(fetched, refused=()) == Fetched(same=3)
    assert "was being changed all the time" in reasons(fetched)
    assert files(filled.into)["Behaviour.txt"] == b"Behaviour as it was. " * 500
    filled.microsoft.before.clear()
    assert filled.fetch() == Fetched(changed=1, same=2)
    assert files(filled.into)["Behaviour.txt"] == node.content


def test_a_wrong_size_of_sharepoints_own_is_forgiven_once_the_same_came_twice(tenant: Tenant) -> None:
    tenant.library.put("Behaviour.docx", b"PK enriched by SharePoint")
    tenant.microsoft.lies["Behaviour.docx"] = {"size": 9, "file": {"hashes": {"quickXorHash": "A" * 27 + "="}}}
    assert tenant.fetch() == Fetched(came=1)
    assert tenant.microsoft.stored == ["Behaviour.docx"] * 2
    assert files(tenant.into) == {"Behaviour.docx": b"PK enriched by SharePoint"}
    assert tenant.fetch() == Fetched(same=1)


@pytest.mark.parametrize("how", ["ended", "none"])
def test_content_is_asked_of_graph_where_there_is_no_download_url(tenant: Tenant, how: str) -> None:
    tenant.library.put("Behaviour.txt", b"Behaviour." * 999)
    tenant.microsoft.ended, tenant.microsoft.urls = how == "ended", how == "ended"
    assert tenant.fetch() == Fetched(came=1)
    assert any(call.endswith("/content") for call in tenant.microsoft.calls)
    assert files(tenant.into) == {"Behaviour.txt": b"Behaviour." * 999}


def test_one_document_that_may_not_be_fetched_stays_as_it_was(filled: Tenant) -> None:
    filled.library.put("Behaviour.txt", b"Behaviour as it is now.")
    filled.microsoft.urls, filled.microsoft.refuses = False, {"Behaviour.txt": 423}
    fetched = filled.fetch()
    assert replace(fetched, refused=()) == Fetched(same=3)
    assert "Behaviour.txt can't be fetched (error 423)" in reasons(fetched)
    filled.microsoft.refuses = {}
    assert filled.fetch() == Fetched(changed=1, same=2)  # though Graph tells of no change any more


def test_a_document_that_is_deleted_before_it_is_fetched(filled: Tenant) -> None:
    node = filled.library.put("Behaviour.txt", b"Behaviour as it is now.")
    filled.microsoft.before["Behaviour.txt"] = lambda: filled.library.delete(node)
    assert filled.fetch() == Fetched(went=1, same=2)
    assert filled.fetch() == Fetched(same=2)


def test_a_certificate_instead_of_a_secret(tenant: Tenant) -> None:
    tenant.library.put("Pay.txt", b"Pay.")
    proof = stand_in.certificate()
    tenant.proof = Credential(tenant_id=TENANT, app_id=APP, certificate=proof)
    assert "add it in Microsoft Entra (AADSTS700027)" in str(tenant.fails())
    tenant.microsoft.certificates.append(proof)
    assert tenant.fetch() == Fetched(came=1)
    tenant.proof = Credential(tenant_id=TENANT, app_id=APP, certificate=replace(proof, private_key="no key"))
    assert "secret or certificate can't be used" in str(tenant.fails())


def test_what_sign_in_says_is_wrong(tenant: Tenant) -> None:
    proof = tenant.proof
    tenant.proof = replace(proof, app_password="wrong")
    assert "SHAREPOINT_APP_PASSWORD is wrong" in str(tenant.fails())
    tenant.proof = replace(proof, app_id="someone")
    assert "no app with SHAREPOINT_APP_ID" in str(tenant.fails())
    tenant.proof = replace(proof, tenant_id="00000000-0000-0000-0000-000000000000")
    assert "no tenant with SHAREPOINT_TENANT_ID" in str(tenant.fails())
    assert "wrong" not in repr(replace(proof, app_password="wrong"))


def test_what_is_not_there(tenant: Tenant) -> None:
    tenant.library.put("Pay.txt", b"Pay.")
    tenant.part = {"site": f"https://{SITE}/sites/none"}
    assert f"https://{SITE}/sites/none is not there, or the app may not see it" in str(tenant.fails())
    tenant.part = {"site": f"https://{SITE}/{PATH}", "folder": "None"}
    assert "has no folder None; check folder." in str(tenant.fails())
    tenant.part = {"site": f"https://{SITE}/{PATH}", "folder": "Pay.txt"}
    assert "is not a folder" in str(tenant.fails())
    tenant.part = {"site": f"https://{SITE}/{PATH}", "library": "None"}
    assert "has no library None; there are: Documents, Policies." in str(tenant.fails())
    tenant.part = {"onedrive": "nobody@oakfield.example"}
    assert "OneDrive of nobody@oakfield.example is not there" in str(tenant.fails())
    tenant.microsoft.forbidden = True
    assert "grant it the application permission Files.Read.All." in str(tenant.fails())
    tenant.part = {"site": f"https://{SITE}/{PATH}"}
    assert "grant it the application permission Sites.Selected, with read on this site." in str(tenant.fails())


@pytest.mark.parametrize("part", [{"site": f"https://{SITE}/{PATH}/", "library": "policies"}, {"onedrive": OWNER}])
def test_another_library_and_a_onedrive(tenant: Tenant, part: dict[str, str]) -> None:
    tenant.library.put("Not this.txt", b"no")
    tenant.microsoft.libraries[1].put("This.txt", b"yes")
    tenant.part = part
    assert tenant.fetch() == Fetched(came=1)
    assert files(tenant.into) == {"This.txt": b"yes"}


def test_another_library_takes_the_old_ones_place(filled: Tenant) -> None:
    filled.microsoft.libraries[1].put("Behaviour.txt", b"Another.")
    filled.part["library"] = "Policies"
    assert filled.fetch() == Fetched(changed=1, went=2)
    assert files(filled.into) == {"Behaviour.txt": b"Another."}


@pytest.mark.parametrize("broken", ["", "[]", "{", "\0", '{"place": 1}', "inside", "outside", "memory", "link"])
def test_a_broken_state_means_a_full_fetch(filled: Tenant, broken: str) -> None:
    state = filled.state()
    first = next(iter(state["kept"].values()))
    if broken == "outside":
        first["file"] = "../../outside.txt"
        (filled.into.parents[1] / "outside.txt").write_text("not ours")
    elif broken == "inside":
        del first["sha256"]
    elif broken == "memory":
        state["memory"] = {"items": 3}
    elif broken == "link":
        state["memory"]["link"] = "https://graph.evil.example/v1.0/delta?token=1"
    told = broken in ("outside", "inside", "memory", "link")
    (filled.into / ".state.json").write_text(json.dumps(state) if told else broken)
    filled.library.put("New.txt", b"New.")
    assert filled.fetch() == Fetched(came=1, same=3)
    assert len(files(filled.into)) == 4
    assert broken != "outside" or (filled.into.parents[1] / "outside.txt").read_text() == "not ours"
    assert filled.fetch() == Fetched(same=4)


def test_what_somebody_did_to_the_folder_is_put_right(filled: Tenant) -> None:
    (filled.into / "Behaviour.txt").unlink()
    (filled.into / "Complaints.txt").write_text("not what was fetched")
    (filled.into / "Stray.txt").write_text("nobody's")
    fetched = filled.fetch()
    assert sorted(filled.microsoft.stored) == ["Behaviour.txt", "Complaints.txt"]
    assert fetched == Fetched(came=1, changed=1, went=1, same=1)
    assert sorted(files(filled.into)) == ["Behaviour.txt", "Complaints.txt", "Safeguarding.txt"]


def test_an_emptied_library_empties_nothing_here(filled: Tenant) -> None:
    for node in list(filled.library.nodes.values())[1:]:
        filled.library.delete(node)
    assert "has no documents any more that can be taken, so yesterday's are kept" in str(filled.fails())
    assert len(files(filled.into)) == 3


def test_the_token_goes_to_graph_alone(tenant: Tenant, tmp_path: Path) -> None:
    site = WebSite()
    for number in range(5):
        tenant.library.put(f"{number}.txt", b"x")
    with serving(site.application()) as (port,):
        tenant.microsoft.foreign = f"http://127.0.0.1:{port}/v1.0/delta"
        assert "a link that is not its own" in str(tenant.fails())
    assert site.asked == []


def test_too_many_documents(tenant: Tenant) -> None:
    for number in range(4):
        tenant.library.put(f"{number}.txt", b"x")
    tenant.limits = replace(LIMITS, documents=3)
    assert "over 3 documents" in str(tenant.fails())


def test_nothing_secret_is_logged_or_kept(filled: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    filled.library.put("New.txt", b"New.")
    filled.fetch()
    for secret in (SECRET, "token-", "tempauth"):
        assert secret not in caplog.text
        assert secret not in (filled.into / ".state.json").read_text()


def test_a_disk_that_can_not_be_written(tenant: Tenant) -> None:
    tenant.library.put("Pay.txt", b"Pay.")
    tenant.into.parent.mkdir(parents=True)
    tenant.into.write_text("a file where the folder should be")
    with pytest.raises(SourceFailed, match=r"can't be kept in .*; see to the disk\."):
        tenant.source().fetch(tenant.into)


def test_killed_in_the_middle_all_files_are_whole_and_the_next_fetch_mends_the_rest(filled: Tenant) -> None:
    before = files(filled.into)
    filled.library.put("Behaviour.txt", b"Behaviour as it is now.")
    filled.library.put("Zoo.txt", b"Zoo." * 9999)
    script = f"""
        from pathlib import Path
        from assistant.sources import Credential, Limits, SharePointPart
        from assistant.sources.sharepoint import SharePoint
        part = SharePointPart(kind="sharepoint", name="policies", site="https://{SITE}/{PATH}")
        proof = Credential(tenant_id="{TENANT}", app_id="{APP}", app_password="{SECRET}")
        api = "{filled.microsoft.api}"
        source = SharePoint(part, proof, Limits(), api=api, login=api.removesuffix("/v1.0"))
        source.fetch(Path({str(filled.into)!r}))
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])

    def kill() -> None:
        os.kill(child.pid, signal.SIGKILL)

    filled.microsoft.meanwhile["Zoo.txt"] = kill
    assert child.wait(60) == -signal.SIGKILL
    assert files(filled.into) == before
    assert left_over(filled.into) == [".incoming"]
    assert filled.fetch() == Fetched(came=1, changed=1, same=2)


def settled(into: Path, today: dict[str, tuple[str, bytes]]) -> Fetched:
    """A fetch from nowhere: documents by key, with names and contents; whatever is there whole is not fetched again."""
    with mirrored(into, "nowhere", "Nowhere") as mirror:
        for key, (name, content) in today.items():
            kept = mirror.whole(key)
            if kept and kept.tag == content.decode():
                mirror.keep(key, name=name)
            else:
                path = mirror.fresh()
                path.write_bytes(content)
                mirror.take(key, path, name=name, hint="", tag=content.decode())
        return mirror.settle({})


def test_killed_at_every_step_of_putting_things_in_place(tmp_path: Path) -> None:
    yesterday = {"a": ("A.txt", b"a"), "b": ("B.txt", b"b"), "c": ("C.txt", b"c"), "d": ("D.txt", b"d")}
    today = {"a": ("B.txt", b"a"), "b": ("A.txt", b"b"), "c": ("C.txt", b"changed"), "e": ("E.txt", b"e")}
    for step in range(100):
        into = tmp_path / str(step)
        settled(into, yesterday)
        child = os.fork()
        if not child:
            steps = itertools.count()

            def die(event: str, _: object, steps: Iterator[int] = steps, last: int = step) -> None:
                if event in ("os.rename", "os.remove", "os.rmdir", "open") and next(steps) == last:
                    os._exit(9)

            sys.addaudithook(die)
            settled(into, today)
            os._exit(0)
        killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert {"A.txt", "B.txt", "C.txt"} <= set(files(into)) <= {"A.txt", "B.txt", "C.txt", "D.txt", "E.txt"}
        assert set(files(into).values()) <= {b"a", b"b", b"c", b"d", b"changed", b"e"}
        settled(into, today)
        assert files(into) == {"A.txt": b"b", "B.txt": b"a", "C.txt": b"changed", "E.txt": b"e"}
        assert left_over(into) == []
        if not killed:
            break
    assert not killed
    assert step > 20


def test_two_fetches_at_once_take_turns(filled: Tenant) -> None:
    filled.library.put("New.txt", b"New." * 999)
    found: list[Fetched] = []
    threads = [threading.Thread(target=lambda: found.append(filled.source().fetch(filled.into))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(one.came for one in found) == [0, 1]
    assert len(files(filled.into)) == 4


@pytest.mark.parametrize(
    ("data", "hashed"),
    [
        (b"", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        (b"J", "SgAAAAAAAAAAAAAAAQAAAAAAAAA="),
        (b"\xb5\xb4", "taAFAAAAAAAAAAAAAgAAAAAAAAA="),
        (b"hello world", "aCgDG9jwBhDc4Q1yawMZAAAAAAA="),
    ],
)
def test_quick_xor_as_others_have_it(data: bytes, hashed: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)
    assert quick_xor(tmp_path / "x") == hashed == stand_in.quick_xor(data)


@pytest.mark.parametrize("size", [159, 160, 161, 1000, 3200, 3217])
def test_quick_xor_of_any_length(size: int, tmp_path: Path) -> None:
    data = bytes(number * 37 % 251 for number in range(size))
    (tmp_path / "x").write_bytes(data)
    assert quick_xor(tmp_path / "x") == stand_in.quick_xor(data)


# A website


class Page:
    """A school's page, and the assistant's folder for it."""

    def __init__(self, site: WebSite, into: Path) -> None:
        self.site, self.into, self.limits = site, into, LIMITS
        self.part: dict[str, Any] = {"page": f"{site.address}/policies/"}

    def source(self) -> Website:
        return Website(WebsitePart(kind="website", name="website", **self.part), self.limits)

    def fetch(self) -> Fetched:
        self.site.asked.clear()
        self.site.answered.clear()
        fetched = self.source().fetch(self.into)
        assert left_over(self.into) == []
        return fetched

    def fails(self) -> SourceFailed:
        before = files(self.into)
        with pytest.raises(SourceFailed) as failed:
            self.source().fetch(self.into)
        assert files(self.into) == before
        assert left_over(self.into) == []
        return failed.value


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    site = WebSite()
    with serving(site.application()) as (port,):
        site.address = f"http://127.0.0.1:{port}"
        yield Page(site, tmp_path / "into")


@pytest.fixture
def listed(page: Page) -> Page:
    """A page with three policies that have been fetched."""
    page.site.page("/policies/", "behaviour.pdf", "/files/Pay%20policy.docx", "leave.txt")
    page.site.files |= {
        "/policies/behaviour.pdf": File(b"%PDF behaviour"),
        "/files/Pay%20policy.docx": File(b"PK pay", "application/msword", tagged=False, dated=1_700_000_000),
        "/policies/leave.txt": File(b"Leave.", "text/plain"),
    }
    assert page.fetch() == Fetched(came=3)
    return page


def test_a_pages_documents_come_one_at_a_time(listed: Page) -> None:
    assert files(listed.into) == {
        "behaviour.pdf": b"%PDF behaviour",
        "Pay policy.docx": b"PK pay",
        "leave.txt": b"Leave.",
    }
    assert listed.site.most_at_once == 1
    assert {headers["User-Agent"] for _, headers in listed.site.asked} == {AGENT}
    assert AGENT.startswith("school-policy-assistant/")
    assert not any({"Cookie", "Authorization"} & set(headers) for _, headers in listed.site.asked)


def test_documents_are_asked_only_whether_they_have_changed(listed: Page) -> None:
    assert listed.fetch() == Fetched(same=3)
    assert [status for path, status in listed.site.answered if path not in ("/robots.txt", "/policies/")] == [304] * 3
    listed.site.files["/policies/behaviour.pdf"].content = b"%PDF behaviour, again"
    listed.site.files["/files/Pay%20policy.docx"].dated += 60
    listed.site.page("/policies/", "behaviour.pdf", "/files/Pay%20policy.docx", "new.odt")
    listed.site.files["/policies/new.odt"] = File(b"PK new", "application/vnd.oasis.opendocument.text")
    assert listed.fetch() == Fetched(came=1, changed=1, went=1, same=1)
    assert files(listed.into) == {
        "behaviour.pdf": b"%PDF behaviour, again",
        "Pay policy.docx": b"PK pay",
        "new.odt": b"PK new",
    }


def test_a_file_that_is_gone_here_is_asked_for_without_conditions(listed: Page) -> None:
    (listed.into / "behaviour.pdf").unlink()
    assert listed.fetch() == Fetched(came=1, same=2)
    assert files(listed.into)["behaviour.pdf"] == b"%PDF behaviour"


def test_every_kind_of_link(page: Page) -> None:
    site = page.site
    site.page(
        "/policies/",
        "a.pdf#page=2",
        "a.pdf",
        " b.pdf\n",
        "c d.pdf",
        f"{site.address}/other/e.pdf",
        "mailto:office@school.example",
        "javascript:void(0)",
        "http://[broken",
        "tel:01632960180",
        "picture.png",
        "style.css?x=1",
        head='<base href="/docs/"><base href="/ignored/">',
        Phones_in_school="/download?id=7",
        Attached="/get.aspx?doc=8",
        Nothing="/about",
    )
    for name in ("a", "b", "c%20d"):
        site.files[f"/docs/{name}.pdf"] = File(name.encode())
    site.files["/other/e.pdf"] = File(b"e")
    site.files["/download?id=7"] = File(b"phones", "application/pdf; qs=0.001")
    disposition = "attachment; filename=\"x.docx\"; filename*=UTF-8''Caf%C3%A9%20..%2F..%2Fpolicy.docx"
    site.files["/get.aspx?doc=8"] = File(
        b"attached", "application/octet-stream", headers={"Content-Disposition": disposition}
    )
    site.files["/about"] = File(b"<html>About us", "text/html")
    assert page.fetch() == Fetched(came=6)
    assert files(page.into) == {
        "a.pdf": b"a",
        "b.pdf": b"b",
        "c d.pdf": b"c%20d",
        "e.pdf": b"e",
        "Phones in school.pdf": b"phones",
        "policy.docx": b"attached",
    }
    assert site.paths().count("/docs/a.pdf") == 1
    assert not {"/docs/picture.png", "/docs/style.css?x=1"} & set(site.paths())


def test_documents_of_one_name_are_told_apart_by_their_folders(page: Page) -> None:
    page.site.page("/policies/", "/primary/Behaviour.pdf", "/secondary/behaviour.pdf", "/x/secondary/behaviour.pdf")
    for path in ("/primary/Behaviour.pdf", "/secondary/behaviour.pdf", "/x/secondary/behaviour.pdf"):
        page.site.files[path] = File(path.encode())
    assert page.fetch() == Fetched(came=3)
    assert sorted(files(page.into)) == ["Behaviour.pdf", "behaviour (secondary 2).pdf", "behaviour (secondary).pdf"]
    assert page.fetch() == Fetched(same=3)


def test_other_websites_are_left_alone_unless_they_are_named(page: Page) -> None:
    other = WebSite(files={"/kcsie.pdf": File(b"kcsie")})
    with serving(other.application()) as (port,):
        page.site.page("/policies/", "a.pdf", f"http://127.0.0.1:{port}/kcsie.pdf")
        page.site.files["/policies/a.pdf"] = File(b"a")
        fetched = page.fetch()
        assert replace(fetched, refused=()) == Fetched(came=1)
        assert f"leads to another website, 127.0.0.1:{port}; name it in `sites` if it is yours." in reasons(fetched)
        assert other.asked == []
        page.part["sites"] = [f"127.0.0.1:{port}"]
        assert page.fetch() == Fetched(came=1, same=1)
        assert files(page.into)["kcsie.pdf"] == b"kcsie"


@pytest.mark.parametrize("redirected", [False, True])
def test_no_private_address_but_the_pages_own(page: Page, redirected: bool) -> None:
    inner = WebSite(files={"/secret.pdf": File(b"secret")})
    with serving(inner.application()) as (port,):
        secret = f"http://localhost:{port}/secret.pdf"
        page.site.page("/policies/", "a.pdf", "moved.pdf" if redirected else secret)
        page.site.files["/policies/a.pdf"] = File(b"a")
        page.site.files["/policies/moved.pdf"] = File(status=302, headers={"Location": secret})
        page.part["sites"] = [f"localhost:{port}"]
        fetched = page.fetch()
        assert replace(fetched, refused=()) == Fetched(came=1)
        assert "leads into a private network" in reasons(fetched)
        assert inner.asked == []


def test_a_name_that_means_something_else_once_it_is_connected_to(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = socket.getaddrinfo, list[str]()

    def rebinding(host: str, *more: Any, **most: Any) -> Any:
        if host != "rebinding.example":
            return real(host, *more, **most)
        asked.append(host)
        public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 80))]
        return public if len(asked) == 1 else real("127.0.0.1", *more, **most)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    port = page.site.address.rpartition(":")[2]
    with Client(5, own="http://www.school.example/") as client, pytest.raises(NotAllowed, match="private network"):
        client.send("GET", f"http://rebinding.example:{port}/policies/")
    assert page.site.asked == []
    assert len(asked) == 2


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.8]", "0.0.0.0", "[fd00::1]"],
)
def test_private_addresses(address: str) -> None:
    with Client(5, own="http://www.school.example/") as client, pytest.raises(NotAllowed, match="private network"):
        client.send("GET", f"http://{address}/")


def test_redirects_are_followed_but_not_for_ever(page: Page) -> None:
    site = page.site
    page.part["page"] = f"{site.address}/old"
    site.files["/old"] = File(status=301, headers={"Location": "/policies/"})
    site.page("/policies/", "moved.pdf", "again.pdf", "round.pdf")
    site.files |= {
        "/policies/moved.pdf": File(status=302, headers={"Location": "../files/here.pdf"}),
        "/policies/again.pdf": File(status=307, headers={"Location": f"{site.address}/files/here.pdf"}),
        "/policies/round.pdf": File(status=302, headers={"Location": "round.pdf"}),
        "/files/here.pdf": File(b"here"),
    }
    fetched = page.fetch()
    assert replace(fetched, refused=()) == Fetched(came=1)  # two links to one document
    assert files(page.into) == {"here.pdf": b"here"}
    assert "The link to round.pdf leads from one redirect to the next." in reasons(fetched)
    assert site.paths().count("/policies/round.pdf") == 5


def test_links_that_fail(listed: Page) -> None:
    site = listed.site
    site.files["/policies/behaviour.pdf"] = File(b"<html>Sign in", "text/html")
    site.files["/files/Pay%20policy.docx"].status = 403
    del site.files["/policies/leave.txt"]
    fetched = listed.fetch()
    assert replace(fetched, refused=()) == Fetched(went=1, same=2)
    assert files(listed.into) == {"behaviour.pdf": b"%PDF behaviour", "Pay policy.docx": b"PK pay"}
    said = reasons(fetched)
    assert "The link to behaviour.pdf shows a web page instead of the document; mend it on the page." in said
    assert "Pay policy.docx can't be fetched (error 403)" in said
    assert "The link to leave.txt leads to nothing (error 404)" in said


def test_formats_and_sizes(page: Page) -> None:
    page.site.page(
        "/policies/", "a.pdf", "risks.xlsx", "big.pdf", "endless.pdf", "forms.zip", Chart="/download?id=3", Clip="/clip"
    )
    page.site.files |= {
        "/policies/a.pdf": File(b"a"),
        "/policies/big.pdf": File(b"b" * 100_001),
        "/policies/endless.pdf": File(b"b" * 5_000_000, chunked=True),
        "/download?id=3": File(b"PNG", "image/png"),
        "/clip": File(b"rtf", "application/rtf"),
    }
    fetched = page.fetch()
    assert replace(fetched, refused=()) == Fetched(came=1)
    said = reasons(fetched)
    assert "risks.xlsx is in a format that can't be read" in said
    assert "forms.zip is in a format that can't be read" in said
    assert "big.pdf is too big (over 100,000 bytes)" in said
    assert "endless.pdf is too big (over 100,000 bytes)" in said
    assert "Clip.rtf is in a format that can't be read" in said
    assert len(fetched.refused) == 5
    assert "/policies/risks.xlsx" not in page.site.paths()


@pytest.mark.parametrize(
    ("pages", "came"),
    [
        (None, {"attendance.html", "trips.html", "visits.html"}),
        ("/rules/*", {"uniform.html"}),
        ("", set()),
    ],
)
def test_web_pages_that_are_policies(page: Page, pages: str | None, came: set[str]) -> None:
    html = """<nav><a href="/policies/map.html">Map</a><a href="/download?id=1">Prospectus</a></nav>
        <a href="attendance.html">Attendance</a> <a href="trips.htm">Trips</a> <a href="/policies/">Here</a>
        <a href="visits">visits</a> <a href="/rules/uniform.html">Uniform</a> <a href="/contact.html">Contact</a>
        <a href="a.pdf">A</a>"""
    page.site.files["/policies/"] = File(html.encode(), "text/html")
    page.site.files["/policies/a.pdf"] = File(b"a")
    for path in ("/policies/map.html", "/policies/attendance.html", "/policies/trips.htm", "/policies/visits",
                 "/rules/uniform.html", "/contact.html", "/download?id=1"):  # fmt: skip
        page.site.files[path] = File(b"<html>" + path.encode(), "text/html")
    page.part["pages"] = pages
    assert page.fetch() == Fetched(came=1 + len(came))
    assert set(files(page.into)) == {"a.pdf"} | came
    assert "/contact.html" not in page.site.paths()


def test_robots_txt_is_heeded(page: Page) -> None:
    page.site.page("/policies/", "a.pdf", "/closed/b.pdf", "/private/c.pdf")
    page.site.files["/robots.txt"] = File(
        b"User-agent: *\nDisallow: /closed/\n\nUser-agent: School-Policy-Assistant\nDisallow: /private/\n", "text/plain"
    )
    for path in ("/policies/a.pdf", "/closed/b.pdf", "/private/c.pdf"):
        page.site.files[path] = File(b"x" + path.encode())
    fetched = page.fetch()
    assert replace(fetched, refused=()) == Fetched(came=2)
    assert (
        "The link to c.pdf is closed to machines by the site's robots.txt; let school-policy-assistant in."
        in reasons(fetched)
    )
    page.site.files["/robots.txt"] = File(b"User-agent: *\nDisallow: /\n", "text/plain")
    assert "closed to machines" in str(page.fails())
    page.site.files["/robots.txt"] = File(status=500)
    assert "fails just now (error 500)" in str(page.fails())


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (File(status=404), r"can't be read \(error 404\); check `page`\."),
        (File(b"%PDF", "application/pdf"), "is not a web page; give one that links to the documents."),
        (File(b"<html>" + b"x" * 5_000_001, "text/html"), "is not a web page that can be read"),
        (File(b"\0\1\2\3" * 99, "text/html"), "is not a web page that can be read"),
        (
            File(b"<html>Closed for maintenance.", "text/html"),
            "has no documents any more that can be taken, so yesterday's are kept",
        ),
        (File(status=302, headers={"Location": "http://elsewhere.example/"}), "leads to another website, elsewhere"),
        (File(status=302, headers={"Location": "ftp://127.0.0.1/"}), "leads to another website"),
    ],
)
def test_a_page_that_fails_leaves_everything_as_it_was(listed: Page, file: File, why: str) -> None:
    listed.site.files["/policies/"] = file
    failed = listed.fails()
    assert failed.args[0].endswith(".")
    assert re.search(why, failed.args[0])


def test_a_page_all_of_whose_links_fail_leaves_everything_as_it_was(listed: Page) -> None:
    for path in ("/policies/behaviour.pdf", "/files/Pay%20policy.docx", "/policies/leave.txt"):
        del listed.site.files[path]
    failed = listed.fails()
    assert "no documents any more that can be taken" in str(failed)
    assert "The link to behaviour.pdf leads to nothing (error 404); mend it on the page." in str(failed)


def test_a_websites_connection_that_breaks(listed: Page) -> None:
    listed.site.files["/policies/leave.txt"].content = b"Leave, as it is now." * 999
    listed.site.breaks = {"/policies/leave.txt": 2, "/policies/": 1}
    assert listed.fetch() == Fetched(changed=1, same=2)
    assert files(listed.into)["leave.txt"] == b"Leave, as it is now." * 999
    listed.site.files["/policies/behaviour.pdf"].content = b"%PDF as it is now"
    listed.site.files["/policies/leave.txt"].content = b"Leave, once more." * 999
    listed.site.breaks = {"/policies/leave.txt": 99}
    assert "connection broke while leave.txt came" in str(listed.fails())
    listed.site.breaks = {}
    assert listed.fetch() == Fetched(changed=2, same=1)


def test_a_busy_website(listed: Page) -> None:
    listed.site.busy = {"/policies/": [(503, "1")], "/policies/leave.txt": [(429, "1")]}
    assert listed.fetch() == Fetched(same=3)
    listed.site.busy = {"/policies/leave.txt": [(429, "7200")]}
    failed = listed.fails()
    assert (failed.seconds, "120 minutes" in str(failed)) == (7200, True)


def test_no_password_of_a_netrc_is_sent(listed: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    listed.site.files["/policies/"].headers["Set-Cookie"] = "track=me; Path=/"
    assert listed.fetch() == Fetched(same=3)
    assert not any({"Cookie", "Authorization"} & set(headers) for _, headers in listed.site.asked)


# A folder


def test_a_folder(tmp_path: Path) -> None:
    share, into = tmp_path / "share", tmp_path / "into"
    source = Folder("share", share, LIMITS)
    with pytest.raises(SourceFailed, match="is not there; check its name, and whether the share is connected"):
        source.fetch(into)
    (share / "Primary").mkdir(parents=True)
    (share / "Behaviour.txt").write_text("one")
    (share / "Primary" / "Behaviour.txt").write_text("two")
    (share / "~$Behaviour.docx").write_text("lock")
    (share / "Chart.png").write_text("png")
    fetched = source.fetch(into)
    assert replace(fetched, refused=()) == Fetched(came=2)
    assert "Chart.png is in a format that can't be read" in reasons(fetched)
    assert files(into) == {"Behaviour.txt": b"one", "Behaviour (Primary).txt": b"two"}
    (share / "Behaviour.txt").write_text("three")
    (share / "Primary" / "Behaviour.txt").unlink()
    (share / "New.txt").write_text("new")
    assert replace(source.fetch(into), refused=()) == Fetched(came=1, changed=1, went=1)
    assert files(into) == {"Behaviour.txt": b"three", "New.txt": b"new"}
    share.rename(tmp_path / "away")
    with pytest.raises(SourceFailed, match="is not there"):
        source.fetch(into)
    assert len(files(into)) == 2
    assert source.name == "share"


# What the school file says

YAML = """
- kind: sharepoint
  name: policies
  site: https://oakfield.sharepoint.com/sites/staff
  library: Documents
  folder: Policies/Current
- kind: sharepoint
  name: office
  onedrive: office@oakfield.example
  folder: Policies
- kind: website
  name: website
  page: https://www.oakfield.example/policies
  sites: [files.oakfield.example]
  pages: /policies/*
"""
PARTS: TypeAdapter[tuple[SharePointPart | WebsitePart, ...]] = TypeAdapter(tuple[Part, ...])


def test_the_school_files_sources() -> None:
    parts = PARTS.validate_python(yaml.safe_load(YAML))
    proof = credential({"SHAREPOINT_TENANT_ID": "t", "SHAREPOINT_APP_ID": "a", "SHAREPOINT_APP_PASSWORD": "p"}, [])
    opened = [open_source(part, proof) for part in parts]
    assert [type(source) for source in opened] == [SharePoint, SharePoint, Website]
    assert [source.name for source in opened] == ["policies", "office", "website"]
    assert folder_of(Path("/data"), "oakfield", "policies") == Path("/data/sources/oakfield/policies")
    with pytest.raises(SourceFailed, match="SHAREPOINT_TENANT_ID"):
        open_source(parts[0], None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "ftp", "name": "x"},
        {"kind": "website", "name": "../x", "page": "https://school.example/"},
        {"kind": "website", "name": "x", "page": "file:///etc/passwd"},
        {"kind": "website", "name": "x", "page": "https://me:secret@school.example/"},
        {"kind": "website", "name": "x", "page": "https://school.example/", "sites": ["https://other.example/"]},
        {"kind": "website", "name": "x", "page": "https://school.example/", "unknown": 1},
        {"kind": "sharepoint", "name": "x"},
        {"kind": "sharepoint", "name": "x", "site": "https://s.sharepoint.com/sites/a", "onedrive": "a@s.example"},
        {"kind": "sharepoint", "name": "x", "site": "http://s.sharepoint.com/sites/a"},
        {"kind": "sharepoint", "name": "x", "site": "https://s.sharepoint.com/sites/a/Docs/Forms/AllItems.aspx"},
        {"kind": "sharepoint", "name": "x", "site": "https://s.sharepoint.com/:f:/s/a/xyz"},
        {"kind": "sharepoint", "name": "x", "onedrive": "a@s.example", "library": "Documents"},
        {"kind": "sharepoint", "name": "x", "site": "https://s.sharepoint.com/sites/a", "folder": "../up"},
        {"kind": "sharepoint", "name": "x", "site": "https://s.sharepoint.com/sites/a", "folder": "a//b"},
        {"kind": "sharepoint", "name": "x", "site": "https://s.sharepoint.com/sites/a", "folder": "a:/children"},
    ],
)
def test_what_the_school_file_may_not_say(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PARTS.validate_python([wrong])


@pytest.mark.parametrize(
    ("environment", "wrong"),
    [
        ({}, []),
        ({"SHAREPOINT_TENANT_ID": "t.example", "SHAREPOINT_APP_ID": "a"}, ["SHAREPOINT_APP_PASSWORD"]),
        ({"SHAREPOINT_APP_PASSWORD": "p"}, ["SHAREPOINT_TENANT_ID", "SHAREPOINT_APP_ID"]),
        (
            {"SHAREPOINT_TENANT_ID": "t/../x", "SHAREPOINT_APP_ID": "a", "SHAREPOINT_APP_PASSWORD": "p"},
            ["SHAREPOINT_TENANT_ID"],
        ),
    ],
)
def test_the_credential_from_the_environment(environment: dict[str, str], wrong: list[str]) -> None:
    problems: list[str] = []
    found = credential(environment, problems)
    assert [problem.split(":")[0] for problem in problems] == wrong
    assert (found is None) == (environment == {})
    assert "p" not in environment.get("SHAREPOINT_APP_PASSWORD", "") or repr(found) == "Credential()"
