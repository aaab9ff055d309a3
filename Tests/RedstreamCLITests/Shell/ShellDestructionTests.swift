import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// Redis's own commands that destroy: which ask, and what they say.
struct ShellDestructionTests {
    /// The commands, with `{S}`, `{L}`, `{H}`, `{T}` for a stream of 3 entries, a list of 2, a hash of 1 and a string, and `{N}`
    /// for a key that is not there; and why each is refused, nil where it runs.
    private static let commands: [(command: String, reason: String?)] = [
        ("FLUSHALL", "FLUSHALL removes 4 keys of all databases"),
        ("FLUSHDB", "FLUSHDB removes 4 keys of this database"),
        ("DEL {S} {N}", "DEL removes 1 key ({S}, {N}) with 3 entries"), ("DEL {N}", nil),
        ("UNLINK {S}", "UNLINK removes 1 key ({S}) with 3 entries"), ("DEL {T}", "DEL removes 1 key ({T})"),
        ("GETDEL {T}", "GETDEL removes 1 key ({T})"),
        ("XTRIM {S} MAXLEN 1", "XTRIM removes entries of {S}, which has 3 entries"),
        ("XDEL {S} 1-0 2-0", "XDEL removes 2 entries of {S}"),
        ("XADD {S} MAXLEN 2 * a b", "XADD … MAXLEN 2 also removes 2 entries of {S}"),
        ("XADD {S} MAXLEN = 100 NOMKSTREAM", nil),
        ("XADD {S} MINID 5 * a b", "XADD … MINID also removes entries of {S}, which has 3 entries"),
        ("XSETID {S} 9-9", "XSETID changes the last id of {S}, which has 3 entries"),
        ("XGROUP DESTROY {S} g", "XGROUP DESTROY removes the group g of {S} with 0 pending entries"),
        ("XGROUP DELCONSUMER {S} g c", "XGROUP DELCONSUMER removes the consumer c and what is pending for it"),
        ("XGROUP SETID {S} g 0", "XGROUP SETID moves g in {S}: entries are skipped or delivered again"),
        ("CONFIG SET maxmemory 1", "CONFIG SET changes how the server runs, for everybody"),
        ("SHUTDOWN", "SHUTDOWN stops the server, for everybody"),
        ("SWAPDB 0 1", "SWAPDB exchanges two databases, for all clients"),
        ("REPLICAOF h 1", "REPLICAOF changes which server is the primary; a replica drops its own data"),
        ("DEBUG SEGFAULT", "DEBUG can stop or crash the server"),
        ("SCRIPT FLUSH", "SCRIPT FLUSH removes what others may be about to call"),
        ("FUNCTION FLUSH", "FUNCTION FLUSH removes or replaces what others may be about to call"),
        ("CLIENT KILL ID 1", "CLIENT KILL cuts connections of others"),
        ("ACL DELUSER bob", "ACL DELUSER changes who may do what"),
        ("MIGRATE 127.0.0.1 1 {S} 0 100", "MIGRATE removes from this server what it copies to another"),
        ("EXPIRE {S} 0", "EXPIRE … 0 removes 1 key ({S}) with 3 entries"), ("EXPIRE {T} 1000", nil),
        // Nobody can tell from the text: this one makes the name of the command.
        ("EVAL \"redis.call('D'..'EL', KEYS[1])\" 1 {S}", "EVAL runs a script, which may change or remove anything"),
        ("EVAL \"return redis.call('PING')\" 0", "EVAL runs a script, which may change or remove anything"),
        ("EVALSHA 0123 0", "EVALSHA runs a script, which may change or remove anything"),
        ("FCALL f 0", "FCALL runs a function, which may change or remove anything"),
        ("EVAL_RO \"return redis.call('XLEN', KEYS[1])\" 1 {S}", nil), ("FCALL_RO f 0", nil),
        // Of a family that acts on the server, only those are not asked about that are known to be harmless.
        ("FUNCTION RESTORE x", "FUNCTION RESTORE removes or replaces what others may be about to call"),
        ("FUNCTION LOAD REPLACE x", "FUNCTION LOAD removes or replaces what others may be about to call"),
        ("FUNCTION LOAD x", nil), ("FUNCTION LIST", nil), ("CLUSTER INFO", nil), ("ACL WHOAMI", nil),
        ("CLUSTER REPLICATE x", "CLUSTER REPLICATE makes the server a replica, which drops its own data"),
        ("CLUSTER ADDSLOTSRANGE 1 2", "CLUSTER ADDSLOTSRANGE changes which server has which keys"),
        ("CLUSTER BRANDNEW", "CLUSTER BRANDNEW changes which server has which keys"),
        ("ACL LOAD", "ACL LOAD changes who may do what"), ("CONFIG GET save", nil), ("SCRIPT EXISTS x", nil),
        ("CLIENT PAUSE 1", "CLIENT PAUSE holds up the commands of others"), ("CLIENT LIST", nil),
        // By what the server tells of its keys.
        ("LTRIM {L} 0 0", "LTRIM removes from {L}, a list of 2 elements"),
        ("LREM {L} 1 a", "LREM removes from {L}, a list of 2 elements"),
        ("HDEL {H} f", "HDEL removes from {H}, a hash of 1 field"), ("HDEL {N} f", nil),
        ("SPOP {N}", nil), ("SPOP {L}", "SPOP removes from {L}, a list of 2 elements"),
        ("RENAME {T} {S}", "RENAME replaces {S}, a stream of 3 entries"), ("COPY {T} {S}", nil),
        ("COPY {T} {S} REPLACE", "COPY replaces {S}, a stream of 3 entries"),
        ("SORT {L} ALPHA STORE {S}", "SORT replaces {S}, a stream of 3 entries"), ("SORT {L} ALPHA", nil),
        ("RESTORE {S} 0 x REPLACE", "RESTORE replaces {S}, a stream of 3 entries"),
        ("SUNIONSTORE {S} {N}", "SUNIONSTORE replaces {S}, a stream of 3 entries"),
        ("SET {S} x", "SET replaces {S}, a stream of 3 entries"), ("SET {T} x", nil), ("SET {S} x NX", nil),
        ("MSET {T} x {S} y", "MSET replaces {S}, a stream of 3 entries"),
        ("LRANGE {L} 0 -1", nil), ("XLEN {S}", nil), ("RPOPLPUSH {N} {N}", nil),
    ]

    @Test func refuseInAScriptWithTheReasonAndTheNumber() async throws {
        let server = try await RedisServer.start()
        try await withNamespace(on: server) { fixture in
            func named(_ text: String) -> String {
                ["S", "L", "H", "T", "N"].reduce(text) {
                    $0.replacing("{\($1)}", with: fixture.keys.stream($1).description)
                }
            }
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("S"))
            try await fixture.redis("RPUSH", fixture.keys.stream("L"), "a", "b")
            try await fixture.redis("HSET", fixture.keys.stream("H"), "f", "v")
            try await fixture.redis("SET", fixture.keys.stream("T"), "t")
            try await fixture.redis("XGROUP", "CREATE", fixture.keys.stream("S"), "g", "0")

            let script = Self.commands.map { named($0.command) + "\n" }.joined()
            let result = try await fixture.tool("shell", "--keep-going", input: .text(script)).result()
            var errors = result.errors.split(separator: "\n").map(String.init)
            errors.removeAll { $0.hasPrefix("hint: ") }
            for (number, (command, reason)) in Self.commands.enumerated() {
                let place = "redstream: standard input, line \(number + 1) failed"
                let failed = errors.firstIndex(of: place)
                if let reason {
                    let said = failed.flatMap { $0 > 0 ? errors[$0 - 1] : nil }
                    #expect(said == "redstream: not done: \(named(reason))", "\(command)")
                } else if let failed {
                    #expect(!errors[failed - 1].contains("not done"), "\(command)")
                }
            }
            #expect(try await fixture.length(fixture.keys.stream("S")) == 3)
            #expect(try await fixture.redis("LLEN", fixture.keys.stream("L")).integer == 2)
        }
    }

    @Test(arguments: [
        ("LTRIM k 0 1", "k", true), ("ZREMRANGEBYRANK z 0 1", "z", true), ("RENAME a b", "b", false),
        ("SORT k BY x STORE d", "d", false), ("BITOP AND d s", "d", false), ("COPY a b REPLACE", "b", false),
        ("SET k v", "k", false),
    ])
    func areKnownWhereTheServerTellsNothing(command: String, key: String, loses: Bool) {
        let words = command.split(separator: " ").map(String.init)
        #expect(KeyEffects.effectsByTable(of: words) == [.init(key: key, kind: loses ? .loses : .replaces)])
    }

    @Test(arguments: ["GET k", "COPY a b", "RESTORE k 0 x", "SET k v NX", "SORT k", "RENAME a"])
    func areFewWhereTheServerTellsNothing(command: String) {
        #expect(KeyEffects.effectsByTable(of: command.split(separator: " ").map(String.init)).isEmpty)
    }
}
