import FleetProtocol
import HTTPServing

/// What is looked at before a call is served: only what its description allows goes on.
extension Call {
    /// The line of the route table, with the checks in front.
    func route(_ api: FleetAPI) -> Route {
        let handler = serve(api)
        let reception = receive.map { receive in
            { @Sendable (request: HTTPRequest, parameters: PathParameters) -> Reception in
                do throws(Problem) {
                    try check(request, parameters, api)
                    return try receive(api, request, parameters)
                } catch {
                    return .answer(error.response())
                }
            }
        }
        return Route(method, pattern, name: name, reception: reception) {
            request,
            parameters,
            responder in
            do throws(Problem) {
                try check(request, parameters, api)
                handler(request, parameters, responder)
            } catch {
                responder.respond(error)
            }
        }
    }

    private func check(
        _ request: HTTPRequest,
        _ parameters: PathParameters,
        _ api: FleetAPI
    ) throws(Problem) {
        do throws(Problem) {
            try checkQuery(of: request)
            try checkHeaders(of: request)
            try checkType(of: request)
        } catch {
            // A stranger is told no more than that.
            throw who.refusal(of: request, api) ?? error
        }
        if let refusal = who.refusal(of: request, parameters, api) { throw refusal }
    }

    /// A misspelt parameter must not pass as one that was left out.
    private func checkQuery(of request: HTTPRequest) throws(Problem) {
        let known = parameters.filter { !$0.isHeader }
        var seen: Set<String> = []
        for item in request.query {
            guard let parameter = known.first(where: { $0.name == item.name }) else {
                let names = known.map(\.name).joined(separator: ", ")
                throw Problem(
                    code: "request.unknown-parameter",
                    title: "There is no parameter \"\(item.name)\" here",
                    status: 400,
                    detail: known.isEmpty ? "This call takes none" : "This call takes \(names)",
                    hint: "Correct its spelling, or leave it out"
                )
            }
            guard seen.insert(item.name).inserted else {
                throw Self.bad(parameter, "it is there twice")
            }
            if let fault = parameter.form.fault(of: item.value) {
                throw Self.bad(parameter, "it says \"\(item.value.prefix(80))\"; \(fault)")
            }
        }
        for parameter in known where parameter.isRequired && !seen.contains(parameter.name) {
            throw Self.bad(parameter, "it is missing")
        }
    }

    private func checkHeaders(of request: HTTPRequest) throws(Problem) {
        for parameter in parameters where parameter.isHeader {
            guard let text = request.header(parameter.name),
                let fault = parameter.form.fault(of: text)
            else { continue }
            throw Self.bad(parameter, "it says \"\(text.prefix(80))\"; \(fault)")
        }
    }

    private static func bad(_ parameter: Parameter, _ reason: String) -> Problem {
        Problem(
            code: "request.bad-parameter",
            title: "The parameter \(parameter.name) cannot be used",
            status: 400,
            detail: reason,
            hint: "giga api --path PATH describes the parameters of a path"
        )
    }

    /// A body without a type is taken for the first that the call reads.
    private func checkType(of request: HTTPRequest) throws(Problem) {
        guard let body, !(body.isOptional && request.body.isEmpty),
            let type = request.mediaType
        else { return }
        guard !body.forms.contains(where: { $0.type == type }) else { return }
        let known = body.forms.map(\.type).joined(separator: " or ")
        throw Problem(
            code: "http.unknown-type",
            title: "The body has a type that this call does not read",
            status: 415,
            detail: "The request says \(type.prefix(200)); this call reads \(known)",
            hint: "Content-Type: \(body.forms[0].type)"
        )
    }
}
