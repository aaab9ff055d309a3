#include "client.h"

static void print(const redisReply *entries, const char *stream) {
    for (size_t i = 0; i < entries->elements; i++) {
        const redisReply *entry = entries->element[i], *payload = entry_payload(entry);
        fputs("{\"id\":\"", stdout);
        fwrite(entry_id(entry)->str, 1, entry_id(entry)->len, stdout);
        fputs("\",\"stream\":\"", stdout);
        fputs(stream, stdout);
        fputs("\",\"payload\":", stdout);
        fwrite(payload->str, 1, payload->len, stdout);
        fputs("}\n", stdout);
    }
    if (fflush(stdout) != 0) fail("cannot write");
}

// Prints a stream as JSON lines up to its end, 1000 entries at a time; the commit of each batch shares a
// round trip with the next read.
int consume(int argument_count, char **arguments) {
    (void)argument_count;
    const char *stream = arguments[1], *offset_key = arguments[2];
    redisContext *context = connect_to(arguments[0]);
    static char output[1 << 18];
    setvbuf(stdout, output, _IOFBF, sizeof output);
    redisReply *reply = command(context, "XREAD COUNT %d STREAMS %s 0-0", batch_size, stream);
    while (reply->type == REDIS_REPLY_ARRAY) {
        const redisReply *entries = reply->element[0]->element[1];
        print(entries, stream);
        const char *last = entry_id(entries->element[entries->elements - 1])->str;
        redisAppendCommand(context, "SET %s %s", offset_key, last);
        redisAppendCommand(context, "XREAD COUNT %d STREAMS %s %s", batch_size, stream, last);
        freeReplyObject(reply);
        skip_reply(context);
        reply = next_reply(context);
    }
    return 0;
}
