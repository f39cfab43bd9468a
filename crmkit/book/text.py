"""What a text file looks like: encoding, delimiter and header, decided from its bytes."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from crmkit.book.errors import BookError

DELIMITERS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD = 1 << 18
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Layout:
    """How a text file is laid out."""

    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    skip: int
    """Lines before the first row of data."""


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of a file, unpacked if it ends in ``.gz``."""
    return cast(BinaryIO, gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def find_layout(path: Path, *, name: str, encoding: str = "", delimiter: str = "") -> Layout:
    """Look at the start of a text file; `name` is what messages call it.

    Raises
    ------
    BookError
        If the file is empty, is not text, or has no line of headers.
    """
    try:
        with open_bytes(path) as stream:
            head = stream.read(_HEAD)
    except (OSError, EOFError) as error:
        raise BookError(f"{name}: the file cannot be read ({type(error).__name__}).") from None
    if not head.strip():
        raise BookError(f"{name}: the file is empty.")
    encoding = encoding or _encoding(head)
    text = _decode_head(head, encoding, name=name)
    if "\x00" in text:
        raise BookError(f"{name}: this is not a text file. Export it as CSV in UTF-8, or as XLSX or Parquet.")
    lines = text.splitlines()
    if len(head) == _HEAD and len(lines) > 1:
        lines = lines[:-1]
    skip = 0
    while skip < len(lines) and not lines[skip].strip():
        skip += 1
    if skip < len(lines) and (hint := re.fullmatch(r"\ufeff?\"?sep=(.)\"?\s*", lines[skip], re.IGNORECASE)):
        delimiter = delimiter or hint[1]
        skip += 1
    delimiter = delimiter or _delimiter(lines[skip:])
    headers = _headers(lines[skip:], delimiter, name=name)
    return Layout(encoding, delimiter, headers, skip + 1)


def _encoding(head: bytes) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return _legacy(head)
    return "utf-8"


def legacy_encoding(path: Path) -> str:
    """The encoding of a file that is not UTF-8, decided from all its lines with bytes above 127."""
    sample = bytearray()
    with open_bytes(path) as stream:
        for line in stream:
            if not line.isascii():
                sample += line
            if len(sample) > _HEAD:
                break
    return _legacy(bytes(sample))


def _legacy(sample: bytes) -> str:
    """cp1251 where the bytes above 127 read as Russian words, rather than lone letters among Latin ones."""
    text = sample.decode("cp1251", errors="replace")
    letters = len(re.findall(r"[А-Яа-яЁё№]", text))
    in_words = sum(len(word) for word in re.findall(r"[А-Яа-яЁё]{3,}", text))
    high = sum(byte > 127 for byte in sample)
    return "cp1251" if letters >= 0.6 * high and in_words >= 0.6 * letters > 0 else "cp1252"


def _decode_head(head: bytes, encoding: str, *, name: str) -> str:
    try:
        # Incremental, since the head may end inside a character.
        return codecs.getincrementaldecoder(encoding)().decode(head)
    except LookupError:
        raise BookError(f"{name}: {encoding!r} is not an encoding that Python knows.") from None
    except UnicodeDecodeError as error:
        raise BookError(
            f"{name}: byte {error.start + 1} is not {encoding}. Say the encoding in crmkit.toml, [reading], "
            "encoding."
        ) from None


def _delimiter(lines: list[str]) -> str:
    """The delimiter that splits the lines into the same number of cells, at least two."""
    sample = [line for line in lines[:200] if line.strip()]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = [len(row) for row in csv.reader(io.StringIO("\n".join(sample)), delimiter=delimiter) if row]
        if not widths or widths[0] < 2:
            continue
        score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _headers(lines: list[str], delimiter: str, *, name: str) -> tuple[str, ...]:
    row = next(csv.reader(lines[:1], delimiter=delimiter), [])
    headers = tuple(cell.strip().lstrip("\ufeff").strip() for cell in row)
    check_headers(headers, name=name)
    return headers


def check_headers(headers: tuple[str, ...], *, name: str) -> None:
    """Refuse a first row that looks like data; its cells are not shown, since they may be personal."""
    looks_like_data = [
        header
        for header in headers
        if re.fullmatch(r"[\d\s.,:/+-]*\d[\d\s.,:/+-]*|[^@\s]+@[^@\s]+\.\w+", header)
    ]
    if not any(headers) or len(looks_like_data) > len(headers) / 3:
        raise BookError(
            f"{name}: the first row holds no headers but data. Put the names of the columns in the first row."
        )


def rewrite_as_utf8(path: Path, encoding: str, target: Path, *, name: str) -> None:
    """Write the file again in UTF-8 with plain line ends, unpacked."""
    try:
        with target.open("w", encoding="utf-8", newline="\n") as out:
            for chunk in _decoded(path, encoding):
                out.write(chunk)
    except UnicodeDecodeError as error:
        raise BookError(
            f"{name}: near byte {error.start + 1} the file is not {encoding}. Say the encoding in "
            "crmkit.toml, [reading], encoding."
        ) from None


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    with open_bytes(path) as stream, io.TextIOWrapper(stream, encoding=encoding) as text:
        while chunk := text.read(_CHUNK):
            yield chunk
