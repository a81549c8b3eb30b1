"""Photographs from folders and tar archives, decoded once into one file that training reads at random.

A photograph may be there several times, as crops; a ``MANIFEST.csv`` beside the archives says so (columns
``file``, ``photo_id``, ``licence_class``, ``author``, ``licence``, ``source_repo``, ``path``). Held-out
photographs are told apart by the photograph, not by the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tarfile
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from inpaint_core.errors import FillError, InputError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
ARCHIVES = {".tar", ".tgz", ".gz", ".bz2", ".xz"}
MANIFEST = "MANIFEST.csv"
SMALLEST_SIDE = 64
MAX_BYTES = 1 << 28
"""The largest file that is read as a photograph."""

_AT_A_TIME = 64
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Credit:
    """Who made a photograph and on what terms it may be used, as far as the manifest tells."""

    author: str = ""
    licence: str = ""
    source: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One decoded picture: of which photograph, and where its pixels lie in the file."""

    photograph: str
    offset: int
    height: int
    width: int
    credit: Credit


@dataclass(frozen=True)
class Photographs:
    """Decoded pictures in one file, (height, width, 3) uint8 each, and how many files were no pictures."""

    file: Path
    entries: tuple[Entry, ...]
    skipped: int = 0

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        entry = self.entries[index]
        size = entry.height * entry.width * 3
        return self._pixels[entry.offset : entry.offset + size].reshape(entry.height, entry.width, 3)

    @cached_property
    def _pixels(self) -> NDArray[np.uint8]:
        return np.memmap(self.file, np.uint8, "r")

    def __getstate__(self) -> dict[str, object]:
        """Send the file's name to other processes, not its content."""
        return {name: value for name, value in vars(self).items() if name != "_pixels"}

    def split(self, held_out: float) -> tuple[Photographs, Photographs]:
        """Return those to train on and those held out, a share of the photographs chosen by their names."""
        fractions = [_fraction(entry.photograph) for entry in self.entries]
        # Of few photographs one is held out at least.
        limit = max(held_out, min(fractions)) if held_out and len(set(fractions)) > 1 else -1.0
        out = [fraction <= limit for fraction in fractions]
        train, kept = (
            tuple(entry for entry, is_out in zip(self.entries, out, strict=True) if is_out is wanted)
            for wanted in (False, True)
        )
        return Photographs(self.file, train, self.skipped), Photographs(self.file, kept)

    def credits(self) -> Iterator[tuple[str, Credit]]:
        """Yield each photograph once, with its credit."""
        yield from {entry.photograph: entry.credit for entry in self.entries}.items()


def prepare(paths: Sequence[Path], cache: Path, *, side: int, without: Collection[str] = ()) -> Photographs:
    """Decode the photographs of folders and archives, or reuse what was decoded of them before.

    Parameters
    ----------
    paths
        Folders, searched with their subfolders, and tar archives.
    cache
        The folder to keep the decoded pictures in; it is made.
    side
        Larger pictures are shrunk to this short side.
    without
        Licence classes of the manifest to leave out.

    Returns
    -------
    Photographs
        At least one; files that are no pictures or are damaged are skipped and counted.

    Raises
    ------
    InputError
        When a path or manifest is missing, an archive is damaged, or there is no photograph at all.
    FillError
        When the decoded pictures cannot be written.
    """
    rows = _manifests(paths, without)
    name = _fingerprint(paths, side, without)
    file, index = cache / f"{name}.pixels", cache / f"{name}.json"
    known = _reuse(file, index)
    if known is not None:
        return known
    try:
        cache.mkdir(parents=True, exist_ok=True)
        photographs = _decode_all(paths, rows, set(without), side, file)
        part = index.with_suffix(".json.part")
        part.write_text(_describe(photographs), encoding="utf-8")
        part.replace(index)
    except OSError as error:
        raise FillError(
            f"The decoded photographs could not be kept in {cache}: {error.strerror or error}."
        ) from error
    return photographs


def _describe(photographs: Photographs) -> str:
    entries = [asdict(entry) for entry in photographs.entries]
    return json.dumps({"format": _FORMAT, "skipped": photographs.skipped, "entries": entries})


def _reuse(file: Path, index: Path) -> Photographs | None:
    """Return what was decoded before, if it is complete."""
    try:
        document = json.loads(index.read_text(encoding="utf-8"))
        entries = tuple(
            Entry(**{**entry, "credit": Credit(**entry["credit"])}) for entry in document["entries"]
        )
        end = max(entry.offset + entry.height * entry.width * 3 for entry in entries)
        if document["format"] == _FORMAT and file.stat().st_size == end:
            return Photographs(file, entries, int(document["skipped"]))
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return None


def _fingerprint(paths: Sequence[Path], side: int, without: Collection[str]) -> str:
    """Tell one set of files, as they are now, from another."""
    digest = hashlib.sha256(repr((_FORMAT, side, sorted(without))).encode())
    for path in paths:
        for file in [path, *(_pictures_below(path) if path.is_dir() else [])]:
            state = file.stat()
            digest.update(repr((str(file.resolve()), state.st_size, state.st_mtime_ns)).encode())
    return digest.hexdigest()[:16]


def _manifests(paths: Sequence[Path], without: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the rows of the manifests in or beside the paths, by the name of the file."""
    rows: dict[str, dict[str, str]] = {}
    for path in paths:
        if not path.exists():
            raise InputError(f"There is no folder or archive {path}.")
        manifest = (path if path.is_dir() else path.parent) / MANIFEST
        if manifest.is_file():
            rows |= _read_manifest(manifest)
        elif without:
            raise InputError(f"To leave out a class of licences, {manifest} must tell them; it is missing.")
    return rows


def _read_manifest(path: Path) -> dict[str, dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return {row["file"]: row for row in csv.DictReader(stream)}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise InputError(
            f"{path} is no manifest: a table with a column “file” was expected ({error!r})."
        ) from error


def _decode_all(
    paths: Sequence[Path], rows: dict[str, dict[str, str]], without: set[str], side: int, file: Path
) -> Photographs:
    entries: list[Entry] = []
    skipped = offset = 0
    part = file.with_suffix(".part")
    try:
        with part.open("wb") as stream:
            for name, pixels in _decoded(_wanted(_files(paths), rows, without), side):
                if pixels is None:
                    skipped += 1
                    continue
                stream.write(pixels.tobytes())
                row = rows.get(Path(name).name, {})
                entries.append(_entry(name, row, offset, pixels))
                offset += pixels.size
        if not entries:
            places = ", ".join(map(str, paths))
            found = f"{skipped} files are damaged or too small" if skipped else "no picture files are there"
            raise InputError(f"There is no photograph to learn from in {places}: {found}.")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return Photographs(file, tuple(entries), skipped)


def _entry(name: str, row: dict[str, str], offset: int, pixels: NDArray[np.uint8]) -> Entry:
    credit = Credit(*(row.get(column) or "" for column in ("author", "licence", "source_repo", "path")))
    height, width = pixels.shape[:2]
    return Entry(row.get("photo_id") or name, offset, height, width, credit)


def _wanted(
    files: Iterable[tuple[str, bytes]], rows: dict[str, dict[str, str]], without: set[str]
) -> Iterator[tuple[str, bytes]]:
    for name, data in files:
        if not without or rows.get(Path(name).name, {}).get("licence_class", "") not in without:
            yield name, data


def _files(paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of every file that may be a picture."""
    for path in paths:
        if path.is_dir():
            for file in _pictures_below(path):
                if file.stat().st_size <= MAX_BYTES:
                    yield str(file.relative_to(path)), file.read_bytes()
        elif path.suffix.lower() in ARCHIVES:
            yield from _members(path)
        else:
            raise InputError(f"{path} is neither a folder nor a tar archive.")


def _pictures_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                is_picture = Path(member.name).suffix.lower() in SUFFIXES
                if member.isfile() and is_picture and member.size <= MAX_BYTES:
                    stream = archive.extractfile(member)
                    if stream is not None:
                        yield member.name, stream.read()
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise InputError(f"The archive {path} is damaged or cut short ({error}); fetch it again.") from error


def _decoded(files: Iterator[tuple[str, bytes]], side: int) -> Iterator[tuple[str, NDArray[np.uint8] | None]]:
    """Decode with all cores, some files at a time, in their order."""
    with ThreadPoolExecutor() as pool:
        while batch := list(islice(files, _AT_A_TIME)):
            pictures = pool.map(lambda item: decode(item[1], side), batch)
            yield from zip((name for name, _ in batch), pictures, strict=True)


def decode(data: bytes, side: int) -> NDArray[np.uint8] | None:
    """Return a picture file as (H, W, 3) uint8, upright, its short side at most `side`.

    None stands for what is damaged, no picture, or smaller than 64 pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)  # odd metadata does no harm
            with Image.open(io.BytesIO(data)) as opened:
                opened.draft("RGB", (2 * side, 2 * side))
                picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        return None
    short = min(picture.size)
    if short < SMALLEST_SIDE:
        return None
    if short > side:
        scale = side / short
        size = (round(picture.width * scale), round(picture.height * scale))
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(picture)


def _fraction(name: str) -> float:
    """Return a number of 0…1 that depends on the name alone."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
