"""The Slack app's manifest against what the code does, and `assistant slack check` against a stand-in."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from assistant.chats.slack import ASK_COMMAND
from assistant.conversation import APPLY_COMMAND, REPORT_COMMAND

from .slack_stand_in import METHODS, TEAM, Slack, Somebody

MANIFEST = Path(__file__).parent.parent / "deploy" / "slack" / "manifest.yaml"
# What each method needs, as Slack publishes it; "" for none.
NEEDS = {
    "auth.test": "",
    "apps.connections.open": "",
    "users.info": "users:read",
    "users.lookupByEmail": "users:read.email",
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.getPermalink": "",
    "views.open": "",
    "views.push": "",
    "views.update": "",
    "views.publish": "",
}
EVENTS = {"app_home_opened": "", "app_mention": "app_mentions:read", "message.im": "im:history"}


def test_the_manifest_asks_for_what_is_needed_and_nothing_else() -> None:
    manifest = yaml.safe_load(MANIFEST.read_text())
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert set(NEEDS) == set(METHODS)
    assert set(events) == set(EVENTS)
    wanted = {scope for scope in (*NEEDS.values(), *(EVENTS[event] for event in events)) if scope}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == wanted | {"commands"}
    commands = [command["command"] for command in manifest["features"]["slash_commands"]]
    assert commands == [ASK_COMMAND, REPORT_COMMAND, APPLY_COMMAND]
    assert {s["callback_id"] for s in manifest["features"]["shortcuts"]} == {"report", "report-message"}
    text = MANIFEST.read_text()
    for scope in wanted:
        assert f"- {scope} " in text, "each scope has its reason beside it"
        assert "#" in text.split(f"- {scope} ")[1].splitlines()[0]


@pytest.fixture
def platform() -> Iterator[Slack]:
    """A stand-in in a thread of its own."""
    slack, ready, loop = Slack(), threading.Event(), asyncio.new_event_loop()
    slack.scopes = "app_mentions:read,chat:write,commands,im:history,users:read,users:read.email"

    runners: list[web.AppRunner] = []

    async def run() -> None:
        runner = web.AppRunner(slack.application())
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()

    def work() -> None:
        loop.run_until_complete(run())
        loop.run_forever()
        loop.run_until_complete(runners[0].cleanup())

    slack.loop = loop
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    ready.wait(10)
    yield slack
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def check(slack: Slack, tmp_path: Path, **environment: str) -> tuple[int, str]:
    school = tmp_path / "school.yaml"
    (tmp_path / "p.txt").write_text("Policy\n\nBe kind.\n")
    school.write_text(
        "organisations:\n  - {id: a, name: A, policies: [p.txt], people: [{id: ann, name: Ann, email: ann@a.example, roles: [dsl]}, {id: bo, name: Bo, slack: U2}]}\n"
    )
    env = {
        "PATH": os.environ["PATH"],
        "ASSISTANT_DATA": str(tmp_path),
        "SLACK_API_URL": f"{slack.address}/api/",
    } | environment
    command = [str(Path(sys.executable).parent / "assistant"), "slack", "check", "--school", str(school)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    return done.returncode, done.stderr


def test_check_says_that_all_is_well(platform: Slack, tmp_path: Path) -> None:
    platform.user("U1", "ann@a.example")
    tokens = {"SLACK_BOT_TOKEN": "xoxb-secret", "SLACK_APP_TOKEN": "xapp-secret"}
    status, said = check(platform, tmp_path, **tokens)
    assert (status, "all well" in said) == (0, True), said


def test_check_says_what_is_missing_and_no_token(platform: Slack, tmp_path: Path) -> None:
    platform.scopes = "chat:write,commands"
    platform.fail["apps.connections.open"] = [{"ok": False, "error": "missing_scope"}]
    tokens = {"SLACK_BOT_TOKEN": "xoxb-secret", "SLACK_APP_TOKEN": "xapp-secret"}
    status, said = check(platform, tmp_path, **tokens)
    assert status == 1
    for part in ("app_mentions:read, im:history, users:read, users:read.email", "missing_scope", "does not know Ann"):
        assert part in said
    assert "secret" not in said
    platform.fail["auth.test"] = [{"ok": False, "error": "invalid_auth"}]
    assert "SLACK_BOT_TOKEN: Slack does not take it (invalid_auth)" in check(platform, tmp_path, **tokens)[1]


def test_check_says_what_to_set(platform: Slack, tmp_path: Path) -> None:
    assert "Slack is not configured" in check(platform, tmp_path)[1]
    said = check(platform, tmp_path, SLACK_BOT_TOKEN="secret", SLACK_APP_TOKEN="secret", SLACK_API_URL="nowhere")[1]
    assert all(name in said for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL"))
    assert "SLACK_SIGNING_SECRET: is missing" in check(platform, tmp_path, SLACK_BOT_TOKEN="xoxb-secret")[1]
    assert TEAM


def test_the_program_itself_answers_in_slack_by_socket_mode(platform: Slack, tmp_path: Path) -> None:
    """README's steps, as far as there is a Slack to be had here."""
    platform.user("UAMINA", "amina@oakfield.example")
    env = {
        "PATH": os.environ["PATH"],
        "ASSISTANT_DATA": str(tmp_path),
        "SLACK_API_URL": f"{platform.address}/api/",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
    }
    command = [str(Path(sys.executable).parent / "assistant"), "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)
    assert process.stderr
    try:
        said = ""
        for line in process.stderr:
            said += line
            if "Socket Mode" in line:
                break
        assert "Slack is connected in Socket Mode" in said
        amina = Somebody(platform, "UAMINA")

        async def story() -> None:
            await amina.says("Can I give a pupil a lift home?")
            await amina.settled(lambda: any(m.get("blocks") for m in amina.received()))

        asyncio.run_coroutine_threadsafe(story(), platform.loop).result(30)
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()
    assert platform.broken == []
