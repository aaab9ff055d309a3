import Redstream
import RedstreamSystem

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

/// Returns the milliseconds that a process's threads have waited for a core since they began; 0 if the system does not
/// tell.
func timeWaitingForCore(of processID: Int32) -> UInt64 {
    var sum: UInt64 = 0
    guard let directory = opendir("/proc/\(processID)/task") else { return 0 }
    defer { closedir(directory) }
    var buffer = [UInt8](repeating: 0, count: 128)
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        let file = open("/proc/\(processID)/task/\(name)/schedstat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { continue }
        let count = read(file, &buffer, buffer.count)
        close(file)
        // Time on a core, time waiting for one, and how often it had one.
        let numbers = buffer.prefix(max(count, 0)).split(separator: UInt8(ascii: " "))
        if numbers.count > 1 { sum += UInt64(String(decoding: numbers[1], as: UTF8.self)) ?? 0 }
    }
    return sum / 1_000_000
}
