"""The commands as programs: streams, exit statuses, errors in one line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.config import EXAMPLE_SCHOOL

from .test_nothing_leaks import EITHER


def run(data: Path, *arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "assistant"), *arguments]
    env = {"PATH": "/usr/bin:/bin", "ASSISTANT_DATA": str(data), "COLUMNS": "200", **environment}
    return subprocess.run(command, capture_output=True, text=True, env=env, input=stdin, timeout=120)


def test_an_answer_is_0_a_no_is_1_and_what_cannot_run_is_2(tmp_path: Path) -> None:
    assert run(tmp_path, "ask", "can I give a pupil a lift").returncode == 0
    assert run(tmp_path, "ask", "how much is the mileage rate").returncode == 1
    for wrong in (
        ["ask"],
        ["ask", "x", "--organisation", "nowhere"],
        ["ask", "x", "--school", "none.yaml"],
        ["ask", " "],
    ):
        done = run(tmp_path, *wrong)
        assert done.returncode == 2
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1


def test_json_stands_alone_on_stdout(tmp_path: Path) -> None:
    row = json.loads(run(tmp_path, "ask", "how long must passwords be", "--json").stdout)
    assert row["answered"] is True
    assert set(row["quotes"][0]) == {"text", "citation", "clause_id", "policy"}


def test_a_batch_answers_line_by_line_in_order(tmp_path: Path) -> None:
    rows = [
        {"id": n, "organisation": "oakfield", "question": q}
        for n, q in enumerate(["may I vape at school", "mileage rate?"])
    ]
    done = run(tmp_path, "ask", "--batch", "-", stdin="\n".join(map(json.dumps, rows)))
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in out] == [0, 1]
    assert [row["answered"] for row in out] == [True, False]
    assert set(out[0]) == {"id", "answered", "quotes", "suggests_report", "ms"}
    assert "vaping" in out[0]["quotes"][0]["text"]
    assert [row["suggests_report"] for row in out] == [False, False]


def test_what_may_be_a_concern_or_a_question_is_offered_the_form_and_answered(tmp_path: Path) -> None:
    done = run(tmp_path, "ask", "--json", EITHER)
    row = json.loads(done.stdout)
    assert row["suggests_report"]
    assert row["answered"]
    done = run(tmp_path, "ask", EITHER)
    assert done.returncode == 0
    assert done.stdout.index("ring 999 now") < done.stdout.index("What your policies say")


@pytest.mark.parametrize("line", ["{", '{"id": 1}', '{"id": 1, "organisation": "x", "question": "y"}', "[]"])
def test_a_bad_batch_is_refused_by_line_before_anything_is_answered(tmp_path: Path, line: str) -> None:
    good = json.dumps({"id": 1, "organisation": "oakfield", "question": "phones"})
    done = run(tmp_path, "ask", "--batch", "-", stdin=f"{good}\n{line}")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "line 2" in done.stderr


def test_clauses_are_printed_as_json_lines(tmp_path: Path) -> None:
    file = EXAMPLE_SCHOOL.parent / "policies" / "social-media-policy.md"
    rows = [json.loads(line) for line in run(tmp_path, "clauses", str(file), "--json").stdout.splitlines()]
    assert set(rows[0]) == {"clause_id", "path", "text", "citation"}
    assert run(tmp_path, "clauses", str(tmp_path / "none.md")).returncode == 2


def test_indexing_reports_and_does_nothing_twice(tmp_path: Path) -> None:
    assert "7 added" in run(tmp_path, "index").stdout
    assert "7 unchanged" in run(tmp_path, "index").stdout


def test_check_counts_whom_teams_has_not_met(tmp_path: Path) -> None:
    assert "Teams has not met" not in run(tmp_path, "check").stderr
    found = run(tmp_path, "check", TEAMS_APP_ID="")
    assert "oakfield: Teams has not met 12 of 12 people" in found.stderr
    assert found.returncode == 0


def test_check_names_what_is_wrong(tmp_path: Path) -> None:
    assert run(tmp_path, "check").returncode == 0
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "s.yaml").write_text(
        "organisations:\n  - {id: a, name: A, policies: [empty.md, gone/*.md]}\n"
        "  - {id: b, name: B, policies: [empty.md], people: [{id: x, name: X, roles: [dsl], aliases: [y]}]}\n"
    )
    done = run(tmp_path, "check", "--school", str(tmp_path / "s.yaml"))
    assert done.returncode == 1
    assert "empty.md is empty" in done.stderr
    assert "gone/*.md names no file" in done.stderr
    assert "nobody is on the roster" in done.stderr
    assert "b: people: y, an alias of X, is on no roster" in done.stderr


def test_with_no_model_it_answers_from_keywords_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys; sys.argv[0]='assistant'; from assistant import bootstrap; from pathlib import Path; "
    code += (
        "bootstrap.MODEL_FOLDER = Path('/nowhere'); bootstrap.build.__kwdefaults__['model_folder'] = Path('/nowhere'); "
    )
    code += "from assistant.cli import main; main()"
    command = [sys.executable, "-c", code, "ask", "lifts for pupils in their own cars"]
    env = {"PATH": "/usr/bin:/bin", "ASSISTANT_DATA": str(tmp_path), "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120)
    assert done.stderr.count("keywords alone") == 1
    assert "Staff must not give pupils lifts" in done.stdout


def test_another_embedding_is_chosen_through_langchain(tmp_path: Path) -> None:
    done = run(tmp_path, "ask", "phones", EMBEDDINGS="nonsense:model")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_staff_room_is_not_put_on_a_network_by_accident(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 2
    assert "no sign-in" in done.stderr


def test_what_reads_like_a_concern_is_not_searched(tmp_path: Path) -> None:
    told = "a boy in my class told me his dad hits him, he has bruises on his arms"
    done = run(tmp_path, "ask", told)
    assert done.returncode == 1
    assert "This may be a concern to report" in done.stdout
    assert "Priya Nair" in done.stdout
    row = json.loads(run(tmp_path, "ask", told, "--json").stdout)
    assert (row["answered"], row["quotes"], row["suggests_report"]) == (False, [], True)
    assert json.loads(run(tmp_path, "ask", "gifts from parents", "--json").stdout)["suggests_report"] is False


def test_delivering_once_from_the_command_line(tmp_path: Path) -> None:
    assert "delivered or put off" in run(tmp_path, "deliver", "--once").stderr
    assert run(tmp_path, "migrate").returncode == 0


def test_every_command_has_help_with_an_example(tmp_path: Path) -> None:
    said = run(tmp_path, "--help").stdout
    commands = ("ask", "clauses", "index", "check", "questions", "serve", "deliver", "model", "migrate", "retention")
    for command in commands:
        assert command in said
        assert "Example" in run(tmp_path, command, "--help").stdout
    for group in (
        ("keys", "new"),
        ("keys", "rotate"),
        ("audit", "verify"),
        ("concerns", "export"),
        ("receipt", "verify"),
    ):
        assert "Example" in run(tmp_path, *group, "--help").stdout
