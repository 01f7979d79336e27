"""The symbols of a plugin's library, and the records of the ABI in Python's form and in C's."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final
from weakref import WeakKeyDictionary

from ._abi import MetadataFlag
from ._ffi import ffi, text_from_c, text_to_bytes
from .metadata import HistoryMessage, PluginMetadata
from .types import CData

CREATE_PLUGIN_SYMBOL: Final = "create_plugin"
DESTROY_PLUGIN_SYMBOL: Final = "destroy_plugin"

_METADATA_TEXTS: Final = (
    "id",
    "name",
    "description",
    "version",
    "author",
    "config_path",
    "library_path",
    "instance_id",
    "permissions",
)

# What the texts of a record made here point to, as long as the record is alive.
_texts_of: WeakKeyDictionary[CData, CData] = WeakKeyDictionary()


@cache
def _end_of(kind: str, field: str) -> int:
    member = dict(ffi.typeof(kind).fields)[field]
    return int(member.offset + ffi.sizeof(member.type))


def has_field(record: CData, kind: str, field: str) -> bool:
    """Whether a record that the other side made is long enough to have `field`: PLUGIN_HAS of the header."""
    return bool(record.struct_size >= _end_of(kind, field))


def _set_texts(record: CData, values: dict[str, str]) -> CData:
    """Has the texts of a record point into one block, which is returned: there each has a NUL behind it."""
    texts = [text_to_bytes(value, field) for field, value in values.items()]
    block = ffi.new("char[]", b"\0".join(texts))
    at = block + 0
    for field, data in zip(values, texts, strict=True):
        text = getattr(record, field)
        text.data, text.length = at, len(data)
        at += len(data) + 1
    return block


def metadata_texts(metadata: PluginMetadata) -> tuple[int, tuple[str, ...]]:
    """The flags of a PluginMetadataFFI, and its texts in order."""
    flags = 0
    if metadata.disabled:
        flags |= MetadataFlag.DISABLED
    if metadata.require_history:
        flags |= MetadataFlag.REQUIRE_HISTORY
    return flags, (
        metadata.id,
        metadata.name,
        metadata.description,
        metadata.version,
        metadata.author or "",
        metadata.config_path,
        metadata.library_path or "",
        metadata.instance_id or "",
        " ".join(metadata.permissions),
    )


def fill_metadata_ffi(record: CData, metadata: PluginMetadata) -> CData:
    """Writes `metadata` into a PluginMetadataFFI; its texts live as long as what is returned."""
    record.flags, texts = metadata_texts(metadata)
    return _set_texts(record, dict(zip(_METADATA_TEXTS, texts, strict=True)))


def metadata_to_ffi(metadata: PluginMetadata) -> CData:
    """A `PluginMetadataFFI *` with its own copy of the texts, freed with the object. Errors: TextError."""
    record = ffi.new("PluginMetadataFFI *")
    record.struct_size = ffi.sizeof("PluginMetadataFFI")
    _texts_of[record] = fill_metadata_ffi(record, metadata)
    return record


def convert_ffi_to_metadata(record: CData) -> PluginMetadata:
    """The Python form of a PluginMetadataFFI, its texts copied; what a shorter record lacks is empty."""
    texts = {field: _text(record, "PluginMetadataFFI", field) for field in _METADATA_TEXTS}
    flags = MetadataFlag(record.flags)
    return PluginMetadata(
        id=texts["id"],
        name=texts["name"],
        description=texts["description"],
        version=texts["version"],
        config_path=texts["config_path"],
        disabled=MetadataFlag.DISABLED in flags,
        require_history=MetadataFlag.REQUIRE_HISTORY in flags,
        author=texts["author"] or None,
        library_path=texts["library_path"] or None,
        instance_id=texts["instance_id"] or None,
        permissions=tuple(texts["permissions"].split()),
    )


def history_from_texts(messages: Iterable[tuple[Any, ...]]) -> list[HistoryMessage]:
    """The messages of tuples of their texts, in the order of PluginHistoryMessage.

    The words of type, status and role are taken as they come: a newer host may know more of them.
    """
    return [
        HistoryMessage(
            id=message_id,
            message_type=message_type,
            status=status,
            content=content,
            plugin_id=plugin_id,
            role=role,
            created_at=created_at,
        )
        for message_id, message_type, status, content, plugin_id, role, created_at in messages
    ]


def _text(record: CData, kind: str, field: str) -> str:
    return text_from_c(getattr(record, field)) if has_field(record, kind, field) else ""
