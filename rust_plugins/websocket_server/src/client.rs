// SPDX-License-Identifier: Apache-2.0
//! One client, from its handshake to its goodbye.
//!
//! Whatever a client does, it costs a bounded amount: of memory, since its messages are limited and the next one is read
//! only when the host has taken the last; and of patience, since each step has a time limit.

use crate::clients::{Clients, Place};
use futures_util::{SinkExt, StreamExt};
use plugin_interfaces::message::MessageKind;
use plugin_interfaces::{log_info, PluginInstanceContext};
use std::fmt::Write;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio::time::{interval_at, timeout, Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{accept_async_with_config, WebSocketStream};

const LARGEST_MESSAGE: usize = 1 << 20;
/// How many bytes of a message that is no text are shown.
const SHOWN_BYTES: usize = 1024;
const HANDSHAKE: Duration = Duration::from_secs(10);
const WRITE: Duration = Duration::from_secs(10);
const GOODBYE: Duration = Duration::from_secs(2);
/// Who is silent so long is asked whether he is still there; and who does not answer as long again is gone.
const SILENCE: Duration = Duration::from_secs(20);

type Socket = WebSocketStream<TcpStream>;

/// What all clients share.
#[derive(Clone)]
pub struct Visit {
    pub context: PluginInstanceContext,
    pub clients: Arc<Clients>,
    /// Changes when the server stops.
    pub stopped: watch::Receiver<()>,
}

/// Why a conversation is over.
enum End {
    /// The client closed the connection, or it broke.
    Left,
    /// The server stops.
    Stopped,
    /// The client did what it must not, or nothing at all.
    Expelled(CloseCode, &'static str),
}

/// Serves a client until one of the two sides ends it.
pub async fn receive(stream: TcpStream, address: SocketAddr, mut visit: Visit) {
    let limits =
        WebSocketConfig::default().max_message_size(Some(LARGEST_MESSAGE)).max_frame_size(Some(LARGEST_MESSAGE));
    let handshake = timeout(HANDSHAKE, accept_async_with_config(stream, Some(limits)));
    let mut socket = match unless_stopped(&mut visit, handshake).await {
        Some(Ok(Ok(socket))) => socket,
        Some(Ok(Err(error))) => return log_info!("{} is no WebSocket client: {}", address, error),
        Some(Err(_)) => return log_info!("{} did not say what it wants", address),
        None => return,
    };
    let mut place = visit.clients.join(address.to_string());
    visit.tell(MessageKind::Info, &format!("{address} connected"));
    let end = converse(&mut socket, &mut place, &mut visit).await;
    drop(place);
    let text = match end {
        End::Left => format!("{address} disconnected"),
        End::Stopped => return say_goodbye(socket, CloseCode::Away, "the server stops").await,
        End::Expelled(code, why) => {
            say_goodbye(socket, code, why).await;
            format!("{address} disconnected: {why}")
        }
    };
    visit.tell(MessageKind::Info, &text);
}

impl Visit {
    /// Tells the person of a change among the clients.
    fn tell(&self, kind: MessageKind, text: &str) {
        self.show(kind, text);
        self.context.refresh_ui();
    }

    /// Adds a message to the conversation. Where the host has no room this waits, and the client with it, whom TCP holds
    /// back in turn. The runtime goes on with another thread.
    fn show(&self, kind: MessageKind, text: &str) {
        // Fails only where the instance is disconnected, which ends the client in another way.
        let _ = block_in_place(|| self.context.send_message(kind, text));
    }
}

/// What comes of a future; `None` where the server stops before.
async fn unless_stopped<T>(visit: &mut Visit, future: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        result = future => Some(result),
        _ = visit.stopped.changed() => None,
    }
}

async fn converse(socket: &mut Socket, place: &mut Place, visit: &mut Visit) -> End {
    let mut silence = interval_at(Instant::now() + SILENCE, SILENCE);
    // While the host had no room nobody was listening, which is not the client's fault.
    silence.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = true;
    loop {
        let outgoing = tokio::select! {
            incoming = socket.next() => {
                heard = true;
                let text = match incoming {
                    Some(Ok(Message::Text(text))) => format!("{}: {text}", place.name),
                    Some(Ok(Message::Binary(bytes))) => format!("{}: {}", place.name, in_hexadecimal(&bytes)),
                    // Pings are answered by the library, and after a goodbye comes the end.
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => return blame(&error),
                    None => return End::Left,
                };
                place.count();
                visit.show(MessageKind::Normal, &text);
                continue;
            }
            Some(text) = place.inbox.recv() => Message::Text(text),
            _ = silence.tick() => {
                if !std::mem::take(&mut heard) {
                    return End::Expelled(CloseCode::Policy, "it did not answer any more");
                }
                Message::Ping(Bytes::new())
            }
            _ = visit.stopped.changed() => return End::Stopped,
        };
        match unless_stopped(visit, timeout(WRITE, socket.send(outgoing))).await {
            Some(Ok(Ok(()))) => {}
            Some(Ok(Err(_))) => return End::Left,
            Some(Err(_)) => return End::Expelled(CloseCode::Policy, "it did not read what was sent"),
            None => return End::Stopped,
        }
    }
}

/// Whose fault an error is.
fn blame(error: &Error) -> End {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => {
            End::Expelled(CloseCode::Size, "its message was larger than 1 MiB")
        }
        Error::Utf8(_) => End::Expelled(CloseCode::Invalid, "its text was not UTF-8"),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Left,
        Error::Protocol(_) => End::Expelled(CloseCode::Protocol, "it broke the rules of WebSocket"),
        _ => End::Left,
    }
}

/// Closes the connection as the protocol asks for. What the client still sends is read for a while and thrown away: a
/// connection that is closed with something unread is reset, and the reset can overtake the goodbye.
async fn say_goodbye(mut socket: Socket, code: CloseCode, reason: &'static str) {
    let frame = CloseFrame { code, reason: reason.into() };
    let goodbye = async {
        if socket.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = socket.next().await {}
        }
        let stream = socket.get_mut();
        stream.shutdown().await?;
        let mut scrap = [0; 4096];
        while stream.read(&mut scrap).await? > 0 {}
        std::io::Result::Ok(())
    };
    let _ = timeout(GOODBYE, goodbye).await;
}

fn in_hexadecimal(bytes: &[u8]) -> String {
    let mut text = format!("{} bytes:", bytes.len());
    for byte in bytes.iter().take(SHOWN_BYTES) {
        let _ = write!(text, " {byte:02x}");
    }
    if bytes.len() > SHOWN_BYTES {
        text.push_str(" …");
    }
    text
}
