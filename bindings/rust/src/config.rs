// SPDX-License-Identifier: Apache-2.0
//! The `[plugin]` table of `config.toml`.

use crate::callbacks::{suspect, Suspect};
use crate::running;
use serde::Deserialize;
use std::path::Path;

/// The fields of `[plugin]` that say what a plugin is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)]
pub struct PluginConfig {
    pub id: String,
    #[serde(default)]
    pub disabled: bool,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub version: String,
    pub author: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    plugin: PluginConfig,
}

impl PluginConfig {
    /// Reads the plugin's `config.toml`: that of the instance that this thread works for, else the one in the working
    /// directory.
    pub fn from_file() -> Result<Self, Box<dyn std::error::Error>> {
        match (running::instance(), suspect()) {
            (Some(host), _) | (None, Suspect::Only(host)) => Self::from_path(host.config_path()),
            _ => Self::from_path(Path::new("config.toml")),
        }
    }

    /// Reads a `config.toml`.
    pub fn from_path(path: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let manifest: Manifest = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(manifest.plugin)
    }
}
