"""The models on this machine: the folder of the user's, and those that come with the engine.

A model is ``<id>.onnx`` and ``<id>.toml``; it is there when both are. Only one process changes the folder at
a time, and everything is written into a staging folder beside the models and then renamed; what a killed
process left there is swept away by the next one.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from inpaint_core.deep import cards
from inpaint_core.deep.cards import Card
from inpaint_core.deep.catalogue import catalogue
from inpaint_core.deep.locking import Locked, exclusive
from inpaint_core.errors import InputError
from inpaint_core.places import models_folder

BUNDLED = Path(__file__).parent / "bundled"
DEFAULT = "default"
LOCK = ".lock"
STAGING = ".staging"
PART_DAYS = 7
"""How long what came of a broken fetch is kept."""

HOW_TO_GET = (
    "Fetch one of the catalogue (inpaint models fetch ID), or add an .onnx file of your own (inpaint models "
    "add FILE); in GIMP, both are in Filters ▸ Inpaint ▸ Models…"
)


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that can be used: its card, its file, and whether it came with the engine."""

    card: Card
    file: Path
    bundled: bool


def installed() -> tuple[Installed, ...]:
    """Return the models that can be used: the user's by id, then the bundled ones not replaced by them."""
    return survey()[0]


def survey() -> tuple[tuple[Installed, ...], dict[Path, str]]:
    """Return what `installed` does, and for each card or folder that is of no use why that is."""
    found: dict[str, Installed] = {}
    broken: dict[Path, str] = {}
    for folder, bundled in ((models_folder(), False), (BUNDLED, True)):
        try:
            paths = _cards_in(folder)
        except InputError as error:
            broken[folder] = str(error)
            continue
        for path in paths:
            try:
                model = _open(path, bundled=bundled)
            except InputError as error:
                broken[path] = str(error)
            else:
                found.setdefault(model.card.id, model)
    return tuple(found.values()), broken


def _cards_in(folder: Path) -> list[Path]:
    """Return the files of cards by id; none where there is no folder."""
    try:
        there = [path for path in folder.iterdir() if path.suffix == ".toml"]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(
            f"The folder of models {folder} cannot be read ({error.strerror}). Make it readable, or name "
            "another one in the environment variable INPAINT_MODELS."
        ) from None
    return sorted(there, key=lambda path: path.stem)


def _open(path: Path, *, bundled: bool) -> Installed:
    card = cards.load(path)
    if card.id != path.stem:
        raise InputError(f"The card {path} is of a model {card.id}; name the file {card.id}.toml.")
    if not card.weights.is_pinned:
        raise InputError(
            f"The card {path} has no checksum; move it elsewhere, and add it with its file: inpaint models "
            "add FILE --card CARD."
        )
    file = path.with_suffix(".onnx")
    if not file.is_file():
        missing = f"The model {card.id} has a card, but its file {file} is missing."
        if bundled:
            raise InputError(f"{missing} Run the installer again.")
        raise InputError(f"{missing} Fetch or add it again, or remove {path}.")
    return Installed(card, file, bundled)


def find(name: str) -> Installed:
    """Return the model with this id.

    Raises
    ------
    InputError
        When there is none; the message tells the ids there are, or how to get a model.
    """
    models, broken = survey()
    for model in models:
        if model.card.id == name:
            return model
    for path, problem in broken.items():
        if path.stem == name:
            raise InputError(problem)
    if any(card.id == name for card in catalogue()):
        raise InputError(f"The model {name} is not installed. To fetch it: inpaint models fetch {name}.")
    ids = ", ".join(model.card.id for model in models)
    there = f"Installed: {ids}." if ids else "None is installed."
    raise InputError(f"There is no model {name!r}. {there} {HOW_TO_GET}")


def default() -> Installed | None:
    """Return the model that is used when none is named; None when none is installed.

    It is the one the user chose, else the first of the user's, else the first that came with the engine.
    """
    models = installed()
    chosen = _chosen()
    for model in models:
        if model.card.id == chosen:
            return model
    return models[0] if models else None


def choose(name: str) -> Installed:
    """Return the model `name`, or the default one where `name` is empty.

    Raises
    ------
    InputError
        When it is not installed; the message tells the two ways to get a model.
    """
    if name:
        return find(name)
    model = default()
    if model is None:
        raise InputError(f"No model is installed. {HOW_TO_GET}")
    return model


def set_default(name: str) -> Installed:
    """Make the installed model `name` the default one."""
    with changing() as staging:
        model = find(name)
        _write_default(name, staging)
    return model


def _chosen() -> str:
    try:
        return (models_folder() / DEFAULT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _write_default(name: str, staging: Path) -> None:
    path = staging / DEFAULT
    path.write_text(f"{name}\n", encoding="utf-8")
    path.replace(models_folder() / DEFAULT)


@contextmanager
def changing() -> Iterator[Path]:
    """Hold the folder for a change, and give a staging folder on the same disk that is gone afterwards.

    Raises
    ------
    InputError
        When another process is changing the folder, or it cannot be written.
    """
    folder = models_folder()
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(exclusive(folder / LOCK))
            staging = folder / STAGING
            _sweep(staging)
            staging.mkdir()
        except Locked:
            raise InputError(
                "Another program is fetching, adding or removing a model; try again when it has ended."
            ) from None
        except OSError as error:
            raise InputError(
                f"The folder of models {folder} cannot be written ({error.strerror}). Make it writable, or "
                "name another one in the environment variable INPAINT_MODELS."
            ) from None
        # Windows keeps a file that is still mapped; the next change sweeps it away.
        held.callback(shutil.rmtree, staging, ignore_errors=True)
        yield staging


def part_of(card: Card) -> Path:
    """Return the file that keeps what came of a broken fetch of this very file, from this very address."""
    identity = f"{card.weights.url} {card.weights.sha256}"
    return models_folder() / f".{card.id}.{hashlib.sha256(identity.encode()).hexdigest()[:16]}.part"


def _parts(name: str) -> Iterator[Path]:
    """Yield what came of broken fetches of a model; of all models where the name is ``*``."""
    return models_folder().glob(f".{name}.*.part")


def sweep() -> None:
    """Remove what a killed process left half-written, and old parts of files.

    Nothing happens where a process is at work.
    """
    for part in _parts("*"):
        with suppress(OSError):  # another one took it up, or the folder is read-only
            if time.time() - part.stat().st_mtime > PART_DAYS * 86_400:
                part.unlink()
    with suppress(OSError, InputError):  # somebody is at work, or the folder is not ours to change: no harm
        if (models_folder() / STAGING).exists():
            with changing():
                pass


def _sweep(staging: Path) -> None:
    if staging.exists():
        shutil.rmtree(staging)


def install(card: Card, file: Path, staging: Path) -> Installed:
    """Move a checked model file from the staging folder among the models, its card after it.

    The first model of the user's becomes the default one. A crash at any point leaves the old model, the new
    one, or none; never one model's card with another's file.
    """
    folder = models_folder()
    first = not any(folder.glob("*.toml")) and not _chosen()
    written = staging / f"{card.id}.toml"
    written.write_text(cards.dump(card), encoding="utf-8")
    target = folder / f"{card.id}.onnx"
    with _set_aside(target.with_suffix(".toml"), staging):
        file.replace(target)
    written.replace(target.with_suffix(".toml"))
    for part in _parts(card.id):
        part.unlink()
    if first:
        _write_default(card.id, staging)
    return Installed(card, target, bundled=False)


@contextmanager
def _set_aside(path: Path, staging: Path) -> Iterator[None]:
    """Move a file, if it is there, to the staging folder; bring it back when the block fails."""
    aside = staging / f"old-{path.name}"
    if path.exists():
        path.replace(aside)
    try:
        yield
    except OSError:
        if aside.exists():
            aside.replace(path)
        raise


def remove(name: str) -> tuple[Path, ...]:
    """Remove the user's model `name`, also a broken or partly fetched one; return the files that are gone.

    Raises
    ------
    InputError
        When the user has no such model, or it came with the engine.
    """
    cards.check_id(name)
    with changing():
        paths = [*(models_folder() / f"{name}{suffix}" for suffix in (".onnx", ".toml")), *_parts(name)]
        gone = tuple(path for path in paths if path.exists())
        if not gone:
            model = find(name)  # tells what there is
            raise InputError(f"The model {model.card.id} came with the engine and stays.")
        for path in gone:
            path.unlink()
        if _chosen() == name:
            (models_folder() / DEFAULT).unlink()
    return gone
