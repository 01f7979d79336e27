// SPDX-License-Identifier: Apache-2.0
//! A host in Rust, small enough for Miri, which runs no C: it drives a table as the real one does, and notes what the
//! plugin calls. What the real host makes of that is tested with the real host, in tests/test_rust.py.
#![allow(dead_code)] // no test program uses all of it

use plugin_interfaces::abi::*;
use plugin_interfaces::{create_plugin_interface_from_handler, PluginHandler};
use std::collections::HashMap;
use std::ffi::c_void;
use std::mem::size_of;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What a host knows of one instance.
#[derive(Default)]
pub struct State {
    pub calls: Vec<String>,
    pub config: HashMap<String, String>,
    pub requests: HashMap<u64, i32>,
    pub streams: HashMap<u64, i32>,
    pub closed: bool,
    /// There is no room for who does not wait.
    pub full: bool,
}

pub struct Host {
    pub handle: u64,
    state: Mutex<State>,
}

static HOSTS: Mutex<Vec<Arc<Host>>> = Mutex::new(Vec::new());

/// No two streams of a process have the same handle, whosever they are: as with the real host.
static NEXT_STREAM: AtomicU64 = AtomicU64::new(0x101);

fn find(handle: u64) -> Arc<Host> {
    HOSTS.lock().unwrap()[handle as usize - 1].clone()
}

/// Runs `call` on the state of an instance that is alive.
fn with(handle: u64, error: *mut PluginError, call: impl FnOnce(&mut State) -> Result<(), (i32, &'static str)>) -> i32 {
    let host = find(handle);
    let mut state = host.state.lock().unwrap();
    let result = if state.closed { Err((PLUGIN_CLOSED, "the instance is gone")) } else { call(&mut state) };
    match result {
        Ok(()) => PLUGIN_OK,
        Err((status, text)) => {
            if let Some(error) = unsafe { error.as_mut() } {
                error.status = status;
                error.length = text.len() as u64;
                unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), error.text.cast(), text.len()) };
            }
            status
        }
    }
}

pub fn text(text: &str) -> PluginText {
    PluginText { data: text.as_ptr().cast(), length: text.len() as u64 }
}

fn read(text: PluginText) -> String {
    let bytes = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.length as usize) };
    String::from_utf8(bytes.to_vec()).expect("plugins in Rust send UTF-8")
}

unsafe extern "C" fn send_to_frontend(
    host: u64,
    event: PluginText,
    payload: PluginText,
    _: u32,
    error: *mut PluginError,
) -> i32 {
    with(host, error, |state| {
        state.calls.push(format!("event {} {}", read(event), read(payload)));
        Ok(())
    })
}

unsafe extern "C" fn send_message(host: u64, kind: u32, message: PluginText, _: u32, error: *mut PluginError) -> i32 {
    with(host, error, |state| {
        state.calls.push(format!("message {kind} {}", read(message)));
        Ok(())
    })
}

unsafe extern "C" fn get_app_config(
    host: u64,
    key: PluginText,
    receive: PluginReceiveText,
    userdata: *mut c_void,
    error: *mut PluginError,
) -> i32 {
    with(host, error, |state| match state.config.get(&read(key)) {
        Some(value) => {
            unsafe { receive(userdata, text(value)) };
            Ok(())
        }
        None => Err((PLUGIN_NOT_FOUND, "there is no such setting")),
    })
}

unsafe extern "C" fn set_app_config(host: u64, key: PluginText, value: PluginText, error: *mut PluginError) -> i32 {
    with(host, error, |state| {
        state.config.insert(read(key), read(value));
        Ok(())
    })
}

unsafe extern "C" fn call_other_plugin(
    host: u64,
    id: PluginText,
    message: PluginText,
    _: u32,
    receive: PluginReceiveText,
    userdata: *mut c_void,
    error: *mut PluginError,
) -> i32 {
    with(host, error, |_| {
        if read(id) != "other" {
            return Err((PLUGIN_NOT_FOUND, "there is no such plugin"));
        }
        unsafe { receive(userdata, text(&format!("other heard {}", read(message)))) };
        Ok(())
    })
}

unsafe extern "C" fn log(host: u64, level: u32, _: PluginText, _: u32, line: PluginText) {
    with(host, null_mut(), |state| {
        state.calls.push(format!("log {level} {}", read(line)));
        Ok(())
    });
}

unsafe extern "C" fn refresh_ui(host: u64, error: *mut PluginError) -> i32 {
    with(host, error, |state| {
        state.calls.push("refresh_ui".into());
        Ok(())
    })
}

unsafe extern "C" fn request_disconnect(host: u64, error: *mut PluginError) -> i32 {
    with(host, error, |state| {
        state.calls.push("request_disconnect".into());
        Ok(())
    })
}

unsafe extern "C" fn get_history(
    host: u64,
    limit: u32,
    receive: PluginReceiveHistory,
    userdata: *mut c_void,
    error: *mut PluginError,
) -> i32 {
    with(host, error, |_| {
        for number in 0..limit.max(1) {
            let content = number.to_string();
            unsafe { receive(userdata, &history_message(&content)) };
        }
        Ok(())
    })
}

unsafe extern "C" fn request_reply(host: u64, request: u64, reply: PluginText, error: *mut PluginError) -> i32 {
    with(host, error, |state| end_request(state, request, format!("reply {request} {}", read(reply))))
}

unsafe extern "C" fn request_fail(
    host: u64,
    request: u64,
    status: i32,
    reason: PluginText,
    error: *mut PluginError,
) -> i32 {
    with(host, error, |state| end_request(state, request, format!("fail {request} {status} {}", read(reason))))
}

fn end_request(state: &mut State, request: u64, call: String) -> Result<(), (i32, &'static str)> {
    match state.requests.insert(request, PLUGIN_ENDED) {
        Some(PLUGIN_OK) => {
            state.calls.push(call);
            Ok(())
        }
        Some(status) => Err((status, "the request has ended")),
        None => Err((PLUGIN_INVALID_HANDLE, "there is no such request")),
    }
}

unsafe extern "C" fn request_status(host: u64, request: u64) -> i32 {
    let mut found = PLUGIN_INVALID_HANDLE;
    let status = with(host, null_mut(), |state| {
        found = state.requests.get(&request).copied().unwrap_or(found);
        Ok(())
    });
    if status < 0 {
        status
    } else {
        found
    }
}

unsafe extern "C" fn request_remaining_ns(_: u64, request: u64) -> u64 {
    if request == 1 {
        1_500_000_000
    } else {
        u64::MAX
    }
}

unsafe extern "C" fn stream_start(host: u64, request: u64, _: u32, stream: *mut u64, error: *mut PluginError) -> i32 {
    with(host, error, |state| {
        let handle = NEXT_STREAM.fetch_add(1, Ordering::Relaxed);
        state.streams.insert(handle, PLUGIN_STREAM_ACTIVE);
        state.calls.push(format!("start {request}"));
        unsafe { *stream = handle };
        Ok(())
    })
}

fn live(state: &State, stream: u64) -> Result<i32, (i32, &'static str)> {
    match state.streams.get(&stream) {
        None => Err((PLUGIN_INVALID_HANDLE, "there is no such stream")),
        Some(&PLUGIN_STREAM_CANCELLED) => Err((PLUGIN_CANCELLED, "cancelled")),
        Some(&state) if state >= PLUGIN_STREAM_COMPLETED => Err((PLUGIN_ENDED, "ended")),
        Some(&state) => Ok(state),
    }
}

unsafe extern "C" fn stream_data(
    host: u64,
    stream: u64,
    chunk: PluginText,
    flags: u32,
    wait_ms: u32,
    error: *mut PluginError,
) -> i32 {
    with(host, error, |state| match live(state, stream)? {
        PLUGIN_STREAM_PAUSED if wait_ms == 0 => Err((PLUGIN_PAUSED, "paused")),
        PLUGIN_STREAM_PAUSED => panic!("the plugin would wait for itself for ever"),
        PLUGIN_STREAM_ACTIVE if state.full && wait_ms == 0 => Err((PLUGIN_FULL, "full")),
        PLUGIN_STREAM_FINALIZING => Err((PLUGIN_INVALID_STATE, "the final chunk was sent")),
        _ => {
            if flags & PLUGIN_CHUNK_FINAL != 0 {
                state.streams.insert(stream, PLUGIN_STREAM_FINALIZING);
            }
            state.calls.push(format!("chunk {}", read(chunk)));
            Ok(())
        }
    })
}

unsafe extern "C" fn stream_batch(
    host: u64,
    stream: u64,
    chunks: *const PluginText,
    count: u32,
    _: u32,
    _: u32,
    error: *mut PluginError,
) -> i32 {
    with(host, error, |state| {
        live(state, stream)?;
        let chunks = unsafe { std::slice::from_raw_parts(chunks, count as usize) };
        let words: Vec<String> = chunks.iter().map(|chunk| read(*chunk)).collect();
        state.calls.push(format!("batch {}", words.join("|")));
        Ok(())
    })
}

fn move_stream(host: u64, stream: u64, to: i32, call: String, error: *mut PluginError) -> i32 {
    with(host, error, |state| {
        live(state, stream)?;
        state.streams.insert(stream, to);
        state.calls.push(call);
        Ok(())
    })
}

unsafe extern "C" fn stream_end(
    host: u64,
    stream: u64,
    success: i32,
    reason: PluginText,
    error: *mut PluginError,
) -> i32 {
    let to = if success == 1 { PLUGIN_STREAM_COMPLETED } else { PLUGIN_STREAM_FAILED };
    move_stream(host, stream, to, format!("end {success} {}", read(reason)), error)
}

unsafe extern "C" fn stream_pause(host: u64, stream: u64, error: *mut PluginError) -> i32 {
    move_stream(host, stream, PLUGIN_STREAM_PAUSED, "pause".into(), error)
}

unsafe extern "C" fn stream_resume(host: u64, stream: u64, error: *mut PluginError) -> i32 {
    move_stream(host, stream, PLUGIN_STREAM_ACTIVE, "resume".into(), error)
}

unsafe extern "C" fn stream_cancel(host: u64, stream: u64, error: *mut PluginError) -> i32 {
    move_stream(host, stream, PLUGIN_STREAM_CANCELLED, "cancel".into(), error)
}

unsafe extern "C" fn stream_status(host: u64, stream: u64) -> i32 {
    let mut found = PLUGIN_INVALID_HANDLE;
    with(host, null_mut(), |state| {
        found = state.streams.get(&stream).copied().unwrap_or(found);
        Ok(())
    });
    found
}

unsafe extern "C" fn stream_list(
    host: u64,
    receive: PluginReceiveStream,
    userdata: *mut c_void,
    error: *mut PluginError,
) -> i32 {
    with(host, error, |state| {
        let mut open: Vec<u64> = state
            .streams
            .iter()
            .filter(|(_, state)| **state < PLUGIN_STREAM_COMPLETED)
            .map(|(handle, _)| *handle)
            .collect();
        open.sort_unstable();
        for handle in open {
            unsafe { receive(userdata, handle) };
        }
        Ok(())
    })
}

unsafe extern "C" fn get_extension(_: u64, _: PluginText) -> *const c_void {
    null()
}

pub static TABLE: HostCallbacks = HostCallbacks {
    struct_size: size_of::<HostCallbacks>() as u32,
    abi_version: PLUGIN_ABI_VERSION,
    send_to_frontend: Some(send_to_frontend),
    send_message: Some(send_message),
    get_app_config: Some(get_app_config),
    set_app_config: Some(set_app_config),
    call_other_plugin: Some(call_other_plugin),
    log: Some(log),
    refresh_ui: Some(refresh_ui),
    request_disconnect: Some(request_disconnect),
    get_history: Some(get_history),
    request_reply: Some(request_reply),
    request_fail: Some(request_fail),
    request_status: Some(request_status),
    request_remaining_ns: Some(request_remaining_ns),
    stream_start: Some(stream_start),
    stream_data: Some(stream_data),
    stream_batch: Some(stream_batch),
    stream_end: Some(stream_end),
    stream_pause: Some(stream_pause),
    stream_resume: Some(stream_resume),
    stream_cancel: Some(stream_cancel),
    stream_status: Some(stream_status),
    stream_list: Some(stream_list),
    get_extension: Some(get_extension),
};

pub fn history_message(content: &str) -> PluginHistoryMessage {
    PluginHistoryMessage {
        struct_size: size_of::<PluginHistoryMessage>() as u32,
        reserved: 0,
        id: text("m1"),
        message_type: text("normal"),
        status: text("completed"),
        content: text(content),
        plugin_id: text("test"),
        role: text("user"),
        created_at: text("2026-01-31T12:00:00Z"),
    }
}

pub fn metadata() -> PluginMetadataFFI {
    PluginMetadataFFI {
        struct_size: size_of::<PluginMetadataFFI>() as u32,
        flags: PLUGIN_METADATA_REQUIRE_HISTORY,
        id: text("test"),
        name: text("Test"),
        description: text(""),
        version: text("1.2.3"),
        author: text(""),
        config_path: text("/plugins/test/config.toml"),
        library_path: text("/plugins/test/libtest.so"),
        instance_id: text(""),
        permissions: text("network serial"),
    }
}

/// A plugin with its host; ended when it is dropped.
pub struct Running {
    pub host: Arc<Host>,
    pub interface: *mut PluginInterface,
    context: Box<PluginInstanceContext>,
    metadata: *mut PluginMetadataFFI,
    pub instance_id: String,
    requests: u64,
}

/// Status and text of an entry that failed.
pub type Failure = (i32, String);

impl Running {
    /// Made and initialized.
    pub fn new(handler: impl PluginHandler + 'static) -> Self {
        let running = Self::created(create_plugin_interface_from_handler(Box::new(handler)), &TABLE);
        running.initialize().expect("initialize succeeds");
        running
    }

    /// Made only.
    pub fn created(interface: *mut PluginInterface, table: *const HostCallbacks) -> Self {
        let mut hosts = HOSTS.lock().unwrap();
        let handle = hosts.len() as u64 + 1;
        let host = Arc::new(Host { handle, state: Mutex::default() });
        hosts.push(host.clone());
        drop(hosts);
        // Of its own: tests run side by side, and the library knows its instances by these ids.
        let instance_id = format!("test-{handle}");
        let metadata = Box::into_raw(Box::new(PluginMetadataFFI { instance_id: text(&instance_id), ..metadata() }));
        let context = Box::new(PluginInstanceContext {
            struct_size: size_of::<PluginInstanceContext>() as u32,
            reserved: 0,
            callbacks: table,
            host: handle,
            metadata,
        });
        Running { host, interface, context, metadata, instance_id, requests: 0 }
    }

    pub fn table(&self) -> &PluginInterface {
        unsafe { &*self.interface }
    }

    /// Runs an entry with an error object.
    pub fn entry(
        &self,
        call: impl FnOnce(*mut c_void, *const PluginInstanceContext, *mut PluginError) -> i32,
    ) -> Result<i32, Failure> {
        let mut buffer = [0u8; 256];
        let mut error = PluginError {
            struct_size: size_of::<PluginError>() as u32,
            status: 0,
            text: buffer.as_mut_ptr().cast(),
            capacity: buffer.len() as u64,
            length: 0,
        };
        let status = call(self.table().plugin_ptr, &*self.context, &mut error);
        if status >= 0 {
            return Ok(status);
        }
        Err((status, String::from_utf8(buffer[..error.length as usize].to_vec()).expect("errors are UTF-8")))
    }

    pub fn initialize(&self) -> Result<i32, Failure> {
        self.entry(|plugin, context, error| unsafe { self.table().initialize.unwrap()(plugin, context, error) })
    }

    /// Sends a message; returns what handle_message does, and the request.
    pub fn send(&mut self, message: &str) -> (Result<i32, Failure>, u64) {
        self.requests += 1;
        let request = self.requests;
        self.state(|state| state.requests.insert(request, PLUGIN_OK));
        let result = self.entry(|plugin, context, error| unsafe {
            self.table().handle_message.unwrap()(plugin, context, request, text(message), error)
        });
        (result, request)
    }

    pub fn state<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.host.state.lock().unwrap())
    }

    /// What the plugin has called so far; forgotten here. Stack traces, which depend on RUST_BACKTRACE, are left out.
    pub fn calls(&self) -> Vec<String> {
        let calls = self.state(|state| std::mem::take(&mut state.calls));
        calls.into_iter().filter(|call| !call.starts_with("log 1 ")).collect()
    }

    /// The instance is gone for its threads.
    pub fn close(&self) {
        self.state(|state| state.closed = true);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The words of a failed assertion went to the log of this host.
            eprintln!("{:#?}", self.calls());
        }
        self.close();
        if !self.interface.is_null() {
            drop(unsafe { Box::from_raw(self.interface) });
        }
        drop(unsafe { Box::from_raw(self.metadata) });
    }
}
