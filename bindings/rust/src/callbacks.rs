// SPDX-License-Identifier: Apache-2.0
//! The host, as a plugin calls it.

use crate::abi::{self, PluginHistoryMessage, PluginRequest, PluginStream};
use crate::error::{call, missing, Error, Status};
use crate::message::MessageKind;
use crate::metadata::{copy_history, copy_metadata, copy_permissions, HistoryMessage};
use crate::text::{lend, receive_text};
use crate::LogLevel;
use std::ffi::c_void;
use std::fmt;
use std::path::{Path, PathBuf};
use std::ptr::{addr_of_mut, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// The way to the host for one instance: its table of callbacks, and the handle that names the instance there.
///
/// Cheap to clone, good for ever, and to be used from any thread, also several at once; once the instance is gone every
/// call fails with [`Status::CLOSED`]. Its methods are the callbacks of the header, which says of each what it returns;
/// [`PluginInstanceContext`](crate::PluginInstanceContext) has the same in a more convenient form.
#[derive(Clone)]
pub struct HostCallbacks {
    table: *const abi::HostCallbacks,
    host: abi::PluginHost,
    about: Arc<About>,
}

/// What of an instance is to be known where there is no context.
#[derive(Default)]
struct About {
    config_path: PathBuf,
    permissions: Vec<String>,
}

// SAFETY: the ABI promises that the table lives as long as the process and that each of its functions may be called from
// any thread, concurrently; the handle is a number.
unsafe impl Send for HostCallbacks {}
// SAFETY: as above.
unsafe impl Sync for HostCallbacks {}

impl fmt::Debug for HostCallbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostCallbacks").field("host", &format_args!("{:#x}", self.host)).finish_non_exhaustive()
    }
}

/// A function of the host's table; `None` where that is of an older host and ends before it.
macro_rules! slot {
    ($self:ident.$name:ident) => {{
        let end = std::mem::offset_of!(abi::HostCallbacks, $name) + std::mem::size_of::<usize>();
        // SAFETY: the table lives as long as the process, and has as many bytes as it says.
        unsafe {
            if (*$self.table).struct_size as usize >= end {
                (*$self.table).$name
            } else {
                None
            }
        }
    }};
}

/// Calls a function of the table that reports errors: `report!(self.refresh_ui())`.
macro_rules! report {
    ($self:ident.$name:ident($($argument:expr),*)) => {
        match slot!($self.$name) {
            // SAFETY: the arguments are as the header asks for: texts and receivers outlive the call.
            Some(function) => call(|error| unsafe { function($self.host, $($argument,)* error) }),
            None => Err(missing()),
        }
    };
}

/// A duration as `wait_ms` and `timeout_ms` are given; `None` is no limit.
fn milliseconds(limit: Option<Duration>) -> u32 {
    limit.map_or(abi::PLUGIN_WAIT_FOREVER, |limit| {
        u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).min(abi::PLUGIN_WAIT_FOREVER - 1)
    })
}

impl HostCallbacks {
    /// Those of a context that the host made.
    ///
    /// # Safety
    ///
    /// `context` is one that an entry was given.
    pub(crate) unsafe fn from_context(context: *const abi::PluginInstanceContext) -> Self {
        // SAFETY: the caller's promise; these fields are as old as the ABI.
        unsafe {
            let metadata = (*context).metadata;
            let about = About {
                config_path: copy_metadata(metadata).config_path.into(),
                permissions: copy_permissions(metadata),
            };
            HostCallbacks { table: (*context).callbacks, host: (*context).host, about: Arc::new(about) }
        }
    }

    /// The plugin's `config.toml`.
    pub(crate) fn config_path(&self) -> &Path {
        &self.about.config_path
    }

    /// The number by which the host knows the instance.
    pub fn host(&self) -> abi::PluginHost {
        self.host
    }

    /// Of the permissions that `config.toml` asks for, those that the person gave.
    pub fn permissions(&self) -> &[String] {
        &self.about.permissions
    }

    /// Sends an event of the plugin's own to the front end; `payload` is its JSON. `wait`: how long to wait for room.
    pub fn send_to_frontend(&self, event: &str, payload: &str, wait: Option<Duration>) -> Result<(), Error> {
        report!(self.send_to_frontend(lend(event), lend(payload), milliseconds(wait)))
    }

    /// Adds a message to the conversation.
    pub fn send_message(&self, kind: MessageKind, text: &str, wait: Option<Duration>) -> Result<(), Error> {
        report!(self.send_message(kind as u32, lend(text), milliseconds(wait)))
    }

    /// A setting of this instance, else of the application; `None` where there is none.
    pub fn get_app_config(&self, key: &str) -> Result<Option<String>, Error> {
        let mut value: Option<String> = None;
        match report!(self.get_app_config(lend(key), receive_text, addr_of_mut!(value).cast())) {
            Err(error) if error.status() == Status::NOT_FOUND => Ok(None),
            Err(error) => Err(error),
            Ok(()) => Ok(value),
        }
    }

    /// Stores a setting of this instance; it is checked against the manifest.
    pub fn set_app_config(&self, key: &str, value: &str) -> Result<(), Error> {
        report!(self.set_app_config(lend(key), lend(value)))
    }

    /// Sends a message to another plugin and waits for its reply; `None` waits as long as the request at hand may take.
    pub fn call_other_plugin(
        &self,
        plugin_id: &str,
        message: &str,
        timeout: Option<Duration>,
    ) -> Result<String, Error> {
        let mut reply: Option<String> = None;
        let userdata: *mut c_void = addr_of_mut!(reply).cast();
        report!(self.call_other_plugin(lend(plugin_id), lend(message), milliseconds(timeout), receive_text, userdata))?;
        Ok(reply.unwrap_or_default())
    }

    /// Writes a line to the log. Never blocks, never fails.
    pub fn log(&self, level: LogLevel, file: &str, line: u32, text: &str) {
        if let Some(function) = slot!(self.log) {
            // SAFETY: the texts outlive the call.
            unsafe { function(self.host, level.number(), lend(file), line, lend(text)) };
        }
    }

    /// Asks for a new frame of the settings UI.
    pub fn refresh_ui(&self) -> Result<(), Error> {
        report!(self.refresh_ui())
    }

    /// Asks the host to disconnect this instance.
    pub fn request_disconnect(&self) -> Result<(), Error> {
        report!(self.request_disconnect())
    }

    /// The newest `limit` messages of the conversation, oldest first; 0 means all.
    pub fn get_history(&self, limit: u32) -> Result<Vec<HistoryMessage>, Error> {
        unsafe extern "C" fn receive(userdata: *mut c_void, message: *const PluginHistoryMessage) {
            // SAFETY: `userdata` is the vector below, the message is the host's.
            unsafe { (*userdata.cast::<Vec<HistoryMessage>>()).push(copy_history(message)) };
        }
        let mut messages: Vec<HistoryMessage> = Vec::new();
        report!(self.get_history(limit, receive, addr_of_mut!(messages).cast()))?;
        Ok(messages)
    }

    pub(crate) fn request_reply(&self, request: PluginRequest, text: &str) -> Result<(), Error> {
        report!(self.request_reply(request, lend(text)))
    }

    pub(crate) fn request_fail(&self, request: PluginRequest, status: Status, text: &str) -> Result<(), Error> {
        report!(self.request_fail(request, status.0, lend(text)))
    }

    pub(crate) fn request_status(&self, request: PluginRequest) -> Status {
        match slot!(self.request_status) {
            // SAFETY: a handle may be any number.
            Some(function) => Status(unsafe { function(self.host, request) }),
            None => Status::UNSUPPORTED,
        }
    }

    pub(crate) fn request_remaining(&self, request: PluginRequest) -> Option<Duration> {
        let function = slot!(self.request_remaining_ns)?;
        // SAFETY: a handle may be any number.
        let nanoseconds = unsafe { function(self.host, request) };
        (nanoseconds != u64::MAX).then(|| Duration::from_nanos(nanoseconds))
    }

    pub(crate) fn stream_start(&self, request: PluginRequest, kind: MessageKind) -> Result<PluginStream, Error> {
        let mut stream: PluginStream = abi::PLUGIN_NONE;
        report!(self.stream_start(request, kind as u32, addr_of_mut!(stream)))?;
        Ok(stream)
    }

    pub(crate) fn stream_data(
        &self,
        stream: PluginStream,
        chunk: &str,
        flags: u32,
        wait: Option<Duration>,
    ) -> Result<(), Error> {
        report!(self.stream_data(stream, lend(chunk), flags, milliseconds(wait)))
    }

    pub(crate) fn stream_batch(
        &self,
        stream: PluginStream,
        chunks: &[&str],
        wait: Option<Duration>,
    ) -> Result<(), Error> {
        let texts: Vec<abi::PluginText> = chunks.iter().map(|chunk| lend(chunk)).collect();
        report!(self.stream_batch(stream, texts.as_ptr(), texts.len() as u32, 0, milliseconds(wait)))
    }

    pub(crate) fn stream_end(&self, stream: PluginStream, failure: Option<&str>) -> Result<(), Error> {
        report!(self.stream_end(stream, i32::from(failure.is_none()), lend(failure.unwrap_or_default())))
    }

    pub(crate) fn stream_pause(&self, stream: PluginStream) -> Result<(), Error> {
        report!(self.stream_pause(stream))
    }

    pub(crate) fn stream_resume(&self, stream: PluginStream) -> Result<(), Error> {
        report!(self.stream_resume(stream))
    }

    pub(crate) fn stream_cancel(&self, stream: PluginStream) -> Result<(), Error> {
        report!(self.stream_cancel(stream))
    }

    /// A `PLUGIN_STREAM_…` value; below zero a status.
    pub(crate) fn stream_status(&self, stream: PluginStream) -> i32 {
        match slot!(self.stream_status) {
            // SAFETY: a handle may be any number.
            Some(function) => unsafe { function(self.host, stream) },
            None => abi::PLUGIN_UNSUPPORTED,
        }
    }

    pub(crate) fn stream_list(&self) -> Result<Vec<PluginStream>, Error> {
        unsafe extern "C" fn receive(userdata: *mut c_void, stream: PluginStream) {
            // SAFETY: `userdata` is the vector below.
            unsafe { (*userdata.cast::<Vec<PluginStream>>()).push(stream) };
        }
        let mut streams: Vec<PluginStream> = Vec::new();
        report!(self.stream_list(receive, addr_of_mut!(streams).cast()))?;
        Ok(streams)
    }

    /// An extension of the host by "name/revision": a table that lives as long as the process; NULL where there is none.
    pub fn get_extension(&self, name: &str) -> *const c_void {
        match slot!(self.get_extension) {
            // SAFETY: the name outlives the call.
            Some(function) => unsafe { function(self.host, lend(name)) },
            None => null_mut(),
        }
    }
}

/// The instances of this library that are alive, oldest first.
static INSTANCES: RwLock<Vec<(String, HostCallbacks)>> = RwLock::new(Vec::new());

static HAD_INSTANCES: AtomicBool = AtomicBool::new(false);

/// Remembers the callbacks of an instance by its id. The library does so itself when the instance is initialized.
pub fn set_host_callbacks(instance_id: &str, callbacks: HostCallbacks) -> Result<(), String> {
    let mut instances = INSTANCES.write().unwrap_or_else(PoisonError::into_inner);
    instances.retain(|(id, _)| id != instance_id);
    instances.push((instance_id.to_string(), callbacks));
    HAD_INSTANCES.store(true, Ordering::Relaxed);
    Ok(())
}

/// The callbacks of an instance of this library that is alive.
pub fn get_host_callbacks(instance_id: &str) -> Option<HostCallbacks> {
    let instances = INSTANCES.read().unwrap_or_else(PoisonError::into_inner);
    instances.iter().find(|(id, _)| id == instance_id).map(|(_, callbacks)| callbacks.clone())
}

/// Forgets the callbacks of an instance; `false` where there were none. The library does so when the instance ends.
pub fn clear_host_callbacks(instance_id: &str) -> bool {
    let mut instances = INSTANCES.write().unwrap_or_else(PoisonError::into_inner);
    let before = instances.len();
    instances.retain(|(id, _)| id != instance_id);
    instances.len() < before
}

/// Forgets an instance that ends, unless another one with its id has come since.
pub(crate) fn forget(callbacks: &HostCallbacks) {
    let mut instances = INSTANCES.write().unwrap_or_else(PoisonError::into_inner);
    instances.retain(|(_, known)| known.host != callbacks.host);
}

/// The instance that a thread works for of which that is not known.
pub(crate) enum Suspect {
    /// There is one alone.
    Only(HostCallbacks),
    /// There are several; this one came last.
    OneOf(usize, HostCallbacks),
    /// All have ended.
    Gone,
    /// There was none yet: this is no plugin in a host, but a test.
    Never,
}

pub(crate) fn suspect() -> Suspect {
    let instances = INSTANCES.read().unwrap_or_else(PoisonError::into_inner);
    match instances.as_slice() {
        [] if HAD_INSTANCES.load(Ordering::Relaxed) => Suspect::Gone,
        [] => Suspect::Never,
        [(_, only)] => Suspect::Only(only.clone()),
        [.., (_, last)] => Suspect::OneOf(instances.len(), last.clone()),
    }
}

/// The first answer that any of the instances has. They are asked without the lock.
pub(crate) fn ask_instances<T>(mut question: impl FnMut(&HostCallbacks) -> Option<T>) -> Option<T> {
    let instances = INSTANCES.read().unwrap_or_else(PoisonError::into_inner).clone();
    instances.iter().find_map(|(_, callbacks)| question(callbacks))
}
