// Tells the thread sanitizer what it cannot see of Swift's runtime on Linux. It is linked into everything that is built
// under that sanitizer, and hides no race: it only reports orders that do hold.
//
// - Swift's runtime reports how tasks follow each other once it is told that the sanitizer is there. The sanitizer tells
//   it as soon as it starts, which on Linux is before the runtime's library has been loaded: so it is told again.
// - A Mutex is locked and unlocked by code of ours, which is instrumented, but for one that somebody waits for: that is
//   done inside of a library that is not. What is done there is wrapped.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

__attribute__((constructor)) static void enableReports(void) {
    void (*enable)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "__tsan_on_initialize");
    if (enable) enable();
}

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *handle

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lockSlow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool tryLockSlow(SELF) __asm__(TRY_LOCK);
SWIFT void unlockSlow(SELF) __asm__(UNLOCK);

SWIFT void lockSlow(uint32_t thread, SELF) {
    SWIFT void (*lock)(uint32_t, SELF) = (SWIFT void (*)(uint32_t, SELF))dlsym(RTLD_NEXT, LOCK);
    lock(thread, handle);
    __tsan_acquire(handle);
}

SWIFT bool tryLockSlow(SELF) {
    SWIFT bool (*tryLock)(SELF) = (SWIFT bool (*)(SELF))dlsym(RTLD_NEXT, TRY_LOCK);
    bool isLocked = tryLock(handle);
    if (isLocked) __tsan_acquire(handle);
    return isLocked;
}

SWIFT void unlockSlow(SELF) {
    SWIFT void (*unlock)(SELF) = (SWIFT void (*)(SELF))dlsym(RTLD_NEXT, UNLOCK);
    __tsan_release(handle);
    unlock(handle);
}
