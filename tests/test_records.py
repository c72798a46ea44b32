"""Case files, receipts, handover, retention: what leaves the house, and what is deleted after it."""

import io
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pypdf
import pytest
import sqlalchemy as sa

from assistant import bootstrap, receipts
from assistant.domain.concerns import Action, act
from assistant.domain.errors import Changed, NothingHere, NotNow
from assistant.domain.retention import Verdict
from assistant.domain.routing import Kind
from assistant.handlers.records import CaseFile, delete_due, export, export_code, what_is_kept, whose_code
from assistant.storage.tables import audit, concerns, entries, grants, inbox, notices

from .house import House

WORDS = "She said “Tata mnie uderzył” — zażółć gęślą jaźń, 私は怖い, 😢 and <b>no</b> more."


def case_file(house: House, who: str, reference: str) -> CaseFile:
    render, sign = bootstrap.case_files(house.database)
    return export(reference, house.person(who), **house.with_, render=render, sign=sign)


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def closed(house: House, **more) -> str:
    reference = house.report(**more).reference
    house.deliver()
    house.do("priya", Action.ACKNOWLEDGE, reference)
    house.do("priya", Action.END, reference, "It was a misunderstanding.")
    house.do("priya", Action.CLOSE, reference, "Closed after talking to the family.")
    house.deliver()
    return reference


def test_a_case_file_has_everything_in_whatever_script_it_was_written(house: House) -> None:
    reference = closed(house, what=WORDS)
    made = case_file(house, "priya", reference)
    text = text_of(made.pdf)
    for said in (
        f"Case file {reference}", "Oakfield Primary School", "by Priya Nair", "Tata mnie uderzył", "zażółć gęślą jaźń",
        "[hiragana letter ha]", "<b>no</b>", "Amina Yusuf reported it", "Closed after talking to the family.",
    ):  # fmt: skip
        assert said in text, said
    assert "Priya Nair: acknowledge" in text
    (attached,) = pypdf.PdfReader(io.BytesIO(made.pdf)).attachments["exact-words.json"]
    assert json.loads(attached)["report"]["What happened"] == WORDS


def test_an_anonymous_reporter_is_in_no_line_of_the_case_file(house: House) -> None:
    reference = house.report(anonymous=True).reference
    house.deliver()
    house.do("priya", Action.ACKNOWLEDGE, reference)
    house.do("priya", Action.ASK, reference, "When?")
    house.do("amina", Action.ANSWER, reference, "Today.")
    house.deliver()
    made = case_file(house, "priya", reference)
    assert b"Amina" not in made.pdf
    assert "Amina" not in text_of(made.pdf)
    assert "amina" not in pypdf.PdfReader(io.BytesIO(made.pdf)).attachments["exact-words.json"][0].decode()
    assert "the reporter" in text_of(made.pdf)


@pytest.mark.parametrize("who", ["amina", "callum", "wei", "helen", "farah"])
def test_nobody_else_gets_one(house: House, who: str) -> None:
    reference = closed(house)
    with pytest.raises(NothingHere):
        case_file(house, who, reference)


def test_a_file_that_cannot_be_made_was_never_exported(house: House) -> None:
    reference = closed(house)
    _, sign = bootstrap.case_files(house.database)

    def broken(_: object) -> bytes:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk"):
        export(reference, house.person("priya"), **house.with_, render=broken, sign=sign)
    with pytest.raises(NotNow):
        house.do("priya", Action.HAND_OVER, reference, "filed")


def test_a_receipt_is_checked_offline_and_says_nothing(house: House, tmp_path: Path) -> None:
    reference = closed(house, what="MARKED")
    made = case_file(house, "priya", reference)
    for word in (b"MARKED", b"priya", b"Priya", b"amina", b"pupil"):
        assert word not in made.receipt
    key = receipts.fingerprint(receipts.public_key(house.database.signing_key))
    assert receipts.verify(made.receipt, made.pdf, key).reference == reference
    for receipt, pdf, given, why in (
        (made.receipt, made.pdf + b" ", "", "not the one"),
        (made.receipt.replace(reference.encode(), b"C-22222222"), made.pdf, "", "changed"),
        (made.receipt, made.pdf, "another", "signed by the key"),
        (b"{}", None, "", "no receipt"),
        (b"[1]", None, "", "no receipt"),
        (b"\xff", None, "", "no receipt"),
    ):
        with pytest.raises(receipts.BadReceipt, match=why):
            receipts.verify(receipt, pdf, given)
    (tmp_path / "r.json").write_bytes(made.receipt)
    (tmp_path / "f.pdf").write_bytes(made.pdf)
    command = [str(Path(sys.executable).parent / "assistant"), "receipt", "verify", str(tmp_path / "r.json")]
    # Nothing but the two files: no school file, no database, no key.
    offline = {"PATH": "/usr/bin:/bin", "ASSISTANT_DATA": "/nowhere", "COLUMNS": "200"}
    assert subprocess.run([*command, str(tmp_path / "f.pdf")], env=offline, cwd=tmp_path, check=False).returncode == 0
    (tmp_path / "f.pdf").write_bytes(made.pdf + b" ")
    assert subprocess.run([*command, str(tmp_path / "f.pdf")], env=offline, cwd=tmp_path, check=False).returncode == 1


def test_a_code_makes_one_persons_copy_of_one_file_for_a_while(house: House) -> None:
    reference, key = closed(house), house.database.code_key
    code = export_code(reference, house.person("priya"), house.school, key, house.clock.now())
    whose = lambda code, ref=reference: whose_code(code, ref, house.school, key, house.clock.now())  # noqa: E731
    assert whose(f" {code.lower()} ") == house.person("priya")
    assert whose(code, "C-22222222") is None
    assert whose("") is None
    house.clock.forward(minutes=7)
    assert whose(code)
    house.clock.forward(minutes=30)
    assert whose(code) is None
    # Somebody not entitled can make a code of their own, and gets nothing for it.
    mine = export_code(reference, house.person("callum"), house.school, key, house.clock.now())
    assert whose(mine) == house.person("callum")
    with pytest.raises(NothingHere):
        case_file(house, "callum", reference)


def kept(house: House) -> dict[str, Verdict]:
    return {
        ref: r.verdict for ref, r in what_is_kept(house.school, begin=house.database.begin, clock=house.clock, actor="")
    }


def delete(house: House) -> list[str]:
    return delete_due(house.school, begin=house.database.begin, clock=house.clock, actor="")


def test_nothing_is_deleted_before_somebody_has_confirmed_the_handover(house: House) -> None:
    reference, held, open_ = closed(house), closed(house), house.report().reference
    house.clock.forward(days=4000)
    assert delete(house) == []
    for one in (reference, held):
        case_file(house, "priya", one)
        house.do("priya", Action.HAND_OVER, one, "In the paper file, no. 12.")
    house.do("priya", Action.HOLD, held, "inquiry")
    house.clock.forward(days=89)
    assert delete(house) == []
    house.clock.forward(days=1)
    assert kept(house) == {reference: Verdict.DELETE, held: Verdict.HELD, open_: Verdict.OPEN}
    assert delete(house) == [reference]
    assert set(kept(house)) == {held, open_}
    with pytest.raises(NothingHere):
        house.open("priya", reference)
    assert reference not in house.inbox("priya")
    with house.engine.begin() as connection:
        gone = connection.execute(sa.select(concerns).where(concerns.c.reference == reference)).one()
        assert (gone.key_id, gone.wrapped_key, gone.report, gone.facts) == (None, None, None, None)
        for table in (entries, grants, notices):
            assert connection.scalar(sa.select(sa.func.count()).where(table.c.concern_id == gone.id)) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(inbox)) > 0  # the others' are there
        last = connection.scalar(sa.select(sa.func.count()).where(audit.c.concern_id == gone.id))
    with house.database.begin() as transaction:
        assert transaction.audit.verify().broken_at is None
        assert [e.action for e in transaction.audit.of(gone.id)][-1] == "deleted"
    assert last > 10
    house.clock.forward(days=1)
    house.deliver()


def test_what_is_added_after_the_handover_is_not_lost_with_it(house: House) -> None:
    reference = closed(house)
    case_file(house, "priya", reference)
    house.do("priya", Action.HAND_OVER, reference, "filed")
    house.do("amina", Action.ANSWER, reference, "I forgot to say.")
    house.clock.forward(days=4000)
    assert delete(house) == []
    assert kept(house)[reference] is Verdict.NOT_HANDED_OVER


@pytest.mark.parametrize(("who", "action"), [("priya", Action.HOLD), ("amina", Action.ANSWER)])
def test_what_is_done_while_retention_runs_counts(house: House, who: str, action: Action) -> None:
    """A hold, or an addition, is on its way to the database when retention looks."""
    reference = closed(house)
    case_file(house, "priya", reference)
    house.do("priya", Action.HAND_OVER, reference, "filed")
    house.clock.forward(days=100)
    with ThreadPoolExecutor() as beside:
        with house.database.begin() as transaction:
            concern = transaction.concerns.by_reference(house.school.id, reference)
            assert concern is not None
            changed, entry = act(concern, action, who, house.clock.now(), "He did it again.")
            transaction.concerns.save(changed)
            transaction.concerns.add_entry(changed, entry)
            gone = beside.submit(delete, house)
            wait([gone], timeout=1)
        assert gone.result() == []
    assert "He did it again." in [entry.text for entry in house.open("priya", reference).entries]


def test_nothing_is_deleted_that_has_changed_since_it_was_read(house: House) -> None:
    house.report()
    with house.database.begin() as transaction:
        (read,) = transaction.concerns.all_kept(house.school.id)
    house.deliver()
    house.do("priya", Action.ACKNOWLEDGE, read.reference)
    with pytest.raises(Changed), house.database.begin() as transaction:
        transaction.concerns.delete(read, house.clock.now())
    assert house.open("priya", read.reference).entries


def test_an_allegation_about_an_adult_is_kept_longer(house: House) -> None:
    reference = house.report(Kind.STAFF, "callum").reference
    house.deliver()
    for action in (Action.ACKNOWLEDGE, Action.END, Action.CLOSE):
        house.do("helen", action, reference)
    house.clock.forward(days=365 * 26)
    assert kept(house)[reference] is Verdict.NOT_HANDED_OVER


def test_the_commands_by_hand(tmp_path: Path) -> None:
    """keys, audit, retention, concerns export and receipt key, as whoever runs the machine types them."""
    house_data = {"ASSISTANT_DATA": str(tmp_path), "PATH": "/usr/bin:/bin", "COLUMNS": "250"}

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / "assistant"), *words]
        return subprocess.run(command, env=house_data | more, capture_output=True, text=True, check=False, timeout=60)

    old, new = (run("keys", "new").stdout.strip() for _ in range(2))
    house = House(f"sqlite:///{tmp_path / 'assistant.sqlite'}", keys=old)
    # The commands have the machine's clock, so this case has it too.
    from assistant.bootstrap import SystemClock

    house.clock.at = SystemClock().now()
    reference = closed(house)
    code = export_code(reference, house.person("priya"), house.school, house.database.code_key, house.clock.now())
    house.engine.dispose()
    assert "put that key back" in run("audit", "verify", ASSISTANT_KEYS=new).stderr
    assert run("keys", "rotate", ASSISTANT_KEYS=f"{new},{old}").returncode == 0
    done = run("audit", "verify", ASSISTANT_KEYS=new)
    assert done.returncode == 0
    head = done.stdout.strip()
    assert run("audit", "verify", "--contains", head, ASSISTANT_KEYS=new).returncode == 0
    assert run("audit", "verify", "--contains", "0" * 64, ASSISTANT_KEYS=new).returncode == 1
    assert "handover not confirmed" in run("retention", ASSISTANT_KEYS=new).stdout
    assert run("retention", "--apply", "--yes", ASSISTANT_KEYS=new).returncode == 0
    wrong = run("concerns", "export", reference, "--code", "WRONG", "--to", str(tmp_path), ASSISTANT_KEYS=new)
    assert (wrong.returncode, list(tmp_path.glob("C-*"))) == (2, [])
    pdf = tmp_path / f"{reference}.pdf"
    # What is there already may be anyone's to read, or a link to anywhere: it is left as it is.
    (tmp_path / "elsewhere").touch()
    for planted in (pdf, tmp_path / f"{reference}-receipt.json"):
        planted.symlink_to(tmp_path / "elsewhere")
        done = run("concerns", "export", reference, "--code", code, "--to", str(tmp_path), ASSISTANT_KEYS=new)
        assert (done.returncode, "is there already" in done.stderr) == (2, True)
        planted.unlink()
    assert (tmp_path / "elsewhere").read_bytes() == b""
    done = run("concerns", "export", reference, "--code", code, "--to", str(tmp_path), ASSISTANT_KEYS=new)
    assert done.returncode == 0, done.stderr
    assert pdf.stat().st_mode & 0o777 == 0o600
    key = run("receipt", "key", ASSISTANT_KEYS=new).stdout.strip()
    receipt = str(tmp_path / f"{reference}-receipt.json")
    assert run("receipt", "verify", receipt, str(pdf), "--key", key).returncode == 0
    if os.environ.get("PICTURES"):
        (Path(os.environ["PICTURES"]) / "case-file.pdf").write_bytes(pdf.read_bytes())
