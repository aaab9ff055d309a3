import Redstream

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Blocks the thread for a while.
func sleepOnThread(for duration: Duration) {
    usleep(UInt32(max(duration.milliseconds, 0)) * 1000)
}

/// Sets how large a file a running process may write, in bytes: that of a full disk, for tests.
///
/// False where the system cannot.
func limitFileSize(of processID: Int32, to bytes: UInt64) -> Bool {
    #if canImport(Glibc)
    // glibc hides the function from Swift.
    guard let symbol = dlsym(nil, "prlimit") else { return false }
    var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t.max)
    return unsafeBitCast(symbol, to: SetLimit.self)(processID, Int32(RLIMIT_FSIZE.rawValue), &limit, nil) == 0
    #else
    return false
    #endif
}

#if canImport(Glibc)
private typealias SetLimit =
    @convention(c) (pid_t, Int32, UnsafePointer<rlimit>, UnsafeMutablePointer<rlimit>?) -> Int32
#endif
