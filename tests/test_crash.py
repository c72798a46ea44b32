"""The process dies at any step, and nothing that was acknowledged is lost or doubled. (`make soak` does it 10,000 times.)"""

import json
import subprocess
import sys
from pathlib import Path

KILLS = 200  # on each database, half of them at a step in turn


def test_whenever_the_process_is_killed_no_acknowledged_report_is_lost(database_url: str) -> None:
    command = [sys.executable, "-m", "tests.crash", database_url, str(KILLS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent.parent, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout)
    assert figures["steps"] > 50
    assert figures["died_before_the_receipt"] > KILLS / 10
    assert figures["receipts_shown"] > KILLS / 10
