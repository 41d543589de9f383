import FleetModel
import Git

/// What a failed call of git means for a ship run, in words for whoever can mend it.
enum ShipTrouble {
    /// After the target was looked at, and the change was not there.
    static func refusal(afterLook fault: GitFault, target: String) -> ShipResult {
        switch fault.kind {
        case .stale(let ref) where ref == target:
            .refused(.targetMoved, detail: lines(fault))
        case .overtaken: .refused(.overtaken, detail: lines(fault))
        case .forbidden: .refused(.pushRefused, detail: noPermission(fault))
        case .rejected(_, let reason): .refused(.pushRefused, detail: declined(reason, fault))
        case .refused, .stale:
            .refused(.pushRefused, detail: ["git refused it: \(last(fault))"] + lines(fault))
        // A push that broke off may still be at work over there, until the next run's fence.
        default: refusal(unseen: fault)
        }
    }

    /// While nobody knows what the target holds.
    static func refusal(unseen fault: GitFault) -> ShipResult {
        switch fault.kind {
        case .unreachableRemote, .notARepository, .timedOut:
            .refused(
                .unreachable,
                detail: [
                    "the origin cannot be reached: \(last(fault))",
                    "is it up, and does this factory's network lead to it?",
                ] + lines(fault)
            )
        case .forbidden: .refused(.forbidden, detail: noPermission(fault))
        case .rejected(_, let reason): .refused(.forbidden, detail: declined(reason, fault))
        default:
            .refused(.unseen, detail: ["git failed: \(last(fault))"] + lines(fault))
        }
    }

    private static func noPermission(_ fault: GitFault) -> [String] {
        [
            "this factory has no permission to push there: \(last(fault))",
            "give its user the right, or let a factory that has it ship: giga factory list",
        ] + lines(fault)
    }

    private static func declined(_ reason: String, _ fault: GitFault) -> [String] {
        let isHook = reason.contains("hook")
        return [
            isHook
                ? "a hook of the origin declined the push: \(hookWords(fault) ?? reason)"
                : "the origin declined the push: \(reason)",
            "what it says comes from the origin's own rules; whoever owns it can change them",
        ] + lines(fault)
    }

    /// What the origin itself said, which git marks.
    private static func hookWords(_ fault: GitFault) -> String? {
        let said = lines(fault).filter { $0.hasPrefix("remote: ") }
            .map { $0.dropFirst("remote: ".count) }
        return said.last { !$0.allSatisfy(\.isWhitespace) }.map { words in
            words.split(separator: " ").joined(separator: " ")
        }
    }

    private static func lines(_ fault: GitFault) -> [String] {
        ["git \(fault.command)"] + fault.words.split(separator: "\n").map(String.init)
    }

    /// The line that says most: git's own conclusion, where it gave one.
    private static func last(_ fault: GitFault) -> String {
        let words = fault.words.split(separator: "\n")
        let fatal = words.first { $0.hasPrefix("fatal: ") }
        return String(fatal?.dropFirst("fatal: ".count) ?? words.last ?? "it said nothing")
    }
}
