/// A fact that did not come true in time.
package struct NotInTime: Error, CustomStringConvertible {
    /// The fact that was waited for.
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Waits until a fact holds, by looking again and again.
///
/// The limit is generous, since only a failing test waits for so long; under a sanitizer it is longer. Then
/// ``NotInTime`` is thrown, with `what`, the fact in words.
package func eventually(
    _ what: @autoclosure () -> String = "the fact holds", within limit: Duration = .seconds(60),
    file: StaticString = #fileID, line: UInt = #line, _ fact: () async throws -> Bool
) async throws {
    let _: Bool = try await eventually(what(), within: limit, file: file, line: line) {
        try await fact() ? true : nil
    }
}

/// Waits until there is a value, and returns it.
@discardableResult
package func eventually<Value>(
    _ what: @autoclosure () -> String = "there is a value", within limit: Duration = .seconds(60),
    file: StaticString = #fileID, line: UInt = #line, _ value: () async throws -> Value?
) async throws -> Value {
    // Limits of less than a second belong to facts that must not come true.
    let limit = limit < .seconds(1) ? limit : limit * Sanitizer.slowness
    let deadline = ContinuousClock.now.advanced(by: limit)
    while true {
        if let value = try await value() { return value }
        guard ContinuousClock.now < deadline else {
            throw NotInTime("\(file):\(line): not within \(limit): \(what())")
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// The best of several tries at something that is promised to take less than a bound.
///
/// A promise of milliseconds holds on an idle machine, not on each try of one that is busy with other tests. The first
/// try that keeps it is enough; code that breaks it breaks it in every try.
package func fastestTry(
    under bound: Duration, of tries: Int = 20, _ body: (Int) async throws -> Duration
) async throws -> Duration {
    var best = Duration.seconds(3600)
    for number in 0..<tries where best >= bound { best = min(best, try await body(number)) }
    return best
}
