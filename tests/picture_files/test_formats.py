"""Every format keeps pixels, profile, EXIF, orientation and resolution."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from inpaint_core import FillError, InpaintWarning, InputError
from inpaint_core.picture_files import Picture, check_output, exif, read_picture, tiff, write_picture
from inpaint_core.picture_files.captions import Captions
from inpaint_core.picture_files.orientation import as_shown, as_stored
from inpaint_core.picture_files.writing import to_8_bits

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
CHANNELS = [(), (2,), (3,), (4,)]


def noise(
    dtype: str = "uint8", channels: tuple[int, ...] = (3,), height: int = 19, width: int = 30
) -> np.ndarray:
    rng = np.random.default_rng(4)
    scale = np.iinfo(dtype).max if dtype.startswith("u") else 1
    return (rng.random((height, width, *channels)) * scale).astype(dtype)


def camera_exif(orientation: int = 1) -> bytes:
    return exif.build(
        {
            271: "Camera maker",
            274: orientation,
            33432: "Somebody",
            34665: {33434: 0.01, 36867: "2024:05:06 07:08:09"},
            34853: {1: "N", 2: (52.0, 31.0, 12.5)},
        }
    )


@pytest.mark.parametrize(
    ("suffix", "dtype"),
    [
        (".png", "uint8"),
        (".png", "uint16"),
        (".tif", "uint8"),
        (".TIFF", "uint16"),
        (".tiff", "float32"),
        (".webp", "uint8"),
    ],
)
@pytest.mark.parametrize("channels", CHANNELS, ids=str)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_lossless_formats_keep_everything(
    tmp_path: Path, suffix: str, dtype: str, channels: tuple[int, ...], orientation: int
) -> None:
    pixels = noise(dtype, channels)
    path = tmp_path / f"picture{suffix}"
    write_picture(path, Picture(pixels, orientation, ICC, camera_exif(orientation), (300.0, 240.0)))
    back = read_picture(path)
    wanted = pixels
    if suffix == ".webp" and len(channels) == 0:
        wanted = np.repeat(pixels[..., None], 3, axis=2)  # WebP has no grey
    elif channels == (2,) and (suffix == ".webp" or (suffix.lower() != ".png" and dtype != "uint8")):
        wanted = pixels[..., [0, 0, 0, 1]]
    assert back.pixels.dtype == dtype
    assert np.array_equal(back.pixels, wanted)
    assert back.orientation == orientation
    assert back.icc == ICC
    assert back.exif is not None
    tags = exif.parse(back.exif)
    assert tags[271] == "Camera maker"
    assert tags[33432] == "Somebody"
    assert tags[34665][36867] == "2024:05:06 07:08:09"
    assert tags[34853][1] in {"N", ("N",)}, "Pillow keeps what it does not know as a tuple"
    assert not back.lossy
    if suffix != ".webp":
        assert back.dpi == pytest.approx((300, 240), abs=0.02)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_other_programs_show_the_same(tmp_path: Path, suffix: str, orientation: int) -> None:
    pixels = np.zeros((24, 40, 3), np.uint8)
    pixels[:8, :16] = (250, 20, 20)
    pixels[16:, 24:] = (20, 20, 250)
    path = tmp_path / f"picture{suffix}"
    write_picture(path, Picture(pixels, orientation, ICC, camera_exif(orientation), (72.0, 72.0)))
    with Image.open(path) as image:
        assert image.info["icc_profile"] == ICC
        shown = np.asarray(ImageOps.exif_transpose(image).convert("RGB")).astype(int)
    assert shown.shape == pixels.shape
    assert np.abs(shown - pixels).max() <= (30 if suffix == ".jpg" else 0)
    assert np.abs(read_picture(path).pixels.astype(int) - pixels).max() <= (30 if suffix == ".jpg" else 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_is_undone_and_is_what_pillow_does(orientation: int) -> None:
    stored = noise()
    image = Image.fromarray(stored)
    image.getexif()[274] = orientation
    assert np.array_equal(as_shown(stored, orientation), np.asarray(ImageOps.exif_transpose(image)))
    assert np.array_equal(as_stored(as_shown(stored, orientation), orientation), stored)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [(), (3,), (4,)], ids=str)
def test_opencv_decodes_the_same_16_bits(tmp_path: Path, suffix: str, channels: tuple[int, ...]) -> None:
    pixels = noise("uint16", channels)
    path = tmp_path / f"picture{suffix}"
    write_picture(path, Picture(pixels))
    decoded = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    order = {(): ..., (3,): [2, 1, 0], (4,): [2, 1, 0, 3]}[channels]
    assert np.array_equal(decoded[..., order] if channels else decoded, pixels)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [(), (3,), (4,)], ids=str)
def test_16_bits_of_other_programs_are_read(tmp_path: Path, suffix: str, channels: tuple[int, ...]) -> None:
    pixels = noise("uint16", channels)
    order = {(): ..., (3,): [2, 1, 0], (4,): [2, 1, 0, 3]}[channels]
    path = tmp_path / f"picture{suffix}"
    assert cv2.imwrite(str(path), np.ascontiguousarray(pixels[..., order] if channels else pixels))
    assert np.array_equal(read_picture(path).pixels, pixels)


def converted(mode: str) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.convert(mode)


@pytest.mark.parametrize(
    ("make", "suffix", "mode"),
    [
        (lambda image: image.convert("P"), ".png", "RGB"),
        (lambda image: image.convert("1"), ".png", "L"),
        (lambda image: image.convert("1"), ".tif", "L"),
        (lambda image: image.convert("P"), ".tif", "RGB"),
        (converted("L"), ".jpg", "L"),
        (converted("LA"), ".tif", "LA"),
    ],
)
def test_other_kinds_become_grey_or_rgb(
    tmp_path: Path, make: Callable[[Image.Image], Image.Image], suffix: str, mode: str
) -> None:
    path = tmp_path / f"picture{suffix}"
    image = make(Image.fromarray(noise()))
    image.save(path)
    with Image.open(path) as saved:
        wanted = np.asarray(saved.convert(mode))
    assert np.array_equal(read_picture(path).pixels, wanted)


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_transparent_colour_becomes_alpha(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (4, 4))
    if mode == "P":
        image.putpalette(np.arange(768, dtype=np.uint8).tobytes())
    image.putpixel((1, 1), (9, 9, 9) if mode == "RGB" else 9)
    image.save(tmp_path / "p.png", transparency=(9, 9, 9) if mode == "RGB" else 9)
    pixels = read_picture(tmp_path / "p.png").pixels
    assert pixels.shape[2] == (2 if mode == "L" else 4)
    alpha = pixels[..., -1]
    assert alpha[1, 1] == 0
    assert (np.delete(alpha.ravel(), 5) == 255).all()


def test_jpeg_is_written_with_its_own_tables(tmp_path: Path) -> None:
    Image.fromarray(cv2.GaussianBlur(noise(), (9, 9), 3)).save(tmp_path / "a.jpg", quality=61, subsampling=2)
    picture = read_picture(tmp_path / "a.jpg")
    assert picture.lossy
    write_picture(tmp_path / "b.jpg", picture)
    with Image.open(tmp_path / "a.jpg") as first, Image.open(tmp_path / "b.jpg") as second:
        assert first.quantization == second.quantization
        assert first.layer == second.layer
    assert np.abs(read_picture(tmp_path / "b.jpg").pixels.astype(int) - picture.pixels).mean() < 1.5


def test_webp_is_lossy_only_after_a_lossy_file(tmp_path: Path) -> None:
    Image.fromarray(noise()).save(tmp_path / "lossy.webp", quality=50, icc_profile=ICC)
    Image.fromarray(noise()).save(tmp_path / "plain.webp", quality=50)
    Image.fromarray(noise()).save(tmp_path / "lossless.webp", lossless=True)
    assert read_picture(tmp_path / "lossy.webp").lossy
    assert read_picture(tmp_path / "plain.webp").lossy
    assert not read_picture(tmp_path / "lossless.webp").lossy


def test_colours_under_full_transparency_stay(tmp_path: Path) -> None:
    pixels = noise("uint8", (4,))
    pixels[..., 3] = 0
    for suffix in (".png", ".tif", ".webp"):
        write_picture(tmp_path / f"p{suffix}", Picture(pixels))
        assert np.array_equal(read_picture(tmp_path / f"p{suffix}").pixels, pixels)


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_16_bits_are_rounded_with_a_notice_where_there_are_8(tmp_path: Path, suffix: str) -> None:
    with pytest.warns(InpaintWarning, match="8 bits a channel"):
        write_picture(tmp_path / f"p{suffix}", Picture(noise("uint16")))
    assert read_picture(tmp_path / f"p{suffix}").pixels.dtype == np.uint8


def test_rounding_is_to_the_nearest() -> None:
    values = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(to_8_bits(values), np.rint(values / 257).astype(np.uint8))


def test_the_thumbnail_is_blanked_and_everything_else_stays_in_place(tmp_path: Path) -> None:
    thumbnail = b"\xff\xd8" + b"WHAT WAS REMOVED" * 8 + b"\xff\xd9"
    first = camera_exif()
    count = struct.unpack_from("<H", first, 8)[0]
    link = 10 + 12 * count
    second = len(first)
    entries = struct.pack("<HHII", 0x201, 4, 1, second + 30) + struct.pack(
        "<HHII", 0x202, 4, 1, len(thumbnail)
    )
    whole = bytearray(first + struct.pack("<H", 2) + entries + struct.pack("<I", 0) + thumbnail)
    struct.pack_into("<I", whole, link, second)
    Image.fromarray(noise()).save(tmp_path / "a.jpg", exif=exif.PREFIX + bytes(whole))
    picture = read_picture(tmp_path / "a.jpg")
    assert picture.exif is not None
    assert len(picture.exif) == len(whole)
    assert b"REMOVED" not in picture.exif
    assert exif.parse(picture.exif)[271] == "Camera maker"
    write_picture(tmp_path / "b.jpg", picture)
    assert b"REMOVED" not in (tmp_path / "b.jpg").read_bytes()


def test_an_mpo_of_a_telephone_is_its_first_picture(tmp_path: Path) -> None:
    first, second = Image.fromarray(noise()), Image.fromarray(255 - noise())
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second])
    alone = io.BytesIO()
    first.save(alone, "JPEG")
    wanted = np.asarray(Image.open(alone)).astype(int)
    assert np.abs(read_picture(tmp_path / "a.jpg").pixels - wanted).max() <= 2


def tiff_with(path: Path, pixels: np.ndarray, **changes: object) -> None:
    """Write an uncompressed TIFF with other tags than ours would have."""
    directory = ImageFileDirectory_v2(exif.HEAD)
    height, width, channels = np.atleast_3d(pixels).shape
    tags = {
        256: width,
        257: height,
        258: (pixels.dtype.itemsize * 8,) * channels,
        259: 1,
        262: 2 if channels > 2 else 1,
        273: 0,
        277: channels,
        278: height,
        279: pixels.nbytes,
        339: ({"u": 1, "f": 3}[pixels.dtype.kind],) * channels,
    }
    for tag, value in {**tags, **{int(name[1:]): value for name, value in changes.items()}}.items():
        directory[tag] = value
    directory.tagtype[273] = 4
    with path.open("wb") as file:
        directory.save(file)
        file.write(pixels.tobytes())


def test_16_bit_tiff_with_white_as_zero_or_associated_alpha(tmp_path: Path) -> None:
    grey = noise("uint16", ())
    tiff_with(tmp_path / "white.tif", grey, t262=0)
    assert np.array_equal(read_picture(tmp_path / "white.tif").pixels, 65535 - grey)
    rgba = np.full((2, 2, 4), (1000, 2000, 3000, 32768), np.uint16)
    tiff_with(tmp_path / "associated.tif", rgba, t338=(1,))
    assert np.abs(read_picture(tmp_path / "associated.tif").pixels - [2000, 4000, 6000, 32768.0]).max() <= 1


@pytest.mark.parametrize(
    ("pixels", "changes"),
    [
        (noise("float64"), {}),
        (noise("uint16", (4,)), {"t262": 5}),
        (noise("uint16", (2,)), {"t338": (2,)}),
        (noise("uint32"), {}),
    ],
    ids=["64-bit", "CMYK", "deep grey with alpha", "32-bit integers"],
)
def test_tiff_of_other_kinds_is_refused_in_words(
    tmp_path: Path, pixels: np.ndarray, changes: dict[str, object], capfd: pytest.CaptureFixture[str]
) -> None:
    tiff_with(tmp_path / "p.tif", pixels, **changes)
    with pytest.raises(InputError, match=r"p\.tif is .*(save|convert) it"):
        read_picture(tmp_path / "p.tif")
    assert capfd.readouterr() == ("", "")


def test_cmyk_jpeg_is_refused_in_words(tmp_path: Path) -> None:
    Image.new("CMYK", (4, 4)).save(tmp_path / "p.jpg")
    with pytest.raises(InputError, match="CMYK colours; convert it to RGB first"):
        read_picture(tmp_path / "p.jpg")


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_several_pictures_in_a_file_are_refused_in_words(tmp_path: Path, suffix: str) -> None:
    frames = [Image.fromarray(noise()), Image.fromarray(255 - noise())]
    frames[0].save(tmp_path / f"p{suffix}", save_all=True, append_images=frames[1:])
    with pytest.raises(InputError, match="holds 2 pictures"):
        read_picture(tmp_path / f"p{suffix}")


@pytest.mark.parametrize(
    ("suffix", "dtype"),
    [
        (".png", "uint8"),
        (".png", "uint16"),
        (".jpg", "uint8"),
        (".tif", "uint8"),
        (".tif", "uint16"),
        (".webp", "uint8"),
    ],
)
@pytest.mark.parametrize("part", [0.03, 0.5, 0.97])
def test_a_truncated_file_is_refused_in_words(
    tmp_path: Path, suffix: str, dtype: str, part: float, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"p{suffix}"
    write_picture(path, Picture(noise(dtype)))
    data = path.read_bytes()
    path.write_bytes(data[: max(int(len(data) * part), 16)])
    with pytest.raises(InputError, match=r"p\.\w+ is damaged or cut short"):
        read_picture(path)
    assert capfd.readouterr() == ("", "")


def png_of(width: int, height: int, depth: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_in_words(tmp_path: Path, depth: int, size: tuple[int, int]) -> None:
    (tmp_path / "p.png").write_bytes(png_of(*size, depth))
    limit = Image.MAX_IMAGE_PIXELS
    with pytest.raises(InputError, match="more than 536 megapixels"):
        read_picture(tmp_path / "p.png")
    assert limit == Image.MAX_IMAGE_PIXELS


def test_a_tiff_bomb_is_refused_in_words(tmp_path: Path) -> None:
    tiff_with(tmp_path / "p.tif", noise("uint16"), t256=60_000, t257=60_000)
    with pytest.raises(InputError, match="more than 536 megapixels"):
        read_picture(tmp_path / "p.tif")


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"<svg/>", b"\x89PNG", b"RIFF\0\0\0\0WAVE"],
    ids=repr,
)
def test_what_is_no_picture_is_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "p.png").write_bytes(data)
    with pytest.raises(InputError, match="is no PNG, JPEG, TIFF or WebP file"):
        read_picture(tmp_path / "p.png")


def test_no_file_and_a_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        read_picture(tmp_path / "p.png")
    with pytest.raises(InputError, match="is a folder"):
        read_picture(tmp_path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("p.gif", "must end in .png"),
        ("p", "must end in .png"),
        ("nowhere/p.png", "There is no folder .*nowhere"),
        ("folder.png", "is a folder"),
    ],
)
def test_an_impossible_output_is_said_beforehand(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match=words):
        check_output(tmp_path / name)


@pytest.mark.parametrize(
    ("pixels", "suffix", "words"),
    [
        (noise("uint8", (4,)), ".jpg", "cannot hold transparency"),
        (noise("float32"), ".png", "cannot hold floating-point"),
        (noise("uint8", (), 1, 20_000), ".webp", "at most 16383 pixels a side"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_in_words(
    tmp_path: Path, pixels: np.ndarray, suffix: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        write_picture(tmp_path / f"p{suffix}", Picture(pixels))
    assert list(tmp_path.iterdir()) == []


def test_opaque_alpha_fits_into_jpeg(tmp_path: Path) -> None:
    pixels = noise("uint8", (4,))
    pixels[..., 3] = 255
    write_picture(tmp_path / "p.jpg", Picture(pixels))
    assert read_picture(tmp_path / "p.jpg").pixels.shape == (19, 30, 3)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions and links")
def test_writing_keeps_permissions_and_follows_links(tmp_path: Path) -> None:
    target = tmp_path / "target.png"
    write_picture(target, Picture(noise()))
    target.chmod(0o640)
    link = tmp_path / "link.png"
    link.symlink_to(target)
    write_picture(link, Picture(noise("uint16")))
    assert link.is_symlink()
    assert read_picture(target).pixels.dtype == np.uint16
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.png", "target.png"]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(b"precious")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FillError, match=r"could not be written to .*p\.png: No space left on device"):
        write_picture(path, Picture(noise()))
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [path]


def test_channels_that_would_be_lost_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "five.tif"
    path.write_bytes(
        tiff.encode(np.zeros((8, 9, 5), np.uint8), icc=None, exif=None, dpi=None, captions=Captions())
    )
    with pytest.raises(InputError, match="has more channels than colours and one alpha"):
        read_picture(path)
