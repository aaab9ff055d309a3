import Metrics
import MetricsTestKit
import Redstream

/// The counters of the library in this process.
enum Measured {
    /// The factory of all metrics; a test that counts asks for it before it begins.
    static let metrics = {
        let metrics = TestMetrics()
        MetricsSystem.bootstrap(metrics)
        return metrics
    }()

    /// The sum of a counter of one stream; 0 for one that was never incremented.
    static func total(_ label: String, stream: String) -> Int64 {
        (try? metrics.expectCounter(label, [("stream", stream)]).totalValue) ?? 0
    }
}
