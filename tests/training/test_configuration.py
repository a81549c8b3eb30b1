"""Configurations: typed, kept as TOML, and refused in words."""

from __future__ import annotations

import pytest

from inpaint_core import InputError
from inpaint_core.training import configuration
from inpaint_core.training.configuration import Configuration


@pytest.mark.parametrize("name", configuration.presets())
def test_a_preset_survives_being_written(name: str) -> None:
    preset = configuration.preset(name)
    assert preset != Configuration()
    assert configuration.parse(configuration.dump(preset)) == preset


def test_single_settings_can_be_changed() -> None:
    before = Configuration()
    after = configuration.change(
        before, ["run.batch=8", "network.architecture=fourier", "optimiser.freeze=true"]
    )
    assert (after.run.batch, after.network.architecture, after.optimiser.freeze) == (8, "fourier", True)
    assert after.data == before.data
    assert before == Configuration()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run]\nbatsh = 1", "no setting run.batsh"),
        ("run = 3", "a table"),
        ("[run]\nbatch = 1.5", "a whole number"),
        ("[run]\nbatch = -1", "0 or more"),
        ("[run]\nbatch = true", "a whole number"),
        ("[optimiser]\nrate = nan", "a number"),
        ("[optimiser]\nfreeze = 1", "true or false"),
        ("[network]\narchitecture = 'transformer'", "one of unet, fourier"),
        ("[run", "no TOML"),
    ],
)
def test_what_is_wrong_is_said(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        configuration.parse(text)


def test_a_change_without_a_value_and_an_unknown_preset_are_said() -> None:
    with pytest.raises(InputError, match=r"table\.key=value"):
        configuration.change(Configuration(), ["run.batch"])
    with pytest.raises(InputError, match=r"the presets are .*structure"):
        configuration.preset("nothing")
