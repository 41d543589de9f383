/// SQLite's cast macros and varargs.
#pragma once
#include <sqlite3.h>

/// Tells a bind call to copy the bytes before it returns.
static inline sqlite3_destructor_type shim_sqlite_transient(void) { return SQLITE_TRANSIENT; }

/// Leaves the write-ahead log as it is when the last connection closes.
static inline int shim_sqlite_keep_log_on_close(sqlite3 *database) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
