"""The doors: each reads its platform's events into Incoming and renders cards. The only async code."""
