"""All that authors of plugins and of hosts import, in one place; `plugin_interfaces` itself hands it out by name.

    from plugin_interfaces import Host, PluginHandler
"""

from ._abi import ABI_VERSION, LogLevel, MessageKind, State, Status, StreamStatus
from .bridge import create_plugin_interface_from_handler
from .callbacks import HostCallbacks
from .config import ConfigField, Manifest, PluginConfig, UserValues, load_manifest
from .context import PluginInstanceContext, Request
from .errors import (
    ClosedError,
    ConfigError,
    CycleError,
    HistoryError,
    InvalidState,
    InvalidStreamId,
    LibraryError,
    LoadError,
    ManifestError,
    NoReply,
    NotConnected,
    PluginFailed,
    PluginInterfacesError,
    QueueFull,
    ReplyTimeout,
    RequestCancelled,
    RequestError,
    RequirementError,
    SendFailed,
    StateError,
    StreamAlreadyEnded,
    StreamCancelled,
    StreamError,
    StreamNotFound,
    StreamPaused,
    TextError,
    UiError,
    VersionError,
)
from .handler import PluginHandler
from .host import Host, Instance, PendingReply, discover
from .logging import (
    log_debug,
    log_error,
    log_info,
    log_trace,
    log_warn,
    setup_logging,
)
from .metadata import HistoryMessage, PluginMetadata
from .pluginui import Context, CreationContext, Response, Theme, Ui
from .stream import Stream
from .symbols import CREATE_PLUGIN_SYMBOL, DESTROY_PLUGIN_SYMBOL, convert_ffi_to_metadata, metadata_to_ffi

__all__ = [name for name in dir() if not name.startswith("_")]
