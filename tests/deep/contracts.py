"""The contracts of networks that people really use, at a size that is quick."""

from __future__ import annotations

from inpaint_core.deep.cards import Card, Contract, ImageInput, MaskInput, Output, Size, Weights

FIXED = Size(fixed=(128, 128))
ANY = Size(multiple=8, minimum=136)

LAMA = Contract(
    ImageInput("image", hole=0.0), MaskInput("mask"), Output("output", 0.0, 255.0), FIXED, composites=True
)
MIGAN = Contract(
    ImageInput("image", "uint8", 0.0, 255.0),
    MaskInput("mask", "uint8", hole=0.0, known=255.0),
    Output("result", 0.0, 255.0),
    ANY,
    composites=True,
    dilate=4,
)
RAW_MIGAN = Contract(
    ImageInput("input", black=-1.0, white=1.0, hole=0.0),
    MaskInput("input", hole=-0.5, known=0.5),
    Output("output", -1.0, 1.0),
    FIXED,
    packed="mask-image",
)
LAMA_PACKED = Contract(
    ImageInput("input", hole=0.0), MaskInput("input"), Output("output"), ANY, packed="image-mask"
)
MANGA = Contract(ImageInput("image", hole=0.0), MaskInput("mask"), Output("output"), ANY, composites=True)
AOT = Contract(
    ImageInput("image", black=-1.0, white=1.0, hole=0.0), MaskInput("mask"), Output("output", -1.0, 1.0), ANY
)
CHANNELS_LAST = Contract(
    ImageInput("x", "float16", hole=0.0),
    MaskInput("m", "float16", hole=0.0, known=1.0),
    Output("y"),
    ANY,
    layout="nhwc",
    batch=False,
    composites=True,
)
CONTRACTS = {
    "lama": LAMA,
    "migan": MIGAN,
    "raw migan": RAW_MIGAN,
    "packed lama": LAMA_PACKED,
    "manga": MANGA,
    "aot": AOT,
    "channels last": CHANNELS_LAST,
}


def card(contract: Contract = LAMA, name: str = "net", **weights: object) -> Card:
    """Return a card with this contract; `weights` tells what is known of the file."""
    return Card(name, name.title(), Weights("MIT", **weights), contract)
