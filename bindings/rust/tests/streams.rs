// SPDX-License-Identifier: Apache-2.0
//! Streams, by their ids and as values.

mod host;

use host::Running;
use plugin_interfaces::abi::*;
use plugin_interfaces::pluginui::{Context, Ui};
use plugin_interfaces::request::Request;
use plugin_interfaces::{PluginHandler, PluginInstanceContext, PluginStreamMessage, StreamError, StreamStatus};
use std::sync::mpsc::channel;

/// A plugin without a purpose, with a context to call.
struct Idle;

impl PluginHandler for Idle {
    fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}
}

/// A plugin that hands out its context.
struct Lends(std::sync::Mutex<std::sync::mpsc::Sender<PluginInstanceContext>>);

impl PluginHandler for Lends {
    fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}
    fn on_mount(&mut self, context: &PluginInstanceContext) -> Result<(), Box<dyn std::error::Error>> {
        Ok(self.0.lock().unwrap().send(context.clone())?)
    }
    fn handle_message(
        &mut self,
        message: &str,
        context: &PluginInstanceContext,
    ) -> Result<String, Box<dyn std::error::Error>> {
        let mut stream = context.stream()?;
        use std::fmt::Write;
        write!(stream, "{message}")?;
        stream.end()?;
        Ok(String::new())
    }
}

fn lend() -> (Running, PluginInstanceContext) {
    let (sender, contexts) = channel();
    let running = Running::new(Lends(std::sync::Mutex::new(sender)));
    let mount = running.table().on_mount.unwrap();
    running.entry(|plugin, context, error| unsafe { mount(plugin, context, error) }).unwrap();
    (running, contexts.recv().unwrap())
}

fn handle(id: &str) -> u64 {
    u64::from_str_radix(id.strip_prefix("stream_").unwrap(), 16).unwrap()
}

#[test]
fn a_stream_starts_sends_and_ends() {
    let (running, context) = lend();
    let id = context.send_message_stream_start().unwrap();
    context.send_message_stream(&id, "one", false).unwrap();
    context.send_message_stream_batch(&id, &["two", "three"]).unwrap();
    context.send_message_stream(&id, "four", true).unwrap();
    assert_eq!(Some(StreamStatus::Finalizing), context.get_stream_status(&id));
    context.send_message_stream_end(&id, true, None).unwrap();
    assert_eq!(vec!["start 0", "chunk one", "batch two|three", "chunk four", "end 1 "], running.calls());
}

#[test]
fn a_stream_in_handle_message_belongs_to_the_request() {
    let (mut running, _context) = lend();
    running.send("whole").0.unwrap();
    assert_eq!(vec!["start 1", "chunk whole", "end 1 ", "reply 1 "], running.calls());
}

/// A plugin that answers from a thread.
struct AnswersLater;

impl PluginHandler for AnswersLater {
    fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}
    fn handle_request(
        &mut self,
        request: Request,
        message: &str,
        _: &PluginInstanceContext,
    ) -> Result<(), Box<dyn std::error::Error>> {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let stream = request.stream().unwrap();
                stream.send(message).unwrap();
                stream.end().unwrap();
                request.reply("").unwrap();
            });
        });
        Ok(())
    }
}

#[test]
fn a_stream_of_a_request_belongs_to_it_on_any_thread() {
    let mut running = Running::new(AnswersLater);
    running.send("whole").0.unwrap();
    assert_eq!(vec!["start 1", "chunk whole", "end 1 ", "reply 1 "], running.calls());
}

#[test]
fn an_ended_stream_takes_nothing() {
    let (_running, context) = lend();
    let id = context.send_message_stream_start().unwrap();
    context.send_message_stream_end(&id, false, Some("why")).unwrap();
    assert_eq!(Err(StreamError::StreamAlreadyEnded), context.send_message_stream(&id, "x", false));
    assert_eq!(Err(StreamError::StreamAlreadyEnded), context.send_message_stream_end(&id, true, None));
    assert_eq!(Some(StreamStatus::Error), context.get_stream_status(&id));
}

#[test]
fn a_cancelled_stream_says_so() {
    let (running, context) = lend();
    let id = context.send_message_stream_start().unwrap();
    running.state(|state| state.streams.insert(handle(&id), PLUGIN_STREAM_CANCELLED));
    assert_eq!(Err(StreamError::StreamCancelled), context.send_message_stream(&id, "x", false));
}

#[test]
fn a_stream_that_the_plugin_paused_refuses_at_once() {
    let (_running, context) = lend();
    let id = context.send_message_stream_start().unwrap();
    context.send_message_stream_pause(&id).unwrap();
    assert_eq!(Err(StreamError::InvalidState), context.send_message_stream(&id, "x", false));
    context.send_message_stream_resume(&id).unwrap();
    assert_eq!(Ok(()), context.send_message_stream(&id, "x", false));
}

#[test]
fn a_stream_that_the_person_resumed_is_waited_for_again() {
    let (running, context) = lend();
    let id = context.send_message_stream_start().unwrap();
    context.send_message_stream_pause(&id).unwrap();
    running.state(|state| {
        state.streams.insert(handle(&id), PLUGIN_STREAM_ACTIVE);
        state.full = true;
    });
    assert_eq!(Ok(()), context.send_message_stream(&id, "x", false));
}

#[test]
fn try_send_does_not_wait() {
    let (running, context) = lend();
    let stream = context.stream().unwrap();
    running.state(|state| state.streams.insert(handle(&stream.id()), PLUGIN_STREAM_PAUSED));
    assert_eq!(Ok(false), stream.try_send("x"));
}

#[test]
fn a_dropped_stream_fails() {
    let (running, context) = lend();
    drop(context.stream().unwrap());
    assert_eq!(vec!["start 0", "end 0 the plugin dropped the stream before its end"], running.calls());
}

#[test]
fn a_stream_that_a_panic_drops_says_so() {
    let (running, context) = lend();
    let thread = std::thread::spawn(move || {
        let _stream = context.stream().unwrap();
        panic!("while it streams");
    });
    thread.join().unwrap_err();
    assert_eq!(Some("end 0 the plugin panicked"), running.calls().last().map(String::as_str));
}

#[test]
fn a_panic_in_a_thread_is_logged() {
    let (running, context) = lend();
    std::thread::spawn(move || {
        context.refresh_ui();
        panic!("alone");
    })
    .join()
    .unwrap_err();
    let calls = running.calls();
    assert!(
        calls.iter().any(|call| call.starts_with("log 4 thread \"unnamed\" panicked at tests/streams.rs:")),
        "{calls:?}"
    );
}

#[test]
fn a_stream_may_be_sent_to_another_thread() {
    let (running, context) = lend();
    let stream = context.stream().unwrap();
    std::thread::spawn(move || {
        stream.send("from there").unwrap();
        stream.end().unwrap();
    })
    .join()
    .unwrap();
    assert_eq!(vec!["start 0", "chunk from there", "end 1 "], running.calls());
}

#[test]
fn ids_that_are_none_are_told_from_streams_that_are_not_there() {
    let (_running, context) = lend();
    assert_eq!(Err(StreamError::InvalidStreamId), context.send_message_stream("nonsense", "x", false));
    assert_eq!(Err(StreamError::StreamNotFound), context.send_message_stream("stream_00000000000000ff", "x", false));
    assert_eq!(None, context.get_stream_status("stream_00000000000000ff"));
}

#[test]
fn the_active_streams_are_those_that_have_not_ended() {
    let (_running, context) = lend();
    let ids: Vec<String> = (0..3).map(|_| context.send_message_stream_start().unwrap()).collect();
    context.send_message_stream_cancel(&ids[1]).unwrap();
    assert_eq!(vec![ids[0].clone(), ids[2].clone()], context.list_active_streams());
}

#[test]
fn a_context_without_a_host_sends_nothing() {
    let metadata = serde_json::from_str(
        r#"{"id": "x", "name": "X", "description": "", "version": "1", "config_path": "", "author": null,
            "library_path": null, "instance_id": null}"#,
    );
    let context = PluginInstanceContext::new("x".into(), metadata.unwrap());
    assert_eq!(Err(StreamError::SendFailed), context.send_message_stream_start());
    assert!(!context.send_message_to_frontend("x"));
}

/// A part of a plugin for 0.1.2 that knows no more than this.
mod part {
    use plugin_interfaces::{PluginInstanceContext, PluginStreamMessage, StreamError};

    pub fn run(plugin: &impl PluginStreamMessage, context: &PluginInstanceContext) -> Result<String, StreamError> {
        let id = plugin.send_message_stream_start(context)?;
        plugin.send_message_stream(&id, "as in 0.1.2", true, context)?;
        Ok(id)
    }
}

#[test]
fn streams_by_the_handler_are_those_of_the_context() {
    let (running, context) = lend();
    let id = part::run(&Idle, &context).unwrap();
    assert_eq!(Some(StreamStatus::Finalizing), Idle.get_stream_status(&id));
    PluginStreamMessage::send_message_stream_end(&Idle, &id, true, None, &context).unwrap();
    assert_eq!(vec!["start 0", "chunk as in 0.1.2", "end 1 "], running.calls());
}

#[test]
fn streams_of_several_threads_are_paused_and_resumed_apart() {
    // The host of the tests panics where one of them would wait for itself.
    let (_running, context) = lend();
    let ids: Vec<String> = (0..4).map(|_| context.send_message_stream_start().unwrap()).collect();
    std::thread::scope(|threads| {
        for id in &ids {
            threads.spawn(|| {
                for _ in 0..10 {
                    context.send_message_stream_pause(id).unwrap();
                    assert_eq!(Err(StreamError::InvalidState), context.send_message_stream(id, "x", false));
                    context.send_message_stream_resume(id).unwrap();
                    context.send_message_stream(id, "x", false).unwrap();
                }
            });
        }
    });
    assert_eq!(ids, context.list_active_streams());
}
