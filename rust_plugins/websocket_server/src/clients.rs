// SPDX-License-Identifier: Apache-2.0
//! Who is connected, and how to send them something.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// How many messages wait for a client that reads slowly. One that falls behind further is told of, not waited for.
const OUTBOX: usize = 64;

#[derive(Default)]
pub struct Clients {
    /// By their numbers, so that they are listed in the order of their coming.
    connected: Mutex<BTreeMap<u64, Client>>,
}

struct Client {
    name: String,
    outbox: Sender<Utf8Bytes>,
    received: u64,
}

/// A client, as the settings show it.
pub struct Listed {
    pub name: String,
    pub received: u64,
}

/// A client's place among the others, until it is dropped.
pub struct Place {
    clients: Arc<Clients>,
    number: u64,
    pub name: String,
    pub inbox: Receiver<Utf8Bytes>,
}

impl Clients {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Client>> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn join(self: &Arc<Self>, name: String) -> Place {
        let (outbox, inbox) = mpsc::channel(OUTBOX);
        let mut connected = self.lock();
        let number = connected.last_key_value().map_or(0, |(last, _)| last + 1);
        connected.insert(number, Client { name: name.clone(), outbox, received: 0 });
        Place { clients: self.clone(), number, name, inbox }
    }

    pub fn list(&self) -> Vec<Listed> {
        let connected = self.lock();
        connected.values().map(|client| Listed { name: client.name.clone(), received: client.received }).collect()
    }

    /// Sends a message to one, or to all. Never waits; the error says whom it did not reach, and why.
    pub fn send(&self, recipient: Option<&str>, message: &str) -> Result<(), String> {
        let connected = self.lock();
        let wanted = |client: &&Client| recipient.is_none_or(|name| client.name == name);
        let recipients: Vec<&Client> = connected.values().filter(wanted).collect();
        if recipients.is_empty() {
            return Err(match recipient {
                None => "nobody is connected to this server yet; the message was not sent".to_string(),
                Some(name) => {
                    format!("{name} has gone; the message was not sent: choose another client in the settings")
                }
            });
        }
        let message = Utf8Bytes::from(message);
        let missed: Vec<&str> = recipients
            .iter()
            .filter(|client| client.outbox.try_send(message.clone()).is_err())
            .map(|client| client.name.as_str())
            .collect();
        if missed.is_empty() {
            return Ok(());
        }
        Err(format!("{} did not read what was sent before, and was left out", missed.join(", ")))
    }
}

impl Place {
    /// Counts a message that came in.
    pub fn count(&self) {
        if let Some(client) = self.clients.lock().get_mut(&self.number) {
            client.received += 1;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.clients.lock().remove(&self.number);
    }
}
