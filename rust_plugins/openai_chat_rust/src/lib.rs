// SPDX-License-Identifier: Apache-2.0
//! A contact that is a language model: any endpoint with the OpenAI chat API, its answer streamed as it is written.
//!
//! The host's threads never wait for the network while a message is answered: `handle_request` keeps the request, and a
//! task answers it. Only connecting waits, since it is to fail where the endpoint cannot be reached.

mod connection;
mod endpoint;
mod settings;
mod sse;

use connection::Connection;
use endpoint::Endpoint;
use plugin_interfaces::error::{Error, Status};
use plugin_interfaces::request::{Cancelled, Request};
use plugin_interfaces::{export_plugin, Context, HistoryMessage, PluginHandler, PluginInstanceContext, Ui};
use serde_json::{json, Value};
use settings::Settings;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Default)]
struct OpenAiChat {
    connection: Option<Connection>,
    models: Vec<String>,
}

impl PluginHandler for OpenAiChat {
    fn on_connect(&mut self, context: &PluginInstanceContext) -> Outcome {
        context.require_permission("network")?;
        let settings = Settings::read(context);
        let connection = Connection::open(Endpoint::new(&settings)?)?;
        match connection.models(&settings) {
            Ok(models) => self.models = models,
            Err(error) => {
                connection.close();
                return Err(error.into());
            }
        }
        self.connection = Some(connection);
        context.refresh_ui();
        Ok(())
    }

    fn on_disconnect(&mut self, _: &PluginInstanceContext) -> Outcome {
        self.close();
        Ok(())
    }

    fn on_dispose(&mut self, _: &PluginInstanceContext) -> Outcome {
        self.close();
        Ok(())
    }

    fn handle_request(&mut self, request: Request, message: &str, context: &PluginInstanceContext) -> Outcome {
        let Some(connection) = &mut self.connection else {
            return Err(Error::new(Status::NOT_CONNECTED, "not connected; connect first").into());
        };
        let settings = Settings::read(context);
        let earlier = context.get_history().map_or(&[][..], Vec::as_slice);
        let conversation = conversation(&settings, earlier, message);
        let stream = request.stream()?;
        connection.answer(request, stream, settings, conversation);
        Ok(())
    }

    fn on_cancel(&mut self, what: Cancelled, _: &PluginInstanceContext) {
        if let Some(connection) = &mut self.connection {
            connection.cancel(&what);
        }
    }

    fn update_ui(&mut self, _: &Context, ui: &mut Ui, context: &PluginInstanceContext) {
        settings::draw(ui, context, &self.models);
    }
}

impl OpenAiChat {
    fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close();
        }
    }
}

/// What the endpoint is sent: the system prompt, the conversation so far, the new message.
fn conversation(settings: &Settings, earlier: &[HistoryMessage], message: &str) -> Vec<Value> {
    let said = earlier.iter().filter(|past| !past.content.is_empty() && past.status != "error");
    let mut turns: Vec<Value> = said.filter_map(|past| Some(turn(role(&past.role)?, &past.content))).collect();
    turns.drain(..turns.len().saturating_sub(settings.history_messages));
    if !settings.system_prompt.is_empty() {
        turns.insert(0, turn("system", &settings.system_prompt));
    }
    turns.push(turn("user", message));
    turns
}

fn turn(role: &str, content: &str) -> Value {
    json!({"role": role, "content": content})
}

/// The API's word for one of the host's roles.
fn role(role: &str) -> Option<&'static str> {
    match role {
        "user" => Some("user"),
        "plugin" => Some("assistant"),
        "system" => Some("system"),
        _ => None,
    }
}

export_plugin!(OpenAiChat::default());
