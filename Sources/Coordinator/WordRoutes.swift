import FleetCore
import FleetModel
import FleetProtocol
import HTTPServing

/// Calls by which people answer agents, order queues, and hold products.
extension FleetAPI {
    static let wordCalls: [Call] = [
        Call(
            .post,
            "/fleet/jobs/{id}/answer",
            name: "answerJob",
            "Answers a job's open question; its next attempt goes on with that",
            who: .person,
            body: .json(AnswerRequest(text: "Use port 8080")),
            replies: [.json(200, Receipt.self, "Answered")],
            problems: [.unknownJob, .noQuestion, .emptyAnswer],
            serve: \.answer
        ),
        Call(
            .post,
            "/fleet/jobs/{id}/reprioritise",
            name: "reprioritiseJob",
            "Gives a job another place in the queue",
            who: .person,
            body: .json(PriorityRequest(priority: .high)),
            replies: [.json(200, Receipt.self, "Done, or it was so already")],
            problems: [.unknownJob, .ended],
            serve: \.reprioritise
        ),
        hold("pause", "Starts nothing more of a product", []) { product, reason, person in
            .pauseProduct(product, reason: reason, by: person)
        },
        hold("resume", "Lets a product start work again", [.productNotPaused]) {
            product,
            reason,
            person in
            .resumeProduct(product, reason: reason, by: person)
        },
    ]

    private static func hold(
        _ verb: String,
        _ summary: String,
        _ problems: [Problem.Kind],
        _ command: @escaping @Sendable (String, String, Principal) -> Command
    ) -> Call {
        Call(
            .post,
            "/fleet/products/{product}/\(verb)",
            name: "\(verb)Product",
            summary,
            who: .person,
            body: .json(VerbRequest(reason: "The design changes"), isOptional: true),
            replies: [.json(200, Receipt.self, "Done, or it was so already")],
            problems: [.badProduct] + problems
        ) { api in
            api.changing { request, parameters, person throws(Problem) in
                let body = request.body.isEmpty ? nil : try request.decodeStrictly(VerbRequest.self)
                let reason = body?.reason ?? "asked by \(person)"
                return command(parameters["product"] ?? "", reason, person)
            }
        }
    }

    private var answer: Route.Handler {
        changing { request, parameters, person throws(Problem) in
            let body = try request.decodeStrictly(AnswerRequest.self)
            return .answer(try job(parameters), text: body.text, by: person)
        }
    }

    private var reprioritise: Route.Handler {
        changing { request, parameters, person throws(Problem) in
            let body = try request.decodeStrictly(PriorityRequest.self)
            return .reprioritise(try job(parameters), body.priority, by: person)
        }
    }
}
