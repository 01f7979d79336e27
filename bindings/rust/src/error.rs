// SPDX-License-Identifier: Apache-2.0
//! Results of calls: a status, and a text for the person.

use crate::abi::{self, PluginError, PluginStatus};
use std::fmt;

/// A result of the ABI: zero and above is success, below zero is failure. A plugin's own codes are below
/// [`Status::PLUGIN_FIRST`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub i32);

macro_rules! statuses {
    ($($name:ident = $value:ident),* $(,)?) => {
        impl Status {
            $(#[doc = concat!("`", stringify!($value), "` of the header.")] pub const $name: Status = Status(abi::$value);)*
            /// Codes of the plugin's own are below this.
            pub const PLUGIN_FIRST: Status = Status(abi::PLUGIN_STATUS_PLUGIN_FIRST);
        }
    };
}

statuses! {
    OK = PLUGIN_OK,
    PENDING = PLUGIN_PENDING,
    ERROR = PLUGIN_ERROR,
    INVALID_ARGUMENT = PLUGIN_INVALID_ARGUMENT,
    INVALID_TEXT = PLUGIN_INVALID_TEXT,
    INVALID_STATE = PLUGIN_INVALID_STATE,
    INVALID_HANDLE = PLUGIN_INVALID_HANDLE,
    CLOSED = PLUGIN_CLOSED,
    ENDED = PLUGIN_ENDED,
    CANCELLED = PLUGIN_CANCELLED,
    TIMEOUT = PLUGIN_TIMEOUT,
    PAUSED = PLUGIN_PAUSED,
    FULL = PLUGIN_FULL,
    TOO_LARGE = PLUGIN_TOO_LARGE,
    NOT_FOUND = PLUGIN_NOT_FOUND,
    NOT_CONNECTED = PLUGIN_NOT_CONNECTED,
    UNSUPPORTED = PLUGIN_UNSUPPORTED,
    CYCLE = PLUGIN_CYCLE,
    NO_REPLY = PLUGIN_NO_REPLY,
    WRONG_VERSION = PLUGIN_WRONG_VERSION,
    OUT_OF_MEMORY = PLUGIN_OUT_OF_MEMORY,
    NOT_PERMITTED = PLUGIN_NOT_PERMITTED,
}

impl Status {
    fn listed(self) -> Option<&'static (i32, &'static str, &'static str)> {
        abi::PLUGIN_STATUS_LIST.iter().find(|(value, _, _)| *value == self.0)
    }

    /// Whether it says that the call failed.
    pub fn is_failure(self) -> bool {
        self.0 < 0
    }

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        self.listed().map_or("a status of the plugin's own", |(_, _, meaning)| meaning)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.listed() {
            Some((_, name, _)) => f.write_str(name),
            None => write!(f, "Status({})", self.0),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meaning())
    }
}

/// Why a call failed. As the error of a handler's method it chooses the status that the host sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    status: Status,
    text: String,
}

impl Error {
    /// An error with a status below zero (any other counts as [`Status::ERROR`]) and a text for the person.
    pub fn new(status: Status, text: impl Into<String>) -> Self {
        Error { status: if status.is_failure() { status } else { Status::ERROR }, text: text.into() }
    }

    /// The status.
    pub fn status(&self) -> Status {
        self.status
    }

    /// What the text says; empty where the status says it all.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text.is_empty() { self.status.meaning() } else { &self.text })
    }
}

impl std::error::Error for Error {}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Error::new(status, "")
    }
}

/// The status and the text of whatever a handler's method failed with.
pub(crate) fn describe(error: &(dyn std::error::Error + 'static)) -> Error {
    let status = error.downcast_ref::<Error>().map_or(Status::ERROR, Error::status);
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        // Many errors repeat their cause in their own words.
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        source = cause.source();
    }
    Error::new(status, text)
}

/// Makes a call that has an error object as its last argument.
pub(crate) fn call(function: impl FnOnce(*mut PluginError) -> PluginStatus) -> Result<(), Error> {
    let mut buffer = [0u8; 1024];
    let mut error = PluginError {
        struct_size: std::mem::size_of::<PluginError>() as u32,
        status: 0,
        text: buffer.as_mut_ptr().cast(),
        capacity: buffer.len() as u64,
        length: 0,
    };
    let status = Status(function(&mut error));
    if !status.is_failure() {
        return Ok(());
    }
    let length = error.length.min(buffer.len() as u64) as usize;
    Err(Error::new(status, String::from_utf8_lossy(&buffer[..length])))
}

/// Writes an error where the host wants it, and returns its status.
///
/// # Safety
///
/// `target` is NULL or an error object of the host's.
pub(crate) unsafe fn report(error: &Error, target: *mut PluginError) -> PluginStatus {
    // SAFETY: the caller's promise; the host's buffer has `capacity` bytes.
    if let Some(target) = unsafe { target.as_mut() } {
        let text = error.to_string();
        let mut length = text.len().min(target.capacity as usize);
        while !text.is_char_boundary(length) {
            length -= 1;
        }
        target.status = error.status.0;
        target.length = length as u64;
        if length > 0 {
            // SAFETY: as above; the two buffers are different allocations.
            unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), target.text.cast(), length) };
        }
    }
    error.status.0
}

/// What a callback that a shorter table of the host's lacks is answered.
pub(crate) fn missing() -> Error {
    Error::new(Status::UNSUPPORTED, "this host is too old to offer this")
}
