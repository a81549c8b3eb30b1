"""Picture files in and out: PNG, JPEG, TIFF and WebP, with depth, profile, orientation and resolution.

Pillow reads and writes what has 8 bits a channel, and all metadata; OpenCV decodes what has more, for Pillow
has no place for it. What is written back is as it was stored: the same orientation and the same EXIF without
its thumbnail, which would still show what was filled. Captions (XMP, IPTC, comments) are carried over as far
as the format has room for them, appended pictures are not: they may hold the picture as it was.
"""

from inpaint_core.picture_files.guides import read_guide, read_reference
from inpaint_core.picture_files.masks import read_mask, transparent
from inpaint_core.picture_files.picture import Picture
from inpaint_core.picture_files.reading import read_picture
from inpaint_core.picture_files.writing import check_fits, check_output, write_picture

__all__ = [
    "Picture",
    "check_fits",
    "check_output",
    "read_guide",
    "read_mask",
    "read_picture",
    "read_reference",
    "transparent",
    "write_picture",
]
