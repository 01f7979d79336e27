"""The store of conversations and of saved states: one SQLite file, which a killed process leaves whole.

A message that streams in is a row with the status `active`; its chunks are rows of their own, joined into the message
when the stream ends. What a killed process left `active` is joined and marked by `recover`.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from ..errors import HistoryError
from ..metadata import HistoryMessage, MessageStatus

_SCHEMA_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE message (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    instance_id TEXT NOT NULL,
    plugin_id TEXT NOT NULL,
    role TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at TEXT NOT NULL,
    request INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX message_of_instance ON message (instance_id, sequence);
CREATE INDEX message_open ON message (status) WHERE status IN ('active', 'paused');
CREATE TABLE chunk (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES message (sequence) ON DELETE CASCADE,
    text TEXT NOT NULL
);
CREATE INDEX chunk_of_message ON chunk (message);
CREATE TABLE state (instance_id TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
"""
_COLUMNS: Final = "id, type, status, content, plugin_id, role, created_at, sequence"

_T = TypeVar("_T")


class HistoryStore:
    """The conversations of all instances of a host. Any thread may use it; each call is one transaction.

    `path` None keeps everything in memory alone. Errors of all methods: HistoryError.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._name = "history" if path is None else str(path)
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                ":memory:" if path is None else path, check_same_thread=False, isolation_level=None, timeout=10
            )
        except (OSError, sqlite3.Error) as error:
            raise HistoryError(self._name, f"cannot be opened: {error}") from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._db.close()
            raise HistoryError(
                self._name, f"is no history that can be read: {error}. Move the file away to begin a new one"
            ) from None
        except HistoryError:
            self._db.close()
            raise

    def _prepare(self) -> None:
        # A commit in WAL mode survives a killed process without waiting for the disk each time.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > _SCHEMA_VERSION:
            raise HistoryError(self._name, f"was written by a newer version (schema {version}); update this one")
        if version == 0:
            self._db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_SCHEMA_VERSION}; COMMIT;")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file. May be called twice; every other call fails from then on."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is called inside is stored together, at the end, or not at all. Holds the store for this thread."""
        with self._lock:
            if self._depth:
                yield
                return
            self._run(lambda: self._db.execute("BEGIN IMMEDIATE"))
            self._depth += 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._run(lambda: self._db.execute("COMMIT"))
            finally:
                self._depth -= 1

    def _run(self, action: Callable[[], _T]) -> _T:
        try:
            return action()
        except sqlite3.Error as error:
            raise HistoryError(self._name, str(error)) from None

    def _execute(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._run(lambda: self._db.execute(statement, values).fetchall())

    # ---- writing ----

    def add(self, instance_id: str, message: HistoryMessage, request: int = 0) -> None:
        """Stores a message; `request` is the one that it belongs to, for `before` of `messages`."""
        self._execute(
            "INSERT INTO message (id, instance_id, plugin_id, role, type, status, content, created_at, request)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            message.id,
            instance_id,
            message.plugin_id,
            message.role,
            message.message_type,
            message.status,
            message.content,
            message.created_at,
            # SQLite's integers are signed.
            request - 2**63,
        )

    def append(self, message_id: str, chunk: str) -> None:
        """Adds to a message that streams in."""
        self._execute(
            "INSERT INTO chunk (message, text) SELECT sequence, ? FROM message WHERE id = ?", chunk, message_id
        )

    def set_status(self, message_id: str, status: MessageStatus, content: str | None = None) -> None:
        """Changes how far a message has come, and its text where one is given; at its end, its chunks are joined."""
        with self.transaction():
            self._execute(
                "UPDATE message SET status = ?, content = coalesce(?, content) WHERE id = ?",
                status,
                content,
                message_id,
            )
            if status not in ("active", "paused"):
                rows = self._execute("SELECT sequence FROM message WHERE id = ?", message_id)
                for (sequence,) in rows:
                    self._join(sequence)

    def _join(self, sequence: int) -> None:
        chunks = self._execute("SELECT text FROM chunk WHERE message = ? ORDER BY number", sequence)
        if chunks:
            self._execute(
                "UPDATE message SET content = content || ? WHERE sequence = ?",
                "".join(text for (text,) in chunks),
                sequence,
            )
            self._execute("DELETE FROM chunk WHERE message = ?", sequence)

    def recover(self) -> int:
        """Ends what a killed process left unfinished, as `error`, its text kept. Returns how many there were.

        To be called while no other process has the file open.
        """
        with self.transaction():
            rows = self._execute("SELECT sequence FROM message WHERE status IN ('active', 'paused')")
            for (sequence,) in rows:
                self._join(sequence)
                self._execute("UPDATE message SET status = 'error' WHERE sequence = ?", sequence)
        return len(rows)

    def clear(self, instance_id: str) -> None:
        """Forgets the conversation of an instance."""
        self._execute("DELETE FROM message WHERE instance_id = ?", instance_id)

    # ---- reading ----

    def messages(
        self, instance_id: str, limit: int = 0, before: str | None = None, before_request: int = 0
    ) -> list[HistoryMessage]:
        """The newest `limit` messages, oldest first; 0 means all.

        `before` is the id of the message where the page ends, itself left out: for scrolling back. `before_request`
        leaves out what was stored for that request and later.
        """
        condition = "instance_id = ?"
        values: list[Any] = [instance_id]
        if before is not None:
            condition += " AND sequence < (SELECT sequence FROM message WHERE id = ?)"
            values.append(before)
        if before_request:
            condition += (
                " AND sequence < coalesce((SELECT min(sequence) FROM message WHERE instance_id = ? AND request = ?),"
                " 9223372036854775807)"
            )
            values += [instance_id, before_request - 2**63]
        with self._lock:
            rows = self._execute(
                f"SELECT {_COLUMNS} FROM message WHERE {condition} ORDER BY sequence DESC LIMIT ?",
                *values,
                limit if limit > 0 else -1,
            )
            return [self._message(row) for row in reversed(rows)]

    def message_of_request(self, instance_id: str, request: int) -> HistoryMessage | None:
        """What the person sent as a request; None where that is not of this conversation."""
        # Handles are used again by the next host, so the newest counts.
        condition = "instance_id = ? AND request = ? AND role = 'user' ORDER BY sequence DESC LIMIT 1"
        return self._one(condition, instance_id, request - 2**63)

    def asked(self, instance_id: str, message_id: str) -> HistoryMessage | None:
        """What the person sent last, up to a message and including it; None where there is no such message."""
        condition = (
            "instance_id = ? AND role = 'user' AND sequence <= (SELECT sequence FROM message WHERE id = ?)"
            " ORDER BY sequence DESC LIMIT 1"
        )
        return self._one(condition, instance_id, message_id)

    def count_after(self, instance_id: str, message_id: str) -> int:
        """How many messages the plugin added behind the one with an id; all where there is none with it."""
        rows = self._execute(
            "SELECT count(*) FROM message WHERE instance_id = ? AND role <> 'user'"
            " AND sequence > coalesce((SELECT sequence FROM message WHERE id = ?), 0)",
            instance_id,
            message_id,
        )
        return int(rows[0][0])

    def _one(self, condition: str, *values: Any) -> HistoryMessage | None:
        with self._lock:
            rows = self._execute(f"SELECT {_COLUMNS} FROM message WHERE {condition}", *values)
            return self._message(rows[0]) if rows else None

    def _message(self, row: Any) -> HistoryMessage:
        content = row[3]
        if row[2] in ("active", "paused"):
            chunks = self._execute("SELECT text FROM chunk WHERE message = ? ORDER BY number", row[7])
            content += "".join(text for (text,) in chunks)
        return HistoryMessage(
            id=row[0],
            message_type=row[1],
            status=row[2],
            content=content,
            plugin_id=row[4],
            role=row[5],
            created_at=row[6],
        )

    # ---- states ----

    def save_state(self, instance_id: str, data: bytes) -> None:
        """Keeps what save_state of a plugin wrote."""
        self._execute("INSERT OR REPLACE INTO state (instance_id, data) VALUES (?, ?)", instance_id, data)

    def load_state(self, instance_id: str) -> bytes | None:
        """What was kept; None where nothing was."""
        rows = self._execute("SELECT data FROM state WHERE instance_id = ?", instance_id)
        return bytes(rows[0][0]) if rows else None
