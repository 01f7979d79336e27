"""What others do for the same: bindings of a library in C, frameworks of plugins, and the Rust crate."""
