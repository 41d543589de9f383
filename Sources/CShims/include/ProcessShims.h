/// Linux process calls that `import Glibc` does not show: GNU-only names, varargs and raw system
/// calls, each as one typed function. The bodies are in ProcessShims.c, where _GNU_SOURCE is set.
#pragma once
#include <stdint.h>
#include <sys/types.h>

/// What `giga_spawn` needs; descriptors are the parent's, and all of them are 10 or above.
struct giga_spawn_request {
    const char *path;
    char *const *arguments;
    char *const *environment;
    /// NULL keeps the parent's.
    const char *folder;
    int input;
    int output;
    int error;
    /// Becomes descriptor 3 of the child; -1 for none.
    int extra;
};

/// Starts a child in a process group of its own, with an empty signal mask, default signals and
/// no other descriptor open. Returns 0 or an errno.
int giga_spawn(const struct giga_spawn_request *request, pid_t *pid);

/// A close-on-exec pipe whose ends are 10 or above, so that they never collide with 0 to 3.
int giga_pipe(int ends[2]);
/// Opens /dev/null close-on-exec at 10 or above; -1 and errno on failure.
int giga_open_null(int flags);
int giga_set_nonblocking(int descriptor);

int giga_pidfd_open(pid_t pid);
int giga_pidfd_send_signal(int pidfd, int signal);

/// 1: ended, `code` (CLD_*) and `status` are set; 0: still running; -1: errno.
/// With `reap` 0 the zombie stays, so that its number cannot be given to another process.
int giga_pidfd_wait(int pidfd, int reap, int *code, int *status);

int giga_become_subreaper(void);

/// This process is killed when the thread that started it ends; 1 when `parent` is gone already.
int giga_die_with_parent(pid_t parent);
/// `resource` is a RLIMIT_* number; both limits are set. Returns 0 or -1.
int giga_limit(pid_t pid, int resource, uint64_t limit);
/// Blocks every signal for the calling thread.
int giga_block_signals(void);

int giga_limit_address_space(void);
int giga_limit_data(void);
int giga_limit_processes(void);
int giga_limit_file_size(void);
int giga_limit_open_files(void);
int giga_limit_cpu(void);
int giga_limit_core(void);
int giga_limit_realtime(void);
