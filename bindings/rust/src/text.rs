// SPDX-License-Identifier: Apache-2.0
//! Texts across the boundary.

use crate::abi::PluginText;
use std::borrow::Cow;
use std::ffi::c_void;

/// A text that is lent to the host until the call that it is given to returns.
pub(crate) fn lend(text: &str) -> PluginText {
    PluginText { data: text.as_ptr().cast(), length: text.len() as u64 }
}

/// The bytes of a text.
///
/// # Safety
///
/// `text` is as the header says of texts from the host, and outlives `'a`.
pub(crate) unsafe fn bytes<'a>(text: PluginText) -> &'a [u8] {
    if text.data.is_null() || text.length == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(text.data.cast(), text.length as usize) }
}

/// A text of the host's. Its bytes are UTF-8 by the ABI; what is not, is shown as U+FFFD rather than trusted.
///
/// # Safety
///
/// As for [`bytes`].
pub(crate) unsafe fn borrow<'a>(text: PluginText) -> Cow<'a, str> {
    // SAFETY: the caller's promise.
    String::from_utf8_lossy(unsafe { bytes(text) })
}

/// A copy of a text of the host's.
///
/// # Safety
///
/// `text` is as the header says of texts from the host.
pub(crate) unsafe fn copy(text: PluginText) -> String {
    // SAFETY: the caller's promise.
    unsafe { borrow(text) }.into_owned()
}

/// The receiver for one text; `userdata` is an `Option<String>`.
pub(crate) unsafe extern "C" fn receive_text(userdata: *mut c_void, text: PluginText) {
    // SAFETY: every call in this crate that names this receiver passes an `Option<String>` that outlives the call.
    unsafe { *userdata.cast::<Option<String>>() = Some(copy(text)) };
}
