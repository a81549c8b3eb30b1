"""Taking models in, fetched ones and files of the user's own; and checking those that are there."""

from __future__ import annotations

import re
import shutil
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from inpaint_core.deep import cards, onnx_file, store
from inpaint_core.deep.cards import Card, Weights
from inpaint_core.deep.catalogue import catalogue
from inpaint_core.deep.fetching import checksum, fetch, of_disk, take
from inpaint_core.deep.guessing import Ask, guess
from inpaint_core.deep.signature import Runner
from inpaint_core.deep.store import Installed
from inpaint_core.deep.trial import check
from inpaint_core.errors import InpaintWarning, InputError
from inpaint_core.progress import Progress

Opener = Callable[[Path], Runner]
"""Opens a model file that `onnx_file.check` has passed; `session.Session` is one."""
NOT_STATED = "not stated"


def install_fetched(card: Card, source: Path | None, progress: Progress) -> Installed:
    """Install a model from its card's address, or from the file `source`; its checksum makes sure it is it.

    Raises
    ------
    InputError, FetchError
        As `fetching` does; when a model from elsewhere has the id, or the file must not be opened. What
        was installed before stays.
    """
    with store.changing() as staging:
        for model in _own():
            if model.card.id == card.id and model.card.weights.url != card.weights.url:
                raise InputError(
                    f"A model {card.id} from elsewhere is installed already. Remove it first: "
                    f"inpaint models remove {card.id}."
                )
        if source is None:
            file = fetch(card, staging, store.part_of(card), progress)
        else:
            file = take(card, source, staging, progress)
        onnx_file.check(file)
        return store.install(card, file, staging)


def install_own(
    path: Path,
    opened: Opener,
    progress: Progress,
    *,
    card: Card | None = None,
    name: str = "",
    licence: str = "",
    ask: Ask | None = None,
) -> Installed:
    """Install a model file of the user's own, after a trial run.

    Parameters
    ----------
    path
        The ``.onnx`` file; data that it keeps in other files beside it is put inside.
    opened
        Opens the file.
    progress
        Told how far it is.
    card
        What is known about it. None: the catalogue is asked whether it knows the file, then a card of the
        same name beside it is read, as ``inpaint export`` writes one; else the contract is found out.
    name
        The id to give it; empty: the card's, else one made of the file's name.
    licence
        Of its weights, for a file without a card.
    ask
        Asked what cannot be found out; None where nobody can be asked.

    Raises
    ------
    InputError
        When the file must not be opened, its id is taken, it is not the file of the card, or its contract
        cannot be found out.
    FillError
        When the trial run fails.

    Warns
    -----
    InpaintWarning
        When the trial leaves a doubt.
    """
    external = onnx_file.check(path)
    with store.changing() as staging:
        file = staging / f"{_id_of(path)}.onnx"
        try:
            onnx_file.write_whole(path, file) if external else shutil.copyfile(path, file)
        except OSError as error:
            raise of_disk(error, staging) from None
        weights = Weights(licence or NOT_STATED, file.stat().st_size, checksum(file))
        known = card or _catalogued(weights.sha256) or _beside(path)
        wanted = name or (known.id if known else _id_of(path))
        _refuse_taken(cards.check_id(wanted))
        network = opened(file)
        if known is None:
            contract = guess(network, ask, progress)
            made = Card(wanted, path.stem if path.stem.isprintable() else wanted, weights, contract)
        else:
            made = replace(known, id=wanted, weights=_pinned(known, weights))
        if doubt := check(network, made.contract):
            warnings.warn(doubt, InpaintWarning, stacklevel=2)
        del network  # Windows moves no file that is open
        return store.install(made, file, staging)


def verify(model: Installed, opened: Opener) -> None:
    """Check that a model's file is the one of its card, and that it does what the card says.

    Raises
    ------
    InputError
        When the file is another one, must not be opened, or is not what its card says.
    FillError
        When the trial run fails.
    """
    if checksum(model.file) != model.card.weights.sha256:
        raise InputError(
            f"The file of {model.card.id} is not the one of its card: it was changed or damaged. "
            "Remove the model, and fetch or add it again."
        )
    onnx_file.check(model.file)
    check(opened(model.file), model.card.contract)


def _catalogued(sha256: str) -> Card | None:
    return next((card for card in catalogue() if card.weights.sha256 == sha256), None)


def _beside(path: Path) -> Card | None:
    """Read the card that lies beside a file under the same name, if one does."""
    found = path.with_suffix(".toml")
    return cards.load(found) if found.is_file() else None


def _pinned(card: Card, found: Weights) -> Weights:
    """Return the card's weights with what was found of the file, or refuse another file than the card's."""
    if card.weights.is_pinned and card.weights.sha256 != found.sha256:
        raise InputError(
            f"The file has the checksum {found.sha256}, and its card says {card.weights.sha256}: it is "
            "another file. Get the right one; or, if you trust it, take bytes and sha256 out of the card."
        )
    return replace(card.weights, bytes=found.bytes, sha256=found.sha256)


def _id_of(path: Path) -> str:
    """Make an id of a file's name."""
    plain = unicodedata.normalize("NFKD", path.stem.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-") or "model"


def _refuse_taken(name: str) -> None:
    if any(model.card.id == name for model in _own()):
        raise InputError(
            f"A model {name} is installed already. Give another id with --id, or remove it first: "
            f"inpaint models remove {name}."
        )


def _own() -> Iterator[Installed]:
    """Yield the models in the user's folder."""
    return (model for model in store.installed() if not model.bundled)
