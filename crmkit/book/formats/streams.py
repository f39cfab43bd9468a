"""The bytes and lines of a text file, unpacked and without control marks, one line at a time."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from crmkit.book.errors import BookError, option
from crmkit.wording import Message

MAX_LINE = 10_000_000
"""Longest line that is taken for a row of a table, in characters."""

_CHUNK = 1 << 20
_END_OF_FILE = "\x1a"


class NotInEncodingError(BookError):
    """Bytes that the encoding does not know."""


@dataclass
class Removed:
    """What was left out of the lines."""

    nuls: int = 0


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of a file, unpacked if they are packed by gzip."""
    return cast(BinaryIO, gzip.open(path)) if is_packed(path) else path.open("rb")


def is_packed(path: Path) -> bool:
    """Whether a file is packed by gzip, whatever its name."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def read_head(path: Path, size: int, *, name: str) -> bytes:
    """The first bytes of a file."""
    try:
        with open_bytes(path) as stream:
            return stream.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(name, error) from None


def count_lines(path: Path) -> tuple[int, bool]:
    """Number of lines that end in a line feed or with the file, and whether there is a zero byte."""
    import numpy as np

    lines, has_zero, last = 0, False, b"\n"
    with open_bytes(path) as stream:
        while chunk := stream.read(_CHUNK):
            lines += int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == 10))
            has_zero = has_zero or b"\x00" in chunk
            last = chunk[-1:]
    return lines + (last != b"\n"), has_zero


def text_lines(path: Path, encoding: str, *, name: str, removed: Removed) -> Iterator[str]:
    """The lines of a file without their ends, whichever these are, and without zero bytes.

    Raises
    ------
    BookError
        If a line is too long for a row of a table, or the file is not in the encoding.
    """
    number = 0
    try:
        with (
            open_bytes(path) as stream,
            # Universal line ends: a lone carriage return ends a line too.
            io.TextIOWrapper(stream, encoding=encoding, newline=None) as text,
        ):
            while line := text.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise too_long(name, number)
                if "\x00" in line:
                    removed.nuls += line.count("\x00")
                    line = line.replace("\x00", "")
                yield line.rstrip("\n").rstrip(_END_OF_FILE).lstrip("\ufeff")
    except UnicodeError:
        raise NotInEncodingError(
            Message(
                "{file}, after row {row}: the file is not {encoding}. Say its encoding: {option}.",
                file=name,
                row=number,
                encoding=encoding,
                option=option("encoding", "cp1251"),
            )
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(name, error) from None


def too_long(name: str, line: int) -> BookError:
    """The refusal of a line that is longer than any row of a table."""
    return BookError(
        "{file}, row {row}: the row is longer than {limit} characters, so that this is not a table, or its "
        "rows do not end. Export it again as CSV.",
        file=name,
        row=line,
        limit=MAX_LINE,
    )


def _unreadable(name: str, error: BaseException) -> BookError:
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return BookError("{file}: the packed file is damaged or cut short. Pack or copy it again.", file=name)
    return BookError(
        "{file}: the file cannot be read ({problem}). Check that it is there and who may read it.",
        file=name,
        problem=type(error).__name__,
    )
