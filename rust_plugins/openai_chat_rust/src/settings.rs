// SPDX-License-Identifier: Apache-2.0
//! The settings, as `config.toml` describes them: read for each message, and drawn.

use plugin_interfaces::pluginui::TextEdit;
use plugin_interfaces::{PluginInstanceContext, Ui};
use std::str::FromStr;
use std::time::Duration;

pub struct Settings {
    base_url: String,
    pub api_key: String,
    pub model: String,
    pub system_prompt: String,
    pub temperature: f64,
    pub history_messages: usize,
    pub read_timeout: Duration,
}

impl Settings {
    pub fn read(context: &PluginInstanceContext) -> Self {
        let text = |key| context.get_app_config(key).unwrap_or_default();
        Settings {
            base_url: text("base_url").trim().to_string(),
            // Pasted keys like to bring a line end along.
            api_key: text("api_key").trim().to_string(),
            model: text("model"),
            system_prompt: text("system_prompt"),
            temperature: number(context, "temperature", 1.0),
            history_messages: number(context, "history_messages", 0),
            read_timeout: Duration::from_secs_f64(number(context, "read_timeout", 120.0)),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base_url.trim_end_matches('/'))
    }
}

/// A number; the host has checked it against the manifest, which has a default for each.
fn number<T: FromStr>(context: &PluginInstanceContext, key: &str, otherwise: T) -> T {
    context.get_app_config(key).and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

pub fn draw(ui: &mut Ui, context: &PluginInstanceContext, models: &[String]) {
    let text = |key| context.get_app_config(key).unwrap_or_default();
    ui.heading("Endpoint");
    let mut base_url = text("base_url");
    if TextEdit::singleline("Endpoint", &mut base_url).hint("http://127.0.0.1:11434/v1").show(ui).changed() {
        store(ui, context, "base_url", &base_url);
    }
    let mut key = text("api_key");
    if TextEdit::singleline("API key", &mut key).password().show(ui).changed() {
        store(ui, context, "api_key", &key);
    }
    ui.heading("Model");
    let mut model = text("model");
    let chosen = if models.is_empty() {
        ui.text_edit("Model", &mut model)
    } else {
        let choices: Vec<(&str, &str)> = models.iter().map(|name| (name.as_str(), name.as_str())).collect();
        let present = model.clone();
        ui.combo("Model", &mut model, &choices, &present)
    };
    if chosen.changed() {
        store(ui, context, "model", &model);
    }
    if models.is_empty() {
        ui.label("Connect to choose among the models that the endpoint offers.");
    }
    let mut temperature = number(context, "temperature", 1.0);
    if ui.slider("Temperature", &mut temperature, 0.0..=2.0, 0.0).changed() {
        store(ui, context, "temperature", &temperature.to_string());
    }
    let mut prompt = text("system_prompt");
    if ui.text_edit_multiline("System prompt", &mut prompt).changed() {
        store(ui, context, "system_prompt", &prompt);
    }
}

fn store(ui: &mut Ui, context: &PluginInstanceContext, key: &str, value: &str) {
    if let Err(error) = context.set_app_config(key, value) {
        ui.error(&error.to_string());
    }
}
