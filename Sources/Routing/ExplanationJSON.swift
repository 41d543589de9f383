import FleetModel
package import JSONWriting

extension Explanation: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("candidates", candidates)
        json.member("condition", condition)
        json.member("engine", engine)
        json.member("factory", factory)
        json.member("inputs", inputs)
        json.member("matched", matched)
        json.member("nearest", nearest)
        json.member("placed", placed)
        json.member("precedence", precedence)
        json.member("reason", reason)
        json.member("rejected", rejected)
        json.member("rejectedByReason", rejectedByReason)
        json.member("score", score)
        json.member("seed", seed)
        json.member("terms", terms)
        json.member("tieBreak", tieBreak)
        json.member("weights", weights)
        json.close()
    }
}

extension Candidate: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("costClass", costClass)
        json.member("engine", engine)
        json.member("factory", factory)
        json.member("inputs", inputs)
        json.member("load", load)
        json.member("lot", lot)
        json.member("score", score)
        json.member("terms", terms)
        json.close()
    }
}

extension CandidateInputs: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("costClass", costClass)
        json.member("didProduct", didProduct)
        json.member("facts", facts)
        json.member("healthPPM", healthPPM)
        json.member("isLate", isLate)
        json.member("isWarm", isWarm)
        json.member("loadPPM", loadPPM)
        json.member("rareCapabilities", rareCapabilities)
        json.member("recentAssignments", recentAssignments)
        json.member("stations", stations)
        json.close()
    }
}

extension DecisionInputs: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("assignments", assignments)
        json.member("demand", demand)
        json.member("job", job)
        json.member("microUSDLeft", microUSDLeft)
        json.member("prefers", prefers)
        json.member("product", product)
        json.member("repository", repository)
        json.member("requirements", requirements)
        json.member("rivals", rivals)
        json.close()
    }
}

extension Precedence: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("ageing", ageing)
        json.member("decidedAt", decidedAt)
        json.member("lift", lift)
        json.member("priority", priority)
        json.member("product", product)
        json.member("rival", rival)
        json.member("rivalTime", rivalTime)
        json.member("rule", rule)
        json.member("submittedAt", submittedAt)
        json.member("virtualTime", virtualTime)
        json.member("weight", weight)
        json.close()
    }
}

extension MatchedRequirement: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("fact", fact)
        json.member("requirement", requirement)
        json.close()
    }
}

extension Rejection: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("factory", factory)
        json.member("reason", reason)
        json.close()
    }
}

extension ReasonCount: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("count", count)
        json.member("reason", reason)
        json.close()
    }
}

extension NearestMiss: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("factory", factory)
        json.member("missing", missing)
        json.close()
    }
}

extension RoutingWeights: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("affinity", affinity)
        json.member("capabilityFit", capabilityFit)
        json.member("cost", cost)
        json.member("health", health)
        json.member("load", load)
        json.member("starvation", starvation)
        json.close()
    }
}

extension RoutingTerms: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("affinity", affinity)
        json.member("capabilityFit", capabilityFit)
        json.member("cost", cost)
        json.member("health", health)
        json.member("load", load)
        json.member("starvation", starvation)
        json.close()
    }
}

extension StationKind: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("classes", classes)
        json.member("engine", engine)
        json.close()
    }
}

extension StationGroup: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("expectedMicroUSD", expectedMicroUSD)
        json.member("free", free)
        json.member("kind", kind)
        json.member("total", total)
        json.close()
    }
}

extension EngineDemand: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        switch self {
        case .engine(let name): json.object("engine") { $0.member("_0", name) }
        case .engineClass(let name): json.object("engineClass") { $0.member("_0", name) }
        case .none: json.object("none") { _ in }
        }
        json.close()
    }
}

extension TieBreak: JSONWritable {}
extension Precedence.Rule: JSONWritable {}
