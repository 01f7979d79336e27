//! A line peer over TCP, as plugins for the crate `plugin-interfaces` 0.1.2 are written: a Tokio runtime, clones of the
//! handler and of the context in tasks, streams by the handler, settings in a file beside config.toml, the longer form of
//! destroy_plugin. Not a line of it is for the C ABI.

use plugin_interfaces::{
    create_plugin_interface_from_handler, log_error, log_info, log_warn,
    pluginui::{Context, Ui},
    PluginHandler, PluginInstanceContext, PluginInterface, PluginMessage, PluginStreamMessage, PluginUiOption,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::TcpStream;
use tokio::{runtime::Runtime, sync::Mutex, time::Duration};

#[derive(Clone, Debug, Deserialize, Serialize)]
struct UserConfig {
    address: String,
    port: String,
    ending: Option<String>,
    greet: bool,
}

#[derive(Clone)]
struct LinePeer {
    config: UserConfig,
    config_path: String,
    runtime: Option<Arc<Runtime>>,
    writer: Arc<Mutex<Option<OwnedWriteHalf>>>,
    reader: Arc<Mutex<Option<tokio::task::JoinHandle<()>>>>,
}

impl LinePeer {
    fn new() -> Self {
        let config = UserConfig { address: "127.0.0.1".to_string(), port: String::new(), ending: None, greet: false };
        LinePeer {
            config,
            config_path: String::new(),
            runtime: None,
            writer: Arc::new(Mutex::new(None)),
            reader: Arc::new(Mutex::new(None)),
        }
    }

    fn save(&self) {
        let text = toml::to_string_pretty(&self.config).unwrap_or_default();
        if let Err(e) = std::fs::write(&self.config_path, text) {
            log_error!("cannot write {}: {}", self.config_path, e);
        }
    }

    async fn connect(&self, ctx: PluginInstanceContext) -> Result<(), String> {
        let target = format!("{}:{}", self.config.address, self.config.port);
        let stream = TcpStream::connect(&target).await.map_err(|e| format!("{}: {}", target, e))?;
        let (reading, writing) = stream.into_split();
        *self.writer.lock().await = Some(writing);
        let plugin = self.clone();
        let handle = tokio::spawn(async move {
            let mut lines = BufReader::new(reading).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                plugin.take(line, &ctx).await;
            }
            log_info!("the peer has gone");
            *plugin.writer.lock().await = None;
            plugin.send_message_to_frontend("the peer has gone", &ctx);
            ctx.send_to_frontend("plugin-disconnect-request", "{}");
        });
        *self.reader.lock().await = Some(handle);
        Ok(())
    }

    /// A line of the peer: `!words` come as a stream, word by word; anything else is a message.
    async fn take(&self, line: String, ctx: &PluginInstanceContext) {
        let Some(words) = line.strip_prefix('!') else {
            self.send_message_to_frontend(&line, ctx);
            self.refresh_ui(ctx);
            return;
        };
        let id = match self.send_message_stream_start(ctx) {
            Ok(id) => id,
            Err(e) => return log_error!("no stream: {}", e),
        };
        for word in words.split(' ') {
            if let Err(e) = self.send_message_stream(&id, word, false, ctx) {
                log_warn!("the stream stopped: {}", e);
                if let Some(writer) = self.writer.lock().await.as_mut() {
                    let _ = writer.write_all(format!("stopped: {:?}\n", e).as_bytes()).await;
                }
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let _ = self.send_message_stream_end(&id, true, None, ctx);
    }
}

impl PluginHandler for LinePeer {
    fn update_ui(&mut self, _ctx: &Context, ui: &mut Ui, _plugin_ctx: &PluginInstanceContext) {
        ui.label("Line peer");
        ui.horizontal(|ui| {
            ui.label("Address:");
            if ui.text_edit_singleline(&mut self.config.address).changed() {
                self.save();
            }
        });
        ui.horizontal(|ui| {
            ui.label("Port:");
            if ui.text_edit_singleline(&mut self.config.port).changed() {
                self.save();
            }
        });
        ui.horizontal(|ui| {
            ui.label("Ending:");
            let endings = vec![".".to_string(), "!".to_string()];
            if ui.combo_box(endings, &mut self.config.ending, "Choose an ending").clicked() {
                self.save();
            }
        });
        if ui.toggle(&mut self.config.greet).clicked() {
            self.save();
        }
        if ui.button("Clear ending").clicked() {
            self.config.ending = None;
            self.save();
        }
    }

    fn on_mount(&mut self, plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn std::error::Error>> {
        let metadata = plugin_ctx.get_metadata();
        log_info!("[{}] mounted as {}", metadata.name, metadata.instance_id.clone().unwrap_or("None".to_string()));
        self.config_path = metadata.config_path.replace("config.toml", "user_config.toml");
        if let Ok(text) = std::fs::read_to_string(&self.config_path) {
            self.config = toml::from_str(&text)?;
        }
        self.runtime = Some(Arc::new(Runtime::new()?));
        Ok(())
    }

    fn on_dispose(&mut self, _plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn std::error::Error>> {
        if let Some(runtime) = self.runtime.take() {
            match Arc::try_unwrap(runtime) {
                Ok(runtime) => runtime.shutdown_timeout(Duration::from_millis(1000)),
                Err(_) => log_warn!("other references to the runtime exist"),
            }
        }
        Ok(())
    }

    fn on_connect(&mut self, plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn std::error::Error>> {
        let runtime = self.runtime.clone().ok_or("there is no runtime")?;
        let plugin = self.clone();
        let ctx = plugin_ctx.clone();
        runtime.block_on(async move { plugin.connect(ctx).await })?;
        Ok(())
    }

    fn on_disconnect(&mut self, _plugin_ctx: &PluginInstanceContext) -> Result<(), Box<dyn std::error::Error>> {
        if let Some(runtime) = &self.runtime {
            let plugin = self.clone();
            runtime.block_on(async move {
                if let Some(handle) = plugin.reader.lock().await.take() {
                    handle.abort();
                }
                *plugin.writer.lock().await = None;
            });
        }
        Ok(())
    }

    fn handle_message(
        &mut self,
        message: &str,
        plugin_ctx: &PluginInstanceContext,
    ) -> Result<String, Box<dyn std::error::Error>> {
        if message.is_empty() {
            return Err("there is nothing to send".into());
        }
        let runtime = self.runtime.as_ref().ok_or("there is no runtime")?;
        let plugin = self.clone();
        let line = format!("{}{}\n", message, self.config.ending.clone().unwrap_or_default());
        let ctx = plugin_ctx.clone();
        runtime.spawn(async move {
            let mut writer = plugin.writer.lock().await;
            let sent = match writer.as_mut() {
                Some(writer) => writer.write_all(line.as_bytes()).await.is_ok(),
                None => false,
            };
            if !sent {
                plugin.send_message_to_frontend("it was not sent", &ctx);
            }
        });
        Ok(format!("sent by {}", plugin_ctx.get_instance_id()))
    }
}

/// Makes an instance.
#[no_mangle]
pub extern "C" fn create_plugin() -> *mut PluginInterface {
    let handler: Box<dyn PluginHandler> = Box::new(LinePeer::new());
    create_plugin_interface_from_handler(handler)
}

/// Ends an instance.
///
/// # Safety
///
/// `interface` comes from `create_plugin`.
#[no_mangle]
pub unsafe extern "C" fn destroy_plugin(interface: *mut PluginInterface) {
    if !interface.is_null() {
        ((*interface).destroy)((*interface).plugin_ptr);
        let _ = Box::from_raw(interface);
    }
}
