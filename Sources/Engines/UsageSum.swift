package import FleetModel

/// One convention for all engines, that of OpenTelemetry's `gen_ai.usage`: `inputTokens` holds all
/// that was sent, cached or not, so the cached counts are parts of it; `outputTokens` holds all
/// that was generated, so reasoning is a part of it. Each adapter converts from its engine's.
extension Usage {
    /// The sum of `turns`: a count is known only when every turn reported it.
    package init(summing turns: [EngineTurn]) {
        func sum(_ part: (Usage) -> Int?) -> Int? {
            guard !turns.isEmpty else { return nil }
            var total = 0
            for turn in turns {
                guard let count = part(turn.usage) else { return nil }
                let (sum, overflow) = total.addingReportingOverflow(count)
                if overflow { return nil }
                total = sum
            }
            return total
        }
        self.init(
            inputTokens: sum(\.inputTokens),
            cachedReadTokens: sum(\.cachedReadTokens),
            cacheWriteTokens: sum(\.cacheWriteTokens),
            outputTokens: sum(\.outputTokens),
            reasoningTokens: sum(\.reasoningTokens)
        )
    }
}
