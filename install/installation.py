"""Installing and upgrading: a new engine, proven, then one switch."""

from __future__ import annotations

from pathlib import Path

from install import engine, gimp, launcher, plugin, proof
from install.console import InstallError, say, step
from install.places import Places, version

NO_GIMP = (
    "No GIMP 3 was found. Install GIMP 3.0 or newer (or start it once if it is in an unusual place), then "
    "run “python3 install” again; or name GIMP's user folder with “--gimp-dir DIR” (in GIMP, Edit ▸ "
    "Preferences ▸ Folders ▸ Plug-ins shows it)."
)
SNAP = (
    "GIMP as a Snap is not supported: its sandbox cannot start the engine. Install GIMP from your "
    "distribution or as a Flatpak instead."
)


def install(
    places: Places, chosen: Path | None = None, *, train: bool | None = None, device: str = "auto"
) -> None:
    """Install or upgrade everything, telling the person what is done.

    `train` is whether what training needs comes along (None: as the last time), `device` what networks are to
    run on, one of `device.DEVICES`.

    Raises
    ------
    InstallError
        When no engine could be made; then what was installed before works as before.
    """
    if places.env.get("SUDO_USER") and places.system != "windows":
        raise InstallError("Run “python3 install” without sudo: it installs for one person, into that home.")
    say(f"GIMP Inpaint {version()}")
    with step("Looking for GIMP"):
        found = gimp.find(places, chosen)
    failures: list[str] = []
    try:
        made = engine.make(places, train=train, wanted=device)
        with engine.discarded_on_failure(made, places.log):
            failures += _add_flatpak(places, found, made)
            plugin.assemble(made.plugin, made.plugin_python)
            with step("Compiling the kernels, and filling a sample as GIMP will"):
                proven = proof.prove(made.plugin, places.proof)
    except InstallError as error:
        raise InstallError(f"{error}{_what_is_left(places)}") from error
    failures += _place(places, found, made)
    command = launcher.place(places, made.command)
    engine.tidy(places, _folders(places, found), made.folder)
    _report(found, proven, command)
    if failures:
        raise InstallError("\n".join(failures))


def _add_flatpak(places: Places, found: gimp.Found, made: engine.Engine) -> list[str]:
    if not found.flatpak:
        return []
    try:
        with step("The same for the Flatpak of GIMP, with its own Python"):
            engine.add_flatpak(made, places.log)
    except InstallError as error:
        return [str(error)]
    return []


def _what_is_left(places: Places) -> str:
    if not engine.installed(places):
        return ""
    return "\nWhat was installed before is unchanged and goes on working."


def _place(places: Places, found: gimp.Found, made: engine.Engine) -> list[str]:
    """Put the plug-in into every GIMP, ask those that can be started, and return what went wrong."""
    failures = []
    for candidate in found.gimps:
        try:
            with step(f"Putting the plug-in into {candidate.title}"):
                ready = gimp.ensure_folder(candidate, places)
                plugin.place(made.plugin, ready.folder)
                plugin.record(places, [ready.folder])
                answer = gimp.ask(ready, places.data)
        except InstallError as error:
            failures.append(f"{candidate.title}: {error}")
            continue
        if answer is not None and not answer.registered:
            failures.append(
                f"{candidate.title} does not list the plug-in that was put into {ready.folder}. “python3 "
                "install check” says more."
            )
        elif answer is not None:
            say(f"  {candidate.title} knows the procedure {gimp.PROCEDURE}.")
    return failures


def _folders(places: Places, found: gimp.Found) -> list[Path]:
    return list(dict.fromkeys([*(item.folder for item in found.gimps), *plugin.recorded(places)]))


def _report(found: gimp.Found, proven: proof.Proof, command: str) -> None:
    say(
        f"The kernels were compiled in {proven.compile_seconds:.0f} s, the sample filled in "
        f"{proven.fill_seconds:.2f} s."
    )
    say()
    say(f"Before and after: {proven.picture}")
    say(f"{command}.")
    for minor in found.too_old:
        say(f"GIMP {minor} is too old for this plug-in: it needs GIMP 3.0 or newer.")
    if found.snap:
        say(SNAP)
    if found.gimps:
        say("In GIMP (restart it if it is open): select something, then Filters ▸ Inpaint ▸ Fill Selection…")
    else:
        say(NO_GIMP)
