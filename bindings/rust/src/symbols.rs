// SPDX-License-Identifier: Apache-2.0
//! The symbols of a plugin's library.

use crate::entries;
use crate::handler::PluginHandler;
use crate::panics;

pub use crate::abi::{CreatePluginFn, DestroyPluginFn, PluginInterface};

/// The name of the function that makes an instance.
pub const CREATE_PLUGIN_SYMBOL: &[u8] = b"create_plugin";
/// The name of the function that ends it.
pub const DESTROY_PLUGIN_SYMBOL: &[u8] = b"destroy_plugin";

/// Puts a handler behind the table of the ABI. The pointer is a `Box`; a plugin's `destroy_plugin` ends it in one of two
/// ways, and both free everything once:
///
/// ```
/// # use plugin_interfaces::{create_plugin_interface_from_handler, PluginInterface};
/// # use plugin_interfaces::{pluginui::{Context, Ui}, PluginHandler, PluginInstanceContext};
/// # struct Nothing;
/// # impl PluginHandler for Nothing { fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {} }
/// unsafe fn destroy_plugin(interface: *mut PluginInterface) {
///     ((*interface).destroy)((*interface).plugin_ptr);
///     drop(Box::from_raw(interface));
/// }
///
/// unsafe fn destroy_plugin_shorter(interface: *mut PluginInterface) {
///     drop(Box::from_raw(interface));
/// }
/// # unsafe { destroy_plugin(create_plugin_interface_from_handler(Box::new(Nothing))) };
/// # unsafe { destroy_plugin_shorter(create_plugin_interface_from_handler(Box::new(Nothing))) };
/// ```
pub fn create_plugin_interface_from_handler(handler: Box<dyn PluginHandler>) -> *mut PluginInterface {
    panics::install_hook();
    entries::make_table(Ok(handler))
}

/// As [`create_plugin_interface_from_handler`] for a constructor, which may panic or fail: then `initialize` fails, with
/// the words of that. Called by [`export_plugin!`](crate::export_plugin).
#[doc(hidden)]
pub fn create_plugin_interface<H: PluginHandler + 'static>(make: impl FnOnce() -> H) -> *mut PluginInterface {
    panics::install_hook();
    let made = panics::guard_constructor(|| Box::new(make()) as Box<dyn PluginHandler>);
    entries::make_table(made)
}

/// Frees a table and its handler. Called by [`export_plugin!`](crate::export_plugin).
///
/// # Safety
///
/// `interface` is NULL or comes from [`create_plugin_interface_from_handler`], and was not freed before.
#[doc(hidden)]
pub unsafe fn destroy_plugin_interface(interface: *mut PluginInterface) {
    if !interface.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { Box::from_raw(interface) });
    }
}

/// Frees what the table owns, unless its `destroy` has done so already.
impl Drop for PluginInterface {
    fn drop(&mut self) {
        // SAFETY: `plugin_ptr` is this table's own, and NULL once `destroy` was called.
        unsafe { entries::release(std::mem::replace(&mut self.plugin_ptr, std::ptr::null_mut())) };
    }
}

/// Exports `create_plugin` and `destroy_plugin`; the expression makes the handler, anew for each instance.
///
/// ```
/// # use plugin_interfaces::{pluginui::{Context, Ui}, PluginHandler, PluginInstanceContext};
/// #[derive(Default)]
/// struct Echo;
///
/// impl PluginHandler for Echo {
///     fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}
/// }
///
/// plugin_interfaces::export_plugin!(Echo::default());
/// ```
#[macro_export]
macro_rules! export_plugin {
    ($handler:expr) => {
        /// Makes an instance.
        #[no_mangle]
        pub extern "C" fn create_plugin() -> *mut $crate::PluginInterface {
            $crate::symbols::create_plugin_interface(|| $handler)
        }

        /// Ends an instance.
        ///
        /// # Safety
        ///
        /// `interface` comes from `create_plugin`, and was not destroyed before.
        #[no_mangle]
        pub unsafe extern "C" fn destroy_plugin(interface: *mut $crate::PluginInterface) {
            // SAFETY: the caller's promise.
            unsafe { $crate::symbols::destroy_plugin_interface(interface) }
        }
    };
}
