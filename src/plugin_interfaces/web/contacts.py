"""Which instances the person has, in a file of the data folder."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from ..errors import ConfigError

CONTACTS_FILE: Final = "contacts.json"


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
        """Reads the file. Errors: ConfigError where it cannot be understood; it is left as it is then."""
        self._path = None if folder is None else folder / CONTACTS_FILE
        self._lock = threading.Lock()
        self._records: dict[str, Record] = {}
        self._dirty = False
        data = self._read()
        self.fresh = data is None
        if data is not None:
            try:
                file = msgspec.json.decode(data, type=_File)
            except msgspec.MsgspecError as error:
                reason = f"cannot be understood: {error}. Mend the file, or move it away"
                raise ConfigError(str(self._path), reason) from None
            self._records = {record.instance_id: record for record in file.contacts}

    def _read(self) -> bytes | None:
        if self._path is None:
            return None
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(str(self._path), f"cannot be read: {error.strerror}") from None

    def all(self) -> list[Record]:
        """All of them."""
        with self._lock:
            return list(self._records.values())

    def get(self, instance_id: str) -> Record | None:
        """The one with an id."""
        return self._records.get(instance_id)

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

    def free_id(self, plugin_id: str, taken: Iterable[str] = ()) -> str:
        """An id for one more instance of a plugin: its own, or with a number behind it."""
        with self._lock:
            used = {*self._records, *taken}
        number, name = 1, plugin_id
        while name in used:
            number += 1
            name = f"{plugin_id}-{number}"
        return name

    def save(self) -> None:
        """Writes what was changed, whole or not at all. Errors: ConfigError; it is tried again the next time."""
        with self._lock:
            if not self._dirty or self._path is None:
                return
            data = msgspec.json.format(msgspec.json.encode(_File(contacts=list(self._records.values()))), indent=2)
            self._dirty = False
            try:
                _replace(self._path, data)
            except OSError as error:
                self._dirty = True
                raise ConfigError(str(self._path), f"cannot be written: {error.strerror}") from None


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
