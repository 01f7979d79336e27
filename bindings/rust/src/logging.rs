// SPDX-License-Identifier: Apache-2.0
//! Log lines, to the host's log.
//!
//! The macros need no context. A line is that of the instance whose method runs on this thread; on a thread of the
//! plugin's, of the instance whose context this thread used last; else of the only instance of this library. Where there
//! are several, the line says that it is from one of them. A line that comes after the last instance has ended is dropped;
//! where there never was one, in a unit test say, lines go to standard error.

use crate::callbacks::{suspect, Suspect};
use crate::running;
use std::fmt;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something needs care.
    Warn,
    /// Something to know.
    Info,
    /// For the plugin's author.
    Debug,
    /// For the plugin's author, in detail.
    Trace,
}

impl LogLevel {
    /// As the ABI has it.
    pub(crate) fn number(self) -> u32 {
        match self {
            LogLevel::Trace => crate::abi::PLUGIN_LOG_TRACE,
            LogLevel::Debug => crate::abi::PLUGIN_LOG_DEBUG,
            LogLevel::Info => crate::abi::PLUGIN_LOG_INFO,
            LogLevel::Warn => crate::abi::PLUGIN_LOG_WARN,
            LogLevel::Error => crate::abi::PLUGIN_LOG_ERROR,
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            LogLevel::Error => "ERROR",
            LogLevel::Warn => "WARN",
            LogLevel::Info => "INFO",
            LogLevel::Debug => "DEBUG",
            LogLevel::Trace => "TRACE",
        })
    }
}

/// The colours of terminals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum ColorCode {
    Black = 30,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Blue = 34,
    Magenta = 35,
    Cyan = 36,
    White = 37,
    BrightBlack = 90,
    BrightRed = 91,
    BrightGreen = 92,
    BrightYellow = 93,
    BrightBlue = 94,
    BrightMagenta = 95,
    BrightCyan = 96,
    BrightWhite = 97,
}

/// Writes a line; called by the macros.
#[doc(hidden)]
pub fn write(level: LogLevel, file: &str, line: u32, text: fmt::Arguments<'_>) {
    if let Some(host) = running::instance() {
        return host.log(level, file, line, &text.to_string());
    }
    match suspect() {
        Suspect::Only(host) => host.log(level, file, line, &text.to_string()),
        Suspect::OneOf(count, host) => host.log(level, file, line, &format!("(one of {count} instances) {text}")),
        Suspect::Gone => {}
        Suspect::Never => eprintln!("[{level:<5} {file}:{line}] {text}"),
    }
}

/// A text in a colour of terminals: `with_color!(ColorCode::Red, "{}", text)`.
#[macro_export]
macro_rules! with_color {
    ($color_code:expr, $($arg:tt)*) => {
        format_args!("\u{1B}[{}m{}\u{1B}[m", $color_code as u8, format_args!($($arg)*))
    };
}

/// Writes a line of a level: one value that is shown as it is, or a format string and its arguments.
#[macro_export]
macro_rules! host_log_print {
    ($level:expr, $message:expr $(,)?) => {
        $crate::logging::write($level, file!(), line!(), format_args!("{}", $message))
    };
    ($level:expr, $format:expr, $($arguments:tt)+) => {
        $crate::logging::write($level, file!(), line!(), format_args!($format, $($arguments)+))
    };
}

/// Writes a line that tells of a failure. One value is shown as it is; a format string has arguments.
#[macro_export]
macro_rules! log_error {
    ($($arguments:tt)+) => { $crate::host_log_print!($crate::LogLevel::Error, $($arguments)+) };
}

/// Writes a line that asks for care; see [`log_error!`].
#[macro_export]
macro_rules! log_warn {
    ($($arguments:tt)+) => { $crate::host_log_print!($crate::LogLevel::Warn, $($arguments)+) };
}

/// Writes a line to know; see [`log_error!`].
#[macro_export]
macro_rules! log_info {
    ($($arguments:tt)+) => { $crate::host_log_print!($crate::LogLevel::Info, $($arguments)+) };
}

/// Writes a line for the plugin's author; see [`log_error!`].
#[macro_export]
macro_rules! log_debug {
    ($($arguments:tt)+) => { $crate::host_log_print!($crate::LogLevel::Debug, $($arguments)+) };
}

/// Writes a detailed line for the plugin's author; see [`log_error!`].
#[macro_export]
macro_rules! log_trace {
    ($($arguments:tt)+) => { $crate::host_log_print!($crate::LogLevel::Trace, $($arguments)+) };
}
