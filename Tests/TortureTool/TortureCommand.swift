import ArgumentParser
import Torture

/// The commands on processes and servers that fail.
@main struct TortureTool: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torture", abstract: "Let processes and servers fail, and judge what comes of it.",
        subcommands: [TortureCommand.self, FailoverCommand.self], defaultSubcommand: TortureCommand.self)
}

/// `torture run`: real processes, real faults, and a judgement of what came of it.
struct TortureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run producers, consumers, a delayer and a trimmer under faults, and check that nothing is lost.",
        discussion: "REDIS_SERVER names another server program, such as valkey-server.")

    @Option(help: ArgumentHelp("How long faults go on, such as 30s or 10m.", valueName: "duration"))
    var time = "1m"

    @Option(help: ArgumentHelp("What chooses the faults (default: another each time).", valueName: "number"))
    var seed = UInt64.random(in: 1...999_999)

    @Option(help: "The servers: single, sentinel or cluster.")
    var deployment = DeploymentKind.single

    @OptionGroup var keeping: HistoryOptions

    func validate() throws {
        if duration == nil { throw ValidationError("--time is a number with a unit: 30s, 10m or 1h") }
    }

    func run() async throws {
        let folder = try keeping.makeFolder(named: "torture-\(seed)")
        say("seed \(seed), \(deployment.rawValue), history in \(folder)")
        let run = TortureRun(
            .init(time: duration ?? .seconds(60), seed: seed, deployment: deployment, folder: folder), progress: say)
        let recorded = try await run.history()
        let report = Report(recorded)
        print(report.text, terminator: "")
        print("again         make torture TIME=\(time) SEED=\(seed) DEPLOYMENT=\(deployment.rawValue)")
        if try keeping.settle(folder, recorded, report: report.text, isGood: report.isGood) {
            print("history       \(folder)")
        }
        if !report.isGood { throw ExitCode(1) }
    }

    private var duration: Duration? {
        guard let unit = time.last, let number = Double(time.dropLast()), number > 0 else { return nil }
        let seconds: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        return seconds[unit].map { .seconds(number * $0) }
    }
}

extension DeploymentKind: ExpressibleByArgument {}
