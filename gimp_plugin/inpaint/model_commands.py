"""What the engine's command line is told to do with models."""

from __future__ import annotations

from arguments import MODEL_ACTIONS

LIST, FETCH, ADD, VERIFY, REMOVE, DEFAULT = tuple(MODEL_ACTIONS)


def command(action: str, model: str = "", path: str = "", *, accepted: bool = False) -> list[str]:
    """Return the words of the engine's command line.

    Parameters
    ----------
    action
        One of `MODEL_ACTIONS`.
    model
        The id; to add a file, how to call it. May be empty where all are meant.
    path
        The file to add, or the one to take instead of fetching.
    accepted
        Whether the licence of the weights is fine.
    """
    words = ["models", action, "--json"]
    if action == FETCH:
        words += ["--accept-licence"] * accepted + (["--from", path] if path else [])
    if action == ADD:
        return [*words, *(["--id", model] if model else []), "--", path]
    return [*words, "--", model] if model else words
