// SPDX-License-Identifier: Apache-2.0
//! What a widget answers, and the widgets of the crate as data.

use crate::abi::{
    PluginResponse, PLUGIN_RESPONSE_CHANGED, PLUGIN_RESPONSE_CLICKED, PLUGIN_RESPONSE_HOVERED,
    PLUGIN_RESPONSE_LOST_FOCUS, PLUGIN_RESPONSE_SUBMITTED,
};
use serde::{Deserialize, Serialize};

/// What the person did with one widget since the last frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// A button was pressed, a choice made, a switch thrown.
    pub clicked: bool,
    /// The value has changed.
    pub changed: bool,
    /// The pointer is over it.
    pub hovered: bool,
    /// Enter in a text field.
    pub submitted: bool,
    /// The person went on to another widget.
    pub lost_focus: bool,
    /// The widget's id, the same from frame to frame.
    pub component_id: Option<String>,
}

impl Response {
    /// Nothing happened.
    pub fn new() -> Self {
        Self::default()
    }

    /// That of a widget.
    pub fn new_with_component_and_state(component_id: String, clicked: bool, changed: bool) -> Self {
        Response { clicked, changed, component_id: Some(component_id), ..Self::default() }
    }

    /// One that says that it was clicked.
    pub fn with_clicked() -> Self {
        Response { clicked: true, ..Self::default() }
    }

    /// One that says that its value has changed.
    pub fn with_changed() -> Self {
        Response { changed: true, ..Self::default() }
    }

    /// What the host says of a widget.
    pub(crate) fn of(response: &PluginResponse) -> Self {
        let has = |bit| response.flags & bit != 0;
        Response {
            clicked: has(PLUGIN_RESPONSE_CLICKED),
            changed: has(PLUGIN_RESPONSE_CHANGED),
            hovered: has(PLUGIN_RESPONSE_HOVERED),
            submitted: has(PLUGIN_RESPONSE_SUBMITTED),
            lost_focus: has(PLUGIN_RESPONSE_LOST_FOCUS),
            component_id: (response.id != 0).then(|| format!("{:016x}", response.id)),
        }
    }

    /// A choice or a switch: whoever changes its value has clicked it.
    pub(crate) fn click_on_change(mut self) -> Self {
        self.clicked |= self.changed;
        self
    }

    /// A button was pressed, a choice made, a switch thrown.
    pub fn clicked(&self) -> bool {
        self.clicked
    }

    /// The value has changed.
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// The pointer is over it.
    pub fn hovered(&self) -> bool {
        self.hovered
    }

    /// Enter in a text field.
    pub fn submitted(&self) -> bool {
        self.submitted
    }

    /// The person went on to another widget.
    pub fn lost_focus(&self) -> bool {
        self.lost_focus
    }
}

/// A widget that was drawn, with its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct UiComponent {
    pub id: String,
    pub component: UiComponentType,
}

/// The widgets that the crate has always had. Those that came with the C ABI are not told here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type")]
#[allow(missing_docs)]
pub enum UiComponentType {
    Label { text: String },
    Button { text: String, enabled: bool },
    TextEdit { value: String, hint: String },
    SelectableValue { options: Vec<String>, selected: usize },
    ComboBox { options: Vec<String>, selected: Option<usize>, placeholder: String },
    Toggle { value: bool },
    Horizontal { children: Vec<UiComponent> },
    Vertical { children: Vec<UiComponent> },
}
