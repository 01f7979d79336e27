"""Looks into a plugin's library in a process of its own: `python -m plugin_interfaces.cli.probe LIBRARY`.

Creates one instance, asks it for its metadata, destroys it, and writes what it found as JSON. Whatever the library does
to this process, the one that asked goes on.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from .._abi import ABI_VERSION_NUMBER, Entry, Feature, Status
from .._ffi import NULL, ErrorBuffer, ffi, lib
from ..metadata import PluginMetadata
from ..symbols import convert_ffi_to_metadata, metadata_to_ffi


def probe(path: Path) -> dict[str, Any]:
    """What the library is; `error` says what is wrong with it."""
    found: dict[str, Any] = {"error": None, "abi_version": None, "entries": [], "features": [], "metadata": None}
    core = lib.core_new(NULL)
    with ErrorBuffer() as error:
        library = lib.core_library_open(str(path).encode(), error.c)
        if library == NULL:
            return {**found, "error": error.text}
        handle = ffi.new("PluginHost *")
        metadata = metadata_to_ffi(PluginMetadata(id="", name="", instance_id="probe"))
        if lib.core_instance_new(core, library, metadata, handle, error.c) < 0:
            return {**found, "error": error.text}
        found["abi_version"] = ABI_VERSION_NUMBER
        table = lib.core_instance_table(handle[0])
        bits = lib.core_instance_entries(handle[0])
        found["entries"] = [(entry.name or "").lower() for entry in Entry if bits & entry]
        found["features"] = [(feature.name or "").lower() for feature in Feature if table.features & feature]
        if "get_metadata" in found["entries"]:
            record = ffi.new("PluginMetadataFFI *")
            record.struct_size = ffi.sizeof("PluginMetadataFFI")
            if table.get_metadata(table.plugin_ptr, record, error.c) >= Status.OK:
                found["metadata"] = msgspec.to_builtins(convert_ffi_to_metadata(record))
        lib.core_instance_end(handle[0], 5000, NULL)
        lib.core_library_close(library, 1)
    lib.core_free(core)
    return found


if __name__ == "__main__":
    result = probe(Path(sys.argv[1]))
    sys.stdout.write(msgspec.json.encode(result).decode())
