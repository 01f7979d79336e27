// SPDX-License-Identifier: Apache-2.0
//! The server: a runtime with one thread, which takes in clients and ends them all when it is stopped.

use crate::client::{self, Visit};
use crate::clients::Clients;
use crate::settings::Settings;
use plugin_interfaces::error::{Error, Status};
use plugin_interfaces::{log_warn, PluginInstanceContext};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long stopping waits in all. Each client has less than that to answer the goodbye.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long to wait for files and memory where the system has run out of them.
const BREATH: Duration = Duration::from_millis(100);

pub struct Server {
    runtime: Runtime,
    port: u16,
    /// Dropping it tells every task to end.
    stop: watch::Sender<()>,
    visits: tokio::task::JoinHandle<()>,
}

impl Server {
    pub fn start(settings: &Settings, context: PluginInstanceContext, clients: Arc<Clients>) -> Result<Self, Error> {
        let Settings { host, port, max_clients } = settings;
        let listen = || -> std::io::Result<(std::net::TcpListener, u16)> {
            let listener = std::net::TcpListener::bind((host.as_str(), *port))?;
            listener.set_nonblocking(true)?;
            let port = listener.local_addr()?.port();
            Ok((listener, port))
        };
        let (listener, bound) = listen().map_err(|error| {
            Error::new(Status::ERROR, format!("cannot listen on {host}:{port} ({error}); {}", advice(error.kind())))
        })?;
        let failed = |error: std::io::Error| Error::new(Status::ERROR, format!("cannot listen ({error})"));
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("websocket_server")
            .enable_all()
            .build()
            .map_err(failed)?;
        let (stop, stopped) = watch::channel(());
        let entered = runtime.enter();
        let listener = TcpListener::from_std(listener).map_err(failed)?;
        drop(entered);
        let visits = runtime.spawn(welcome(listener, *max_clients, Visit { context, clients, stopped }));
        Ok(Server { runtime, port: bound, stop, visits })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Says goodbye to all clients, and ends the thread.
    pub fn stop(self) {
        let Server { runtime, stop, visits, .. } = self;
        drop(stop);
        runtime.block_on(async {
            let _ = timeout(PATIENCE, visits).await;
        });
        runtime.shutdown_timeout(PATIENCE);
    }
}

fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::PermissionDenied => "choose a port above 1023",
        ErrorKind::AddrInUse => "choose another port",
        _ => "check 'Listen on': it is an address of this machine",
    }
}

/// Takes in clients until the server is stopped, and then waits for the last one to leave.
async fn welcome(listener: TcpListener, max_clients: usize, mut visit: Visit) {
    let mut guests = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                // Also those count that have not said yet what they want.
                Ok((_, address)) if guests.len() >= max_clients => {
                    log_warn!("{} was turned away: {} clients are connected", address, max_clients);
                }
                Ok((stream, address)) => {
                    guests.spawn(client::receive(stream, address, visit.clone()));
                }
                // Of a connection that is over already, or because the system has run out of something.
                Err(_) => sleep(BREATH).await,
            },
            Some(_) = guests.join_next() => {}
            _ = visit.stopped.changed() => break,
        }
    }
    drop(listener);
    while guests.join_next().await.is_some() {}
}
