#include "client.h"

#include <errno.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

static double milliseconds_of(struct timeval time) {
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

// Runs a command and writes what it took to a file. Being small itself matters: the peak memory of a child
// starts out as that of the process it was forked from, and so does the cost of forking.
int measure(int argument_count, char **arguments) {
    (void)argument_count;
    pid_t child;
    int status;
    struct rusage usage;
    uint64_t start = nanoseconds();
    int error = posix_spawnp(&child, arguments[1], NULL, NULL, arguments + 1, environ);
    if (error != 0) fail("cannot run %s: %s", arguments[1], strerror(error));
    while (wait4(child, &status, 0, &usage) < 0) {
        if (errno != EINTR) fail("cannot wait: %s", strerror(errno));
    }
    uint64_t end = nanoseconds();
#ifdef __APPLE__
    long kibibytes = usage.ru_maxrss / 1024;
#else
    long kibibytes = usage.ru_maxrss;
#endif
    FILE *report = fopen(arguments[0], "w");
    if (!report) fail("cannot write %s", arguments[0]);
    fprintf(report, "{\"wall_ms\": %.3f, \"cpu_ms\": %.3f, \"peak_kib\": %ld}\n", (double)(end - start) / 1e6,
        milliseconds_of(usage.ru_utime) + milliseconds_of(usage.ru_stime), kibibytes);
    fclose(report);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
