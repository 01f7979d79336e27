/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin_interface.hpp: the plugin ABI for C++17 and later. plugin_interface.h is the specification, and all that it
 * says holds here; this file says what C++ adds. It is written with the tables of that file alone and is compiled into
 * the plugin, so nothing here is part of the ABI.
 *
 * Smallest plugin, complete (compile with `c++ -std=c++17 -shared -fPIC -o libecho.so echo.cpp`):
 *
 *     #include "plugin_interface.hpp"
 *     using namespace plugin_interfaces;
 *     struct Echo final : PluginHandler {
 *         Status handle_message(const Context &, Request &request, std::string_view message) override {
 *             return request.reply(message);
 *         }
 *     };
 *     PLUGIN_EXPORT_HANDLER(Echo)
 *
 * ## Entries
 *
 * One object of the handler is one instance: its constructor runs in create_plugin, perhaps while that of another
 * instance does, and its destructor in destroy_plugin; neither has a context. An entry that the handler does not
 * override stays NULL in the table, so the host does what the header says of an absent entry. Which ones these are is
 * known when it is compiled; there is no RTTI and no dispatch at run time.
 *
 * ## Exceptions
 *
 * Whatever leaves an entry becomes its status and its text: Failure its own, std::bad_alloc PLUGIN_OUT_OF_MEMORY,
 * another std::exception PLUGIN_ERROR with what(), anything else PLUGIN_ERROR. One that leaves the constructor fails
 * initialize with its text. One that leaves a function given to get_history, stream_list or call_other_plugin is kept
 * until the host has returned and then goes on its way. No call of this file throws by itself, except or_throw() and,
 * where no memory is left, those that are not noexcept. A thread of the plugin's own has nobody who would catch.
 *
 * With -fno-exceptions all of this file is there but or_throw(): entries and calls return a Status, or a Result with a
 * value and one.
 *
 * ## Threads and lifetime
 *
 *   Context           copy it freely. A copy is good for ever, also in a thread that outlives the plugin, where its
 *                     calls answer PLUGIN_CLOSED. Only what metadata() gives lives no longer than the instance.
 *   Request, Stream   own what they name, and can be moved into a thread, which may outlive the plugin too. Their calls
 *                     may be made by several threads at once; to move, end or destroy one is the business of one.
 *   what an entry is given by reference or as a view, the Request object too unless it is moved away: gone when the
 *                     entry returns.
 *
 * A text from the host has a NUL behind its end that does not count: there data() is a C string.
 */
#ifndef PLUGIN_INTERFACE_HPP
#define PLUGIN_INTERFACE_HPP

#include "plugin_interface.h"

#include <charconv>
#include <chrono>
#include <exception>
#include <initializer_list>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if __cplusplus >= 202002L
#include <version>
#endif
#ifdef __cpp_lib_source_location
#include <source_location>
#endif

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define PLUGIN_CPP_EXCEPTIONS 1
#else
#define PLUGIN_CPP_EXCEPTIONS 0
#endif

/* What runs in each call is inlined into it, and what only a failure needs stands aside. */
#if defined(__GNUC__)
#define PLUGIN_CPP_HOT  __attribute__((always_inline)) inline
#define PLUGIN_CPP_COLD __attribute__((cold, noinline)) inline
#else
#define PLUGIN_CPP_HOT  inline
#define PLUGIN_CPP_COLD inline
#endif

namespace plugin_interfaces {

/* ==== Texts ====================================================================================================== */

inline PluginText to_text(std::string_view view) noexcept { return plugin_text_of(view.data(), view.size()); }

inline std::string_view to_view(PluginText text) noexcept {
    return std::string_view(text.data, static_cast<size_t>(text.length));
}

/* Borrowed, like a std::span of constants: what is given to a call in braces, as an array or as a vector. */
template <class Item> class Span {
  public:
    Span() noexcept = default;
    Span(const Item *data, size_t size) noexcept : data_(data), size_(size) {}
    Span(std::initializer_list<Item> items) noexcept : size_(items.size()) { data_ = items.begin(); }
    template <class Items, class = decltype(std::data(std::declval<const Items &>()))>
    Span(const Items &items) noexcept : data_(std::data(items)), size_(std::size(items)) {}
    const Item *data() const noexcept { return data_; }
    size_t size() const noexcept { return size_; }
    uint32_t count() const noexcept { return static_cast<uint32_t>(size_); }
    const Item *begin() const noexcept { return data_; }
    const Item *end() const noexcept { return data_ + size_; }

  private:
    const Item *data_ = nullptr;
    size_t size_ = 0;
};

namespace detail {
/* Rounded up to milliseconds, and held between nothing and for ever. */
template <class Rep, class Period> constexpr uint32_t wait_ms(std::chrono::duration<Rep, Period> duration) noexcept {
    using Duration = std::chrono::duration<Rep, Period>;
    if (!(duration > Duration::zero())) return 0;
    if (std::chrono::duration<double, std::milli>(duration).count() >= double(PLUGIN_WAIT_FOREVER))
        return PLUGIN_WAIT_FOREVER;
    const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(duration);
    return static_cast<uint32_t>(whole.count() + (whole < duration ? 1 : 0));
}
} // namespace detail

/* A time to wait, given as any duration of std::chrono: `stream.send(chunk, 100ms)`. */
class Wait {
  public:
    template <class Rep, class Period>
    constexpr Wait(std::chrono::duration<Rep, Period> duration) noexcept : ms_(detail::wait_ms(duration)) {}
    static constexpr Wait none() noexcept { return std::chrono::milliseconds(0); }
    static constexpr Wait forever() noexcept { return std::chrono::hours::max(); }
    constexpr uint32_t ms() const noexcept { return ms_; }

  private:
    uint32_t ms_;
};

/* ==== Status ===================================================================================================== */

/* What a status of PLUGIN_STATUS_LIST means. */
inline const char *meaning_of(PluginStatus code) noexcept {
    switch (code) {
#define PLUGIN_CPP_MEANING(name, value, meaning)                                                                       \
    case name:                                                                                                         \
        return meaning;
        PLUGIN_STATUS_LIST(PLUGIN_CPP_MEANING)
#undef PLUGIN_CPP_MEANING
    default:
        return code >= 0 ? "done" : "the plugin's own status";
    }
}

namespace detail {
/* Runs `body`; where an exception leaves it, `caught` runs while that is handled, and gives the result instead. */
template <class Body, class Caught>
PLUGIN_CPP_HOT auto attempt(Body &&body, Caught &&caught) noexcept -> decltype(body()) {
#if PLUGIN_CPP_EXCEPTIONS
    try {
        return body();
    } catch (...) {
        return caught();
    }
#else
    (void)caught;
    return body();
#endif
}
} // namespace detail

/*
 * How a call went: true where it succeeded. An entry returns it: `return {};` for success, a PLUGIN_… value,
 * Status(PLUGIN_ERROR, "cannot open " + path), or that of the call that failed. A text is allocated only for a failure.
 */
class Status {
  public:
    Status() noexcept = default;
    Status(PluginStatus code) noexcept : code_(code) {}
    /* `return request.is_over();` would mean something else than it says. */
    template <class Bool, class = std::enable_if_t<std::is_same_v<Bool, bool>>> Status(Bool) = delete;
    Status(PluginStatus code, std::string_view text) noexcept : code_(code), text_(copy(text)) {}
    Status(const Status &other) noexcept : code_(other.code_), text_(other.text_ ? copy(*other.text_) : nullptr) {}
    Status(Status &&other) noexcept : code_(other.code_), text_(std::exchange(other.text_, nullptr)) {}
    Status &operator=(Status other) noexcept {
        code_ = other.code_;
        std::swap(text_, other.text_);
        return *this;
    }
    ~Status() { delete text_; }

    explicit operator bool() const noexcept { return code_ >= 0; }
    PluginStatus code() const noexcept { return code_; }
    /* What was said, else what the status means. Valid as long as this object. */
    std::string_view text() const noexcept { return text_ ? std::string_view(*text_) : meaning_of(code_); }

#if PLUGIN_CPP_EXCEPTIONS
    /* Throws a Failure where it failed. */
    void or_throw() const;
#endif

  private:
    /* A status without its text is better than none: no memory, no text. */
    PLUGIN_CPP_COLD static const std::string *copy(std::string_view text) noexcept {
        const std::string *none = nullptr;
        return detail::attempt([&]() -> const std::string * { return new std::string(text); }, [&] { return none; });
    }
    PluginStatus code_ = PLUGIN_OK;
    const std::string *text_ = nullptr; // owned; a success has none and costs nothing
};

/* A status below zero and a text, as an exception: `throw Failure(PLUGIN_TOO_LARGE, "say it in 255 bytes")`. */
class Failure : public std::runtime_error {
  public:
    explicit Failure(const std::string &text) : Failure(PLUGIN_ERROR, text) {}
    Failure(PluginStatus code, const std::string &text)
        : std::runtime_error(text), code_(code < 0 ? code : PLUGIN_ERROR) {}
    explicit Failure(const Status &status) : Failure(status.code(), std::string(status.text())) {}
    PluginStatus code() const noexcept { return code_; }

  private:
    PluginStatus code_;
};

/* A value, or why there is none. */
template <class Value> class [[nodiscard]] Result {
  public:
    Result(Value value) noexcept(std::is_nothrow_move_constructible_v<Value>) : value_(std::move(value)) {}
    Result(Status failure) noexcept(std::is_nothrow_default_constructible_v<Value>) : status_(std::move(failure)) {}
    explicit operator bool() const noexcept { return static_cast<bool>(status_); }
    const Status &status() const noexcept { return status_; }
    /* Where it failed, the value is an empty one. */
    Value &operator*() noexcept { return value_; }
    Value *operator->() noexcept { return &value_; }

#if PLUGIN_CPP_EXCEPTIONS
    /* The value; throws a Failure where there is none. */
    Value or_throw() && {
        status_.or_throw();
        return std::move(value_);
    }
#endif

  private:
    Status status_;
    Value value_{};
};

#if PLUGIN_CPP_EXCEPTIONS
inline void Status::or_throw() const {
    if (code_ < 0) throw Failure(*this);
}
#endif

namespace detail {

/* What the exception that is being handled says. */
PLUGIN_CPP_COLD Status caught() noexcept {
#if PLUGIN_CPP_EXCEPTIONS
    try {
        throw;
    } catch (const Failure &failure) {
        return Status(failure.code(), failure.what());
    } catch (const std::bad_alloc &) {
        return PLUGIN_OUT_OF_MEMORY;
    } catch (const std::exception &exception) {
        return Status(PLUGIN_ERROR, exception.what());
    } catch (...) {
        return Status(PLUGIN_ERROR, "the plugin threw something that is no std::exception");
    }
#else
    return PLUGIN_ERROR;
#endif
}

/* Leaves a failure's text with the host. */
PLUGIN_CPP_COLD void write_failure(PluginError &error, const Status &status) noexcept {
    const std::string_view text = status.text();
    size_t length = text.size();
    if (length > error.capacity) {
        length = static_cast<size_t>(error.capacity);
        while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0u) == 0x80u) length--;
    }
    if (length > 0) memcpy(error.text, text.data(), length);
    error.length = length;
    error.status = status.code();
}
PLUGIN_CPP_HOT PluginStatus tell(PluginError *error, const Status &status) noexcept {
    if (!status && error) write_failure(*error, status);
    return status.code();
}

/* Room for what the host says of a call that fails. */
class Said {
  public:
    Said() noexcept { // the text stays as it is: filling it would cost more than many a call
        error_.struct_size = static_cast<uint32_t>(sizeof error_);
        error_.status = PLUGIN_OK;
        error_.text = text_;
        error_.capacity = sizeof text_;
        error_.length = 0;
    }
    Said(const Said &) = delete;
    Said &operator=(const Said &) = delete;
    PluginError *error() noexcept { return &error_; }
    Status about(PluginStatus code) const noexcept { return code >= 0 ? Status(code) : failure(code); }

  private:
    PLUGIN_CPP_COLD Status failure(PluginStatus code) const noexcept {
        if (is_usual(code) || error_.length == 0) return code;
        return Status(code, std::string_view(text_, static_cast<size_t>(error_.length)));
    }
    /* These come in the course of things, and their text says no more than their meaning does. */
    static bool is_usual(PluginStatus code) noexcept {
        return code == PLUGIN_FULL || code == PLUGIN_PAUSED || code == PLUGIN_CANCELLED || code == PLUGIN_ENDED ||
               code == PLUGIN_CLOSED;
    }
    PluginError error_;
    char text_[512];
};

/* A function of the plugin's as a receiver. What it throws is kept, and it is not called again; see finish(). */
template <class Function> class Receiver {
  public:
    explicit Receiver(Function &function) noexcept : function_(function) {}
    template <class Given> static void PLUGIN_CALL receive(void *userdata, Given given) noexcept {
        Receiver &self = *static_cast<Receiver *>(userdata);
#if PLUGIN_CPP_EXCEPTIONS
        if (self.thrown_) return;
        try {
            self.function_(given);
        } catch (...) {
            self.thrown_ = std::current_exception();
        }
#else
        self.function_(given);
#endif
    }
    /* After the host has returned: throws what was kept. */
    void finish() {
#if PLUGIN_CPP_EXCEPTIONS
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
#endif
    }

  private:
    Function &function_;
#if PLUGIN_CPP_EXCEPTIONS
    std::exception_ptr thrown_;
#endif
};

} // namespace detail

/* ==== Records ==================================================================================================== */

/* What is known of the plugin and of this instance. Valid as long as the instance. */
class Metadata {
  public:
    explicit Metadata(const PluginMetadataFFI &raw) noexcept : raw_(raw) {}
    std::string_view id() const noexcept { return to_view(raw_.id); }
    std::string_view name() const noexcept { return to_view(raw_.name); }
    std::string_view description() const noexcept { return to_view(raw_.description); }
    std::string_view version() const noexcept { return to_view(raw_.version); }
    std::string_view author() const noexcept { return to_view(raw_.author); }
    std::string_view config_path() const noexcept { return to_view(raw_.config_path); }
    std::string_view library_path() const noexcept { return to_view(raw_.library_path); }
    std::string_view instance_id() const noexcept { return to_view(raw_.instance_id); }
    /* With a space between; empty where the host tells none. */
    std::string_view permissions() const noexcept {
        return PLUGIN_HAS(&raw_, PluginMetadataFFI, permissions) ? to_view(raw_.permissions) : std::string_view();
    }
    bool has_permission(std::string_view name) const noexcept {
        for (std::string_view rest = permissions(); !rest.empty();) {
            const size_t end = rest.find(' ');
            if (rest.substr(0, end) == name) return true;
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        }
        return false;
    }
    const PluginMetadataFFI &raw() const noexcept { return raw_; }

  private:
    const PluginMetadataFFI &raw_;
};

/* One message of a conversation; borrowed like what it is made from. */
struct HistoryMessage {
    explicit HistoryMessage(const PluginHistoryMessage &raw) noexcept
        : id(to_view(raw.id)), message_type(to_view(raw.message_type)), status(to_view(raw.status)),
          content(to_view(raw.content)), plugin_id(to_view(raw.plugin_id)), role(to_view(raw.role)),
          created_at(to_view(raw.created_at)) {}
    std::string_view id, message_type, status, content, plugin_id, role, created_at;
};

/* The conversation, as set_history gets it: `for (const HistoryMessage message : history)`. */
class History {
  public:
    History(const PluginHistoryMessage *const *messages, uint64_t count) noexcept
        : messages_(messages), count_(static_cast<size_t>(count)) {}
    size_t size() const noexcept { return count_; }
    HistoryMessage operator[](size_t index) const noexcept { return HistoryMessage(*messages_[index]); }

    class Iterator {
      public:
        explicit Iterator(const PluginHistoryMessage *const *at) noexcept : at_(at) {}
        HistoryMessage operator*() const noexcept { return HistoryMessage(**at_); }
        Iterator &operator++() noexcept { return ++at_, *this; }
        bool operator!=(const Iterator &other) const noexcept { return at_ != other.at_; }

      private:
        const PluginHistoryMessage *const *at_;
    };
    Iterator begin() const noexcept { return Iterator(messages_); }
    Iterator end() const noexcept { return Iterator(messages_ + count_); }

  private:
    const PluginHistoryMessage *const *messages_;
    size_t count_;
};

/* Where in the source a log line comes from: made at the call, without a macro, also before std::source_location. */
struct Location {
#if defined(__GNUC__) || (defined(_MSC_VER) && _MSC_VER >= 1926)
    static constexpr Location here(const char *file = __builtin_FILE(), uint32_t line = __builtin_LINE()) noexcept {
        return {file, line};
    }
#else
    static constexpr Location here() noexcept { return {"", 0}; }
#endif
#ifdef __cpp_lib_source_location
    /* Of a logging function of the plugin's own, which takes a std::source_location itself. */
    constexpr Location(const std::source_location &where) noexcept : file(where.file_name()), line(where.line()) {}
#endif
    constexpr Location(const char *file_name, uint32_t line_number) noexcept : file(file_name), line(line_number) {}
    const char *file;
    uint32_t line;
};

/* ==== Streams ==================================================================================================== */

/*
 * A stream of chunks to the front end, from Context::stream or Request::stream. It ends exactly once: end(), fail(),
 * cancel(), by the person, or at the latest when this object is destroyed, and then as failed. An empty one, default
 * constructed or moved from, answers PLUGIN_INVALID_HANDLE.
 */
class Stream {
  public:
    Stream() noexcept = default;
    /* Takes over a stream that was started with the C table. */
    Stream(const HostCallbacks &callbacks, PluginHost host, PluginStream handle) noexcept
        : callbacks_(&callbacks), host_(host), open_(handle != PLUGIN_NONE), handle_(handle) {}
    Stream(Stream &&other) noexcept
        : callbacks_(other.callbacks_), host_(other.host_), open_(other.open_), handle_(other.release()) {}
    Stream &operator=(Stream &&other) noexcept {
        Stream taken(std::move(other));
        std::swap(callbacks_, taken.callbacks_);
        std::swap(host_, taken.host_);
        std::swap(handle_, taken.handle_);
        std::swap(open_, taken.open_);
        return *this;
    }
    ~Stream() {
        if (open_) drop();
    }

    /*
     * Sends a chunk; `flags` are PLUGIN_CHUNK_… bits. PLUGIN_CANCELLED: stop sending. PLUGIN_PAUSED and PLUGIN_FULL
     * come only where `wait` has a limit.
     */
    [[nodiscard]] Status send(std::string_view chunk, Wait wait = Wait::forever(), uint32_t flags = 0) noexcept {
        if (!*this) return PLUGIN_INVALID_HANDLE;
        detail::Said said;
        return said.about(callbacks_->stream_data(host_, handle_, to_text(chunk), flags, wait.ms(), said.error()));
    }
    /* All of the texts or none, with nothing between them. Texts are what a std::string_view can be made of. */
    template <class Texts>
    [[nodiscard]] Status send_batch(const Texts &chunks, Wait wait = Wait::forever(), uint32_t flags = 0) {
        if (!*this) return PLUGIN_INVALID_HANDLE;
        std::vector<PluginText> texts;
        for (const auto &chunk : chunks) texts.push_back(to_text(chunk));
        detail::Said said;
        return said.about(callbacks_->stream_batch(host_, handle_, texts.data(), static_cast<uint32_t>(texts.size()),
                                                   flags, wait.ms(), said.error()));
    }
    [[nodiscard]] Status send_batch(std::initializer_list<std::string_view> chunks, Wait wait = Wait::forever(),
                                    uint32_t flags = 0) {
        return send_batch<std::initializer_list<std::string_view>>(chunks, wait, flags);
    }
    Status pause() noexcept {
        return *this ? callbacks_->stream_pause(host_, handle_, nullptr) : PLUGIN_INVALID_HANDLE;
    }
    Status resume() noexcept {
        return *this ? callbacks_->stream_resume(host_, handle_, nullptr) : PLUGIN_INVALID_HANDLE;
    }
    /* The end: well, failed with a reason for the person, cancelled. Does not end the request. */
    Status end() noexcept { return finish(1, {}); }
    Status fail(std::string_view reason) noexcept { return finish(0, reason); }
    Status cancel() noexcept {
        if (!*this) return PLUGIN_INVALID_HANDLE;
        open_ = false;
        return callbacks_->stream_cancel(host_, handle_, nullptr);
    }
    /* A PLUGIN_STREAM_… value; below zero a PluginStatus. */
    int32_t status() const noexcept {
        return *this ? callbacks_->stream_status(host_, handle_) : static_cast<int32_t>(PLUGIN_INVALID_HANDLE);
    }

    /* Whether it names a stream; one that has ended still does. */
    explicit operator bool() const noexcept { return handle_ != PLUGIN_NONE; }
    /* For comparison with what on_cancel is given. */
    PluginStream handle() const noexcept { return handle_; }
    /* Gives the stream away as its handle, which is to be ended with the C table. */
    [[nodiscard]] PluginStream release() noexcept {
        open_ = false;
        return std::exchange(handle_, PluginStream(PLUGIN_NONE));
    }

  private:
    Status finish(int32_t success, std::string_view reason) noexcept {
        if (!*this) return PLUGIN_INVALID_HANDLE;
        open_ = false;
        return callbacks_->stream_end(host_, handle_, success, to_text(reason), nullptr);
    }
    /* One that the person or the host has ended answers with a status, and nobody minds. */
    PLUGIN_CPP_COLD void drop() noexcept {
#if PLUGIN_CPP_EXCEPTIONS
        if (std::uncaught_exceptions() > 0) {
            fail("the plugin gave up with an exception");
            return;
        }
#endif
        fail("the plugin dropped the stream without ending it");
    }

    const HostCallbacks *callbacks_ = nullptr;
    PluginHost host_ = PLUGIN_NONE;
    bool open_ = false; // nobody ended it through this object
    PluginStream handle_ = PLUGIN_NONE;
};

/* ==== Context ==================================================================================================== */

/*
 * The way back to the host. Every call may be made from any thread, at any time. All that returns a Status may also
 * return PLUGIN_CLOSED: the instance is gone.
 */
class Context {
  public:
    explicit Context(const PluginInstanceContext &raw) noexcept
        : callbacks_(raw.callbacks), host_(raw.host), metadata_(raw.metadata) {}

    const HostCallbacks &callbacks() const noexcept { return *callbacks_; }
    PluginHost host() const noexcept { return host_; }
    /* Only as long as the instance lives. */
    Metadata metadata() const noexcept { return Metadata(*metadata_); }

    /* Adds a message to the conversation; `kind` is a PLUGIN_MESSAGE_… value. PLUGIN_FULL: nothing was taken. */
    [[nodiscard]] Status send_message(std::string_view text, uint32_t kind = PLUGIN_MESSAGE_NORMAL,
                                      Wait wait = Wait::none()) const noexcept {
        detail::Said said;
        return said.about(callbacks_->send_message(host_, kind, to_text(text), wait.ms(), said.error()));
    }
    /* Sends an event of the plugin's own; `payload` is JSON. */
    [[nodiscard]] Status send_to_frontend(std::string_view event, std::string_view payload,
                                          Wait wait = Wait::none()) const noexcept {
        detail::Said said;
        return said.about(
            callbacks_->send_to_frontend(host_, to_text(event), to_text(payload), wait.ms(), said.error()));
    }
    Status refresh_ui() const noexcept { return callbacks_->refresh_ui(host_, nullptr); }
    Status request_disconnect() const noexcept { return callbacks_->request_disconnect(host_, nullptr); }

    /* A setting: a string as it is, anything else as JSON; none where there is no such setting, or no instance. */
    std::optional<std::string> get_app_config(std::string_view key) const {
        std::optional<std::string> value;
        auto keep = [&](PluginText text) { value.emplace(to_view(text)); };
        detail::Receiver<decltype(keep)> receiver(keep);
        callbacks_->get_app_config(host_, to_text(key), receiver.template receive<PluginText>, &receiver, nullptr);
        receiver.finish();
        return value;
    }
    /*
     * The same as a bool, a number, or else a std::string; `fallback` where there is none, or none of that form:
     * `context.get_app_config("port", 8080)`.
     */
    template <class Value> auto get_app_config(std::string_view key, const Value &fallback) const;

    /*
     * Sets and stores a setting: a bool, a number or a text. PLUGIN_INVALID_ARGUMENT: the manifest forbids it, and the
     * text says why.
     */
    template <class Value> [[nodiscard]] Status set_app_config(std::string_view key, const Value &value) const;

    /*
     * Sends a message to another plugin and waits for its reply. The text of a failure is the other plugin's. The
     * second form lends the reply to `receive(std::string_view)` instead of copying it.
     */
    Result<std::string> call_other_plugin(std::string_view plugin_id, std::string_view message,
                                          Wait timeout = std::chrono::seconds(30)) const {
        std::string reply;
        Status status = call_other_plugin(plugin_id, message, timeout, [&](std::string_view text) { reply = text; });
        if (!status) return status;
        return Result<std::string>(std::move(reply));
    }
    template <class Function>
    [[nodiscard]] Status call_other_plugin(std::string_view plugin_id, std::string_view message, Wait timeout,
                                           Function &&receive) const {
        detail::Said said;
        auto lend = [&](PluginText text) { receive(to_view(text)); };
        detail::Receiver<decltype(lend)> receiver(lend);
        const PluginStatus status =
            callbacks_->call_other_plugin(host_, to_text(plugin_id), to_text(message), timeout.ms(),
                                          receiver.template receive<PluginText>, &receiver, said.error());
        receiver.finish();
        return said.about(status);
    }

    /* Calls `receive(const HistoryMessage &)` for each of the newest `limit` messages, oldest first; 0 means all. */
    template <class Function> Status get_history(uint32_t limit, Function &&receive) const {
        detail::Said said;
        auto lend = [&](const PluginHistoryMessage *message) { receive(HistoryMessage(*message)); };
        detail::Receiver<decltype(lend)> receiver(lend);
        const PluginStatus status = callbacks_->get_history(
            host_, limit, receiver.template receive<const PluginHistoryMessage *>, &receiver, said.error());
        receiver.finish();
        return said.about(status);
    }

    /* Starts a stream that answers no request; Request::stream starts one that does. */
    Result<Stream> stream(uint32_t kind = PLUGIN_MESSAGE_NORMAL) const noexcept {
        return stream_for(PLUGIN_NONE, kind);
    }
    /* Calls `receive(PluginStream)` for each stream of this instance that has not ended. */
    template <class Function> Status stream_list(Function &&receive) const {
        detail::Receiver<std::remove_reference_t<Function>> receiver(receive);
        const PluginStatus status =
            callbacks_->stream_list(host_, receiver.template receive<PluginStream>, &receiver, nullptr);
        receiver.finish();
        return status;
    }

    /* A log line; `level` is a PLUGIN_LOG_… value. Never blocks, never fails. */
    void log(uint32_t level, std::string_view text, Location where = Location::here()) const noexcept {
        callbacks_->log(host_, level, plugin_text(where.file), where.line, to_text(text));
    }
    void log_trace(std::string_view text, Location where = Location::here()) const noexcept {
        log(PLUGIN_LOG_TRACE, text, where);
    }
    void log_debug(std::string_view text, Location where = Location::here()) const noexcept {
        log(PLUGIN_LOG_DEBUG, text, where);
    }
    void log_info(std::string_view text, Location where = Location::here()) const noexcept {
        log(PLUGIN_LOG_INFO, text, where);
    }
    void log_warn(std::string_view text, Location where = Location::here()) const noexcept {
        log(PLUGIN_LOG_WARN, text, where);
    }
    void log_error(std::string_view text, Location where = Location::here()) const noexcept {
        log(PLUGIN_LOG_ERROR, text, where);
    }

    /* An extension of the host by "name/revision", good as long as the process; NULL where it has none. */
    template <class Extension> const Extension *get_extension(std::string_view name) const noexcept {
        return static_cast<const Extension *>(callbacks_->get_extension(host_, to_text(name)));
    }

  private:
    friend class Request;
    Result<Stream> stream_for(PluginRequest request, uint32_t kind) const noexcept {
        PluginStream handle = PLUGIN_NONE;
        detail::Said said;
        const PluginStatus status = callbacks_->stream_start(host_, request, kind, &handle, said.error());
        if (status < 0) return said.about(status);
        return Stream(*callbacks_, host_, handle);
    }

    const HostCallbacks *callbacks_;
    PluginHost host_;
    const PluginMetadataFFI *metadata_;
};

template <class Value> auto Context::get_app_config(std::string_view key, const Value &fallback) const {
    if constexpr (std::is_same_v<Value, bool>) {
        const std::optional<std::string> text = get_app_config(key);
        return text && (*text == "true" || *text == "false") ? *text == "true" : fallback;
    } else if constexpr (std::is_integral_v<Value>) {
        const std::optional<std::string> text = get_app_config(key);
        Value value = fallback;
        if (!text) return value;
        const char *end = text->data() + text->size();
        const std::from_chars_result read = std::from_chars(text->data(), end, value);
        return read.ec == std::errc() && read.ptr == end ? value : fallback;
    } else if constexpr (std::is_floating_point_v<Value>) {
        const std::optional<std::string> text = get_app_config(key);
        if (!text) return fallback;
        char *end = nullptr; // not every library has from_chars for it; the locale is the host's, so "C"
        const double value = std::strtod(text->c_str(), &end);
        return end != text->c_str() && *end == '\0' ? static_cast<Value>(value) : fallback;
    } else {
        std::optional<std::string> text = get_app_config(key);
        return text ? std::move(*text) : std::string(fallback);
    }
}

template <class Value> Status Context::set_app_config(std::string_view key, const Value &value) const {
    detail::Said said;
    PluginText text;
    char number[32];
    if constexpr (std::is_same_v<Value, bool>) {
        text = to_text(value ? "true" : "false");
    } else if constexpr (std::is_integral_v<Value>) {
        const std::to_chars_result written = std::to_chars(number, number + sizeof number, value);
        text = plugin_text_of(number, static_cast<uint64_t>(written.ptr - number));
    } else if constexpr (std::is_floating_point_v<Value>) {
        snprintf(number, sizeof number, "%.17g", static_cast<double>(value));
        text = plugin_text(number);
    } else {
        text = to_text(value);
    }
    return said.about(callbacks_->set_app_config(host_, to_text(key), text, said.error()));
}

/* ==== Requests =================================================================================================== */

/*
 * A message that waits for its reply. Answer it inside handle_message, or move it away and answer from any thread. It
 * is answered once: reply(), fail(), or at the latest when this object is destroyed, and then as PLUGIN_NO_REPLY; so a
 * thread that gives up when the instance is disconnected says fail(PLUGIN_CANCELLED, …). An empty one, moved from,
 * answers PLUGIN_INVALID_HANDLE.
 */
class Request {
  public:
    /* Takes over a request that handle_message of the C table was given. */
    Request(const Context &context, PluginRequest handle) noexcept : context_(context), handle_(handle) {}
    Request(Request &&other) noexcept
        : context_(other.context_), handle_(other.release()), done_(std::exchange(other.done_, false)) {}
    Request &operator=(Request &&other) noexcept {
        Request taken(std::move(other));
        std::swap(context_, taken.context_);
        std::swap(handle_, taken.handle_);
        std::swap(done_, taken.done_);
        return *this;
    }
    ~Request() {
        if (!done_ && *this) drop();
    }

    /*
     * Ends it with its reply; an empty one after the answer went out as a stream. PLUGIN_CANCELLED, PLUGIN_ENDED: too
     * late. PLUGIN_INVALID_TEXT, PLUGIN_TOO_LARGE: it still waits.
     */
    Status reply(std::string_view text) noexcept {
        if (!*this) return PLUGIN_INVALID_HANDLE;
        detail::Said said;
        const PluginStatus status = callbacks().request_reply(context_.host(), handle_, to_text(text), said.error());
        done_ |= status == PLUGIN_OK;
        return said.about(status);
    }
    /* Ends it as failed, with a text for the person. */
    Status fail(PluginStatus code, std::string_view text) noexcept {
        if (!*this) return PLUGIN_INVALID_HANDLE;
        const PluginStatus status =
            callbacks().request_fail(context_.host(), handle_, code < 0 ? code : PLUGIN_ERROR, to_text(text), nullptr);
        done_ |= status == PLUGIN_OK;
        return status;
    }
    Status fail(std::string_view text) noexcept { return fail(PLUGIN_ERROR, text); }
    Status fail(const Status &why) noexcept { return fail(why.code(), why.text()); }

    /* Starts a stream that answers it: cancelling the request cancels the stream. */
    Result<Stream> stream(uint32_t kind = PLUGIN_MESSAGE_NORMAL) const noexcept {
        if (!*this) return Status(PLUGIN_INVALID_HANDLE);
        return context_.stream_for(handle_, kind);
    }

    /* PLUGIN_OK while the work on it is wanted; else why not. Costs a few nanoseconds. */
    PluginStatus status() const noexcept {
        return *this ? callbacks().request_status(context_.host(), handle_)
                     : static_cast<PluginStatus>(PLUGIN_INVALID_HANDLE);
    }
    bool is_over() const noexcept { return status() != PLUGIN_OK; }
    /* Until its deadline; none where it has none. */
    std::optional<std::chrono::nanoseconds> remaining() const noexcept {
        const uint64_t left = *this ? callbacks().request_remaining_ns(context_.host(), handle_) : 0;
        if (left == UINT64_MAX) return std::nullopt;
        return std::chrono::nanoseconds(left < INT64_MAX ? static_cast<int64_t>(left) : INT64_MAX);
    }

    const Context &context() const noexcept { return context_; }
    /* Whether it names a request; one that has ended still does. */
    explicit operator bool() const noexcept { return handle_ != PLUGIN_NONE; }
    /* Whether it was answered through this object. */
    bool is_answered() const noexcept { return done_; }
    /* For comparison with what on_cancel is given. */
    PluginRequest handle() const noexcept { return handle_; }
    /* Gives the request away as its handle, which is to be answered with the C table. */
    [[nodiscard]] PluginRequest release() noexcept { return std::exchange(handle_, PluginRequest(PLUGIN_NONE)); }

  private:
    const HostCallbacks &callbacks() const noexcept { return context_.callbacks(); }
    /* One that is over needs no answer, and a second one would be reported. */
    PLUGIN_CPP_COLD void drop() noexcept {
        if (!is_over()) fail(PLUGIN_NO_REPLY, "the plugin dropped the message without an answer");
    }

    Context context_;
    PluginRequest handle_;
    bool done_ = false;
};

/* ==== Widgets ==================================================================================================== */

/* What the person did with a widget; true where it was clicked or changed. The value is in the widget's variable. */
class Response {
  public:
    Response() noexcept = default;
    explicit Response(const PluginResponse &raw) noexcept : id_(raw.id), flags_(raw.flags) {}
    explicit operator bool() const noexcept { return has(PLUGIN_RESPONSE_CLICKED | PLUGIN_RESPONSE_CHANGED); }
    bool clicked() const noexcept { return has(PLUGIN_RESPONSE_CLICKED); }
    bool changed() const noexcept { return has(PLUGIN_RESPONSE_CHANGED); }
    bool submitted() const noexcept { return has(PLUGIN_RESPONSE_SUBMITTED); }
    bool lost_focus() const noexcept { return has(PLUGIN_RESPONSE_LOST_FOCUS); }
    bool hovered() const noexcept { return has(PLUGIN_RESPONSE_HOVERED); }
    uint64_t id() const noexcept { return id_; }

  private:
    bool has(uint32_t bits) const noexcept { return (flags_ & bits) != 0; }
    uint64_t id_ = 0;
    uint32_t flags_ = 0;
};

/* One choice of radio, combo_box, multi_select and tabs; the texts are borrowed. */
inline PluginChoice choice(std::string_view value, std::string_view label) noexcept {
    return {to_text(value), to_text(label)};
}

/* One series of a plot; the numbers are borrowed. `x` has as many as `y`, or none and counts from 0. */
inline PluginSeries series(std::string_view name, Span<double> y, Span<double> x = {},
                           uint32_t style = PLUGIN_SERIES_LINE) noexcept {
    return {to_text(name), x.size() == y.size() ? x.data() : nullptr, y.data(), y.size(), style, 0};
}

/* What Ui::table shows. It has its own copy of all texts. */
class Table {
  public:
    Table(std::initializer_list<std::string_view> columns) : columns_(columns.begin(), columns.end()) {}
    /* A row; what is missing is empty, what is too much is left out. With keys, one row can be chosen. */
    void row(std::initializer_list<std::string_view> cells) { row({}, cells); }
    void row(std::string_view key, std::initializer_list<std::string_view> cells) {
        const std::string_view *cell = cells.begin();
        for (size_t column = 0; column < columns_.size(); column++)
            cells_.emplace_back(cell != cells.end() ? *cell++ : std::string_view());
        keys_.emplace_back(key);
        has_keys_ |= !key.empty();
    }

  private:
    friend class Ui;
    std::vector<std::string> columns_, cells_, keys_;
    bool has_keys_ = false;
};

/*
 * A container that is open: it ends with the scope it stands in.
 *
 *     {
 *         const Scope row = ui.horizontal();
 *         ui.label("side");
 *         ui.label("by side");
 *     }
 */
class [[nodiscard]] Scope {
  public:
    Scope(PluginUi *ui, void(PLUGIN_CALL *end)(PluginUi *), Response response = {}) noexcept
        : ui_(ui), end_(end), response_(response) {}
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;
    ~Scope() { end_(ui_); }
    /* Of tabs; empty otherwise. */
    Response response() const noexcept { return response_; }

  private:
    PluginUi *ui_;
    void(PLUGIN_CALL *end_)(PluginUi *);
    Response response_;
};

/*
 * One frame being drawn. A widget with a value takes it by reference and changes it where the person did. `flags` are
 * PLUGIN_WIDGET_… bits. A widget of the second tier, from code() on, that the host does not have is not drawn, and its
 * response is empty.
 */
class Ui {
  public:
    explicit Ui(PluginUi *raw) noexcept : ui_(raw) {}
    Ui(const Ui &) = delete;
    Ui &operator=(const Ui &) = delete;

    bool is_dark() const noexcept { return (ui_->flags & PLUGIN_UI_DARK) != 0; }
    uint64_t frame_count() const noexcept { return ui_->frame_count; }
    double time() const noexcept { return ui_->time; }
    PluginUi *raw() const noexcept { return ui_; }

    /* ---- to read ---- */

    void heading(std::string_view text) noexcept { draw(&PluginUiTable::heading, to_text(text)); }
    void label(std::string_view text) noexcept { draw(&PluginUiTable::label, to_text(text)); }
    void markdown(std::string_view text) noexcept { draw(&PluginUiTable::markdown, to_text(text)); }
    void error(std::string_view text) noexcept { draw(&PluginUiTable::error, to_text(text)); }
    void separator() noexcept { draw(&PluginUiTable::separator); }
    void space(double points) noexcept { draw(&PluginUiTable::space, points); }
    void spinner(std::string_view label) noexcept { draw(&PluginUiTable::spinner, to_text(label)); }
    void progress(std::string_view label, double fraction) noexcept {
        draw(&PluginUiTable::progress, to_text(label), fraction);
    }
    /* For the widget drawn last. */
    void tooltip(std::string_view text) noexcept { draw(&PluginUiTable::tooltip, to_text(text)); }

    /* ---- to operate ---- */

    Response button(std::string_view label, uint32_t flags = 0) noexcept {
        return Response(ask(&PluginUiTable::button, to_text(label), flags));
    }
    Response text_edit_singleline(std::string_view label, std::string &value, std::string_view hint = {},
                                  uint32_t flags = 0) {
        return take(ask(&PluginUiTable::text_edit_singleline, to_text(label), to_text(value), to_text(hint), flags),
                    value);
    }
    Response password(std::string_view label, std::string &value, std::string_view hint = {}, uint32_t flags = 0) {
        return text_edit_singleline(label, value, hint, flags | PLUGIN_WIDGET_PASSWORD);
    }
    Response text_edit_multiline(std::string_view label, std::string &value, std::string_view hint = {},
                                 uint32_t flags = 0) {
        return take(ask(&PluginUiTable::text_edit_multiline, to_text(label), to_text(value), to_text(hint), flags),
                    value);
    }
    Response integer(std::string_view label, int64_t &value, int64_t minimum = INT64_MIN, int64_t maximum = INT64_MAX,
                     uint32_t flags = 0) noexcept {
        return take(ask(&PluginUiTable::integer, to_text(label), value, minimum, maximum, flags), value);
    }
    Response number(std::string_view label, double &value, double minimum, double maximum, double step = 0,
                    uint32_t flags = 0) noexcept {
        return take(ask(&PluginUiTable::number, to_text(label), value, minimum, maximum, step, flags), value);
    }
    Response slider(std::string_view label, double &value, double minimum, double maximum, double step = 0,
                    uint32_t flags = 0) noexcept {
        return take(ask(&PluginUiTable::slider, to_text(label), value, minimum, maximum, step, flags), value);
    }
    Response checkbox(std::string_view label, bool &value, uint32_t flags = 0) noexcept {
        return take(ask(&PluginUiTable::checkbox, to_text(label), int32_t(value), flags), value);
    }
    Response toggle(std::string_view label, bool &value, uint32_t flags = 0) noexcept {
        return take(ask(&PluginUiTable::toggle, to_text(label), int32_t(value), flags), value);
    }
    Response selectable_value(std::string_view label, bool &value, uint32_t flags = 0) noexcept {
        return take(ask(&PluginUiTable::selectable_value, to_text(label), int32_t(value), flags), value);
    }
    Response radio(std::string_view label, std::string &value, Span<PluginChoice> choices, uint32_t flags = 0) {
        return take(ask(&PluginUiTable::radio, to_text(label), to_text(value), choices.data(), choices.count(), flags),
                    value);
    }
    Response combo_box(std::string_view label, std::string &value, Span<PluginChoice> choices,
                       std::string_view placeholder = {}, uint32_t flags = 0) {
        return take(ask(&PluginUiTable::combo_box, to_text(label), to_text(value), to_text(placeholder), choices.data(),
                        choices.count(), flags),
                    value);
    }

    /* ---- containers ---- */

    Scope horizontal() noexcept { return begin(&PluginUiTable::begin_horizontal); }
    Scope vertical() noexcept { return begin(&PluginUiTable::begin_vertical); }
    Scope grid(std::string_view label, uint32_t columns) noexcept {
        return begin(&PluginUiTable::begin_grid, to_text(label), columns);
    }
    Scope collapsing(std::string_view label, uint32_t flags = 0) noexcept {
        return begin(&PluginUiTable::begin_collapsing, to_text(label), flags);
    }
    /* A name of the plugin's own in the ids of what is drawn in this scope: for rows that look alike. */
    Scope push_id(std::string_view key) noexcept {
        draw(&PluginUiTable::push_id, to_text(key));
        return Scope(ui_, ui_->table->pop_id);
    }

    /* ---- the second tier: where the host has it ---- */

    void code(std::string_view text, std::string_view language = {}) noexcept {
        draw(&PluginUiTable::code, to_text(text), to_text(language));
    }
    void log_view(std::string_view label, std::string_view text, uint32_t rows = 0) noexcept {
        draw(&PluginUiTable::log_view, to_text(label), to_text(text), rows);
    }
    void link(std::string_view text, std::string_view url) noexcept {
        draw(&PluginUiTable::link, to_text(text), to_text(url));
    }
    /* `data` are the bytes of a file of this media type. */
    void image(std::string_view label, std::string_view media_type, std::string_view data, double width = 0) noexcept {
        draw(&PluginUiTable::image, to_text(label), to_text(media_type), static_cast<const void *>(data.data()),
             uint64_t(data.size()), width);
    }
    void plot(std::string_view label, Span<PluginSeries> lines) noexcept {
        draw(&PluginUiTable::plot, to_text(label), lines.data(), lines.count());
    }
    void table(std::string_view label, const Table &rows) {
        std::string none;
        table(label, rows, none);
    }
    /* `value` is the key of the row that is chosen. */
    Response table(std::string_view label, const Table &rows, std::string &value, uint32_t flags = 0) {
        const std::vector<PluginText> columns = to_texts(rows.columns_), cells = to_texts(rows.cells_),
                                      keys = to_texts(rows.keys_);
        PluginTable drawn = {};
        drawn.struct_size = uint32_t(sizeof drawn);
        drawn.column_count = uint32_t(columns.size());
        drawn.row_count = uint32_t(keys.size());
        drawn.columns = columns.data();
        drawn.cells = cells.empty() ? nullptr : cells.data();
        drawn.keys = rows.has_keys_ ? keys.data() : nullptr;
        const PluginTable *pointer = &drawn;
        return take(ask(&PluginUiTable::table, to_text(label), pointer, to_text(value), flags), value);
    }
    /* `values` are those that are chosen; after a change, in the order of the choices. */
    Response multi_select(std::string_view label, std::vector<std::string> &values, Span<PluginChoice> choices,
                          uint32_t flags = 0) {
        std::vector<int32_t> selected;
        selected.reserve(choices.count());
        for (const PluginChoice &one : choices) {
            bool chosen = false;
            for (size_t at = 0; at < values.size() && !chosen; at++) chosen = values[at] == to_view(one.value);
            selected.push_back(chosen);
        }
        const PluginResponse response =
            ask(&PluginUiTable::multi_select, to_text(label), choices.data(), selected.data(), choices.count(), flags);
        if (response.flags & PLUGIN_RESPONSE_CHANGED) {
            values.clear();
            for (size_t index = 0; index < selected.size(); index++)
                if (selected[index]) values.emplace_back(to_view(choices.data()[index].value));
        }
        return Response(response);
    }
    Response color(std::string_view label, std::string &value, uint32_t flags = 0) {
        return take(ask(&PluginUiTable::color, to_text(label), to_text(value), flags), value);
    }
    Response date(std::string_view label, std::string &value, std::string_view minimum = {},
                  std::string_view maximum = {}, uint32_t flags = 0) {
        return take(
            ask(&PluginUiTable::date, to_text(label), to_text(value), to_text(minimum), to_text(maximum), flags),
            value);
    }
    Response file_pick(std::string_view label, std::string &value, std::string_view filter = {}, uint32_t flags = 0) {
        return take(ask(&PluginUiTable::file_pick, to_text(label), to_text(value), to_text(filter), flags), value);
    }
    /* Draw the page that `value` names, and that alone, in the scope. A host without tabs shows the page alone. */
    Scope tabs(std::string_view label, std::string &value, Span<PluginChoice> choices, uint32_t flags = 0) {
        if (!has(&PluginUiTable::begin_tabs)) return vertical();
        const PluginResponse response =
            ask(&PluginUiTable::begin_tabs, to_text(label), to_text(value), choices.data(), choices.count(), flags);
        return Scope(ui_, ui_->table->end, take(response, value));
    }
    /* What the person answered; none as long as there is no answer, and in a host that cannot ask. */
    std::optional<bool> confirm(std::string_view title, std::string_view text, std::string_view accept = {},
                                std::string_view dismiss = {}) noexcept {
        const PluginResponse response =
            ask(&PluginUiTable::confirm, to_text(title), to_text(text), to_text(accept), to_text(dismiss));
        if (!(response.flags & PLUGIN_RESPONSE_CLICKED)) return std::nullopt;
        return response.integer != 0;
    }
    /* `kind` is a PLUGIN_MESSAGE_… value. */
    void toast(std::string_view text, uint32_t kind = PLUGIN_MESSAGE_NORMAL) noexcept {
        draw(&PluginUiTable::toast, kind, to_text(text));
    }

  private:
    /* Every host has the slots up to pop_id; of those behind it, PLUGIN_HAS_SLOT in the form that any slot can take. */
    template <class Slot> bool has(Slot PluginUiTable::*slot) const noexcept {
        const PluginUiTable *table = ui_->table;
        const auto offset = reinterpret_cast<const char *>(&(table->*slot)) - reinterpret_cast<const char *>(table);
        const size_t end = size_t(offset) + sizeof(Slot);
        return end <= offsetof(PluginUiTable, pop_id) + sizeof(Slot) || (table->struct_size >= end && table->*slot);
    }
    template <class Slot, class... Arguments> void draw(Slot PluginUiTable::*slot, Arguments... arguments) noexcept {
        if (has(slot)) (ui_->table->*slot)(ui_, arguments...);
    }
    template <class Slot, class... Arguments> Scope begin(Slot PluginUiTable::*slot, Arguments... arguments) noexcept {
        draw(slot, arguments...);
        return Scope(ui_, ui_->table->end);
    }
    template <class Slot, class... Arguments>
    PluginResponse ask(Slot PluginUiTable::*slot, Arguments... arguments) noexcept {
        PluginResponse response = plugin_response();
        if (has(slot)) (ui_->table->*slot)(ui_, arguments..., &response);
        return response;
    }
    static std::vector<PluginText> to_texts(const std::vector<std::string> &strings) {
        std::vector<PluginText> texts;
        texts.reserve(strings.size());
        for (const std::string &string : strings) texts.push_back(to_text(string));
        return texts;
    }
    static Response take(const PluginResponse &response, std::string &value) {
        if (response.flags & PLUGIN_RESPONSE_CHANGED) value = to_view(response.text);
        return Response(response);
    }
    static Response take(const PluginResponse &response, int64_t &value) noexcept {
        if (response.flags & PLUGIN_RESPONSE_CHANGED) value = response.integer;
        return Response(response);
    }
    static Response take(const PluginResponse &response, double &value) noexcept {
        if (response.flags & PLUGIN_RESPONSE_CHANGED) value = response.number;
        return Response(response);
    }
    static Response take(const PluginResponse &response, bool &value) noexcept {
        if (response.flags & PLUGIN_RESPONSE_CHANGED) value = response.integer != 0;
        return Response(response);
    }

    PluginUi *ui_;
};

/* ==== Handler ==================================================================================================== */

/* Where save_state puts its bytes; several writes are joined. */
class StateWriter {
  public:
    StateWriter(PluginWriteBytes function, void *userdata) noexcept : write_(function), userdata_(userdata) {}
    [[nodiscard]] Status write(const void *data, size_t length) noexcept { return write_(userdata_, data, length); }
    [[nodiscard]] Status write(std::string_view bytes) noexcept { return write(bytes.data(), bytes.size()); }

  private:
    PluginWriteBytes write_;
    void *userdata_;
};

/*
 * The base of a plugin's handler. Override what is wanted; plugin_interface.h says of each entry when it comes and what
 * its failure means. All entries: [thread: host, serial].
 */
class PluginHandler {
  public:
    /* PLUGIN_FEATURE_… bits; a handler that has any declares a constant of this name. */
    static constexpr uint64_t features = 0;

    PluginHandler() = default;
    PluginHandler(const PluginHandler &) = delete;
    PluginHandler &operator=(const PluginHandler &) = delete;
    virtual ~PluginHandler() = default; // so a destructor that may throw does not compile

    /* The texts must live as long as the handler: literals, or its members. */
    virtual Status get_metadata(PluginMetadataFFI & /* metadata */) { return {}; }
    virtual Status initialize(const Context & /* context */) { return {}; }
    virtual Status init_ui(const Context & /* context */, Ui & /* ui */) { return {}; }
    virtual Status update_ui(const Context & /* context */, Ui & /* ui */) { return {}; }
    virtual Status on_mount(const Context & /* context */) { return {}; }
    virtual Status on_dispose(const Context & /* context */) { return {}; }
    virtual Status on_connect(const Context & /* context */) { return {}; }
    virtual Status on_disconnect(const Context & /* context */) { return {}; }

    /*
     * Answer `request` and return success; or move it away, and return success: it is then answered later; or fail, and
     * the request has failed with that status and text. Success without either is PLUGIN_NO_REPLY. What fails after the
     * answer was given is logged.
     */
    virtual Status handle_message(const Context & /* context */, Request & /* request */,
                                  std::string_view /* message */) {
        return PLUGIN_UNSUPPORTED;
    }

    /* What it throws is logged. */
    virtual void on_cancel(const Context & /* context */, PluginRequest /* request */, PluginStream /* stream */) {}
    virtual Status set_history(const Context & /* context */, const History & /* history */) { return {}; }
    virtual Status save_state(const Context & /* context */, StateWriter & /* writer */) { return {}; }
    virtual Status load_state(const Context & /* context */, std::string_view /* data */) { return {}; }
    /* What it throws means that there is none. */
    virtual const void *get_extension(std::string_view /* name */) { return nullptr; }
};

/* ==== The table ================================================================================================== */

namespace detail {

/* Of a pointer to a member function: its class, and its type without it. */
template <class Member> struct MemberOf {
    using Owner = void;
    using Type = void;
};
template <class Class, class Returned, class... Arguments> struct MemberOf<Returned (Class::*)(Arguments...)> {
    using Owner = Class;
    using Type = Returned(Arguments...);
};
template <class Class, class Returned, class... Arguments>
struct MemberOf<Returned (Class::*)(Arguments...) noexcept> : MemberOf<Returned (Class::*)(Arguments...)> {};

template <class Base, class Own> constexpr bool is_overridden() {
    if constexpr (std::is_same_v<typename MemberOf<Own>::Owner, PluginHandler>) {
        return false;
    } else {
        static_assert(std::is_same_v<typename MemberOf<Base>::Type, typename MemberOf<Own>::Type>,
                      "the handler declares an entry with other parameters or another result than PluginHandler does, "
                      "so it overrides nothing: write `override` and see what the compiler says");
        return true;
    }
}

/* All entries but destroy. */
#define PLUGIN_CPP_ENTRIES(X)                                                                                          \
    X(get_metadata)                                                                                                    \
    X(initialize)                                                                                                      \
    X(init_ui)                                                                                                         \
    X(update_ui)                                                                                                       \
    X(on_mount)                                                                                                        \
    X(on_dispose)                                                                                                      \
    X(on_connect)                                                                                                      \
    X(on_disconnect)                                                                                                   \
    X(handle_message)                                                                                                  \
    X(on_cancel)                                                                                                       \
    X(set_history)                                                                                                     \
    X(save_state)                                                                                                      \
    X(load_state)                                                                                                      \
    X(get_extension)

/*
 * Entry_<name>: whether a handler overrides it, and how it is called. Where &Handler::name can be formed, its type says
 * whose it is, and the call needs no dispatch, as the handler's type is known. Where it cannot, it is private or
 * overloaded, so the handler's own, and it is called through the base.
 */
#define PLUGIN_CPP_ENTRY(name)                                                                                         \
    template <class Handler, class = void> struct Entry_##name {                                                       \
        static constexpr bool is_given = true;                                                                         \
        template <class... Arguments> static decltype(auto) call(void *plugin, Arguments &&...arguments) {             \
            return static_cast<PluginHandler *>(static_cast<Handler *>(plugin))                                        \
                ->name(std::forward<Arguments>(arguments)...);                                                         \
        }                                                                                                              \
    };                                                                                                                 \
    template <class Handler> struct Entry_##name<Handler, std::void_t<decltype(&Handler::name)>> {                     \
        static constexpr bool is_given = is_overridden<decltype(&PluginHandler::name), decltype(&Handler::name)>();    \
        template <class... Arguments> static decltype(auto) call(void *plugin, Arguments &&...arguments) {             \
            return static_cast<Handler *>(plugin)->Handler::name(std::forward<Arguments>(arguments)...);               \
        }                                                                                                              \
    };
PLUGIN_CPP_ENTRIES(PLUGIN_CPP_ENTRY)
#undef PLUGIN_CPP_ENTRY

/* Runs an entry; what it returns or throws becomes a status and a text. */
template <class Body> PLUGIN_CPP_HOT PluginStatus run_entry(PluginError *error, Body &&body) noexcept {
    return attempt([&] { return tell(error, body()); }, [&] { return tell(error, caught()); });
}

/* Of a failure that is no answer any more. */
PLUGIN_CPP_COLD void log_late(const Context &context, const PluginError &error) noexcept {
    char line[600];
    snprintf(line, sizeof line, "handle_message failed after its request was answered or moved away: %.*s",
             static_cast<int>(error.length), error.text);
    context.log(PLUGIN_LOG_ERROR, line, {"", 0});
}

/* What handle_message of the C table returns. */
PLUGIN_CPP_HOT PluginStatus conclude(Request &request, PluginStatus status, PluginError *error) noexcept {
    const bool is_answered = request.is_answered();
    const bool is_held = request.release() != PLUGIN_NONE && !is_answered;
    if (status < 0) {
        if (!is_held) log_late(request.context(), *error);
        return status;
    }
    if (is_answered) return PLUGIN_OK;
    if (!is_held || status == PLUGIN_PENDING) return PLUGIN_PENDING;
    return tell(error, Status(PLUGIN_NO_REPLY, "handle_message returned without an answer: call request.reply(), or "
                                               "move the request away and reply later"));
}

/* The functions of the C table for one type of handler. `plugin` is the Handler. */
template <class Handler> struct Plugin {
    static_assert(std::is_convertible_v<Handler *, PluginHandler *>, "a handler derives publicly from PluginHandler");
    static_assert(std::is_default_constructible_v<Handler>, "a handler is made without arguments: nobody has any");

    static void PLUGIN_CALL destroy(void *plugin) noexcept { ::delete static_cast<Handler *>(plugin); }
    static PluginStatus PLUGIN_CALL get_metadata(void *plugin, PluginMetadataFFI *metadata,
                                                 PluginError *error) noexcept {
        return run_entry(error, [&] { return Entry_get_metadata<Handler>::call(plugin, *metadata); });
    }

/* Those that are given the context alone. */
#define PLUGIN_CPP_PLAIN_ENTRY(name)                                                                                   \
    static PluginStatus PLUGIN_CALL name(void *plugin, const PluginInstanceContext *context,                           \
                                         PluginError *error) noexcept {                                                \
        return run_entry(error, [&] { return Entry_##name<Handler>::call(plugin, Context(*context)); });               \
    }
    PLUGIN_CPP_PLAIN_ENTRY(initialize)
    PLUGIN_CPP_PLAIN_ENTRY(on_mount)
    PLUGIN_CPP_PLAIN_ENTRY(on_dispose)
    PLUGIN_CPP_PLAIN_ENTRY(on_connect)
    PLUGIN_CPP_PLAIN_ENTRY(on_disconnect)
#undef PLUGIN_CPP_PLAIN_ENTRY

    static PluginStatus PLUGIN_CALL init_ui(void *plugin, const PluginInstanceContext *context, PluginUi *raw,
                                            PluginError *error) noexcept {
        Ui ui(raw);
        return run_entry(error, [&] { return Entry_init_ui<Handler>::call(plugin, Context(*context), ui); });
    }
    static PluginStatus PLUGIN_CALL update_ui(void *plugin, const PluginInstanceContext *context, PluginUi *raw,
                                              PluginError *error) noexcept {
        Ui ui(raw);
        return run_entry(error, [&] { return Entry_update_ui<Handler>::call(plugin, Context(*context), ui); });
    }
    static PluginStatus PLUGIN_CALL handle_message(void *plugin, const PluginInstanceContext *context,
                                                   PluginRequest handle, PluginText message,
                                                   PluginError *error) noexcept {
        const Context own(*context);
        Request request(own, handle);
        const PluginStatus status = run_entry(
            error, [&] { return Entry_handle_message<Handler>::call(plugin, own, request, to_view(message)); });
        return conclude(request, status, error);
    }
    static void PLUGIN_CALL on_cancel(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                      PluginStream stream) noexcept {
        const Context own(*context);
        attempt([&] { Entry_on_cancel<Handler>::call(plugin, own, request, stream); },
                [&] {
                    own.log(PLUGIN_LOG_ERROR, caught().text(), {"", 0});
                });
    }
    static PluginStatus PLUGIN_CALL set_history(void *plugin, const PluginInstanceContext *context,
                                                const PluginHistoryMessage *const *messages, uint64_t count,
                                                PluginError *error) noexcept {
        return run_entry(error, [&] {
            return Entry_set_history<Handler>::call(plugin, Context(*context), History(messages, count));
        });
    }
    static PluginStatus PLUGIN_CALL save_state(void *plugin, const PluginInstanceContext *context,
                                               PluginWriteBytes write, void *userdata, PluginError *error) noexcept {
        StateWriter writer(write, userdata);
        return run_entry(error, [&] { return Entry_save_state<Handler>::call(plugin, Context(*context), writer); });
    }
    static PluginStatus PLUGIN_CALL load_state(void *plugin, const PluginInstanceContext *context, const void *data,
                                               uint64_t length, PluginError *error) noexcept {
        const std::string_view bytes(static_cast<const char *>(data), static_cast<size_t>(length));
        return run_entry(error, [&] { return Entry_load_state<Handler>::call(plugin, Context(*context), bytes); });
    }
    static const void *PLUGIN_CALL get_extension(void *plugin, PluginText name) noexcept {
        const void *none = nullptr;
        return attempt([&] { return Entry_get_extension<Handler>::call(plugin, to_view(name)); }, [&] { return none; });
    }

    /* Of a handler that could not be made: `plugin` is the Status that says why, or NULL where no memory was left. */
    static PluginStatus PLUGIN_CALL refuse(void *plugin, const PluginInstanceContext *, PluginError *error) noexcept {
        return tell(error, plugin ? *static_cast<Status *>(plugin) : Status(PLUGIN_OUT_OF_MEMORY));
    }
    static void PLUGIN_CALL forget(void *plugin) noexcept { delete static_cast<Status *>(plugin); }

    static void fill(PluginInterface &table) noexcept {
        table.features = Handler::features;
        table.destroy = destroy;
#define PLUGIN_CPP_FILL(name)                                                                                          \
    if constexpr (Entry_##name<Handler>::is_given) table.name = name;
        PLUGIN_CPP_ENTRIES(PLUGIN_CPP_FILL)
#undef PLUGIN_CPP_FILL
    }

    static PluginInterface *create_plugin() noexcept {
        PluginInterface *table = new (std::nothrow) PluginInterface();
        if (!table) return nullptr;
        table->struct_size = static_cast<uint32_t>(sizeof *table);
        table->abi_version = PLUGIN_ABI_VERSION;
        Status failed = attempt(
            [&]() -> Status {
                Handler *handler = ::new (std::nothrow) Handler();
                table->plugin_ptr = handler;
                return handler ? Status() : Status(PLUGIN_OUT_OF_MEMORY);
            },
            [] { return caught(); });
        if (failed) {
            fill(*table);
        } else {
            table->plugin_ptr = new (std::nothrow) Status(std::move(failed));
            table->initialize = refuse;
            table->destroy = forget;
        }
        return table;
    }
    static void destroy_plugin(PluginInterface *table) noexcept {
        if (!table) return;
        table->destroy(table->plugin_ptr);
        delete table;
    }
};

#undef PLUGIN_CPP_ENTRIES

} // namespace detail
} // namespace plugin_interfaces

/* Exports create_plugin and destroy_plugin for a handler. Stands once in a library, outside of any namespace. */
#define PLUGIN_EXPORT_HANDLER(Handler)                                                                                 \
    extern "C" PLUGIN_EXPORT PluginInterface *PLUGIN_CALL create_plugin(void);                                         \
    extern "C" PLUGIN_EXPORT void PLUGIN_CALL destroy_plugin(PluginInterface *table);                                  \
    extern "C" PLUGIN_EXPORT PluginInterface *PLUGIN_CALL create_plugin(void) {                                        \
        return plugin_interfaces::detail::Plugin<Handler>::create_plugin();                                            \
    }                                                                                                                  \
    extern "C" PLUGIN_EXPORT void PLUGIN_CALL destroy_plugin(PluginInterface *table) {                                 \
        plugin_interfaces::detail::Plugin<Handler>::destroy_plugin(table);                                             \
    }

#endif /* PLUGIN_INTERFACE_HPP */
