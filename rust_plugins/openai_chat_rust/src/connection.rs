// SPDX-License-Identifier: Apache-2.0
//! What lives from connecting to disconnecting: a runtime with one thread, and the answers that are being written.

use crate::endpoint::Endpoint;
use crate::settings::Settings;
use plugin_interfaces::error::{Error, Status};
use plugin_interfaces::request::{Cancelled, Request};
use plugin_interfaces::stream::Stream;
use plugin_interfaces::StreamError;
use serde_json::Value;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::{block_in_place, JoinSet};
use tokio::time::timeout;

/// How long closing waits for what should end at once. What does not, such as a name server that is being asked, is left
/// to itself: the library stays mapped.
const PATIENCE: Duration = Duration::from_secs(2);

pub struct Connection {
    runtime: Runtime,
    endpoint: Endpoint,
    open: Vec<Open>,
    tasks: JoinSet<()>,
}

/// An answer that is being written. Its task stops when this is dropped.
struct Open {
    request: u64,
    stream: String,
    stop: oneshot::Sender<()>,
}

impl Open {
    fn is(&self, what: &Cancelled) -> bool {
        match what {
            Cancelled::Request(id) => self.request == *id,
            Cancelled::Stream(id) => self.stream == *id,
            _ => false,
        }
    }
}

impl Connection {
    pub fn open(endpoint: Endpoint) -> std::io::Result<Self> {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("openai_chat_rust").enable_all().build()?;
        Ok(Connection { runtime, endpoint, open: Vec::new(), tasks: JoinSet::new() })
    }

    /// The names of the models that the endpoint offers; waits for them.
    pub fn models(&self, settings: &Settings) -> Result<Vec<String>, Error> {
        self.runtime.block_on(self.endpoint.models(settings))
    }

    /// Answers a request from a task, which ends the stream and the request.
    pub fn answer(&mut self, request: Request, stream: Stream, settings: Settings, conversation: Vec<Value>) {
        self.open.retain(|open| !open.stop.is_closed());
        while self.tasks.try_join_next().is_some() {}
        let (stop, stopped) = oneshot::channel();
        self.open.push(Open { request: request.id(), stream: stream.id(), stop });
        let endpoint = self.endpoint.clone();
        let task = async move {
            // Whatever ends this, the request to the endpoint is dropped with it, which closes its connection.
            let outcome = tokio::select! {
                outcome = endpoint.complete(&settings, conversation, |piece| send(&stream, piece)) => outcome,
                _ = stopped => Err(Status::CANCELLED.into()),
            };
            finish(request, stream, outcome);
        };
        self.tasks.spawn_on(task, self.runtime.handle());
    }

    /// Ends the answer that the person does not want any more, or that has taken too long.
    pub fn cancel(&mut self, what: &Cancelled) {
        self.open.retain(|open| !open.is(what));
    }

    /// Ends the answers, and the thread.
    pub fn close(self) {
        let Connection { runtime, open, mut tasks, .. } = self;
        drop(open);
        runtime.block_on(async {
            let _ = timeout(PATIENCE, async { while tasks.join_next().await.is_some() {} }).await;
        });
        runtime.shutdown_timeout(PATIENCE);
    }
}

/// Sends a piece. Most find room at once; for one that has to wait, because the person has paused the stream say, this
/// thread is given to the waiting, and the runtime goes on with another.
fn send(stream: &Stream, piece: &str) -> Result<(), Error> {
    let sent = match stream.try_send(piece) {
        Ok(true) => Ok(()),
        Ok(false) => block_in_place(|| stream.send(piece)),
        Err(error) => Err(error),
    };
    sent.map_err(|error| match error {
        // The second is how one that waited learns that the person disconnects, shortly before on_disconnect says so.
        StreamError::StreamCancelled | StreamError::SendFailed => Status::CANCELLED.into(),
        error => Error::new(Status::ERROR, error.to_string()),
    })
}

/// Tells the host how it went. Where the person has cancelled meanwhile, the host knows better already.
fn finish(request: Request, stream: Stream, outcome: Result<(), Error>) {
    let _ = match &outcome {
        Ok(()) => stream.end(),
        Err(error) if error.status() == Status::CANCELLED => stream.cancel(),
        Err(error) => stream.fail(&error.to_string()),
    };
    let _ = match outcome {
        Ok(()) => request.reply(""),
        Err(error) => request.fail(error),
    };
}
