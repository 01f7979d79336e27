// SPDX-License-Identifier: Apache-2.0
//! A contact that is a WebSocket server: what its clients send appears in the conversation, and what the person writes
//! goes to all of them, or to the one that is chosen in the settings.

mod client;
mod clients;
mod server;
mod settings;

use clients::Clients;
use plugin_interfaces::error::{Error, Status};
use plugin_interfaces::message::MessageKind;
use plugin_interfaces::{export_plugin, Context, PluginHandler, PluginInstanceContext, Ui};
use server::Server;
use settings::Settings;
use std::sync::Arc;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Names everybody, where a client could be named.
const EVERYBODY: &str = "all";

struct WebSocketServer {
    server: Option<Server>,
    clients: Arc<Clients>,
    /// Whom messages go to: a client's name, or `EVERYBODY`.
    recipient: String,
}

impl PluginHandler for WebSocketServer {
    fn on_connect(&mut self, context: &PluginInstanceContext) -> Outcome {
        context.require_permission("network")?;
        let settings = Settings::read(context);
        let server = Server::start(&settings, context.clone(), self.clients.clone())?;
        let listening = format!("Listening on {}, port {}", settings.host, server.port());
        self.server = Some(server);
        self.recipient = EVERYBODY.to_string();
        context.send_message(MessageKind::Success, &listening)?;
        context.refresh_ui();
        Ok(())
    }

    fn on_disconnect(&mut self, _: &PluginInstanceContext) -> Outcome {
        self.stop();
        Ok(())
    }

    fn on_dispose(&mut self, _: &PluginInstanceContext) -> Outcome {
        self.stop();
        Ok(())
    }

    fn handle_message(
        &mut self,
        message: &str,
        _: &PluginInstanceContext,
    ) -> Result<String, Box<dyn std::error::Error>> {
        let recipient = (self.recipient != EVERYBODY).then_some(self.recipient.as_str());
        self.clients.send(recipient, message).map_err(|why| Error::new(Status::ERROR, why))?;
        Ok(String::new())
    }

    fn update_ui(&mut self, _: &Context, ui: &mut Ui, context: &PluginInstanceContext) {
        settings::draw(ui, context);
        ui.separator();
        match &self.server {
            Some(server) => settings::draw_clients(ui, server.port(), &self.clients.list(), &mut self.recipient),
            None => ui.label("Not connected"),
        }
    }
}

impl WebSocketServer {
    fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop();
        }
    }
}

export_plugin!(WebSocketServer { server: None, clients: Arc::default(), recipient: EVERYBODY.to_string() });
