// SPDX-License-Identifier: Apache-2.0
//! Streams by their ids, as the crate has always had them; [`Stream`](crate::stream::Stream) is the form that ends by
//! itself.

use crate::abi;
use crate::{PluginHandler, PluginInstanceContext};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a step of a stream failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamError {
    /// The instance is not connected any more, or is gone.
    SendFailed,
    /// The id is none that a stream can have.
    InvalidStreamId,
    /// There is no such stream, or it ended long ago.
    StreamNotFound,
    /// It has ended.
    StreamAlreadyEnded,
    /// Not allowed in its state: paused by the plugin itself, or after the final chunk.
    InvalidState,
    /// The person has cancelled it: stop sending.
    StreamCancelled,
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StreamError::SendFailed => "the host does not take the stream any more",
            StreamError::InvalidStreamId => "this is no stream's id",
            StreamError::StreamNotFound => "there is no such stream",
            StreamError::StreamAlreadyEnded => "the stream has already ended",
            StreamError::InvalidState => "the stream is paused, or its final chunk was sent",
            StreamError::StreamCancelled => "the stream was cancelled",
        })
    }
}

impl std::error::Error for StreamError {}

/// The state of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamStatus {
    /// Takes chunks.
    Active,
    /// Paused, by the plugin or by the person.
    Paused,
    /// The final chunk was sent, and the end is still to come.
    Finalizing,
    /// Ended well.
    Completed,
    /// Ended as failed.
    Error,
    /// Cancelled.
    Cancelled,
}

impl StreamStatus {
    /// That of a `PLUGIN_STREAM_…` value; `None` for what is none.
    pub(crate) fn of(state: i32) -> Option<Self> {
        Some(match state {
            abi::PLUGIN_STREAM_ACTIVE => StreamStatus::Active,
            abi::PLUGIN_STREAM_PAUSED => StreamStatus::Paused,
            abi::PLUGIN_STREAM_FINALIZING => StreamStatus::Finalizing,
            abi::PLUGIN_STREAM_COMPLETED => StreamStatus::Completed,
            abi::PLUGIN_STREAM_FAILED => StreamStatus::Error,
            abi::PLUGIN_STREAM_CANCELLED => StreamStatus::Cancelled,
            _ => return None,
        })
    }
}

/// What is known of a stream.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct StreamInfo {
    pub id: String,
    pub plugin_id: String,
    pub message_type: String,
    pub status: StreamStatus,
    pub created_at: u64,
}

/// The payload of the front end's event `plugin-stream`, which the host makes; `timestamp` is Unix time in milliseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct StreamMessageWrapper {
    pub r#type: String,
    pub plugin_id: String,
    pub instance_id: String,
    pub data: StreamMessageData,
    pub timestamp: u64,
}

/// What the four kinds of that event carry. The forms have no tag, so they are told apart by their fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
#[allow(missing_docs)]
pub enum StreamMessageData {
    Start(StreamStartData),
    Data(StreamDataData),
    End(StreamEndData),
    Control(StreamControlData),
}

/// `stream_start`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct StreamStartData {
    pub stream_id: String,
    pub message_type: String,
}

/// `stream_data`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct StreamDataData {
    pub stream_id: String,
    pub chunk: String,
    pub is_final: bool,
}

/// `stream_end`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct StreamEndData {
    pub stream_id: String,
    pub success: bool,
    pub error: Option<String>,
}

/// `stream_pause`, `stream_resume` and `stream_cancel`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct StreamControlData {
    pub stream_id: String,
}

/// Streams, from the handler; the same as those of the context that is passed, which has them as methods of its own
/// ([`PluginInstanceContext::send_message_stream_start`] and so on).
pub trait PluginStreamMessage {
    /// Starts a stream and returns its id, which names it until it has ended.
    fn send_message_stream_start(&self, plugin_ctx: &PluginInstanceContext) -> Result<String, StreamError> {
        plugin_ctx.send_message_stream_start()
    }

    /// Sends a chunk; `is_final` says that none follows.
    fn send_message_stream(
        &self,
        stream_id: &str,
        chunk: &str,
        is_final: bool,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<(), StreamError> {
        plugin_ctx.send_message_stream(stream_id, chunk, is_final)
    }

    /// Ends a stream; `error_msg` says why it failed.
    fn send_message_stream_end(
        &self,
        stream_id: &str,
        success: bool,
        error_msg: Option<&str>,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<(), StreamError> {
        plugin_ctx.send_message_stream_end(stream_id, success, error_msg)
    }

    /// Pauses a stream.
    fn send_message_stream_pause(
        &self,
        stream_id: &str,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<(), StreamError> {
        plugin_ctx.send_message_stream_pause(stream_id)
    }

    /// Resumes a stream.
    fn send_message_stream_resume(
        &self,
        stream_id: &str,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<(), StreamError> {
        plugin_ctx.send_message_stream_resume(stream_id)
    }

    /// Ends a stream as cancelled.
    fn send_message_stream_cancel(
        &self,
        stream_id: &str,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<(), StreamError> {
        plugin_ctx.send_message_stream_cancel(stream_id)
    }

    /// The state of a stream of any instance of this library.
    fn get_stream_status(&self, stream_id: &str) -> Option<StreamStatus> {
        crate::stream::status_of(stream_id)
    }

    /// The ids of the streams that have not ended, oldest first.
    fn list_active_streams(&self, plugin_ctx: &PluginInstanceContext) -> Vec<String> {
        plugin_ctx.list_active_streams()
    }

    /// Sends chunks with nothing between them: all are taken or none.
    fn send_message_stream_batch(
        &self,
        stream_id: &str,
        chunks: &[&str],
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<(), StreamError> {
        plugin_ctx.send_message_stream_batch(stream_id, chunks)
    }
}

impl<T: PluginHandler + ?Sized> PluginStreamMessage for T {}
impl PluginStreamMessage for PluginInstanceContext {}
