#include "client.h"

// EXEC does not roll back: only when the target took the entries may the source lose them. MINID is
// exclusive, hence the next sequence.
static const char finish_move[] =
    "local target = redis.call('XINFO', 'STREAM', KEYS[2])\n"
    "local length, id\n"
    "for i = 1, #target, 2 do\n"
    "  if target[i] == 'length' then length = target[i + 1] end\n"
    "  if target[i] == 'last-generated-id' then id = target[i + 1] end\n"
    "end\n"
    "if length < tonumber(ARGV[2]) or id == '18446744073709551615-18446744073709551615' then\n"
    "  return redis.error_reply('the target did not take the entries')\n"
    "end\n"
    "local milliseconds, sequence = string.match(ARGV[1], '(%d+)-(%d+)')\n"
    "redis.call('XTRIM', KEYS[1], 'MINID', milliseconds .. '-' .. string.format('%.0f', sequence + 1))\n"
    "redis.call('SET', KEYS[3], ARGV[1])\n"
    "return 1\n";

static const char renew_lock[] =
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end\n"
    "return redis.call('PEXPIRE', KEYS[1], 5000)\n";

typedef struct {
    redisContext *context;
    const char *stream, *delayed, *lock, *offset, *holder;
    char *renew, *finish;
    char due[32];
} mover;

static redisReply *due_entries(const mover *self) {
    redisContext *context = self->context;
    // Before WATCH, since a touch of the lock after it would abort EXEC.
    redisAppendCommand(context, "EVALSHA %s 1 %s %s", self->renew, self->lock, self->holder);
    redisAppendCommand(context, "WATCH %s", self->lock);
    redisAppendCommand(context, "GET %s", self->lock);
    redisAppendCommand(context, "XRANGE %s - %s COUNT %d", self->delayed, self->due, batch_size);
    skip_reply(context);
    skip_reply(context);
    redisReply *holder = next_reply(context);
    if (holder->type != REDIS_REPLY_STRING || strcmp(holder->str, self->holder) != 0) fail("the lock is lost");
    freeReplyObject(holder);
    return next_reply(context);
}

static void append(buffer *pipeline, const char *word) {
    buffer_append_command(pipeline, 1, &word, NULL);
}

static void move(const mover *self, const redisReply *entries, buffer *pipeline) {
    append(pipeline, "MULTI");
    for (size_t i = 0; i < entries->elements; i++) {
        const redisReply *payload = entry_payload(entries->element[i]);
        buffer_append_xadd(pipeline, self->stream, payload->str, payload->len);
    }
    char count[24];
    snprintf(count, sizeof count, "%zu", entries->elements);
    const char *last = entry_id(entries->element[entries->elements - 1])->str;
    const char *script[] = {"EVALSHA", self->finish, "3", self->delayed, self->stream, self->offset, last, count};
    buffer_append_command(pipeline, 8, script, NULL);
    append(pipeline, "EXEC");
    buffer_send(pipeline, self->context);

    for (size_t i = 0; i < entries->elements + 2; i++) skip_reply(self->context);
    redisReply *outcome = next_reply(self->context);
    if (outcome->type != REDIS_REPLY_ARRAY) fail("the lock was touched");
    for (size_t i = 0; i < outcome->elements; i++) {
        if (outcome->element[i]->type == REDIS_REPLY_ERROR) fail("the server says: %s", outcome->element[i]->str);
    }
    freeReplyObject(outcome);
}

static void find_due(mover *self, long delay) {
    redisReply *time = command(self->context, "TIME");
    long long now = atoll(time->element[0]->str) * 1000 + atoll(time->element[1]->str) / 1000;
    snprintf(self->due, sizeof self->due, "%lld", now - delay);
    freeReplyObject(time);
}

// Moves what is due from a delay stream to its stream, each batch in one atomic step that only the lock's
// holder can take.
int delay(int argument_count, char **arguments) {
    (void)argument_count;
    mover self = {
        .context = connect_to(arguments[0]),
        .stream = arguments[1],
        .delayed = arguments[2],
        .lock = arguments[3],
        .offset = arguments[4],
        .holder = "the-benchmark",
    };
    redisReply *lock = command(self.context, "SET %s %s NX PX 5000", self.lock, self.holder);
    if (lock->type == REDIS_REPLY_NIL) fail("the lock is held");
    freeReplyObject(lock);
    self.renew = command(self.context, "SCRIPT LOAD %s", renew_lock)->str;
    self.finish = command(self.context, "SCRIPT LOAD %s", finish_move)->str;
    find_due(&self, parse_count(arguments[5]));

    buffer pipeline = {0};
    redisReply *entries;
    while ((entries = due_entries(&self))->elements > 0) {
        move(&self, entries, &pipeline);
        freeReplyObject(entries);
    }
    freeReplyObject(command(self.context, "DEL %s", self.lock));
    return 0;
}
