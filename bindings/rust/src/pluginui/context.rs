// SPDX-License-Identifier: Apache-2.0
//! What the drawing methods are told of the front end.

use crate::abi::{PluginUi, PLUGIN_UI_DARK};
use std::collections::HashMap;

/// What `init_ui` is given.
#[derive(Debug)]
pub struct CreationContext<'a> {
    /// Settings, where whoever made it gave any; a plugin asks its context for them.
    pub config: HashMap<String, String>,
    /// The plugin's id.
    pub plugin_id: &'a str,
}

impl<'a> CreationContext<'a> {
    /// Without settings.
    pub fn new(plugin_id: &'a str) -> Self {
        Self::with_config(plugin_id, HashMap::new())
    }

    /// With settings.
    pub fn with_config(plugin_id: &'a str, config: HashMap<String, String>) -> Self {
        CreationContext { config, plugin_id }
    }
}

/// One frame.
#[derive(Debug, Default)]
pub struct Context {
    /// The plugin's id.
    pub plugin_id: String,
    /// How the front end looks.
    pub theme: Theme,
    /// Which frame it is.
    pub ui_state: UiState,
    /// What was entered, by the id of the widget: where the frame is drawn without a host. A host tells each widget.
    pub ui_event_data: HashMap<String, String>,
}

impl Context {
    /// The first frame of a plugin.
    pub fn new(plugin_id: String) -> Self {
        Context { plugin_id, ..Self::default() }
    }

    /// A frame after something was entered.
    pub fn with_ui_event_data(plugin_id: String, ui_event_data: HashMap<String, String>) -> Self {
        Context { plugin_id, ui_event_data, ..Self::default() }
    }

    /// A frame that the host has begun.
    pub(crate) fn of_frame(ui: &PluginUi, plugin_id: &str) -> Self {
        Context {
            plugin_id: plugin_id.to_string(),
            theme: Theme { is_dark: ui.flags & PLUGIN_UI_DARK != 0 },
            ui_state: UiState { frame_count: ui.frame_count, time: ui.time },
            ui_event_data: HashMap::new(),
        }
    }

    /// What was entered into a widget; see `ui_event_data`.
    pub fn get_ui_event_data(&self, component_id: &str) -> Option<&String> {
        self.ui_event_data.get(component_id)
    }
}

/// How the front end looks.
#[derive(Clone, Debug, Default)]
pub struct Theme {
    /// Light on dark.
    pub is_dark: bool,
}

/// Which frame it is.
#[derive(Debug, Default)]
pub struct UiState {
    /// Frames of this instance so far.
    pub frame_count: u64,
    /// Seconds since the instance was made.
    pub time: f64,
}
