// SPDX-License-Identifier: Apache-2.0
//! What is known of a plugin, and the messages of its conversation.

use crate::abi::{PluginHistoryMessage, PluginText, PLUGIN_METADATA_DISABLED, PLUGIN_METADATA_REQUIRE_HISTORY};
use crate::text;
use serde::{Deserialize, Serialize};
use std::mem::{offset_of, size_of};

pub use crate::abi::PluginMetadataFFI;
pub use crate::context::PluginInstanceContext;

/// What is known of a plugin and of this instance of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginMetadata {
    /// The plugin's.
    pub id: String,
    /// Listed, but not loaded.
    #[serde(default)]
    pub disabled: bool,
    /// What the person reads.
    pub name: String,
    /// In a sentence.
    pub description: String,
    /// The plugin's.
    pub version: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// Of the shared library.
    pub library_path: Option<String>,
    /// Of `config.toml`; the plugin's own files may live beside it.
    pub config_path: String,
    /// Unique among all instances of the host, stable over restarts.
    pub instance_id: Option<String>,
    /// The conversation comes before each message.
    #[serde(default)]
    pub require_history: bool,
}

/// One message of the conversation. Roles are `user`, `plugin` and `system`; states `completed`, `active`, `paused`,
/// `error` and `cancelled`; `created_at` is RFC 3339, UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct HistoryMessage {
    pub id: String,
    #[serde(rename = "type")]
    pub message_type: String,
    pub status: String,
    pub content: String,
    #[serde(rename = "pluginId")]
    pub plugin_id: String,
    pub role: String,
    #[serde(rename = "createdAt")]
    pub created_at: String,
}

/// A text that lives until [`free_plugin_metadata_ffi`].
fn keep(text: &str) -> PluginText {
    if text.is_empty() {
        return PluginText { data: c"".as_ptr(), length: 0 };
    }
    // Not through a reference, which could not be made a box again.
    PluginText { data: Box::into_raw(text.to_string().into_boxed_str()).cast_const().cast(), length: text.len() as u64 }
}

impl PluginMetadata {
    /// The record of the ABI, with copies of the texts, which [`free_plugin_metadata_ffi`] frees. A NUL inside a text is
    /// kept.
    pub fn to_ffi(&self) -> PluginMetadataFFI {
        let optional = |text: &Option<String>| keep(text.as_deref().unwrap_or_default());
        let flag = |wanted: bool, bit: u32| if wanted { bit } else { 0 };
        PluginMetadataFFI {
            struct_size: size_of::<PluginMetadataFFI>() as u32,
            flags: flag(self.disabled, PLUGIN_METADATA_DISABLED)
                | flag(self.require_history, PLUGIN_METADATA_REQUIRE_HISTORY),
            id: keep(&self.id),
            name: keep(&self.name),
            description: keep(&self.description),
            version: keep(&self.version),
            author: optional(&self.author),
            config_path: keep(&self.config_path),
            library_path: optional(&self.library_path),
            instance_id: optional(&self.instance_id),
            permissions: keep(""),
        }
    }
}

/// Frees the texts of a record.
///
/// # Safety
///
/// `metadata` comes from [`PluginMetadata::to_ffi`] and was not freed before.
pub unsafe fn free_plugin_metadata_ffi(metadata: PluginMetadataFFI) {
    let texts = [
        metadata.id,
        metadata.name,
        metadata.description,
        metadata.version,
        metadata.author,
        metadata.config_path,
        metadata.library_path,
        metadata.instance_id,
    ];
    for text in texts.into_iter().filter(|text| text.length > 0) {
        let bytes = std::ptr::slice_from_raw_parts_mut(text.data.cast::<u8>().cast_mut(), text.length as usize);
        // SAFETY: `keep` leaked a box of just these bytes.
        drop(unsafe { Box::from_raw(bytes) });
    }
}

/// The Rust form of a record, its texts copied; what a shorter record of an older host lacks is empty.
///
/// # Safety
///
/// The texts of `metadata` are valid during the call.
pub unsafe fn convert_ffi_to_metadata(metadata: PluginMetadataFFI) -> PluginMetadata {
    // SAFETY: the caller's promise.
    unsafe { copy_metadata(&metadata) }
}

/// A text of a record that may be shorter than this crate knows it.
macro_rules! field {
    ($record:ident, $type:ty, $name:ident) => {{
        if (*$record).struct_size as usize >= offset_of!($type, $name) + size_of::<PluginText>() {
            text::copy((*$record).$name)
        } else {
            String::new()
        }
    }};
}

/// # Safety
///
/// `record` is one of the host's, with as many bytes as it says.
pub(crate) unsafe fn copy_metadata(record: *const PluginMetadataFFI) -> PluginMetadata {
    let given = |text: String| (!text.is_empty()).then_some(text);
    // SAFETY: the caller's promise; each field is read only where the record has it.
    unsafe {
        PluginMetadata {
            id: field!(record, PluginMetadataFFI, id),
            disabled: (*record).flags & PLUGIN_METADATA_DISABLED != 0,
            name: field!(record, PluginMetadataFFI, name),
            description: field!(record, PluginMetadataFFI, description),
            version: field!(record, PluginMetadataFFI, version),
            author: given(field!(record, PluginMetadataFFI, author)),
            library_path: given(field!(record, PluginMetadataFFI, library_path)),
            config_path: field!(record, PluginMetadataFFI, config_path),
            instance_id: given(field!(record, PluginMetadataFFI, instance_id)),
            require_history: (*record).flags & PLUGIN_METADATA_REQUIRE_HISTORY != 0,
        }
    }
}

/// # Safety
///
/// As for [`copy_metadata`].
pub(crate) unsafe fn copy_permissions(record: *const PluginMetadataFFI) -> Vec<String> {
    // SAFETY: the caller's promise.
    let text = unsafe { field!(record, PluginMetadataFFI, permissions) };
    text.split_whitespace().map(str::to_string).collect()
}

/// # Safety
///
/// As for [`copy_metadata`].
pub(crate) unsafe fn copy_history(record: *const PluginHistoryMessage) -> HistoryMessage {
    // SAFETY: the caller's promise; each field is read only where the record has it.
    unsafe {
        HistoryMessage {
            id: field!(record, PluginHistoryMessage, id),
            message_type: field!(record, PluginHistoryMessage, message_type),
            status: field!(record, PluginHistoryMessage, status),
            content: field!(record, PluginHistoryMessage, content),
            plugin_id: field!(record, PluginHistoryMessage, plugin_id),
            role: field!(record, PluginHistoryMessage, role),
            created_at: field!(record, PluginHistoryMessage, created_at),
        }
    }
}
