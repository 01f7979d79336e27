/* SPDX-License-Identifier: Apache-2.0 */
/* Uses each part of plugin_interface.hpp, so that all of it is compiled. It is never run. */
#include "plugin_interface.hpp"

using namespace plugin_interfaces;
using namespace std::chrono_literals;

namespace {

static_assert(std::is_trivially_copyable_v<Context>, "a context is copied freely");
static_assert(!std::is_copy_constructible_v<Request> && std::is_nothrow_move_constructible_v<Request>);
static_assert(!std::is_copy_constructible_v<Stream> && std::is_nothrow_move_assignable_v<Stream>);
static_assert(Wait(1us).ms() == 1 && Wait(2s).ms() == 2000 && Wait(-1ms).ms() == 0 && Wait::none().ms() == 0);
static_assert(Wait::forever().ms() == PLUGIN_WAIT_FOREVER &&
              Wait(std::chrono::hours(5000)).ms() == PLUGIN_WAIT_FOREVER);
static_assert(Wait(std::chrono::duration<double>(0.0015)).ms() == 2);

class Everything : public PluginHandler {
  public:
    static constexpr uint64_t features = PLUGIN_FEATURE_SHORT_CALLS;

    Status get_metadata(PluginMetadataFFI &metadata) override {
        metadata.id = to_text("everything");
        return {};
    }
    Status initialize(const Context &context) override {
        port_ = context.get_app_config("port", port_);
        const unsigned small = context.get_app_config("small", 1U);
        const float ratio = context.get_app_config("ratio", 0.5F);
        const bool on = context.get_app_config("on", true);
        const std::string name = context.get_app_config("name", "nobody");
        if (const std::optional<std::string> key = context.get_app_config("key")) context.log_info(*key);
        if (Status status = context.set_app_config("port", port_); !status) return status;
        if (!context.set_app_config("ratio", ratio) || !context.set_app_config("on", on)) return PLUGIN_ERROR;
        if (!context.set_app_config("name", name) || !context.set_app_config("small", small)) return PLUGIN_ERROR;
        return context.set_app_config("literal", "text");
    }
    Status init_ui(const Context &context, Ui &ui) override { return update_ui(context, ui); }
    Status update_ui(const Context &, Ui &ui) override {
        draw(ui);
        operate(ui);
        contain(ui);
        draw_more(ui);
        return {};
    }
    Status on_mount(const Context &context) override {
        const Metadata metadata = context.metadata();
        if (metadata.permissions().empty() || !metadata.has_permission("net")) return PLUGIN_NOT_PERMITTED;
        if (metadata.id() != metadata.name() && metadata.description() == metadata.version()) return PLUGIN_ERROR;
        if (metadata.author() == metadata.config_path() || metadata.raw().flags) return PLUGIN_ERROR;
        return metadata.library_path() == metadata.instance_id() ? PLUGIN_ERROR : PLUGIN_OK;
    }
    Status on_dispose(const Context &context) override {
        context.log_trace("trace");
        context.log_debug("debug");
        context.log_warn("warn");
        context.log_error("error");
        context.log(PLUGIN_LOG_INFO, "info", {"somewhere", 1});
#ifdef __cpp_lib_source_location
        context.log(PLUGIN_LOG_INFO, "info", std::source_location::current());
#endif
        return {};
    }
    Status on_connect(const Context &context) override {
        auto keep = [&](const HistoryMessage &message) { last_ = message.content; };
        if (Status status = context.get_history(10, keep); !status) return status;
        if (Status status = context.stream_list([](PluginStream) {}); !status) return status;
        if (const HostCallbacks *table = context.get_extension<HostCallbacks>("none/1")) (void)table->log;
        if (Status status = context.send_to_frontend("event", "{}", 10ms); !status) return status;
        if (Status status = context.send_message("hello", PLUGIN_MESSAGE_INFO, 1s); !status) return status;
        return context.refresh_ui();
    }
    Status on_disconnect(const Context &context) override { return context.request_disconnect(); }
    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        if (message == "relay") return relay(context, request);
        if (request.is_over() || request.status() != PLUGIN_OK) return PLUGIN_CANCELLED;
        if (request.remaining().value_or(1s) < 1ms) return request.fail("too late");
        Result<Stream> stream = request.stream();
        if (!stream) return request.fail(stream.status());
        auto work = [mine = std::move(request), chunks = std::move(*stream)]() mutable {
            write(chunks);
            if (!mine.reply("")) mine.context().log_warn("nobody waits");
        };
        work();
        return {};
    }
    void on_cancel(const Context &, PluginRequest request, PluginStream stream) override {
        if (kept_ && kept_->handle() == request) kept_.reset();
        if (stream_.handle() == stream) stream_ = Stream();
    }
    Status set_history(const Context &, const History &history) override {
        for (const HistoryMessage message : history) last_ = message.role;
        if (history.size() > 0) last_ = history[0].created_at;
        return {};
    }
    Status save_state(const Context &, StateWriter &writer) override {
        if (Status status = writer.write(&port_, sizeof port_); !status) return status;
        return writer.write(last_);
    }
    Status load_state(const Context &, std::string_view data) override {
        last_ = data;
        return {};
    }
    const void *get_extension(std::string_view name) override { return name == "none/1" ? nullptr : &port_; }

  private:
    static Status relay(const Context &context, Request &request) {
        Result<std::string> reply = context.call_other_plugin("echo", "hello");
        if (!reply) return Status(reply.status().code(), "echo said: " + std::string(reply.status().text()));
        if (reply->empty()) return request.fail(PLUGIN_NO_REPLY, "nothing");
        std::string last;
        Status status = context.call_other_plugin("echo", *reply, 1s, [&](std::string_view text) { last = text; });
        if (!status) return status;
#if PLUGIN_CPP_EXCEPTIONS
        status.or_throw();
        if (reply->size() > 100) throw Failure(PLUGIN_TOO_LARGE, "too long");
        return request.reply(context.call_other_plugin("echo", *reply).or_throw());
#else
        return request.reply(last);
#endif
    }
    static void write(Stream &stream) {
        const std::vector<std::string> chunks = {"a", "b"};
        if (!stream.send("chunk") || !stream.send_batch({"one", "two"}) || !stream.send_batch(chunks, 1s)) return;
        if (stream.send("late", Wait::none()).code() == PLUGIN_FULL) stream.pause();
        if (stream.status() == PLUGIN_STREAM_PAUSED) stream.resume();
        if (!stream.send("last", 10ms, PLUGIN_CHUNK_FINAL)) stream.fail("no");
        if (!stream.end()) stream.cancel();
        (void)stream.release();
    }
    static void draw(Ui &ui) {
        ui.heading("heading");
        ui.label(ui.is_dark() ? "dark" : "light");
        ui.markdown("*text*");
        ui.error("error");
        ui.separator();
        ui.space(6);
        ui.spinner("spinner");
        ui.progress("progress", 0.5);
        ui.tooltip("tooltip");
        if (ui.frame_count() > 0 && ui.time() > 0) plugin_ui_label(ui.raw(), "from C");
    }
    void operate(Ui &ui) {
        static const PluginChoice array[] = {choice("a", "A"), choice("b", "B")};
        const std::vector<PluginChoice> vector(array, array + 2);
        if (ui.button("button")) last_ = "pressed";
        const Response response = ui.text_edit_singleline("text", last_, "hint");
        if (response.changed() || response.submitted() || response.lost_focus() || response.hovered()) return;
        if (response.clicked() && response.id()) return;
        ui.password("password", last_);
        ui.text_edit_multiline("area", last_, "hint", PLUGIN_WIDGET_DISABLED | PLUGIN_WIDGET_HIDE_LABEL);
        ui.integer("integer", port_);
        ui.integer("bounded", port_, 0, 65535);
        ui.number("number", number_, 0, 1);
        ui.slider("slider", number_, 0, 1, 0.1);
        ui.checkbox("checkbox", on_);
        ui.toggle("toggle", on_);
        ui.selectable_value("selectable", on_);
        ui.radio("radio", last_, array);
        ui.combo_box("combo", last_, vector, "none");
        ui.combo_box("empty", last_, {});
    }
    void contain(Ui &ui) {
        {
            const Scope row = ui.horizontal();
            const Scope column = ui.vertical();
            const Scope id = ui.push_id("row 1");
        }
        const Scope fold = ui.collapsing("collapsing", PLUGIN_WIDGET_OPEN);
        const Scope grid = ui.grid("grid", 2);
        if (fold.response()) ui.label("never");
    }
    void draw_more(Ui &ui) {
        static const double numbers[] = {1, 2, 3};
        Table rows{"Name", "Size"};
        rows.row({"a.txt", "12"});
        rows.row("key", {"b.txt"});
        ui.code("int x;", "c");
        ui.log_view("log", "line\n");
        ui.link("text", "https://example.org/");
        ui.image("picture", "image/png", std::string_view("\x89PNG", 4), 12);
        ui.plot("plot", {series("one", numbers), series("two", numbers, numbers, PLUGIN_SERIES_BARS)});
        ui.table("rows", rows);
        ui.table("chosen", rows, last_);
        ui.multi_select("several", several_, {choice("a", "A"), choice("b", "B")});
        ui.color("colour", last_);
        ui.date("day", last_, "2000-01-01");
        ui.file_pick("file", last_, ".png,.jpg", PLUGIN_WIDGET_FOLDER);
        {
            const Scope pages = ui.tabs("pages", last_, {choice("a", "A"), choice("b", "B")});
            if (pages.response().changed()) ui.toast("another page", PLUGIN_MESSAGE_INFO);
        }
        if (ui.confirm("Delete?", "It is gone then.", "Delete", "Keep").value_or(false)) ui.toast("deleted");
    }

    int64_t port_ = 8080;
    double number_ = 0;
    bool on_ = false;
    std::string last_;
    std::vector<std::string> several_;
    std::optional<Request> kept_;
    Stream stream_;
};

} // namespace

PLUGIN_EXPORT_HANDLER(Everything)
