/* SPDX-License-Identifier: Apache-2.0 */
/* plugin_interface.hpp: the table that a handler becomes, and what its entries return or throw. */
#include "host.h"
#include "plugin_interface.hpp"

#include <string>

using namespace plugin_interfaces;

namespace {

/* An instance of a handler, connected unless it fails; ended and freed at the end. */
template <class Handler> class Running {
  public:
    Running() : core_(core_new(nullptr)) {
        const PluginMetadataFFI metadata = metadata_of("test", "test");
        PluginInterface *table = detail::Plugin<Handler>::create_plugin();
        CHECK_EQUAL(PLUGIN_OK, core_instance_from_table(core_, table, detail::Plugin<Handler>::destroy_plugin,
                                                        &metadata, &host_, said_clear(&said)));
        status = core_instance_initialize(host_, "state", 5, said_clear(&said));
        if (status == PLUGIN_OK) status = core_instance_connect(host_, said_clear(&said));
    }
    Running(const Running &) = delete;
    Running &operator=(const Running &) = delete;
    ~Running() { core_free(core_); }
    PluginStatus send(const char *text) {
        reply[0] = '\0';
        return send_and_wait(host_, plugin_text(text), 10000, receive, reply, said_clear(&said));
    }
    const PluginInterface *table() const { return core_instance_table(host_); }
    PluginHost host() const { return host_; }

    PluginStatus status = PLUGIN_OK;
    Said said;
    char reply[256];

  private:
    Core *core_;
    PluginHost host_ = PLUGIN_NONE;
};

/* ---- the table ---- */

struct Bare final : PluginHandler {};

TEST(a_bare_handler_has_no_entry_but_destroy) {
    Running<Bare> bare;
    CHECK_EQUAL(0, core_instance_entries(bare.host()));
    CHECK(bare.table()->destroy != nullptr);
    CHECK_EQUAL(0, bare.table()->features);
}

struct Some : PluginHandler {
    static constexpr uint64_t features = PLUGIN_FEATURE_SHORT_CALLS;
    Status on_mount(const Context &) noexcept override { return {}; }
    Status handle_message(const Context &, Request &request, std::string_view) override { return request.reply("x"); }
};
struct More final : Some {
    const void *get_extension(std::string_view) override { throw 1; }

  private:
    Status update_ui(const Context &, Ui &) override { return {}; }
};

TEST(the_entries_are_those_that_are_overridden) {
    Running<More> more;
    const PluginInterface *table = more.table();
    CHECK(table->on_mount && table->handle_message && table->get_extension && table->update_ui);
    CHECK(!table->get_metadata && !table->initialize && !table->init_ui && !table->on_dispose && !table->on_connect);
    CHECK(!table->on_disconnect && !table->on_cancel && !table->set_history && !table->save_state);
    CHECK(!table->load_state);
    CHECK_EQUAL(PLUGIN_FEATURE_SHORT_CALLS, table->features);
}

TEST(an_extension_that_cannot_be_found_without_throwing_is_none) {
    Running<More> more;
    CHECK(more.table()->get_extension(more.table()->plugin_ptr, plugin_text("a/1")) == nullptr);
}

struct alignas(256) Aligned final : PluginHandler {
    Status handle_message(const Context &, Request &request, std::string_view) override {
        return request.reply(reinterpret_cast<uintptr_t>(this) % 256 == 0 ? "aligned" : "not aligned");
    }
};

TEST(a_handler_stands_where_its_alignment_wants) {
    Running<Aligned> aligned;
    CHECK_EQUAL(PLUGIN_OK, aligned.send("?"));
    CHECK_TEXT("aligned", aligned.reply);
}

int made, gone;

struct Counted : PluginHandler {
    Counted() { made++; }
    ~Counted() override { gone++; }
};

TEST(a_handler_is_made_and_destroyed_once) {
    made = gone = 0;
    { Running<Counted> counted; }
    CHECK_EQUAL(1, made);
    CHECK_EQUAL(1, gone);
}

struct Member {
    ~Member() { gone++; }
};
struct Unmade final : PluginHandler {
    Unmade() { throw std::runtime_error("a text that is too long for a small string, so that it has to be freed"); }
    Member member;
};

TEST(a_constructor_that_throws_fails_initialize_and_leaves_nothing) {
    gone = 0;
    Running<Unmade> unmade;
    CHECK_EQUAL(PLUGIN_ERROR, unmade.status);
    CHECK_CONTAINS("so that it has to be freed", unmade.said.text);
    CHECK_EQUAL(1, gone);
}

struct NoMemory final : PluginHandler {
    NoMemory() { throw std::bad_alloc(); }
};

TEST(a_constructor_without_memory_says_so) {
    Running<NoMemory> none;
    CHECK_EQUAL(PLUGIN_OUT_OF_MEMORY, none.status);
}

/* ---- failures ---- */

struct Fails final : PluginHandler {
    Status load_state(const Context &, std::string_view data) override {
        state_ = data;
        throw Failure("ignored");
    }
    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        if (message == "state") return request.reply(state_);
        if (message == "status") return Status(-1234, "returned, with a text of some length that is allocated");
        if (message == "code") return PLUGIN_NOT_FOUND;
        if (message == "throw") throw Failure(-1235, "thrown, with a text of some length that is allocated");
        if (message == "moved") {
            Status status(PLUGIN_ERROR, "moved, with a text of some length that is allocated");
            Status copy = status;
            status = std::move(copy);
            return status;
        }
        if (message == "invalid") return request.reply("caf\xE9");
        if (message == "pending") {
            context.callbacks().request_reply(context.host(), request.handle(), plugin_text("in C"), nullptr);
            return PLUGIN_PENDING;
        }
        if (message == "released") {
            context.callbacks().request_reply(context.host(), request.release(), plugin_text("in C"), nullptr);
            return {};
        }
        return request.fail(PLUGIN_OK, "a failure is below zero");
    }
    std::string state_;
};

TEST(a_failure_is_a_status_and_a_text) {
    Running<Fails> fails;
    CHECK_EQUAL(-1234, fails.send("status"));
    CHECK_CONTAINS("returned, with a text", fails.said.text);
    CHECK_EQUAL(-1235, fails.send("throw"));
    CHECK_CONTAINS("thrown, with a text", fails.said.text);
    CHECK_EQUAL(PLUGIN_ERROR, fails.send("moved"));
    CHECK_CONTAINS("moved, with a text", fails.said.text);
    CHECK_EQUAL(PLUGIN_NOT_FOUND, fails.send("code"));
    CHECK_EQUAL(PLUGIN_ERROR, fails.send("else"));
    CHECK_TEXT("a failure is below zero", fails.said.text);
}

TEST(a_state_that_is_not_understood_is_no_failure) {
    Running<Fails> fails;
    CHECK_EQUAL(PLUGIN_OK, fails.send("state"));
    CHECK_TEXT("state", fails.reply);
}

TEST(a_reply_that_is_no_text_fails_with_its_place) {
    Running<Fails> fails;
    CHECK_EQUAL(PLUGIN_INVALID_TEXT, fails.send("invalid"));
    CHECK_CONTAINS("3", fails.said.text);
}

TEST(a_request_may_be_answered_through_the_table) {
    Running<Fails> fails;
    CHECK_EQUAL(PLUGIN_OK, fails.send("pending"));
    CHECK_TEXT("in C", fails.reply);
    CHECK_EQUAL(PLUGIN_OK, fails.send("released"));
    CHECK_TEXT("in C", fails.reply);
}

TEST(a_text_is_cut_between_two_characters) {
    char text[4] = "___";
    PluginError error = {sizeof error, PLUGIN_OK, text, 3, 0};
    CHECK_EQUAL(PLUGIN_ERROR, detail::tell(&error, Status(PLUGIN_ERROR, "ab\xC3\xBC")));
    CHECK_EQUAL(2, error.length);
    CHECK_EQUAL(PLUGIN_ERROR, error.status);
    CHECK_TEXT("ab_", text);
}

TEST(a_status_has_the_meaning_of_its_code) {
    const auto text = [](PluginStatus code) { return to_text(Status(code).text()); };
    CHECK_TEXT("the deadline passed", text(PLUGIN_TIMEOUT));
    CHECK_TEXT("the plugin's own status", text(-4000));
    CHECK_TEXT("done", text(77));
}

/* ---- receivers ---- */

struct Receives final : PluginHandler {
    Status handle_message(const Context &context, Request &request, std::string_view) override {
        const Result<Stream> one = context.stream(), two = context.stream();
        int calls = 0;
        try {
            context.stream_list([&](PluginStream) {
                calls++;
                throw std::string("not even a std::exception, and long enough to be allocated");
            });
        } catch (const std::string &) {
            return request.reply(std::to_string(calls));
        }
        return request.reply("nothing thrown");
    }
};

TEST(an_exception_in_a_receiver_crosses_no_frame_of_the_host) {
    Running<Receives> receives;
    CHECK_EQUAL(PLUGIN_OK, receives.send("?"));
    CHECK_TEXT("1", receives.reply);
}

/* ---- a host that offers less ---- */

int drawn, ended;

void draw_text(PluginUi *, PluginText) { drawn++; }
void draw_begin(PluginUi *) { drawn++; }
void draw_end(PluginUi *) { ended++; }

/* Draws with a table of which the slots after pop_id are beyond its size, or NULL. */
void draw_in_an_old_host(uint32_t table_size) {
    PluginUiTable table;
    memset(&table, table_size < sizeof table ? 0xEE : 0, sizeof table);
    table.struct_size = table_size;
    table.label = draw_text;
    table.begin_vertical = draw_begin;
    table.end = draw_end;
    PluginUi raw = {sizeof raw, 0, &table, 0, 0};
    Ui ui(&raw);
    std::string value = "kept";
    std::vector<std::string> values = {"kept"};
    Table rows{"a"};
    rows.row("key", {"cell"});
    ui.label("here");
    ui.code("x");
    ui.log_view("x", "x");
    ui.link("x", "https://example.org/");
    ui.image("x", "image/png", "x");
    ui.plot("x", {});
    ui.toast("x");
    CHECK(!ui.table("x", rows, value) && !ui.color("x", value) && !ui.date("x", value) && !ui.file_pick("x", value));
    CHECK(!ui.multi_select("x", values, {choice("a", "A")}));
    CHECK(!ui.confirm("x", "x"));
    { const Scope page = ui.tabs("x", value, {choice("a", "A")}); }
    CHECK_TEXT("kept", value.c_str());
    CHECK_TEXT("kept", values.at(0).c_str());
}

TEST(widgets_that_the_host_does_not_have_are_left_out) {
    for (const size_t size : {offsetof(PluginUiTable, code), sizeof(PluginUiTable)}) {
        drawn = ended = 0;
        draw_in_an_old_host(static_cast<uint32_t>(size));
        CHECK_EQUAL(2, drawn);
        CHECK_EQUAL(1, ended);
    }
}

TEST(permissions_are_read_where_the_host_knows_them) {
    PluginMetadataFFI raw = metadata_of("test", "test");
    raw.permissions = plugin_text("net serial-port");
    CHECK(Metadata(raw).has_permission("net") && Metadata(raw).has_permission("serial-port"));
    CHECK(!Metadata(raw).has_permission("serial") && !Metadata(raw).has_permission(""));
    raw.struct_size = static_cast<uint32_t>(offsetof(PluginMetadataFFI, permissions));
    CHECK(!Metadata(raw).has_permission("net"));
}

} // namespace

int main() {
    RUN(a_bare_handler_has_no_entry_but_destroy);
    RUN(the_entries_are_those_that_are_overridden);
    RUN(an_extension_that_cannot_be_found_without_throwing_is_none);
    RUN(a_handler_stands_where_its_alignment_wants);
    RUN(a_handler_is_made_and_destroyed_once);
    RUN(a_constructor_that_throws_fails_initialize_and_leaves_nothing);
    RUN(a_constructor_without_memory_says_so);
    RUN(a_failure_is_a_status_and_a_text);
    RUN(a_state_that_is_not_understood_is_no_failure);
    RUN(a_reply_that_is_no_text_fails_with_its_place);
    RUN(a_request_may_be_answered_through_the_table);
    RUN(a_text_is_cut_between_two_characters);
    RUN(a_status_has_the_meaning_of_its_code);
    RUN(an_exception_in_a_receiver_crosses_no_frame_of_the_host);
    RUN(widgets_that_the_host_does_not_have_are_left_out);
    RUN(permissions_are_read_where_the_host_knows_them);
    return check_result();
}
