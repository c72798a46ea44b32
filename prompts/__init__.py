"""The words given to a language model, as files beside this one, so that anybody can read what it is told."""

from importlib.resources import files


def prompt(name: str) -> str:
    """The prompt in the file of that name."""
    return files(__name__).joinpath(f"{name}.txt").read_text("utf-8").strip()
