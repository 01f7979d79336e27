/* SPDX-License-Identifier: Apache-2.0 */
/*
 * typewriter: answers as a stream, from a thread of its own. The person pauses it (the thread waits in stream_data),
 * resumes it, or cancels it (stream_data says so, and the thread ends).
 *
 * One thread types one message; they are kept in a list and joined when they have ended, or on disconnecting.
 */
#include "plugin_interface.h"

#include <pthread.h>
#include <time.h>

typedef struct Typing {
    struct Typing *next;
    pthread_t thread;
    PluginInstanceContext context; /* a copy: good also after the entry has returned */
    PluginRequest request;
    PluginStream stream;
    struct Typewriter *typewriter;
    int done; /* under the typewriter's lock */
    uint32_t interval_ms;
    uint64_t length;
    char text[]; /* a copy, too */
} Typing;

typedef struct Typewriter {
    pthread_mutex_t lock;
    pthread_cond_t stop_now;
    int stopping;
    Typing *first;
} Typewriter;

/* Waits for the interval, or until all are to stop: 1. */
static int pause_between(Typewriter *typewriter, uint32_t interval_ms) {
    struct timespec until;
    int stopping;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(interval_ms / 1000);
    until.tv_nsec += (long)(interval_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&typewriter->lock);
    while (!typewriter->stopping && pthread_cond_timedwait(&typewriter->stop_now, &typewriter->lock, &until) == 0) {
    }
    stopping = typewriter->stopping;
    pthread_mutex_unlock(&typewriter->lock);
    return stopping;
}

/* Bytes of the character that begins with `first`; texts from the host are valid UTF-8. */
static uint64_t character_bytes(char first) {
    const unsigned char byte = (unsigned char)first;
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

static void *type(void *argument) {
    Typing *typing = (Typing *)argument;
    const PluginInstanceContext *context = &typing->context;
    const HostCallbacks *host = context->callbacks;
    PluginStatus status = PLUGIN_OK;
    uint64_t at = 0;
    while (at < typing->length && status == PLUGIN_OK) {
        const uint64_t bytes = character_bytes(typing->text[at]);
        const uint32_t flags = at + bytes >= typing->length ? PLUGIN_CHUNK_FINAL : 0;
        if (at > 0 && pause_between(typing->typewriter, typing->interval_ms)) break;
        status = host->stream_data(context->host, typing->stream, plugin_text_of(typing->text + at, bytes), flags,
                                   PLUGIN_WAIT_FOREVER, NULL);
        at += bytes;
    }
    if (status == PLUGIN_OK && at >= typing->length) {
        plugin_stream_end(context, typing->stream, NULL);
        plugin_reply(context, typing->request, "");
    } else if (status == PLUGIN_OK) {
        host->stream_cancel(context->host, typing->stream, NULL);
    } else if (status == PLUGIN_CANCELLED) { /* perhaps the stream alone: its request ends too */
        host->request_fail(context->host, typing->request, status, plugin_text("the typing was stopped"), NULL);
    }
    pthread_mutex_lock(&typing->typewriter->lock);
    typing->done = 1;
    pthread_mutex_unlock(&typing->typewriter->lock);
    return NULL;
}

/* Joins the threads that have ended, or all. */
static void join(Typewriter *typewriter, int all) {
    Typing *ended = NULL;
    Typing **link = &typewriter->first;
    pthread_mutex_lock(&typewriter->lock);
    while (*link) {
        Typing *typing = *link;
        if (all || typing->done) {
            *link = typing->next;
            typing->next = ended;
            ended = typing;
        } else {
            link = &typing->next;
        }
    }
    pthread_mutex_unlock(&typewriter->lock);
    while (ended) {
        Typing *typing = ended;
        ended = typing->next;
        pthread_join(typing->thread, NULL);
        free(typing);
    }
}

static PluginStatus handle_message(void *plugin, const PluginInstanceContext *context, PluginRequest request,
                                   PluginText message, PluginError *error) {
    Typewriter *typewriter = (Typewriter *)plugin;
    char interval[16] = "30";
    join(typewriter, 0);
    Typing *typing = (Typing *)calloc(1, sizeof *typing + (size_t)message.length);
    if (!typing) return PLUGIN_OUT_OF_MEMORY;
    plugin_get_config(context, "interval_ms", interval, sizeof interval);
    typing->context = *context;
    typing->request = request;
    typing->typewriter = typewriter;
    typing->interval_ms = (uint32_t)strtoul(interval, NULL, 10);
    typing->length = message.length;
    memcpy(typing->text, message.data, (size_t)message.length);
    PluginStatus status =
        context->callbacks->stream_start(context->host, request, PLUGIN_MESSAGE_NORMAL, &typing->stream, error);
    if (status != PLUGIN_OK) {
        free(typing);
        return status;
    }
    pthread_mutex_lock(&typewriter->lock);
    if (pthread_create(&typing->thread, NULL, type, typing) == 0) {
        typing->next = typewriter->first;
        typewriter->first = typing;
        status = PLUGIN_PENDING;
    }
    pthread_mutex_unlock(&typewriter->lock);
    if (status == PLUGIN_PENDING) return status;
    plugin_stream_end(context, typing->stream, "no thread could be started");
    free(typing);
    return plugin_fail(error, PLUGIN_ERROR, "no thread could be started");
}

static PluginStatus initialize(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    Typewriter *typewriter = (Typewriter *)plugin;
    (void)context;
    if (pthread_mutex_init(&typewriter->lock, NULL) != 0 || pthread_cond_init(&typewriter->stop_now, NULL) != 0)
        return plugin_fail(error, PLUGIN_ERROR, "no lock could be made");
    return PLUGIN_OK;
}

static void set_stopping(Typewriter *typewriter, int stopping) {
    pthread_mutex_lock(&typewriter->lock);
    typewriter->stopping = stopping;
    pthread_cond_broadcast(&typewriter->stop_now);
    pthread_mutex_unlock(&typewriter->lock);
}

static PluginStatus on_connect(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)context, (void)error;
    set_stopping((Typewriter *)plugin, 0);
    return PLUGIN_OK;
}

static PluginStatus on_disconnect(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    (void)context, (void)error;
    set_stopping((Typewriter *)plugin, 1);
    join((Typewriter *)plugin, 1);
    return PLUGIN_OK;
}

static PluginStatus on_dispose(void *plugin, const PluginInstanceContext *context, PluginError *error) {
    Typewriter *typewriter = (Typewriter *)plugin;
    (void)context, (void)error;
    pthread_cond_destroy(&typewriter->stop_now);
    pthread_mutex_destroy(&typewriter->lock);
    return PLUGIN_OK;
}

static void setup(PluginInterface *table) {
    table->initialize = initialize;
    table->handle_message = handle_message;
    table->on_connect = on_connect;
    table->on_disconnect = on_disconnect;
    table->on_dispose = on_dispose;
}

PLUGIN_DEFINE(sizeof(Typewriter), setup)
