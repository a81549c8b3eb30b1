"""Which pixels a mask file marks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inpaint_core import InputError
from inpaint_core.picture_files import Picture, exif, read_mask, read_picture, transparent, write_picture

PICTURE = Picture(np.zeros((2, 3, 3), np.uint8))


def marked(tmp_path: Path, pixels: object, dtype: str = "uint8", suffix: str = ".png") -> list[list[int]]:
    path = tmp_path / f"mask{suffix}"
    write_picture(path, Picture(np.array(pixels, dtype)))
    return read_mask(path, PICTURE, "mask").astype(int).tolist()


def test_half_of_the_range_and_more_is_marked(tmp_path: Path) -> None:
    assert marked(tmp_path, [[0, 1, 127], [128, 200, 255]]) == [[0, 0, 0], [1, 1, 1]]
    assert marked(tmp_path, [[0, 1, 32767], [32768, 40000, 65535]], "uint16") == [[0, 0, 0], [1, 1, 1]]
    assert marked(tmp_path, [[0, 0.1, 0.49], [0.5, 1, 2]], "float32", ".tif") == [[0, 0, 0], [1, 1, 1]]


def test_colours_count_by_their_luminance(tmp_path: Path) -> None:
    row = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert marked(tmp_path, [row, [[255, 255, 255], [127, 127, 127], [255, 255, 0]]]) == [
        [0, 1, 0],
        [1, 0, 1],
    ]


def test_noise_of_jpeg_is_no_hole(tmp_path: Path) -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 24:50] = 255
    Image.fromarray(mask).save(tmp_path / "mask.jpg", quality=40)
    picture = Picture(np.zeros((64, 64), np.uint8))
    noisy = read_picture(tmp_path / "mask.jpg").pixels
    assert len(np.unique(noisy)) > 2
    assert np.array_equal(read_mask(tmp_path / "mask.jpg", picture, "mask"), mask > 0)


@pytest.mark.parametrize("colour", [0, 255, 90])
def test_paint_of_one_colour_on_an_empty_layer_is_marked(tmp_path: Path, colour: int) -> None:
    alpha = [[0, 127, 128], [255, 0, 255]]
    pixels = [[[colour * (a > 0), a] for a in row] for row in alpha]
    assert marked(tmp_path, pixels) == [[0, 0, 1], [1, 0, 1]]


def test_in_a_mask_of_several_colours_the_transparent_is_kept(tmp_path: Path) -> None:
    pixels = [[[255, 255], [255, 0], [0, 255]], [[255, 100], [0, 0], [200, 255]]]
    assert marked(tmp_path, pixels) == [[1, 0, 0], [0, 0, 1]]


def test_an_opaque_mask_with_an_alpha_channel_is_read_by_its_colours(tmp_path: Path) -> None:
    assert marked(tmp_path, [[[0, 255]] * 3, [[255, 255]] * 3]) == [[0, 0, 0], [1, 1, 1]]
    assert marked(tmp_path, [[[0, 255]] * 3] * 2) == [[0, 0, 0]] * 2


def test_mask_and_picture_are_compared_as_they_are_shown(tmp_path: Path) -> None:
    stored = np.zeros((4, 6, 3), np.uint8)
    write_picture(tmp_path / "upright.png", Picture(stored))
    Image.fromarray(stored).save(tmp_path / "turned.png", exif=exif.PREFIX + exif.build({274: 6}))
    picture = read_picture(tmp_path / "turned.png")
    assert picture.pixels.shape == (6, 4, 3)
    mask = np.zeros((6, 4), np.uint8)
    mask[0, 3] = 255
    write_picture(tmp_path / "mask.png", Picture(mask))
    assert np.argwhere(read_mask(tmp_path / "mask.png", picture, "mask")).tolist() == [[0, 3]]
    with pytest.raises(InputError, match="6x4 pixels and the picture 4x6"):
        read_mask(tmp_path / "upright.png", picture, "mask")


def test_another_size_is_refused_with_both(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"The mask .*mask\.png has 2x1 pixels and the picture 3x2"):
        marked(tmp_path, [[0, 1]])


def test_transparent_is_what_is_not_fully_opaque(tmp_path: Path) -> None:
    alpha = np.array([[0, 254, 255]], np.uint8)
    picture = Picture(np.stack([alpha, alpha], axis=2))
    assert transparent(picture, tmp_path).tolist() == [[True, True, False]]
    with pytest.raises(InputError, match="has no transparency"):
        transparent(PICTURE, tmp_path)
    with pytest.raises(InputError, match="opaque everywhere"):
        transparent(Picture(np.full((2, 2, 4), 65535, np.uint16)), tmp_path)
