// What the limits share. Every mode takes the path of the server's unix socket first.

#ifndef BENCHMARK_CLIENT_H
#define BENCHMARK_CLIENT_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { batch_size = 1000 };

_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
uint64_t nanoseconds(void);
void sleep_nanoseconds(uint64_t duration);
long parse_count(const char *text);

// How values are spread; sorts them.
typedef struct {
    double median, p99, max;
} distribution;
distribution distribution_of(double *values, size_t count);

redisContext *connect_to(const char *socket_path);
// The next reply of a pipeline; ends the process on a lost connection and on an error reply.
redisReply *next_reply(redisContext *context);
void skip_reply(redisContext *context);
redisReply *command(redisContext *context, const char *format, ...);

// A growing buffer of commands in Redis's protocol, sent in one piece.
typedef struct {
    char *bytes;
    size_t count, capacity;
} buffer;
void buffer_append(buffer *target, const void *bytes, size_t count);
void buffer_append_bulk(buffer *target, const void *bytes, size_t count);
void buffer_append_command(buffer *target, int arguments, const char *const *values, const size_t *counts);
void buffer_append_xadd(buffer *target, const char *stream, const char *payload, size_t count);
// Hands the buffer to hiredis and empties it.
void buffer_send(buffer *source, redisContext *context);

// The entries of a reply of XRANGE, or of one stream in a reply of XREAD.
static inline const redisReply *entry_id(const redisReply *entry) { return entry->element[0]; }
const redisReply *entry_payload(const redisReply *entry);

int produce(int count, char **arguments);
int generate(int count, char **arguments);
int consume(int count, char **arguments);
int delay(int count, char **arguments);
int trim(int count, char **arguments);
int latency(int count, char **arguments);
int latency_pipe(int count, char **arguments);
int pause_watch(int count, char **arguments);
int measure(int count, char **arguments);

#endif
