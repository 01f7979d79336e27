// SPDX-License-Identifier: Apache-2.0
//! The settings, as `config.toml` describes them, and the clients to choose from.

use crate::clients::Listed;
use crate::EVERYBODY;
use plugin_interfaces::{PluginInstanceContext, Ui};

pub struct Settings {
    pub host: String,
    pub port: u16,
    pub max_clients: usize,
}

impl Settings {
    /// The host has checked the numbers against the manifest, which has a default for each.
    pub fn read(context: &PluginInstanceContext) -> Self {
        let text = |key| context.get_app_config(key).unwrap_or_default();
        let host = text("host").trim().to_string();
        Settings {
            host: if host.is_empty() { "127.0.0.1".to_string() } else { host },
            port: text("port").parse().unwrap_or_default(),
            max_clients: text("max_clients").parse().unwrap_or(1),
        }
    }
}

/// What counts from the next connecting on.
pub fn draw(ui: &mut Ui, context: &PluginInstanceContext) {
    let text = |key| context.get_app_config(key).unwrap_or_default();
    let mut host = text("host");
    if ui.text_edit("Listen on", &mut host).changed() {
        store(ui, context, "host", &host);
    }
    for (label, key, least, most) in [("Port", "port", 0, 65535), ("Clients at most", "max_clients", 1, 1000)] {
        let mut value = text(key).parse().unwrap_or(least);
        if ui.integer(label, &mut value, least..=most).changed() {
            store(ui, context, key, &value.to_string());
        }
    }
}

/// Who is there, and whom messages go to.
pub fn draw_clients(ui: &mut Ui, port: u16, clients: &[Listed], recipient: &mut String) {
    ui.label(&format!("Listening on port {port}; {} connected", clients.len()));
    let labels: Vec<String> =
        clients.iter().map(|client| format!("{} ({} messages)", client.name, client.received)).collect();
    let mut choices = vec![(EVERYBODY, "All clients")];
    choices.extend(clients.iter().zip(&labels).map(|(client, label)| (client.name.as_str(), label.as_str())));
    // Chosen by name, so a choice stays what it was when others come and go.
    ui.combo("Send to", recipient, &choices, "");
    // A message that was meant for one is not sent to all, so the choice stays although its client has gone.
    if recipient != EVERYBODY && !clients.iter().any(|client| client.name == *recipient) {
        ui.error(&format!("{recipient} has gone; choose another client"));
    }
}

fn store(ui: &mut Ui, context: &PluginInstanceContext, key: &str, value: &str) {
    if let Err(error) = context.set_app_config(key, value) {
        ui.error(&error.to_string());
    }
}
