// SPDX-License-Identifier: Apache-2.0
//! The widgets that came with the C ABI. In a frame without a host, and with a host too old to have one of them, they
//! draw nothing and answer that nothing happened.

use super::components::Response;
use super::ui::{has_changed, response, text_of, widget, Ui};
use crate::abi::{self, PluginChoice, PluginSeries, PluginTable, PluginText};
use crate::message::MessageKind;
use crate::text::lend;
use std::mem::size_of;
use std::ops::{Bound, RangeBounds};
use std::ptr::null;

/// A field to edit text in: `TextEdit::singleline("Name", &mut name).hint("as on the door").show(ui)`.
#[must_use = "it is drawn by show()"]
pub struct TextEdit<'a> {
    label: &'a str,
    value: &'a mut String,
    hint: &'a str,
    flags: u32,
    multiline: bool,
}

impl<'a> TextEdit<'a> {
    /// One line.
    pub fn singleline(label: &'a str, value: &'a mut String) -> Self {
        TextEdit { label, value, hint: "", flags: 0, multiline: false }
    }

    /// Several lines.
    pub fn multiline(label: &'a str, value: &'a mut String) -> Self {
        TextEdit { multiline: true, ..Self::singleline(label, value) }
    }

    /// What stands in the empty field.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// What is typed is not shown, and the value does not travel to the front end.
    pub fn password(mut self) -> Self {
        self.flags |= abi::PLUGIN_WIDGET_PASSWORD;
        self
    }

    /// Whether it can be edited.
    pub fn enabled(mut self, enabled: bool) -> Self {
        if !enabled {
            self.flags |= abi::PLUGIN_WIDGET_DISABLED;
        }
        self
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui) -> Response {
        let mut answer = response();
        let (label, value, hint, flags) = (lend(self.label), lend(self.value), lend(self.hint), ui.flags(self.flags));
        let _ = if self.multiline {
            widget!(ui.text_edit_multiline(label, value, hint, flags, &mut answer))
        } else {
            widget!(ui.text_edit_singleline(label, value, hint, flags, &mut answer))
        };
        if has_changed(&answer) {
            *self.value = text_of(&answer);
        }
        Response::of(&answer)
    }
}

/// Rows and columns of text; rows with keys can be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    columns: Vec<String>,
    cells: Vec<String>,
    keys: Vec<String>,
}

impl Table {
    /// With the headlines of its columns.
    pub fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Table { columns: columns.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Adds a row that cannot be chosen. What is missing is empty, what is too much is left out.
    pub fn row(mut self, cells: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let count = self.columns.len();
        self.cells.extend(cells.into_iter().map(Into::into).chain(std::iter::repeat(String::new())).take(count));
        self
    }

    /// Adds a row that is chosen by its key. A table has keys for all of its rows or for none.
    pub fn keyed_row(self, key: impl Into<String>, cells: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut table = self.row(cells);
        table.keys.push(key.into());
        table
    }

    fn row_count(&self) -> usize {
        self.cells.len().checked_div(self.columns.len()).unwrap_or(0)
    }

    /// Lends it to the host for the length of a call.
    fn lend<R>(&self, call: impl FnOnce(*const PluginTable) -> R) -> R {
        let texts = |list: &[String]| list.iter().map(|text| lend(text)).collect::<Vec<PluginText>>();
        let (columns, cells, keys) = (texts(&self.columns), texts(&self.cells), texts(&self.keys));
        let has_keys = !keys.is_empty() && keys.len() == self.row_count();
        call(&PluginTable {
            struct_size: size_of::<PluginTable>() as u32,
            column_count: columns.len() as u32,
            row_count: self.row_count() as u32,
            reserved: 0,
            columns: columns.as_ptr(),
            cells: cells.as_ptr(),
            keys: if has_keys { keys.as_ptr() } else { null() },
        })
    }
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum SeriesStyle {
    /// Points joined by a line.
    #[default]
    Line = abi::PLUGIN_SERIES_LINE,
    /// Points.
    Points = abi::PLUGIN_SERIES_POINTS,
    /// Bars.
    Bars = abi::PLUGIN_SERIES_BARS,
}

/// One series of a plot. A value that is not finite is a gap.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// What the legend says.
    pub name: &'a str,
    /// `None`: 0, 1, 2 and so on. As many as `y`; what is too much is left out.
    pub x: Option<&'a [f64]>,
    /// The values.
    pub y: &'a [f64],
    /// How it is drawn.
    pub style: SeriesStyle,
}

impl<'a> Series<'a> {
    /// A line over 0, 1, 2 and so on.
    pub fn line(name: &'a str, y: &'a [f64]) -> Self {
        Series { name, x: None, y, style: SeriesStyle::Line }
    }
}

/// Choices as the host takes them.
fn choices(list: &[(&str, &str)]) -> Vec<PluginChoice> {
    list.iter().map(|(value, label)| PluginChoice { value: lend(value), label: lend(label) }).collect()
}

/// The ends of a range, both inclusive; the numbers' own where it has none.
fn ends<T: Copy>(range: &impl RangeBounds<T>, lowest: T, highest: T, below: impl Fn(T) -> T) -> (T, T) {
    let low = match range.start_bound() {
        Bound::Included(low) | Bound::Excluded(low) => *low,
        Bound::Unbounded => lowest,
    };
    let high = match range.end_bound() {
        Bound::Included(high) => *high,
        Bound::Excluded(high) => below(*high),
        Bound::Unbounded => highest,
    };
    (low, high)
}

/// A widget with a text as its value.
fn edit(value: &mut String, draw: impl FnOnce(PluginText, *mut abi::PluginResponse)) -> Response {
    let mut answer = response();
    draw(lend(value), &mut answer);
    if has_changed(&answer) {
        *value = text_of(&answer);
    }
    Response::of(&answer)
}

/// To read.
impl Ui {
    /// A headline.
    pub fn heading(&mut self, text: &str) {
        let _ = widget!(self.heading(lend(text)));
    }

    /// CommonMark without HTML.
    pub fn markdown(&mut self, text: &str) {
        let _ = widget!(self.markdown(lend(text)));
    }

    /// Something that is wrong.
    pub fn error(&mut self, text: &str) {
        let _ = widget!(self.error(lend(text)));
    }

    /// A line.
    pub fn separator(&mut self) {
        let _ = widget!(self.separator());
    }

    /// A gap, in 1/72 inch.
    pub fn space(&mut self, points: f64) {
        let _ = widget!(self.space(points));
    }

    /// Work of unknown length.
    pub fn spinner(&mut self, label: &str) {
        let _ = widget!(self.spinner(lend(label)));
    }

    /// Work that is done to `fraction`, 0 to 1.
    pub fn progress(&mut self, label: &str, fraction: f64) {
        let _ = widget!(self.progress(lend(label), fraction));
    }

    /// An explanation for the widget drawn last.
    pub fn tooltip(&mut self, text: &str) {
        let _ = widget!(self.tooltip(lend(text)));
    }

    /// Code in a language, such as `rust`; empty where none is meant.
    pub fn code(&mut self, text: &str, language: &str) {
        let _ = widget!(self.code(lend(text), lend(language)));
    }

    /// A log, of which about `rows` lines are in sight, the last ones to begin with.
    pub fn log_view(&mut self, label: &str, text: &str, rows: u32) {
        let _ = widget!(self.log_view(lend(label), lend(text), rows));
    }

    /// A link; `url` begins with `https://`, `http://` or `mailto:`.
    pub fn link(&mut self, text: &str, url: &str) {
        let _ = widget!(self.link(lend(text), lend(url)));
    }

    /// A picture: the bytes of a file of a media type such as `image/png`. `label` is for who cannot see it; `width` is in
    /// points, 0 for the picture's own.
    pub fn image(&mut self, label: &str, media_type: &str, data: &[u8], width: f64) {
        let (bytes, length) = (data.as_ptr().cast(), data.len() as u64);
        let _ = widget!(self.image(lend(label), lend(media_type), bytes, length, width));
    }

    /// Series over common axes.
    pub fn plot(&mut self, label: &str, series: &[Series<'_>]) {
        let lent: Vec<PluginSeries> = series
            .iter()
            .map(|series| PluginSeries {
                name: lend(series.name),
                x: series.x.map_or(null(), <[f64]>::as_ptr),
                y: series.y.as_ptr(),
                count: series.x.map_or(series.y.len(), |x| x.len().min(series.y.len())) as u64,
                style: series.style as u32,
                reserved: 0,
            })
            .collect();
        let _ = widget!(self.plot(lend(label), lent.as_ptr(), lent.len() as u32));
    }

    /// Rows and columns.
    pub fn table(&mut self, label: &str, table: &Table) {
        let mut unused = String::new();
        self.table_choice(label, table, &mut unused);
    }

    /// A word that appears for a moment, wherever the person looks.
    pub fn toast(&mut self, kind: MessageKind, text: &str) {
        let _ = widget!(self.toast(kind as u32, lend(text)));
    }
}

/// To operate.
impl Ui {
    /// One line of text to edit; [`TextEdit`] has more to choose from.
    pub fn text_edit(&mut self, label: &str, value: &mut String) -> Response {
        TextEdit::singleline(label, value).show(self)
    }

    /// Several lines of text to edit.
    pub fn text_edit_multiline(&mut self, label: &str, value: &mut String) -> Response {
        TextEdit::multiline(label, value).show(self)
    }

    /// A whole number; what the person enters is held in the range: `ui.integer("Port", &mut port, 1..=65535)`.
    pub fn integer(&mut self, label: &str, value: &mut i64, range: impl RangeBounds<i64>) -> Response {
        let mut answer = response();
        let (low, high) = ends(&range, i64::MIN, i64::MAX, |end| end.saturating_sub(1));
        let _ = widget!(self.integer(lend(label), *value, low, high, self.flags(0), &mut answer));
        if has_changed(&answer) {
            *value = answer.integer;
        }
        Response::of(&answer)
    }

    /// A number, held in the range.
    pub fn number(&mut self, label: &str, value: &mut f64, range: impl RangeBounds<f64>) -> Response {
        let mut answer = response();
        let (low, high) = ends(&range, f64::NEG_INFINITY, f64::INFINITY, |end| end);
        let _ = widget!(self.number(lend(label), *value, low, high, 0.0, self.flags(0), &mut answer));
        if has_changed(&answer) {
            *value = answer.number;
        }
        Response::of(&answer)
    }

    /// A number to drag, in steps of `step`, 0 for any.
    pub fn slider(&mut self, label: &str, value: &mut f64, range: impl RangeBounds<f64>, step: f64) -> Response {
        let mut answer = response();
        let (low, high) = ends(&range, f64::NEG_INFINITY, f64::INFINITY, |end| end);
        let _ = widget!(self.slider(lend(label), *value, low, high, step, self.flags(0), &mut answer));
        if has_changed(&answer) {
            *value = answer.number;
        }
        Response::of(&answer)
    }

    /// On or off, as a box.
    pub fn checkbox(&mut self, label: &str, value: &mut bool) -> Response {
        let mut answer = response();
        let _ = widget!(self.checkbox(lend(label), i32::from(*value), self.flags(0), &mut answer));
        Self::switched(&answer, value)
    }

    /// On or off, as a switch with a label.
    pub fn labelled_toggle(&mut self, label: &str, value: &mut bool) -> Response {
        let mut answer = response();
        let _ = widget!(self.toggle(lend(label), i32::from(*value), self.flags(0), &mut answer));
        Self::switched(&answer, value)
    }

    /// On or off, as an entry in a list.
    pub fn selectable_value(&mut self, label: &str, value: &mut bool) -> Response {
        let mut answer = response();
        let _ = widget!(self.selectable_value(lend(label), i32::from(*value), self.flags(0), &mut answer));
        Self::switched(&answer, value)
    }

    fn switched(answer: &abi::PluginResponse, value: &mut bool) -> Response {
        if has_changed(answer) {
            *value = answer.integer != 0;
        }
        Response::of(answer).click_on_change()
    }

    /// One of choices (value, label) that are all in sight.
    pub fn radio(&mut self, label: &str, value: &mut String, list: &[(&str, &str)]) -> Response {
        let (lent, flags) = (choices(list), self.flags(0));
        edit(value, |value, answer| {
            let _ = widget!(self.radio(lend(label), value, lent.as_ptr(), lent.len() as u32, flags, answer));
        })
        .click_on_change()
    }

    /// One of choices (value, label) in a list that opens, with a label.
    pub fn combo(&mut self, label: &str, value: &mut String, list: &[(&str, &str)], placeholder: &str) -> Response {
        let (lent, flags) = (choices(list), self.flags(0));
        edit(value, |value, answer| {
            let (first, count) = (lent.as_ptr(), lent.len() as u32);
            let _ = widget!(self.combo_box(lend(label), value, lend(placeholder), first, count, flags, answer));
        })
        .click_on_change()
    }

    /// Any of choices (value, label); `values` has those that are chosen, in the order of the choices.
    pub fn multi_select(&mut self, label: &str, values: &mut Vec<String>, list: &[(&str, &str)]) -> Response {
        let mut answer = response();
        let lent = choices(list);
        let mut selected: Vec<i32> =
            list.iter().map(|(value, _)| i32::from(values.iter().any(|known| known == value))).collect();
        let (first, count) = (lent.as_ptr(), lent.len() as u32);
        let _ =
            widget!(self.multi_select(lend(label), first, selected.as_mut_ptr(), count, self.flags(0), &mut answer));
        if has_changed(&answer) {
            let chosen = list.iter().zip(&selected).filter(|(_, selected)| **selected != 0);
            *values = chosen.map(|((value, _), _)| value.to_string()).collect();
        }
        Response::of(&answer).click_on_change()
    }

    /// Rows of which one is chosen by its key.
    pub fn table_choice(&mut self, label: &str, table: &Table, key: &mut String) -> Response {
        let flags = self.flags(0);
        edit(key, |key, answer| {
            table.lend(|table| {
                let _ = widget!(self.table(lend(label), table, key, flags, answer));
            });
        })
        .click_on_change()
    }

    /// A colour, as `#rrggbb`.
    pub fn color(&mut self, label: &str, value: &mut String) -> Response {
        let flags = self.flags(0);
        edit(value, |value, answer| {
            let _ = widget!(self.color(lend(label), value, flags, answer));
        })
    }

    /// A day, as `2006-01-31`; empty where there is none.
    pub fn date(&mut self, label: &str, value: &mut String) -> Response {
        self.date_between(label, value, "", "")
    }

    /// A day that is held between two, where these are not empty.
    pub fn date_between(&mut self, label: &str, value: &mut String, minimum: &str, maximum: &str) -> Response {
        let flags = self.flags(0);
        edit(value, |value, answer| {
            let _ = widget!(self.date(lend(label), value, lend(minimum), lend(maximum), flags, answer));
        })
    }

    /// A file of the host's machine, by its path; `filter` names the endings, such as `.png,.jpg`, or is empty.
    pub fn file_pick(&mut self, label: &str, value: &mut String, filter: &str) -> Response {
        self.pick(label, value, filter, 0)
    }

    /// A folder of the host's machine, by its path.
    pub fn folder_pick(&mut self, label: &str, value: &mut String) -> Response {
        self.pick(label, value, "", abi::PLUGIN_WIDGET_FOLDER)
    }

    fn pick(&mut self, label: &str, value: &mut String, filter: &str, flags: u32) -> Response {
        let flags = self.flags(flags);
        edit(value, |value, answer| {
            let _ = widget!(self.file_pick(lend(label), value, lend(filter), flags, answer));
        })
    }

    /// A question in front of all else, as long as it is drawn: `Some(true)` once the person has accepted, `Some(false)`
    /// once it was dismissed.
    pub fn confirm(&mut self, title: &str, text: &str, accept: &str, dismiss: &str) -> Option<bool> {
        let mut answer = response();
        let _ = widget!(self.confirm(lend(title), lend(text), lend(accept), lend(dismiss), &mut answer));
        Response::of(&answer).clicked.then_some(answer.integer != 0)
    }
}

/// Containers.
impl Ui {
    /// What is drawn inside fills the rows of `columns` columns.
    pub fn grid<R>(&mut self, label: &str, columns: u32, draw: impl FnOnce(&mut Self) -> R) -> R {
        let _ = widget!(self.begin_grid(lend(label), columns));
        self.inside(draw)
    }

    /// What is drawn inside folds under a headline; `open` counts for the first time.
    pub fn collapsing<R>(&mut self, label: &str, open: bool, draw: impl FnOnce(&mut Self) -> R) -> R {
        let _ = widget!(self.begin_collapsing(lend(label), if open { abi::PLUGIN_WIDGET_OPEN } else { 0 }));
        self.inside(draw)
    }

    /// Pages of which one is in sight: `tabs` are (value, label), `value` is the present one, and `draw` draws that page.
    pub fn tabs<R>(
        &mut self,
        label: &str,
        value: &mut String,
        tabs: &[(&str, &str)],
        draw: impl FnOnce(&mut Self, &str) -> R,
    ) -> R {
        let (lent, flags) = (choices(tabs), self.flags(0));
        let mut begun = false;
        edit(value, |value, answer| {
            let (first, count) = (lent.as_ptr(), lent.len() as u32);
            begun = widget!(self.begin_tabs(lend(label), value, first, count, flags, answer)).is_some();
        });
        let result = draw(self, value);
        if begun {
            let _ = widget!(self.end());
        }
        result
    }

    /// Puts a name into the ids of what is drawn inside: for loops whose rows look alike.
    pub fn push_id<R>(&mut self, key: impl ToString, draw: impl FnOnce(&mut Self) -> R) -> R {
        let _ = widget!(self.push_id(lend(&key.to_string())));
        let result = draw(self);
        let _ = widget!(self.pop_id());
        result
    }

    fn inside<R>(&mut self, draw: impl FnOnce(&mut Self) -> R) -> R {
        let result = draw(self);
        let _ = widget!(self.end());
        result
    }
}
