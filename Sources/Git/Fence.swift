/// The text of a fence ref: which lease was the last to claim the right to push, and how far it is.
package struct FenceValue: Hashable, Sendable, CustomStringConvertible {
    package let fence: UInt64
    package let step: UInt64

    /// What an absent ref reads as.
    package static let none = FenceValue(fence: 0, step: 0)

    package init(fence: UInt64, step: UInt64) {
        self.fence = fence
        self.step = step
    }

    /// Exactly `<fence>.<step>`, without sign, blank, leading zero or newline.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let fence = UInt64(parts[0]), let step = UInt64(parts[1]),
            "\(fence).\(step)" == text
        else { return nil }
        self.init(fence: fence, step: step)
    }

    package var description: String { "\(fence).\(step)" }
}

/// What a fence ref of the origin was seen to hold.
package struct FenceReading: Hashable, Sendable {
    package let ref: String
    /// Nil: the ref does not exist.
    package let object: ObjectID?
    package let value: FenceValue
}

/// The ref that decides which of several runs of a job may push.
package enum Fence {
    package static func ref(fleet: String, job: String) -> String {
        "refs/giga/fence/\(fleet)/\(job)"
    }
}

extension Mirror {
    /// Reads a fence at the origin.
    package func readFence(_ ref: String) throws(GitFault) -> FenceReading {
        for _ in 0..<3 {
            guard let object = try remoteRef(ref) else {
                return FenceReading(ref: ref, object: nil, value: .none)
            }
            // Another run may move the ref between the two calls; then its new value is read.
            if try !has(object) { try fetch(ref: ref, to: "refs/giga/seen/\(object)") }
            guard try has(object) else { continue }
            let text = String(decoding: try readBlob(object, limit: 64), as: UTF8.self)
            guard let value = FenceValue(text) else {
                throw GitFault(
                    .unsound,
                    command: "fence",
                    words: "\(ref) holds \(text.debugDescription)"
                )
            }
            return FenceReading(ref: ref, object: object, value: value)
        }
        throw GitFault(
            .stale(ref: ref),
            command: "fence",
            words: "\(ref) moves too fast to be read"
        )
    }

    /// Takes a fence: moves its ref from the value read to `<fence>.0`.
    ///
    /// Taking it again after a lost reply is no harm. A newer fence, or our own at a later step
    /// (this very run pushed already), throws `overtaken`.
    package func takeFence(_ ref: String, fence: UInt64) throws(GitFault) -> FenceReading {
        let wanted = FenceValue(fence: fence, step: 0)
        let object = try writeBlob(Array(wanted.description.utf8))
        for attempt in 1...3 {
            let seen = try readFence(ref)
            if seen.value == wanted { return seen }
            guard seen.value.fence < fence else {
                let words = "\(ref) is at \(seen.value), not before \(wanted)"
                throw GitFault(.overtaken(by: seen.value), command: "fence", words: words)
            }
            do throws(GitFault) {
                try push([RefUpdate(ref, from: seen.object, to: object)])
                return FenceReading(ref: ref, object: object, value: wanted)
            } catch {
                // Moved since it was read: by whom is what the next round finds out.
                guard case .stale = error.kind, attempt < 3 else { throw error }
            }
        }
        throw GitFault(.stale(ref: ref), command: "fence", words: "\(ref) moves too fast")
    }

    /// Moves a target forward and the taken fence to its next step, both or neither.
    @discardableResult
    package func shipPush(
        target: String,
        from expected: ObjectID,
        to new: ObjectID,
        under fence: FenceReading,
        also others: [RefUpdate] = []
    ) throws(GitFault) -> String {
        let next = FenceValue(fence: fence.value.fence, step: fence.value.step + 1)
        let object = try writeBlob(Array(next.description.utf8))
        let updates = [
            RefUpdate(target, from: expected, to: new, fastForward: true),
            RefUpdate(fence.ref, from: fence.object, to: object),
        ]
        return try push(updates + others)
    }

    /// The commit in `base..target` that carries a job's trailer; nil when it has not landed.
    package func landedCommit(
        on target: ObjectID,
        since base: ObjectID?,
        job: String
    ) throws(GitFault) -> ObjectID? {
        let format = "%H %(trailers:key=Gigafactory-Job,valueonly,separator=%x2C)"
        var call = GitProgram.Call(["log", "--format=\(format)", target.hex], in: path)
        if let base { call.arguments.append("^\(base)") }
        call.arguments.append("--")
        for line in try program.run(call).text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[1].split(separator: ",").contains(Substring(job)) else {
                continue
            }
            return ObjectID(parts[0])
        }
        return nil
    }
}
