import FleetModel
package import FleetProtocol
import HTTPServing

/// The whole API as an OpenAPI 3.1 document, made from the table that the routes are made from.
package enum APIDescription {
    /// As it is served: `/openapi.json`.
    package static func bytes(version: String) -> [UInt8] {
        JSONBody.bytes(document(version: version)) ?? []
    }

    package static func document(version: String) -> JSONTree {
        do { return try described(version: version) } catch {
            preconditionFailure("every message of the table can be described: \(error)")
        }
    }

    static func described(version: String) throws -> JSONTree {
        let probe = SchemaProbe()
        var paths: [String: JSONTree] = [:]
        for call in FleetAPI.calls {
            var path = paths[call.pattern] ?? [:]
            path[call.method.rawValue.lowercased()] = try operation(call, probe)
            paths[call.pattern] = path
        }
        _ = try probe.schema(of: Problem.self)
        return [
            "openapi": "3.1.1",
            "info": [
                "title": "Gigafactory", "version": .text(version), "summary": .text(summary),
                "description": .text(description),
                "license": ["name": "Apache License 2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "tags": .list(tags.map { ["name": .text($0.name), "description": .text($0.words)] }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(probe.named.mapValues(\.tree)),
                "securitySchemes": securitySchemes,
            ],
        ]
    }

    private static let summary = "A coordinator that ships jobs through machines with agents"

    private static let description = """
        Every error is a problem document (RFC 9457) whose `type` is `urn:giga:` and a code. \
        A path takes HEAD where it takes GET; any other method is answered with 405 and `Allow`, \
        and a path that is not here with 404. Objects are closed: a field or a parameter that is \
        not described is refused. A field that may be left out is left out, never null.
        """

    private static let tags: [(name: String, words: String)] = [
        ("jobs", "Jobs and what people decide on them"),
        ("factories", "Factories, their leases and their runs"),
        ("fleet", "The fleet as a whole"),
        ("server", "The server itself"),
    ]

    private static func tag(of call: Call) -> String {
        let parts = call.pattern.split(separator: "/")
        guard parts.first == "fleet" else { return "server" }
        return switch parts.dropFirst().first {
        case "jobs": "jobs"
        case "factories", "leases", "runs": "factories"
        default: "fleet"
        }
    }

    private static func operation(_ call: Call, _ probe: SchemaProbe) throws -> JSONTree {
        var tree: JSONTree = [
            "operationId": .text(call.name), "summary": .text(call.summary),
            "tags": [.text(tag(of: call))], "security": security(of: call.who),
            "x-who": .text(call.who.rawValue), "responses": try responses(call, probe),
        ]
        let parameters = pathParameters(call) + call.allParameters.map(parameter)
        if !parameters.isEmpty { tree["parameters"] = .list(parameters) }
        if let body = call.body {
            tree["requestBody"] = [
                "required": .flag(!body.isOptional), "content": try content(body.forms, probe),
            ]
        }
        return tree
    }

    private static func pathParameters(_ call: Call) -> [JSONTree] {
        call.pathForms.map { name, form in
            [
                "name": .text(name), "in": "path", "required": true, "schema": form.schema.tree,
                "example": .text(form.example),
            ]
        }
    }

    private static func parameter(_ parameter: Call.Parameter) -> JSONTree {
        [
            "name": .text(parameter.name), "in": parameter.isHeader ? "header" : "query",
            "required": .flag(parameter.isRequired), "description": .text(parameter.words),
            "schema": parameter.form.schema.tree,
        ]
    }

    private static func content(
        _ forms: [Call.Media],
        _ probe: SchemaProbe
    ) throws -> JSONTree {
        var content: [String: JSONTree] = [:]
        for form in forms {
            var media: JSONTree = ["schema": try form.schema(probe)]
            media["example"] = form.example()
            content[form.type] = media
        }
        return .object(content)
    }
}

extension APIDescription {
    private static func responses(_ call: Call, _ probe: SchemaProbe) throws -> JSONTree {
        var responses: [String: JSONTree] = [:]
        for reply in call.replies {
            var response: JSONTree = ["description": .text(reply.words)]
            if let media = reply.media {
                let forms = [media, reply.alternative].compactMap(\.self)
                response["content"] = try content(forms, probe)
            }
            responses["\(reply.status)"] = response
        }
        for (status, kinds) in Dictionary(grouping: call.problems, by: \.status) {
            responses["\(status)"] = problems(Set(kinds.map(\.type)).sorted(), status)
        }
        return .object(responses)
    }

    private static func problems(_ types: [String], _ status: Int) -> JSONTree {
        let narrowed: JSONTree = [
            "properties": [
                "type": ["enum": .list(types.map(JSONTree.text))],
                "status": ["const": .number(Int64(status))],
            ]
        ]
        var response: JSONTree = [
            "description": .text(types.joined(separator: ", ")),
            "content": [
                Problem.contentType: [
                    "schema": ["allOf": [Schema.named("Problem").tree, narrowed]]
                ]
            ],
        ]
        if status == 503 {
            response["headers"] = [
                "Retry-After": [
                    "description": "Seconds; where it is known", "required": false,
                    "schema": ["type": "integer", "minimum": 0],
                ]
            ]
        }
        return response
    }

    private static func security(of who: Call.Who) -> JSONTree {
        let person: JSONTree = ["person": []]
        let factory: JSONTree = ["factory": []]
        return switch who {
        case .anybody: []
        case .reader, .listener: [[:], person, factory]
        case .person, .overseer, .admin, .auditor: [person]
        case .factory: [factory]
        case .joining: [person, factory]
        }
    }

    private static let securitySchemes: JSONTree = [
        "person": [
            "type": "http", "scheme": "bearer",
            "description": "The token of a person, such as the operator's",
        ],
        "factory": [
            "type": "http", "scheme": "bearer",
            "description": "The token that a factory got when it registered",
        ],
    ]
}
