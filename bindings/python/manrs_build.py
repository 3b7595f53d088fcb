# SPDX-License-Identifier: BSD-2-Clause
"""The build backend (PEP 517, PEP 660), with Python's own library alone: `pip install bindings/python` works offline.

A wheel is the package, libmanrs.so.0 and, where it was or can be built, _manrs.abi3.so. The library comes from MANRS_LIB
(a path), else from build/ of the source tree that this folder lies in, built by make when it is not there; MANRS_LIB=system
leaves it out, and the installed package finds the system's.
"""

import base64
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from typing import Any, Dict, Iterator, List, Optional, Tuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("MANRS_BUILD", os.path.join(ROOT, "build"))
STAMP = (2020, 1, 1, 0, 0, 0)


def _project() -> Dict[str, str]:
    """The plain strings of [project]; there is no toml reader before Python 3.11."""
    with open(os.path.join(HERE, "pyproject.toml"), encoding="utf-8") as file:
        table = file.read().split("[project]", 1)[1].split("\n[", 1)[0]
    return dict(re.findall(r'^([\w-]+) = "(.*)"$', table, re.M))


PROJECT = _project()
DIST_INFO = "manrs-%s.dist-info" % PROJECT["version"]


def _in_tree() -> bool:
    return os.path.exists(os.path.join(ROOT, "include", "manrs", "manrs.h"))


def _make(*targets: str) -> None:
    make = shutil.which("gmake") or shutil.which("make")
    if make is None:
        raise RuntimeError("make is needed to build libmanrs; or give MANRS_LIB=/path/to/libmanrs.so or MANRS_LIB=system")
    command = [make, "-C", ROOT, "B=" + os.path.relpath(BUILD, ROOT), "PYTHON=" + sys.executable, *targets]
    subprocess.run(command, check=True, stdout=sys.stderr)


def _library() -> Optional[str]:
    given = os.environ.get("MANRS_LIB")
    if given == "system":
        return None
    if given:
        return os.path.realpath(given)
    built = os.path.join(BUILD, "libmanrs.so")
    if not os.path.exists(built):
        if not _in_tree():
            raise RuntimeError("no libmanrs beside this package: give MANRS_LIB=/path/to/libmanrs.so or MANRS_LIB=system")
        _make("all")
    return os.path.realpath(built)


def _extension() -> Optional[str]:
    built = os.path.join(BUILD, "python", "_manrs.abi3.so")
    if not os.path.exists(built) and _in_tree() and os.environ.get("MANRS_LIB") is None:
        try:
            _make("python")
        except (RuntimeError, subprocess.CalledProcessError):
            return None
    return built if os.path.exists(built) else None


def _tag(binary: bool, extension: bool) -> str:
    if not binary:
        return "py3-none-any"
    platform = re.sub(r"[^0-9a-zA-Z]", "_", sysconfig.get_platform())
    return ("cp39-abi3-" if extension and sys.implementation.name == "cpython" else "py3-none-") + platform


def _metadata() -> str:
    with open(os.path.join(HERE, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    lines = [
        "Metadata-Version: 2.1",
        "Name: manrs",
        "Version: " + PROJECT["version"],
        "Summary: " + PROJECT["description"],
        "License: BSD-2-Clause",
        "Requires-Python: " + PROJECT["requires-python"],
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(lines) + "\n\n" + readme


def _wheel_file(tag: str) -> str:
    pure = "true" if tag.endswith("-any") else "false"
    return "Wheel-Version: 1.0\nGenerator: manrs_build\nRoot-Is-Purelib: %s\nTag: %s\n" % (pure, tag)


def _package_files() -> Iterator[Tuple[str, str]]:
    for folder, folders, names in os.walk(os.path.join(HERE, "manrs")):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            if name.endswith((".py", ".pyi", ".typed")):
                path = os.path.join(folder, name)
                yield os.path.relpath(path, HERE).replace(os.sep, "/"), path


def _write_wheel(path: str, tag: str, entries: List[Tuple[str, bytes]]) -> None:
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, data in entries + [(DIST_INFO + "/METADATA", _metadata().encode()), (DIST_INFO + "/WHEEL", _wheel_file(tag).encode())]:
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append("%s,sha256=%s,%d" % (name, digest, len(data)))
            _add(wheel, name, data)
        record.append(DIST_INFO + "/RECORD,,")
        _add(wheel, DIST_INFO + "/RECORD", ("\n".join(record) + "\n").encode())


def _add(wheel: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o755 if name.endswith(".so") or ".so." in name else 0o644) << 16
    wheel.writestr(info, data)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    library, extension = _library(), _extension()
    entries = [(name, _read(path)) for name, path in _package_files()]
    if library:
        entries.append(("manrs/libmanrs.so.0", _read(library)))
    if extension:
        entries.append(("manrs/_manrs.abi3.so", _read(extension)))
    tag = _tag(bool(library or extension), bool(extension))
    name = "manrs-%s-%s.whl" % (PROJECT["version"], tag)
    _write_wheel(os.path.join(wheel_directory, name), tag, entries)
    return name


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """A wheel of one line that points here; LIBMANRS or the system's library is used."""
    name = "manrs-%s-py3-none-any.whl" % PROJECT["version"]
    _write_wheel(os.path.join(wheel_directory, name), "py3-none-any", [("manrs.pth", (HERE + "\n").encode())])
    return name


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """The package and this backend. The library is not in it: see MANRS_LIB above."""
    base = "manrs-%s" % PROJECT["version"]
    files = [(name, path) for name, path in _package_files()]
    files += [(name, os.path.join(HERE, name)) for name in ("pyproject.toml", "manrs_build.py", "README.md", "_manrs.h", "_manrs.c", "_manrs_trie.c")]
    with tarfile.open(os.path.join(sdist_directory, base + ".tar.gz"), "w:gz") as archive:
        for name, data in [(name, _read(path)) for name, path in files] + [("PKG-INFO", _metadata().encode())]:
            info = tarfile.TarInfo(base + "/" + name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return base + ".tar.gz"


def get_requires_for_build_wheel(config_settings: Any = None) -> List[str]:
    return []


get_requires_for_build_editable = get_requires_for_build_wheel
get_requires_for_build_sdist = get_requires_for_build_wheel
