// From the moment before an XADD to the moment its entry is in the hands of whoever reads the stream, one
// entry at a time.

#include "client.h"

#include <pthread.h>

typedef struct {
    const char *stream;
    redisContext *context;             // the reader's; unused by the pipe
    FILE *lines;                       // what a consumer prints; unused by the C reader
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    uint64_t last_sent;                // the time that the last entry seen carries
    uint64_t seen_at;
    bool ended;
} reader;

// Entries carry the time they were sent, which tells them apart too.
static uint64_t time_in(const char *payload) {
    const char *digits = strstr(payload, "\"ns\":");
    if (!digits) fail("not an entry of ours: %s", payload);
    return strtoull(digits + 5, NULL, 10);
}

static void saw(reader *self, const char *payload, uint64_t at) {
    pthread_mutex_lock(&self->mutex);
    self->last_sent = time_in(payload);
    self->seen_at = at;
    pthread_cond_signal(&self->arrived);
    pthread_mutex_unlock(&self->mutex);
}

static void *read_stream(void *argument) {
    reader *self = argument;
    char last[48] = "$";
    while (true) {
        redisReply *reply = command(self->context, "XREAD BLOCK 0 COUNT %d STREAMS %s %s", batch_size, self->stream, last);
        uint64_t now = nanoseconds();
        const redisReply *entries = reply->element[0]->element[1];
        const redisReply *entry = entries->element[entries->elements - 1];
        snprintf(last, sizeof last, "%s", entry_id(entry)->str);
        saw(self, entry_payload(entry)->str, now);
        freeReplyObject(reply);
    }
    return NULL;
}

static void *read_lines(void *argument) {
    reader *self = argument;
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, self->lines) >= 0) saw(self, line, nanoseconds());
    pthread_mutex_lock(&self->mutex);
    self->ended = true;
    pthread_cond_signal(&self->arrived);
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

// Sends one entry and waits until it was seen, or `patience` is over; answers how long that took, or 0.
static uint64_t send_one(reader *self, redisContext *context, uint64_t patience) {
    uint64_t sent = nanoseconds();
    freeReplyObject(command(context, "XADD %s * payload {\"ns\":%llu}", self->stream, (unsigned long long)sent));
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    uint64_t end = (uint64_t)deadline.tv_nsec + patience;
    deadline.tv_sec += (time_t)(end / 1000000000);
    deadline.tv_nsec = (long)(end % 1000000000);

    pthread_mutex_lock(&self->mutex);
    int status = 0;
    while (self->last_sent != sent && !self->ended && status == 0) {
        status = pthread_cond_timedwait(&self->arrived, &self->mutex, &deadline);
    }
    bool seen = self->last_sent == sent, ended = self->ended;
    uint64_t took = self->seen_at - sent;
    pthread_mutex_unlock(&self->mutex);
    if (ended) fail("the consumer ended");
    return seen ? took : 0;
}

static long long reads_of_server(redisContext *context) {
    redisReply *info = command(context, "INFO stats");
    const char *field = strstr(info->str, "total_reads_processed:");
    long long reads = field ? atoll(strchr(field, ':') + 1) : 0;
    freeReplyObject(info);
    return reads;
}

static int run(reader *self, void *(*body)(void *), char **arguments) {
    redisContext *context = connect_to(arguments[0]);
    long samples = parse_count(arguments[2]), rate = parse_count(arguments[3]);
    if (samples == 0) fail("no samples");
    const uint64_t second = 1000000000, interval = rate > 0 ? second / (uint64_t)rate : 0;
    self->stream = arguments[1];
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->arrived, NULL);
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, self) != 0) fail("cannot start a thread");

    // Until somebody listens, nothing is seen; then a few for warmth.
    int tries = 0;
    while (send_one(self, context, second / 20) == 0) {
        if (++tries == 200) fail("nobody handles what is produced");
    }
    sleep_nanoseconds(second / 5);
    for (int i = 0; i < 20; i++) send_one(self, context, second);

    double *milliseconds = malloc((size_t)samples * sizeof *milliseconds);
    long long reads = reads_of_server(context);
    uint64_t next = nanoseconds();
    for (long i = 0; i < samples; i++) {
        uint64_t took = send_one(self, context, 30 * second);
        if (took == 0) fail("an entry was not handled within 30 s");
        milliseconds[i] = (double)took / 1e6;
        next += interval;
        uint64_t now = nanoseconds();
        if (next > now) sleep_nanoseconds(next - now);
        else next = now;
    }
    // Without our own: one for each entry, and one for the second look.
    reads = reads_of_server(context) - reads - samples - 1;
    distribution spread = distribution_of(milliseconds, (size_t)samples);
    printf("{\"samples\": %ld, \"p50\": %.4f, \"p99\": %.4f, \"max\": %.4f, \"round_trips\": %.3f}\n",
        samples, spread.median, spread.p99, spread.max, (double)reads / (double)samples);
    return 0;
}

int latency(int argument_count, char **arguments) {
    (void)argument_count;
    reader self = {.context = connect_to(arguments[0])};
    return run(&self, read_stream, arguments);
}

int latency_pipe(int argument_count, char **arguments) {
    (void)argument_count;
    reader self = {.lines = stdin};
    return run(&self, read_lines, arguments);
}
