//! Every widget once; `values` as a message tells what was set.

use plugin_interfaces::message::MessageKind;
use plugin_interfaces::pluginui::{Context, Series, Table, TextEdit, Ui};
use plugin_interfaces::*;
use std::error::Error as AnyError;

#[derive(Debug, Default)]
pub struct Draws {
    name: String,
    host: String,
    password: String,
    notes: String,
    pick: Option<i64>,
    on: bool,
    count: i64,
    ratio: f64,
    volume: f64,
    shout: bool,
    night: bool,
    pinned: bool,
    colour: String,
    language: String,
    fruits: Vec<String>,
    row: String,
    paint: String,
    day: String,
    file: String,
    folder: String,
    tab: String,
    asking: bool,
    said: Option<bool>,
    presses: u32,
    rows: usize,
}

impl PluginHandler for Draws {
    fn update_ui(&mut self, ctx: &Context, ui: &mut Ui, _: &PluginInstanceContext) {
        ui.heading("Widgets");
        ui.markdown("**bold**");
        // As the crate's plugins draw them: the name is a label before the widget.
        ui.horizontal(|ui| {
            ui.label("Name:");
            ui.text_edit_singleline(&mut self.name);
        });
        ui.horizontal(|ui| {
            ui.label("Host:");
            ui.text_edit_singleline(&mut self.host);
        });
        ui.label("Number:");
        ui.combo_box(vec![1, 2, 3], &mut self.pick, "Pick one");
        ui.label("On:");
        ui.toggle(&mut self.on);
        if ui.button("Press").clicked() {
            self.presses += 1;
            ui.toast(MessageKind::Success, "pressed");
        }
        ui.tooltip("Counts");
        TextEdit::singleline("Password", &mut self.password).password().show(ui);
        TextEdit::multiline("Notes", &mut self.notes).hint("anything").show(ui);
        ui.separator();
        ui.space(4.0);
        ui.integer("Count", &mut self.count, 0..10);
        ui.number("Ratio", &mut self.ratio, 0.0..=1.0);
        ui.slider("Volume", &mut self.volume, 0.0..=100.0, 0.5);
        ui.checkbox("Shout", &mut self.shout);
        ui.labelled_toggle("Night", &mut self.night);
        ui.selectable_value("Pinned", &mut self.pinned);
        ui.radio("Colour", &mut self.colour, &[("red", "Red"), ("blue", "Blue")]);
        ui.combo("Language", &mut self.language, &[("en", "English"), ("zh", "中文")], "Choose");
        ui.enabled(false, |ui| ui.button("Never"));
        ui.progress("Progress", 0.5);
        ui.spinner("going on");
        ui.error("something is wrong");
        ui.collapsing("More", true, |ui| {
            ui.grid("squares", 2, |ui| {
                for row in 1..=self.rows.max(2) {
                    ui.push_id(row, |ui| {
                        ui.label(&row.to_string());
                        ui.button("Delete");
                    });
                }
            });
        });
        ui.code("fn main() {}", "rust");
        ui.log_view("Log", "one\ntwo", 5);
        ui.link("Home", "https://example.org");
        ui.image("A dot", "image/gif", b"GIF89a", 1.0);
        ui.plot("Load", &[Series::line("cpu", &[0.5, f64::NAN, 0.75])]);
        let table = Table::new(["Name", "Size"]).keyed_row("a", ["a.txt", "1"]).keyed_row("b", ["b.txt", "2"]);
        ui.table_choice("Files", &table, &mut self.row);
        ui.table("Numbers", &Table::new(["n"]).row(["1"]));
        ui.multi_select("Fruits", &mut self.fruits, &[("apple", "Apple"), ("pear", "Pear"), ("fig", "Fig")]);
        ui.color("Paint", &mut self.paint);
        ui.date_between("Day", &mut self.day, "2026-01-01", "2026-12-31");
        ui.file_pick("File", &mut self.file, ".txt");
        ui.folder_pick("Folder", &mut self.folder);
        ui.tabs("Pages", &mut self.tab, &[("one", "One"), ("two", "Two")], |ui, page| {
            ui.label(&format!("page {page}"))
        });
        self.asking |= ui.button("Ask").clicked();
        if self.asking {
            if let Some(answer) = ui.confirm("Sure?", "Really do it?", "Yes", "No") {
                self.said = Some(answer);
                self.asking = false;
            }
        }
        ui.label(&format!("dark {} frame {}", ctx.theme.is_dark, ctx.ui_state.frame_count > 0));
    }

    fn handle_message(&mut self, message: &str, context: &PluginInstanceContext) -> Result<String, Box<dyn AnyError>> {
        if let Some(rows) = message.strip_prefix("rows ") {
            self.rows = rows.parse()?;
            context.refresh_ui();
        }
        Ok(format!("{self:?}"))
    }
}
