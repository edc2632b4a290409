"""What a process did to a directory, and what a power cut may leave of it.

`recorder.c` writes down every change in its order. `Disk` takes them in one after the other, and
can say at any moment which bytes are certain. The rules are those of POSIX, without the favours
that some file systems do:

    M1  Bytes and length of a file are certain from its last sync. Of what was written since, every
        512 bytes may be there or not, each on its own: writes are dropped, reordered and torn.
    M2  A name (made, renamed, removed) is certain from the next sync of its directory. Of what was
        done to names since, a beginning is there: file systems journal names in order.
    M3  A file that a certain name leads to and whose bytes were never synced is there and may be
        empty, or hold zeros where bytes are missing.
"""

import filecmp
import os
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.preload import build_preload

SECTOR = 512
HEAD = struct.Struct("<cIQI")


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a recording."""

    kind: str
    handle: int
    offset: int
    data: bytes


@dataclass(slots=True)
class Content:
    """The bytes of a file by sectors; a sector that is missing is zeros: journals are set aside."""

    size: int = 0
    sectors: dict[int, bytes] = field(default_factory=dict)

    def copy(self) -> "Content":
        """Return one that may be changed."""
        return Content(self.size, dict(self.sectors))

    def resize(self, size: int) -> None:
        """Cut, or lengthen by zeros."""
        if size < self.size:
            last, kept = divmod(size, SECTOR)
            for index in [i for i in self.sectors if i >= last]:
                piece = self.sectors.pop(index)
                if index == last and kept:
                    self.sectors[index] = piece[:kept] + bytes(SECTOR - kept)
        self.size = size

    def put(self, start: int, piece: bytes) -> None:
        """Write bytes that lie in one sector."""
        index, place = divmod(start, SECTOR)
        old = self.sectors.get(index, _ZEROS)
        self.sectors[index] = old[:place] + piece + old[place + len(piece) :]
        self.size = max(self.size, start + len(piece))

    def apply(self, change: Change) -> None:
        """Make a change whole."""
        if change.kind == "t":
            self.resize(change.offset)
        for start, piece in _sectors(change):
            self.put(start, piece)

    def write_to(self, path: Path) -> None:
        """Make the file."""
        with path.open("wb") as stream:
            stream.truncate(self.size)
            for index, piece in sorted(self.sectors.items()):
                start = index * SECTOR
                stream.seek(start)
                stream.write(piece[: max(0, self.size - start)])


_ZEROS = bytes(SECTOR)


def _sectors(change: Change) -> Iterator[tuple[int, bytes]]:
    start, done = change.offset, 0
    while done < len(change.data):
        size = SECTOR - (start + done) % SECTOR
        yield start + done, change.data[done : done + size]
        done += size


@dataclass(slots=True)
class File:
    """An inode: certain content, and what was done since."""

    certain: Content = field(default_factory=Content)
    since: list[Change] = field(default_factory=list)

    def now(self) -> Content:
        """Return what a reader sees while the power is on."""
        content = self.certain.copy()
        for change in self.since:
            content.apply(change)
        return content

    def sync(self) -> None:
        """Everything so far is certain (M1)."""
        for change in self.since:
            self.certain.apply(change)
        self.since.clear()

    def after_cut(self, chance: random.Random) -> Content:
        """Return what may be left (M1)."""
        content = self.certain.copy()
        keeps = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        for change in self.since:
            if change.kind == "t":
                if chance.random() < keeps:
                    content.apply(change)
                continue
            for start, piece in _sectors(change):
                if chance.random() < keeps:
                    content.put(start, piece)
        return content


Names = dict[str, File | None]  # None: a directory


class Disk:
    """A directory while its recording is played back."""

    def __init__(self) -> None:
        self.names: Names = {}
        self._open: dict[int, tuple[str, File | None]] = {}
        # Changes of names that are not certain yet, and the names that are (M2).
        self._named: list[Change] = []
        self._certain: Names = {}
        self._made: dict[int, File] = {}

    def take(self, change: Change) -> None:
        """Take in the next change."""
        match change.kind:
            case "w" | "t":
                _, file = self._open[change.handle]
                assert file is not None
                file.since.append(change)
            case "s":
                self._sync(change.handle)
            case "o":
                self._on_open(change)
            case _:
                self._named.append(change)
                _rename(self.names, change)

    def _on_open(self, change: Change) -> None:
        path = change.data.decode()
        if path not in self.names:
            is_made = change.offset & os.O_CREAT
            self._open[change.handle] = (path, None)
            if not is_made:
                return  # the directory itself, or a directory
            file = File()
            self.names[path] = file
            self._named.append(change)
            self._made[id(change)] = file
        file_or_directory = self.names[path]
        self._open[change.handle] = (path, file_or_directory)
        if file_or_directory is not None and change.offset & os.O_TRUNC:
            file_or_directory.since.append(Change("t", 0, 0, b""))

    def _sync(self, handle: int) -> None:
        path, file = self._open[handle]
        if file is not None:
            file.sync()
            return
        # M2: what was done in this directory is certain, and with it what came before.
        inside = [i for i, c in enumerate(self._named) if path in _parents(c)]
        if inside:
            self._settle(inside[-1] + 1)

    def _settle(self, count: int) -> None:
        for change in self._named[:count]:
            self._name(self._certain, change)
        del self._named[:count]

    def _name(self, names: Names, change: Change) -> None:
        if change.kind == "o":
            names[change.data.decode()] = self._made[id(change)]
        else:
            _rename(names, change)

    def after_cut(self, chance: random.Random) -> Names:
        """Return the names that may be left, each with its file."""
        names = dict(self._certain)
        for change in self._named[: chance.randint(0, len(self._named))]:
            self._name(names, change)
        return names


def _parents(change: Change) -> set[str]:
    return {path.rpartition("/")[0] for path in change.data.decode().split("\n")}


def _rename(names: Names, change: Change) -> None:
    path = change.data.decode()
    match change.kind:
        case "m":
            names[path] = None
        case "u" | "d":
            del names[path]
        case "r":
            old, _, fresh = path.partition("\n")
            moved = {n: f for n, f in names.items() if n == old or n.startswith(f"{old}/")}
            for name in moved:
                del names[name]
            names.update({fresh + name[len(old) :]: file for name, file in moved.items()})


def write_image(names: Names, folder: Path, contents: dict[str, Content]) -> None:
    """Make `folder` hold `names`."""
    for name in sorted(names):
        path = folder / name
        if not path.parent.is_dir():
            continue  # its directory was never certain, so neither is it
        if names[name] is None:
            path.mkdir()
        else:
            contents[name].write_to(path)


def read_recording(path: Path) -> list[Change]:
    """Return the changes in a file that `recorder.c` wrote."""
    data = path.read_bytes()
    found, place = [], 0
    while place < len(data):
        kind, handle, offset, length = HEAD.unpack_from(data, place)
        place += HEAD.size
        found.append(Change(kind.decode(), handle, offset, data[place : place + length]))
        place += length
    return found


def build_recorder(folder: Path) -> Path:
    """Compile the library that is preloaded."""
    return build_preload(folder, Path(__file__).with_name("recorder.c").read_text())


def check_complete(changes: list[Change], folder: Path) -> None:
    """Prove that nothing was missed: the recording comes to what lies there."""
    disk = Disk()
    for change in changes:
        disk.take(change)
    there = {str(p.relative_to(folder)): p for p in folder.rglob("*")}
    assert set(disk.names) == set(there), set(disk.names) ^ set(there)
    for name, file in disk.names.items():
        if file is not None:
            copy = folder.with_name("copy")
            file.now().write_to(copy)
            assert filecmp.cmp(copy, there[name], shallow=False), name
