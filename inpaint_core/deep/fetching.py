"""Getting a model's file: from its address, or from a file that was carried here.

Nothing here connects unless it is called, and it is called when a person asks for a fetch, and then alone.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from inpaint_core.deep.cards import Card
from inpaint_core.errors import FetchError, InputError
from inpaint_core.progress import Progress

if TYPE_CHECKING:
    import requests

CHUNK = 1 << 16
TRIES = 4
"""In a row, without a byte more."""
WAIT_SECONDS = 1.0
CONNECT_SECONDS, SILENCE_SECONDS = 20.0, 60.0


class _Busy(Exception):  # noqa: N818 - a state that passes
    """The server asks for patience."""


class _OtherFile(Exception):  # noqa: N818 - a state, told in a sentence where it is final
    """What comes is not what the card says."""


def fetch(card: Card, folder: Path, part: Path, progress: Progress) -> Path:
    """Fetch a model's file from the card's address; return it, checked, in `folder`.

    The file is written under a temporary name, taken up where a broken connection left it, checked, and then
    named. A connection that stays broken leaves what came as `part`, for the next fetch to go on from; what
    the checksum then refuses is fetched from its beginning. Any other failure, and whatever `progress`
    raises, leaves nothing. Proxies are those of the environment.

    Parameters
    ----------
    card
        Its address, size and checksum.
    folder
        Where the file is to be.
    part
        The file, on the same disk, that keeps what came; it is of this very address and checksum.
    progress
        Told the fraction of the bytes that are there; whatever it raises stops the fetch.

    Raises
    ------
    InputError
        When the card has no address or no checksum.
    FetchError
        When there is no network, no such file, no room, or what came is not what the card says.
    """
    import pooch  # noqa: PLC0415 - slow to import, and only this needs it

    weights = card.weights
    if not weights.url or not weights.is_pinned:
        raise InputError(f"The card of {card.id} lacks the address, the size or the checksum of its file.")
    pooch.get_logger().setLevel("ERROR")
    while True:
        resumed = part.is_file()
        _check_room(folder, weights.bytes - (part.stat().st_size if resumed else 0))
        download = _Download(card, part, progress)
        try:
            found = pooch.retrieve(
                weights.url, f"sha256:{weights.sha256}", f"{card.id}.onnx", folder, downloader=download
            )
        except (ValueError, _OtherFile):  # pooch's word for a wrong checksum, and ours
            if not resumed:
                raise FetchError(_wrong(card, f"what {weights.url} gives")) from None
        except OSError as error:
            raise of_disk(error, folder) from None
        else:
            return Path(found)


def take(card: Card, source: Path, folder: Path, progress: Progress) -> Path:
    """Copy a model's file from `source`, got some other way; return it, checked, in `folder`.

    Raises
    ------
    InputError
        When `source` cannot be read.
    FetchError
        When there is no room, or it is not what the card says.
    """
    target = folder / f"{card.id}.onnx"
    if not card.weights.is_pinned:
        raise InputError(f"The card of {card.id} lacks the size and the checksum of its file.")
    if not source.is_file():
        raise InputError(f"There is no file {source}.")
    if source.stat().st_size != card.weights.bytes:
        raise FetchError(_wrong(card, str(source)))
    _check_room(folder, card.weights.bytes)
    digest = hashlib.sha256()
    done = 0
    try:
        with source.open("rb") as read, target.open("wb") as write:
            while chunk := read.read(CHUNK):
                write.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                progress(f"Copying {card.title}", done / card.weights.bytes)
    except OSError as error:
        raise of_disk(error, folder) from None
    if digest.hexdigest() != card.weights.sha256:
        raise FetchError(_wrong(card, str(source)))
    return target


def checksum(path: Path) -> str:
    """Return a file's sha256 in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Download:
    """How pooch gets the bytes: resumed when the connection breaks, and never more than the card says.

    pooch's own downloader begins again from nothing each time, which never ends on a poor line.
    """

    def __init__(self, card: Card, part: Path, progress: Progress) -> None:
        self._card = card
        self._part = part
        self._progress = progress

    def __call__(self, url: str, output_file: str, _pooch: object) -> None:
        """Fetch `url` into `output_file`, which is there and empty (see pooch's documentation)."""
        import requests  # noqa: PLC0415

        path = Path(output_file)
        if self._part.is_file():
            self._part.replace(path)
        farthest, failures = path.stat().st_size, 0
        while True:
            try:
                return self._continue(url, path)
            except requests.exceptions.SSLError:
                raise FetchError(
                    f"{_host(url)} cannot be trusted: its certificate is not valid here."
                ) from None
            except (
                requests.exceptions.ConnectionError,
                requests.exceptions.ChunkedEncodingError,
                requests.exceptions.Timeout,
                _Busy,
            ) as error:
                there = path.stat().st_size
                failures = 1 if there > farthest else failures + 1
                farthest = max(farthest, there)
                if failures == TRIES:
                    if there:
                        path.replace(self._part)
                    raise FetchError(_unreached(error, url, there)) from None
            except requests.exceptions.RequestException as error:
                raise FetchError(f"{url} cannot be fetched ({type(error).__name__}).") from None
            time.sleep(WAIT_SECONDS * 2 ** (failures - 1))

    def _continue(self, url: str, path: Path) -> None:
        """Append what is missing."""
        import requests  # noqa: PLC0415

        done, size = path.stat().st_size, self._card.weights.bytes
        with requests.get(
            url,
            headers={"Accept-Encoding": "identity", **({"Range": f"bytes={done}-"} if done else {})},
            stream=True,
            timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
        ) as answer:
            self._check_status(answer, url)
            if answer.status_code != requests.codes.partial_content:
                done = 0
            with path.open("ab" if done else "wb") as file:
                for chunk in answer.iter_content(CHUNK):
                    done += len(chunk)
                    if done > size:
                        raise _OtherFile
                    file.write(chunk)
                    self._progress(f"Fetching {self._card.title}", done / size)
        if done < size:
            raise requests.exceptions.ConnectionError("the connection ended early")

    def _check_status(self, answer: requests.Response, url: str) -> None:
        import requests  # noqa: PLC0415

        if answer.status_code in {requests.codes.not_found, requests.codes.gone}:
            raise FetchError(
                f"There is no file at {url} any more. Get {self._card.id} elsewhere and give it with --from."
            )
        if answer.status_code == requests.codes.requested_range_not_satisfiable:  # it is shorter
            raise _OtherFile
        if answer.status_code >= 500 or answer.status_code == requests.codes.too_many_requests:
            raise _Busy(f"{_host(url)} answers with {answer.status_code} {answer.reason}")
        if not answer.ok:
            raise FetchError(f"{_host(url)} refuses to give {url}: {answer.status_code} {answer.reason}.")


def _check_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise FetchError(
            f"The model needs {_megabytes(size)}, and {folder.parent} has room for {_megabytes(free)}; make "
            "room, or name another folder in the environment variable INPAINT_MODELS."
        )


def of_disk(error: OSError, folder: Path) -> Exception:
    """Turn what the system says while a file is written into a sentence."""
    if isinstance(error, BrokenPipeError):  # of the reader of our progress, not of the disk
        return error
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FetchError(f"The disk of {folder.parent} is full; make room and try again.")
    return FetchError(f"The model cannot be written to {folder.parent}: {error.strerror or error}.")


def _wrong(card: Card, what: str) -> str:
    return (
        f"{card.title} is known by its size and checksum, and {what} is another file. Nothing was changed; "
        "get the file again, or update the engine if its authors published a new one."
    )


def _unreached(error: Exception, url: str, done: int) -> str:
    if isinstance(error, _Busy):
        return f"{error}; try again later."
    if done:
        return (
            f"The connection to {_host(url)} broke again and again, at last after {_megabytes(done)}. "
            "They are kept: fetch it once more, and only the rest is asked for."
        )
    return (
        f"{_host(url)} cannot be reached. Is this machine on the network, and does it need a proxy "
        f"(environment variable HTTPS_PROXY)? Or fetch {url} elsewhere and give it with --from FILE."
    )


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
