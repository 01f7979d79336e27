//! Does what the message says: its first word is the behaviour, the rest is for that.

use plugin_interfaces::error::{Error, Status};
use plugin_interfaces::pluginui::{Context, Ui};
use plugin_interfaces::request::{Cancelled, Request};
use plugin_interfaces::*;
use std::error::Error as AnyError;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::os::fd::FromRawFd;
use std::sync::Mutex;
use std::thread;

#[derive(Default)]
pub struct Answers {
    kept: Vec<Request>,
    state: String,
    cancelled: Vec<String>,
}

/// The context of one instance, for another one.
static KEPT: Mutex<Option<PluginInstanceContext>> = Mutex::new(None);

/// An error that has no words.
#[derive(Debug)]
struct Unspeakable;

impl AnyError for Unspeakable {}

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("there are no words");
    }
}

/// Tells a test, by the number of a pipe that it reads from, what a thread has seen.
fn tell(pipe: i32, words: &str) {
    // SAFETY: the test has opened it for us and does not use this end.
    let mut file = unsafe { File::from_raw_fd(pipe) };
    let _ = file.write_all(words.as_bytes());
}

impl PluginHandler for Answers {
    fn update_ui(&mut self, _: &Context, ui: &mut Ui, _: &PluginInstanceContext) {
        ui.label("nothing to set");
    }

    fn handle_request(
        &mut self,
        request: Request,
        message: &str,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<(), Box<dyn AnyError>> {
        match message {
            "late" => {
                thread::spawn(move || request.reply("late it is"));
            }
            "big later" => {
                thread::spawn(move || request.reply(&"x".repeat(5000)));
            }
            "fail later" => {
                thread::spawn(move || request.fail(Error::new(Status(-1001), "the line is busy")));
            }
            "drop" => drop(request),
            "drop later" => {
                thread::spawn(move || drop(request));
            }
            "keep" => {
                self.kept.push(request);
                plugin_ctx.send_message_to_frontend(&format!("kept {}", self.kept.len()));
            }
            "answer all" => {
                let count = self.kept.len();
                for kept in self.kept.drain(..) {
                    kept.reply("at last")?;
                }
                request.reply(&count.to_string())?;
            }
            _ => {
                let reply = self.handle_message(message, plugin_ctx)?;
                request.reply(&reply)?;
            }
        }
        Ok(())
    }

    fn handle_message(
        &mut self,
        message: &str,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<String, Box<dyn AnyError>> {
        let (word, rest) = message.split_once(' ').unwrap_or((message, ""));
        match word {
            "upper" => Ok(rest.to_uppercase()),
            "error" => Err(rest.into()),
            "unspeakable" => Err(Unspeakable.into()),
            "refuse" => Err(Error::new(Status::NOT_PERMITTED, rest).into()),
            "panic" => panic!("{rest}"),
            "panic_any" => std::panic::panic_any(7),
            "nul" => Ok("a\0b".into()),
            "big" => Ok("x".repeat(rest.parse()?)),
            "wait" => {
                let token = plugin_ctx.cancel_token().ok_or("there is no token")?;
                plugin_ctx.send_message_to_frontend("it waits");
                while !token.is_cancelled() {
                    thread::yield_now();
                }
                self.state = format!("{:?}", token.status());
                Ok(String::new())
            }
            "state" => Ok(std::mem::replace(&mut self.state, rest.into())),
            "cancelled" => Ok(self.cancelled.join(",")),
            "stream" => {
                let stream = plugin_ctx.stream()?;
                for word in rest.split(' ') {
                    stream.send(word)?;
                }
                stream.end()?;
                Ok(String::new())
            }
            "stream_and_drop" => {
                plugin_ctx.stream()?.send(rest)?;
                Ok(String::new())
            }
            "stream_for_ever" => {
                // From a thread of the plugin's, after the reply: until the person or the host ends it.
                let (context, pipe) = (plugin_ctx.clone(), rest.parse()?);
                thread::spawn(move || {
                    let stream = context.stream().unwrap();
                    let error = (0..).find_map(|number| stream.send(&format!("{number} ")).err());
                    tell(pipe, &format!("{error:?}"));
                });
                Ok("it streams".into())
            }
            "outlive" => {
                // Calls until the host says that the instance is gone, and then once more for everything.
                let (context, pipe) = (plugin_ctx.clone(), rest.parse()?);
                thread::spawn(move || {
                    while context.refresh_ui() {
                        thread::yield_now();
                    }
                    log_info!("a line that nobody takes");
                    let answers = (
                        context.send_message_to_frontend("late"),
                        context.get_app_config("key"),
                        context.call_other_plugin("other", "late"),
                        context.send_message_stream_start(),
                        context.set_app_config("key", "value").map_err(|error| error.status()),
                    );
                    tell(pipe, &format!("{answers:?}"));
                });
                Ok("it runs".into())
            }
            "thread_panics" => {
                let context = plugin_ctx.clone();
                let name = thread::Builder::new().name("worker".into());
                let ended = name.spawn(move || {
                    context.refresh_ui();
                    panic!("in a thread");
                })?;
                Ok(format!("{}", ended.join().is_err()))
            }
            "get" => Ok(format!("{:?}", plugin_ctx.get_app_config(rest))),
            "set" => {
                let (key, value) = rest.split_once('=').ok_or("key=value")?;
                plugin_ctx.set_app_config(key, value)?;
                Ok(String::new())
            }
            "history" => {
                let history = plugin_ctx.get_history().map(Vec::len);
                let read = plugin_ctx.read_history(0)?.len();
                Ok(format!("{history:?} {read}"))
            }
            "call" => {
                let (plugin, message) = rest.split_once(' ').ok_or("plugin message")?;
                Ok(plugin_ctx.try_call_other_plugin(plugin, message, None)?)
            }
            "send" => Ok(plugin_ctx.send_message_to_frontend(rest).to_string()),
            "event" => Ok(plugin_ctx.send_to_frontend(rest, "{}").to_string()),
            "log_of_another" => {
                // Asks all instances, and uses what another one has left behind.
                self.get_stream_status("stream_0000000012345678");
                if let Some(kept) = KEPT.lock()?.take() {
                    kept.refresh_ui();
                }
                log_warn!("{}", rest);
                Ok(String::new())
            }
            "leave_context" => {
                *KEPT.lock()? = Some(plugin_ctx.clone());
                Ok(String::new())
            }
            "log" => {
                log_warn!("{}", rest);
                Ok(String::new())
            }
            "disconnect" => Ok(plugin_ctx.call_disconnect().to_string()),
            "permission" => Ok(plugin_ctx.has_permission(rest).to_string()),
            "about" => Ok(format!("{} {}", PluginConfig::from_file()?.id, plugin_ctx.get_instance_id())),
            _ => Err(format!("there is no behaviour {word}").into()),
        }
    }

    fn on_cancel(&mut self, what: Cancelled, _: &PluginInstanceContext) {
        self.cancelled.push(match what {
            Cancelled::Request(_) => "request".into(),
            Cancelled::Stream(_) => "stream".into(),
            _ => "?".into(),
        });
    }

    fn on_disconnect(&mut self, _: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.kept.clear();
        Ok(())
    }

    fn save_state(&mut self, _: &PluginInstanceContext) -> Result<Option<Vec<u8>>, Box<dyn AnyError>> {
        Ok((!self.state.is_empty()).then(|| self.state.clone().into_bytes()))
    }

    fn load_state(&mut self, state: &[u8], _: &PluginInstanceContext) -> Result<(), Box<dyn AnyError>> {
        self.state = String::from_utf8(state.to_vec())?;
        Ok(())
    }
}
