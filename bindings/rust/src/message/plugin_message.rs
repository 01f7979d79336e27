// SPDX-License-Identifier: Apache-2.0
//! Messages that a plugin adds to its conversation.

use crate::{get_host_callbacks, PluginHandler, PluginInstanceContext};

/// How a message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u32)]
pub enum MessageKind {
    /// Like any other.
    #[default]
    Normal = crate::abi::PLUGIN_MESSAGE_NORMAL,
    /// Something went well.
    Success = crate::abi::PLUGIN_MESSAGE_SUCCESS,
    /// Something needs care.
    Warning = crate::abi::PLUGIN_MESSAGE_WARNING,
    /// Something failed.
    Error = crate::abi::PLUGIN_MESSAGE_ERROR,
    /// Something to know.
    Info = crate::abi::PLUGIN_MESSAGE_INFO,
}

/// Adds a message to the conversation of an instance of this library; `false` where there is none with that id.
pub fn send_message_to_frontend(_plugin_id: &str, instance_id: &str, content: &str) -> bool {
    get_host_callbacks(instance_id)
        .is_some_and(|callbacks| callbacks.send_message(MessageKind::Normal, content, None).is_ok())
}

/// Messages, from the handler; the same as those of the context that is passed.
pub trait PluginMessage {
    /// Adds a message to the conversation; `false` where the instance is gone.
    fn send_message_to_frontend(&self, content: &str, plugin_ctx: &PluginInstanceContext) -> bool;
}

impl<T: PluginHandler + ?Sized> PluginMessage for T {
    fn send_message_to_frontend(&self, content: &str, plugin_ctx: &PluginInstanceContext) -> bool {
        plugin_ctx.send_message_to_frontend(content)
    }
}
