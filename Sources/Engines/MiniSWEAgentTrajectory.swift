import FleetModel
import FoundationEssentials

/// The file that mini-swe-agent rewrites after each step (`trajectory_format` 1.1, read leniently:
/// a field that is missing or of another type is unknown, and says nothing about the others).
struct MiniSWEAgentTrajectory {
    private let whole: JSONValue
    let messages: [Message]

    /// Nil for half a file.
    init?(_ bytes: [UInt8]) {
        guard let whole = JSONValue(bytes), let messages = whole["messages"]?.array else {
            return nil
        }
        self.whole = whole
        self.messages = messages.enumerated().map { Message(value: $1, index: $0) }
    }

    var version: String? { whole["info"]?["mini_version"]?.text }

    /// Its own word for its ending; nil while it runs or when it was killed.
    var exitStatus: String? {
        guard messages.last?.role == "exit", let status = whole["info"]?["exit_status"]?.text else {
            return nil
        }
        return status.isEmpty ? nil : status
    }

    var submission: String? {
        let text = whole["info"]?["submission"]?.text
        return text?.isEmpty == true ? nil : text
    }

    /// How many requests it began; a request without a reply may have been billed all the same.
    var requests: Int? { whole["info"]?["model_stats"]?["api_calls"]?.integer }

    /// The sentence of the exception that ended it.
    var exceptionText: String? { messages.last?.extra?["exception_str"]?.text }

    var turns: [EngineTurn] { messages.compactMap(\.turn) }

    /// One message of the conversation.
    struct Message {
        let value: JSONValue
        let index: Int

        var role: String? { value["role"]?.text }
        var extra: JSONValue? { value["extra"] }

        /// The content's text, also where a provider sends it in parts.
        private var text: String? {
            if let text = value["content"]?.text { return text }
            let parts = value["content"]?.array?.compactMap { $0["text"]?.text }
            return parts?.joined(separator: "\n")
        }

        /// The reply of the model that this message holds; also one of the wrong form, which was
        /// paid for and stands in the message that complains about it.
        var turn: EngineTurn? {
            guard let response = extra?["response"], response.object != nil else { return nil }
            var cost: Int64?
            if let dollars = extra?["cost"]?.number, dollars > 0 {
                cost = Self.microUSD(dollars)
            }
            let seconds = extra?["timestamp"]?.number ?? response["created"]?.number
            return EngineTurn(
                id: response["id"]?.text ?? "message-\(index)",
                model: response["model"]?.text,
                endedAt: seconds.flatMap(Self.instant),
                usage: Usage(openAI: response["usage"]),
                costMicroUSD: cost
            )
        }

        var progress: [EngineProgress] {
            let cost = turn.map { [EngineProgress.cost($0)] } ?? []
            switch role {
            case "system": return []
            case "user" where extra == nil && index < 2: return []
            case "assistant":
                let said = text.flatMap { $0.isEmpty ? nil : EngineProgress.message($0) }
                let commands = extra?["actions"]?.array?.compactMap { $0["command"]?.text } ?? []
                return cost + (said.map { [$0] } ?? []) + commands.map(EngineProgress.command)
            case "tool":
                let code = extra?["returncode"]?.integer
                return [.tool("bash", status: code.map { "exit \($0)" } ?? "unknown")]
            case "user": return cost + [.message(text ?? "")]
            case "exit":
                return [.message("Ended: \(extra?["exit_status"]?.text ?? text ?? "unknown")")]
            default: return cost + [.output(value.description, .progress)]
            }
        }

        /// Rounded up: a price that is shown is never lower than the true one.
        private static func microUSD(_ dollars: Decimal) -> Int64? {
            let text = (dollars * 1_000_000).description
            guard let whole = wholePart(text) else { return nil }
            return text.contains(".") ? whole + 1 : whole
        }

        private static func instant(_ seconds: Decimal) -> Instant? {
            wholePart((seconds * 1000).description).map(Instant.init(milliseconds:))
        }

        /// Nil when it is negative or so large that one more would not fit.
        private static func wholePart(_ text: String) -> Int64? {
            guard let whole = Int64(text.prefix { $0 != "." }), whole >= 0, whole < .max else {
                return nil
            }
            return whole
        }
    }
}

extension Usage {
    /// Reads the `usage` of a chat completion.
    ///
    /// There, cached tokens are part of the prompt's and reasoning is part of the completion's. All
    /// zero is what a client fills in when the server sent nothing.
    init(openAI usage: JSONValue?) {
        let sent = usage?["prompt_tokens"]?.integer
        let written = usage?["completion_tokens"]?.integer
        guard (sent ?? 0) > 0 || (written ?? 0) > 0 else {
            self.init()
            return
        }
        let details = usage?["prompt_tokens_details"]
        self.init(
            inputTokens: sent,
            cachedReadTokens: details?["cached_tokens"]?.integer
                ?? usage?["cache_read_input_tokens"]?.integer,
            cacheWriteTokens: usage?["cache_creation_input_tokens"]?.integer
                ?? details?["cache_creation_tokens"]?.integer,
            outputTokens: written,
            reasoningTokens: usage?["completion_tokens_details"]?["reasoning_tokens"]?.integer
        )
    }
}
