import FleetModel
import FleetProtocol

/// Jobs and what they wait for, as text, as a picture's source, and as data.
struct JobGraph {
    struct Node: Hashable, Sendable, Codable {
        var id: JobID
        var title: String
        var stage: Stage
        var condition: String?
        var dependencies: [JobID]
        var dependents: [JobID]
    }

    struct Document: Hashable, Sendable, Codable { var jobs: [Node] }

    private let nodes: [JobID: Node]

    /// All jobs with an edge, or everything that is joined to `wanted`, however far.
    init(_ jobs: [JobSummary], around wanted: [JobID]) {
        var dependents: [JobID: [JobID]] = [:]
        for job in jobs {
            for other in job.dependencies { dependents[other, default: []].append(job.id) }
        }
        var all: [JobID: Node] = [:]
        for job in jobs {
            all[job.id] = Node(
                id: job.id,
                title: job.title,
                stage: job.stage,
                condition: job.condition,
                dependencies: job.dependencies.sorted(),
                dependents: dependents[job.id, default: []].sorted()
            )
        }
        guard !wanted.isEmpty else {
            nodes = all.filter { !$0.value.dependencies.isEmpty || !$0.value.dependents.isEmpty }
            return
        }
        var (joined, rest) = ([JobID: Node](), wanted)
        while let id = rest.popLast() {
            guard joined[id] == nil, let node = all[id] else { continue }
            joined[id] = node
            rest += node.dependencies + node.dependents
        }
        nodes = joined
    }

    var isEmpty: Bool { nodes.isEmpty }

    var document: Document { Document(jobs: nodes.values.sorted { $0.id < $1.id }) }

    /// What comes first at the left; whoever waits for it below and further right.
    ///
    /// A job that waits for several stands below the first of them with all of its own, and is
    /// only named below the others.
    var lines: [String] {
        var (lines, seen) = ([String](), Set<JobID>())
        let roots = document.jobs.filter { node in
            !node.dependencies.contains { nodes[$0] != nil }
        }
        for root in roots { append(root, "", "", &lines, &seen) }
        return lines
    }

    private func append(
        _ node: Node,
        _ head: String,
        _ indent: String,
        _ lines: inout [String],
        _ seen: inout Set<JobID>
    ) {
        guard seen.insert(node.id).inserted else {
            lines.append("\(head)\(node.id)  (above)")
            return
        }
        let state = node.condition.map { "\(node.stage.rawValue): \($0)" } ?? node.stage.rawValue
        lines.append("\(head)\(node.id)  \(state)  \(node.title)")
        let next = node.dependents.compactMap { nodes[$0] }
        for (index, child) in next.enumerated() {
            let isLast = index == next.count - 1
            append(
                child,
                indent + (isLast ? "└─ " : "├─ "),
                indent + (isLast ? "   " : "│  "),
                &lines,
                &seen
            )
        }
    }

    /// For Graphviz: an arrow leads from what comes first to what waits for it.
    var dot: [String] {
        var lines = ["digraph jobs {", "  rankdir=LR;", "  node [shape=box];"]
        for node in document.jobs {
            let label = "\(node.id)\\n\(Self.escaped(node.title))\\n\(node.stage.rawValue)"
            lines.append("  \"\(node.id)\" [label=\"\(label)\"];")
        }
        for node in document.jobs {
            for next in node.dependents where nodes[next] != nil {
                lines.append("  \"\(node.id)\" -> \"\(next)\";")
            }
        }
        return lines + ["}"]
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\"", "\\": escaped += "\\\(character)"
            case _ where character.isNewline: escaped += " "
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
