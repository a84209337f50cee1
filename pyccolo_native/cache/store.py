"""A folder of entries that are found by a key: written whole or not at all, checked when read, dropped when long unused."""
from __future__ import annotations

import os
import sys
import time
from _imp import source_hash

from .digest import blake2b

_MAGIC = b"PYCWOVEN"
_NUMBERS = 3  # the length of the key, that of the payload, a checksum of both: 64 bits each
_HEAD_SIZE = len(_MAGIC) + 8 * _NUMBERS
_SUFFIX = ".woven"
_TEMPORARY = ".tmp"
_STALE = 3600
"""Seconds: a temporary file this old was left behind; an entry this long unused is marked as used when it is read."""
DEFAULT_LIMIT = 1 << 30


class Unusable(Exception):
    """Why a folder cannot hold the cache. `loud`: somebody chose it, or it is not safe, and wants to know."""

    def __init__(self, reason, loud=False):
        super().__init__(reason)
        self.loud = loud


def default_folder():
    """The folder of the cache: $PYCCOLO_CACHE_DIR, else below the user's cache folder. Unusable if there is none."""
    if not sys.flags.ignore_environment:
        chosen = os.environ.get("PYCCOLO_CACHE_DIR")
        if chosen == "":
            raise Unusable("PYCCOLO_CACHE_DIR is empty: the cache is off")
        if chosen:
            return os.path.abspath(chosen)
        base = os.environ.get("XDG_CACHE_HOME")
        if base and os.path.isabs(base):
            return os.path.join(base, "pyccolo_native")
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        raise Unusable("there is no home folder to keep the cache in; set PYCCOLO_CACHE_DIR")
    return os.path.join(home, ".cache", "pyccolo_native")


def limit_of(text):
    """A size such as 500M, 2G or 1000000 in bytes. ValueError for anything else."""
    number, factor = text.strip(), 1
    if number[-1:].upper() in "KMGT" and number:
        factor = 1024 ** ("KMGT".index(number[-1].upper()) + 1)
        number = number[:-1]
    if not number.isdecimal():
        raise ValueError(f"PYCCOLO_CACHE_SIZE={text}: not a size such as 500M or 2G")
    return int(number) * factor


class Store:
    """The entries of one folder.

    Reading and writing raise nothing for what a file system may do: an entry that cannot be read is not there, one that cannot be
    written is not written. `failure` tells of the last such case.
    """

    def __init__(self, folder, limit=DEFAULT_LIMIT):
        self.folder = folder
        self.limit = limit
        self.failure = None
        self._checked = False
        self._unmeasured = None

    def check(self):
        """Unusable if the folder belongs to somebody else or others may write into it: what is in it is run."""
        if self._checked:
            return
        try:
            status = os.stat(self.folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unusable(f"{self.folder}: {error.strerror}") from None
        if not os.path.isdir(self.folder):
            raise Unusable(f"{self.folder} is no folder", loud=True)
        if hasattr(os, "geteuid"):
            if status.st_uid != os.geteuid():
                raise Unusable(f"{self.folder} belongs to another user; set PYCCOLO_CACHE_DIR to a folder of yours", loud=True)
            if status.st_mode & 0o022:
                raise Unusable(f"others may write into {self.folder}; take that right from them (chmod go-w)", loud=True)
        self._checked = True

    def path_of(self, key):
        """The file of an entry."""
        name = blake2b(key, digest_size=20).hexdigest()
        return os.path.join(self.folder, name[:2], name[2:] + _SUFFIX)

    def read(self, key):
        """The payload of an entry as a buffer, or None."""
        path = self.path_of(key)
        try:
            with open(path, "rb", buffering=0) as file:
                status = os.fstat(file.fileno())
                data = file.read(status.st_size)
        except FileNotFoundError:
            return None
        except OSError as error:
            self.failure = f"{path}: {error.strerror}"
            return None
        payload = _checked_payload(data, key)
        if payload is None:
            self.failure = f"{path} is damaged"
            return None
        if abs(time.time() - status.st_mtime) > _STALE:
            try:
                os.utime(path)
            except OSError:
                pass  # read-only: it looks unused, and may be dropped by somebody who can write
        return payload

    def write(self, key, payload):
        """Keeps an entry; True if it is there now."""
        path = self.path_of(key)
        temporary = f"{path}.{os.getpid()}-{time.monotonic_ns()}{_TEMPORARY}"
        data = _head(key, payload) + key + payload
        try:
            self._make_folder(os.path.dirname(path))
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
            try:
                with open(descriptor, "wb", buffering=0) as file:
                    written = file.write(data)
                    if written != len(data):
                        raise OSError(0, "the disk is full")
                os.replace(temporary, path)
            except BaseException:
                os.unlink(temporary)
                raise
        except OSError as error:
            self.failure = f"{path}: {error.strerror}"
            return False
        self._bound(len(data))
        return True

    def _make_folder(self, folder):
        if not os.path.isdir(self.folder):
            os.makedirs(os.path.dirname(self.folder) or ".", exist_ok=True)
            try:
                os.mkdir(self.folder, 0o700)
            except FileExistsError:
                pass
        if not os.path.isdir(folder):
            os.makedirs(folder, 0o700, exist_ok=True)

    def entries(self):
        """(path, size, time of last use) of each entry, in no order."""
        yield from (found for found in self._files() if found[0].endswith(_SUFFIX))

    def _files(self):
        try:
            folders = [entry.path for entry in os.scandir(self.folder) if len(entry.name) == 2 and entry.is_dir()]
        except OSError:
            return
        for folder in folders:
            try:
                with os.scandir(folder) as found:
                    for entry in found:
                        status = entry.stat(follow_symlinks=False)
                        if entry.name.endswith((_SUFFIX, _TEMPORARY)):
                            yield entry.path, status.st_size, status.st_mtime
            except OSError:
                continue

    def _bound(self, written):
        """Drops the entries that were unused for longest when all together are larger than they may be."""
        if self._unmeasured is not None:
            self._unmeasured += written
            if self._unmeasured < self.limit // 16:
                return
        self._unmeasured = 0
        now = time.time()
        kept, total = [], 0
        for path, size, used in self._files():
            if path.endswith(_TEMPORARY):
                if abs(now - used) > _STALE:
                    _remove(path)
                continue
            kept.append((used, path, size))
            total += size
        if total <= self.limit:
            return
        kept.sort()
        for used, path, size in kept:
            if total <= self.limit * 3 // 4:
                break
            _remove(path)
            total -= size

    def clear(self):
        """Removes all entries; returns how many there were and their bytes. OSError if one cannot be removed."""
        count = total = 0
        for path, size, _ in list(self._files()):
            try:
                os.unlink(path)
            except FileNotFoundError:
                continue
            count += 1
            total += size
        return count, total


_HASH_KEY = int.from_bytes(_MAGIC, "little")


def _head(key, payload):
    checksum = source_hash(_HASH_KEY, key + payload)
    return b"".join((_MAGIC, len(key).to_bytes(8, "little"), len(payload).to_bytes(8, "little"), checksum))


def _lengths(data):
    """The lengths of key and payload and the checksum, or None if this is no head of an entry."""
    if len(data) < _HEAD_SIZE or data[: len(_MAGIC)] != _MAGIC:
        return None
    return int.from_bytes(data[8:16], "little"), int.from_bytes(data[16:24], "little"), data[24:32]


def _checked_payload(data, key):
    """The payload if the file is whole and is the entry of this key, else None."""
    found = _lengths(data)
    if found is None:
        return None
    key_length, length, checksum = found
    content = memoryview(data)[_HEAD_SIZE:]
    if len(content) != key_length + length or content[:key_length] != key or source_hash(_HASH_KEY, content) != checksum:
        return None
    return content[key_length:]


def key_in(path):
    """The key of the entry in a file as text, or None if it is damaged."""
    try:
        with open(path, "rb") as file:
            found = _lengths(file.read(_HEAD_SIZE))
            key = b"" if found is None else file.read(found[0])
    except OSError:
        return None
    return key.decode(errors="replace") if found is not None and len(key) == found[0] else None


def _remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass
