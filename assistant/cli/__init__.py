"""The commands. Machine output goes to stdout, everything else to stderr; exit status 0, 1 (the answer is no), 2."""

from assistant.cli import asking, policies, records, running, slack, teams  # noqa: F401  # they add their commands to the application
from assistant.cli.shared import main

__all__ = ["main"]
