// SPDX-License-Identifier: Apache-2.0
//! Streams: texts that go to the front end in chunks.

use crate::abi::{self, PluginHost, PluginRequest, PluginStream};
use crate::callbacks::{ask_instances, HostCallbacks};
use crate::error::{Error, Status};
use crate::message::{MessageKind, StreamError, StreamStatus};
use crate::running;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The streams that the plugin itself has paused, each with its instance. Whoever sends into one would wait for himself
/// for ever, so he is told instead; one that the person has paused is waited for.
static PAUSED_HERE: Mutex<Vec<(PluginHost, PluginStream)>> = Mutex::new(Vec::new());

fn paused_here() -> MutexGuard<'static, Vec<(PluginHost, PluginStream)>> {
    PAUSED_HERE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An instance has ended.
pub(crate) fn forget(callbacks: &HostCallbacks) {
    paused_here().retain(|(host, _)| *host != callbacks.host());
}

impl From<Error> for StreamError {
    fn from(error: Error) -> Self {
        match error.status() {
            Status::CANCELLED => StreamError::StreamCancelled,
            Status::ENDED => StreamError::StreamAlreadyEnded,
            Status::INVALID_HANDLE => StreamError::StreamNotFound,
            Status::INVALID_STATE | Status::PAUSED => StreamError::InvalidState,
            _ => StreamError::SendFailed,
        }
    }
}

/// One stream that has not ended. May be sent to other threads; several may send, in an order of their own.
///
/// Dropped without an end it ends as failed: the person sees that the text is not whole.
pub struct Stream {
    callbacks: HostCallbacks,
    handle: PluginStream,
    open: bool,
}

impl Stream {
    /// Starts one. What is sent belongs to the reply of the request that the entry on this thread is to answer.
    pub(crate) fn start(callbacks: &HostCallbacks) -> Result<Self, StreamError> {
        Self::start_for(callbacks, running::request())
    }

    /// Starts one that belongs to the reply of a request.
    pub(crate) fn start_for(callbacks: &HostCallbacks, request: PluginRequest) -> Result<Self, StreamError> {
        running::works_for(callbacks);
        let handle = callbacks.stream_start(request, MessageKind::Normal)?;
        Ok(Stream { callbacks: callbacks.clone(), handle, open: true })
    }

    /// The stream with an id; it is not ended when this is dropped.
    pub(crate) fn with_id(callbacks: &HostCallbacks, id: &str) -> Result<Self, StreamError> {
        let handle = handle_of(id).ok_or(StreamError::InvalidStreamId)?;
        running::works_for(callbacks);
        Ok(Stream { callbacks: callbacks.clone(), handle, open: false })
    }

    /// Gives it up without ending it; the id names it from now on.
    pub(crate) fn into_id(mut self) -> String {
        self.open = false;
        self.id()
    }

    /// The id by which `send_message_stream` and the other calls of the context name it.
    pub fn id(&self) -> String {
        id_of(self.handle)
    }

    /// Sends a chunk; waits while the person has paused the stream, and while its queue is full.
    ///
    /// Errors: [`StreamError::StreamCancelled`] (stop sending), [`StreamError::StreamAlreadyEnded`],
    /// [`StreamError::InvalidState`] (the plugin itself has paused it, or the final chunk was sent),
    /// [`StreamError::SendFailed`] (the instance is gone).
    pub fn send(&self, chunk: &str) -> Result<(), StreamError> {
        self.send_flagged(chunk, 0, self.patience())
    }

    /// As [`send`](Self::send), but returns `Ok(false)` where it would wait.
    pub fn try_send(&self, chunk: &str) -> Result<bool, StreamError> {
        match self.callbacks.stream_data(self.handle, chunk, 0, Some(Duration::ZERO)) {
            Ok(()) => Ok(true),
            Err(error) if [Status::PAUSED, Status::FULL].contains(&error.status()) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends the last chunk; what is left to do is [`end`](Self::end).
    pub fn send_final(&self, chunk: &str) -> Result<(), StreamError> {
        self.send_flagged(chunk, abi::PLUGIN_CHUNK_FINAL, self.patience())
    }

    /// Sends chunks with nothing between them: all are taken or none.
    pub fn send_batch(&self, chunks: &[&str]) -> Result<(), StreamError> {
        if chunks.is_empty() {
            return Ok(());
        }
        Ok(self.callbacks.stream_batch(self.handle, chunks, self.patience())?)
    }

    fn send_flagged(&self, chunk: &str, flags: u32, wait: Option<Duration>) -> Result<(), StreamError> {
        Ok(self.callbacks.stream_data(self.handle, chunk, flags, wait)?)
    }

    /// How long a send waits: not at all where it is paused by the plugin itself, and not resumed by the person since.
    fn patience(&self) -> Option<Duration> {
        if !paused_here().contains(&self.key()) {
            return None;
        }
        if self.callbacks.stream_status(self.handle) == abi::PLUGIN_STREAM_PAUSED {
            return Some(Duration::ZERO);
        }
        self.forget_pause();
        None
    }

    fn key(&self) -> (PluginHost, PluginStream) {
        (self.callbacks.host(), self.handle)
    }

    fn forget_pause(&self) {
        paused_here().retain(|key| *key != self.key());
    }

    /// Pauses it, until [`resume`](Self::resume).
    pub fn pause(&self) -> Result<(), StreamError> {
        self.callbacks.stream_pause(self.handle)?;
        // Those that have ended meanwhile are not kept. The host is asked without the lock.
        let known = paused_here().clone();
        // One that another thread has resumed is its own to forget: it may be about to pause it again.
        let ended = |key: &(PluginHost, PluginStream)| {
            let open = abi::PLUGIN_STREAM_ACTIVE..abi::PLUGIN_STREAM_COMPLETED;
            key.0 == self.callbacks.host() && !open.contains(&self.callbacks.stream_status(key.1))
        };
        let gone: Vec<_> = known.into_iter().filter(ended).collect();
        let mut paused = paused_here();
        paused.retain(|key| !gone.contains(key) && *key != self.key());
        paused.push(self.key());
        Ok(())
    }

    /// Resumes it.
    pub fn resume(&self) -> Result<(), StreamError> {
        self.forget_pause();
        Ok(self.callbacks.stream_resume(self.handle)?)
    }

    /// Its state; `None` where it ended long ago.
    pub fn status(&self) -> Option<StreamStatus> {
        StreamStatus::of(self.callbacks.stream_status(self.handle))
    }

    /// Ends it well.
    pub fn end(mut self) -> Result<(), StreamError> {
        self.close(None)
    }

    /// Ends it as failed, for a reason that the person reads.
    pub fn fail(mut self, reason: &str) -> Result<(), StreamError> {
        self.close(Some(reason))
    }

    /// Ends it as cancelled.
    pub fn cancel(mut self) -> Result<(), StreamError> {
        self.open = false;
        self.forget_pause();
        Ok(self.callbacks.stream_cancel(self.handle)?)
    }

    fn close(&mut self, failure: Option<&str>) -> Result<(), StreamError> {
        self.open = false;
        self.forget_pause();
        Ok(self.callbacks.stream_end(self.handle, failure)?)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.open {
            let panicking = std::thread::panicking();
            let reason = if panicking { "the plugin panicked" } else { "the plugin dropped the stream before its end" };
            let _ = self.close(Some(reason));
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stream").field(&self.id()).finish()
    }
}

/// `write!(stream, …)` sends each piece as a chunk.
impl fmt::Write for Stream {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.send(text).map_err(|_| fmt::Error)
    }
}

pub(crate) fn id_of(handle: PluginStream) -> String {
    format!("stream_{handle:016x}")
}

fn handle_of(id: &str) -> Option<PluginStream> {
    let handle = u64::from_str_radix(id.strip_prefix("stream_")?, 16).ok()?;
    (handle != abi::PLUGIN_NONE).then_some(handle)
}

/// The state of a stream of whichever instance of this library it is.
pub(crate) fn status_of(id: &str) -> Option<StreamStatus> {
    let handle = handle_of(id)?;
    ask_instances(|callbacks| StreamStatus::of(callbacks.stream_status(handle)))
}
