//! `fails_in_<entry>` and `panics_in_<entry>`.

use plugin_interfaces::pluginui::{Context, CreationContext, Ui};
use plugin_interfaces::*;
use std::error::Error as AnyError;

pub struct Fails {
    panics: bool,
    entry: String,
}

impl Fails {
    pub fn new(how: &str, entry: &str) -> Self {
        Fails { panics: how == "panics", entry: entry.to_string() }
    }

    fn at(&self, entry: &str) -> Result<(), Box<dyn AnyError>> {
        if self.entry != entry {
            return Ok(());
        }
        assert!(!self.panics, "told to panic in {entry}");
        Err(format!("told to fail in {entry}").into())
    }
}

impl PluginHandler for Fails {
    fn initialize(
        &mut self,
        callbacks: HostCallbacks,
        metadata: PluginMetadata,
    ) -> Result<PluginInstanceContext, Box<dyn AnyError>> {
        self.at("initialize")?;
        let mut context = PluginInstanceContext::new(metadata.instance_id.clone().unwrap(), metadata);
        context.set_callbacks(callbacks);
        Ok(context)
    }

    fn init_ui(&mut self, _: &CreationContext, _: &mut Ui) {
        self.at("init_ui").unwrap();
    }

    fn update_ui(&mut self, _: &Context, ui: &mut Ui, _: &PluginInstanceContext) {
        ui.label("before");
        ui.horizontal(|_| self.at("update_ui").unwrap());
    }

    fn on_mount(&mut self, _: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.at("on_mount")
    }

    fn on_dispose(&mut self, _: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.at("on_dispose")
    }

    fn on_connect(&mut self, _: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.at("on_connect")
    }

    fn on_disconnect(&mut self, _: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.at("on_disconnect")
    }

    fn handle_message(&mut self, message: &str, _: &PluginInstanceContext) -> Result<String, Box<dyn AnyError>> {
        self.at("handle_message")?;
        Ok(message.to_string())
    }

    fn save_state(&mut self, _: &PluginInstanceContext) -> Result<Option<Vec<u8>>, Box<dyn AnyError>> {
        self.at("save_state")?;
        Ok(Some(b"state".to_vec()))
    }

    fn load_state(&mut self, _: &[u8], _: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.at("load_state")
    }
}

impl Drop for Fails {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.at("drop").unwrap();
        }
    }
}
