// SPDX-License-Identifier: Apache-2.0
//! Frames without a host, and frames that were kept too long.

mod host;

use host::Running;
use plugin_interfaces::abi::*;
use plugin_interfaces::pluginui::{Context, Response, Ui, UiComponentType};
use plugin_interfaces::{PluginHandler, PluginInstanceContext};
use std::mem::{size_of, zeroed};
use std::sync::{Arc, Mutex};

type Frame = Arc<Mutex<Ui>>;

fn draw<R>(frame: &Frame, draw: impl FnOnce(&mut Ui) -> R) -> R {
    let mut ui = frame.lock().unwrap();
    ui.clear_components_only();
    let result = draw(&mut ui);
    ui.clear_events();
    result
}

fn id(response: &Response) -> String {
    response.component_id.clone().unwrap()
}

#[test]
fn a_button_is_clicked_in_one_frame() {
    let frame = Ui::new("test".into());
    let button = id(&draw(&frame, |ui| ui.button("Go")));
    assert!(frame.lock().unwrap().handle_ui_event(&button, ""));
    assert!(draw(&frame, |ui| ui.button("Go")).clicked());
    assert!(!draw(&frame, |ui| ui.button("Go")).clicked());
}

#[test]
fn a_text_takes_what_was_entered() {
    let frame = Ui::new("test".into());
    let mut name = "old".to_string();
    let field = id(&draw(&frame, |ui| ui.text_edit_singleline(&mut name)));
    frame.lock().unwrap().handle_ui_event(&field, "new");
    let response = draw(&frame, |ui| ui.text_edit_singleline(&mut name));
    assert_eq!((true, "new"), (response.changed(), name.as_str()));
}

#[test]
fn a_choice_arrives_by_its_value_when_the_list_has_changed() {
    let frame = Ui::new("test".into());
    let mut chosen: Option<i32> = None;
    let combo = id(&draw(&frame, |ui| ui.combo_box(vec![10, 20], &mut chosen, "Pick")));
    frame.lock().unwrap().handle_ui_event(&combo, "20");
    let response = draw(&frame, |ui| ui.combo_box(vec![5, 10, 20], &mut chosen, "Pick"));
    assert_eq!((true, true, Some(20)), (response.clicked(), response.changed(), chosen));
}

#[test]
fn a_choice_that_is_gone_changes_nothing() {
    let frame = Ui::new("test".into());
    let mut chosen = Some(10);
    let combo = id(&draw(&frame, |ui| ui.combo_box(vec![10, 20], &mut chosen, "Pick")));
    frame.lock().unwrap().handle_ui_event(&combo, "20");
    let response = draw(&frame, |ui| ui.combo_box(vec![10], &mut chosen, "Pick"));
    assert_eq!((false, Some(10)), (response.changed(), chosen));
}

#[test]
fn a_value_that_is_no_option_becomes_none() {
    let frame = Ui::new("test".into());
    let mut chosen = Some("gone".to_string());
    draw(&frame, |ui| ui.combo_box(vec!["here".to_string()], &mut chosen, "Pick"));
    assert_eq!(None, chosen);
}

#[test]
fn a_switch_is_thrown() {
    let frame = Ui::new("test".into());
    let mut on = false;
    let switch = id(&draw(&frame, |ui| ui.toggle(&mut on)));
    frame.lock().unwrap().handle_ui_event(&switch, "true");
    let response = draw(&frame, |ui| ui.toggle(&mut on));
    assert_eq!((true, true, true), (response.clicked(), response.changed(), on));
}

#[test]
fn ids_do_not_depend_on_what_stands_before() {
    let frame = Ui::new("test".into());
    let mut values = [String::new(), String::new()];
    let mut fields = |first: bool| {
        draw(&frame, |ui| {
            if first {
                ui.label("First");
                ui.text_edit_singleline(&mut values[0]);
            }
            ui.label("Second");
            id(&ui.text_edit_singleline(&mut values[1]))
        })
    };
    assert_eq!(fields(true), fields(false));
}

#[test]
fn an_id_stays_when_the_label_before_it_counts() {
    let frame = Ui::new("test".into());
    let mut name = String::new();
    let mut field = |seconds: u32| {
        draw(&frame, |ui| {
            ui.label(&format!("up for {seconds} s"));
            id(&ui.text_edit_singleline(&mut name))
        })
    };
    assert_eq!(field(9), field(10));
}

#[test]
fn two_fields_in_rows_have_ids_of_their_own() {
    let frame = Ui::new("test".into());
    let mut values = [String::new(), String::new()];
    let ids: Vec<String> = draw(&frame, |ui| {
        values.iter_mut().map(|value| ui.horizontal(|ui| id(&ui.text_edit_singleline(value)))).collect()
    });
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn what_was_drawn_can_be_looked_at() {
    let frame = Ui::new("test".into());
    draw(&frame, |ui| {
        ui.horizontal(|ui| {
            ui.label("Name:");
            ui.enabled(false, |ui| ui.button("Go"));
        })
    });
    let ui = frame.lock().unwrap();
    let [row] = ui.get_components() else { panic!("one row") };
    let UiComponentType::Horizontal { children } = &row.component else { panic!("a row") };
    let found = serde_json::to_value(&children[1].component).unwrap();
    assert_eq!(serde_json::json!({"type": "Button", "text": "Go", "enabled": false}), found);
}

#[test]
fn nothing_happens_to_what_cannot_be_operated() {
    let frame = Ui::new("test".into());
    draw(&frame, |ui| ui.label("only text"));
    let label = frame.lock().unwrap().get_components()[0].id.clone();
    assert!(!frame.lock().unwrap().handle_ui_event(&label, "x"));
}

/// Takes its frame away by swapping it with one of its own.
struct Thief(Frame);

impl PluginHandler for Thief {
    fn update_ui(&mut self, _: &Context, ui: &mut Ui, _: &PluginInstanceContext) {
        ui.label("mine");
        std::mem::swap(&mut *self.0.lock().unwrap(), ui);
    }
}

#[test]
fn a_frame_that_was_kept_draws_nothing() {
    static DRAWN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    unsafe extern "C" fn label(_: *mut PluginUi, text: PluginText) {
        let bytes = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.length as usize) };
        DRAWN.lock().unwrap().push(String::from_utf8_lossy(bytes).into_owned());
    }
    let stolen = Ui::new("test".into());
    let running = Running::new(Thief(stolen.clone()));
    // A table that ends behind `label`, as an older host's might.
    let mut table: PluginUiTable = unsafe { zeroed() };
    table.struct_size = (std::mem::offset_of!(PluginUiTable, label) + size_of::<usize>()) as u32;
    table.label = Some(label);
    let mut frame =
        PluginUi { struct_size: size_of::<PluginUi>() as u32, flags: 0, table: &table, frame_count: 1, time: 0.5 };
    running
        .entry(|plugin, context, error| unsafe {
            running.table().update_ui.unwrap()(plugin, context, &mut frame, error)
        })
        .unwrap();
    stolen.lock().unwrap().label("not any more");
    assert_eq!(vec!["mine"], *DRAWN.lock().unwrap());
}

#[test]
fn a_handler_that_draws_nothing_leaves_the_form_to_the_host() {
    struct Form;
    impl PluginHandler for Form {
        fn update_ui(&mut self, _: &Context, _: &mut Ui, _: &PluginInstanceContext) {}
        fn draws_ui(&self) -> bool {
            false
        }
    }
    assert!(Running::new(Form).table().update_ui.is_none());
}
