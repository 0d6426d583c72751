#include "CCurl.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { most_events = 256 };

struct zlh_sockets {
    CURLM *multi;
    int queue;
    int wakeup;
    int count;
    struct epoll_event ready[most_events];
};

static int watch(CURL *easy, curl_socket_t socket, int what, void *context, void *known) {
    (void)easy, (void)known;
    zlh_sockets *sockets = context;
    if (what == CURL_POLL_REMOVE) {
        // Fails for a socket that is closed already: that one has left the queue by itself.
        epoll_ctl(sockets->queue, EPOLL_CTL_DEL, socket, NULL);
        return 0;
    }
    struct epoll_event wanted = {.data.fd = socket};
    if (what & CURL_POLL_IN) wanted.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) wanted.events |= EPOLLOUT;
    // Nearly always it is new in the queue: a kept connection waits for one answer and leaves.
    if (epoll_ctl(sockets->queue, EPOLL_CTL_ADD, socket, &wanted) == 0) return 0;
    if (errno == EEXIST && epoll_ctl(sockets->queue, EPOLL_CTL_MOD, socket, &wanted) == 0) return 0;
    return -1;
}

zlh_sockets *zlh_sockets_create(CURLM *multi) {
    zlh_sockets *sockets = calloc(1, sizeof *sockets);
    if (sockets == NULL) return NULL;
    sockets->multi = multi;
    sockets->queue = epoll_create1(EPOLL_CLOEXEC);
    sockets->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event wakeup = {.events = EPOLLIN, .data.fd = sockets->wakeup};
    if (sockets->queue < 0 || sockets->wakeup < 0 ||
        epoll_ctl(sockets->queue, EPOLL_CTL_ADD, sockets->wakeup, &wakeup) != 0 ||
        curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch) != CURLM_OK ||
        curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, sockets) != CURLM_OK) {
        curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, NULL);
        zlh_sockets_destroy(sockets);
        return NULL;
    }
    return sockets;
}

void zlh_sockets_destroy(zlh_sockets *sockets) {
    if (sockets->queue >= 0) close(sockets->queue);
    if (sockets->wakeup >= 0) close(sockets->wakeup);
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
    return curl_multi_socket_action(sockets->multi, event->data.fd, what, &running);
}

CURLMcode zlh_sockets_wait(zlh_sockets *sockets, int most) {
    sockets->count = 0;
    // Asked for, rather than told by CURLMOPT_TIMERFUNCTION: then no change of it can be missed.
    long due = -1;
    int running = 0;
    CURLMcode code = curl_multi_timeout(sockets->multi, &due);
    if (code != CURLM_OK) return code;
    if (due == 0) {
        code = curl_multi_socket_action(sockets->multi, CURL_SOCKET_TIMEOUT, 0, &running);
        // What this has ended is to be told before anything is waited for.
        most = 0;
    } else if (due > 0 && due < most) {
        most = (int)due;
    }
    if (code != CURLM_OK) return code;
    int count = epoll_wait(sockets->queue, sockets->ready, most_events, most);
    if (count < 0) return errno == EINTR ? CURLM_OK : CURLM_INTERNAL_ERROR;
    sockets->count = count;
    return CURLM_OK;
}

CURLMcode zlh_sockets_act(zlh_sockets *sockets) {
    CURLMcode code = CURLM_OK;
    for (int index = 0; index < sockets->count && code == CURLM_OK; index++) {
        const struct epoll_event *event = &sockets->ready[index];
        if (event->data.fd == sockets->wakeup) {
            eventfd_t times;
            eventfd_read(sockets->wakeup, &times);
        } else {
            code = act(sockets, event);
        }
    }
    sockets->count = 0;
    return code;
}
