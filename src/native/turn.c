/* SPDX-License-Identifier: Apache-2.0 */
#include "turn.h"

#include "clock.h"
#include "lasting.h"

/*
 * What a thread waits for stands here and is guarded by `waits`. Tasks are never freed, only used again by later threads: so a
 * seat's holder may be looked at although its thread may just be leaving.
 */
struct Task {
    Turn *innermost; /* guarded by `waits` only while the thread waits; else the thread's own */
    Seat *seat;      /* whose turn it waits for */
    PluginHost reply_of;
    void *unused; /* behind the head, see lasting.h */
};

/* One thread that waits for a turn, in the order of asking; on its stack. */
typedef struct Waiter {
    struct Waiter *next;
    Task *task;
    PluginHost caller;
    pthread_cond_t change; /* it is to look again; with `waits` */
} Waiter;

static pthread_mutex_t waits = PTHREAD_MUTEX_INITIALIZER;
static Lasting tasks = LASTING(Task, unused);
static pthread_key_t task_key;
static pthread_once_t task_once = PTHREAD_ONCE_INIT;
/* Where a library may ask for room in the threads' own block, the variable is reached without a call. */
#if defined(__GLIBC__) && defined(__GNUC__)
__attribute__((tls_model("initial-exec")))
#endif
static _Thread_local Task *own_task;

static void give_back_task(void *task) {
    own_task = NULL;
    lasting_give(&tasks, task);
}

/* In a child made by fork() nobody has a turn: see handles.h. */
static int forked;
static void note_fork(void) { forked = 1; }

static void make_key(void) {
    pthread_key_create(&task_key, give_back_task);
    pthread_atfork(NULL, NULL, note_fork);
}

/* NULL where no memory is left. */
static Task *this_task(void) {
    int is_new;
    if (own_task) return own_task;
    pthread_once(&task_once, make_key);
    Task *task = (Task *)lasting_take(&tasks, &is_new);
    if (!task) return NULL;
    pthread_setspecific(task_key, task);
    own_task = task;
    return task;
}

/* ---- who waits for whom ---- */

static int takes_part(const Turn *innermost, PluginHost host) {
    for (const Turn *turn = innermost; turn; turn = turn->outer)
        if (turn->host == host || turn->caller == host) return 1;
    return 0;
}

/*
 * Whether the holder of `seat` waits, over however many threads, for `task` or for a reply of an instance that takes part in its
 * work. Under `waits`. A task that waits keeps what it holds, so a holder that is still the same after its wait was read is
 * consistent.
 */
static int waits_for(Seat *seat, const Task *task, PluginHost caller) {
    for (int steps = 0; seat && steps < 4096; steps++) {
        Task *holder = atomic_load(&seat->holder);
        if (!holder) return 0;
        if (holder == task) return 1;
        const PluginHost reply_of = holder->reply_of;
        Seat *next = holder->seat;
        if (atomic_load(&seat->holder) != holder) return 0;
        if (reply_of != PLUGIN_NONE && (reply_of == caller || takes_part(task->innermost, reply_of))) return 1;
        seat = next;
    }
    return 0;
}

/* Whether one who waits for a turn that this task holds does so on behalf of `target`. Under `waits`. */
static int is_waited_for_by(const Task *task, PluginHost target) {
    for (const Turn *turn = task->innermost; turn; turn = turn->outer)
        for (const Waiter *waiter = turn->seat->first; waiter; waiter = waiter->next)
            if (waiter->caller == target || takes_part(waiter->task->innermost, target)) return 1;
    return 0;
}

/* ---- turns ---- */

static void append_waiter(Seat *seat, Waiter *waiter) {
    waiter->next = NULL;
    if (seat->last)
        seat->last->next = waiter;
    else
        seat->first = waiter;
    seat->last = waiter;
    atomic_fetch_add(&seat->waiting, 1);
}

static void remove_waiter(Seat *seat, Waiter *waiter) {
    Waiter *before = NULL;
    for (Waiter *other = seat->first; other != waiter; other = other->next) before = other;
    if (before)
        before->next = waiter->next;
    else
        seat->first = waiter->next;
    if (seat->last == waiter) seat->last = before;
    atomic_fetch_sub(&seat->waiting, 1);
}

/* Under `waits`. */
static void wake(Seat *seat) {
    for (Waiter *waiter = seat->first; waiter; waiter = waiter->next) pthread_cond_signal(&waiter->change);
}

static int take_seat(Seat *seat, Task *task) {
    Task *nobody = NULL;
    return atomic_compare_exchange_strong(&seat->holder, &nobody, task);
}

static PluginStatus wait_for_turn(Turn *turn, Seat *seat, Task *task, uint64_t deadline, TurnWanted wanted,
                                  void *userdata) {
    PluginStatus status = PLUGIN_OK;
    Waiter self = {.task = task, .caller = turn->caller};
    pthread_mutex_lock(&waits);
    if (waits_for(seat, task, turn->caller)) {
        pthread_mutex_unlock(&waits);
        return PLUGIN_CYCLE;
    }
    clock_cond_init(&self.change);
    append_waiter(seat, &self);
    task->seat = seat;
    /* The holder looks for waiters after it let go, and this looks for a free seat after it began to wait: one sees the other. */
    while (!(seat->first == &self && take_seat(seat, task))) {
        if (wanted && (status = wanted(userdata)) != PLUGIN_OK) break;
        if (deadline != CLOCK_NEVER && clock_now() >= deadline) {
            status = PLUGIN_TIMEOUT;
            break;
        }
        clock_cond_wait(&self.change, &waits, deadline);
    }
    task->seat = NULL;
    remove_waiter(seat, &self);
    if (status != PLUGIN_OK) wake(seat);
    pthread_mutex_unlock(&waits);
    pthread_cond_destroy(&self.change); /* it is in no list any more */
    return status;
}

int turn_try(Turn *turn, Seat *seat) {
    Task *task = this_task();
    if (!task || atomic_load(&seat->waiting) > 0 || !take_seat(seat, task)) return 0;
    turn->seat = seat;
    turn->outer = task->innermost;
    task->innermost = turn;
    return 1;
}

PluginStatus turn_begin(Turn *turn, Seat *seat, uint64_t deadline, TurnWanted wanted, void *userdata) {
    Task *task = this_task();
    if (!task) return PLUGIN_OUT_OF_MEMORY;
    turn->seat = seat;
    turn->outer = task->innermost;
    if (atomic_load(&seat->waiting) > 0 || !take_seat(seat, task)) {
        const PluginStatus status = wait_for_turn(turn, seat, task, deadline, wanted, userdata);
        if (status != PLUGIN_OK) return status;
    }
    task->innermost = turn;
    return PLUGIN_OK;
}

void turn_end(Turn *turn) {
    Seat *seat = turn->seat;
    own_task->innermost = turn->outer;
    atomic_store(&seat->holder, NULL);
    if (atomic_load(&seat->waiting) > 0) seat_wake(seat);
}

void seat_wake(Seat *seat) {
    pthread_mutex_lock(&waits);
    wake(seat);
    pthread_mutex_unlock(&waits);
}

const Turn *turn_of(PluginHost host) {
    for (const Turn *turn = own_task && !forked ? own_task->innermost : NULL; turn; turn = turn->outer)
        if (turn->host == host) return turn;
    return NULL;
}

int turn_is_any(void) { return own_task && own_task->innermost; }

int turn_is_mine(PluginHost host) { return turn_of(host) != NULL; }

PluginStatus turn_waits_for(PluginHost target) {
    Task *task = this_task();
    if (!task) return PLUGIN_OUT_OF_MEMORY;
    pthread_mutex_lock(&waits);
    const int circle = is_waited_for_by(task, target);
    if (!circle) task->reply_of = target;
    pthread_mutex_unlock(&waits);
    return circle ? PLUGIN_CYCLE : PLUGIN_OK;
}

void turn_waited(void) {
    pthread_mutex_lock(&waits);
    own_task->reply_of = PLUGIN_NONE;
    pthread_mutex_unlock(&waits);
}
