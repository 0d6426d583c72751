#include "CCurl.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { most_events = 256 };

// One multi handle and its place among the others.
struct member {
    CURLM *multi;
    zlh_sockets *sockets;
    uint32_t number;
};

struct zlh_sockets {
    struct member **members;
    uint32_t members_count;
    int queue;
    int wakeup;
    int count;
    struct epoll_event ready[most_events];
};

// What epoll hands back: whose socket it is, and which.
static uint64_t mark(uint32_t number, int socket) { return (uint64_t)number << 32 | (uint32_t)socket; }

static int watch(CURL *easy, curl_socket_t socket, int what, void *context, void *known) {
    (void)easy, (void)known;
    struct member *member = context;
    int queue = member->sockets->queue;
    if (what == CURL_POLL_REMOVE) {
        // Fails for a socket that is closed already: that one has left the queue by itself.
        epoll_ctl(queue, EPOLL_CTL_DEL, socket, NULL);
        return 0;
    }
    struct epoll_event wanted = {.data.u64 = mark(member->number, socket)};
    if (what & CURL_POLL_IN) wanted.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) wanted.events |= EPOLLOUT;
    // Nearly always it is new in the queue: a kept connection waits for one answer and leaves.
    if (epoll_ctl(queue, EPOLL_CTL_ADD, socket, &wanted) == 0) return 0;
    if (errno == EEXIST && epoll_ctl(queue, EPOLL_CTL_MOD, socket, &wanted) == 0) return 0;
    return -1;
}

zlh_sockets *zlh_sockets_create(void) {
    zlh_sockets *sockets = calloc(1, sizeof *sockets);
    if (sockets == NULL) return NULL;
    sockets->queue = epoll_create1(EPOLL_CLOEXEC);
    sockets->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event wakeup = {.events = EPOLLIN, .data.u64 = mark(0, sockets->wakeup)};
    if (sockets->queue < 0 || sockets->wakeup < 0 ||
        epoll_ctl(sockets->queue, EPOLL_CTL_ADD, sockets->wakeup, &wakeup) != 0) {
        zlh_sockets_destroy(sockets);
        return NULL;
    }
    return sockets;
}

int zlh_sockets_add(zlh_sockets *sockets, CURLM *multi) {
    struct member **members = realloc(sockets->members, (sockets->members_count + 1) * sizeof *members);
    if (members == NULL) return 0;
    sockets->members = members;
    struct member *member = malloc(sizeof *member);
    if (member == NULL) return 0;
    *member = (struct member){.multi = multi, .sockets = sockets, .number = sockets->members_count};
    if (curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch) != CURLM_OK ||
        curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, member) != CURLM_OK) {
        curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, NULL);
        free(member);
        return 0;
    }
    members[sockets->members_count++] = member;
    return 1;
}

void zlh_sockets_destroy(zlh_sockets *sockets) {
    if (sockets->queue >= 0) close(sockets->queue);
    if (sockets->wakeup >= 0) close(sockets->wakeup);
    for (uint32_t place = 0; place < sockets->members_count; place++) free(sockets->members[place]);
    free(sockets->members);
    free(sockets);
}

void zlh_sockets_wake(zlh_sockets *sockets) {
    // Fails only when the counter is full, and then the thread is awake anyway.
    eventfd_write(sockets->wakeup, 1);
}

static int has_failed(const struct epoll_event *event) { return (event->events & (EPOLLERR | EPOLLHUP)) != 0; }

static CURLMcode act(zlh_sockets *sockets, const struct epoll_event *event) {
    int what = 0;
    int running = 0;
    if (event->events & EPOLLIN) what |= CURL_CSELECT_IN;
    if (event->events & EPOLLOUT) what |= CURL_CSELECT_OUT;
    if (has_failed(event)) what |= CURL_CSELECT_IN | CURL_CSELECT_ERR;
    CURLM *multi = sockets->members[event->data.u64 >> 32]->multi;
    return curl_multi_socket_action(multi, (int)(uint32_t)event->data.u64, what, &running);
}

CURLMcode zlh_multi_act_on_due(CURLM *multi, int *most) {
    // Asked for, rather than told by CURLMOPT_TIMERFUNCTION: then no change of it can be missed.
    long due = -1;
    CURLMcode code = curl_multi_timeout(multi, &due);
    if (code != CURLM_OK) return code;
    if (due == 0) {
        // What this ends is to be told before anything is waited for.
        *most = 0;
        int running = 0;
        return curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    if (due > 0 && due < *most) *most = (int)due;
    return CURLM_OK;
}

CURLMcode zlh_sockets_wait(zlh_sockets *sockets, int most) {
    sockets->count = 0;
    int count = epoll_wait(sockets->queue, sockets->ready, most_events, most);
    if (count < 0) return errno == EINTR ? CURLM_OK : CURLM_INTERNAL_ERROR;
    sockets->count = count;
    return CURLM_OK;
}

CURLMcode zlh_sockets_act(zlh_sockets *sockets) {
    CURLMcode code = CURLM_OK;
    for (int index = 0; index < sockets->count && code == CURLM_OK; index++) {
        const struct epoll_event *event = &sockets->ready[index];
        if (event->data.u64 == mark(0, sockets->wakeup)) {
            eventfd_t times;
            eventfd_read(sockets->wakeup, &times);
        } else {
            code = act(sockets, event);
        }
    }
    sockets->count = 0;
    return code;
}
