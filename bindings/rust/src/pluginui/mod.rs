// SPDX-License-Identifier: Apache-2.0
//! The settings UI: immediate mode, drawn by a handler's `update_ui`.

mod components;
mod context;
mod ui;
mod widgets;

pub use crate::{log_error, log_info, log_warn};
pub use components::{Response, UiComponent, UiComponentType};
pub use context::{Context, CreationContext, Theme, UiState};
pub use ui::{PluginUiOption, Ui};
pub use widgets::{Series, SeriesStyle, Table, TextEdit};
