#pragma once
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static inline int giga_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

/// Watches for the other end closing, once per change; bytes that arrive wake nobody.
static inline int giga_epoll_watch_hangup(int epoll, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLET, .data.u64 = token};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static inline int giga_epoll_watch_readable(int epoll, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = token};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

/// Waits and copies the tokens of what happened; the count, or -1.
static inline int giga_epoll_wait(int epoll, uint64_t *tokens, int limit, int milliseconds) {
    struct epoll_event events[64];
    if (limit > 64) limit = 64;
    int count = epoll_wait(epoll, events, limit, milliseconds);
    for (int i = 0; i < count; i++) tokens[i] = events[i].data.u64;
    return count;
}

static inline int giga_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
