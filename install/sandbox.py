"""Private Debian systems with a real GIMP, for the tests: made once, kept in the cache, entered by argv.

Everything that is mounted lives in a mount namespace of its own and ends with the command, so the host never
sees it; a removal can therefore not follow a mount into the host's devices.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from install.console import InstallError

USER = "artist"
"""The ordinary user of a sandbox, whose home is ``/home/artist``."""

CERTIFICATES = "/etc/ssl/host-certificates.crt"

PACKAGES = (
    "gimp",
    "imagemagick",
    "openbox",
    "procps",
    "python3-gi",
    "python3-venv",
    "xauth",
    "xdotool",
    "xvfb",
)

_APT = "/etc/apt/apt.conf.d/80sandbox"
# Signatures are checked; dates are not, so that a mirror kept as a snapshot serves as well.
_APT_SETTINGS = """\
APT::Install-Recommends "false";
Acquire::Check-Valid-Until "false";
Acquire::Retries "3";
DPkg::Options:: "--force-unsafe-io";
"""
_DPKG = "/etc/dpkg/dpkg.cfg.d/sandbox"
_DPKG_SETTINGS = "path-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\n"

# Arguments: root, uid:gid, then triples "ro|rw", host path, path inside, then "--" and what `env` is given.
_ENTER = """
set -eu
root=$1 identity=$2
shift 2
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do
    : >"$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
while [ "$1" != -- ]; do
    point=$root$3
    if [ -d "$2" ]; then
        mkdir -p "$point"
    elif [ ! -e "$point" ]; then
        mkdir -p "${point%/*}"
        : >"$point"
    fi
    mount --bind "$2" "$point"
    [ "$1" = rw ] || mount -o remount,bind,ro "$point"
    shift 3
done
shift
code=0
chroot --userspec="$identity" --groups= "$root" env -i "$@" || code=$?
exit "$code"
"""


class SandboxError(InstallError):
    """A sandbox could not be made or entered; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A sandbox: the GIMP it is for, and the Debian suite that has it."""

    gimp: str
    suite: str

    @property
    def name(self) -> str:
        """The folder's name; it changes whenever the recipe does."""
        parts = (self.gimp, self.suite, *PACKAGES, _APT_SETTINGS, _DPKG_SETTINGS, USER)
        return f"gimp-{self.gimp}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:12]}"


RECIPES = (Recipe("3.0", "trixie"), Recipe("3.2", "forky"))


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or folder of the host that is seen inside, under an absolute path."""

    host: Path
    inside: str
    read_only: bool = True


def command(
    root: Path,
    argv: Sequence[str],
    *,
    user: str = USER,
    binds: Sequence[Bind] = (),
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
) -> list[str]:
    """Return the argv that runs `argv` inside `root`; hand it to `subprocess` as root.

    Mounts and processes live in namespaces of their own: when the command ends, or is killed
    (``Popen.kill``; a mere SIGTERM is not passed on), nothing of it is left.

    Parameters
    ----------
    root
        A folder that `build` returned.
    argv
        The program and its arguments, as seen inside.
    user
        A name of the root's ``/etc/passwd``.
    binds
        What else of the host is seen inside; missing mount points are made in the root.
    env
        Added to a small fixed environment (PATH, HOME, USER, LANG, proxies, certificates); nothing else of
        the host's environment goes in.
    cwd
        The working folder inside; the user's home unless given.
    """
    identity, home = _account(root, user)
    settings = {
        "HOME": home,
        "LANG": "C.UTF-8",
        "LOGNAME": user,
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "USER": user,
        **_network_environment(),
    }
    mounts = [*_host_files(root), *binds]
    triples = [
        item for bind in mounts for item in ("ro" if bind.read_only else "rw", str(bind.host), bind.inside)
    ]
    variables = [f"{name}={value}" for name, value in (settings | dict(env or {})).items()]
    inside = [f"--chdir={home if cwd is None else cwd}", *variables, *argv]
    return [*_PRIVATE, "sh", "-c", _ENTER, "sandbox", str(root), identity, *triples, "--", *inside]


_PRIVATE = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--")


def _account(root: Path, user: str) -> tuple[str, str]:
    for line in (root / "etc/passwd").read_text(encoding="utf-8").splitlines():
        name, _, uid, gid, _, home, *_ = line.split(":")
        if name == user:
            return f"{uid}:{gid}", home
    raise SandboxError(
        f"The sandbox {root} has no user {user}; remove it with `python3 install test --remove`."
    )


def _network_environment() -> dict[str, str]:
    names = (
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "PIP_INDEX_URL",
        "PIP_TRUSTED_HOST",
        "PIP_DEFAULT_TIMEOUT",
    )
    found = {key: os.environ[key] for name in names for key in (name, name.upper()) if key in os.environ}
    if _certificates() is not None:
        found |= dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"), CERTIFICATES)
    return found


def _certificates() -> Path | None:
    for name in (os.environ.get("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt"):
        if name and Path(name).is_file():
            return Path(name).resolve()
    return None


def _host_files(root: Path) -> Iterator[Bind]:
    resolver = Path("/etc/resolv.conf").resolve()
    if resolver.is_file() and not (root / "etc/resolv.conf").is_symlink():
        yield Bind(resolver, "/etc/resolv.conf")
    certificates = _certificates()
    if certificates is not None:
        yield Bind(certificates, CERTIFICATES)


def why_not() -> str | None:
    """Say why this machine cannot have sandboxes; None when it can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "private Debian sandboxes need root"
    missing = [tool for tool in ("apt-get", "dpkg-deb", "unshare", "chroot") if shutil.which(tool) is None]
    if missing:
        return f"private Debian sandboxes need {', '.join(missing)}, which this system does not have"
    if subprocess.run([*_PRIVATE, "true"], capture_output=True, check=False).returncode != 0:
        return "this system does not let root make private mounts (a container without the right to)"
    return None


def build(recipe: Recipe, folder: Path, say: Callable[[str], None]) -> Path:
    """Return the root of `recipe` below `folder`, building it unless a finished one is there.

    It is built under another name and renamed when finished; what a former try left, or a former recipe
    for the same GIMP, is removed.

    Raises
    ------
    SandboxError
        When a step fails; the log's place is in the message.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root, unfinished = folder / recipe.name, folder / f"{recipe.name}.building"
    log = folder / f"{recipe.name}.log"
    with _locked(folder / f"gimp-{recipe.gimp}.lock"):
        if root.is_dir():
            return root
        for old in folder.glob(f"gimp-{recipe.gimp}-*"):
            remove(old)
        with log.open("w", encoding="utf-8") as stream:
            _populate(recipe, unfinished, stream, say)
        unfinished.rename(root)
    return root


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    import fcntl  # noqa: PLC0415 - not on Windows, where this is never called

    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _populate(recipe: Recipe, root: Path, log: IO[str], say: Callable[[str], None]) -> None:
    say(f"GIMP {recipe.gimp}: a minimal Debian {recipe.suite} …")
    program, environment = _debootstrap(root.parent / "debootstrap", log)
    # An older debootstrap does not know the newer suites; they are all made like unstable.
    script = Path(environment["DEBOOTSTRAP_DIR"]) / "scripts" / "sid"
    _step(
        [*_PRIVATE, program, "--variant=minbase", recipe.suite, str(root), mirror(), str(script)],
        log,
        environment,
    )
    _write(root, _APT, _APT_SETTINGS)
    _write(root, _DPKG, _DPKG_SETTINGS)
    _write(root, "/etc/resolv.conf", "")
    say(f"GIMP {recipe.gimp}: GIMP and what the tests need …")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    for argv in (
        ["apt-get", "update"],
        ["apt-get", "install", "--yes", *PACKAGES],
        ["apt-get", "clean"],
        ["useradd", "--create-home", "--uid", "1000", USER],
    ):
        _step(command(root, argv, user="root", env=quiet), log)
    _check_version(recipe, root)


def _write(root: Path, path: str, text: str) -> None:
    target = root / path.lstrip("/")
    target.unlink(missing_ok=True)
    target.write_text(text, encoding="utf-8")


def _step(argv: Sequence[str], log: IO[str], env: Mapping[str, str] | None = None) -> None:
    log.write(f"$ {' '.join(word for word in argv if chr(10) not in word)}\n")
    log.flush()
    environment = {**os.environ, **(env or {})}
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment, check=False
    )
    if done.returncode != 0:
        raise SandboxError(
            f"A step of making the sandbox failed ({_last_error(Path(log.name))}); see {log.name}."
        )


def _last_error(log: Path) -> str:
    lines = [
        line.strip()
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.strip()
    ]
    errors = [line for line in lines if line.startswith(("E:", "Err:"))]
    return (errors or lines)[-1][:200]


def _check_version(recipe: Recipe, root: Path) -> None:
    argv = command(root, ["gimp-console", "--version"])
    answer = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", check=False
    )
    found = re.search(r"version (\d+\.\d+)", answer.stdout)
    if found is None:
        raise SandboxError(
            f"GIMP does not start in the sandbox of Debian {recipe.suite}: {answer.stderr[-200:]}"
        )
    if found[1] != recipe.gimp:
        raise SandboxError(f"Debian {recipe.suite} has GIMP {found[1]} now, not {recipe.gimp}.")


def mirror() -> str:
    """Return the Debian mirror that the host's apt sources name."""
    texts = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
        if path.is_file()
    ]
    return find_mirror("\n".join(texts))


def find_mirror(sources: str) -> str:
    """Return the first Debian archive in the text of apt sources, in either format.

    Archives of other distributions, the security archive and file or mirror lists are passed over.

    Raises
    ------
    SandboxError
        When none is named.
    """
    for line in sources.splitlines():
        entry = re.match(r"\s*(?:deb\s+(?:\[[^]]*\]\s*)?|URIs:\s*)(https?://\S+)", line)
        if entry and re.search(r"/debian/?$", entry[1]):
            return entry[1].rstrip("/")
    raise SandboxError(
        "The host's apt sources name no Debian archive to make a sandbox from. Add one to "
        "/etc/apt/sources.list.d, then try again."
    )


def _debootstrap(folder: Path, log: IO[str]) -> tuple[str, dict[str, str]]:
    """Return the program and its environment; where the host has none, a private copy in `folder`."""
    installed = shutil.which("debootstrap", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if installed is not None:
        return installed, {"DEBOOTSTRAP_DIR": "/usr/share/debootstrap"}
    with _locked(folder.with_suffix(".lock")):
        if not (folder / "usr/sbin/debootstrap").is_file():
            _fetch_debootstrap(folder, log)
    return str(folder / "usr/sbin/debootstrap"), {"DEBOOTSTRAP_DIR": str(folder / "usr/share/debootstrap")}


def _fetch_debootstrap(folder: Path, log: IO[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True)
    private = ["-o", f"Dir::State::Lists={lists}", "-o", "APT::Sandbox::User=root"]
    _step(["apt-get", *private, "update"], log)
    packages = folder / "packages"
    packages.mkdir()
    fetch = ["env", f"--chdir={packages}", "apt-get", *private, "download", "debootstrap"]
    _step(fetch, log)
    for package in packages.glob("*.deb"):
        _step(["dpkg-deb", "-x", str(package), str(folder)], log)


def remove(path: Path) -> None:
    """Remove a root, or a file beside it.

    Raises
    ------
    SandboxError
        When something is mounted below it, for then its removal could reach beyond it.
    """
    mounted = mounts_below(path, Path("/proc/self/mountinfo").read_text(encoding="utf-8"))
    if mounted:
        raise SandboxError(f"{mounted[0]} is mounted; unmount it, then {path} can be removed.")
    subprocess.run(["rm", "-rf", "--one-file-system", "--", str(path)], check=True)


def mounts_below(path: Path, mountinfo: str) -> list[str]:
    """Return the mount points at or below `path`, from the text of ``/proc/self/mountinfo``."""
    whole = str(path.resolve())
    points = [
        re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), line.split(" ")[4])
        for line in mountinfo.splitlines()
    ]
    return [point for point in points if point == whole or point.startswith(f"{whole}/")]
