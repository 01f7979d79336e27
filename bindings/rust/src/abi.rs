// SPDX-License-Identifier: Apache-2.0
//! The ABI as `plugin_interface.h` declares it, which says of each item what it means, who owns what and on which
//! thread it runs. Made from that header by `bindings/rust/generate.py`: not edited by hand.
#![allow(missing_docs, clippy::type_complexity)]

use std::ffi::{c_char, c_void};

pub const PLUGIN_OK: i32 = 0;
pub const PLUGIN_PENDING: i32 = 1;
pub const PLUGIN_ERROR: i32 = -1;
pub const PLUGIN_INVALID_ARGUMENT: i32 = -2;
pub const PLUGIN_INVALID_TEXT: i32 = -3;
pub const PLUGIN_INVALID_STATE: i32 = -4;
pub const PLUGIN_INVALID_HANDLE: i32 = -5;
pub const PLUGIN_CLOSED: i32 = -6;
pub const PLUGIN_ENDED: i32 = -7;
pub const PLUGIN_CANCELLED: i32 = -8;
pub const PLUGIN_TIMEOUT: i32 = -9;
pub const PLUGIN_PAUSED: i32 = -10;
pub const PLUGIN_FULL: i32 = -11;
pub const PLUGIN_TOO_LARGE: i32 = -12;
pub const PLUGIN_NOT_FOUND: i32 = -13;
pub const PLUGIN_NOT_CONNECTED: i32 = -14;
pub const PLUGIN_UNSUPPORTED: i32 = -15;
pub const PLUGIN_CYCLE: i32 = -16;
pub const PLUGIN_NO_REPLY: i32 = -17;
pub const PLUGIN_WRONG_VERSION: i32 = -18;
pub const PLUGIN_OUT_OF_MEMORY: i32 = -19;
pub const PLUGIN_NOT_PERMITTED: i32 = -20;
pub const PLUGIN_STATUS_PLUGIN_FIRST: i32 = -1000;
pub const PLUGIN_METADATA_DISABLED: u32 = 1;
pub const PLUGIN_METADATA_REQUIRE_HISTORY: u32 = 2;
pub const PLUGIN_MESSAGE_NORMAL: u32 = 0;
pub const PLUGIN_MESSAGE_SUCCESS: u32 = 1;
pub const PLUGIN_MESSAGE_WARNING: u32 = 2;
pub const PLUGIN_MESSAGE_ERROR: u32 = 3;
pub const PLUGIN_MESSAGE_INFO: u32 = 4;
pub const PLUGIN_LOG_TRACE: u32 = 0;
pub const PLUGIN_LOG_DEBUG: u32 = 1;
pub const PLUGIN_LOG_INFO: u32 = 2;
pub const PLUGIN_LOG_WARN: u32 = 3;
pub const PLUGIN_LOG_ERROR: u32 = 4;
pub const PLUGIN_STREAM_ACTIVE: i32 = 0;
pub const PLUGIN_STREAM_PAUSED: i32 = 1;
pub const PLUGIN_STREAM_FINALIZING: i32 = 2;
pub const PLUGIN_STREAM_COMPLETED: i32 = 3;
pub const PLUGIN_STREAM_FAILED: i32 = 4;
pub const PLUGIN_STREAM_CANCELLED: i32 = 5;
pub const PLUGIN_CHUNK_FINAL: u32 = 1;
pub const PLUGIN_RESPONSE_CLICKED: u32 = 1;
pub const PLUGIN_RESPONSE_CHANGED: u32 = 2;
pub const PLUGIN_RESPONSE_SUBMITTED: u32 = 4;
pub const PLUGIN_RESPONSE_LOST_FOCUS: u32 = 8;
pub const PLUGIN_RESPONSE_HOVERED: u32 = 16;
pub const PLUGIN_WIDGET_DISABLED: u32 = 1;
pub const PLUGIN_WIDGET_PASSWORD: u32 = 2;
pub const PLUGIN_WIDGET_OPEN: u32 = 4;
pub const PLUGIN_WIDGET_FOLDER: u32 = 8;
pub const PLUGIN_WIDGET_HIDE_LABEL: u32 = 16;
pub const PLUGIN_SERIES_LINE: u32 = 0;
pub const PLUGIN_SERIES_POINTS: u32 = 1;
pub const PLUGIN_SERIES_BARS: u32 = 2;
pub const PLUGIN_UI_DARK: u32 = 1;
pub const PLUGIN_ABI_MAGIC: u32 = 0x504C;
pub const PLUGIN_ABI_VERSION_NUMBER: u32 = 0x1;
pub const PLUGIN_ABI_VERSION: u32 = 0x504C0001;
pub const PLUGIN_UNTIL_NUL: u64 = 0xFFFFFFFFFFFFFFFF;
pub const PLUGIN_NONE: u64 = 0;
pub const PLUGIN_WAIT_FOREVER: u32 = 0xFFFFFFFF;
pub const PLUGIN_FEATURE_SHORT_CALLS: u64 = 1;

/// Each status with its name and what it means.
pub const PLUGIN_STATUS_LIST: &[(i32, &str, &str)] = &[
    (PLUGIN_OK, "PLUGIN_OK", "done"),
    (PLUGIN_PENDING, "PLUGIN_PENDING", "the request was kept and will be answered later"),
    (PLUGIN_ERROR, "PLUGIN_ERROR", "the call failed"),
    (PLUGIN_INVALID_ARGUMENT, "PLUGIN_INVALID_ARGUMENT", "an argument is NULL or out of range"),
    (PLUGIN_INVALID_TEXT, "PLUGIN_INVALID_TEXT", "a text is not UTF-8, or has a NUL byte where none is allowed"),
    (PLUGIN_INVALID_STATE, "PLUGIN_INVALID_STATE", "the call is not allowed in this state of the life cycle"),
    (PLUGIN_INVALID_HANDLE, "PLUGIN_INVALID_HANDLE", "the handle does not name a request or stream of this instance"),
    (PLUGIN_CLOSED, "PLUGIN_CLOSED", "the instance or its host is gone"),
    (PLUGIN_ENDED, "PLUGIN_ENDED", "the request or stream has already ended"),
    (PLUGIN_CANCELLED, "PLUGIN_CANCELLED", "the request or stream was cancelled"),
    (PLUGIN_TIMEOUT, "PLUGIN_TIMEOUT", "the deadline passed"),
    (PLUGIN_PAUSED, "PLUGIN_PAUSED", "the stream is paused"),
    (PLUGIN_FULL, "PLUGIN_FULL", "the queue is full"),
    (PLUGIN_TOO_LARGE, "PLUGIN_TOO_LARGE", "a text is larger than the host allows"),
    (PLUGIN_NOT_FOUND, "PLUGIN_NOT_FOUND", "there is no such plugin, key or extension"),
    (PLUGIN_NOT_CONNECTED, "PLUGIN_NOT_CONNECTED", "the instance is not connected"),
    (PLUGIN_UNSUPPORTED, "PLUGIN_UNSUPPORTED", "the other side does not offer this"),
    (PLUGIN_CYCLE, "PLUGIN_CYCLE", "plugins call each other in a circle"),
    (PLUGIN_NO_REPLY, "PLUGIN_NO_REPLY", "the entry returned without a reply"),
    (PLUGIN_WRONG_VERSION, "PLUGIN_WRONG_VERSION", "the plugin was built for another version of the ABI"),
    (PLUGIN_OUT_OF_MEMORY, "PLUGIN_OUT_OF_MEMORY", "no memory is left"),
    (PLUGIN_NOT_PERMITTED, "PLUGIN_NOT_PERMITTED", "the person did not allow this"),
];

pub type PluginStatus = i32;

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginError {
    pub struct_size: u32,
    pub status: PluginStatus,
    pub text: *mut c_char,
    pub capacity: u64,
    pub length: u64,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginText {
    pub data: *const c_char,
    pub length: u64,
}

pub type PluginHost = u64;

pub type PluginRequest = u64;

pub type PluginStream = u64;

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginMetadataFFI {
    pub struct_size: u32,
    pub flags: u32,
    pub id: PluginText,
    pub name: PluginText,
    pub description: PluginText,
    pub version: PluginText,
    pub author: PluginText,
    pub config_path: PluginText,
    pub library_path: PluginText,
    pub instance_id: PluginText,
    pub permissions: PluginText,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginHistoryMessage {
    pub struct_size: u32,
    pub reserved: u32,
    pub id: PluginText,
    pub message_type: PluginText,
    pub status: PluginText,
    pub content: PluginText,
    pub plugin_id: PluginText,
    pub role: PluginText,
    pub created_at: PluginText,
}

pub type PluginReceiveText = unsafe extern "C" fn(userdata: *mut c_void, text: PluginText);

pub type PluginReceiveHistory = unsafe extern "C" fn(userdata: *mut c_void, message: *const PluginHistoryMessage);

pub type PluginReceiveStream = unsafe extern "C" fn(userdata: *mut c_void, stream: PluginStream);

#[derive(Clone, Copy)]
#[repr(C)]
pub struct HostCallbacks {
    pub struct_size: u32,
    pub abi_version: u32,
    pub send_to_frontend: Option<unsafe extern "C" fn(host: PluginHost, event: PluginText, payload: PluginText, wait_ms: u32, error: *mut PluginError) -> PluginStatus>,
    pub send_message: Option<unsafe extern "C" fn(host: PluginHost, kind: u32, text: PluginText, wait_ms: u32, error: *mut PluginError) -> PluginStatus>,
    pub get_app_config: Option<unsafe extern "C" fn(host: PluginHost, key: PluginText, receive: PluginReceiveText, userdata: *mut c_void, error: *mut PluginError) -> PluginStatus>,
    pub set_app_config: Option<unsafe extern "C" fn(host: PluginHost, key: PluginText, value: PluginText, error: *mut PluginError) -> PluginStatus>,
    pub call_other_plugin: Option<unsafe extern "C" fn(host: PluginHost, plugin_id: PluginText, message: PluginText, timeout_ms: u32, receive: PluginReceiveText, userdata: *mut c_void, error: *mut PluginError) -> PluginStatus>,
    pub log: Option<unsafe extern "C" fn(host: PluginHost, level: u32, file: PluginText, line: u32, text: PluginText)>,
    pub refresh_ui: Option<unsafe extern "C" fn(host: PluginHost, error: *mut PluginError) -> PluginStatus>,
    pub request_disconnect: Option<unsafe extern "C" fn(host: PluginHost, error: *mut PluginError) -> PluginStatus>,
    pub get_history: Option<unsafe extern "C" fn(host: PluginHost, limit: u32, receive: PluginReceiveHistory, userdata: *mut c_void, error: *mut PluginError) -> PluginStatus>,
    pub request_reply: Option<unsafe extern "C" fn(host: PluginHost, request: PluginRequest, text: PluginText, error: *mut PluginError) -> PluginStatus>,
    pub request_fail: Option<unsafe extern "C" fn(host: PluginHost, request: PluginRequest, status: PluginStatus, text: PluginText, error: *mut PluginError) -> PluginStatus>,
    pub request_status: Option<unsafe extern "C" fn(host: PluginHost, request: PluginRequest) -> PluginStatus>,
    pub request_remaining_ns: Option<unsafe extern "C" fn(host: PluginHost, request: PluginRequest) -> u64>,
    pub stream_start: Option<unsafe extern "C" fn(host: PluginHost, request: PluginRequest, kind: u32, stream: *mut PluginStream, error: *mut PluginError) -> PluginStatus>,
    pub stream_data: Option<unsafe extern "C" fn(host: PluginHost, stream: PluginStream, chunk: PluginText, flags: u32, wait_ms: u32, error: *mut PluginError) -> PluginStatus>,
    pub stream_batch: Option<unsafe extern "C" fn(host: PluginHost, stream: PluginStream, chunks: *const PluginText, count: u32, flags: u32, wait_ms: u32, error: *mut PluginError) -> PluginStatus>,
    pub stream_end: Option<unsafe extern "C" fn(host: PluginHost, stream: PluginStream, success: i32, reason: PluginText, error: *mut PluginError) -> PluginStatus>,
    pub stream_pause: Option<unsafe extern "C" fn(host: PluginHost, stream: PluginStream, error: *mut PluginError) -> PluginStatus>,
    pub stream_resume: Option<unsafe extern "C" fn(host: PluginHost, stream: PluginStream, error: *mut PluginError) -> PluginStatus>,
    pub stream_cancel: Option<unsafe extern "C" fn(host: PluginHost, stream: PluginStream, error: *mut PluginError) -> PluginStatus>,
    pub stream_status: Option<unsafe extern "C" fn(host: PluginHost, stream: PluginStream) -> i32>,
    pub stream_list: Option<unsafe extern "C" fn(host: PluginHost, receive: PluginReceiveStream, userdata: *mut c_void, error: *mut PluginError) -> PluginStatus>,
    pub get_extension: Option<unsafe extern "C" fn(host: PluginHost, name: PluginText) -> *const c_void>,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginInstanceContext {
    pub struct_size: u32,
    pub reserved: u32,
    pub callbacks: *const HostCallbacks,
    pub host: PluginHost,
    pub metadata: *const PluginMetadataFFI,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginResponse {
    pub struct_size: u32,
    pub flags: u32,
    pub id: u64,
    pub integer: i64,
    pub number: f64,
    pub text: PluginText,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginChoice {
    pub value: PluginText,
    pub label: PluginText,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginTable {
    pub struct_size: u32,
    pub column_count: u32,
    pub row_count: u32,
    pub reserved: u32,
    pub columns: *const PluginText,
    pub cells: *const PluginText,
    pub keys: *const PluginText,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginSeries {
    pub name: PluginText,
    pub x: *const f64,
    pub y: *const f64,
    pub count: u64,
    pub style: u32,
    pub reserved: u32,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginUi {
    pub struct_size: u32,
    pub flags: u32,
    pub table: *const PluginUiTable,
    pub frame_count: u64,
    pub time: f64,
}

#[derive(Clone, Copy)]
#[repr(C)]
pub struct PluginUiTable {
    pub struct_size: u32,
    pub abi_version: u32,
    pub heading: Option<unsafe extern "C" fn(ui: *mut PluginUi, text: PluginText)>,
    pub label: Option<unsafe extern "C" fn(ui: *mut PluginUi, text: PluginText)>,
    pub markdown: Option<unsafe extern "C" fn(ui: *mut PluginUi, text: PluginText)>,
    pub error: Option<unsafe extern "C" fn(ui: *mut PluginUi, text: PluginText)>,
    pub separator: Option<unsafe extern "C" fn(ui: *mut PluginUi)>,
    pub space: Option<unsafe extern "C" fn(ui: *mut PluginUi, points: f64)>,
    pub spinner: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText)>,
    pub progress: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, fraction: f64)>,
    pub button: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, flags: u32, response: *mut PluginResponse)>,
    pub text_edit_singleline: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: PluginText, hint: PluginText, flags: u32, response: *mut PluginResponse)>,
    pub text_edit_multiline: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: PluginText, hint: PluginText, flags: u32, response: *mut PluginResponse)>,
    pub integer: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: i64, minimum: i64, maximum: i64, flags: u32, response: *mut PluginResponse)>,
    pub number: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: f64, minimum: f64, maximum: f64, step: f64, flags: u32, response: *mut PluginResponse)>,
    pub slider: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: f64, minimum: f64, maximum: f64, step: f64, flags: u32, response: *mut PluginResponse)>,
    pub checkbox: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: i32, flags: u32, response: *mut PluginResponse)>,
    pub toggle: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: i32, flags: u32, response: *mut PluginResponse)>,
    pub selectable_value: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: i32, flags: u32, response: *mut PluginResponse)>,
    pub radio: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: PluginText, choices: *const PluginChoice, count: u32, flags: u32, response: *mut PluginResponse)>,
    pub combo_box: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: PluginText, placeholder: PluginText, choices: *const PluginChoice, count: u32, flags: u32, response: *mut PluginResponse)>,
    pub tooltip: Option<unsafe extern "C" fn(ui: *mut PluginUi, text: PluginText)>,
    pub begin_horizontal: Option<unsafe extern "C" fn(ui: *mut PluginUi)>,
    pub begin_vertical: Option<unsafe extern "C" fn(ui: *mut PluginUi)>,
    pub begin_grid: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, columns: u32)>,
    pub begin_collapsing: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, flags: u32)>,
    pub end: Option<unsafe extern "C" fn(ui: *mut PluginUi)>,
    pub push_id: Option<unsafe extern "C" fn(ui: *mut PluginUi, key: PluginText)>,
    pub pop_id: Option<unsafe extern "C" fn(ui: *mut PluginUi)>,
    pub code: Option<unsafe extern "C" fn(ui: *mut PluginUi, text: PluginText, language: PluginText)>,
    pub log_view: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, text: PluginText, rows: u32)>,
    pub link: Option<unsafe extern "C" fn(ui: *mut PluginUi, text: PluginText, url: PluginText)>,
    pub image: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, media_type: PluginText, data: *const c_void, length: u64, width: f64)>,
    pub plot: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, series: *const PluginSeries, count: u32)>,
    pub table: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, table: *const PluginTable, value: PluginText, flags: u32, response: *mut PluginResponse)>,
    pub multi_select: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, choices: *const PluginChoice, selected: *mut i32, count: u32, flags: u32, response: *mut PluginResponse)>,
    pub color: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: PluginText, flags: u32, response: *mut PluginResponse)>,
    pub date: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: PluginText, minimum: PluginText, maximum: PluginText, flags: u32, response: *mut PluginResponse)>,
    pub file_pick: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: PluginText, filter: PluginText, flags: u32, response: *mut PluginResponse)>,
    pub begin_tabs: Option<unsafe extern "C" fn(ui: *mut PluginUi, label: PluginText, value: PluginText, choices: *const PluginChoice, count: u32, flags: u32, response: *mut PluginResponse)>,
    pub confirm: Option<unsafe extern "C" fn(ui: *mut PluginUi, title: PluginText, text: PluginText, accept: PluginText, dismiss: PluginText, response: *mut PluginResponse)>,
    pub toast: Option<unsafe extern "C" fn(ui: *mut PluginUi, kind: u32, text: PluginText)>,
}

pub type PluginWriteBytes = unsafe extern "C" fn(userdata: *mut c_void, data: *const c_void, length: u64) -> PluginStatus;

#[repr(C)]
pub struct PluginInterface {
    pub struct_size: u32,
    pub abi_version: u32,
    pub features: u64,
    pub plugin_ptr: *mut c_void,
    pub destroy: unsafe extern "C" fn(plugin_ptr: *mut c_void),
    pub get_metadata: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, metadata: *mut PluginMetadataFFI, error: *mut PluginError) -> PluginStatus>,
    pub initialize: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, error: *mut PluginError) -> PluginStatus>,
    pub init_ui: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, ui: *mut PluginUi, error: *mut PluginError) -> PluginStatus>,
    pub update_ui: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, ui: *mut PluginUi, error: *mut PluginError) -> PluginStatus>,
    pub on_mount: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, error: *mut PluginError) -> PluginStatus>,
    pub on_dispose: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, error: *mut PluginError) -> PluginStatus>,
    pub on_connect: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, error: *mut PluginError) -> PluginStatus>,
    pub on_disconnect: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, error: *mut PluginError) -> PluginStatus>,
    pub handle_message: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, request: PluginRequest, message: PluginText, error: *mut PluginError) -> PluginStatus>,
    pub on_cancel: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, request: PluginRequest, stream: PluginStream)>,
    pub set_history: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, messages: *const *const PluginHistoryMessage, count: u64, error: *mut PluginError) -> PluginStatus>,
    pub save_state: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, write: PluginWriteBytes, userdata: *mut c_void, error: *mut PluginError) -> PluginStatus>,
    pub load_state: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, context: *const PluginInstanceContext, data: *const c_void, length: u64, error: *mut PluginError) -> PluginStatus>,
    pub get_extension: Option<unsafe extern "C" fn(plugin_ptr: *mut c_void, name: PluginText) -> *const c_void>,
}

pub type CreatePluginFn = unsafe extern "C" fn() -> *mut PluginInterface;

pub type DestroyPluginFn = unsafe extern "C" fn(table: *mut PluginInterface);

#[cfg(target_pointer_width = "64")]
const _: () = {
    use std::mem::{align_of, offset_of, size_of};
    assert!(size_of::<PluginError>() == 32 && align_of::<PluginError>() == 8);
    assert!(offset_of!(PluginError, struct_size) == 0);
    assert!(offset_of!(PluginError, status) == 4);
    assert!(offset_of!(PluginError, text) == 8);
    assert!(offset_of!(PluginError, capacity) == 16);
    assert!(offset_of!(PluginError, length) == 24);
    assert!(size_of::<PluginText>() == 16 && align_of::<PluginText>() == 8);
    assert!(offset_of!(PluginText, data) == 0);
    assert!(offset_of!(PluginText, length) == 8);
    assert!(size_of::<PluginMetadataFFI>() == 152 && align_of::<PluginMetadataFFI>() == 8);
    assert!(offset_of!(PluginMetadataFFI, struct_size) == 0);
    assert!(offset_of!(PluginMetadataFFI, flags) == 4);
    assert!(offset_of!(PluginMetadataFFI, id) == 8);
    assert!(offset_of!(PluginMetadataFFI, name) == 24);
    assert!(offset_of!(PluginMetadataFFI, description) == 40);
    assert!(offset_of!(PluginMetadataFFI, version) == 56);
    assert!(offset_of!(PluginMetadataFFI, author) == 72);
    assert!(offset_of!(PluginMetadataFFI, config_path) == 88);
    assert!(offset_of!(PluginMetadataFFI, library_path) == 104);
    assert!(offset_of!(PluginMetadataFFI, instance_id) == 120);
    assert!(offset_of!(PluginMetadataFFI, permissions) == 136);
    assert!(size_of::<PluginHistoryMessage>() == 120 && align_of::<PluginHistoryMessage>() == 8);
    assert!(offset_of!(PluginHistoryMessage, struct_size) == 0);
    assert!(offset_of!(PluginHistoryMessage, reserved) == 4);
    assert!(offset_of!(PluginHistoryMessage, id) == 8);
    assert!(offset_of!(PluginHistoryMessage, message_type) == 24);
    assert!(offset_of!(PluginHistoryMessage, status) == 40);
    assert!(offset_of!(PluginHistoryMessage, content) == 56);
    assert!(offset_of!(PluginHistoryMessage, plugin_id) == 72);
    assert!(offset_of!(PluginHistoryMessage, role) == 88);
    assert!(offset_of!(PluginHistoryMessage, created_at) == 104);
    assert!(size_of::<HostCallbacks>() == 192 && align_of::<HostCallbacks>() == 8);
    assert!(offset_of!(HostCallbacks, struct_size) == 0);
    assert!(offset_of!(HostCallbacks, abi_version) == 4);
    assert!(offset_of!(HostCallbacks, send_to_frontend) == 8);
    assert!(offset_of!(HostCallbacks, send_message) == 16);
    assert!(offset_of!(HostCallbacks, get_app_config) == 24);
    assert!(offset_of!(HostCallbacks, set_app_config) == 32);
    assert!(offset_of!(HostCallbacks, call_other_plugin) == 40);
    assert!(offset_of!(HostCallbacks, log) == 48);
    assert!(offset_of!(HostCallbacks, refresh_ui) == 56);
    assert!(offset_of!(HostCallbacks, request_disconnect) == 64);
    assert!(offset_of!(HostCallbacks, get_history) == 72);
    assert!(offset_of!(HostCallbacks, request_reply) == 80);
    assert!(offset_of!(HostCallbacks, request_fail) == 88);
    assert!(offset_of!(HostCallbacks, request_status) == 96);
    assert!(offset_of!(HostCallbacks, request_remaining_ns) == 104);
    assert!(offset_of!(HostCallbacks, stream_start) == 112);
    assert!(offset_of!(HostCallbacks, stream_data) == 120);
    assert!(offset_of!(HostCallbacks, stream_batch) == 128);
    assert!(offset_of!(HostCallbacks, stream_end) == 136);
    assert!(offset_of!(HostCallbacks, stream_pause) == 144);
    assert!(offset_of!(HostCallbacks, stream_resume) == 152);
    assert!(offset_of!(HostCallbacks, stream_cancel) == 160);
    assert!(offset_of!(HostCallbacks, stream_status) == 168);
    assert!(offset_of!(HostCallbacks, stream_list) == 176);
    assert!(offset_of!(HostCallbacks, get_extension) == 184);
    assert!(size_of::<PluginInstanceContext>() == 32 && align_of::<PluginInstanceContext>() == 8);
    assert!(offset_of!(PluginInstanceContext, struct_size) == 0);
    assert!(offset_of!(PluginInstanceContext, reserved) == 4);
    assert!(offset_of!(PluginInstanceContext, callbacks) == 8);
    assert!(offset_of!(PluginInstanceContext, host) == 16);
    assert!(offset_of!(PluginInstanceContext, metadata) == 24);
    assert!(size_of::<PluginResponse>() == 48 && align_of::<PluginResponse>() == 8);
    assert!(offset_of!(PluginResponse, struct_size) == 0);
    assert!(offset_of!(PluginResponse, flags) == 4);
    assert!(offset_of!(PluginResponse, id) == 8);
    assert!(offset_of!(PluginResponse, integer) == 16);
    assert!(offset_of!(PluginResponse, number) == 24);
    assert!(offset_of!(PluginResponse, text) == 32);
    assert!(size_of::<PluginChoice>() == 32 && align_of::<PluginChoice>() == 8);
    assert!(offset_of!(PluginChoice, value) == 0);
    assert!(offset_of!(PluginChoice, label) == 16);
    assert!(size_of::<PluginTable>() == 40 && align_of::<PluginTable>() == 8);
    assert!(offset_of!(PluginTable, struct_size) == 0);
    assert!(offset_of!(PluginTable, column_count) == 4);
    assert!(offset_of!(PluginTable, row_count) == 8);
    assert!(offset_of!(PluginTable, reserved) == 12);
    assert!(offset_of!(PluginTable, columns) == 16);
    assert!(offset_of!(PluginTable, cells) == 24);
    assert!(offset_of!(PluginTable, keys) == 32);
    assert!(size_of::<PluginSeries>() == 48 && align_of::<PluginSeries>() == 8);
    assert!(offset_of!(PluginSeries, name) == 0);
    assert!(offset_of!(PluginSeries, x) == 16);
    assert!(offset_of!(PluginSeries, y) == 24);
    assert!(offset_of!(PluginSeries, count) == 32);
    assert!(offset_of!(PluginSeries, style) == 40);
    assert!(offset_of!(PluginSeries, reserved) == 44);
    assert!(size_of::<PluginUi>() == 32 && align_of::<PluginUi>() == 8);
    assert!(offset_of!(PluginUi, struct_size) == 0);
    assert!(offset_of!(PluginUi, flags) == 4);
    assert!(offset_of!(PluginUi, table) == 8);
    assert!(offset_of!(PluginUi, frame_count) == 16);
    assert!(offset_of!(PluginUi, time) == 24);
    assert!(size_of::<PluginUiTable>() == 328 && align_of::<PluginUiTable>() == 8);
    assert!(offset_of!(PluginUiTable, struct_size) == 0);
    assert!(offset_of!(PluginUiTable, abi_version) == 4);
    assert!(offset_of!(PluginUiTable, heading) == 8);
    assert!(offset_of!(PluginUiTable, label) == 16);
    assert!(offset_of!(PluginUiTable, markdown) == 24);
    assert!(offset_of!(PluginUiTable, error) == 32);
    assert!(offset_of!(PluginUiTable, separator) == 40);
    assert!(offset_of!(PluginUiTable, space) == 48);
    assert!(offset_of!(PluginUiTable, spinner) == 56);
    assert!(offset_of!(PluginUiTable, progress) == 64);
    assert!(offset_of!(PluginUiTable, button) == 72);
    assert!(offset_of!(PluginUiTable, text_edit_singleline) == 80);
    assert!(offset_of!(PluginUiTable, text_edit_multiline) == 88);
    assert!(offset_of!(PluginUiTable, integer) == 96);
    assert!(offset_of!(PluginUiTable, number) == 104);
    assert!(offset_of!(PluginUiTable, slider) == 112);
    assert!(offset_of!(PluginUiTable, checkbox) == 120);
    assert!(offset_of!(PluginUiTable, toggle) == 128);
    assert!(offset_of!(PluginUiTable, selectable_value) == 136);
    assert!(offset_of!(PluginUiTable, radio) == 144);
    assert!(offset_of!(PluginUiTable, combo_box) == 152);
    assert!(offset_of!(PluginUiTable, tooltip) == 160);
    assert!(offset_of!(PluginUiTable, begin_horizontal) == 168);
    assert!(offset_of!(PluginUiTable, begin_vertical) == 176);
    assert!(offset_of!(PluginUiTable, begin_grid) == 184);
    assert!(offset_of!(PluginUiTable, begin_collapsing) == 192);
    assert!(offset_of!(PluginUiTable, end) == 200);
    assert!(offset_of!(PluginUiTable, push_id) == 208);
    assert!(offset_of!(PluginUiTable, pop_id) == 216);
    assert!(offset_of!(PluginUiTable, code) == 224);
    assert!(offset_of!(PluginUiTable, log_view) == 232);
    assert!(offset_of!(PluginUiTable, link) == 240);
    assert!(offset_of!(PluginUiTable, image) == 248);
    assert!(offset_of!(PluginUiTable, plot) == 256);
    assert!(offset_of!(PluginUiTable, table) == 264);
    assert!(offset_of!(PluginUiTable, multi_select) == 272);
    assert!(offset_of!(PluginUiTable, color) == 280);
    assert!(offset_of!(PluginUiTable, date) == 288);
    assert!(offset_of!(PluginUiTable, file_pick) == 296);
    assert!(offset_of!(PluginUiTable, begin_tabs) == 304);
    assert!(offset_of!(PluginUiTable, confirm) == 312);
    assert!(offset_of!(PluginUiTable, toast) == 320);
    assert!(size_of::<PluginInterface>() == 144 && align_of::<PluginInterface>() == 8);
    assert!(offset_of!(PluginInterface, struct_size) == 0);
    assert!(offset_of!(PluginInterface, abi_version) == 4);
    assert!(offset_of!(PluginInterface, features) == 8);
    assert!(offset_of!(PluginInterface, plugin_ptr) == 16);
    assert!(offset_of!(PluginInterface, destroy) == 24);
    assert!(offset_of!(PluginInterface, get_metadata) == 32);
    assert!(offset_of!(PluginInterface, initialize) == 40);
    assert!(offset_of!(PluginInterface, init_ui) == 48);
    assert!(offset_of!(PluginInterface, update_ui) == 56);
    assert!(offset_of!(PluginInterface, on_mount) == 64);
    assert!(offset_of!(PluginInterface, on_dispose) == 72);
    assert!(offset_of!(PluginInterface, on_connect) == 80);
    assert!(offset_of!(PluginInterface, on_disconnect) == 88);
    assert!(offset_of!(PluginInterface, handle_message) == 96);
    assert!(offset_of!(PluginInterface, on_cancel) == 104);
    assert!(offset_of!(PluginInterface, set_history) == 112);
    assert!(offset_of!(PluginInterface, save_state) == 120);
    assert!(offset_of!(PluginInterface, load_state) == 128);
    assert!(offset_of!(PluginInterface, get_extension) == 136);
};
