import Redstream
import RedstreamConnection
import Testing

@testable import RedstreamCLI

extension CauseTests {
    /// The errors that a server answers with.
    static let refusals: [Row] = [
        Row("LOADING Redis is loading", hint: "INFO persistence tells how far it is", .unreachable),
        Row("READONLY You can't write", hint: "h:1 is a replica: name the primary with --url", .unreachable),
        Row(
            "ERR WAIT cannot be used with replica instances", hint: "h:1 is a replica: name the primary with --url",
            .unreachable),
        Row(
            "MASTERDOWN Link is down", hint: "the replica has lost its primary: name the primary with --url",
            .unreachable),
        Row("UNBLOCKED force unblock", hint: nil, .unreachable),
        Row(
            "CLUSTERDOWN Hash slot not served",
            hint: "the cluster has slots that no node serves: redis-cli --cluster check tells which", .unreachable),
        Row(
            "TRYAGAIN Multiple keys",
            hint: "a slot is on its way between two nodes: redis-cli --cluster fix ends a move that was cut short",
            .unreachable),
        Row(
            "BUSY Redis is busy",
            hint: "a script runs for too long: SCRIPT KILL ends one that has written nothing", .unreachable),
        Row(
            "NOREPLICAS Not enough",
            hint: "too few replicas are in sync for its min-replicas-to-write: INFO replication tells which",
            .unreachable),
        Row("OOM command not allowed", hint: "the server is at its maxmemory: redstream trim makes room", .failed),
        Row("MISCONF Errors writing", hint: "the server cannot write its disk: see its log", .failed),
        Row(
            "ERR max number of clients reached",
            hint: "CLIENT LIST tells who is connected; CONFIG SET maxclients lets more in", .unreachable),
        Row(
            "NOAUTH Authentication required.",
            hint: "the server wants a password: --url redis://:password@127.0.0.1:6379, or --password-file", .failed),
        Row(
            "WRONGPASS invalid pair",
            hint: "user or password is wrong: check --url, REDSTREAM_URL or --password-file", .failed),
        Row(
            "ERR AUTH <password> called without any password configured",
            hint: "the server has no password for this user: leave it out of --url", .failed),
        Row(
            "NOPERM no permissions",
            hint: "the ACL of this user lacks a right: ACL GETUSER tells which it has", .failed),
        Row(
            "WRONGTYPE Operation against a key",
            hint: "a key of this name is of another type: TYPE tells; another --namespace avoids it", .failed),
        Row("NOSCRIPT No matching script", hint: nil, .failed),
        Row("MOVED 1 h:2", hint: "h:1 is a node of a cluster: --url redis+cluster://h:1", .failed),
        Row("ASK 1 h:2", hint: "h:1 is a node of a cluster: --url redis+cluster://h:1", .failed),
        Row(
            "CROSSSLOT Keys in request",
            hint: "in a cluster, keys of one command share a part in braces, such as {shop}:a and {shop}:b", .failed),
        Row(
            "ERR This instance has cluster support disabled",
            hint: "h:1 is a server of its own: --url redis://h:1", .failed),
        Row("ERR unknown command 'SENTINEL'", hint: "h:1 is no sentinel: redis://h:1 is for a server", .failed),
        Row("ERR unknown command `SENTINEL`", hint: "h:1 is no sentinel: redis://h:1 is for a server", .failed),
        Row("ERR unknown command 'NOPE'", hint: nil, .failed),
        Row("ERR No such master with that name", hint: nil, .failed),
        Row("ERR no such key", hint: nil, .failed),
        Row(
            "ERR The ID specified in XADD is equal or smaller than the target stream top item",
            hint: "the stream is past that id: leave out --keep-ids, or restore into an empty stream", .failed),
        Row("ERR DB index is out of range", hint: "the server has fewer databases than that", .failed),
        Row("ERR syntax error", hint: nil, .failed),
    ]
}
