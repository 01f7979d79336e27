// SPDX-License-Identifier: Apache-2.0
//! What each method of a handler is given.

use crate::callbacks::HostCallbacks;
use crate::error::{Error, Status};
use crate::message::{MessageKind, StreamError, StreamStatus};
use crate::metadata::{HistoryMessage, PluginMetadata};
use crate::request::CancelToken;
use crate::stream::{id_of, Stream};
use crate::{running, LogLevel};
use std::sync::Arc;
use std::time::Duration;

/// One instance of a plugin, with its way to the host.
///
/// May be cloned, sent to threads and tasks, and kept after the instance is gone: then its calls answer `false`, `None`
/// or an error with [`Status::CLOSED`]. Clones share the history.
#[derive(Clone, Debug)]
pub struct PluginInstanceContext {
    /// Unique among all instances of the host, stable over restarts.
    pub instance_id: String,
    /// What is known of the plugin.
    pub metadata: PluginMetadata,
    /// The way to the host; `None` in a context that no host made.
    pub callbacks: Option<HostCallbacks>,
    /// The conversation before the message that is handled now, where the manifest says `require_history`.
    pub history: Option<Arc<Vec<HistoryMessage>>>,
}

impl PluginInstanceContext {
    /// A context without a way to the host.
    pub fn new(instance_id: String, metadata: PluginMetadata) -> Self {
        PluginInstanceContext { instance_id, metadata, callbacks: None, history: None }
    }

    /// Sets the way to the host.
    pub fn set_callbacks(&mut self, callbacks: HostCallbacks) {
        self.callbacks = Some(callbacks);
    }

    /// The instance's id.
    pub fn get_instance_id(&self) -> &str {
        &self.instance_id
    }

    /// What is known of the plugin.
    pub fn get_metadata(&self) -> &PluginMetadata {
        &self.metadata
    }

    /// The way to the host.
    pub fn get_callbacks(&self) -> Option<&HostCallbacks> {
        self.callbacks.as_ref()
    }

    /// Sets the conversation. The library does so before each message where the manifest says `require_history`.
    pub fn set_history(&mut self, history: Vec<HistoryMessage>) {
        self.history = Some(Arc::new(history));
    }

    /// The conversation before this message, oldest first.
    pub fn get_history(&self) -> Option<&Vec<HistoryMessage>> {
        self.history.as_deref()
    }

    /// Forgets the conversation in this clone.
    pub fn clear_history(&mut self) {
        self.history = None;
    }

    fn host(&self) -> Result<&HostCallbacks, Error> {
        let callbacks = self.callbacks.as_ref();
        let callbacks = callbacks.ok_or_else(|| Error::new(Status::CLOSED, "this context has no way to a host"))?;
        running::works_for(callbacks);
        Ok(callbacks)
    }

    // ---- to the front end ----

    /// Sends an event with a JSON text to the front end; waits for room.
    ///
    /// Events whose names begin with `plugin-` are the host's: `plugin-message`, `plugin-ui-refreshed` and
    /// `plugin-disconnect-request` become the calls that make the host send them, others are refused.
    pub fn send_to_frontend(&self, event: &str, payload: &str) -> bool {
        match event {
            "plugin-message" => message_of(payload).is_some_and(|content| self.send_message_to_frontend(&content)),
            "plugin-ui-refreshed" => self.refresh_ui(),
            "plugin-disconnect-request" => self.call_disconnect(),
            _ => self.try_send_to_frontend(event, payload).is_ok(),
        }
    }

    /// As [`send_to_frontend`](Self::send_to_frontend) for events of the plugin's own, with the reason of a failure.
    pub fn try_send_to_frontend(&self, event: &str, payload: &str) -> Result<(), Error> {
        self.host()?.send_to_frontend(event, payload, None)
    }

    /// Adds a message to the conversation, outside of any reply; waits for room.
    pub fn send_message_to_frontend(&self, content: &str) -> bool {
        self.send_message(MessageKind::Normal, content).is_ok()
    }

    /// Adds a message of a kind.
    pub fn send_message(&self, kind: MessageKind, content: &str) -> Result<(), Error> {
        self.host()?.send_message(kind, content, None)
    }

    /// Asks for a new frame of the settings UI.
    pub fn refresh_ui(&self) -> bool {
        self.host().is_ok_and(|host| host.refresh_ui().is_ok())
    }

    /// Asks the host to disconnect this instance; `on_disconnect` follows in a turn of its own.
    pub fn call_disconnect(&self) -> bool {
        self.host().is_ok_and(|host| host.request_disconnect().is_ok())
    }

    /// Writes a line to the host's log.
    #[track_caller]
    pub fn log(&self, level: LogLevel, text: &str) {
        let place = std::panic::Location::caller();
        if let Ok(host) = self.host() {
            host.log(level, place.file(), place.line(), text);
        }
    }

    // ---- settings and permissions ----

    /// A setting of this instance (`user.toml` over the defaults of `config.toml`), else of the application. A text comes
    /// as it is, anything else as JSON.
    pub fn get_app_config(&self, key: &str) -> Option<String> {
        self.host().ok()?.get_app_config(key).ok().flatten()
    }

    /// Stores a setting in `user.toml`. Errors: [`Status::INVALID_ARGUMENT`] where the manifest does not allow the value.
    pub fn set_app_config(&self, key: &str, value: &str) -> Result<(), Error> {
        self.host()?.set_app_config(key, value)
    }

    /// Whether `config.toml` asks for a permission and the person gave it.
    pub fn has_permission(&self, name: &str) -> bool {
        self.callbacks.as_ref().is_some_and(|host| host.permissions().iter().any(|permission| permission == name))
    }

    /// Fails where a permission is missing, with a text that says which.
    pub fn require_permission(&self, name: &str) -> Result<(), Error> {
        if self.has_permission(name) {
            return Ok(());
        }
        Err(Error::new(Status::NOT_PERMITTED, format!("the plugin has no permission {name:?}: allow it first")))
    }

    // ---- other plugins, history ----

    /// Sends a message to another plugin, by its id or that of an instance, and waits for the reply.
    pub fn call_other_plugin(&self, plugin_id: &str, message: &str) -> Option<String> {
        self.try_call_other_plugin(plugin_id, message, None).ok()
    }

    /// As [`call_other_plugin`](Self::call_other_plugin), with a time limit and with the reason of a failure.
    pub fn try_call_other_plugin(
        &self,
        plugin_id: &str,
        message: &str,
        timeout: Option<Duration>,
    ) -> Result<String, Error> {
        self.host()?.call_other_plugin(plugin_id, message, timeout)
    }

    /// Reads the newest `limit` messages of the conversation from the host, oldest first; 0 means all.
    pub fn read_history(&self, limit: u32) -> Result<Vec<HistoryMessage>, Error> {
        self.host()?.get_history(limit)
    }

    // ---- the message at hand ----

    /// Starts a stream. Inside `handle_message`, on its thread, it is the reply to the message; the text that is returned
    /// is then best empty.
    pub fn stream(&self) -> Result<Stream, StreamError> {
        Stream::start(self.callbacks.as_ref().ok_or(StreamError::SendFailed)?)
    }

    /// Tells whether the message that is handled on this thread is still wanted; `None` outside of `handle_message`.
    pub fn cancel_token(&self) -> Option<CancelToken> {
        CancelToken::of_running(self.callbacks.as_ref()?)
    }
}

/// Streams by their ids. Any thread may make the calls, also after the entry has returned.
///
/// A stream that is started inside `handle_message`, on its thread, is the reply to that message: when the person cancels
/// the message, the stream is cancelled too, and sending says [`StreamError::StreamCancelled`].
impl PluginInstanceContext {
    fn stream_with_id(&self, id: &str) -> Result<Stream, StreamError> {
        Stream::with_id(self.callbacks.as_ref().ok_or(StreamError::SendFailed)?, id)
    }

    /// Starts a stream and returns its id, which names it until it has ended.
    pub fn send_message_stream_start(&self) -> Result<String, StreamError> {
        self.stream().map(Stream::into_id)
    }

    /// Sends a chunk; `is_final` says that none follows, and `send_message_stream_end` is still to come. Waits while the
    /// person has paused the stream, and while its queue is full.
    pub fn send_message_stream(&self, stream_id: &str, chunk: &str, is_final: bool) -> Result<(), StreamError> {
        let stream = self.stream_with_id(stream_id)?;
        if is_final {
            stream.send_final(chunk)
        } else {
            stream.send(chunk)
        }
    }

    /// Ends a stream; `error_msg` says why it failed.
    pub fn send_message_stream_end(
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

    /// Pauses a stream.
    pub fn send_message_stream_pause(&self, stream_id: &str) -> Result<(), StreamError> {
        self.stream_with_id(stream_id)?.pause()
    }

    /// Resumes a stream.
    pub fn send_message_stream_resume(&self, stream_id: &str) -> Result<(), StreamError> {
        self.stream_with_id(stream_id)?.resume()
    }

    /// Ends a stream as cancelled.
    pub fn send_message_stream_cancel(&self, stream_id: &str) -> Result<(), StreamError> {
        self.stream_with_id(stream_id)?.cancel()
    }

    /// The state of a stream; `None` where there is none with that id, or it ended long ago.
    pub fn get_stream_status(&self, stream_id: &str) -> Option<StreamStatus> {
        self.stream_with_id(stream_id).ok()?.status()
    }

    /// The ids of the streams of this instance that have not ended, oldest first.
    pub fn list_active_streams(&self) -> Vec<String> {
        let streams = self.callbacks.as_ref().and_then(|callbacks| callbacks.stream_list().ok());
        streams.unwrap_or_default().into_iter().map(id_of).collect()
    }

    /// Sends chunks with nothing between them: all are taken or none.
    pub fn send_message_stream_batch(&self, stream_id: &str, chunks: &[&str]) -> Result<(), StreamError> {
        self.stream_with_id(stream_id)?.send_batch(chunks)
    }
}

/// The content of a `plugin-message` payload.
fn message_of(payload: &str) -> Option<String> {
    let payload: serde_json::Value = serde_json::from_str(payload).ok()?;
    Some(payload.get("content")?.as_str()?.to_string())
}
