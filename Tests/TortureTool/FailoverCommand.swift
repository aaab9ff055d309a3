import ArgumentParser
import Torture

/// `torture failover`: what the loss of a primary costs, as a table.
struct FailoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failover",
        abstract: "Measure what failovers and resharding lose, and for how long each role pauses.",
        discussion: "Exits with 1 where something acknowledged was lost although a replica was waited for.")

    @Option(help: ArgumentHelp("How often each fault comes in each run.", valueName: "count"))
    var rounds = 2

    @Option(help: ArgumentHelp("How many messages each of two producers is given in a second.", valueName: "number"))
    var rate = 200.0

    @Option(help: "The servers: sentinel or cluster (default: one after the other).")
    var deployment: DeploymentKind?

    @Option(help: "What keeps messages: none, minReplicas or wait (default: one after the other).")
    var safety: Safety?

    @OptionGroup var keeping: HistoryOptions

    func validate() throws {
        if let deployment, !FailoverRun.deployments.contains(deployment) {
            throw ValidationError("--deployment is sentinel or cluster: a single server has nobody to take over")
        }
    }

    func run() async throws {
        var table = FailoverTable()
        var violations: [Violation] = []
        for deployment in deployment.map({ [$0] }) ?? FailoverRun.deployments {
            for safety in safety.map({ [$0] }) ?? Safety.allCases {
                violations += try await measure(deployment, safety, &table)
            }
        }
        print(table.text, terminator: "")
        for violation in violations.prefix(40) { print(violation) }
        if !violations.isEmpty { throw ExitCode(1) }
        print("with --wait-replicas 1 nothing acknowledged was lost, and every invariant held")
    }

    private func measure(
        _ deployment: DeploymentKind, _ safety: Safety, _ table: inout FailoverTable
    ) async throws -> [Violation] {
        let folder = try keeping.makeFolder(named: "failover-\(deployment.rawValue)-\(safety.rawValue)")
        say("\(deployment.rawValue), kept by \(safety.text)")
        let run = FailoverRun(deployment, safety, rounds: rounds, rate: rate, folder: folder, progress: say)
        let result = try await run.figures()
        table.add(result.rows, deployment, safety)
        if try keeping.settle(folder, result.history, isGood: result.violations.isEmpty) { say("history in \(folder)") }
        return result.violations
    }
}

extension Safety: ExpressibleByArgument {}
