// SPDX-License-Identifier: Apache-2.0
//! Plugins in Rust behind the C ABI of `plugin_interface.h`.
//!
//! A plugin is a type that implements [`PluginHandler`], compiled to a `cdylib` and put beside a `config.toml`. Every
//! method but [`update_ui`](PluginHandler::update_ui) has a default:
//!
//! ```
//! use plugin_interfaces::{export_plugin, pluginui::{Context, Ui}, PluginHandler, PluginInstanceContext};
//!
//! struct Shout {
//!     ending: String,
//! }
//!
//! impl PluginHandler for Shout {
//!     fn update_ui(&mut self, _: &Context, ui: &mut Ui, _: &PluginInstanceContext) {
//!         ui.text_edit("Ending", &mut self.ending);
//!     }
//!
//!     fn handle_message(
//!         &mut self,
//!         message: &str,
//!         _: &PluginInstanceContext,
//!     ) -> Result<String, Box<dyn std::error::Error>> {
//!         Ok(message.to_uppercase() + &self.ending)
//!     }
//! }
//!
//! export_plugin!(Shout { ending: "!".to_string() });
//! ```
//!
//! # Threads
//!
//! The host calls the methods of one handler one after the other, each time perhaps on another thread, and those of
//! different handlers at the same time. A [`PluginInstanceContext`] may be cloned, sent to threads and tasks, and kept for
//! ever: once the instance is gone, each of its calls says so (`false`, `None` or an error with [`Status::CLOSED`](error::Status::CLOSED)).
//! Everything in it may be called from any thread, also from several at once. The calls that send a stream's chunk wait
//! while the stream is paused or its queue is full, so a plugin that must not block its runtime makes them in
//! `spawn_blocking`, or asks for no wait with
//! [`Stream::try_send`](stream::Stream::try_send).
//!
//! # Errors and panics
//!
//! An `Err` of a method becomes a status and a text that the person reads; an [`Error`](error::Error) says which status,
//! every other error is [`Status::ERROR`](error::Status::ERROR), and the texts of its sources are added where they say something new. A panic in a method
//! becomes an error too, with its message and place, and the handler is used further; a panic in a thread of the plugin's
//! is written to the host's log. The panic hook of the library is set for that. With `panic = "abort"` in the profile
//! nothing can be caught: the message goes to standard error, then the process ends, and the host with it. So leave the
//! profile's `panic` as it is, at `unwind`.
//!
//! # Names
//!
//! Names, signatures and fields are those of the crate `plugin-interfaces` 0.1 that came before the C ABI, so that its
//! plugins compile without a change, apart from what `docs/migration.md` lists as changed on purpose; they are all at the
//! root. What is new is in its module alone, [`error`], [`request`], [`stream`] and [`message::MessageKind`], so that
//! `use plugin_interfaces::*` brings no name that it did not bring before.

#![warn(clippy::undocumented_unsafe_blocks)]

#[rustfmt::skip] // made from the header, and checked against it
pub mod abi;
pub mod api;
pub mod callbacks;
pub mod config;
mod context;
mod entries;
pub mod error;
pub mod handler;
pub mod logging;
pub mod message;
pub mod metadata;
mod panics;
pub mod pluginui;
pub mod request;
mod running;
pub mod stream;
pub mod symbols;
mod text;

pub use api::*;
pub use callbacks::*;
pub use config::*;
pub use context::PluginInstanceContext;
pub use handler::*;
pub use logging::*;
pub use message::{
    send_message_to_frontend, PluginMessage, PluginStreamMessage, StreamControlData, StreamDataData, StreamEndData,
    StreamError, StreamInfo, StreamMessageData, StreamMessageWrapper, StreamStartData, StreamStatus,
};
pub use metadata::*;
pub use pluginui::{Context, CreationContext, PluginUiOption, Ui};
pub use symbols::*;

/// The README's plugin, compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
