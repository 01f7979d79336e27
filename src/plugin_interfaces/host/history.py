"""The store of conversations and of saved states: one SQLite file, which a killed process leaves whole.

A message that streams in is a row with the status `active`; its chunks are rows of their own, joined into the message
when the stream ends. What a killed process left `active` is joined and marked by `recover`.
"""

import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self, TypeAlias, TypeVar

import msgspec

from ..errors import HistoryError
from ..metadata import HistoryMessage, MessageRole, MessageStatus, MessageType

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
_ROW: Final = (
    "sequence",
    "id",
    "instance_id",
    "plugin_id",
    "role",
    "type",
    "status",
    "content",
    "created_at",
    "request",
)
# So many rows go into the database by one statement: the more, the less it costs, and the fewer times the GIL changes
# hands, since each execution lets go of it.
_BUNDLES: Final = (64, 8, 1)
_INSERTS: Final = {
    count: f"INSERT INTO message ({', '.join(_ROW)}) VALUES " + ", ".join([f"({', '.join('?' * len(_ROW))})"] * count)
    for count in _BUNDLES
}
_COLUMNS: Final = "id, type, status, content, plugin_id, role, created_at, sequence"
_OPEN: Final = ("active", "paused")

_Texts: TypeAlias = "tuple[Any, ...]"
"""A message as it is read: the texts of _COLUMNS, and its number behind them."""

_T = TypeVar("_T")


class Row(msgspec.Struct, gc=False):
    """A message as it is stored: HistoryMessage, and where it belongs.

    Attributes:
        sequence: its place among all messages.
        request: the one that it belongs to, or 0; for `before_request` of `texts`.
    """

    sequence: int
    id: str
    instance_id: str
    plugin_id: str
    role: MessageRole
    type: MessageType
    status: MessageStatus
    content: str
    created_at: str
    request: int

    def values(self) -> tuple[Any, ...]:
        """In the order of the table."""
        return (
            self.sequence,
            self.id,
            self.instance_id,
            self.plugin_id,
            self.role,
            self.type,
            self.status,
            self.content,
            self.created_at,
            self.request - 2**63,  # SQLite's integers are signed
        )


def _message(texts: _Texts) -> HistoryMessage:
    return HistoryMessage(
        id=texts[0],
        message_type=texts[1],
        status=texts[2],
        content=texts[3],
        plugin_id=texts[4],
        role=texts[5],
        created_at=texts[6],
    )


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

    def next_sequence(self) -> int:
        """The sequence number of the next message. It is the caller's until the end of the transaction."""
        rows = self._execute("SELECT seq FROM sqlite_sequence WHERE name = 'message'")
        return int(rows[0][0]) + 1 if rows else 1

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Stores messages; their sequence numbers begin with `next_sequence`."""
        start = 0
        for count in _BUNDLES:
            while len(rows) - start >= count:
                values = itertools.chain.from_iterable(row.values() for row in rows[start : start + count])
                self._execute(_INSERTS[count], *values)
                start += count

    def append(self, sequence: int, chunk: str) -> None:
        """Adds to a message that streams in; to none where that was cleared away."""
        self._execute(
            "INSERT INTO chunk (message, text) SELECT sequence, ? FROM message WHERE sequence = ?", chunk, sequence
        )

    def set_status(self, sequence: int, status: MessageStatus) -> None:
        """Changes how far a message has come; at its end, its chunks are joined."""
        self._execute("UPDATE message SET status = ? WHERE sequence = ?", status, sequence)
        if status not in ("active", "paused"):
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

    def messages(self, instance_id: str, limit: int = 0, before: str | None = None) -> list[HistoryMessage]:
        """The newest `limit` messages, oldest first; 0 means all.

        `before` is the id of the message where the page ends, itself left out: for scrolling back.
        """
        return [_message(texts) for texts in self.texts(instance_id, limit, before)]

    def texts(
        self, instance_id: str, limit: int = 0, before: str | None = None, before_request: int = 0
    ) -> list[_Texts]:
        """As messages, each as the tuple of its texts; `before_request` leaves out what was stored for that request and
        later.
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
            rows.reverse()
            return [self._whole(row) if row[2] in _OPEN else row for row in rows]

    def asked(self, instance_id: str, message_id: str) -> HistoryMessage | None:
        """What the person sent last, up to a message and including it; None where there is no such message."""
        with self._lock:
            rows = self._execute(
                f"SELECT {_COLUMNS} FROM message WHERE instance_id = ? AND role = 'user'"
                " AND sequence <= (SELECT sequence FROM message WHERE id = ?) ORDER BY sequence DESC LIMIT 1",
                instance_id,
                message_id,
            )
            return _message(rows[0]) if rows else None

    def count_after(self, instance_id: str, message_id: str) -> int:
        """How many messages the plugin added behind the one with an id; all where there is none with it."""
        rows = self._execute(
            "SELECT count(*) FROM message WHERE instance_id = ? AND role <> 'user'"
            " AND sequence > coalesce((SELECT sequence FROM message WHERE id = ?), 0)",
            instance_id,
            message_id,
        )
        return int(rows[0][0])

    def _whole(self, row: _Texts) -> _Texts:
        """One that is open, with the chunks that have come so far."""
        chunks = self._execute("SELECT text FROM chunk WHERE message = ? ORDER BY number", row[7])
        return (*row[:3], row[3] + "".join(text for (text,) in chunks), *row[4:])

    # ---- states ----

    def save_state(self, instance_id: str, data: bytes) -> None:
        """Keeps what save_state of a plugin wrote."""
        self._execute("INSERT OR REPLACE INTO state (instance_id, data) VALUES (?, ?)", instance_id, data)

    def load_state(self, instance_id: str) -> bytes | None:
        """What was kept; None where nothing was."""
        rows = self._execute("SELECT data FROM state WHERE instance_id = ?", instance_id)
        return bytes(rows[0][0]) if rows else None
