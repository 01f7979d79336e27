// SPDX-License-Identifier: Apache-2.0
//! Messages and streams.

mod plugin_message;
mod stream_message;

pub use plugin_message::{send_message_to_frontend, MessageKind, PluginMessage};
pub use stream_message::{
    PluginStreamMessage, StreamControlData, StreamDataData, StreamEndData, StreamError, StreamInfo, StreamMessageData,
    StreamMessageWrapper, StreamStartData, StreamStatus,
};
