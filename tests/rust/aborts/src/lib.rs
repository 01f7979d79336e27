//! A plugin compiled with `panic = "abort"`: see the profile of that name in the workspace.

use plugin_interfaces::pluginui::{Context, Ui};
use plugin_interfaces::*;

struct Aborts;

impl PluginHandler for Aborts {
    fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}

    fn handle_message(
        &mut self,
        message: &str,
        _: &PluginInstanceContext,
    ) -> Result<String, Box<dyn std::error::Error>> {
        panic!("told to {message}");
    }
}

/// Makes an instance.
#[no_mangle]
pub extern "C" fn create_plugin() -> *mut PluginInterface {
    create_plugin_interface_from_handler(Box::new(Aborts))
}

/// Ends an instance, in the shorter of the two forms.
///
/// # Safety
///
/// `interface` comes from `create_plugin`.
#[no_mangle]
pub unsafe extern "C" fn destroy_plugin(interface: *mut PluginInterface) {
    if !interface.is_null() {
        let _ = Box::from_raw(interface);
    }
}
