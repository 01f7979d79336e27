//! A host for the crate's plugins. Each line on standard input is a piece of work, `message LENGTH COUNT`,
//! `chunks LENGTH COUNT` or `frame WIDGETS COUNT`; the nanoseconds it took come back as `= N`.

use plugin_interfaces::{pluginui::Context, CreatePluginFn, HostCallbacks, PluginInterface, PluginMetadata, Ui};
use std::error::Error;
use std::ffi::{c_char, c_int, c_void, CStr, CString};
use std::io::{stdin, stdout, Write};
use std::time::Instant;

extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

const RTLD_NOW: c_int = 2;

extern "C" fn take(_event: *const c_char, _payload: *const c_char) -> bool {
    true
}

extern "C" fn no_config(_key: *const c_char) -> *const c_char {
    std::ptr::null()
}

extern "C" fn no_call(_plugin: *const c_char, _message: *const c_char) -> *const c_char {
    std::ptr::null()
}

struct Plugin(*mut PluginInterface);

impl Plugin {
    fn load(path: &str) -> Result<Self, Box<dyn Error>> {
        let path = CString::new(path)?;
        let table = unsafe {
            let library = dlopen(path.as_ptr(), RTLD_NOW);
            if library.is_null() {
                return Err("the plugin's library cannot be opened".into());
            }
            let create = dlsym(library, c"create_plugin".as_ptr());
            if create.is_null() {
                return Err("the plugin's library has no create_plugin".into());
            }
            std::mem::transmute::<*mut c_void, CreatePluginFn>(create)()
        };
        let metadata = PluginMetadata {
            id: "measured".into(),
            disabled: false,
            name: "Measured".into(),
            description: String::new(),
            version: "1.0.0".into(),
            author: None,
            library_path: None,
            config_path: String::new(),
            instance_id: Some("measured".into()),
        };
        let callbacks = HostCallbacks { send_to_frontend: take, get_app_config: no_config, call_other_plugin: no_call };
        let plugin = Plugin(table);
        unsafe {
            let table = &*table;
            if (table.initialize)(table.plugin_ptr, callbacks, metadata.to_ffi()) != 0 {
                return Err("the plugin does not start".into());
            }
            (table.on_mount)(table.plugin_ptr);
            (table.on_connect)(table.plugin_ptr);
        }
        Ok(plugin)
    }

    /// A message and its reply, as a host in Rust has them: text in, text out, and what crossed given back.
    fn send(&self, message: &str) -> Result<String, Box<dyn Error>> {
        let message = CString::new(message)?;
        let mut reply: *mut c_char = std::ptr::null_mut();
        unsafe {
            let table = &*self.0;
            if (table.handle_message)(table.plugin_ptr, message.as_ptr(), &mut reply) != 0 {
                return Err("the plugin fails".into());
            }
            let text = CStr::from_ptr(reply).to_string_lossy().into_owned();
            drop(CString::from_raw(reply));
            Ok(text)
        }
    }

    /// A frame, as bytes for a front end.
    fn draw(&self) -> Result<Vec<u8>, Box<dyn Error>> {
        let context = Context::new("measured".into());
        let ui = Ui::new("measured".into());
        let mut ui = ui.lock().map_err(|_| "the frame is broken")?;
        unsafe {
            let table = &*self.0;
            let context = &context as *const Context as *const c_void;
            (table.update_ui)(table.plugin_ptr, context, &mut *ui as *mut Ui as *mut c_void);
        }
        Ok(serde_json::to_vec(ui.get_components())?)
    }
}

fn work(plugin: &Plugin, what: &str, size: usize, count: usize) -> Result<u128, Box<dyn Error>> {
    match what {
        "message" => {
            let message = "x".repeat(size);
            let begin = Instant::now();
            for _ in 0..count {
                std::hint::black_box(plugin.send(&message)?);
            }
            Ok(begin.elapsed().as_nanos())
        }
        "chunks" => {
            let message = format!("chunks {count} {size}");
            let begin = Instant::now();
            plugin.send(&message)?;
            Ok(begin.elapsed().as_nanos())
        }
        "frame" => {
            plugin.send(&format!("widgets {size}"))?;
            let begin = Instant::now();
            for _ in 0..count {
                std::hint::black_box(plugin.draw()?);
            }
            Ok(begin.elapsed().as_nanos())
        }
        _ => Err(format!("{what} is no work").into()),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("say where the plugin's library is")?;
    let plugin = Plugin::load(&path)?;
    for line in stdin().lines() {
        let line = line?;
        let [what, size, count] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err("a piece of work is three words".into());
        };
        println!("= {}", work(&plugin, what, size.parse()?, count.parse()?)?);
        stdout().flush()?;
    }
    Ok(())
}
