"""Writes bindings/rust/src/abi.rs: the ABI for Rust, from include/plugin_interface.h.

What the header declares is read with build_ffi.py, as for cffi; the sizes and offsets that abi.rs asserts are those of
the ABI dump. Nobody who builds the crate needs this, libclang or a C compiler.

    python bindings/rust/generate.py            write it
    python bindings/rust/generate.py --check    exit 1 where it does not follow from the header
"""

import re
import sys
from pathlib import Path

from pycparser import c_ast

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import build_ffi

TARGET = Path(__file__).resolve().parent / "src" / "abi.rs"

NUMBERS = {f"{sign}int{bits}_t": f"{'u' if sign else 'i'}{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
NUMBERS |= {"double": "f64"}

# What a plugin must fill in is no Option, so that `((*interface).destroy)((*interface).plugin_ptr)` is Rust.
REQUIRED = {("PluginInterface", "destroy")}

# These free what they own, so they are not copied by accident.
NOT_COPY = {"PluginInterface"}

# Which constants are of another type than u32.
CONSTANT_TYPES = (
    ("PLUGIN_UNTIL_NUL", "u64"),
    ("PLUGIN_NONE", "u64"),
    ("PLUGIN_FEATURE_", "u64"),
    ("PLUGIN_STREAM_", "i32"),
)

HEAD = """\
// SPDX-License-Identifier: Apache-2.0
//! The ABI as `plugin_interface.h` declares it, which says of each item what it means, who owns what and on which
//! thread it runs. Made from that header by `bindings/rust/generate.py`: not edited by hand.
#![allow(missing_docs, clippy::type_complexity)]

use std::ffi::{c_char, c_void};

"""


def rust_type(node: c_ast.Node) -> str:
    """The type of a member or argument."""
    if isinstance(node, c_ast.PtrDecl):
        inner = node.type
        if isinstance(inner, c_ast.FuncDecl):
            return f"Option<{function_type(inner)}>"
        pointer = "*const" if "const" in inner.quals else "*mut"
        return f"{pointer} {rust_type(inner)}"
    if isinstance(node, c_ast.TypeDecl):
        return rust_type(node.type)
    if isinstance(node, c_ast.Struct):
        return str(node.name)
    name = " ".join(node.names)
    return {"void": "c_void", "char": "c_char"}.get(name) or NUMBERS.get(name, name)


def function_type(node: c_ast.FuncDecl, *, named: bool = True) -> str:
    """The type of a function that C calls or offers; its arguments keep their names."""
    arguments = []
    for argument in node.args.params if node.args else []:
        kind = rust_type(argument.type)
        if kind != "c_void":
            arguments.append(f"{argument.name}: {kind}" if named else kind)
    result = rust_type(node.type)
    answer = "" if result == "c_void" else f" -> {result}"
    return f"unsafe extern \"C\" fn({', '.join(arguments)}){answer}"


def member_type(struct: str, member: c_ast.Decl) -> str:
    """The type of a struct's member."""
    kind = rust_type(member.type)
    if (struct, member.name) in REQUIRED:
        return kind.removeprefix("Option<").removesuffix(">")
    if isinstance(member.type, c_ast.TypeDecl) and kind.startswith(("PluginReceive", "PluginWrite")):
        return f"Option<{kind}>"
    return kind


def constant_type(name: str, statuses: set[str]) -> str:
    """The type that the header's functions take or return a constant as."""
    if name in statuses or name.startswith("PLUGIN_STATUS_"):
        return "i32"
    return next((kind for prefix, kind in CONSTANT_TYPES if name.startswith(prefix)), "u32")


def layouts() -> list[str]:
    """Assertions on size, alignment and offsets, from the dump."""
    out = ['#[cfg(target_pointer_width = "64")]', "const _: () = {"]
    out += ["    use std::mem::{align_of, offset_of, size_of};"]
    struct = ""
    for line in build_ffi.ABI_DUMP.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"(\w+) size (\d+) alignment (\d+)$", line):
            struct = found[1]
            out.append(f"    assert!(size_of::<{struct}>() == {found[2]} && align_of::<{struct}>() == {found[3]});")
        elif found := re.match(r"\s+(\d+)\s+\d+\s+(.*)$", line):
            declaration = found[2]
            pointer = re.search(r"\(\*(\w+)\)", declaration)
            name = pointer[1] if pointer else re.findall(r"\w+", declaration)[-1]
            out.append(f"    assert!(offset_of!({struct}, {name}) == {found[1]});")
    return [*out, "};"]


def abi_module() -> str:
    """The text of abi.rs."""
    plugin = build_ffi.Declarations(build_ffi.HEADER)
    tree = build_ffi.parse(plugin.text, build_ffi.HEADER)
    statuses = re.findall(
        r'X\((\w+), (-?\d+), ("[^"]*")\)', build_ffi.macros(build_ffi.HEADER)["PLUGIN_STATUS_LIST(X)"]
    )
    names = {name for name, _, _ in statuses}
    out: list[str] = []
    for name, value in plugin.constants.items():
        text = f"0x{value:X}" if name.startswith("PLUGIN_ABI_") or value >= 2**31 else str(value)
        out.append(f"pub const {name}: {constant_type(name, names)} = {text};")
    out += ["", "/// Each status with its name and what it means."]
    out += ["pub const PLUGIN_STATUS_LIST: &[(i32, &str, &str)] = &["]
    out += [f'    ({name}, "{name}", {text}),' for name, _, text in statuses]
    out += ["];", ""]
    for node in tree.ext[len(build_ffi.parse("", build_ffi.HEADER).ext) :]:
        if not isinstance(node, c_ast.Typedef):
            continue
        if node.name in plugin.structs:
            out += struct(node.name, plugin.structs[node.name])
        elif node.name in plugin.functions:
            pointer = plugin.functions[node.name].type
            assert isinstance(pointer, c_ast.PtrDecl)
            out += [f"pub type {node.name} = {function_type(pointer.type)};", ""]
        else:
            out += [f"pub type {node.name} = {rust_type(node.type)};", ""]
    return HEAD + "\n".join([*out, *layouts()]) + "\n"


def struct(name: str, node: c_ast.Struct) -> list[str]:
    """A struct's declaration."""
    out = [] if name in NOT_COPY else ["#[derive(Clone, Copy)]"]
    out += ["#[repr(C)]", f"pub struct {name} {{"]
    out += [f"    pub {member.name}: {member_type(name, member)}," for member in node.decls]
    return [*out, "}", ""]


def main() -> None:
    """The command line."""
    text = abi_module()
    if "--check" not in sys.argv[1:]:
        build_ffi.write(TARGET, text)
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        raise SystemExit("bindings/rust/src/abi.rs does not match the header: run `python bindings/rust/generate.py`")


if __name__ == "__main__":
    main()
