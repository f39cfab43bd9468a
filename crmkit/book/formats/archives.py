"""ZIP archives: the files in them, unpacked within limits."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path, PurePosixPath

from crmkit.book.errors import BookError
from crmkit.book.formats import files

MOST_BYTES = 20 << 30
"""Unpacked size up to which an archive is opened."""
MOST_TIMES = 200
"""How many times larger than packed a file may be; tables pack to a tenth, rarely to a fiftieth."""
_SMALL = 50 << 20
_CHUNK = 1 << 20


def unpack(file: files.SourceFile, work: Path) -> list[files.SourceFile]:
    """The files in an archive that may hold tables, unpacked into `work`.

    Raises
    ------
    BookError
        If the archive is damaged or protected, absurdly large when unpacked, or holds no such file.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            members = [member for member in archive.infolist() if _may_hold_tables(member)]
            _check(members, [member.filename for member in archive.infolist()], name=file.name)
            return [_unpack(archive, member, file, work) for member in members]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError):
        raise BookError(
            "{file}: the archive is damaged or packed in a way that crmkit does not know. Unpack it and give "
            "the files in it.",
            file=file.name,
        ) from None


def _may_hold_tables(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    hidden = any(part.startswith((".", "~$", "__MACOSX")) for part in path.parts)
    return not member.is_dir() and not hidden and files.may_be_table(path.name)


def _check(members: list[zipfile.ZipInfo], names: list[str], *, name: str) -> None:
    if not members:
        raise BookError(
            "{file}: the archive holds no tables. Files in it: {names}.",
            file=name,
            names=", ".join(sorted(names)[:10]) or "–",
        )
    if any(member.flag_bits & 1 for member in members):
        raise BookError("{file}: the archive has a password. Unpack it and give the files in it.", file=name)
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if size > MOST_BYTES or (size > _SMALL and size > MOST_TIMES * packed):
        raise BookError(
            "{file}: the archive would unpack to {size} MB, {times} times what it is packed, and was "
            "not opened; crmkit opens up to {most} MB and {most_times} times. Unpack it if you trust it, and "
            "give the files in it.",
            file=name,
            size=size >> 20,
            times=size // max(packed, 1),
            most=MOST_BYTES >> 20,
            most_times=MOST_TIMES,
        )


def _unpack(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: files.SourceFile, work: Path
) -> files.SourceFile:
    target = work / f"{len(list(work.iterdir()))}{PurePosixPath(member.filename).suffix}"
    with archive.open(member) as packed, target.open("wb") as out:
        # Ends with an error where the archive understates a size.
        while chunk := packed.read(_CHUNK):
            out.write(chunk)
    return files.SourceFile(target, f"{file.name}/{_called(member)}")


def _called(member: zipfile.ZipInfo) -> str:
    """The name of a file in an archive; without the mark for Unicode it is in the code page of DOS."""
    name = PurePosixPath(member.filename).name
    if member.flag_bits & 0x800 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("cp866")
    except UnicodeError:
        return name
