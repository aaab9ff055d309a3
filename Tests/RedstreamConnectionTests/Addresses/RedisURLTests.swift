import RedstreamConnection
import Testing

@Suite(.timeLimit(.minutes(3))) struct RedisURLTests {
    @Test(arguments: [
        ("redis://127.0.0.1:6379", "127.0.0.1:6379", 0),
        ("redis://", "127.0.0.1:6379", 0),
        ("redis:///4", "127.0.0.1:6379", 4),
        ("redis://example", "example:6379", 0),
        ("redis://example:7000/3", "example:7000", 3),
        ("REDIS://example:7000/", "example:7000", 0),
        ("redis://[::1]:6380", "[::1]:6380", 0),
        ("unix:///run/redis.sock", "/run/redis.sock", 0),
        ("unix:///run/my%20redis.sock?db=2", "/run/my redis.sock", 2),
    ])
    func namesAnAddressAndADatabase(url: String, address: String, database: Int) throws {
        let configuration = try RedisConfiguration(url: url)
        #expect(configuration.address.description == address)
        #expect(configuration.database == database)
        #expect(configuration.username == nil)
        #expect(configuration.password == nil)
    }

    @Test(
        arguments: [
            ("redis://:secret@h", nil, "secret"),
            ("redis://alice:secret@h", "alice", "secret"),
            ("redis://al%40ice:p%40ss%2Fw%23%3Ao@h", "al@ice", "p@ss/w#:o"),
            ("redis://alice:100%25@h", "alice", "100%"),
            ("redis://alice:a:b@h", "alice", "a:b"),
            ("redis://:%C3%A9%00@h", nil, "é\0"),
            ("redis://h", nil, nil),
            ("redis://alice@h", "alice", nil),
            ("redis://alice:@h", "alice", nil),
            ("rediss://alice@h", "alice", nil),
            ("unix://alice@/run/redis.sock", "alice", nil),
            ("redis+sentinel://alice@h/service", "alice", nil),
            ("redis+cluster://alice@h", "alice", nil),
            ("unix://alice:secret@/run/redis.sock", "alice", "secret"),
        ] as [(String, String?, String?)])
    func namesAUserAndAPassword(url: String, user: String?, password: String?) throws {
        let configuration = try RedisConfiguration(url: url)
        #expect(configuration.username == user)
        #expect(configuration.password?.revealed == password)
    }

    @Test(arguments: [
        ("localhost:6379", "scheme"),
        ("", "scheme"),
        ("http://h", "unknown scheme"),
        ("redis+sentinel://h", "names no service"),
        ("redis+sentinel://h,,i/service", "between two commas"),
        ("redis+sentinel://h/?db=1", "behind its hosts"),
        ("redis+sentinel://h/service?db=1", "behind its hosts"),
        ("redis+cluster://h/1", "its one database only"),
        ("redis://h:0", "port"),
        ("redis://h:65536", "port"),
        ("redis://h/abc", "database"),
        ("redis://h/-1", "database"),
        ("redis://h/1/2", "database"),
        ("redis://h?db=1", "percent-encode"),
        ("redis://al ice:x@h", "percent-encoded"),
        ("redis://:p%ff@h", "not UTF-8"),
        ("redis://%E9:x@h", "not UTF-8"),
        ("redis+sentinel://:p%ff@h/service", "not UTF-8"),
        ("redis+sentinel://h/%ff", "not UTF-8"),
        ("unix:///run/%ff.sock", "not UTF-8"),
        ("unix:///run/a%00b.sock", "NUL"),
        ("redis://h%00i", "host"),
        ("redis://h\u{200B}", "cannot be read"),
        ("redis://h\r", "cannot be read"),
        ("\u{FEFF}redis://h", "unknown scheme"),
        ("unix://", "three slashes"),
        ("unix://run/redis.sock", "three slashes"),
        ("unix:///run/redis.sock?database=1", "?db=N"),
        ("unix:///run/redis.sock?db=x", "database"),
    ])
    func saysWhatIsWrong(url: String, reason: String) {
        let error = #expect(throws: RedisURLError.self) { _ = try RedisConfiguration(url: url) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test(arguments: [
        "redis://alice:hunter2 @h", "redis://alice:hunter2#@h", "redis://alice:hunter2/@h", "hunter2",
        "redis+sentinel://alice:hunter2@h", "redis://alice:hunter2@h:99999", "redis://alice:hunter2@h/x",
        "unix://alice:hunter2@host/x", "unix://alice:hunter2@/x?hunter2=1", "redis://alice:%ZZhunter2@h",
    ])
    func neverRepeatsThePasswordInAnError(url: String) {
        let error = #expect(throws: RedisURLError.self) { _ = try RedisConfiguration(url: url) }
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func aPasswordIsNotPrinted() throws {
        var configuration = try RedisConfiguration(url: "redis://alice:hunter2@h")
        configuration.passwordSource = PasswordSource("a file", initial: Secret("hunter2")) { Secret("hunter2") }
        var dumped = ""
        dump(configuration, to: &dumped)
        let texts = [
            "\(configuration)", String(reflecting: configuration), dumped, "\(configuration.address)",
            String(reflecting: configuration.password), "\(configuration.password as Any)",
        ]
        for text in texts { #expect(!text.contains("hunter2")) }
    }
}
