// SPDX-License-Identifier: Apache-2.0
//! Panics: none leaves an entry, and none is lost.

use crate::callbacks::{suspect, Suspect};
use crate::error::{describe, Error, Status};
use crate::logging::{self, LogLevel};
use crate::running;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// Runs a method of a handler: what it fails with, by `Err` or by a panic, is the result's error.
pub(crate) fn guard<T>(function: impl FnOnce() -> Result<T, Box<dyn std::error::Error>>) -> Result<T, Error> {
    // The handler is used after a panic, as it is after an error: what state it is in is its author's to know.
    // An error's words are its author's code too.
    let words_of = |error: Box<dyn std::error::Error>| describe(error.as_ref());
    match panic::catch_unwind(AssertUnwindSafe(|| function().map_err(words_of))) {
        Ok(result) => result,
        Err(payload) => {
            let words = running::take_panic().unwrap_or_else(|| format!("panicked: {}", message_of(payload.as_ref())));
            // A payload's own destructor may panic, with a payload of which the same is true.
            if let Err(another) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(another);
            }
            Err(Error::new(Status::ERROR, words))
        }
    }
}

fn message_of(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no message)")
}

/// Lets panics of this library reach the host instead of standard error. Done once, with the first plugin.
pub(crate) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| hook(info, &before)));
    });
}

fn hook(info: &PanicHookInfo<'_>, before: &dyn Fn(&PanicHookInfo<'_>)) {
    // The process is about to end, and with it the host, which would write its log later.
    if cfg!(panic = "abort") {
        return before(info);
    }
    let (file, line) = info.location().map_or(("?", 0), |place| (place.file(), place.line()));
    let words = format!("panicked at {file}:{line}: {}", message_of(info.payload()));
    if running::in_entry() {
        running::keep_panic(words); // the entry's error tells it
    } else if matches!(suspect(), Suspect::Never) {
        return before(info);
    } else {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("unnamed");
        logging::write(LogLevel::Error, file, line, format_args!("thread {name:?} {words}"));
    }
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        logging::write(LogLevel::Debug, file, line, format_args!("{trace}"));
    }
}

/// Runs a constructor, which has nobody to tell yet: a panic is the error.
pub(crate) fn guard_constructor<T>(make: impl FnOnce() -> T) -> Result<T, Error> {
    let entry = running::Entry::begin(None, 0);
    let made = guard(|| Ok(make()));
    drop(entry);
    made.map_err(|error| Error::new(error.status(), format!("the plugin's constructor {error}")))
}
