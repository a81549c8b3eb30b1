"""Where the engine keeps files of its own."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path, user_log_path

APPLICATION = "gimp-inpaint"


def log_file() -> Path:
    """Return the file that takes whatever the worker and its libraries print."""
    return user_log_path(APPLICATION, appauthor=False) / "worker.log"


def cache_folder() -> Path:
    """Return the folder for what can be made again."""
    return user_cache_path(APPLICATION, appauthor=False)


def models_folder() -> Path:
    """Return the folder of the user's models; the environment variable INPAINT_MODELS names another."""
    named = os.environ.get("INPAINT_MODELS")
    return Path(named) if named else user_data_path(APPLICATION, appauthor=False) / "models"
