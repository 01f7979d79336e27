//! Plugins for tests, one behaviour each, in one library: the id in config.toml says which one an instance is.

mod answers;
mod draws;
mod fails;

use plugin_interfaces::pluginui::{Context, CreationContext, Ui};
use plugin_interfaces::request::{Cancelled, Request};
use plugin_interfaces::*;
use std::error::Error as AnyError;

/// What an instance becomes when it learns its id.
enum Behaviour {
    None,
    Some(Box<dyn PluginHandler>),
}

impl Behaviour {
    fn inner(&mut self) -> &mut dyn PluginHandler {
        match self {
            Behaviour::Some(handler) => handler.as_mut(),
            Behaviour::None => unreachable!("initialize comes first"),
        }
    }
}

impl PluginHandler for Behaviour {
    fn initialize(
        &mut self,
        callbacks: HostCallbacks,
        metadata: PluginMetadata,
    ) -> Result<PluginInstanceContext, Box<dyn AnyError>> {
        let id = metadata.id.clone();
        let handler: Box<dyn PluginHandler> = match id.split_once("_in_") {
            Some((how, entry)) => Box::new(fails::Fails::new(how, entry)),
            None if id.starts_with("draws") => Box::new(draws::Draws::default()),
            None => Box::new(answers::Answers::default()),
        };
        *self = Behaviour::Some(handler);
        self.inner().initialize(callbacks, metadata)
    }

    fn init_ui(&mut self, ctx: &CreationContext, ui: &mut Ui) {
        self.inner().init_ui(ctx, ui);
    }

    fn update_ui(&mut self, ctx: &Context, ui: &mut Ui, plugin_ctx: &PluginInstanceContext) {
        self.inner().update_ui(ctx, ui, plugin_ctx);
    }

    fn on_mount(&mut self, plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.inner().on_mount(plugin_ctx)
    }

    fn on_dispose(&mut self, plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.inner().on_dispose(plugin_ctx)
    }

    fn on_connect(&mut self, plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.inner().on_connect(plugin_ctx)
    }

    fn on_disconnect(&mut self, plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.inner().on_disconnect(plugin_ctx)
    }

    fn handle_request(
        &mut self,
        request: Request,
        message: &str,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<(), Box<dyn AnyError>> {
        self.inner().handle_request(request, message, plugin_ctx)
    }

    fn on_cancel(&mut self, what: Cancelled, plugin_ctx: &PluginInstanceContext) {
        self.inner().on_cancel(what, plugin_ctx);
    }

    fn save_state(&mut self, plugin_ctx: &PluginInstanceContext) -> Result<Option<Vec<u8>>, Box<dyn AnyError>> {
        self.inner().save_state(plugin_ctx)
    }

    fn load_state(&mut self, state: &[u8], plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.inner().load_state(state, plugin_ctx)
    }
}

export_plugin!(Behaviour::None);
