#include "client.h"

#include <errno.h>
#include <stdarg.h>
#include <time.h>

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("client: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void sleep_nanoseconds(uint64_t duration) {
    struct timespec left = {(time_t)(duration / 1000000000), (long)(duration % 1000000000)};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

long parse_count(const char *text) {
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 0) fail("not a count: %s", text);
    return value;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

distribution distribution_of(double *values, size_t count) {
    qsort(values, count, sizeof *values, ascending);
    return (distribution){values[count / 2], values[count * 99 / 100], values[count - 1]};
}

redisContext *connect_to(const char *socket_path) {
    redisContext *context = redisConnectUnix(socket_path);
    if (!context || context->err) fail("cannot connect to %s: %s", socket_path, context ? context->errstr : "memory");
    return context;
}

redisReply *next_reply(redisContext *context) {
    void *reply;
    if (redisGetReply(context, &reply) != REDIS_OK) fail("connection lost: %s", context->errstr);
    if (((redisReply *)reply)->type == REDIS_REPLY_ERROR) fail("the server says: %s", ((redisReply *)reply)->str);
    return reply;
}

void skip_reply(redisContext *context) {
    freeReplyObject(next_reply(context));
}

redisReply *command(redisContext *context, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (redisvAppendCommand(context, format, arguments) != REDIS_OK) fail("cannot format %s", format);
    va_end(arguments);
    return next_reply(context);
}

void buffer_append(buffer *target, const void *bytes, size_t count) {
    if (target->count + count > target->capacity) {
        target->capacity = (target->count + count) * 2;
        target->bytes = realloc(target->bytes, target->capacity);
        if (!target->bytes) fail("out of memory");
    }
    memcpy(target->bytes + target->count, bytes, count);
    target->count += count;
}

static void buffer_append_header(buffer *target, char kind, size_t value) {
    char digits[24], *start = digits + sizeof digits;
    *--start = '\n';
    *--start = '\r';
    do {
        *--start = (char)('0' + value % 10);
    } while (value /= 10);
    *--start = kind;
    buffer_append(target, start, (size_t)(digits + sizeof digits - start));
}

void buffer_append_bulk(buffer *target, const void *bytes, size_t count) {
    buffer_append_header(target, '$', count);
    buffer_append(target, bytes, count);
    buffer_append(target, "\r\n", 2);
}

void buffer_append_command(buffer *target, int arguments, const char *const *values, const size_t *counts) {
    buffer_append_header(target, '*', (size_t)arguments);
    for (int i = 0; i < arguments; i++) {
        buffer_append_bulk(target, values[i], counts ? counts[i] : strlen(values[i]));
    }
}

void buffer_append_xadd(buffer *target, const char *stream, const char *payload, size_t count) {
    const char *values[] = {"XADD", stream, "*", "payload", payload};
    const size_t counts[] = {4, strlen(stream), 1, 7, count};
    buffer_append_command(target, 5, values, counts);
}

void buffer_send(buffer *source, redisContext *context) {
    if (redisAppendFormattedCommand(context, source->bytes, source->count) != REDIS_OK) fail("out of memory");
    source->count = 0;
}

const redisReply *entry_payload(const redisReply *entry) {
    const redisReply *fields = entry->element[1];
    if (fields->elements != 2 || strcmp(fields->element[0]->str, "payload") != 0) fail("an entry of another kind");
    return fields->element[1];
}
