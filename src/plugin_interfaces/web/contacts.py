"""Which instances the person has, in a file of the data folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import threading
from pathlib import Path
from typing import Final

import msgspec

from ..errors import ConfigError

CONTACTS_FILE: Final = "contacts.json"
LOCK_FILE: Final = "contacts.lock"


class Record(msgspec.Struct, kw_only=True):
    """One contact as it is kept.

    Attributes:
        read: the id of the last message that the person has seen.
    """

    instance_id: str
    plugin_id: str
    name: str
    enabled: bool = True
    wants_connection: bool = False
    read: str = ""


class _File(msgspec.Struct, kw_only=True):
    version: int = 1
    contacts: list[Record] = []


class Contacts:
    """The records, in the order of adding. Any thread may use it; `save` writes them. `folder` None keeps no file.

    Attributes:
        fresh: there was no file: the person has never had contacts here.
    """

    def __init__(self, folder: Path | None) -> None:
        """Reads the file, and keeps others from it until `close`.

        Errors: ConfigError where another server has it, or it cannot be understood; it is left as it is then.
        """
        self._path = None if folder is None else folder / CONTACTS_FILE
        self._held = None if folder is None else _hold(folder)
        self._lock = threading.Lock()
        self._records: dict[str, Record] = {}
        self._dirty = False
        try:
            data = self._read()
        except ConfigError:
            self.close()
            raise
        self.fresh = data is None
        for record in data.contacts if data is not None else ():
            self._records[record.instance_id] = record

    def _read(self) -> _File | None:
        if self._path is None:
            return None
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(str(self._path), f"cannot be read: {error.strerror}") from None
        except (msgspec.MsgspecError, UnicodeError) as error:
            reason = f"cannot be understood: {error}. Mend the file, or move it away"
            raise ConfigError(str(self._path), reason) from None

    def close(self) -> None:
        """Lets others have the file. May be called twice."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def all(self) -> list[Record]:
        """All of them."""
        with self._lock:
            return list(self._records.values())

    def add(self, record: Record) -> bool:
        """Adds one; False where its id is taken."""
        with self._lock:
            if record.instance_id in self._records:
                return False
            self._records[record.instance_id] = record
            self._dirty = True
            return True

    def remove(self, instance_id: str) -> None:
        """Takes one off."""
        with self._lock:
            self._records.pop(instance_id, None)
            self._dirty = True

    def changed(self) -> None:
        """A record was changed: the next `save` writes it."""
        self._dirty = True

    def free_id(self, plugin_id: str) -> str:
        """An id for one more instance of a plugin: its own, or with a number behind it."""
        number, name = 1, plugin_id
        with self._lock:
            while name in self._records:
                number += 1
                name = f"{plugin_id}-{number}"
        return name

    def save(self) -> None:
        """Writes what was changed, whole or not at all. Errors: ConfigError; it is tried again the next time."""
        with self._lock:
            if not self._dirty or self._path is None:
                return
            self._dirty = False  # before it is read: what changes meanwhile is written the next time
            data = msgspec.json.format(msgspec.json.encode(_File(contacts=list(self._records.values()))), indent=2)
            try:
                _replace(self._path, data)
            except OSError as error:
                self._dirty = True
                raise ConfigError(str(self._path), f"cannot be written: {error.strerror}") from None


def _hold(folder: Path) -> int:
    """A lock that the system lets go of when the process ends, however that happens."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(str(folder), f"cannot be used: {error.strerror}") from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise ConfigError(
            str(folder), "another server uses this folder; stop it, or give another one with --data"
        ) from None
    return held


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
