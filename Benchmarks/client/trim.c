#include "client.h"

#include <signal.h>
#include <sys/resource.h>

// Removes a stream's entries up to and including the one at the offset.
int trim(int argument_count, char **arguments) {
    (void)argument_count;
    redisContext *context = connect_to(arguments[0]);
    redisReply *offset = command(context, "GET %s", arguments[2]);
    unsigned long long milliseconds, sequence;
    if (offset->type != REDIS_REPLY_STRING || sscanf(offset->str, "%llu-%llu", &milliseconds, &sequence) != 2) {
        fail("no offset at %s", arguments[2]);
    }
    char first_kept[48];
    snprintf(first_kept, sizeof first_kept, "%llu-%llu", milliseconds, sequence + 1);
    redisReply *removed = command(context, "XTRIM %s MINID = %s", arguments[1], first_kept);
    printf("{\"removed\": %lld}\n", removed->integer);
    return 0;
}

static volatile sig_atomic_t stopped;

static void stop(int signal) {
    (void)signal;
    stopped = 1;
}

// Pings five thousand times a second until it is told to stop (SIGTERM), then prints how long the server
// kept a ping waiting.
int pause_watch(int argument_count, char **arguments) {
    (void)argument_count;
    redisContext *context = connect_to(arguments[0]);
    // Where it is allowed, so that a ping does not wait for a core that the trimming client is using.
    (void)setpriority(PRIO_PROCESS, 0, -20);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    size_t count = 0, capacity = 1 << 16;
    double *waits = malloc(capacity * sizeof *waits);
    // It says that it runs, so that nothing starts before it watches.
    puts("watching");
    fflush(stdout);
    while (!stopped || count == 0) {
        uint64_t start = nanoseconds();
        freeReplyObject(command(context, "PING"));
        if (count == capacity) waits = realloc(waits, (capacity *= 2) * sizeof *waits);
        if (!waits) fail("out of memory");
        waits[count++] = (double)(nanoseconds() - start) / 1e6;
        sleep_nanoseconds(200000);
    }
    distribution spread = distribution_of(waits, count);
    printf("{\"pings\": %zu, \"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f}\n",
        count, spread.median, spread.p99, spread.max);
    return 0;
}
