// SPDX-License-Identifier: Apache-2.0
//! Requests: messages that wait for their reply.

use crate::abi::{PluginRequest, PLUGIN_NONE};
use crate::callbacks::HostCallbacks;
use crate::error::{Error, Status};
use crate::message::StreamError;
use crate::running;
use crate::stream::Stream;
use std::time::Duration;

pub(crate) const DROPPED: &str = "the plugin dropped the request without an answer";

/// One message that waits for its reply. It ends exactly once: replied to, failed, cancelled by the person, or past its
/// deadline; whoever holds it may answer from any thread, also after `handle_request` has returned.
///
/// Dropped without an answer it fails, with a text that says so.
#[derive(Debug)]
pub struct Request {
    callbacks: HostCallbacks,
    id: PluginRequest,
}

impl Request {
    pub(crate) fn new(callbacks: HostCallbacks, id: PluginRequest) -> Self {
        Request { callbacks, id }
    }

    /// The number that `on_cancel` names it by.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Answers. An empty text is an answer too: the one to give after a stream has brought the text.
    ///
    /// Errors: [`Status::CANCELLED`], [`Status::ENDED`] (past its deadline), [`Status::CLOSED`]; and [`Status::TOO_LARGE`],
    /// with which the request fails, since nobody could answer it any more.
    pub fn reply(mut self, text: &str) -> Result<(), Error> {
        let id = std::mem::replace(&mut self.id, PLUGIN_NONE);
        running::works_for(&self.callbacks);
        let result = self.callbacks.request_reply(id, text);
        if let Err(error) = &result {
            // A text that the host does not take leaves the request waiting; one that is over has nothing to be told.
            if [Status::TOO_LARGE, Status::INVALID_TEXT, Status::OUT_OF_MEMORY].contains(&error.status()) {
                let _ = self.callbacks.request_fail(id, error.status(), error.text());
            }
        }
        result
    }

    /// Ends it as failed, for a reason that the person reads. Errors: as of [`reply`](Self::reply).
    pub fn fail(mut self, error: impl Into<Error>) -> Result<(), Error> {
        let id = std::mem::replace(&mut self.id, PLUGIN_NONE);
        let error = error.into();
        running::works_for(&self.callbacks);
        self.callbacks.request_fail(id, error.status(), &error.to_string())
    }

    /// Starts a stream that is the reply, on whichever thread and however late: when the person cancels the request, the
    /// stream is cancelled too. After it has ended, answer with an empty text.
    pub fn stream(&self) -> Result<Stream, StreamError> {
        Stream::start_for(&self.callbacks, self.id)
    }

    /// Whether an answer is still wanted: poll it in every loop.
    pub fn cancel_token(&self) -> CancelToken {
        CancelToken { callbacks: self.callbacks.clone(), id: self.id }
    }

    /// As [`CancelToken::is_cancelled`].
    pub fn is_cancelled(&self) -> bool {
        self.callbacks.request_status(self.id) != Status::OK
    }

    /// As [`CancelToken::remaining`].
    pub fn remaining(&self) -> Option<Duration> {
        self.callbacks.request_remaining(self.id)
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        // In the entry that is to answer it, the entry's own error says more than that it was dropped.
        if self.id == PLUGIN_NONE || running::note_dropped(self.id) {
            return;
        }
        let _ = self.callbacks.request_fail(self.id, Status::NO_REPLY, DROPPED);
    }
}

/// Tells whether work on a request is still wanted. May be cloned, sent to other threads and kept for ever.
#[derive(Clone, Debug)]
pub struct CancelToken {
    callbacks: HostCallbacks,
    id: PluginRequest,
}

impl CancelToken {
    /// That of the request which the entry on this thread is to answer.
    pub(crate) fn of_running(callbacks: &HostCallbacks) -> Option<Self> {
        let id = running::request();
        (id != PLUGIN_NONE).then(|| CancelToken { callbacks: callbacks.clone(), id })
    }

    /// Whether the request is over, for whatever reason: cancelled, past its deadline, answered, or the host is gone.
    /// Takes a few nanoseconds.
    pub fn is_cancelled(&self) -> bool {
        self.status() != Status::OK
    }

    /// Why: [`Status::OK`] while it is wanted, [`Status::CANCELLED`], [`Status::TIMEOUT`], [`Status::ENDED`], …
    pub fn status(&self) -> Status {
        self.callbacks.request_status(self.id)
    }

    /// The time until the deadline; `None` where it has none, zero where the request has ended.
    pub fn remaining(&self) -> Option<Duration> {
        self.callbacks.request_remaining(self.id)
    }
}

/// What `on_cancel` says is no longer wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cancelled {
    /// The request with this [`id`](Request::id): cancelled by the person, or past its deadline.
    Request(u64),
    /// The stream with this id, cancelled by the person.
    Stream(String),
}
