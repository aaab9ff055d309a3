// The limits that `make bench` measures redstream against: the same work, done by C on hiredis.

#include "client.h"

static const struct mode {
    const char *name, *arguments;
    int minimum;
    int (*run)(int count, char **arguments);
} modes[] = {
    {"generate", "COUNT", 1, generate},
    {"produce", "SOCKET STREAM-KEY [FILE]", 2, produce},
    {"consume", "SOCKET STREAM-KEY OFFSET-KEY", 3, consume},
    {"delay", "SOCKET STREAM-KEY DELAY-KEY LOCK-KEY OFFSET-KEY MILLISECONDS", 6, delay},
    {"trim", "SOCKET STREAM-KEY OFFSET-KEY", 3, trim},
    {"latency", "SOCKET STREAM-KEY SAMPLES PER-SECOND", 4, latency},
    {"latency-pipe", "SOCKET STREAM-KEY SAMPLES PER-SECOND < JSON-LINES", 4, latency_pipe},
    {"pause", "SOCKET", 1, pause_watch},
    {"measure", "REPORT-FILE COMMAND...", 2, measure},
};

int main(int count, char **arguments) {
    enum { mode_count = sizeof modes / sizeof *modes };
    for (size_t i = 0; count > 1 && i < mode_count; i++) {
        if (strcmp(arguments[1], modes[i].name) == 0 && count - 2 >= modes[i].minimum) {
            return modes[i].run(count - 2, arguments + 2);
        }
    }
    for (size_t i = 0; i < mode_count; i++) {
        fprintf(stderr, "usage: client %s %s\n", modes[i].name, modes[i].arguments);
    }
    return 64;
}
