#include "client.h"

// Prints COUNT lines of JSON, each the default payload of a record.
int generate(int argument_count, char **arguments) {
    (void)argument_count;
    long count = parse_count(arguments[0]);
    for (long id = 1; id <= count; id++) printf("{\"id\": %ld}\n", id);
    return fflush(stdout) == 0 ? 0 : 1;
}

static void receive(redisContext *context, int replies) {
    for (int i = 0; i < replies; i++) skip_reply(context);
}

// Appends each line of a file to a stream: 1000 commands to a pipeline, one pipeline at a time.
int produce(int argument_count, char **arguments) {
    redisContext *context = connect_to(arguments[0]);
    FILE *input = argument_count > 2 ? fopen(arguments[2], "r") : stdin;
    if (!input) fail("cannot open %s", arguments[2]);
    buffer pipeline = {0};
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    int pending = 0;
    while ((length = getline(&line, &capacity, input)) >= 0) {
        if (length > 0 && line[length - 1] == '\n') length -= 1;
        buffer_append_xadd(&pipeline, arguments[1], line, (size_t)length);
        if (++pending == batch_size) {
            buffer_send(&pipeline, context);
            receive(context, pending);
            pending = 0;
        }
    }
    if (pending > 0) buffer_send(&pipeline, context);
    receive(context, pending);
    return ferror(input) ? 1 : 0;
}
