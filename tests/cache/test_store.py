"""The folder of entries: what was written is read or is not there; nothing else."""
import os
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyccolo_native.cache.store import Store, Unusable, key_in, limit_of

needs_rights = pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")


@pytest.fixture
def store(tmp_path):
    return Store(str(tmp_path / "kept"))


def test_what_was_written_is_read(store):
    assert store.read(b"a") is None
    assert store.write(b"a", b"payload")
    assert bytes(store.read(b"a")) == b"payload"
    assert store.read(b"b") is None
    assert key_in(store.path_of(b"a")) == "a"


def test_an_entry_is_replaced_whole(store):
    store.write(b"a", b"one")
    store.write(b"a", b"another")
    assert bytes(store.read(b"a")) == b"another"
    assert len(list(store.entries())) == 1


def test_empty_keys_and_payloads(store):
    assert store.write(b"", b"") and bytes(store.read(b"")) == b""


PAYLOAD = bytes(range(256))


@given(st.integers(min_value=0, max_value=2000), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(tmp_path_factory, place, change):
    store = Store(str(tmp_path_factory.mktemp("store")))
    store.write(b"some key", PAYLOAD)
    path = store.path_of(b"some key")
    with open(path, "rb") as file:
        data = bytearray(file.read())
    data[place % len(data)] ^= change
    with open(path, "wb") as file:
        file.write(data)
    assert store.read(b"some key") is None
    assert "damaged" in store.failure
    assert store.write(b"some key", PAYLOAD) and bytes(store.read(b"some key")) == PAYLOAD


@given(st.integers(min_value=0, max_value=2000))
def test_a_part_of_an_entry_is_no_entry(tmp_path_factory, length):
    store = Store(str(tmp_path_factory.mktemp("store")))
    store.write(b"some key", PAYLOAD)
    path = store.path_of(b"some key")
    size = os.path.getsize(path)
    os.truncate(path, length % size)
    assert store.read(b"some key") is None
    assert key_in(path) in (None, "some key")


def test_more_than_an_entry_is_no_entry(store):
    store.write(b"a", b"payload")
    with open(store.path_of(b"a"), "ab") as file:
        file.write(b"!")
    assert store.read(b"a") is None


def test_another_key_in_the_file_is_noticed(store):
    """As if two keys had the same name of a file."""
    store.write(b"a", b"payload")
    os.makedirs(os.path.dirname(store.path_of(b"b")), exist_ok=True)
    os.rename(store.path_of(b"a"), store.path_of(b"b"))
    assert store.read(b"b") is None


def test_the_entries_unused_for_longest_go_first(tmp_path):
    store = Store(str(tmp_path / "kept"), limit=10_000)
    for number in range(8):
        store.write(b"%d" % number, bytes(1000))
        used = time.time() - 100_000 + number
        os.utime(store.path_of(b"%d" % number), (used, used))
    assert store.read(b"0") is not None  # now it was used last
    store.write(b"8", bytes(3000))
    assert [number for number in range(9) if store.read(b"%d" % number)] == [0, 5, 6, 7, 8]


def test_a_clock_that_was_wrong_does_no_harm(store):
    for key, when in ((b"past", 0), (b"future", time.time() + 10**8)):
        store.write(key, b"payload")
        os.utime(store.path_of(key), (when, when))
        assert store.read(key) is not None
        assert abs(os.path.getmtime(store.path_of(key)) - time.time()) < 60


def test_files_that_writers_left_behind_are_removed(tmp_path):
    folder = tmp_path / "kept"
    Store(str(folder)).write(b"a", b"payload")
    old, new = (folder / "ab" / f"cd.woven.{name}.tmp" for name in ("1-1", "2-2"))
    old.parent.mkdir(exist_ok=True)
    for path in (old, new):
        path.write_bytes(b"half an ent")
    os.utime(old, (0, 0))
    Store(str(folder)).write(b"b", b"payload")
    assert not old.exists() and new.exists()


def test_clear_removes_everything(store):
    store.write(b"a", bytes(100))
    store.write(b"b", bytes(100))
    count, size = store.clear()
    assert count == 2 and size > 200
    assert store.read(b"a") is None and list(store.entries()) == []
    assert store.clear() == (0, 0)


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "kept").write_text("")
    with pytest.raises(Unusable, match="is no folder") as caught:
        Store(str(tmp_path / "kept")).check()
    assert caught.value.loud
    assert not Store(str(tmp_path / "kept")).write(b"a", b"payload")
    assert not Store(str(tmp_path / "kept" / "deeper")).write(b"a", b"payload")


@needs_rights
def test_the_folder_is_ours_alone(store):
    store.write(b"a", b"payload")
    assert os.stat(store.folder).st_mode & 0o777 == 0o700
    store.check()


@needs_rights
def test_a_folder_that_others_may_write_into(store):
    store.write(b"a", b"payload")
    os.chmod(store.folder, 0o777)
    with pytest.raises(Unusable, match="others may write into") as caught:
        Store(store.folder).check()
    assert caught.value.loud


@needs_rights
def test_a_folder_of_another_user(store, monkeypatch):
    store.write(b"a", b"payload")
    owner = os.stat(store.folder).st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(Unusable, match="belongs to another user") as caught:
        Store(store.folder).check()
    assert caught.value.loud


@needs_rights
@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files")
def test_a_folder_that_cannot_be_written(store):
    store = Store("/proc/pyccolo_native")
    assert not store.write(b"a", b"payload")
    assert store.failure
    assert store.read(b"a") is None


def test_a_full_disk(tmp_path):
    """As far as a process can have one of its own: files may not grow beyond a size."""
    resource = pytest.importorskip("resource")
    import signal

    store = Store(str(tmp_path / "kept"))
    store.write(b"before", b"payload")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        assert not store.write(b"a", bytes(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert store.failure
    assert store.read(b"a") is None and store.read(b"before") is not None
    assert not list((tmp_path / "kept").rglob("*.tmp"))


@pytest.mark.parametrize("text, size", [("0", 0), ("1000", 1000), ("2K", 2048), ("5m", 5 << 20), (" 3G ", 3 << 30), ("1T", 1 << 40)])
def test_sizes(text, size):
    assert limit_of(text) == size


@pytest.mark.parametrize("text", ["", "K", "-1", "1.5G", "many", "1GB"])
def test_what_is_no_size(text):
    with pytest.raises(ValueError, match="not a size"):
        limit_of(text)
