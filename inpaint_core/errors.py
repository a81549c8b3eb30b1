"""Every error a fill can end with; each message is a sentence for the person who asked.

::

    InpaintError
    ├── InputError (also a ValueError)   what was asked cannot be done: picture, mask, option
    │   └── NoSourceError                nothing is left to take content from
    ├── FillError                        the fill was well asked for, and failed
    ├── FetchError                       a model could not be got
    └── Cancelled                        the caller wanted it to stop
"""


class InpaintError(Exception):
    """The root of the family."""


class InputError(InpaintError, ValueError):
    """The picture, the mask, an option or a file is not what a fill can work on."""


class NoSourceError(InputError):
    """Outside the hole nothing is left that content may be taken from.

    A caller that passed only a part of its picture may try again with more of it.
    """


class FillError(InpaintError):
    """The request was sound, yet the fill failed."""


class FetchError(InpaintError):
    """A model could not be fetched or copied; what was there before is as it was."""


class Cancelled(InpaintError):  # noqa: N818 - a request fulfilled, not an error
    """Raised inside a progress callback, it stops the fill and reaches the caller."""


class InpaintWarning(UserWarning):
    """Something the person should know, though the fill went on (shown as a notice)."""


def words_for(error: OSError) -> str:
    """Return what the system says is wrong, and with which file."""
    said = (error.strerror or str(error)).rstrip(".")
    return f"{error.filename}: {said}." if error.filename else f"{said}."
