/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serial_assistant: a serial port as a contact. Connecting opens the port and starts a thread that reads; what comes in
 * becomes messages, what is sent goes out. When the port goes away, the plugin says so and asks to be disconnected.
 */
#include "plugin_interface.h"

#include "serial.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

enum { CHUNK_BYTES = 4096, QUIET_MS = 20, PATIENCE_MS = 2000 };

typedef struct Assistant {
    PluginInstanceContext context; /* a copy for the reading thread */
    pthread_t reader;
    int reading; /* the thread is to be joined */
    int port;
    int wake[2]; /* a pipe; written to end the thread */
    char mode[16];
    char line_ending[8];
} Assistant;

/* ---- reading ---- */

static unsigned base_of(const Assistant *assistant) { return strcmp(assistant->mode, "hex") == 0 ? 16 : 2; }

static void show_digits(Assistant *assistant, const unsigned char *data, size_t length, unsigned base) {
    char text[CHUNK_BYTES * 9 + 1];
    bytes_to_digits(data, length, base, text);
    assistant->context.callbacks->send_message(assistant->context.host, PLUGIN_MESSAGE_NORMAL, plugin_text(text),
                                               PLUGIN_WAIT_FOREVER, NULL);
}

/* What came in becomes a message; returns how much of it is kept, because a character is not whole yet. */
static size_t show(Assistant *assistant, unsigned char *data, size_t length, int quiet) {
    int wrong;
    if (strcmp(assistant->mode, "text") != 0) {
        show_digits(assistant, data, length, base_of(assistant));
        return 0;
    }
    const size_t whole = utf8_whole(data, length, &wrong);
    if (wrong || (quiet && whole < length)) { /* no text: all of it is shown for what it is */
        show_digits(assistant, data, length, 16);
        return 0;
    }
    if (whole > 0)
        assistant->context.callbacks->send_message(assistant->context.host, PLUGIN_MESSAGE_NORMAL,
                                                   plugin_text_of((const char *)data, whole), PLUGIN_WAIT_FOREVER,
                                                   NULL);
    memmove(data, data + whole, length - whole);
    return length - whole;
}

static void say_gone(Assistant *assistant, int reason) {
    char text[256];
    snprintf(text, sizeof text, "The port is gone: %s", reason ? strerror(reason) : "it was closed");
    plugin_send_message(&assistant->context, PLUGIN_MESSAGE_WARNING, text);
    assistant->context.callbacks->request_disconnect(assistant->context.host, NULL);
}

static void *read_port(void *argument) {
    Assistant *assistant = (Assistant *)argument;
    unsigned char data[CHUNK_BYTES];
    size_t length = 0;
    for (;;) {
        struct pollfd waits[2] = {{assistant->port, POLLIN, 0}, {assistant->wake[0], POLLIN, 0}};
        /* Bytes that come close together are one message. */
        const int ready = poll(waits, 2, length > 0 ? QUIET_MS : -1);
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0 || waits[1].revents) return NULL;
        if (ready == 0) {
            length = show(assistant, data, length, 1);
            continue;
        }
        const ssize_t got = read(assistant->port, data + length, sizeof data - length);
        if (got > 0) {
            length += (size_t)got;
            if (length == sizeof data) length = show(assistant, data, length, 0);
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            const int reason = got == 0 ? 0 : errno;
            if (length > 0) show(assistant, data, length, 1);
            say_gone(assistant, reason == EIO ? 0 : reason);
            return NULL;
        }
    }
}

/* ---- connecting ---- */

static void close_all(Assistant *assistant) {
    close(assistant->port);
    close(assistant->wake[0]);
    close(assistant->wake[1]);
}

static PluginStatus on_connect(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    Assistant *assistant = (Assistant *)plugin;
    char path[512] = "";
    char baud[16] = "115200";
    char parity[8] = "none";
    char reason[768];
    plugin_get_config(context, "port", path, sizeof path);
    plugin_get_config(context, "baud", baud, sizeof baud);
    plugin_get_config(context, "parity", parity, sizeof parity);
    plugin_get_config(context, "mode", assistant->mode, sizeof assistant->mode);
    plugin_get_config(context, "line_ending", assistant->line_ending, sizeof assistant->line_ending);
    if (!path[0]) return plugin_fail(error, PLUGIN_ERROR, "choose a port in the settings first");
    assistant->context = *context;
    assistant->port = serial_open(path, baud, parity, reason, sizeof reason);
    if (assistant->port < 0) return plugin_fail(error, PLUGIN_ERROR, "%s; check 'Port' in the settings", reason);
    if (pipe(assistant->wake) != 0) {
        close(assistant->port);
        return plugin_fail(error, PLUGIN_ERROR, "no pipe could be made: %s", strerror(errno));
    }
    if (pthread_create(&assistant->reader, NULL, read_port, assistant) != 0) {
        close_all(assistant);
        return plugin_fail(error, PLUGIN_ERROR, "no thread could be started");
    }
    assistant->reading = 1;
    plugin_log_info(context, "opened %s at %s baud", path, baud);
    return PLUGIN_OK;
}

static PluginStatus on_disconnect(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    Assistant *assistant = (Assistant *)plugin;
    (void)context;
    if (!assistant->reading) return PLUGIN_OK;
    assistant->reading = 0;
    const ssize_t woken = write(assistant->wake[1], "", 1);
    pthread_join(assistant->reader, NULL);
    close_all(assistant);
    return woken == 1 ? PLUGIN_OK : plugin_fail(error, PLUGIN_ERROR, "the reading thread could not be woken");
}

/* ---- sending ---- */

static const char *ending_of(const Assistant *assistant) {
    if (strcmp(assistant->line_ending, "lf") == 0) return "\n";
    if (strcmp(assistant->line_ending, "cr") == 0) return "\r";
    return strcmp(assistant->line_ending, "crlf") == 0 ? "\r\n" : "";
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    Assistant *assistant = (Assistant *)plugin;
    unsigned char *bytes = (unsigned char *)malloc((size_t)message.length + 2);
    long count = (long)message.length;
    if (!bytes) return PLUGIN_OUT_OF_MEMORY;
    if (strcmp(assistant->mode, "text") == 0) {
        const char *ending = ending_of(assistant);
        memcpy(bytes, message.data, (size_t)message.length);
        memcpy(bytes + message.length, ending, strlen(ending));
        count += (long)strlen(ending);
    } else {
        count = digits_to_bytes(message.data, (size_t)message.length, base_of(assistant), bytes);
    }
    PluginStatus status;
    if (count < 0) {
        status = plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "write whole bytes in the mode '%s', such as %s",
                             assistant->mode, base_of(assistant) == 16 ? "01 ff" : "00000001 11111111");
    } else {
        const int reason = serial_write(assistant->port, bytes, (size_t)count, PATIENCE_MS);
        status = reason ? plugin_fail(error, PLUGIN_ERROR, "not sent: %s", strerror(reason))
                        : plugin_reply(context, request, "");
    }
    free(bytes);
    return status;
}

/* ---- settings ---- */

enum { PORTS_MAX = 64 };

typedef struct Ports {
    char paths[PORTS_MAX][264];
    PluginChoice choices[PORTS_MAX];
    uint32_t count;
} Ports;

static void add_port(void *userdata, const char *path) {
    Ports *ports = (Ports *)userdata;
    if (ports->count == PORTS_MAX) return;
    char *kept = ports->paths[ports->count];
    snprintf(kept, sizeof ports->paths[0], "%s", path);
    ports->choices[ports->count++] = plugin_choice(kept, kept);
}

static void choose(const PluginInstanceContext *context, PluginUi *ui, const char *label, const char *key,
                   const char *const *values, uint32_t count) {
    PluginChoice choices[16];
    char value[32] = "";
    for (uint32_t index = 0; index < count; index++) choices[index] = plugin_choice(values[index], values[index]);
    plugin_get_config(context, key, value, sizeof value);
    if (plugin_ui_combo_box(ui, label, value, sizeof value, "", choices, count) & PLUGIN_RESPONSE_CHANGED)
        plugin_set_config(context, key, value);
}

static PluginStatus update_ui(void *plugin, const PluginInstanceContext *context, PluginUi *ui, PluginError *error) {
    static const char *const bauds[] = {"1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200", "230400"};
    static const char *const parities[] = {"none", "even", "odd"};
    static const char *const modes[] = {"text", "hex", "binary"};
    static const char *const endings[] = {"none", "lf", "cr", "crlf"};
    char path[512] = "";
    (void)error;
    Ports *ports = (Ports *)calloc(1, sizeof *ports);
    if (!ports) return PLUGIN_OUT_OF_MEMORY;
    serial_each(add_port, ports);
    plugin_get_config(context, "port", path, sizeof path);
    if (ports->count > 0 &&
        (plugin_ui_combo_box(ui, "Found", path, sizeof path, "Choose a port", ports->choices, ports->count) &
         PLUGIN_RESPONSE_CHANGED))
        plugin_set_config(context, "port", path);
    if (plugin_ui_text_edit(ui, "Port", path, sizeof path) & PLUGIN_RESPONSE_CHANGED)
        plugin_set_config(context, "port", path);
    free(ports);
    choose(context, ui, "Speed", "baud", bauds, 9);
    choose(context, ui, "Parity", "parity", parities, 3);
    choose(context, ui, "Mode", "mode", modes, 3);
    choose(context, ui, "Line ending", "line_ending", endings, 4);
    if (((Assistant *)plugin)->reading) plugin_ui_label(ui, "Changes count from the next connection on.");
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) {
    table->on_connect = on_connect;
    table->on_disconnect = on_disconnect;
    table->handle_message = handle_message;
    table->update_ui = update_ui;
}

PLUGIN_DEFINE(sizeof(Assistant), setup)
