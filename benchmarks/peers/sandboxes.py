"""A function from text to text in WebAssembly, which can do no harm: in wasmtime, and in extism, made for plugins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from . import need

# Copies a text from one place of its memory to another.
_COPY: Final = """
(module
  (memory (export "memory") 4)
  (func (export "answer") (param $from i32) (param $length i32) (result i32)
    (memory.copy (i32.const 131072) (local.get $from) (local.get $length))
    (i32.const 131072)))
"""

# The same with extism's functions: eight bytes at a time, so the text's length is a multiple of that.
_EXTISM: Final = """
(module
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "input_load_u64" (func $load (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "output_set" (func $set (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "answer") (result i32)
    (local $count i64) (local $to i64) (local $at i64)
    (local.set $count (call $length))
    (local.set $to (call $alloc (local.get $count)))
    (block $end (loop $next
      (br_if $end (i64.ge_u (local.get $at) (local.get $count)))
      (call $store (i64.add (local.get $to) (local.get $at)) (call $load (local.get $at)))
      (local.set $at (i64.add (local.get $at) (i64.const 8)))
      (br $next)))
    (call $set (local.get $to) (local.get $count))
    (i32.const 0)))
"""


def with_wasmtime() -> Callable[[str], str]:
    """wasmtime: the text is written into the sandbox's memory, and the reply read from it."""
    wasmtime = need("wasmtime")
    store = wasmtime.Store()
    module = wasmtime.Module(store.engine, _COPY)
    exports = wasmtime.Instance(store, module, []).exports(store)
    memory, answer = exports["memory"], exports["answer"]

    def reply(text: str) -> str:
        data = text.encode()
        memory.write(store, data, 0)
        at = answer(store, 0, len(data))
        return bytes(memory.read(store, at, at + len(data))).decode()

    return reply


def with_extism() -> Callable[[str], str]:
    """extism, which has a call for this."""
    extism, wasmtime = need("extism"), need("wasmtime")
    plugin = extism.Plugin(bytes(wasmtime.wat2wasm(_EXTISM)))

    def reply(text: str) -> str:
        result = plugin.call("answer", text)
        return bytes(result).decode()

    return reply
