/* SPDX-License-Identifier: Apache-2.0 */
/* Which instance an id names. */
#include "host.h"

#include <stdatomic.h>
#include <stdio.h>

static void does_nothing(PluginInterface *table) { (void)table; }

static PluginHost load(Core *core, const char *plugin_id, const char *instance_id) {
    PluginHost host = PLUGIN_NONE;
    const PluginMetadataFFI metadata = metadata_of(plugin_id, instance_id);
    CHECK_EQUAL(PLUGIN_OK,
                core_instance_from_table(core, plugin_create(0, does_nothing), plugin_destroy, &metadata, &host, NULL));
    CHECK_EQUAL(PLUGIN_OK, core_instance_initialize(host, NULL, 0, NULL));
    return host;
}

static PluginHost find(Core *core, const char *id) { return core_find(core, plugin_text(id)); }
static void join(PluginHost host) { CHECK_EQUAL(PLUGIN_OK, core_instance_connect(host, NULL)); }
static void part(PluginHost host) { CHECK_EQUAL(PLUGIN_OK, core_instance_disconnect(host, NULL)); }
static void end(PluginHost host) { CHECK_EQUAL(PLUGIN_OK, core_instance_end(host, 1000, NULL)); }

TEST(an_id_that_nobody_has_names_none) {
    Core *core = core_new(NULL);
    CHECK_EQUAL(PLUGIN_NONE, find(core, "a"));
    load(core, "a", "a-1");
    CHECK_EQUAL(PLUGIN_NONE, find(core, "a-"));
    CHECK_EQUAL(PLUGIN_NONE, find(core, "a-11"));
    CHECK_EQUAL(PLUGIN_NONE, find(core, ""));
    core_free(core);
}

TEST(an_instance_without_an_id_is_found_by_that_of_its_plugin) {
    Core *core = core_new(NULL);
    const PluginHost host = load(core, "a", "");
    CHECK_EQUAL(host, find(core, "a"));
    CHECK_EQUAL(PLUGIN_NONE, find(core, ""));
    core_free(core);
}

TEST(an_instance_id_goes_before_a_plugin_id) {
    Core *core = core_new(NULL);
    const PluginHost connected = load(core, "a", "a-1");
    join(connected);
    const PluginHost named = load(core, "b", "a");
    CHECK_EQUAL(named, find(core, "a"));
    end(named);
    CHECK_EQUAL(connected, find(core, "a"));
    core_free(core);
}

TEST(of_a_plugin_the_first_that_is_connected_is_found) {
    Core *core = core_new(NULL);
    const PluginHost hosts[] = {load(core, "a", "1"), load(core, "a", "2"), load(core, "a", "3")};
    CHECK_EQUAL(hosts[0], find(core, "a"));
    join(hosts[2]);
    CHECK_EQUAL(hosts[2], find(core, "a"));
    join(hosts[1]);
    CHECK_EQUAL(hosts[1], find(core, "a"));
    join(hosts[0]);
    CHECK_EQUAL(hosts[0], find(core, "a"));
    part(hosts[0]);
    CHECK_EQUAL(hosts[1], find(core, "a"));
    end(hosts[1]);
    CHECK_EQUAL(hosts[2], find(core, "a"));
    part(hosts[2]);
    CHECK_EQUAL(hosts[0], find(core, "a"));
    core_free(core);
}

TEST(of_equal_instance_ids_the_oldest_is_found) {
    Core *core = core_new(NULL);
    const PluginHost first = load(core, "a", "same");
    const PluginHost second = load(core, "b", "same");
    join(second);
    CHECK_EQUAL(first, find(core, "same"));
    end(first);
    CHECK_EQUAL(second, find(core, "same"));
    const PluginHost third = load(core, "a", "same");
    CHECK_EQUAL(second, find(core, "same"));
    end(second);
    CHECK_EQUAL(third, find(core, "same"));
    end(third);
    CHECK_EQUAL(PLUGIN_NONE, find(core, "same"));
    CHECK_EQUAL(PLUGIN_NONE, find(core, "a"));
    core_free(core);
}

TEST(an_instance_that_is_abandoned_is_not_found) {
    Core *core = core_new(NULL);
    const PluginHost host = load(core, "a", "a-1");
    const PluginHost other = load(core, "a", "a-2");
    join(host);
    CHECK_EQUAL(PLUGIN_TIMEOUT, core_instance_abandon(host, NULL));
    CHECK_EQUAL(PLUGIN_NONE, find(core, "a-1"));
    CHECK_EQUAL(other, find(core, "a"));
    core_free(core);
}

TEST(an_id_may_be_long_and_need_not_end_with_a_nul) {
    static char id[60001];
    Core *core = core_new(NULL);
    memset(id, 'x', sizeof id - 1);
    const PluginHost host = load(core, "a", id);
    CHECK_EQUAL(host, find(core, id));
    CHECK_EQUAL(PLUGIN_NONE, core_find(core, plugin_text_of(id, sizeof id - 2)));
    CHECK_EQUAL(host, core_find(core, plugin_text_of(id, PLUGIN_UNTIL_NUL)));
    core_free(core);
}

TEST(each_of_many_is_found_and_only_as_long_as_it_is_there) {
    enum { MANY = 1000 };
    static PluginHost hosts[MANY];
    char id[32];
    Core *core = core_new(NULL);
    for (int at = 0; at < MANY; at++) {
        snprintf(id, sizeof id, "instance_%d", at);
        hosts[at] = load(core, at % 2 ? "odd" : id, id);
    }
    for (int at = 0; at < MANY; at += 3) end(hosts[at]);
    for (int at = 0; at < MANY; at++) {
        snprintf(id, sizeof id, "instance_%d", at);
        CHECK_EQUAL(at % 3 ? hosts[at] : PLUGIN_NONE, find(core, id));
    }
    CHECK_EQUAL(hosts[1], find(core, "odd"));
    core_free(core);
}

/* ---- beside a plain search ---- */

enum { PLACES = 24, IDS = 5, STEPS = 4000 };

typedef struct Known {
    PluginHost host; /* PLUGIN_NONE: free */
    int plugin;
    int own;
    int connected;
} Known;

static const char *const ids[IDS] = {"a", "b", "c", "d", "e"};

/* Of those that are known, oldest first, as core.h says it. */
static PluginHost search(const Known *known, int count, int id) {
    PluginHost first = PLUGIN_NONE;
    PluginHost connected = PLUGIN_NONE;
    for (int at = 0; at < count; at++)
        if (known[at].own == id) return known[at].host;
    for (int at = 0; at < count; at++) {
        if (known[at].plugin != id) continue;
        if (first == PLUGIN_NONE) first = known[at].host;
        if (connected == PLUGIN_NONE && known[at].connected) connected = known[at].host;
    }
    return connected != PLUGIN_NONE ? connected : first;
}

TEST(whatever_happens_the_answer_is_that_of_a_plain_search) {
    Known known[PLACES];
    int count = 0;
    uint32_t random = 1;
    Core *core = core_new(NULL);
    for (int step = 0; step < STEPS; step++) {
        random = random * 1664525u + 1013904223u;
        const int chosen = (int)(random >> 8) % PLACES;
        if (chosen >= count && count < PLACES) { /* plugin ids are instance ids too, so that both kinds meet */
            const Known new = {PLUGIN_NONE, (int)(random >> 16) % IDS, (int)(random >> 20) % 12, 0};
            known[count] = new;
            known[count].host = load(core, ids[new.plugin], new.own < IDS ? ids[new.own] : "another");
            count++;
        } else if (random >> 28 < 3) {
            end(known[chosen].host);
            memmove(&known[chosen], &known[chosen + 1], (size_t)(--count - chosen) * sizeof *known);
        } else if (known[chosen].connected) {
            part(known[chosen].host);
            known[chosen].connected = 0;
        } else {
            join(known[chosen].host);
            known[chosen].connected = 1;
        }
        for (int id = 0; id < IDS; id++) CHECK_EQUAL(search(known, count, id), find(core, ids[id]));
        CHECK_EQUAL(count, core_instance_count(core));
        if (step % 64 == 0) {
            Events events = drain_all(core);
            events_free(&events);
        }
    }
    core_free(core);
}

/* ---- threads ---- */

static atomic_int loaders;

static void *load_and_end(void *core) {
    for (int round = 0; round < 50; round++) {
        const PluginHost host = load((Core *)core, "a", round % 2 ? "a-1" : "");
        join(host);
        part(host);
        end(host);
    }
    atomic_fetch_sub(&loaders, 1);
    return NULL;
}

TEST(an_id_is_looked_up_while_others_come_and_go) {
    pthread_t threads[2];
    Core *core = core_new(NULL);
    const PluginHost steady = load(core, "steady", "steady-1");
    join(steady);
    atomic_store(&loaders, 2);
    for (int at = 0; at < 2; at++) CHECK_EQUAL(0, pthread_create(&threads[at], NULL, load_and_end, core));
    while (atomic_load(&loaders) > 0) {
        CHECK_EQUAL(steady, find(core, "steady"));
        CHECK(find(core, "a") != steady);
        find(core, "a-1");
    }
    for (int at = 0; at < 2; at++) pthread_join(threads[at], NULL);
    CHECK_EQUAL(PLUGIN_NONE, find(core, "a"));
    CHECK_EQUAL(1, core_instance_count(core));
    core_free(core);
}

int main(void) {
    RUN(an_id_that_nobody_has_names_none);
    RUN(an_instance_without_an_id_is_found_by_that_of_its_plugin);
    RUN(an_instance_id_goes_before_a_plugin_id);
    RUN(of_a_plugin_the_first_that_is_connected_is_found);
    RUN(of_equal_instance_ids_the_oldest_is_found);
    RUN(an_instance_that_is_abandoned_is_not_found);
    RUN(an_id_may_be_long_and_need_not_end_with_a_nul);
    RUN(each_of_many_is_found_and_only_as_long_as_it_is_there);
    RUN(whatever_happens_the_answer_is_that_of_a_plain_search);
    RUN(an_id_is_looked_up_while_others_come_and_go);
    return check_result();
}
