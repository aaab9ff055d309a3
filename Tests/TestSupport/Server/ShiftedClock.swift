import FoundationEssentials
import RedstreamSystem

/// A wall clock that a test sets, for one server: what a program asks the C library for is shifted by some seconds.
///
/// It is a library that the server is started with, compiled by `cc` on the spot. Where the system takes no such library,
/// on macOS, or for a program that is linked statically, ``RedisServer`` tells the true time still: ask TIME.
package final class ShiftedClock: Sendable {
    private let directory: TemporaryDirectory

    /// Compiles the library; the clock is right at first.
    package init() async throws {
        directory = try TemporaryDirectory()
        try set(ahead: .zero)
        try Self.source.write(toFile: "\(directory.path)/clock.c", atomically: false, encoding: .utf8)
        let compiler = try ChildProcess.start(
            "cc", ["-shared", "-fPIC", "-O1", "-o", library, "\(directory.path)/clock.c"], input: 0, output: 1, error: 2
        )
        let exit = try await compiler.waitForExit(within: .seconds(60))
        guard exit == .status(0) else { throw SystemError("cc: \(exit)", code: 0) }
    }

    /// The variables that the server's environment needs.
    package var environment: [String: String] {
        ProcessEnvironment.minimal.merging(["LD_PRELOAD": library, "CLOCK_SHIFT": shift]) { $1 }
    }

    /// Sets the clock, at once.
    ///
    /// - Parameter duration: How far ahead of the truth, in whole seconds; negative for behind.
    /// - Throws: ``SystemError``.
    package func set(ahead duration: Duration) throws {
        let file = open(shift, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        var seconds = duration.components.seconds
        guard write(file, &seconds, MemoryLayout.size(ofValue: seconds)) == MemoryLayout.size(ofValue: seconds) else {
            throw SystemError("write to \(shift)")
        }
    }

    private var library: String { "\(directory.path)/clock.so" }
    private var shift: String { "\(directory.path)/shift" }

    private static let source = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdint.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static volatile int64_t *shift;

        __attribute__((constructor)) static void begin(void) {
            const char *path = getenv("CLOCK_SHIFT");
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return;
            void *map = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
            if (map != MAP_FAILED) shift = map;
            close(file);
        }

        int clock_gettime(clockid_t clock, struct timespec *now) {
            int status = syscall(SYS_clock_gettime, clock, now);
            int is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
            if (status == 0 && is_wall && shift) now->tv_sec += *shift;
            return status;
        }

        int gettimeofday(struct timeval *restrict now, void *restrict zone) {
            struct timespec precise;
            int status = clock_gettime(CLOCK_REALTIME, &precise);
            now->tv_sec = precise.tv_sec;
            now->tv_usec = precise.tv_nsec / 1000;
            return status;
        }

        time_t time(time_t *result) {
            struct timespec precise;
            clock_gettime(CLOCK_REALTIME, &precise);
            if (result) *result = precise.tv_sec;
            return precise.tv_sec;
        }

        """
}
