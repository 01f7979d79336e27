/* SPDX-License-Identifier: Apache-2.0 */
/*
 * typewriter_cpp: answers as a stream, from a thread of its own, as c_plugins/typewriter does it. The person pauses it
 * (the thread waits in send), resumes it, or cancels it (send says so, and the thread ends).
 *
 * One thread types one message. It owns the request and the stream, so both end with it, whatever happens.
 */
#include "plugin_interface.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>

using namespace plugin_interfaces;

namespace {

/* Bytes of the character that begins with `first`; texts from the host are valid UTF-8. */
size_t character_bytes(char first) {
    const unsigned char byte = static_cast<unsigned char>(first);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

class Typewriter final : public PluginHandler {
  public:
    Status on_connect(const Context &) override {
        stopping_ = false; // nothing is typed yet
        return {};
    }

    Status handle_message(const Context &context, Request &request, std::string_view message) override {
        const std::chrono::milliseconds interval(context.get_app_config("interval_ms", 30));
        const auto has_ended = [](const std::future<void> &typing) {
            return typing.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
        };
        typing_.erase(std::remove_if(typing_.begin(), typing_.end(), has_ended), typing_.end());
        Stream stream = request.stream().or_throw();
        typing_.push_back(std::async(std::launch::async, &Typewriter::type, this, std::move(request), std::move(stream),
                                     std::string(message), interval));
        return {};
    }

    Status on_disconnect(const Context &) override {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            stopping_ = true;
        }
        stop_now_.notify_all();
        typing_.clear(); // which joins the threads
        return {};
    }

  private:
    void type(Request request, Stream stream, const std::string &message, std::chrono::milliseconds interval) {
        if (type_letters(stream, message, interval)) {
            stream.end();
            request.reply("");
        } else { // the person cancelled it, or disconnects
            stream.cancel();
            request.fail(PLUGIN_CANCELLED, "it was not typed to its end");
        }
    }

    /* Whether it came to its end. */
    bool type_letters(Stream &stream, std::string_view rest, std::chrono::milliseconds interval) {
        while (!rest.empty()) {
            const std::string_view letter = rest.substr(0, character_bytes(rest.front()));
            rest.remove_prefix(letter.size());
            if (!stream.send(letter, Wait::forever(), rest.empty() ? PLUGIN_CHUNK_FINAL : 0)) return false;
            if (!rest.empty() && is_stopped_within(interval)) return false;
        }
        return true;
    }

    bool is_stopped_within(std::chrono::milliseconds interval) {
        std::unique_lock<std::mutex> lock(mutex_);
        return stop_now_.wait_for(lock, interval, [this] { return stopping_; });
    }

    std::mutex mutex_;
    std::condition_variable stop_now_;
    bool stopping_ = false;
    std::vector<std::future<void>> typing_;
};

} // namespace

PLUGIN_EXPORT_HANDLER(Typewriter)
