// SPDX-License-Identifier: Apache-2.0
//! What this thread is at: the entry that runs on it, and the instance that it worked for last.

use crate::abi::PluginRequest;
use crate::callbacks::HostCallbacks;
use std::cell::{Cell, RefCell};

/// An entry that runs on this thread.
struct Running {
    request: PluginRequest,
    /// The request was dropped without an answer, so that the entry's result decides about it.
    dropped: bool,
}

thread_local! {
    static RUNNING: RefCell<Vec<Running>> = const { RefCell::new(Vec::new()) };
    static INSTANCE: RefCell<Option<HostCallbacks>> = const { RefCell::new(None) };
    static PANIC: Cell<Option<String>> = const { Cell::new(None) };
}

/// Marks this thread as one that runs an entry, until it is dropped. Entries nest where a plugin calls another one of
/// the same library.
pub(crate) struct Entry {
    before: Option<HostCallbacks>,
}

impl Entry {
    /// `request` is the one that the entry is to answer, or `PLUGIN_NONE`.
    pub(crate) fn begin(callbacks: Option<&HostCallbacks>, request: PluginRequest) -> Self {
        RUNNING.with_borrow_mut(|running| running.push(Running { request, dropped: false }));
        PANIC.take();
        Entry { before: INSTANCE.replace(callbacks.cloned()) }
    }

    /// Whether its request was dropped without an answer.
    pub(crate) fn dropped_request(&self) -> bool {
        RUNNING.with_borrow(|running| running.last().is_some_and(|entry| entry.dropped))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(|running| running.pop());
        INSTANCE.replace(self.before.take());
    }
}

/// The request that the innermost entry on this thread is to answer, or `PLUGIN_NONE`.
pub(crate) fn request() -> PluginRequest {
    RUNNING.with_borrow(|running| running.last().map_or(0, |entry| entry.request))
}

/// Notes that a request was dropped unanswered; `false` where no entry on this thread is to answer it.
pub(crate) fn note_dropped(request: PluginRequest) -> bool {
    // A request may be dropped by the destructor of a thread local, when this one is gone already.
    RUNNING
        .try_with(|running| {
            let mut running = running.borrow_mut();
            let entry = running.iter_mut().rev().find(|entry| entry.request == request);
            entry.map(|entry| entry.dropped = true).is_some()
        })
        .unwrap_or(false)
}

/// Whether an entry runs on this thread.
pub(crate) fn in_entry() -> bool {
    RUNNING.try_with(|running| !running.borrow().is_empty()).unwrap_or(false)
}

/// This thread works for an instance; what it logs is that instance's from now on. In an entry it is the entry's.
pub(crate) fn works_for(callbacks: &HostCallbacks) {
    let _ = INSTANCE.try_with(|instance| {
        let mut instance = instance.borrow_mut();
        let other = instance.as_ref().is_some_and(|known| known.host() != callbacks.host());
        if instance.is_none() || (other && !in_entry()) {
            *instance = Some(callbacks.clone());
        }
    });
}

/// The instance that this thread works for; `None` where that is not known.
pub(crate) fn instance() -> Option<HostCallbacks> {
    INSTANCE.try_with(|instance| instance.borrow().clone()).ok().flatten()
}

/// Keeps the words of a panic for the entry that it ends.
pub(crate) fn keep_panic(words: String) {
    let _ = PANIC.try_with(|panic| panic.set(Some(words)));
}

/// The words of the panic that ended the entry on this thread.
pub(crate) fn take_panic() -> Option<String> {
    PANIC.take()
}
