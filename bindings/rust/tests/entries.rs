// SPDX-License-Identifier: Apache-2.0
//! Entries: from C to a handler, and back.

mod host;

use host::{history_message, Running, TABLE};
use plugin_interfaces::abi::*;
use plugin_interfaces::error::{Error, Status};
use plugin_interfaces::pluginui::{Context, Ui};
use plugin_interfaces::request::{Cancelled, Request};
use plugin_interfaces::{create_plugin_interface_from_handler, PluginHandler, PluginInstanceContext};
use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Mutex};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
type Answer = Box<dyn FnMut(&str, &PluginInstanceContext) -> Result<String> + Send + Sync>;

/// A plugin that answers by a function.
struct Answers(Answer);

impl PluginHandler for Answers {
    fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}
    fn handle_message(&mut self, message: &str, context: &PluginInstanceContext) -> Result<String> {
        (self.0)(message, context)
    }
}

fn answers(answer: impl FnMut(&str, &PluginInstanceContext) -> Result<String> + Send + Sync + 'static) -> Running {
    Running::new(Answers(Box::new(answer)))
}

/// Every method but the required one as it comes.
struct Defaults;

impl PluginHandler for Defaults {
    fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}
}

/// Every method panics.
struct Panics;

impl PluginHandler for Panics {
    fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {
        panic!("in update_ui")
    }
    fn on_mount(&mut self, _: &PluginInstanceContext) -> Result<()> {
        panic!("in on_mount")
    }
    fn on_dispose(&mut self, _: &PluginInstanceContext) -> Result<()> {
        std::panic::panic_any(7)
    }
    fn on_connect(&mut self, _: &PluginInstanceContext) -> Result<()> {
        Err("no number".parse::<i32>().expect("in on_connect").to_string().into())
    }
    fn on_cancel(&mut self, _: Cancelled, _: &PluginInstanceContext) {
        panic!("in on_cancel")
    }
    fn save_state(&mut self, _: &PluginInstanceContext) -> Result<Option<Vec<u8>>> {
        panic!("in save_state")
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        panic!("in drop")
    }
}

fn plain(
    running: &Running,
    entry: Option<unsafe extern "C" fn(*mut c_void, *const abi::PluginInstanceContext, *mut PluginError) -> i32>,
) -> std::result::Result<i32, host::Failure> {
    running.entry(|plugin, context, error| unsafe { entry.unwrap()(plugin, context, error) })
}

use plugin_interfaces::abi;

#[test]
fn a_reply_ends_the_request() {
    let mut running = answers(|message, _| Ok(message.to_uppercase()));
    assert_eq!((Ok(PLUGIN_PENDING), 1), running.send("grüße"));
    assert_eq!(vec!["reply 1 GRÜSSE"], running.calls());
}

#[test]
fn the_default_is_an_echo() {
    let mut running = Running::new(Defaults);
    running.send("hello").0.unwrap();
    assert_eq!(vec!["reply 1 Echo from Test: hello"], running.calls());
}

#[test]
fn a_nul_in_a_message_and_in_a_reply_is_kept() {
    let mut running = answers(|message, _| Ok(format!("{message}\0{message}")));
    running.send("a\0b").0.unwrap();
    assert_eq!(vec!["reply 1 a\0b\0a\0b"], running.calls());
}

#[test]
fn an_error_is_a_status_and_a_text() {
    let mut running = answers(|_, _| Err("no route to the model".into()));
    assert_eq!(Err((PLUGIN_ERROR, "no route to the model".to_string())), running.send("x").0);
}

#[test]
fn an_error_chooses_its_status() {
    let mut running = answers(|_, _| Err(Error::new(Status::NOT_PERMITTED, "ask first").into()));
    assert_eq!(Err((PLUGIN_NOT_PERMITTED, "ask first".to_string())), running.send("x").0);
}

#[test]
fn the_sources_of_an_error_are_told_once() {
    #[derive(Debug)]
    struct Outer(std::num::ParseIntError);
    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("the port is wrong")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let mut running = answers(|_, _| Err(Outer("x".parse::<i32>().unwrap_err()).into()));
    let expected = "the port is wrong: invalid digit found in string".to_string();
    assert_eq!(Err((PLUGIN_ERROR, expected)), running.send("x").0);
}

#[test]
fn a_long_error_is_cut_between_characters() {
    let mut running = answers(|_, _| Err("ä".repeat(1000).into()));
    assert_eq!(Err((PLUGIN_ERROR, "ä".repeat(128))), running.send("x").0);
}

#[test]
fn a_panic_is_an_error_with_its_place() {
    let mut running = answers(|message, _| panic!("cannot {message}"));
    let (status, text) = running.send("do that").0.unwrap_err();
    assert_eq!(PLUGIN_ERROR, status);
    assert!(text.starts_with("panicked at tests/entries.rs:") && text.ends_with(": cannot do that"), "{text}");
}

#[test]
fn a_handler_is_used_further_after_a_panic() {
    let mut running = answers(|message, _| if message == "panic" { panic!() } else { Ok("fine".into()) });
    running.send("panic").0.unwrap_err();
    running.send("x").0.unwrap();
    assert_eq!(vec!["reply 2 fine"], running.calls());
}

#[test]
fn a_panic_in_any_entry_is_an_error() {
    let running = Running::new(Panics);
    let table = running.table();
    let entries = [table.on_mount, table.on_dispose, table.on_connect];
    let texts: Vec<String> = entries.map(|entry| plain(&running, entry).unwrap_err().1).to_vec();
    let parts = ["in on_mount", "(no message)", "in on_connect: ParseIntError"];
    assert!(texts.iter().zip(parts).all(|(text, part)| text.contains(part)), "{texts:?}");
}

#[test]
fn a_panic_in_save_state_is_an_error() {
    unsafe extern "C" fn write(_: *mut c_void, _: *const c_void, _: u64) -> i32 {
        unreachable!("nothing is written")
    }
    let running = Running::new(Panics);
    let result = running.entry(|plugin, context, error| unsafe {
        running.table().save_state.unwrap()(plugin, context, write, std::ptr::null_mut(), error)
    });
    assert!(result.unwrap_err().1.ends_with("in save_state"));
}

#[test]
fn a_panic_in_on_cancel_is_logged() {
    let running = Running::new(Panics);
    running
        .entry(|plugin, context, _| unsafe {
            running.table().on_cancel.unwrap()(plugin, context, 1, PLUGIN_NONE);
            0
        })
        .unwrap();
    assert!(running.calls()[0].starts_with("log 4 on_cancel panicked at"));
}

/// Counts how often it is dropped.
struct Counted(Arc<AtomicUsize>);

impl PluginHandler for Counted {
    fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn destroy_and_then_the_box_free_once() {
    let drops = Arc::new(AtomicUsize::new(0));
    let interface = create_plugin_interface_from_handler(Box::new(Counted(drops.clone())));
    unsafe {
        ((*interface).destroy)((*interface).plugin_ptr);
        drop(Box::from_raw(interface));
    }
    assert_eq!(1, drops.load(Ordering::SeqCst));
}

#[test]
fn the_box_alone_frees_once() {
    let drops = Arc::new(AtomicUsize::new(0));
    let interface = create_plugin_interface_from_handler(Box::new(Counted(drops.clone())));
    drop(unsafe { Box::from_raw(interface) });
    assert_eq!(1, drops.load(Ordering::SeqCst));
}

#[test]
fn a_destructor_that_panics_leaves_nothing() {
    drop(Running::new(Panics));
}

#[test]
fn a_constructor_that_panics_fails_initialize() {
    fn make() -> Defaults {
        panic!("no such device")
    }
    let running = Running::created(plugin_interfaces::symbols::create_plugin_interface(make), &TABLE);
    let (status, text) = running.initialize().unwrap_err();
    assert_eq!(PLUGIN_ERROR, status);
    assert!(text.starts_with("the plugin's constructor panicked at") && text.ends_with("no such device"), "{text}");
}

#[test]
fn nothing_but_initialize_runs_before_it() {
    let running = Running::created(create_plugin_interface_from_handler(Box::new(Defaults)), &TABLE);
    assert_eq!(PLUGIN_INVALID_STATE, plain(&running, running.table().on_mount).unwrap_err().0);
}

// ---- requests ----

/// Sends each request to the test.
struct Keeps(Mutex<Sender<Request>>);

impl PluginHandler for Keeps {
    fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}
    fn handle_request(&mut self, request: Request, message: &str, _: &PluginInstanceContext) -> Result<()> {
        match message {
            "fail" => Err("no".into()),
            "drop" => Ok(()),
            _ => Ok(self.0.lock().unwrap().send(request)?),
        }
    }
}

fn keeps() -> (Running, Receiver<Request>) {
    let (sender, receiver) = channel();
    (Running::new(Keeps(Mutex::new(sender))), receiver)
}

#[test]
fn a_kept_request_is_answered_by_another_thread() {
    let (mut running, requests) = keeps();
    assert_eq!(Ok(PLUGIN_PENDING), running.send("x").0);
    std::thread::spawn(move || requests.recv().unwrap().reply("late").unwrap()).join().unwrap();
    assert_eq!(vec!["reply 1 late"], running.calls());
}

#[test]
fn a_request_that_is_dropped_in_its_entry_has_no_reply() {
    let (mut running, _requests) = keeps();
    let dropped = "the plugin dropped the request without an answer".to_string();
    assert_eq!(Err((PLUGIN_NO_REPLY, dropped)), running.send("drop").0);
}

#[test]
fn the_error_of_the_entry_counts_more_than_the_dropped_request() {
    let (mut running, _requests) = keeps();
    assert_eq!(Err((PLUGIN_ERROR, "no".to_string())), running.send("fail").0);
}

#[test]
fn a_request_that_is_dropped_later_fails() {
    let (mut running, requests) = keeps();
    running.send("x").0.unwrap();
    drop(requests.recv().unwrap());
    assert_eq!(vec!["fail 1 -17 the plugin dropped the request without an answer"], running.calls());
}

#[test]
fn a_request_may_fail_for_a_reason() {
    let (mut running, requests) = keeps();
    running.send("x").0.unwrap();
    requests.recv().unwrap().fail(Error::new(Status(-1001), "the line is busy")).unwrap();
    assert_eq!(vec!["fail 1 -1001 the line is busy"], running.calls());
}

#[test]
fn a_token_tells_that_the_person_has_cancelled() {
    let (mut running, requests) = keeps();
    running.send("x").0.unwrap();
    let request = requests.recv().unwrap();
    let token = request.cancel_token();
    assert!(!token.is_cancelled());
    running.state(|state| state.requests.insert(1, PLUGIN_CANCELLED));
    assert_eq!((true, Status::CANCELLED), (token.is_cancelled(), token.status()));
    assert_eq!(Status::CANCELLED, request.reply("too late").unwrap_err().status());
}

#[test]
fn a_request_knows_its_deadline() {
    let (mut running, requests) = keeps();
    running.send("x").0.unwrap();
    running.send("y").0.unwrap();
    let remaining: Vec<_> = requests.try_iter().map(|request| request.remaining()).collect();
    assert_eq!(vec![Some(std::time::Duration::from_millis(1500)), None], remaining);
}

#[test]
fn a_handler_that_returns_a_text_has_a_token_too() {
    let mut running = answers(|_, context| Ok(format!("{:?}", context.cancel_token().map(|token| token.status()))));
    running.send("x").0.unwrap();
    assert_eq!(vec!["reply 1 Some(PLUGIN_OK)"], running.calls());
}

// ---- contexts ----

#[test]
fn a_context_outlives_its_instance() {
    let (sender, contexts) = channel();
    let mut running = answers(move |_, context| Ok(sender.send(context.clone()).map(|()| String::new())?));
    running.send("x").0.unwrap();
    drop(running);
    let context = contexts.recv().unwrap();
    let answers = std::thread::spawn(move || {
        (context.send_message_to_frontend("late"), context.get_app_config("key"), context.stream().is_err())
    });
    assert_eq!((false, None, true), answers.join().unwrap());
}

#[test]
fn clones_share_the_history() {
    let (sender, contexts) = channel();
    let mut running = answers(move |_, context| {
        sender.send((context.clone(), context.clone()))?;
        Ok(String::new())
    });
    let messages = [history_message("one"), history_message("two")];
    let pointers = [&messages[0] as *const _, &messages[1] as *const _];
    running
        .entry(|plugin, context, error| unsafe {
            running.table().set_history.unwrap()(plugin, context, pointers.as_ptr(), 2, error)
        })
        .unwrap();
    running.send("x").0.unwrap();
    let (one, other) = contexts.recv().unwrap();
    assert_eq!("two", one.get_history().unwrap()[1].content);
    assert!(Arc::ptr_eq(one.history.as_ref().unwrap(), other.history.as_ref().unwrap()));
}

#[test]
fn a_context_tells_permissions() {
    let mut running = answers(|name, context| Ok(context.require_permission(name).map(|()| "given".to_string())?));
    running.send("serial").0.unwrap();
    assert_eq!(vec!["reply 1 given"], running.calls());
    assert_eq!(PLUGIN_NOT_PERMITTED, running.send("files").0.unwrap_err().0);
}

#[test]
fn the_calls_of_a_context_reach_the_host() {
    let mut running = answers(|_, context| {
        context.set_app_config("key", "value")?;
        context.call_disconnect();
        context.refresh_ui();
        context.send_to_frontend("mine", "{}");
        context.send_to_frontend("plugin-message", r#"{"content": "by hand"}"#);
        let history = context.read_history(2)?;
        let other = context.call_other_plugin("other", "hi").unwrap_or_default();
        let nobody = context.call_other_plugin("nobody", "hi");
        Ok(format!("{:?} {} {other} {nobody:?}", context.get_app_config("key"), history.len()))
    });
    running.send("x").0.unwrap();
    let expected = [
        "request_disconnect",
        "refresh_ui",
        "event mine {}",
        "message 0 by hand",
        r#"reply 1 Some("value") 2 other heard hi None"#,
    ];
    assert_eq!(expected.to_vec(), running.calls());
}

#[test]
fn metadata_is_that_of_the_host() {
    let mut running = answers(|_, context| Ok(serde_json::to_string(context.get_metadata())?));
    running.send("x").0.unwrap();
    let expected = concat!(
        r#"reply 1 {"id":"test","disabled":false,"name":"Test","description":"","version":"1.2.3","author":null,"#,
        r#""library_path":"/plugins/test/libtest.so","config_path":"/plugins/test/config.toml","#,
        r#""instance_id":"ITS OWN","require_history":true}"#
    );
    assert_eq!(vec![expected.replace("ITS OWN", &running.instance_id)], running.calls());
}

#[test]
fn a_shorter_table_of_an_older_host_is_read_no_further() {
    // Miri would see a read behind the end of this allocation.
    let short = 16;
    let layout = std::alloc::Layout::from_size_align(short, 8).unwrap();
    unsafe {
        let table = std::alloc::alloc(layout).cast::<HostCallbacks>();
        std::ptr::copy_nonoverlapping((&TABLE as *const HostCallbacks).cast::<u8>(), table.cast(), short);
        (*table).struct_size = short as u32;
        let make = || {
            Answers(Box::new(|_, context: &PluginInstanceContext| {
                let refused = context.set_app_config("key", "value").unwrap_err().status();
                Ok(format!("{} {refused:?}", context.send_to_frontend("old", "enough")))
            }))
        };
        let mut running = Running::created(plugin_interfaces::symbols::create_plugin_interface(make), table);
        running.initialize().unwrap();
        assert_eq!(Ok(PLUGIN_PENDING), running.send("x").0);
        assert_eq!(vec!["event old enough"], running.calls());
        drop(running);
        std::alloc::dealloc(table.cast(), layout);
    }
}

// ---- state ----

/// Keeps what it is sent.
#[derive(Default)]
struct Remembers(String);

impl PluginHandler for Remembers {
    fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}
    fn handle_message(&mut self, message: &str, _: &PluginInstanceContext) -> Result<String> {
        Ok(std::mem::replace(&mut self.0, message.to_string()))
    }
    fn save_state(&mut self, _: &PluginInstanceContext) -> Result<Option<Vec<u8>>> {
        Ok(Some(self.0.clone().into_bytes()))
    }
    fn load_state(&mut self, state: &[u8], _: &PluginInstanceContext) -> Result<()> {
        self.0 = String::from_utf8(state.to_vec())?;
        Ok(())
    }
}

#[test]
fn a_state_comes_back() {
    unsafe extern "C" fn write(userdata: *mut c_void, data: *const c_void, length: u64) -> i32 {
        unsafe {
            let bytes = std::slice::from_raw_parts(data.cast::<u8>(), length as usize);
            (*userdata.cast::<Vec<u8>>()).extend_from_slice(bytes);
        }
        PLUGIN_OK
    }
    let mut state: Vec<u8> = Vec::new();
    let mut running = Running::new(Remembers::default());
    running.send("kept").0.unwrap();
    let target = std::ptr::addr_of_mut!(state).cast();
    running
        .entry(|plugin, context, error| unsafe {
            running.table().save_state.unwrap()(plugin, context, write, target, error)
        })
        .unwrap();
    let mut next = Running::new(Remembers::default());
    next.entry(|plugin, context, error| unsafe {
        next.table().load_state.unwrap()(plugin, context, state.as_ptr().cast(), state.len() as u64, error)
    })
    .unwrap();
    next.send("x").0.unwrap();
    assert_eq!(vec!["reply 1 kept"], next.calls());
}
