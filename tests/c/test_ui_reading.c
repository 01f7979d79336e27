/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_panel.h"

#include <math.h>

static void draw_code(PluginUi *ui, Panel *panel) { plugin_ui_code(ui, "int x;\n", panel->text); }

TEST(code_is_told_with_its_language) {
    Ui *ui = ui_new();
    Panel panel = {.text = "c"};
    frame(ui, draw_code, &panel, NULL, 0);
    CHECK_CONTAINS("\"kind\":\"code\",\"text\":\"int x;\\n\",\"language\":\"c\"}", written);
    panel.text[0] = '\0';
    frame(ui, draw_code, &panel, NULL, 0);
    CHECK_CONTAINS("\"text\":\"int x;\\n\"}", written);
    end(ui);
}

static void draw_log(PluginUi *ui, Panel *panel) {
    ui->table->log_view(ui, plugin_text("log"), plugin_text_of(panel->text, (uint64_t)panel->integer),
                        (uint32_t)panel->extra);
}

TEST(a_log_is_told_with_its_lines) {
    Ui *ui = ui_new();
    Panel panel = {.text = "one\ntwo\n", .integer = 8, .extra = 10};
    frame(ui, draw_log, &panel, NULL, 0);
    CHECK_CONTAINS("\"kind\":\"log_view\",\"label\":\"log\",\"text\":\"one\\ntwo\\n\",\"lines\":10}", written);
    panel.extra = 0;
    frame(ui, draw_log, &panel, NULL, 0);
    CHECK_CONTAINS("\"text\":\"one\\ntwo\\n\"}", written);
    end(ui);
}

TEST(a_damaged_log_is_repaired) {
    Ui *ui = ui_new();
    Panel panel = {.text = "\xA9 a\0b \xC3\xA9 \xC3", .integer = 10};
    frame(ui, draw_log, &panel, NULL, 0);
    CHECK_CONTAINS("\"text\":\"\xEF\xBF\xBD a\xEF\xBF\xBD"
                   "b \xC3\xA9 \xEF\xBF\xBD\"",
                   written);
    CHECK_TEXT("", ui_misuse(ui));
    strcpy(panel.text, "\xFF");
    panel.integer = -1; /* PLUGIN_UNTIL_NUL */
    frame(ui, draw_log, &panel, NULL, 0);
    CHECK_CONTAINS("\"text\":\"\xEF\xBF\xBD\"", written);
    end(ui);
}

/* ---- links ---- */

static void draw_link(PluginUi *ui, Panel *panel) { plugin_ui_link(ui, "there", panel->text); }

TEST(a_link_leads_to_a_page_or_a_mailbox) {
    static const char *const urls[] = {"https://example.org/a?b#c", "http://x", "mailto:a@b.c", "HTTPS://X",
                                       "MailTo:a"};
    Ui *ui = ui_new();
    for (size_t at = 0; at < sizeof urls / sizeof *urls; at++) {
        Panel panel = {.extra = 0};
        char expected[100];
        strcpy(panel.text, urls[at]);
        snprintf(expected, sizeof expected, "\"kind\":\"link\",\"text\":\"there\",\"url\":\"%s\"}", urls[at]);
        frame(ui, draw_link, &panel, NULL, 0);
        CHECK_CONTAINS(expected, written);
    }
    end(ui);
}

TEST(a_link_to_anything_else_is_an_error) {
    static const char *const urls[] = {
        "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "example.org",    "https://", "mailto:",
        " https://x",          "https://x y",        "https://x\n",      "java\tscript:x", "",         "https:/x"};
    Ui *ui = ui_new();
    for (size_t at = 0; at < sizeof urls / sizeof *urls; at++) {
        Panel panel = {.extra = 0};
        strcpy(panel.text, urls[at]);
        frame(ui, draw_link, &panel, NULL, 0);
        CHECK_EQUAL(0, occurrences("\"kind\":\"link\""));
        CHECK_CONTAINS("\"kind\":\"error\",\"text\":\"link: the url begins with https://", written);
        CHECK_CONTAINS("link: the url begins with", ui_misuse(ui).data);
    }
    end(ui);
}

/* ---- images ---- */

static void draw_image(PluginUi *ui, Panel *panel) {
    ui->table->image(ui, plugin_text("logo"), plugin_text(panel->choice), panel->text, (uint64_t)panel->integer,
                     panel->number);
}

TEST(an_image_travels_as_a_data_url) {
    static const char *const encoded[] = {"Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    Ui *ui = ui_new();
    for (int length = 1; length <= 6; length++) {
        char expected[120];
        Panel panel = {.text = "foobar", .choice = "image/png", .integer = length, .number = 72};
        snprintf(expected, sizeof expected,
                 "\"kind\":\"image\",\"label\":\"logo\",\"source\":\"data:image/png;base64,%s\",\"width\":72}",
                 encoded[length - 1]);
        frame(ui, draw_image, &panel, NULL, 0);
        CHECK_CONTAINS(expected, written);
    }
    end(ui);
}

TEST(any_byte_has_its_place_in_base64) {
    Ui *ui = ui_new();
    Panel panel = {.text = "\xFB\xEF\xBE\xFF\xFF\xFF", .choice = "image/svg+xml", .integer = 7, .number = NAN};
    frame(ui, draw_image, &panel, NULL, 0);
    CHECK_CONTAINS("\"source\":\"data:image/svg+xml;base64,++++////AA==\"}", written);
    end(ui);
}

TEST(a_large_image_is_encoded_whole) {
    static char data[20000];
    Ui *ui = ui_new();
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    handle->table->image(handle, plugin_text("a"), plugin_text("image/png"), data, sizeof data, 0);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    CHECK_EQUAL(PLUGIN_OK, ui_write(ui, 0, receive, NULL));
    CHECK_EQUAL((sizeof data + 2) / 3 * 4 - 1, occurrences("A"));
    CHECK_CONTAINS("AAA=\"}", written);
    end(ui);
}

TEST(what_is_no_image_is_an_error) {
    static const char *const types[] = {"", "image/", "text/html", "image", "image/png;x", "image/\"", "image/a b"};
    Ui *ui = ui_new();
    for (size_t at = 0; at < sizeof types / sizeof *types; at++) {
        Panel panel = {.text = "x", .integer = 1};
        strcpy(panel.choice, types[at]);
        frame(ui, draw_image, &panel, NULL, 0);
        CHECK_CONTAINS("\"kind\":\"error\",\"text\":\"image: the media type is one such as image/png", written);
    }
    end(ui);
}

static void draw_empty_image(PluginUi *ui, Panel *panel) {
    ui->table->image(ui, plugin_text("a"), plugin_text("image/png"), NULL, (uint64_t)panel->integer, 0);
}

TEST(an_image_without_data_is_an_error) {
    Ui *ui = ui_new();
    Panel panel = {.integer = 0};
    for (panel.integer = 0; panel.integer < 2; panel.integer++) {
        frame(ui, draw_empty_image, &panel, NULL, 0);
        CHECK_CONTAINS("image: there is no data", written);
        CHECK_TEXT("image: there is no data", ui_misuse(ui));
    }
    Panel empty = {.text = "x", .choice = "image/png"};
    frame(ui, draw_image, &empty, NULL, 0);
    CHECK_CONTAINS("image: there is no data", written);
    end(ui);
}

TEST(an_image_counts_in_the_bytes_of_a_frame) {
    Ui *ui = ui_new();
    Panel panel = {.text = "x", .choice = "image/png", .integer = 50 << 20};
    frame(ui, draw_image, &panel, NULL, 0);
    CHECK_CONTAINS("image: its 52428800 bytes are more than the frame has room for", written);
    panel.integer = -1;
    frame(ui, draw_image, &panel, NULL, 0);
    CHECK_CONTAINS("image: its 18446744073709551615 bytes are more than", written);
    end(ui);
}

/* ---- plots ---- */

static void draw_plot(PluginUi *ui, Panel *panel) {
    static const double x[] = {0.5, NAN, 2}, y[] = {1, -INFINITY, 0.1};
    PluginSeries series[2] = {plugin_series("a", y, 3), plugin_series("b", y, 1)};
    series[0].x = x;
    series[1].style = (uint32_t)panel->extra;
    plugin_ui_plot(ui, "curve", series, (uint32_t)panel->integer);
}

TEST(a_plot_is_its_series) {
    static const char *const styles[] = {"line", "points", "bars", "line"};
    Ui *ui = ui_new();
    for (int style = 0; style < 4; style++) {
        char expected[200];
        Panel panel = {.integer = 2, .extra = style};
        snprintf(
            expected, sizeof expected,
            "\"kind\":\"plot\",\"label\":\"curve\",\"series\":[{\"name\":\"a\",\"style\":\"line\",\"x\":[0.5,null,2],"
            "\"y\":[1,null,0.1]},{\"name\":\"b\",\"style\":\"%s\",\"y\":[1]}]}",
            styles[style]);
        frame(ui, draw_plot, &panel, NULL, 0);
        CHECK_CONTAINS(expected, written);
    }
    end(ui);
}

TEST(a_plot_without_series_is_drawn) {
    Ui *ui = ui_new();
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    plugin_ui_plot(handle, "nothing", NULL, 0);
    const PluginSeries empty = plugin_series("e", NULL, 0);
    plugin_ui_plot(handle, "empty", &empty, 1);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    CHECK_EQUAL(PLUGIN_OK, ui_write(ui, 0, receive, NULL));
    CHECK_CONTAINS("\"label\":\"nothing\",\"series\":[]}", written);
    CHECK_CONTAINS("\"series\":[{\"name\":\"e\",\"style\":\"line\",\"y\":[]}]}", written);
    CHECK_TEXT("", ui_misuse(ui));
    end(ui);
}

static void draw_bad_plot(PluginUi *ui, Panel *panel) {
    static const double y[60000];
    PluginSeries series[2] = {plugin_series("a", y, 1), plugin_series("b", y, 1)};
    switch (panel->extra) {
    case 0:
        plugin_ui_plot(ui, "p", NULL, 1);
        break;
    case 1:
        plugin_ui_plot(ui, "p", series, UINT32_MAX);
        break;
    case 2:
        series[1].y = NULL;
        plugin_ui_plot(ui, "p", series, 2);
        break;
    case 3:
        series[0].count = series[1].count = 60000;
        plugin_ui_plot(ui, "p", series, 2);
        break;
    case 4:
        series[1].count = UINT64_MAX;
        plugin_ui_plot(ui, "p", series, 2);
        break;
    case 5:
        series[1].name = plugin_text("\xFF");
        plugin_ui_plot(ui, "p", series, 2);
        break;
    default:
        plugin_ui_plot(ui, "\xFF", series, 2);
    }
}

TEST(a_plot_that_cannot_be_drawn_is_an_error) {
    static const char *const said[] = {"plot: the series are NULL, or more than 1000",
                                       "plot: the series are NULL, or more than 1000",
                                       "plot: the values of series 1 are NULL",
                                       "plot: more than 100000 points; draw fewer of them, such as means",
                                       "plot: more than 100000 points; draw fewer of them, such as means",
                                       "plot: the name of a series is not UTF-8: byte 0xFF at offset 0",
                                       "plot: label is not UTF-8: byte 0xFF at offset 0"};
    Ui *ui = ui_new();
    Panel panel = {.extra = 0};
    for (panel.extra = 0; panel.extra < 7; panel.extra++) {
        frame(ui, draw_bad_plot, &panel, NULL, 0);
        CHECK_TEXT(said[panel.extra], ui_misuse(ui));
        CHECK_CONTAINS(said[panel.extra], written);
        CHECK_EQUAL(0, occurrences("\"kind\":\"plot\""));
    }
    end(ui);
}

/* ---- none of these is operated ---- */

static void draw_all(PluginUi *ui, Panel *panel) {
    draw_code(ui, panel);
    draw_link(ui, panel);
    plugin_ui_log_view(ui, "log", "", 0);
    plugin_ui_plot(ui, "plot", NULL, 0);
}

TEST(what_is_only_read_cannot_be_operated) {
    Ui *ui = ui_new();
    Panel panel = {.text = "http://x"};
    PluginError error = {(uint32_t)sizeof error, 0, (char[100]){0}, 99, 0};
    frame(ui, draw_all, &panel, NULL, 0);
    CoreUiEvent event = event_for(id_of("log_view", "log"), PLUGIN_RESPONSE_CLICKED);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, ui_check_event(ui, &event, &error));
    CHECK_TEXT("a log_view cannot be operated", error.text);
    event = event_for(id_of("plot", "plot"), PLUGIN_RESPONSE_CHANGED);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, ui_check_event(ui, &event, NULL));
    end(ui);
}

/* ---- toasts ---- */

static void draw_toast(PluginUi *ui, Panel *panel) {
    plugin_ui_label(ui, "below");
    for (int at = 0; at < panel->extra; at++) plugin_ui_toast(ui, (uint32_t)at, panel->text);
}

/* One frame that is drawn and not written. */
static void draw_unwritten(Ui *ui, Panel *panel) {
    draw_toast(ui_begin(ui, NULL, 0, 0), panel);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
}

TEST(a_toast_is_written_once) {
    Ui *ui = ui_new();
    Panel panel = {.text = "done", .extra = 1};
    frame(ui, draw_toast, &panel, NULL, 0);
    CHECK_CONTAINS("]},\"toasts\":[{\"kind\":\"normal\",\"text\":\"done\"}]}", written);
    panel.extra = 0;
    frame(ui, draw_toast, &panel, NULL, 0);
    CHECK_EQUAL(0, occurrences("toasts"));
    end(ui);
}

TEST(a_toast_is_no_change_of_the_frame) {
    Ui *ui = ui_new();
    Panel panel = {.text = "a \"b\""};
    frame(ui, draw_toast, &panel, NULL, 0);
    panel.extra = 1;
    CHECK_TEXT("{\"revision\":1,\"base\":1,\"patch\":[],\"toasts\":[{\"kind\":\"normal\",\"text\":\"a \\\"b\\\"\"}]}",
               frame(ui, draw_toast, &panel, NULL, 1));
    end(ui);
}

TEST(toasts_have_the_words_of_messages) {
    Ui *ui = ui_new();
    Panel panel = {.text = "x", .extra = 6};
    frame(ui, draw_toast, &panel, NULL, 0);
    CHECK_CONTAINS("\"toasts\":[{\"kind\":\"normal\",\"text\":\"x\"},{\"kind\":\"success\",\"text\":\"x\"},"
                   "{\"kind\":\"warning\",\"text\":\"x\"},{\"kind\":\"error\",\"text\":\"x\"},"
                   "{\"kind\":\"info\",\"text\":\"x\"},{\"kind\":\"normal\",\"text\":\"x\"}]",
                   written);
    end(ui);
}

TEST(toasts_of_frames_that_are_not_written_are_in_the_next) {
    Ui *ui = ui_new();
    Panel panel = {.text = "early", .extra = 1};
    draw_unwritten(ui, &panel);
    strcpy(panel.text, "late");
    frame(ui, draw_toast, &panel, NULL, 0);
    CHECK_CONTAINS("\"toasts\":[{\"kind\":\"normal\",\"text\":\"early\"},{\"kind\":\"normal\",\"text\":\"late\"}]",
                   written);
    end(ui);
}

TEST(toasts_that_are_forgotten_are_not_written) {
    Ui *ui = ui_new();
    Panel panel = {.text = "x", .extra = 1};
    draw_unwritten(ui, &panel);
    ui_forget_toasts(ui);
    panel.extra = 0;
    frame(ui, draw_toast, &panel, NULL, 0);
    CHECK_EQUAL(0, occurrences("toasts"));
    end(ui);
}

TEST(toasts_have_a_limit) {
    Ui *ui = ui_new();
    Panel panel = {.text = "x", .extra = 1000};
    frame(ui, draw_toast, &panel, NULL, 0);
    CHECK_EQUAL(32, occurrences("\"text\":\"x\""));
    CHECK_TEXT("toast: more than 32 in one frame; the rest is left out", ui_misuse(ui));
    end(ui);
}

TEST(a_toast_that_is_no_text_is_left_out_and_reported) {
    static char text[5000];
    Ui *ui = ui_new();
    memset(text, 'x', sizeof text - 1);
    const PluginText texts[] = {plugin_text("\xFF"), {"a\0b", 3}, {NULL, 1}, plugin_text(text)};
    const char *const said[] = {"toast: text is not UTF-8", "toast: text has a NUL byte", "toast: text is NULL",
                                "toast: text is longer than the 4096 bytes"};
    for (int at = 0; at < 4; at++) {
        PluginUi *handle = ui_begin(ui, NULL, 0, 0);
        handle->table->toast(handle, 0, texts[at]);
        ui_finish(ui, PLUGIN_OK, plugin_text(""));
        CHECK_CONTAINS(said[at], ui_misuse(ui).data);
        CHECK_EQUAL(PLUGIN_OK, ui_write(ui, 0, receive, NULL));
        CHECK_EQUAL(0, occurrences("toasts"));
    }
    end(ui);
}

TEST(a_toast_after_the_frame_is_not_taken) {
    Ui *ui = ui_new();
    Panel panel = {.text = "x"};
    PluginUi *handle = ui_begin(ui, NULL, 0, 0);
    ui_finish(ui, PLUGIN_OK, plugin_text(""));
    plugin_ui_toast(handle, 0, "late");
    frame(ui, draw_toast, &panel, NULL, 0);
    CHECK_EQUAL(0, occurrences("toasts"));
    end(ui);
}

int main(void) {
    RUN(code_is_told_with_its_language);
    RUN(a_log_is_told_with_its_lines);
    RUN(a_damaged_log_is_repaired);
    RUN(a_link_leads_to_a_page_or_a_mailbox);
    RUN(a_link_to_anything_else_is_an_error);
    RUN(an_image_travels_as_a_data_url);
    RUN(any_byte_has_its_place_in_base64);
    RUN(a_large_image_is_encoded_whole);
    RUN(what_is_no_image_is_an_error);
    RUN(an_image_without_data_is_an_error);
    RUN(an_image_counts_in_the_bytes_of_a_frame);
    RUN(a_plot_is_its_series);
    RUN(a_plot_without_series_is_drawn);
    RUN(a_plot_that_cannot_be_drawn_is_an_error);
    RUN(what_is_only_read_cannot_be_operated);
    RUN(a_toast_is_written_once);
    RUN(a_toast_is_no_change_of_the_frame);
    RUN(toasts_have_the_words_of_messages);
    RUN(toasts_of_frames_that_are_not_written_are_in_the_next);
    RUN(toasts_that_are_forgotten_are_not_written);
    RUN(toasts_have_a_limit);
    RUN(a_toast_that_is_no_text_is_left_out_and_reported);
    RUN(a_toast_after_the_frame_is_not_taken);
    return check_result();
}
