"""Finding the files of a source: a folder, a file, a list of files or a URL."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import os
import re
import shutil
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from crmkit.book.errors import BookError
from crmkit.wording import Message

if TYPE_CHECKING:
    import pandas as pd

TEXT = (".csv", ".tsv", ".txt", ".tab", ".dat", ".csv.gz", ".tsv.gz", ".txt.gz", ".tab.gz", ".dat.gz")
PARQUET = (".parquet", ".pq")
SHEETS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".html", ".htm")
DATABASES = (".duckdb", ".ddb", ".sqlite", ".sqlite3", ".db")
ARCHIVES = (".zip",)
KNOWN = TEXT + PARQUET + SHEETS + DATABASES + ARCHIVES
_NO_TABLE = re.compile(
    r"(?i)(read[ _-]?me|license|licence|changelog|copying|прочти|прочитай|о файлах|лицензия)\b.*\.txt$"
    r"|thumbs\.db$"
)
SILENCE_SECONDS = 15
"""A server that sends nothing for so long has stalled: a busy one answers within seconds."""
DOWNLOAD_SECONDS = 600
"""What takes longer comes too slowly to wait for unattended; even 2 GB come in time at 30 Mbit/s."""
_CHUNK = 1 << 20


@dataclass(frozen=True)
class SourceFile:
    """One file of a source."""

    path: Path
    name: str
    """What messages and notes call it."""

    @property
    def suffix(self) -> str:
        """The file's ending in lower case, ``.csv.gz`` included."""
        return suffix_of(self.name)

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return self.name[: len(self.name) - len(self.suffix)]


@dataclass(frozen=True)
class Source:
    """The files of a source, the folder in which its settings may lie, and what to call it."""

    files: tuple[SourceFile, ...]
    folder: Path | None
    name: str
    temporary: tuple[Path, ...] = ()
    """Folders of downloads, for the caller to remove when the files are no longer needed."""
    left_out: tuple[str, ...] = ()
    """Archives beside tables, which likely hold older copies of them."""


def suffix_of(name: str) -> str:
    """The ending that says what a file is, or blank."""
    lower = name.lower()
    return max((ending for ending in KNOWN if lower.endswith(ending)), key=len, default="")


def may_be_table(name: str) -> bool:
    """Whether a file of this name may hold a table, if nobody said so: reports lie beside tables too."""
    return (
        bool(suffix_of(name)) and not name.lower().endswith((".html", ".htm")) and not _NO_TABLE.match(name)
    )


def find_source(source: object) -> Source:
    """The files that `source` means.

    Parameters
    ----------
    source
        A path, a URL, or a list of them.

    Raises
    ------
    BookError
        If there is no such file, or none that crmkit can read.
    """
    if isinstance(source, str | os.PathLike):
        one = _find_one(os.fspath(source))
        _refuse_copies(one.files)
        return one
    if isinstance(source, Iterable) and not isinstance(source, bytes):
        found = [_find_one(os.fspath(item)) for item in source]
        files = tuple(file for one in found for file in one.files)
        if not files:
            raise BookError("The list of files is empty. Give at least one file.")
        _refuse_copies(files)
        temporary = tuple(folder for one in found for folder in one.temporary)
        return Source(files, found[0].folder, found[0].name, temporary)
    raise BookError(
        "A source is a folder, a file, a list of files, a URL or a dict of DataFrames, not {kind}.",
        kind=type(source).__name__,
    )


def _refuse_copies(files: Iterable[SourceFile]) -> None:
    """Two files with the same contents, packed or not, would count every sale twice."""
    by_size: dict[int, list[tuple[int, SourceFile]]] = {}
    for number, file in enumerate(files):
        for size in _sizes(file.path):
            by_size.setdefault(size, []).append((number, file))
    for size, alike in by_size.items():
        seen: dict[str, tuple[int, SourceFile]] = {}
        for number, file in alike if len(alike) > 1 and size else []:
            for digest in _digests(file.path, size):
                other, first = seen.setdefault(digest, (number, file))
                if other != number:
                    raise BookError(
                        "{first} and {second} hold the same, so that every row would count twice. Leave one "
                        "of them out.",
                        first=first.name,
                        second=file.name,
                    )


def _sizes(path: Path) -> set[int]:
    """Sizes of what a file holds: its own, and that of each file packed in it."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            if stream.read(2) != b"\x1f\x8b" or size < 18:
                return {size} | {member.file_size for member in _members(path)}
            # The end of a packed file says how much was packed, up to 4 GB.
            stream.seek(-4, os.SEEK_END)
            return {size, int.from_bytes(stream.read(4), "little")}
    except OSError:
        # The reading of the file will say so.
        return set()


def _digests(path: Path, size: int) -> Iterator[str]:
    """Fingerprints of what a file holds that has this size."""
    if path.stat().st_size == size:
        yield fingerprint(path)[1]
    try:
        with path.open("rb") as stream:
            is_packed = stream.read(2) == b"\x1f\x8b"
        if is_packed:
            with gzip.open(path) as unpacked:
                yield _digest(unpacked)
        for member in _members(path):
            if member.file_size == size:
                with zipfile.ZipFile(path) as archive, archive.open(member) as unpacked:
                    yield _digest(unpacked)
    except (OSError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile, NotImplementedError):
        # Damaged or protected, which the reading of the file will say.
        return


def _members(path: Path) -> list[zipfile.ZipInfo]:
    if path.suffix.lower() not in ARCHIVES:
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except (OSError, zipfile.BadZipFile):
        return []


def _digest(stream: IO[bytes] | gzip.GzipFile) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _find_one(source: str) -> Source:
    scheme = urllib.parse.urlsplit(source).scheme.lower()
    if scheme == "file":
        source = urllib.request.url2pathname(urllib.parse.urlsplit(source).path)
    elif "://" in source:
        return _download(source, scheme)
    path = Path(source).expanduser()
    if path.is_dir():
        return _find_in_folder(path)
    if not path.exists():
        near: Message | str = ""
        if path.parent.is_dir():
            near = Message(
                " The folder {folder} exists, but holds no {file}.", folder=path.parent, file=path.name
            )
        raise BookError("{path}: there is no such file or folder.{near}", path=path, near=near)
    if not suffix_of(path.name) and path.suffix:
        raise BookError(
            "{file}: crmkit does not read files of this kind. It reads {known}.",
            file=path.name,
            known=", ".join(KNOWN),
        )
    file = SourceFile(path, path.name)
    return Source((file,), path.parent, file.stem)


def _find_in_folder(folder: Path) -> Source:
    try:
        paths = sorted(
            path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "~$"))
        )
    except OSError as error:
        raise BookError(
            "{folder}: the folder cannot be read ({error}).", folder=folder, error=type(error).__name__
        ) from None
    files = tuple(SourceFile(path, path.name) for path in paths if may_be_table(path.name))
    if not files:
        raise BookError(
            "{folder}: the folder holds no tables. Put the ledger there, for example as ledger.csv; crmkit "
            "reads {known}.",
            folder=folder,
            known=", ".join(KNOWN),
        )
    tables = tuple(file for file in files if file.suffix not in ARCHIVES)
    left_out = tuple(file.name for file in files if tables and file.suffix in ARCHIVES)
    return Source(tables or files, folder, folder.resolve().name, left_out=left_out)


def _download(url: str, scheme: str) -> Source:
    if scheme not in ("http", "https"):
        # Not the address itself, which may hold a password.
        raise BookError("crmkit reads from http, https and file addresses, not from {scheme}.", scheme=scheme)
    parts = urllib.parse.urlsplit(url)
    shown = shown_url(parts)
    name = Path(urllib.parse.unquote(parts.path)).name
    if not suffix_of(name):
        raise BookError(
            "{address}: the address does not end in the name of a file that crmkit reads ({known}).",
            address=shown,
            known=", ".join(KNOWN),
        )
    folder = Path(tempfile.mkdtemp(prefix="crmkit-"))
    target = folder / name
    try:
        _fetch(url, target)
    except (OSError, ValueError, http.client.HTTPException) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise BookError(_why_not(error, shown)) from None
    file = SourceFile(target, name)
    return Source((file,), None, file.stem, (folder,))


def _fetch(url: str, target: Path) -> None:
    begun = time.monotonic()
    with urllib.request.urlopen(url, timeout=SILENCE_SECONDS) as answer, target.open("wb") as out:
        # One packet at a time, so that drops that keep coming are noticed too.
        while chunk := answer.read1(_CHUNK):
            out.write(chunk)
            if time.monotonic() - begun > DOWNLOAD_SECONDS:
                raise TimeoutError(DOWNLOAD_SECONDS)


def _why_not(error: Exception, shown: str) -> Message:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return Message(
            "{address}: the server answered {code}. Check the address and its access.",
            address=shown,
            code=error.code,
        )
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError) and reason.args == (DOWNLOAD_SECONDS,):
        return Message(
            "{address}: the download was given up after {seconds} seconds. Download the file in another way "
            "and give its path.",
            address=shown,
            seconds=DOWNLOAD_SECONDS,
        )
    if isinstance(reason, TimeoutError):
        return Message(
            "{address}: the server sent nothing for {seconds} seconds. Try again later, or download the file "
            "and give its path.",
            address=shown,
            seconds=SILENCE_SECONDS,
        )
    return Message(
        "{address}: the address cannot be reached. Check it, or download the file and give its path.",
        address=shown,
    )


def shown_url(parts: urllib.parse.SplitResult) -> str:
    """An address for the user's eyes: without its query and password, which may be secret.

    >>> shown_url(urllib.parse.urlsplit("https://anna:secret@example.org:8443/orders.csv?token=1"))
    'https://example.org:8443/orders.csv'
    """
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def fingerprint(path: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return path.stat().st_size, digest.hexdigest()


def fingerprint_frame(frame: pd.DataFrame) -> str:
    """SHA-256 of a frame's columns and rows."""
    from pandas.util import hash_pandas_object

    digest = hashlib.sha256("\0".join(map(str, frame.columns)).encode())
    digest.update(hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()
