"""Evidence bundles: files in a zip, chained by their hashes, so that one number stands for all of them.

``link[n] = sha256(link[n - 1] + name + sha256(file))``, hex digits and UTF-8; ``link[0]`` is made of the format's name. The
last link is the *head*: publish it, or have it dated by somebody else, and nothing in the bundle can be changed unseen.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.model.errors import InputError

FORMAT: Final = "tarmac-evidence/1"
MANIFEST: Final = "manifest.json"
#: Limits on what is read: a bundle comes from somebody else.
_MOST_FILES, _MOST_BYTES, _MOST_RATIO = 50_000, 512 * 1024 * 1024, 200
_BEGAN: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """``files`` in the order of the chain; ``wrong``: what does not agree, empty when all does."""

    files: Mapping[str, bytes]
    head: str
    wrong: tuple[str, ...]

    def json(self, name: str) -> Any:
        """One file's JSON.

        Raises:
            InputError: it is not there, or not JSON.
        """
        try:
            return json.loads(self.files[name])
        except KeyError:
            raise InputError(f"{name} is missing", where="the bundle", hint="ask for the bundle again") from None
        except ValueError:
            raise InputError(f"{name} is not JSON", where="the bundle", hint="ask for the bundle again") from None


def packed(files: Mapping[str, bytes]) -> tuple[bytes, str]:
    """The zip and its head. The same files give the same bytes."""
    links = chain((name, hashlib.sha256(body).hexdigest()) for name, body in files.items())
    entries = [
        {"number": n, "name": name, "sha256": hashlib.sha256(body).hexdigest(), "size": len(body), "link": link}
        for n, ((name, body), link) in enumerate(zip(files.items(), links, strict=True), 1)
    ]
    head = links[-1] if links else ""
    manifest = json.dumps({"format": FORMAT, "head": head, "chain": entries}, indent=1, ensure_ascii=False) + "\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, body in (*files.items(), (MANIFEST, manifest.encode())):
            info = zipfile.ZipInfo(name, _BEGAN)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, body)
    return out.getvalue(), head


def chain(files: Iterable[tuple[str, str]]) -> list[str]:
    """The links of (name, sha256) in their order."""
    link, links = hashlib.sha256(FORMAT.encode()).hexdigest(), []
    for name, digest in files:
        link = hashlib.sha256(f"{link}{name}{digest}".encode()).hexdigest()
        links.append(link)
    return links


def unpacked(path: Path) -> Bundle:
    """A bundle read into memory (nothing is extracted), with everything in it that disagrees with its chain.

    Raises:
        InputError: not a zip of this kind, or larger than a bundle may be.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = _read(archive, path.name)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"{path.name} is not a zip that can be read: {error}", where="the bundle", hint="download it again") from None
    manifest = _manifest(found.pop(MANIFEST, b""), path.name)
    return Bundle(files=found, head=manifest["head"], wrong=tuple(_disagreements(found, manifest)))


def _read(archive: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    members, left = archive.infolist(), _MOST_BYTES
    if len(members) > _MOST_FILES:
        raise InputError(f"{name} has {len(members)} files", where="the bundle", hint=f"a bundle has at most {_MOST_FILES}")
    found: dict[str, bytes] = {}
    for one in members:
        if one.filename in found:
            raise InputError(f"{name} holds {one.filename!r} twice", where="the bundle", hint="it was not made by tarmac")
        limit = min(left, max(1024 * 1024, _MOST_RATIO * one.compress_size))
        with archive.open(one) as file:
            body = file.read(limit + 1)
        if len(body) > limit:
            raise InputError(f"{one.filename!r} unpacks to more than a bundle may hold", where="the bundle", hint="do not open it")
        left -= len(body)
        found[one.filename] = body
    return found


def _manifest(body: bytes, name: str) -> dict[str, Any]:
    try:
        manifest = json.loads(body)
        entries = [(str(e["name"]), str(e["sha256"]), str(e["link"])) for e in manifest["chain"]]
        known = {"format": manifest["format"], "head": str(manifest["head"]), "chain": entries}
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{name} has no manifest of tarmac's", where="the bundle", hint="tarmac evidence ID --out FILE.zip makes one"
        ) from None
    if known["format"] != FORMAT:
        raise InputError(f"{name} is of format {known['format']!r}", where="the bundle", hint=f"this version reads {FORMAT}")
    return known


def _disagreements(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[str]:
    entries: list[tuple[str, str, str]] = manifest["chain"]
    wrong = [f"{name}: not in the chain" for name in files if name not in {e[0] for e in entries}]
    for (name, digest, link), right in zip(entries, chain((e[0], e[1]) for e in entries), strict=True):
        if name not in files:
            wrong.append(f"{name}: missing")
        elif hashlib.sha256(files[name]).hexdigest() != digest:
            wrong.append(f"{name}: was changed")
        if link != right:
            wrong.append(f"{name}: its link in the chain is wrong")
    if not entries or manifest["head"] != entries[-1][2]:
        wrong.append("the head is not the last link")
    return wrong
