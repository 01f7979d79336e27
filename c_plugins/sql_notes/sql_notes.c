/* SPDX-License-Identifier: Apache-2.0 */
/* sql_notes: what a plugin looks like that links a library of the system. The database is open while connected. */
#include "plugin_interface.h"

#include <inttypes.h>
#include <sqlite3.h>

typedef struct Notes {
    sqlite3 *database;
} Notes;

/* A reply that grows. */
typedef struct Reply {
    char *text;
    size_t length;
    size_t capacity;
} Reply;

static int append(Reply *reply, const char *text, size_t length) {
    if (reply->length + length + 1 > reply->capacity) {
        const size_t capacity = (reply->length + length + 1) * 2;
        char *grown = (char *)realloc(reply->text, capacity);
        if (!grown) return 0;
        reply->text = grown;
        reply->capacity = capacity;
    }
    memcpy(reply->text + reply->length, text, length);
    reply->length += length;
    reply->text[reply->length] = '\0';
    return 1;
}

static PluginStatus database_error(const Notes *notes, PluginError *error) {
    return plugin_fail(error, PLUGIN_ERROR, "the database says: %s",
                       notes->database ? sqlite3_errmsg(notes->database) : "no memory is left");
}

/* ---- connecting ---- */

/* notes.db beside config.toml, unless the settings name another file. */
static void find_database(const PluginInstanceContext *context, char *path, size_t capacity) {
    path[0] = '\0';
    plugin_get_config(context, "database", path, capacity);
    if (path[0]) return;
    const char *config = context->metadata->config_path.data;
    const char *slash = strrchr(config, '/');
    snprintf(path, capacity, "%.*snotes.db", slash ? (int)(slash - config + 1) : 0, config);
}

static PluginStatus on_connect(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    static const char schema[] = "CREATE VIRTUAL TABLE IF NOT EXISTS note USING fts5(text, tokenize = 'unicode61')";
    Notes *notes = (Notes *)plugin;
    char path[4096];
    find_database(context, path, sizeof path);
    int result = sqlite3_open_v2(path, &notes->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (result == SQLITE_OK) {
        sqlite3_busy_timeout(notes->database, 5000);
        result = sqlite3_exec(notes->database, schema, NULL, NULL, NULL);
    }
    if (result == SQLITE_OK) {
        plugin_log_info(context, "opened %s", path);
        return PLUGIN_OK;
    }
    plugin_fail(error, PLUGIN_ERROR, "%s cannot be used: %s; check 'Database' in the settings", path,
                notes->database ? sqlite3_errmsg(notes->database) : "no memory is left");
    sqlite3_close(notes->database);
    notes->database = NULL;
    return PLUGIN_ERROR;
}

static PluginStatus on_disconnect(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    Notes *notes = (Notes *)plugin;
    (void)context, (void)error;
    sqlite3_close(notes->database);
    notes->database = NULL;
    return PLUGIN_OK;
}

/* ---- commands ---- */

/* Runs a statement with one text; each row has a number and a text. Appends the rows to `reply`, where there is one. */
static PluginStatus run(Notes *notes, const char *statement, PluginText argument, Reply *reply, PluginError *error) {
    sqlite3_stmt *prepared = NULL;
    int result = sqlite3_prepare_v2(notes->database, statement, -1, &prepared, NULL);
    if (result == SQLITE_OK && sqlite3_bind_parameter_count(prepared) > 0)
        result = sqlite3_bind_text64(prepared, 1, argument.data, argument.length, SQLITE_TRANSIENT, SQLITE_UTF8);
    while (result == SQLITE_OK && (result = sqlite3_step(prepared)) == SQLITE_ROW) {
        char number[32];
        const int digits = snprintf(number, sizeof number, "%" PRId64 ": ", (int64_t)sqlite3_column_int64(prepared, 0));
        const int kept = !reply || (append(reply, number, (size_t)digits) &&
                                    append(reply, (const char *)sqlite3_column_text(prepared, 1),
                                           (size_t)sqlite3_column_bytes(prepared, 1)) &&
                                    append(reply, "\n", 1));
        result = kept ? SQLITE_OK : SQLITE_NOMEM;
    }
    const PluginStatus status = result == SQLITE_DONE ? PLUGIN_OK : database_error(notes, error);
    sqlite3_finalize(prepared);
    return status;
}

/* The words of a search, each quoted, so that none is an operator of FTS5. NULL where no memory is left. */
static char *quote_words(PluginText words) {
    char *query = (char *)malloc((size_t)words.length * 4 + 1);
    char *out = query;
    int inside = 0;
    if (!query) return NULL;
    for (uint64_t at = 0; at < words.length; at++) {
        const char byte = words.data[at];
        const int blank = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\0';
        if (blank == inside) {
            *out++ = '"';
            inside = !blank;
        }
        if (byte == '"') *out++ = '"';
        *out++ = blank ? ' ' : byte;
    }
    if (inside) *out++ = '"';
    *out = '\0';
    return query;
}

static PluginStatus find(Notes *notes, PluginText words, Reply *reply, PluginError *error) {
    char *query = quote_words(words);
    if (!query) return PLUGIN_OUT_OF_MEMORY;
    const PluginStatus status = run(notes, "SELECT rowid, text FROM note WHERE note MATCH ?1 ORDER BY rank LIMIT 100",
                                    plugin_text(query), reply, error);
    free(query);
    return status;
}

/* The text behind the command's word and the blank after it; NULL data where it is another command. */
static PluginText argument_of(PluginText message, const char *command) {
    const size_t length = strlen(command);
    if (message.length < length || memcmp(message.data, command, length) != 0) return plugin_text_of(NULL, 0);
    if (message.length == length) return plugin_text("");
    if (message.data[length] != ' ') return plugin_text_of(NULL, 0);
    return plugin_text_of(message.data + length + 1, message.length - length - 1);
}

static PluginStatus answer(Notes *notes, const PluginInstanceContext *context, PluginRequest request,
                           PluginText message, Reply *reply, PluginError *error) {
    const PluginText note = argument_of(message, "add");
    const PluginText words = argument_of(message, "find");
    const PluginText number = argument_of(message, "delete");
    PluginStatus status;
    if (note.length > 0) {
        status = run(notes, "INSERT INTO note (text) VALUES (?1)", note, NULL, error);
        if (status != PLUGIN_OK) return status;
        return plugin_replyf(context, request, "kept as %" PRId64, (int64_t)sqlite3_last_insert_rowid(notes->database));
    }
    if (number.length > 0) {
        status = run(notes, "DELETE FROM note WHERE rowid = CAST(?1 AS INTEGER)", number, NULL, error);
        if (status != PLUGIN_OK) return status;
        if (sqlite3_changes(notes->database) == 0)
            return plugin_fail(error, PLUGIN_NOT_FOUND, "there is no note %s", number.data);
        return plugin_reply(context, request, "deleted");
    }
    if (words.length > 0)
        status = find(notes, words, reply, error);
    else if (plugin_text_equals(message, "list"))
        status = run(notes, "SELECT rowid, text FROM note ORDER BY rowid", plugin_text(""), reply, error);
    else
        return plugin_fail(error, PLUGIN_INVALID_ARGUMENT, "commands: add TEXT, list, find WORDS, delete NUMBER");
    if (status != PLUGIN_OK) return status;
    return plugin_reply_text(
        context, request, reply->length > 0 ? plugin_text_of(reply->text, reply->length - 1) : plugin_text("no notes"));
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    Reply reply = {NULL, 0, 0};
    const PluginStatus status = answer((Notes *)plugin, context, request, message, &reply, error);
    free(reply.text);
    return status;
}

static void setup(PluginInterface *table) {
    table->on_connect = on_connect;
    table->on_disconnect = on_disconnect;
    table->handle_message = handle_message;
}

PLUGIN_DEFINE(sizeof(Notes), setup)
