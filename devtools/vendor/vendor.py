"""Fetch the front end's third-party files again: `python devtools/vendor/vendor.py`.

Run it only to change a version below; the files are committed, so neither the site nor its tests
need Node.js. It needs npm on the path and `pip install fonttools brotli`. manifest.json says
where every file came from, and tests/test_static.py compares the hashes.
"""

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "static/vendor/manifest.json"
SPRITE = "static/icons.svg"

# The smallest and largest weight that the styles use; the rest of the axis is a third of the file.
WEIGHTS = (400, 700)
# The licence reserves the name "Source" for unchanged fonts, so the cut one carries another.
CUT_FAMILY = "BotBeat Serif"

ICONS = (
    "arrow-big-down", "arrow-big-up", "arrow-left", "arrow-right", "arrow-up-right", "ban", "bell",
    "check", "chevron-down", "clock", "copy", "corner-down-right", "ellipsis", "eye", "flag",
    "history", "info", "key-round", "link", "lock", "log-out", "menu", "message-square", "monitor",
    "moon", "newspaper", "pencil", "plus", "reply", "rss", "search", "shield", "sun", "trash-2",
    "triangle-alert", "undo-2", "user", "users", "wifi-off", "x",
)  # fmt: skip

Change = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Copy:
    """One file of a package: its path there, its path here, and what is changed on the way."""

    source: str
    target: str
    change: Change | None = None
    note: str = ""


@dataclass(frozen=True)
class Package:
    """An npm package in one exact version, with its SPDX licence and the files that we take."""

    name: str
    version: str
    licence: str
    files: tuple[Copy, ...]


class UnexpectedPackageError(Exception):
    """A package is not what it was, or lacks what we take from it."""


def cut_font(data: bytes) -> bytes:
    """Return the variable font limited to WEIGHTS under CUT_FAMILY (OFL 1.1, condition 3)."""
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    font = instancer.instantiateVariableFont(font, {"wght": WEIGHTS}, updateFontNames=False)
    style = "Italic" if font["post"].italicAngle else "Regular"
    names = {
        1: CUT_FAMILY,
        3: f"{CUT_FAMILY} {style}",
        4: f"{CUT_FAMILY} {style}",
        6: f"{CUT_FAMILY}-{style}".replace(" ", ""),
    }
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    font.flavor = "woff2"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def with_holder(licence: bytes) -> bytes:
    """Return the font's licence headed by the copyright notice that the font itself carries."""
    notice = (
        "© 2014 - 2021 Adobe Systems Incorporated (http://www.adobe.com/), with Reserved Font Name "
        "‘Source’. The files here are Modified Versions and are named "
        f"{CUT_FAMILY}.\n\n"
    )
    return notice.encode() + licence


_STROKED = re.compile(r"<(?:path|circle|rect|line|polyline|polygon|ellipse)\b[^>]*/>")


def symbol(name: str, svg: str) -> str:
    """Return one icon as a symbol: only its shapes, so that the styles decide how to draw it."""
    shapes = "".join(re.sub(r"\s+", " ", shape) for shape in _STROKED.findall(svg))
    if not shapes:
        raise UnexpectedPackageError(f"The icon {name} holds no shape.")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes.replace(" />", "/>")}</symbol>'


def sprite(archive: tarfile.TarFile) -> bytes:
    """Return the sprite of all ICONS in the given lucide-static package."""
    symbols = [symbol(name, read(archive, f"icons/{name}.svg").decode()) for name in ICONS]
    opening = '<svg xmlns="http://www.w3.org/2000/svg">'
    return "\n".join([opening, *symbols, "</svg>", ""]).encode()


PACKAGES = (
    Package(
        "htmx.org",
        "2.0.11",
        "0BSD",
        (
            Copy("dist/htmx.min.js", "static/vendor/htmx.min.js"),
            Copy("LICENSE", "static/vendor/LICENSE-htmx.txt"),
        ),
    ),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        (
            Copy("axe.min.js", "devtools/vendor/axe.min.js"),
            Copy("LICENSE", "devtools/vendor/LICENSE-axe-core.txt"),
            Copy("LICENSE-3RD-PARTY.txt", "devtools/vendor/LICENSE-axe-core-3rd-party.txt"),
        ),
    ),
    Package(
        "@fontsource-variable/source-serif-4",
        "5.3.1",
        "OFL-1.1",
        (
            Copy(
                "files/source-serif-4-latin-wght-normal.woff2",
                "static/fonts/source-serif-4-5.3.1.woff2",
                cut_font,
                f"weights {WEIGHTS[0]} to {WEIGHTS[1]}, renamed {CUT_FAMILY}",
            ),
            Copy(
                "files/source-serif-4-latin-wght-italic.woff2",
                "static/fonts/source-serif-4-italic-5.3.1.woff2",
                cut_font,
                f"weights {WEIGHTS[0]} to {WEIGHTS[1]}, renamed {CUT_FAMILY}",
            ),
            Copy(
                "LICENSE",
                "static/fonts/OFL-source-serif-4.txt",
                with_holder,
                "headed by the copyright notice of the font",
            ),
        ),
    ),
    Package(
        "@fontsource/ibm-plex-mono",
        "5.3.0",
        "OFL-1.1",
        (
            Copy(
                "files/ibm-plex-mono-latin-400-normal.woff2",
                "static/fonts/ibm-plex-mono-400-5.3.0.woff2",
            ),
            Copy(
                "files/ibm-plex-mono-latin-600-normal.woff2",
                "static/fonts/ibm-plex-mono-600-5.3.0.woff2",
            ),
            Copy("LICENSE", "static/fonts/OFL-ibm-plex-mono.txt"),
        ),
    ),
    Package(
        "lucide-static",
        "1.62.0",
        "ISC",
        (Copy("LICENSE", "static/vendor/LICENSE-lucide.txt"),),
    ),
)


def read(archive: tarfile.TarFile, path: str) -> bytes:
    """Return one file of an npm package; raises UnexpectedPackageError if it is not there."""
    try:
        member = archive.extractfile(str(PurePosixPath("package", path)))
    except KeyError:
        member = None
    if member is None:
        raise UnexpectedPackageError(f"The package holds no {path}.")
    return member.read()


def fetch(package: Package, folder: Path) -> tuple[bytes, str]:
    """Return the package's archive and its npm integrity (sha512, computed here as well)."""
    npm = shutil.which("npm")
    if npm is None:
        raise UnexpectedPackageError("npm is missing: install Node.js, or leave the files alone.")
    wanted = f"{package.name}@{package.version}"
    printed = subprocess.run(
        [npm, "pack", "--json", "--ignore-scripts", wanted],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    packed = json.loads(printed)
    entry = next(iter(packed.values() if isinstance(packed, dict) else packed))
    data = (folder / entry["filename"]).read_bytes()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    if integrity != entry["integrity"]:
        raise UnexpectedPackageError(f"{wanted} does not match its published integrity.")
    return data, integrity


def write(target: str, data: bytes) -> str:
    """Write one vendored file and return its SHA-256."""
    path = ROOT / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def known_integrity() -> dict[str, str]:
    """Return the integrity of every package version that was vendored before."""
    if not MANIFEST.exists():
        return {}
    packages = json.loads(MANIFEST.read_text())["packages"]
    return {f"{entry['package']}@{entry['version']}": entry["integrity"] for entry in packages}


def vendored(package: Package, folder: Path, known: dict[str, str]) -> dict[str, object]:
    """Write the files of one package and return its entry in the manifest."""
    data, integrity = fetch(package, folder)
    if known.get(f"{package.name}@{package.version}", integrity) != integrity:
        raise UnexpectedPackageError(f"{package.name} {package.version} was published anew.")
    files: list[dict[str, str]] = []
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for copy in package.files:
            content = read(archive, copy.source)
            entry = {"path": copy.target, "source": copy.source}
            if copy.change is not None:
                entry["source_sha256"] = hashlib.sha256(content).hexdigest()
                entry["changed"] = copy.note
                content = copy.change(content)
            files.append(entry | {"sha256": write(copy.target, content)})
        if package.name == "lucide-static":
            files.append(
                {
                    "path": SPRITE,
                    "source": "icons/*.svg",
                    "changed": f"{len(ICONS)} icons joined into one sprite",
                    "sha256": write(SPRITE, sprite(archive)),
                }
            )
    return {
        "package": package.name,
        "version": package.version,
        "licence": package.licence,
        "integrity": integrity,
        "files": files,
    }


def main() -> int:
    known = known_integrity()
    with tempfile.TemporaryDirectory() as folder:
        try:
            packages = [vendored(package, Path(folder), known) for package in PACKAGES]
        except (UnexpectedPackageError, subprocess.CalledProcessError) as error:
            print(error, file=sys.stderr)
            return 1
    MANIFEST.write_text(json.dumps({"packages": packages}, indent=2) + "\n")
    print(f"{sum(len(package.files) for package in PACKAGES) + 1} files are in place.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
