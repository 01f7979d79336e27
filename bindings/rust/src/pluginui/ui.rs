// SPDX-License-Identifier: Apache-2.0
//! One frame, and the widgets that the crate has always had.

use super::components::{Response, UiComponent, UiComponentType};
use crate::abi::{
    PluginChoice, PluginResponse, PluginUi, PLUGIN_RESPONSE_CHANGED, PLUGIN_WIDGET_DISABLED, PLUGIN_WIDGET_HIDE_LABEL,
};
use crate::text::{copy, lend};
use crate::{PluginHandler, PluginInstanceContext};
use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::size_of;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// One frame being drawn.
///
/// The host's frames are drawn by `update_ui`. One that [`Ui::new`] makes has no host behind it: it keeps what is drawn,
/// which [`get_components`](Ui::get_components) tells, and takes what a person would do from
/// [`handle_ui_event`](Ui::handle_ui_event), so that a plugin's test can draw and operate its settings.
///
/// The widgets of the crate have no labels of their own; the text that [`label`](Ui::label) drew right before one counts
/// as its name, by which the host knows it from frame to frame and by which it is read aloud.
pub struct Ui {
    plugin_id: String,
    frame: u64,
    enabled: bool,
    name: Option<String>,
    components: Vec<UiComponent>,
    ids: HashMap<u64, u64>,
    events: HashMap<String, String>,
}

thread_local! {
    /// The host's frame on this thread and its number. A `Ui` that was kept beyond its frame has another number, so it
    /// never draws into memory that is gone.
    static FRAME: Cell<(*mut PluginUi, u64)> = const { Cell::new((std::ptr::null_mut(), 0)) };
}

/// Takes the frame away from its thread when it ends; frames nest where a plugin calls another one of the same library.
pub(crate) struct Attached {
    pub(crate) ui: Ui,
    before: (*mut PluginUi, u64),
}

impl Drop for Attached {
    fn drop(&mut self) {
        FRAME.set(self.before);
    }
}

impl std::ops::Deref for Attached {
    type Target = Ui;
    fn deref(&self) -> &Ui {
        &self.ui
    }
}

impl std::ops::DerefMut for Attached {
    fn deref_mut(&mut self) -> &mut Ui {
        &mut self.ui
    }
}

/// Calls a widget of the host's table; the value is `None` where there is no host behind the frame, or an older one that
/// has no such widget: `widget!(ui.label(lend(text)))`.
macro_rules! widget {
    ($ui:ident.$name:ident($($argument:expr),* $(,)?)) => {{
        let frame = $ui.frame();
        if frame.is_null() {
            None
        } else {
            let end = std::mem::offset_of!(crate::abi::PluginUiTable, $name) + std::mem::size_of::<usize>();
            // SAFETY: the frame is the one that the entry on this thread was given; its table has as many bytes as it
            // says; texts and responses outlive the call.
            unsafe {
                let table = (*frame).table;
                let function = if (*table).struct_size as usize >= end { (*table).$name } else { None };
                function.map(|function| function(frame, $($argument),*))
            }
        }
    }};
}
pub(crate) use widget;

/// Room for a response.
pub(crate) fn response() -> PluginResponse {
    // SAFETY: numbers and a text that is NULL with length 0.
    let mut response: PluginResponse = unsafe { std::mem::zeroed() };
    response.struct_size = size_of::<PluginResponse>() as u32;
    response
}

/// Whether a response brings a new value.
pub(crate) fn has_changed(response: &PluginResponse) -> bool {
    response.flags & PLUGIN_RESPONSE_CHANGED != 0
}

/// The text of a response, which lives as long as the frame.
pub(crate) fn text_of(response: &PluginResponse) -> String {
    // SAFETY: the host has filled it in.
    unsafe { copy(response.text) }
}

impl Ui {
    fn empty(plugin_id: &str) -> Self {
        Ui {
            plugin_id: plugin_id.to_string(),
            frame: 0,
            enabled: true,
            name: None,
            components: Vec::new(),
            ids: HashMap::new(),
            events: HashMap::new(),
        }
    }

    /// A frame without a host behind it.
    #[allow(clippy::new_ret_no_self)] // as the crate has always had it
    pub fn new(plugin_id: String) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self::empty(&plugin_id)))
    }

    /// The host's frame, for as long as the value lives.
    ///
    /// # Safety
    ///
    /// `ui` is what the entry on this thread was given, and the value is dropped before that returns.
    pub(crate) unsafe fn attach(ui: *mut PluginUi, plugin_id: &str) -> Attached {
        static FRAMES: AtomicU64 = AtomicU64::new(1);
        let mut frame = Self::empty(plugin_id);
        frame.frame = FRAMES.fetch_add(1, Ordering::Relaxed);
        let before = FRAME.replace((ui, frame.frame));
        Attached { ui: frame, before }
    }

    /// The host's frame; NULL where there is none behind this one, or it has ended.
    pub(crate) fn frame(&self) -> *mut PluginUi {
        let (frame, number) = FRAME.get();
        if self.frame != 0 && number == self.frame {
            frame
        } else {
            std::ptr::null_mut()
        }
    }

    /// The plugin's id.
    pub fn plugin_id(&self) -> &str {
        &self.plugin_id
    }

    // ---- frames without a host ----

    /// What was drawn, of the widgets that [`UiComponentType`] has.
    pub fn get_components(&self) -> &[UiComponent] {
        &self.components
    }

    /// Begins the next frame.
    pub fn clear(&mut self) {
        self.clear_components_only();
        self.clear_events();
    }

    /// Forgets what was drawn, and keeps what was entered.
    pub fn clear_components_only(&mut self) {
        self.components.clear();
        self.ids.clear();
        self.name = None;
    }

    /// Forgets what was entered.
    pub fn clear_events(&mut self) {
        self.events.clear();
    }

    /// Does to a widget what a person would do; the next frame sees it. `value` is the new one: a choice by its text, a
    /// switch as `true` or `false`. `false` where nothing can be done with such a widget.
    pub fn handle_ui_event(&mut self, component_id: &str, value: &str) -> bool {
        let kind = component_id.split('_').next().unwrap_or_default();
        if !["button", "textedit", "combo", "toggle"].contains(&kind) {
            return false;
        }
        self.events.insert(component_id.to_string(), value.to_string());
        true
    }

    /// The id of a widget where no host gives one: it depends on kind, name and how many of these came before, so that
    /// others may come and go.
    fn id(&mut self, kind: &str, name: &str) -> String {
        let mut hasher = DefaultHasher::new();
        (kind, name).hash(&mut hasher);
        let key = hasher.finish();
        let count = self.ids.entry(key).or_default();
        *count += 1;
        format!("{kind}_{:016x}", key.wrapping_add(*count))
    }

    fn keep(&mut self, id: Option<String>, kind: &str, name: &str, component: UiComponentType) -> String {
        let id = id.unwrap_or_else(|| self.id(kind, name));
        self.components.push(UiComponent { id: id.clone(), component });
        id
    }

    // ---- widgets of the crate ----

    /// The flags of a widget; those that have no label of their own say so.
    pub(crate) fn flags(&self, extra: u32) -> u32 {
        extra | if self.enabled { 0 } else { PLUGIN_WIDGET_DISABLED }
    }

    /// What is drawn inside is shown, but cannot be operated where `enabled` is false.
    pub fn enabled<R>(&mut self, enabled: bool, draw: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.enabled;
        self.enabled &= enabled;
        let result = draw(self);
        self.enabled = before;
        result
    }

    /// The name of a widget that has no label: the label drawn right before it. Without digits, so that the id stays when
    /// the label tells a number or the time.
    fn take_name(&mut self) -> String {
        self.name.take().unwrap_or_default().replace(|character: char| character.is_ascii_digit(), "")
    }

    /// Plain text.
    pub fn label(&mut self, text: &str) {
        let _ = widget!(self.label(lend(text)));
        self.name = (!text.is_empty()).then(|| text.to_string());
        self.keep(None, "label", "", UiComponentType::Label { text: text.to_string() });
    }

    /// Something to press.
    pub fn button(&mut self, text: &str) -> Response {
        self.name = None;
        let mut answer = response();
        let enabled = self.enabled;
        let component = UiComponentType::Button { text: text.to_string(), enabled };
        if widget!(self.button(lend(text), self.flags(0), &mut answer)).is_some() {
            let response = Response::of(&answer);
            self.keep(response.component_id.clone(), "button", text, component);
            return response;
        }
        let id = self.keep(None, "button", text, component);
        let clicked = enabled && self.events.contains_key(&id);
        Response::new_with_component_and_state(id, clicked, false)
    }

    /// One line of text to edit.
    pub fn text_edit_singleline(&mut self, value: &mut String) -> Response {
        let name = self.take_name();
        let mut answer = response();
        let flags = self.flags(PLUGIN_WIDGET_HIDE_LABEL);
        let drawn = widget!(self.text_edit_singleline(lend(&name), lend(value.as_str()), lend(""), flags, &mut answer))
            .is_some();
        if drawn {
            if has_changed(&answer) {
                *value = text_of(&answer);
            }
            let response = Response::of(&answer);
            let component = UiComponentType::TextEdit { value: value.clone(), hint: String::new() };
            self.keep(response.component_id.clone(), "textedit", &name, component);
            return response;
        }
        let id = self.id("textedit", &name);
        let entered = self.entered(&id);
        let changed = entered.is_some();
        if let Some(text) = entered {
            *value = text;
        }
        let component = UiComponentType::TextEdit { value: value.clone(), hint: String::new() };
        self.keep(Some(id.clone()), "textedit", &name, component);
        Response::new_with_component_and_state(id, false, changed)
    }

    /// One of `options` in a list that opens; `placeholder` is shown while none is chosen. A `selected` that is not among
    /// the options becomes `None`.
    pub fn combo_box<T>(&mut self, options: Vec<T>, selected: &mut Option<T>, placeholder: &str) -> Response
    where
        T: Clone + PartialEq + ToString,
    {
        let mut name = self.take_name();
        if name.is_empty() {
            name = placeholder.to_string();
        }
        let labels: Vec<String> = options.iter().map(ToString::to_string).collect();
        let index = selected.as_ref().and_then(|value| options.iter().position(|option| option == value));
        // What travels is the option's text, not its place, which may be another one by the time the person's choice
        // arrives. Options that read alike are told apart by a number behind it.
        let keys: Vec<String> = labels
            .iter()
            .enumerate()
            .map(|(at, label)| match labels[..at].iter().filter(|other| *other == label).count() {
                0 => label.clone(),
                before => format!("{label}\u{1f}{before}"),
            })
            .collect();
        let choices: Vec<PluginChoice> = keys
            .iter()
            .zip(&labels)
            .map(|(key, label)| PluginChoice { value: lend(key), label: lend(label) })
            .collect();
        let present = index.map_or("", |index| &keys[index]);
        let mut answer = response();
        let flags = self.flags(PLUGIN_WIDGET_HIDE_LABEL);
        let drawn = widget!(self.combo_box(
            lend(&name),
            lend(present),
            lend(placeholder),
            choices.as_ptr(),
            choices.len() as u32,
            flags,
            &mut answer
        ))
        .is_some();
        let (mut response, chosen) = if drawn {
            let chosen = has_changed(&answer).then(|| text_of(&answer));
            (Response::of(&answer), chosen)
        } else {
            let id = self.id("combo", &name);
            // By its place too, as tests of plugins for 0.1.2 do, where no option has such a text.
            let by_place = |text: String| match text.parse::<usize>() {
                Ok(place) if place < keys.len() && !keys.contains(&text) => keys[place].clone(),
                _ => text,
            };
            let chosen = self.entered(&id).map(by_place);
            (Response::new_with_component_and_state(id, false, false), chosen)
        };
        let chosen = chosen.and_then(|key| keys.iter().position(|known| *known == key));
        response.changed = chosen.is_some();
        let index = chosen.or(index);
        *selected = index.map(|index| options[index].clone());
        let component =
            UiComponentType::ComboBox { options: labels, selected: index, placeholder: placeholder.to_string() };
        self.keep(response.component_id.clone(), "combo", &name, component);
        response.click_on_change()
    }

    /// On or off, as a switch.
    pub fn toggle(&mut self, value: &mut bool) -> Response {
        let name = self.take_name();
        let mut answer = response();
        let flags = self.flags(PLUGIN_WIDGET_HIDE_LABEL);
        let drawn = widget!(self.toggle(lend(&name), i32::from(*value), flags, &mut answer)).is_some();
        let response = if drawn {
            if has_changed(&answer) {
                *value = answer.integer != 0;
            }
            Response::of(&answer)
        } else {
            let id = self.id("toggle", &name);
            let entered = self.entered(&id).and_then(|text| text.parse::<bool>().ok());
            let changed = entered.is_some();
            *value = entered.unwrap_or(*value);
            Response::new_with_component_and_state(id, false, changed)
        };
        self.keep(response.component_id.clone(), "toggle", &name, UiComponentType::Toggle { value: *value });
        response.click_on_change()
    }

    /// What was entered into a widget of a frame without a host.
    fn entered(&self, id: &str) -> Option<String> {
        self.events.get(id).filter(|_| self.enabled).cloned()
    }

    /// What is drawn inside stands side by side.
    pub fn horizontal<R>(&mut self, add_contents: impl FnOnce(&mut Self) -> R) -> R {
        let _ = widget!(self.begin_horizontal());
        self.contain("horizontal", |children| UiComponentType::Horizontal { children }, add_contents)
    }

    /// What is drawn inside stands one below the other.
    pub fn vertical<R>(&mut self, add_contents: impl FnOnce(&mut Self) -> R) -> R {
        let _ = widget!(self.begin_vertical());
        self.contain("vertical", |children| UiComponentType::Vertical { children }, add_contents)
    }

    fn contain<R>(
        &mut self,
        kind: &str,
        make: impl FnOnce(Vec<UiComponent>) -> UiComponentType,
        draw: impl FnOnce(&mut Self) -> R,
    ) -> R {
        self.name = None;
        let start = self.components.len();
        let result = draw(self);
        let _ = widget!(self.end());
        self.name = None;
        let children = self.components.split_off(start.min(self.components.len()));
        if !children.is_empty() {
            self.keep(None, kind, "", make(children));
        }
        result
    }
}

/// The UI, from the handler; the same as that of the context that is passed.
pub trait PluginUiOption {
    /// Asks for a new frame of the settings UI.
    fn refresh_ui(&self, plugin_ctx: &PluginInstanceContext) -> bool;
}

impl<T: PluginHandler + ?Sized> PluginUiOption for T {
    fn refresh_ui(&self, plugin_ctx: &PluginInstanceContext) -> bool {
        plugin_ctx.refresh_ui()
    }
}
