import Testing

@testable import RedstreamCLI

struct SecretLinesTests {
    @Test(arguments: [
        "AUTH hunter2", "auth me hunter2", "redis AUTH x", "3 auth x", "watch 2s AUTH x", "HELLO 2 AUTH u p",
        "ACL SETUSER me >pw", "CONFIG SET requirepass x", "config set masterauth x",
        "CONFIG SET maxmemory 1 requirepass x",
        "MIGRATE h 1 k 0 5 AUTH pw", "MIGRATE h 1 k 0 5 AUTH2 u pw", "connect redis://:pw@h:1",
        "trim --url redis://u:p@h",
        "produce --password-file x", "consume --password=x", "PING\nAUTH x", "AUTH 'open",
        "PING | redis-cli -u redis://:p@h",
    ])
    func staysOutOfTheHistory(line: String) {
        #expect(SecretLines.holdsSecret(line))
    }

    @Test(arguments: [
        "PING", "AUTH", "ACL LIST", "CONFIG GET requirepass", "connect redis://h:1/2", "produce '{\"auth\":1}'",
        "use author", "CONFIG SET maxmemory 1",
    ])
    func isKept(line: String) {
        #expect(!SecretLines.holdsSecret(line))
    }
}
