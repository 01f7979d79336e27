"""Builds plugin_interfaces._native: the C core and its cffi binding, both from the headers.

Nothing of the ABI is written here. The declarations come from include/plugin_interface.h and
src/native/core.h, run through the C preprocessor with PLUGIN_CDEF; what Python implements (`extern "Python"`)
is read off the slots of PluginInterface and CoreServices and off the receivers' types; the enumerations of
_abi.py and the ABI dump are made from the same declarations.

    python build_ffi.py --inplace   build src/plugin_interfaces/_native.abi3.so where its sources are newer
    python build_ffi.py --abi       write src/plugin_interfaces/_abi.py
    python build_ffi.py --dump      write abi/plugin_interface.abi
    python build_ffi.py --check     say which of these are out of date, exit 1 if any is
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cffi
import pycparser
from pycparser import c_ast, c_generator

ROOT = Path(__file__).resolve().parent
HEADER = ROOT / "include" / "plugin_interface.h"
CORE_HEADER = ROOT / "src" / "native" / "core.h"
ABI_MODULE = ROOT / "src" / "plugin_interfaces" / "_abi.py"
ABI_DUMP = ROOT / "abi" / "plugin_interface.abi"
EXTENSION = ROOT / "src" / "plugin_interfaces" / "_native.abi3.so"

# The lowest Python whose stable ABI the extension uses; setup.py names the same for the tag of the wheel.
PY_LIMITED_API = "0x030B0000"

COMPILE_ARGS = ["-std=c11", "-O2", "-fvisibility=hidden", "-pthread", "-Werror=incompatible-pointer-types"]

# Declared for cffi alone: see src/native/python_module.h.
PYTHON_MODULE = """
int python_module_install(void);
PluginStatus python_handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error);
"""

# Enumerations of _abi.py: prefix in C, name in Python, base class.
ENUMS = (
    ("PLUGIN_MESSAGE_", "MessageKind", "IntEnum", "How a message is shown."),
    ("PLUGIN_LOG_", "LogLevel", "IntEnum", "How much a log line matters."),
    ("PLUGIN_STREAM_", "StreamStatus", "IntEnum", "The states of a stream."),
    ("PLUGIN_CHUNK_", "ChunkFlag", "IntFlag", "Bits of the `flags` of stream_data and stream_batch."),
    ("PLUGIN_METADATA_", "MetadataFlag", "IntFlag", "Bits of PluginMetadataFFI.flags."),
    ("PLUGIN_RESPONSE_", "ResponseFlag", "IntFlag", "What the person did with a widget."),
    ("PLUGIN_WIDGET_", "WidgetFlag", "IntFlag", "Bits of the `flags` of widgets."),
    ("PLUGIN_UI_", "UiFlag", "IntFlag", "Bits of PluginUi.flags."),
    ("PLUGIN_SERIES_", "SeriesStyle", "IntEnum", "How a series of a plot is drawn."),
    ("PLUGIN_FEATURE_", "Feature", "IntFlag", "Bits of PluginInterface.features."),
    ("CORE_STATE_", "State", "IntEnum", "The states of an instance's life."),
    ("CORE_NOTIFY_", "Notify", "IntEnum", "How the events of a request are queued."),
    ("CORE_EVENT_", "EventType", "IntEnum", "What an event of the core's queue tells."),
    ("CORE_REQUEST_", "RequestFlag", "IntFlag", "Bits of the number of events that are about requests."),
)


class Declarations:
    """What one header declares, as text for cffi and as a syntax tree."""

    def __init__(self, header: Path) -> None:
        """Preprocesses and parses `header`."""
        self.text = preprocess(header)
        self.constants = enum_constants(self.text)
        self.constants.update(macro_constants(header))
        tree = parse(self.text, header)
        own = len(tree.ext) - len(parse("", header).ext)
        self.structs: dict[str, c_ast.Struct] = {}
        self.functions: dict[str, c_ast.Typedef] = {}
        for node in tree.ext[-own:]:
            if not isinstance(node, c_ast.Typedef):
                continue
            inner = node.type
            if (
                isinstance(inner, c_ast.TypeDecl)
                and isinstance(inner.type, c_ast.Struct)
                and inner.type.decls
            ):
                self.structs[node.name] = inner.type
            if isinstance(inner, c_ast.PtrDecl) and isinstance(inner.type, c_ast.FuncDecl):
                self.functions[node.name] = node

    def slots(self, struct: str) -> Iterator[c_ast.Decl]:
        """The members of a struct that are pointers to functions, in their order."""
        for member in self.structs[struct].decls:
            if isinstance(member.type, c_ast.PtrDecl) and isinstance(member.type.type, c_ast.FuncDecl):
                yield member


def compiler() -> list[str]:
    """The C compiler: $CC, else cc."""
    return shlex.split(os.environ.get("CC", "cc"))


def run_preprocessor(header: Path, *flags: str) -> str:
    """The preprocessor's output for `header` under PLUGIN_CDEF, with its line markers."""
    command = [*compiler(), "-E", "-DPLUGIN_CDEF", *flags, "-I", str(HEADER.parent), str(header)]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    except FileNotFoundError:
        raise SystemExit(
            f"build_ffi: no C compiler: {command[0]!r} was not found; install one, or set CC"
        ) from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"build_ffi: {shlex.join(command)} failed:\n{error.stderr}") from None


def lines_of(header: Path, preprocessed: str) -> Iterator[str]:
    """The lines that the markers (`# 12 "file"`) attribute to `header` itself, not to what it includes."""
    inside = False
    for line in preprocessed.splitlines():
        marker = re.match(r'#(?:line)? \d+ "(.*?)"', line)
        if marker:
            inside = Path(marker[1]).name == header.name and Path(marker[1]).resolve() == header
        elif inside:
            yield line


def preprocess(header: Path) -> str:
    """The declarations of `header` alone, macros expanded."""
    return "\n".join(line for line in lines_of(header, run_preprocessor(header)) if line.strip()) + "\n"


def macros(header: Path) -> dict[str, str]:
    """The object-like and function-like macros that `header` defines and keeps, with their replacement."""
    found: dict[str, str] = {}
    for line in lines_of(header, run_preprocessor(header, "-dD")):
        if defined := re.match(r"#\s*define\s+(\w+(?:\(.*?\))?)\s*(.*)", line):
            found[defined[1]] = defined[2].strip()
        elif removed := re.match(r"#\s*undef\s+(\w+)", line):
            found = {name: value for name, value in found.items() if name.split("(")[0] != removed[1]}
    return found


def macro_constants(header: Path) -> dict[str, int]:
    """The macros of `header` whose replacement is an integer."""
    limits = {
        "INT32_MAX": 2**31 - 1,
        "UINT32_MAX": 2**32 - 1,
        "INT64_MAX": 2**63 - 1,
        "UINT64_MAX": 2**64 - 1,
    }
    found = {}
    for name, value in macros(header).items():
        if re.fullmatch(r"0[xX][0-9a-fA-F]+|\d+", value):
            found[name] = int(value, 0)
        elif value in limits:
            found[name] = limits[value]
    return found


def parse(text: str, header: Path) -> c_ast.FileAST:
    """The syntax tree of preprocessed declarations, with the fixed-width types made known."""
    known = [f"typedef int {sign}int{bits}_t;" for sign in ("", "u") for bits in (8, 16, 32, 64)]
    if header != HEADER:
        known.append(preprocess(HEADER))
    return pycparser.CParser().parse("\n".join(known) + "\n" + text, str(header))


def evaluate(node: Any) -> int:
    """The value of a constant expression of the kinds that the headers use."""
    if isinstance(node, c_ast.Constant):
        return int(node.value, 0)
    if isinstance(node, c_ast.UnaryOp) and node.op == "-":
        return -evaluate(node.expr)
    if isinstance(node, c_ast.BinaryOp) and node.op == "<<":
        return evaluate(node.left) << evaluate(node.right)
    if isinstance(node, c_ast.BinaryOp) and node.op == "|":
        return evaluate(node.left) | evaluate(node.right)
    raise SystemExit(f"build_ffi: {node.coord}: write this constant with integers, '-', '<<' and '|' only")


def enum_constants(text: str) -> dict[str, int]:
    """The enumerators of preprocessed declarations."""
    found: dict[str, int] = {}
    for body in re.findall(r"\benum\s*\{(.*?)\}", text, re.DOTALL):
        tree = pycparser.CParser().parse(f"enum {{{body}}};")
        value = -1
        for enumerator in tree.ext[0].type.values.enumerators:
            value = value + 1 if enumerator.value is None else evaluate(enumerator.value)
            found[enumerator.name] = value
    return found


# ==== The binding ====


def snake(name: str) -> str:
    """PluginReceiveText -> receive_text."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.removeprefix("Plugin")).lower()


def python_functions(plugin: Declarations, core: Declarations) -> dict[str, str]:
    """The functions that Python implements, by name: an entry's, a service's, a receiver's C declaration.

    Entries are called py_plugin_<slot>, services py_<slot>, receivers py_<type>.
    """
    generator = c_generator.CGenerator()

    def declare(name: str, pointer: c_ast.PtrDecl) -> str:
        function = pointer.type
        inner = function.type
        while isinstance(inner, c_ast.PtrDecl):
            inner = inner.type
        inner.declname = name
        return str(generator.visit(c_ast.Decl(name, [], [], [], [], function, None, None)))

    found = {}
    for slot in plugin.slots("PluginInterface"):
        found[f"py_plugin_{slot.name}"] = declare(f"py_plugin_{slot.name}", slot.type)
    for slot in core.slots("CoreServices"):
        found[f"py_{slot.name}"] = declare(f"py_{slot.name}", slot.type)
    for name, node in plugin.functions.items():
        if name.startswith(("PluginReceive", "PluginWrite")):
            found[f"py_{snake(name)}"] = declare(f"py_{snake(name)}", node.type)
    return found


def cdef() -> str:
    """All that cffi is told: constants, types and functions of both headers, and what Python implements."""
    plugin, core = Declarations(HEADER), Declarations(CORE_HEADER)
    numbers = {**macro_constants(HEADER), **macro_constants(CORE_HEADER)}
    parts = [f"#define {name} ..." for name in numbers]
    parts += [plugin.text, core.text, PYTHON_MODULE]
    parts += ['extern "Python" {', *(f"{text};" for text in python_functions(plugin, core).values()), "}"]
    return "\n".join(parts)


def sources() -> list[str]:
    """The C files of the extension, relative to the project as setuptools wants them."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "src" / "native").glob("*.c"))


def link_time_optimization() -> list[str]:
    """What lets the compiler inline across the files of the core, where it can: a call takes a sixth less.

    What it takes differs (clang needs a linker of its own), so it is tried.
    """
    option = "-flto=auto"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.c")
        source.write_text("int probe(void);\nint probe(void) { return 0; }\n")
        command = [*compiler, "-O2", "-fPIC", "-shared", option, str(source), "-o", str(source.with_suffix(".so"))]
        try:
            usable = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
        except OSError:
            usable = False
    return [option] if usable else []


def ffibuilder() -> cffi.FFI:
    """The builder that setup.py names (cffi_modules)."""
    builder = cffi.FFI()
    text = cdef()
    files = sources()
    builder.cdef(text)
    optimization = link_time_optimization()
    include = '#include "core.h"\n#include "python_module.h"\n'
    builder.set_source(
        "plugin_interfaces._native",
        include,
        sources=files,
        include_dirs=["include", "src/native"],
        depends=[str(path.relative_to(ROOT)) for path in headers()],
        define_macros=[("Py_LIMITED_API", PY_LIMITED_API), ("_GNU_SOURCE", None)],
        py_limited_api=True,
        extra_compile_args=[*COMPILE_ARGS, *optimization],
        # The linker compiles, then, and is to be told how.
        extra_link_args=["-pthread", *(["-O2", *optimization] if optimization else [])],
        libraries=["dl"] if sys.platform.startswith("linux") else [],
    )
    return builder


def headers() -> list[Path]:
    """The headers that the extension depends on."""
    return [HEADER, *sorted((ROOT / "src" / "native").glob("*.h"))]


def build_inplace() -> None:
    """Builds the extension beside the Python modules, unless it is newer than all that it is made of."""
    inputs = [ROOT / "build_ffi.py", ROOT / "setup.py", ROOT / "pyproject.toml", *headers()]
    inputs += [ROOT / name for name in sources()]
    if EXTENSION.exists() and EXTENSION.stat().st_mtime >= max(path.stat().st_mtime for path in inputs):
        return
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace", "--force"]
    if subprocess.run(command, cwd=ROOT).returncode:
        raise SystemExit("build_ffi: the extension could not be built; the compiler's output above says why")


# ==== What is generated ====


def abi_module() -> str:
    """The text of _abi.py: the enumerations and constants of both headers for Python."""
    plugin, core = Declarations(HEADER), Declarations(CORE_HEADER)
    constants = {**plugin.constants, **core.constants}
    statuses = re.findall(r'X\((\w+), (-?\d+), ("[^"]*")\)', macros(HEADER)["PLUGIN_STATUS_LIST(X)"])
    out = [
        '"""The enumerations and constants of the ABI, made from the headers by `build_ffi.py --abi`."""',
        "",
        "from enum import IntEnum, IntFlag",
        "from typing import Final",
        "",
    ]
    for name in ("ABI_MAGIC", "ABI_VERSION_NUMBER", "ABI_VERSION"):
        out.append(f"{name}: Final = 0x{constants['PLUGIN_' + name]:X}")
    out.append(f"UNTIL_NUL: Final = 0x{constants['PLUGIN_UNTIL_NUL']:X}")
    out.append(f"PLUGIN_NONE: Final = {constants['PLUGIN_NONE']}")
    out.append(f"WAIT_FOREVER: Final = 0x{constants['PLUGIN_WAIT_FOREVER']:X}")
    out.append(f"STATUS_PLUGIN_FIRST: Final = {constants['PLUGIN_STATUS_PLUGIN_FIRST']}")

    def add_class(name: str, base: str, text: str, members: dict[str, int]) -> None:
        out.extend(["", "", f"class {name}({base}):", f'    """{text}"""', ""])
        out.extend(f"    {member} = {value}" for member, value in members.items())

    text = "The one list of results: zero and above is success, below zero is failure."
    add_class("Status", "IntEnum", text, {name.removeprefix("PLUGIN_"): value for name, value, _ in statuses})
    for prefix, name, base, text in ENUMS:
        members = {
            key.removeprefix(prefix): value for key, value in constants.items() if key.startswith(prefix)
        }
        add_class(name, base, text, members)
    entries = [slot.name.upper() for slot in plugin.slots("PluginInterface") if slot.name != "destroy"]
    text = "Which entries a plugin has: the bits of core_instance_entries."
    add_class("Entry", "IntFlag", text, {name: 1 << bit for bit, name in enumerate(entries)})
    out.extend(["", "", "STATUS_TEXT: Final[dict[int, str]] = {"])
    out.extend(f"    Status.{name.removeprefix('PLUGIN_')}: {text}," for name, _, text in statuses)
    out.append("}")
    return "\n".join(out) + "\n"


def abi_program() -> str:
    """A program, in C and in C++ alike, that prints the ABI dump: what the compiler makes of the header."""
    plugin = Declarations(HEADER)
    generator = c_generator.CGenerator()
    out = [
        '#include "plugin_interface.h"',
        "#include <stddef.h>",
        "#include <stdio.h>",
    ]
    body = [r'printf("pointer size %lu\n", (unsigned long)sizeof(void *));']
    for name, struct in plugin.structs.items():
        out.append(f"struct align_{name} {{ char before; {name} value; }};")
        numbers = f"(unsigned long)sizeof({name}), (unsigned long)offsetof(struct align_{name}, value)"
        body.append(rf'printf("\n{name} size %lu alignment %lu\n", {numbers});')
        for member in struct.decls:
            text = " ".join(str(generator.visit(member)).split())
            offset = f"(unsigned long)offsetof({name}, {member.name})"
            numbers = f"{offset}, (unsigned long)sizeof((({name} *)0)->{member.name})"
            body.append(rf'printf("  %4lu %3lu  {text}\n", {numbers});')
    body.append(r'printf("\n");')
    for name in plugin.constants:
        if name == "PLUGIN_UNTIL_NUL":
            body.append(rf'printf("{name} 0x%llx\n", (unsigned long long){name});')
        else:
            body.append(rf'printf("{name} %lld\n", (long long){name});')
    return (
        "\n".join([*out, "int main(void) {", *(f"    {line}" for line in body), "    return 0;", "}"]) + "\n"
    )


def abi_dump() -> str:
    """The ABI dump, from the C compiler."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "abi.c"), Path(folder, "abi")
        source.write_text(abi_program(), encoding="utf-8")
        subprocess.run([*compiler(), "-I", str(HEADER.parent), str(source), "-o", str(program)], check=True)
        return subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout


GENERATED = ((ABI_MODULE, abi_module, "--abi"), (ABI_DUMP, abi_dump, "--dump"))


def write(path: Path, text: str) -> None:
    """Writes a generated file, unless it is so already."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def stale() -> list[str]:
    """One sentence for each generated file that does not follow from the headers, saying what to do."""
    found = []
    for path, make, option in GENERATED:
        if not path.exists() or path.read_text(encoding="utf-8") != make():
            name = path.relative_to(ROOT)
            found.append(
                f"{name} does not match the headers: run `python build_ffi.py {option}` and commit it"
            )
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inplace", action="store_true", help="build the extension in the source tree")
    parser.add_argument("--abi", action="store_true", help="write _abi.py")
    parser.add_argument("--dump", action="store_true", help="write the ABI dump")
    parser.add_argument("--check", action="store_true", help="fail where a generated file is out of date")
    options = parser.parse_args()
    if not any(vars(options).values()):
        parser.error("nothing to do: give at least one of --inplace, --abi, --dump, --check")
    if options.abi:
        write(ABI_MODULE, abi_module())
    if options.dump:
        write(ABI_DUMP, abi_dump())
    if options.inplace:
        build_inplace()
    if options.check and (found := stale()):
        raise SystemExit("\n".join(found))


if __name__ == "__main__":
    main()
