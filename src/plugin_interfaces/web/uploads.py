"""Files that clients give to plugins."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Final

UPLOADS: Final = "uploads"
_NAME_BYTES: Final = 120


class Uploads:
    """The files, in the folder of each instance. Any thread may use it."""

    def __init__(self, data: Path | None) -> None:
        """Keeps them in a data folder; None: in a folder that is gone with `close`."""
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if data is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="plugin-interfaces-")
            data = Path(self._temporary.name)
        self._folder = data.absolute() / UPLOADS

    def store(self, instance_id: str, name: str, content: bytes) -> Path:
        """Puts a file into the folder of an instance, under its own name in a folder of its own. Errors: OSError."""
        folder = self._of(instance_id) / secrets.token_hex(8)
        folder.mkdir(parents=True, mode=0o700)
        path = folder / safe_name(name)
        path.write_bytes(content)
        path.chmod(0o600)
        return path

    def forget(self, instance_id: str) -> None:
        """Removes all files of an instance."""
        shutil.rmtree(self._of(instance_id), ignore_errors=True)

    def close(self) -> None:
        """Removes what is not kept. May be called twice."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def _of(self, instance_id: str) -> Path:
        # An id may be any text, so the folder has a name made from it.
        return self._folder / blake2b(instance_id.encode(), digest_size=12).hexdigest()


def safe_name(name: str) -> str:
    """The last part of a name, without what a file system or a shell takes for something else."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(letter if letter.isalnum() or letter in "-_. ()" else "_" for letter in last).strip(". ")
    # The end has what the file is.
    return kept.encode()[-_NAME_BYTES:].decode(errors="ignore") or "file"
