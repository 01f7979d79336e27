//! A plugin for the crate: replies with its message, or sends chunks, or draws widgets, as it is asked.

use plugin_interfaces::{
    create_plugin_interface_from_handler, pluginui::Context, PluginHandler, PluginInstanceContext, PluginInterface,
    PluginStreamMessage, Ui,
};
use std::error::Error;

type Done = Result<(), Box<dyn Error>>;

/// The texts of one widget of a frame.
struct Row {
    label: String,
    value: String,
    on: bool,
}

struct Measured {
    rows: Vec<Row>,
}

impl Measured {
    fn draw_anew(&mut self, count: usize) {
        let row = |at: usize| Row { label: format!("Setting {at}"), value: format!("value {at}"), on: at % 2 == 1 };
        self.rows = (0..count).map(row).collect();
    }

    fn send_chunks(&self, count: usize, length: usize, context: &PluginInstanceContext) -> Done {
        let chunk = "x".repeat(length);
        let stream = self.send_message_stream_start(context)?;
        for _ in 0..count {
            self.send_message_stream(&stream, &chunk, false, context)?;
        }
        self.send_message_stream_end(&stream, true, None, context)?;
        Ok(())
    }
}

impl PluginHandler for Measured {
    fn update_ui(&mut self, _: &Context, ui: &mut Ui, _: &PluginInstanceContext) {
        for (at, row) in self.rows.iter_mut().enumerate() {
            match at % 4 {
                0 => ui.label(&row.label),
                1 => drop(ui.button(&row.label)),
                2 => drop(ui.text_edit_singleline(&mut row.value)),
                _ => drop(ui.toggle(&mut row.on)),
            }
        }
    }

    fn on_mount(&mut self, _: &PluginInstanceContext) -> Done {
        Ok(())
    }

    fn on_dispose(&mut self, _: &PluginInstanceContext) -> Done {
        Ok(())
    }

    fn on_connect(&mut self, _: &PluginInstanceContext) -> Done {
        Ok(())
    }

    fn on_disconnect(&mut self, _: &PluginInstanceContext) -> Done {
        Ok(())
    }

    fn handle_message(&mut self, message: &str, context: &PluginInstanceContext) -> Result<String, Box<dyn Error>> {
        if let Some(count) = message.strip_prefix("widgets ") {
            self.draw_anew(count.parse()?);
        } else if let Some(numbers) = message.strip_prefix("chunks ") {
            let (count, length) = numbers.split_once(' ').ok_or("say how many chunks, and of how many bytes")?;
            self.send_chunks(count.parse()?, length.parse()?, context)?;
        }
        Ok(message.to_string())
    }
}

#[no_mangle]
pub extern "C" fn create_plugin() -> *mut PluginInterface {
    create_plugin_interface_from_handler(Box::new(Measured { rows: Vec::new() }))
}

/// # Safety
/// The table is one of `create_plugin`'s, and used no more.
#[no_mangle]
pub unsafe extern "C" fn destroy_plugin(table: *mut PluginInterface) {
    let table = Box::from_raw(table);
    (table.destroy)(table.plugin_ptr);
}
