#pragma once
#include <microhttpd.h>
#include <stddef.h>

/// What `giga_mhd_start` needs; a plain record instead of varargs.
struct giga_mhd_options {
    int listen_descriptor;
    unsigned int connection_limit;
    unsigned int idle_seconds;
    size_t connection_memory;
    /// PEM texts, or both NULL for plain HTTP.
    const char *certificate;
    const char *private_key;
    void *context;
    MHD_AccessHandlerCallback access;
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connected;
    void *(*target)(void *context, const char *uri, struct MHD_Connection *connection);
};

/// Starts a daemon on an own listening socket with epoll and suspended requests; NULL if it cannot.
/// It has no thread: whoever starts it runs it.
static inline struct MHD_Daemon *giga_mhd_start(const struct giga_mhd_options *o) {
    struct MHD_OptionItem items[20];
    int n = 0;
#define GIGA_ITEM(option, number, pointer)                                                         \
    items[n++] = (struct MHD_OptionItem){option, (intptr_t)(number), (void *)(pointer)}
    GIGA_ITEM(MHD_OPTION_LISTEN_SOCKET, o->listen_descriptor, NULL);
    GIGA_ITEM(MHD_OPTION_CONNECTION_LIMIT, o->connection_limit, NULL);
    GIGA_ITEM(MHD_OPTION_CONNECTION_TIMEOUT, o->idle_seconds, NULL);
    GIGA_ITEM(MHD_OPTION_CONNECTION_MEMORY_LIMIT, o->connection_memory, NULL);
    GIGA_ITEM(MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL);
    GIGA_ITEM(MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)o->completed, o->context);
    GIGA_ITEM(MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)o->connected, o->context);
    GIGA_ITEM(MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)o->target, o->context);
    unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO;
    if (o->certificate != NULL && o->private_key != NULL) {
        flags |= MHD_USE_TLS;
        GIGA_ITEM(MHD_OPTION_HTTPS_MEM_CERT, 0, o->certificate);
        GIGA_ITEM(MHD_OPTION_HTTPS_MEM_KEY, 0, o->private_key);
    }
    GIGA_ITEM(MHD_OPTION_END, 0, NULL);
#undef GIGA_ITEM
    return MHD_start_daemon(flags, 0, NULL, NULL, o->access, o->context, MHD_OPTION_ARRAY, items,
                            MHD_OPTION_END);
}

/// Readable when the daemon has something to do.
static inline int giga_mhd_epoll(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *fact = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return fact == NULL ? -1 : fact->epoll_fd;
}

/// The pointer that the connection callback left with a connection.
static inline void *giga_mhd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *fact =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return fact == NULL ? NULL : fact->socket_context;
}

static inline int giga_mhd_descriptor(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *fact =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return fact == NULL ? -1 : fact->connect_fd;
}

static inline const struct sockaddr *giga_mhd_client(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *fact =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return fact == NULL ? NULL : fact->client_addr;
}

static inline size_t giga_mhd_header_bytes(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *fact =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return fact == NULL ? 0 : fact->header_size;
}
