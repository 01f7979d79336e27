// SPDX-License-Identifier: Apache-2.0
//! The entries of the table: from C to the handler's methods, and back as a status and a text.

use crate::abi::{
    self, PluginError, PluginHistoryMessage, PluginInterface, PluginRequest, PluginStatus, PluginStream, PluginText,
    PluginUi, PluginWriteBytes, PLUGIN_ABI_VERSION, PLUGIN_FEATURE_SHORT_CALLS, PLUGIN_NONE, PLUGIN_OK, PLUGIN_PENDING,
};
use crate::callbacks::{forget, set_host_callbacks, HostCallbacks};
use crate::error::{report, Error, Status};
use crate::handler::PluginHandler;
use crate::metadata::{copy_history, copy_metadata};
use crate::panics::guard;
use crate::pluginui::{Context, CreationContext, Ui};
use crate::request::{Cancelled, Request, DROPPED};
use crate::running::Entry;
use crate::{stream, text, PluginInstanceContext};
use std::ffi::c_void;
use std::mem::size_of;
use std::ptr::null_mut;

/// The plugin's own end of a table: what `plugin_ptr` points to.
struct Plugin {
    /// The handler, or why there is none.
    handler: Result<Box<dyn PluginHandler>, Error>,
    context: Option<PluginInstanceContext>,
    callbacks: Option<HostCallbacks>,
    /// The table, which `destroy` tells that this is gone.
    interface: *mut PluginInterface,
}

pub(crate) fn make_table(handler: Result<Box<dyn PluginHandler>, Error>) -> *mut PluginInterface {
    let asks = |question: fn(&dyn PluginHandler) -> bool, otherwise: bool| match &handler {
        Ok(handler) => guard(|| Ok(question(handler.as_ref()))).unwrap_or(otherwise),
        Err(_) => otherwise,
    };
    let draws = asks(|handler| handler.draws_ui(), true);
    let features = if asks(|handler| handler.has_short_calls(), false) { PLUGIN_FEATURE_SHORT_CALLS } else { 0 };
    let interface = Box::into_raw(Box::new(PluginInterface {
        struct_size: size_of::<PluginInterface>() as u32,
        abi_version: PLUGIN_ABI_VERSION,
        features,
        plugin_ptr: null_mut(),
        destroy,
        get_metadata: None,
        initialize: Some(initialize),
        init_ui: if draws { Some(init_ui) } else { None },
        update_ui: if draws { Some(update_ui) } else { None },
        on_mount: Some(on_mount),
        on_dispose: Some(on_dispose),
        on_connect: Some(on_connect),
        on_disconnect: Some(on_disconnect),
        handle_message: Some(handle_message),
        on_cancel: Some(on_cancel),
        set_history: Some(set_history),
        save_state: Some(save_state),
        load_state: Some(load_state),
        get_extension: None,
    }));
    let plugin = Box::new(Plugin { handler, context: None, callbacks: None, interface });
    // SAFETY: the box was made above, and nobody else knows it yet.
    unsafe { (*interface).plugin_ptr = Box::into_raw(plugin).cast() };
    interface
}

/// The table's `destroy`: frees what it owns and lets it forget that.
unsafe extern "C" fn destroy(plugin_ptr: *mut c_void) {
    if plugin_ptr.is_null() {
        return;
    }
    // SAFETY: the pointer is that of `make_table`, handed back once, by whoever has the table and no reference to it.
    unsafe {
        let interface = (*plugin_ptr.cast::<Plugin>()).interface;
        (*interface).plugin_ptr = null_mut();
        release(plugin_ptr);
    }
}

/// Frees what a table owns.
///
/// # Safety
///
/// `plugin_ptr` is NULL or that of `make_table`, and was not freed before.
pub(crate) unsafe fn release(plugin_ptr: *mut c_void) {
    if plugin_ptr.is_null() {
        return;
    }
    // SAFETY: the caller's promise.
    let plugin = unsafe { Box::from_raw(plugin_ptr.cast::<Plugin>()) };
    if let Some(callbacks) = &plugin.callbacks {
        forget(callbacks);
        stream::forget(callbacks);
    }
    let entry = Entry::begin(plugin.callbacks.as_ref(), PLUGIN_NONE);
    // A destructor that panics has nobody to tell any more.
    let _ = guard(|| {
        drop(plugin);
        Ok(())
    });
    drop(entry);
}

/// Runs an entry: gives the plugin, and makes a status and a text of what went wrong.
///
/// # Safety
///
/// `plugin_ptr` is that of `make_table`, no other entry of the instance runs, `error` is NULL or the host's.
unsafe fn run(
    plugin_ptr: *mut c_void,
    request: PluginRequest,
    error: *mut PluginError,
    entry: impl FnOnce(&mut Plugin, &Entry) -> Result<PluginStatus, Error>,
) -> PluginStatus {
    // SAFETY: the caller's promise: entries are never concurrent, so the reference is the only one.
    let plugin = unsafe { &mut *plugin_ptr.cast::<Plugin>() };
    let running = Entry::begin(plugin.callbacks.as_ref(), request);
    match entry(plugin, &running) {
        Ok(status) => status,
        // SAFETY: the caller's promise.
        Err(failure) => unsafe { report(&failure, error) },
    }
}

impl Plugin {
    /// The handler and the context of an instance that is initialized.
    fn parts(&mut self) -> Result<(&mut dyn PluginHandler, &PluginInstanceContext), Error> {
        let handler = self.handler.as_mut().map_err(|error| error.clone())?;
        let context = self.context.as_ref();
        let context = context.ok_or_else(|| Error::new(Status::INVALID_STATE, "the instance is not initialized"))?;
        Ok((handler.as_mut(), context))
    }
}

/// An entry that has no arguments of its own.
macro_rules! plain_entry {
    ($name:ident) => {
        unsafe extern "C" fn $name(
            plugin_ptr: *mut c_void,
            _: *const abi::PluginInstanceContext,
            error: *mut PluginError,
        ) -> PluginStatus {
            // SAFETY: the host keeps the rules of the header.
            unsafe {
                run(plugin_ptr, PLUGIN_NONE, error, |plugin, _| {
                    let (handler, context) = plugin.parts()?;
                    guard(|| handler.$name(context)).map(|()| PLUGIN_OK)
                })
            }
        }
    };
}

plain_entry!(on_mount);
plain_entry!(on_dispose);
plain_entry!(on_connect);
plain_entry!(on_disconnect);

unsafe extern "C" fn initialize(
    plugin_ptr: *mut c_void,
    context: *const abi::PluginInstanceContext,
    error: *mut PluginError,
) -> PluginStatus {
    // SAFETY: the host keeps the rules of the header.
    unsafe {
        let callbacks = HostCallbacks::from_context(context);
        let metadata = copy_metadata((*context).metadata);
        run(plugin_ptr, PLUGIN_NONE, error, |plugin, _| {
            let instance = Entry::begin(Some(&callbacks), PLUGIN_NONE);
            plugin.callbacks = Some(callbacks.clone());
            let id = metadata.instance_id.clone().unwrap_or_else(|| metadata.id.clone());
            // So that what its threads log and panic with finds the way, from now until `destroy`.
            let _ = set_host_callbacks(&id, callbacks.clone());
            let handler = plugin.handler.as_mut().map_err(|error| error.clone())?;
            plugin.context = Some(guard(|| handler.initialize(callbacks, metadata))?);
            drop(instance);
            Ok(PLUGIN_OK)
        })
    }
}

/// Runs an entry that draws.
///
/// # Safety
///
/// As for [`run`], and `ui` is the frame that the entry was given.
unsafe fn draw(
    plugin_ptr: *mut c_void,
    ui: *mut PluginUi,
    error: *mut PluginError,
    draw: impl FnOnce(&mut dyn PluginHandler, &mut Ui, &PluginInstanceContext),
) -> PluginStatus {
    // SAFETY: the caller's promise.
    unsafe {
        run(plugin_ptr, PLUGIN_NONE, error, |plugin, _| {
            let (handler, context) = plugin.parts()?;
            let mut frame = Ui::attach(ui, &context.metadata.id);
            guard(|| {
                draw(handler, &mut frame, context);
                Ok(PLUGIN_OK)
            })
        })
    }
}

unsafe extern "C" fn init_ui(
    plugin_ptr: *mut c_void,
    _: *const abi::PluginInstanceContext,
    ui: *mut PluginUi,
    error: *mut PluginError,
) -> PluginStatus {
    // SAFETY: the host keeps the rules of the header.
    unsafe {
        draw(plugin_ptr, ui, error, |handler, frame, context| {
            handler.init_ui(&CreationContext::new(&context.metadata.id), frame);
        })
    }
}

unsafe extern "C" fn update_ui(
    plugin_ptr: *mut c_void,
    _: *const abi::PluginInstanceContext,
    ui: *mut PluginUi,
    error: *mut PluginError,
) -> PluginStatus {
    // SAFETY: the host keeps the rules of the header.
    unsafe {
        draw(plugin_ptr, ui, error, |handler, frame, context| {
            let about = Context::of_frame(&*ui, &context.metadata.id);
            handler.update_ui(&about, frame, context);
        })
    }
}

unsafe extern "C" fn handle_message(
    plugin_ptr: *mut c_void,
    _: *const abi::PluginInstanceContext,
    request: PluginRequest,
    message: PluginText,
    error: *mut PluginError,
) -> PluginStatus {
    // SAFETY: the host keeps the rules of the header.
    unsafe {
        run(plugin_ptr, request, error, |plugin, running| {
            let callbacks = plugin.callbacks.clone();
            let callbacks = callbacks.ok_or_else(|| Error::new(Status::INVALID_STATE, "not initialized"))?;
            let (handler, context) = plugin.parts()?;
            let message = text::borrow(message);
            guard(|| handler.handle_request(Request::new(callbacks, request), &message, context))?;
            if running.dropped_request() {
                return Err(Error::new(Status::NO_REPLY, DROPPED));
            }
            Ok(PLUGIN_PENDING) // or it was answered already, which the host knows
        })
    }
}

unsafe extern "C" fn on_cancel(
    plugin_ptr: *mut c_void,
    _: *const abi::PluginInstanceContext,
    request: PluginRequest,
    stream: PluginStream,
) {
    // SAFETY: the host keeps the rules of the header.
    unsafe {
        run(plugin_ptr, PLUGIN_NONE, null_mut(), |plugin, _| {
            let (handler, context) = plugin.parts()?;
            let what = if request == PLUGIN_NONE {
                Cancelled::Stream(stream::id_of(stream))
            } else {
                Cancelled::Request(request)
            };
            let result = guard(|| {
                handler.on_cancel(what, context);
                Ok(PLUGIN_OK)
            });
            // This entry has nobody to tell of a panic but the log.
            if let (Err(error), Some(host)) = (&result, &plugin.callbacks) {
                host.log(crate::LogLevel::Error, "", 0, &format!("on_cancel {error}"));
            }
            result
        });
    }
}

unsafe extern "C" fn set_history(
    plugin_ptr: *mut c_void,
    _: *const abi::PluginInstanceContext,
    messages: *const *const PluginHistoryMessage,
    count: u64,
    error: *mut PluginError,
) -> PluginStatus {
    // SAFETY: the host keeps the rules of the header: `messages` has `count` records.
    unsafe {
        run(plugin_ptr, PLUGIN_NONE, error, |plugin, _| {
            let history = (0..count as usize).map(|index| copy_history(*messages.add(index))).collect();
            if let Some(context) = &mut plugin.context {
                context.set_history(history);
            }
            Ok(PLUGIN_OK)
        })
    }
}

unsafe extern "C" fn save_state(
    plugin_ptr: *mut c_void,
    _: *const abi::PluginInstanceContext,
    write: PluginWriteBytes,
    userdata: *mut c_void,
    error: *mut PluginError,
) -> PluginStatus {
    // SAFETY: the host keeps the rules of the header.
    unsafe {
        run(plugin_ptr, PLUGIN_NONE, error, |plugin, _| {
            let (handler, context) = plugin.parts()?;
            match guard(|| handler.save_state(context))? {
                Some(state) => {
                    let status = write(userdata, state.as_ptr().cast(), state.len() as u64);
                    if status < 0 {
                        return Err(Error::new(Status(status), "the host did not take the state"));
                    }
                    Ok(PLUGIN_OK)
                }
                None => Ok(PLUGIN_OK),
            }
        })
    }
}

unsafe extern "C" fn load_state(
    plugin_ptr: *mut c_void,
    _: *const abi::PluginInstanceContext,
    data: *const c_void,
    length: u64,
    error: *mut PluginError,
) -> PluginStatus {
    // SAFETY: the host keeps the rules of the header: `data` has `length` bytes.
    unsafe {
        run(plugin_ptr, PLUGIN_NONE, error, |plugin, _| {
            let (handler, context) = plugin.parts()?;
            let state = text::bytes(PluginText { data: data.cast(), length });
            guard(|| handler.load_state(state, context)).map(|()| PLUGIN_OK)
        })
    }
}
