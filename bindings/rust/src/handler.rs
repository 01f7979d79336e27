// SPDX-License-Identifier: Apache-2.0
//! What a plugin is.

use crate::callbacks::HostCallbacks;
use crate::metadata::PluginMetadata;
use crate::pluginui::{Context, CreationContext, Ui};
use crate::request::{Cancelled, Request};
use crate::PluginInstanceContext;

/// One instance of a plugin. The host calls the methods one after the other, each time perhaps on another thread.
///
/// The constructor has no way to the host yet; what can fail belongs in `initialize` or `on_mount`. An `Err` becomes an
/// error that the person reads, and so does a panic.
pub trait PluginHandler: Send + Sync {
    /// First call. Returns the context that all later calls are given; the default makes one of what it gets.
    fn initialize(
        &mut self,
        callbacks: HostCallbacks,
        metadata: PluginMetadata,
    ) -> Result<PluginInstanceContext, Box<dyn std::error::Error>> {
        let instance_id = metadata.instance_id.clone().unwrap_or_else(|| metadata.id.clone());
        let mut context = PluginInstanceContext::new(instance_id, metadata);
        context.set_callbacks(callbacks);
        Ok(context)
    }

    /// Called once, before the first `update_ui`; what it draws is thrown away.
    fn init_ui(&mut self, _ctx: &CreationContext, _ui: &mut Ui) {}

    /// Draws the settings, top to bottom, each time the panel is opened, after each thing that the person does, and after
    /// `refresh_ui`. A widget takes the present value and changes it where the person did.
    fn update_ui(&mut self, ctx: &Context, ui: &mut Ui, plugin_ctx: &PluginInstanceContext);

    /// Whether `update_ui` draws the settings. `false`: the host draws a form from the `[config.<key>]` of the manifest.
    /// Asked once, when the plugin is created.
    fn draws_ui(&self) -> bool {
        true
    }

    /// The instance appears among the person's contacts.
    fn on_mount(&mut self, _plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn std::error::Error>> {
        Ok(())
    }

    /// The instance goes. Threads and runtimes are to be ended here at the latest.
    fn on_dispose(&mut self, _plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn std::error::Error>> {
        Ok(())
    }

    /// The person connects. An error leaves the instance unconnected, and the person may try again.
    fn on_connect(&mut self, _plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn std::error::Error>> {
        Ok(())
    }

    /// The person disconnects, or the instance is about to go. What is open afterwards ends as cancelled.
    fn on_disconnect(&mut self, _plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn std::error::Error>> {
        Ok(())
    }

    /// Answers a message. A plugin that streams its answer returns an empty text.
    fn handle_message(
        &mut self,
        message: &str,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<String, Box<dyn std::error::Error>> {
        Ok(format!("Echo from {}: {message}", plugin_ctx.metadata.name))
    }

    /// Takes a message with its request: to answer later from any thread, keep the request and return `Ok(())`. The
    /// default answers with what `handle_message` returns.
    fn handle_request(
        &mut self,
        request: Request,
        message: &str,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let reply = self.handle_message(message, plugin_ctx)?;
        // That the person has cancelled meanwhile is no failure of the plugin's; any other the request has ended with.
        let _ = request.reply(&reply);
        Ok(())
    }

    /// Whether `handle_message` never blocks and takes microseconds, so that the host may call it in a quicker way. Asked
    /// once, when the plugin is created.
    fn has_short_calls(&self) -> bool {
        false
    }

    /// Something is no longer wanted; it has already ended. This waits for the method that runs, so a `handle_message` that
    /// takes long polls a [`CancelToken`](crate::request::CancelToken).
    fn on_cancel(&mut self, _what: Cancelled, _plugin_ctx: &PluginInstanceContext) {}

    /// What to find again in the next life of the instance; `None`: nothing.
    fn save_state(
        &mut self,
        _plugin_ctx: &PluginInstanceContext,
    ) -> Result<Option<Vec<u8>>, Box<dyn std::error::Error>> {
        Ok(None)
    }

    /// What `save_state` gave. Bytes that it does not understand are no reason to fail.
    fn load_state(
        &mut self,
        _state: &[u8],
        _plugin_ctx: &PluginInstanceContext,
    ) -> Result<(), Box<dyn std::error::Error>> {
        Ok(())
    }

    /// What is known of the plugin.
    fn get_metadata<'a>(&self, plugin_ctx: &'a PluginInstanceContext) -> &'a PluginMetadata {
        plugin_ctx.get_metadata()
    }
}
