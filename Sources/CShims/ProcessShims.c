#define _GNU_SOURCE
#include "ProcessShims.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static int add_actions(posix_spawn_file_actions_t *actions,
                       const struct giga_spawn_request *request) {
    int failed = 0;
    if (request->folder) {
        failed = posix_spawn_file_actions_addchdir_np(actions, request->folder);
    }
    if (!failed) failed = posix_spawn_file_actions_adddup2(actions, request->input, 0);
    if (!failed) failed = posix_spawn_file_actions_adddup2(actions, request->output, 1);
    if (!failed) failed = posix_spawn_file_actions_adddup2(actions, request->error, 2);
    if (!failed && request->extra >= 0) {
        failed = posix_spawn_file_actions_adddup2(actions, request->extra, 3);
    }
    if (!failed) {
        int first = request->extra >= 0 ? 4 : 3;
        failed = posix_spawn_file_actions_addclosefrom_np(actions, first);
    }
    return failed;
}

static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int failed = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!failed) failed = posix_spawnattr_setpgroup(attributes, 0);
    if (!failed) failed = posix_spawnattr_setsigmask(attributes, &none);
    if (!failed) failed = posix_spawnattr_setsigdefault(attributes, &all);
    return failed;
}

int giga_spawn(const struct giga_spawn_request *request, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) return failed;
    failed = posix_spawnattr_init(&attributes);
    if (!failed) {
        failed = set_attributes(&attributes);
        if (!failed) failed = add_actions(&actions, request);
        if (!failed) {
            failed = posix_spawn(pid, request->path, &actions, &attributes,
                                 request->arguments, request->environment);
        }
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static int lifted(int descriptor) {
    if (descriptor < 0 || descriptor >= 10) return descriptor;
    int high = fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
    int saved = errno;
    close(descriptor);
    errno = saved;
    return high;
}

int giga_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    ends[0] = lifted(ends[0]);
    ends[1] = lifted(ends[1]);
    if (ends[0] >= 0 && ends[1] >= 0) return 0;
    int saved = errno;
    if (ends[0] >= 0) close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
    errno = saved;
    return -1;
}

int giga_open_null(int flags) { return lifted(open("/dev/null", flags | O_CLOEXEC)); }

int giga_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? -1 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

int giga_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int giga_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int giga_pidfd_wait(int pidfd, int reap, int *code, int *status) {
    siginfo_t ended;
    ended.si_pid = 0;
    int options = WEXITED | WNOHANG | (reap ? 0 : WNOWAIT);
    if (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &ended, options) != 0) return -1;
    if (ended.si_pid == 0) return 0;
    *code = ended.si_code;
    *status = ended.si_status;
    return 1;
}

int giga_die_with_parent(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return -1;
    // It may have died before the kernel was asked.
    return getppid() == parent ? 0 : 1;
}

int giga_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int giga_limit(pid_t pid, int resource, uint64_t limit) {
    struct rlimit both = {limit, limit};
    return prlimit(pid, (enum __rlimit_resource)resource, &both, NULL);
}

int giga_block_signals(void) {
    sigset_t all;
    sigfillset(&all);
    return pthread_sigmask(SIG_SETMASK, &all, NULL);
}

int giga_limit_address_space(void) { return RLIMIT_AS; }
int giga_limit_data(void) { return RLIMIT_DATA; }
int giga_limit_processes(void) { return RLIMIT_NPROC; }
int giga_limit_file_size(void) { return RLIMIT_FSIZE; }
int giga_limit_open_files(void) { return RLIMIT_NOFILE; }
int giga_limit_cpu(void) { return RLIMIT_CPU; }
int giga_limit_core(void) { return RLIMIT_CORE; }
int giga_limit_realtime(void) { return RLIMIT_RTTIME; }
