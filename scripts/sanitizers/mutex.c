// Tells the thread sanitizer what Swift's Mutex does when two threads meet in it.
//
// The quick ways into and out of a Mutex are inlined into our code, so that the sanitizer sees their
// atomics. The slow ways are in libswiftSynchronization, which is not instrumented: of a lock that had
// to be waited for it would see neither the taking nor the giving, and call what it guards a race.
// Each function here does what the library does, and says so: whatever was before the unlock is
// seen after the lock, and nothing else is.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock_slow(uint32_t thread, SELF void *handle) __asm__(LOCK);
SWIFT _Bool try_lock_slow(SELF void *handle) __asm__(TRY);
SWIFT void unlock_slow(SELF void *handle) __asm__(UNLOCK);

typedef SWIFT void Lock(uint32_t thread, SELF void *handle);
typedef SWIFT _Bool TryLock(SELF void *handle);
typedef SWIFT void Unlock(SELF void *handle);

SWIFT void lock_slow(uint32_t thread, SELF void *handle) {
    static Lock *original;
    if (!original) original = (Lock *)dlsym(RTLD_NEXT, LOCK);
    original(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT _Bool try_lock_slow(SELF void *handle) {
    static TryLock *original;
    if (!original) original = (TryLock *)dlsym(RTLD_NEXT, TRY);
    _Bool taken = original(handle);
    if (taken && __tsan_acquire) __tsan_acquire(handle);
    return taken;
}

SWIFT void unlock_slow(SELF void *handle) {
    static Unlock *original;
    if (!original) original = (Unlock *)dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(handle);
    original(handle);
}
