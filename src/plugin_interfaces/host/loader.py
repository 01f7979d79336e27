"""Makes an instance of a plugin: from its library in C, or from its module in Python."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import itertools
import sys
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

import msgspec

from .._abi import Status
from .._ffi import NULL, ErrorBuffer, address, fast, ffi, lib, surrogate_error
from ..bridge import create_plugin_interface_from_handler
from ..errors import LibraryError, LoadError, PluginInterfacesError, VersionError
from ..handler import PluginHandler
from ..metadata import PluginMetadata
from ..symbols import metadata_texts, metadata_to_ffi
from ..types import CData
from .discovery import PluginFolder

_numbers: Final = itertools.count(1)


class Loaded(msgspec.Struct):
    """An instance in the state `created`.

    Attributes:
        handle: its PluginHost.
        module: of a plugin in Python: the name under which it was imported.
    """

    handle: int
    module: str = ""


def forget_module(module: str) -> None:
    """After an instance has ended: nothing is imported from its module any more. Empty: it had none."""
    if not module:
        return
    for name in [name for name in sys.modules if name == module or name.startswith(f"{module}.")]:
        del sys.modules[name]


def load(core: CData, folder: PluginFolder, metadata: PluginMetadata) -> Loaded:
    """Loads a plugin. Errors: LoadError and its kinds; nothing is left behind then."""
    if folder.error is not None:
        raise folder.error
    assert folder.code is not None
    assert folder.manifest is not None
    if folder.kind == "python":
        return _load_module(core, folder.code, metadata)
    return _load_library(core, folder.code, metadata, unmap=folder.manifest.reloadable)


def _error(status: int, what: str, text: str) -> LoadError:
    return (VersionError if status == Status.WRONG_VERSION else LibraryError)(what, text, status)


def _load_library(core: CData, path: Path, metadata: PluginMetadata, *, unmap: bool) -> Loaded:
    what = f"plugin {metadata.id}"
    flags, texts = metadata_texts(metadata)
    try:
        status, handle, text = fast.load_library(address(core), str(path), unmap, flags, texts)
    except UnicodeEncodeError as error:
        raise surrogate_error(what, error) from None
    if status < 0:
        raise _error(status, what, text)
    return Loaded(handle)


def _load_module(core: CData, path: Path, metadata: PluginMetadata) -> Loaded:
    what = f"plugin {metadata.id}"
    # Each instance has a module of its own, so that they share no state by accident, and a changed file is seen.
    loaded = Loaded(0, f"_plugin_{next(_numbers)}_{''.join(c if c.isalnum() else '_' for c in metadata.id)}")
    try:
        handler = _handler_of(_import(loaded.module, path, what), what)
        table = create_plugin_interface_from_handler(handler, what)
        handle = ffi.new("PluginHost *")
        with ErrorBuffer() as error:
            status = lib.core_instance_from_table(core, table, NULL, metadata_to_ffi(metadata), handle, error.c)
            if status < 0:
                table.destroy(table.plugin_ptr)
                raise _error(status, what, error.text)
        loaded.handle = int(handle[0])
        return loaded
    except BaseException:
        forget_module(loaded.module)
        raise


class _SourceLoader(importlib.machinery.SourceFileLoader):
    """Compiles what is in the file now: a cached form counts as current for a second, and a reload may be quicker."""

    def get_code(self, fullname: str) -> CodeType | None:
        """The code of the module."""
        return self.source_to_code(self.get_data(self.path), self.path)


def _import(name: str, path: Path, what: str) -> ModuleType:
    """Imports the module, as a package whose modules are the other files of the folder: `from .sse import …`."""
    importlib.invalidate_caches()
    spec = importlib.util.spec_from_file_location(
        name, path, loader=_SourceLoader(name, str(path)), submodule_search_locations=[str(path.parent)]
    )
    if spec is None or spec.loader is None:
        raise LibraryError(what, f"{path} is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise LibraryError(
            what, f"{path.name} cannot be imported: {error}. Name what it needs in `requires` of config.toml"
        ) from error
    except (Exception, SystemExit) as error:
        place = _place_of(error, path)
        raise LibraryError(what, f"{path.name}{place} failed: {type(error).__name__}: {error}") from error
    return module


def _place_of(error: BaseException, path: Path) -> str:
    """`:12`, the line of the module where it happened."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}"
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f":{lines[-1]}" if lines else ""


def _handler_of(module: ModuleType, what: str) -> PluginHandler:
    """What create_plugin() of the module returns, or an object of its one PluginHandler class."""
    factory: Any = getattr(module, "create_plugin", None)
    if factory is None:
        classes = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, PluginHandler) and value.__module__ == module.__name__
        ]
        if len(classes) != 1:
            found = ", ".join(value.__name__ for value in classes) or "none"
            raise LibraryError(
                what,
                f"the module is to define one class derived from PluginHandler, or create_plugin(); found: {found}",
            )
        factory = classes[0]
    try:
        handler = factory()
    except PluginInterfacesError:
        raise
    except (Exception, SystemExit) as error:
        name = getattr(factory, "__name__", "create_plugin")
        raise LibraryError(what, f"{name}() failed: {type(error).__name__}: {error}") from error
    if handler is None:
        raise LibraryError(what, "create_plugin() returned None; it returns a PluginHandler")
    return handler  # type: ignore[no-any-return]
