import FoundationEssentials
import Redstream
import RedstreamConnection
import TestSupport

/// A server whose append-only file is kept whole: it is never rewritten for its size, and what the server replaces is
/// kept by hard links.
struct AppendOnlyServer: Sendable {
    let server: RedisServer
    let name: String

    /// The lines of its redis.conf.
    private static let lines = [
        "auto-aof-rewrite-percentage 0", "aof-use-rdb-preamble no", "maxmemory-policy noeviction",
    ]

    /// Returns the options of such a server.
    static func options(listensOnTCP: Bool = false, lines: [String] = []) -> RedisServer.Options {
        .init(isDurable: true, listensOnTCP: listensOnTCP, survivesFileSizeLimit: true, lines: Self.lines + lines)
    }

    static func start(named name: String, listensOnTCP: Bool = false, lines: [String] = []) async throws -> Self {
        let server = try await RedisServer.start(options(listensOnTCP: listensOnTCP, lines: lines))
        return AppendOnlyServer(server: server, name: name)
    }

    func connect() async throws -> RedisConnection {
        var configuration = server.configuration
        configuration.connectTimeout = .seconds(1)
        configuration.commandTimeout = .seconds(2)
        return try await RedisConnection.connect(to: configuration, name: "torture")
    }

    /// Runs a command again and again until the server has carried it out.
    @discardableResult
    func insist(_ command: String, _ arguments: String...) async throws -> RedisReply {
        try await eventually("\(name) has carried out \(command)", within: .seconds(30)) {
            guard let connection = try? await connect() else { return nil }
            defer { connection.close() }
            let reply = try? await connection.call(command, arguments.map { $0 as any RedisArgument })
            return reply
        }
    }

    /// Carries out a fault that leaves the server where it is.
    func suffer(_ fault: Fault) async throws {
        switch fault {
        case .clientKill: try await insist("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        case .scriptFlush: try await insist("SCRIPT", "FLUSH")
        case .memoryFull(let pause):
            try await insist("CONFIG", "SET", "maxmemory", "1mb")
            try await Task.sleep(for: pause)
            try await insist("CONFIG", "SET", "maxmemory", "0")
        default: break
        }
    }

    /// Takes its replica away, and then writes for a moment that nobody else has.
    ///
    /// The replica stands still so that it cannot come back; whoever calls this lets it run on.
    func standAlone(without replica: AppendOnlyServer) async throws {
        replica.server.pause()
        try await insist("CLIENT", "KILL", "TYPE", "replica")
        try await Task.sleep(for: Self.timeAlone)
    }

    /// For how long.
    static let timeAlone = Duration.milliseconds(300)

    /// Stops it from writing another few bytes to its disk, until it ends: with `appendfsync always` it does.
    func fillDisk() async throws {
        guard let processID = server.processID, let size = largestFileSize() else { return }
        guard limitFileSize(of: processID, to: size + 1_000) else { return }
        do {
            try await eventually("the server has met the full disk", within: .seconds(5)) { !server.isRunning }
        } catch {
            _ = limitFileSize(of: processID, to: .max)
        }
    }

    private func largestFileSize() -> UInt64? {
        files.compactMap { path in
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size]
            return size as? UInt64 ?? (size as? Int).map(UInt64.init)
        }.max()
    }

    // MARK: - The files

    /// Redis 7 has a folder of files and a list of them; 6.2 has one file.
    private var folder: String { "\(server.dataDirectory)/appendonlydir" }
    private var archiveFolder: String { "\(server.dataDirectory)/archive" }

    private var files: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let parts = names.filter { $0.hasSuffix(".aof") && !$0.hasPrefix("temp") }.map { "\(folder)/\($0)" }
        return parts.isEmpty ? ["\(server.dataDirectory)/appendonly.aof"] : parts
    }

    /// Keeps the files that are there now, whatever becomes of their names.
    func archive() throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: archiveFolder, withIntermediateDirectories: true)
        for file in files where manager.fileExists(atPath: file) {
            let number = try manager.attributesOfItem(atPath: file)[.systemFileNumber].map { "\($0)" } ?? "0"
            let known = try manager.contentsOfDirectory(atPath: archiveFolder)
            guard !known.contains(where: { $0.hasSuffix("~\(number)") }) else { continue }
            let name = file.split(separator: "/").last.map(String.init) ?? "file"
            let order = String(10_000 + known.count)
            try manager.linkItem(atPath: file, toPath: "\(archiveFolder)/\(order)~\(name)~\(number)")
        }
    }

    /// The parts of the server's history, each a base and what followed it.
    ///
    /// - Parameters:
    ///   - cast: Whose keys matter.
    ///   - dumps: Reads keys that came from another node of a cluster; nil where there is none.
    /// - Returns: The parts in their order.
    /// - Throws: What cannot be read.
    func segments(for cast: Cast, dumps: KeyDumps? = nil) throws -> [Segment] {
        try archive()
        let names = try FileManager.default.contentsOfDirectory(atPath: archiveFolder).sorted()
        var groups: [[String]] = []
        for base in names where base.contains(".base.") { groups.append([base]) }
        // Bases and what follows them are numbered alike, since nothing but a new base begins a new file.
        for part in names where part.contains(".incr.") {
            guard let number = part.fileSequence else { continue }
            let place = groups.firstIndex { $0[0].fileSequence == number } ?? groups.indices.last
            if let place { groups[place].append(part) } else { groups.append([part]) }
        }
        if groups.isEmpty { groups = names.map { [$0] } }
        return try groups.enumerated().map { number, group in
            var replayer = Replayer(cast, dumps: dumps)
            for name in group {
                // Redis 6.2 keeps a base and what followed it in one file. Its first file is no copy of anything.
                var base = name.contains(".incr.") || number == 0 ? nil : RestatedPart()
                try AppendOnlyFile.read("\(archiveFolder)/\(name)") { command in
                    if base?.ends(before: command) == true { replayer.begin() }
                    replayer.carryOut(command)
                }
                if name.contains(".base.") { replayer.begin() }
            }
            return Segment(server: self.name, records: replayer.records)
        }
    }

    /// Copies the files, and the server's log.
    func keep(in folder: String) throws {
        let manager = FileManager.default
        try? manager.copyItem(atPath: archiveFolder, toPath: "\(folder)/\(name).aof")
        try? server.log.write(toFile: "\(folder)/\(name).log", atomically: false, encoding: .utf8)
    }
}

extension String {
    /// The number in `appendonly.aof.2.incr.aof`.
    fileprivate var fileSequence: Int? {
        let parts = split(separator: ".")
        guard let place = parts.firstIndex(where: { $0 == "incr" || $0 == "base" }), place > 0 else { return nil }
        return Int(parts[place - 1])
    }
}
