/// Tokens of one turn or of a run; a count that nobody reported is nil.
///
/// One convention for all engines, that of OpenTelemetry's `gen_ai.usage`: `inputTokens` holds all
/// that was sent, cached or not, so the cached counts are parts of it; `outputTokens` holds all
/// that was generated, so reasoning is a part of it. Each adapter converts from its engine's.
package struct EngineUsage: Hashable, Sendable {
    package var inputTokens: Int?
    package var cachedReadTokens: Int?
    package var cacheWriteTokens: Int?
    package var outputTokens: Int?
    package var reasoningTokens: Int?

    package init(
        inputTokens: Int? = nil,
        cachedReadTokens: Int? = nil,
        cacheWriteTokens: Int? = nil,
        outputTokens: Int? = nil,
        reasoningTokens: Int? = nil
    ) {
        self.inputTokens = inputTokens
        self.cachedReadTokens = cachedReadTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
    }

    /// The sum of `turns`: a count is known only when every turn reported it.
    package init(summing turns: [EngineTurn]) {
        func sum(_ part: (EngineUsage) -> Int?) -> Int? {
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
