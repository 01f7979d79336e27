// SPDX-License-Identifier: Apache-2.0
//! Streams by their ids, as the crate has always had them; [`Stream`] is the form that ends by itself.

use crate::abi;
use crate::{PluginInstanceContext, Stream};
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

/// Streams by their ids, of the context. Any thread may make the calls, also after the entry has returned.
///
/// A stream that is started inside `handle_message`, on its thread, is the reply to that message: when the person cancels
/// the message, the stream is cancelled too, and sending says [`StreamError::StreamCancelled`].
pub trait PluginStreamMessage {
    /// Starts a stream and returns its id, which names it until it has ended.
    fn send_message_stream_start(&self) -> Result<String, StreamError>;

    /// Sends a chunk; `is_final` says that none follows, and `send_message_stream_end` is still to come. Waits while the
    /// person has paused the stream, and while its queue is full.
    fn send_message_stream(&self, stream_id: &str, chunk: &str, is_final: bool) -> Result<(), StreamError>;

    /// Ends a stream; `error_msg` says why it failed.
    fn send_message_stream_end(
        &self,
        stream_id: &str,
        success: bool,
        error_msg: Option<&str>,
    ) -> Result<(), StreamError>;

    /// Pauses a stream.
    fn send_message_stream_pause(&self, stream_id: &str) -> Result<(), StreamError>;

    /// Resumes a stream.
    fn send_message_stream_resume(&self, stream_id: &str) -> Result<(), StreamError>;

    /// Ends a stream as cancelled.
    fn send_message_stream_cancel(&self, stream_id: &str) -> Result<(), StreamError>;

    /// The state of a stream; `None` where there is none with that id, or it ended long ago.
    fn get_stream_status(&self, stream_id: &str) -> Option<StreamStatus>;

    /// The ids of the streams of this instance that have not ended, oldest first.
    fn list_active_streams(&self) -> Vec<String>;

    /// Sends chunks with nothing between them: all are taken or none.
    fn send_message_stream_batch(&self, stream_id: &str, chunks: &[&str]) -> Result<(), StreamError>;
}

impl PluginStreamMessage for PluginInstanceContext {
    fn send_message_stream_start(&self) -> Result<String, StreamError> {
        self.stream().map(Stream::into_id)
    }

    fn send_message_stream(&self, stream_id: &str, chunk: &str, is_final: bool) -> Result<(), StreamError> {
        let stream = self.stream_with_id(stream_id)?;
        if is_final {
            stream.send_final(chunk)
        } else {
            stream.send(chunk)
        }
    }

    fn send_message_stream_end(
        &self,
        stream_id: &str,
        success: bool,
        error_msg: Option<&str>,
    ) -> Result<(), StreamError> {
        let stream = self.stream_with_id(stream_id)?;
        if success {
            stream.end()
        } else {
            stream.fail(error_msg.unwrap_or_default())
        }
    }

    fn send_message_stream_pause(&self, stream_id: &str) -> Result<(), StreamError> {
        self.stream_with_id(stream_id)?.pause()
    }

    fn send_message_stream_resume(&self, stream_id: &str) -> Result<(), StreamError> {
        self.stream_with_id(stream_id)?.resume()
    }

    fn send_message_stream_cancel(&self, stream_id: &str) -> Result<(), StreamError> {
        self.stream_with_id(stream_id)?.cancel()
    }

    fn get_stream_status(&self, stream_id: &str) -> Option<StreamStatus> {
        self.stream_with_id(stream_id).ok()?.status()
    }

    fn list_active_streams(&self) -> Vec<String> {
        let streams = self.callbacks.as_ref().and_then(|callbacks| callbacks.stream_list().ok());
        streams.unwrap_or_default().into_iter().map(crate::stream::id_of).collect()
    }

    fn send_message_stream_batch(&self, stream_id: &str, chunks: &[&str]) -> Result<(), StreamError> {
        self.stream_with_id(stream_id)?.send_batch(chunks)
    }
}
