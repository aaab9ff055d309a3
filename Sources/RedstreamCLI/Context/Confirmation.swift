import LineEditing
import RedstreamConnection
import RedstreamSystem

/// Asks before something is destroyed, if that was not allowed beforehand.
enum Confirmation {
    /// Returns whether somebody can be asked: a person at the terminal, for a command in the foreground.
    ///
    /// A command in the background would wait for an answer that goes to another one.
    static func isPossible(in context: CommandContext) -> Bool {
        guard context.inputIsTerminal, context.console.isTerminal else { return false }
        let foreground = tcgetpgrp(context.input)
        // A terminal that controls no process can be read by all.
        return foreground == -1 || foreground == getpgrp()
    }

    /// Returns the question before something happens.
    static func question(_ reason: String) -> String { "\(reason). Go on? [y/N] " }

    /// Returns whether an answer to that question is yes.
    static func isYes(_ answer: String) -> Bool { ["y", "yes"].contains(answer.trimmingBlanks.lowercased()) }

    /// Looks what a command would destroy.
    ///
    /// - Returns: The result; nil if the look fails for a reason that the command itself will tell.
    /// - Throws: The error of a server that is away for now: the command would try again, and nobody would have been
    ///   asked; `CancellationError`.
    static func look<Value>(_ body: () async throws -> Value) async throws -> Value? {
        do {
            return try await body()
        } catch let error as RedisError where error.retryAdvice != .fail {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            return nil
        }
    }

    /// Asks on the terminal.
    ///
    /// - Parameters:
    ///   - reason: What would happen.
    ///   - isAllowed: True if --yes was given.
    ///   - context: Where to ask; in the shell, which asks by itself, nothing is asked again.
    /// - Returns: True to go on.
    /// - Throws: ``Failure`` that names --yes where nobody can be asked; `CancellationError` after a signal.
    static func isGiven(for reason: String, isAllowed: Bool, in context: CommandContext) async throws -> Bool {
        if isAllowed || context.session != nil { return true }
        guard isPossible(in: context) else {
            throw Failure(.failed, "not done: \(reason)", hint: "--yes lets it run without a question")
        }
        context.console.ask(question(reason))
        let input = context.input
        let answer = try await context.interruptible { try await PlainLines(descriptor: input).nextLine() }
        if let answer, isYes(String(decoding: answer, as: UTF8.self)) { return true }
        context.console.note("nothing done")
        return false
    }
}
