import FleetModel
import FleetProtocol
import HTTPServing
import Testing

@testable import Coordinator

/// The OpenAPI document against the table that it is made from, and against the server.
struct APIDescriptionTests {
    private func document() throws -> JSONTree { try APIDescription.described(version: "0.0.1") }

    /// Every object in the document, with the path to it.
    private func objects(
        _ tree: JSONTree,
        at place: String = ""
    ) -> [(place: String, fields: [String: JSONTree])] {
        switch tree {
        case .object(let fields):
            [(place, fields)] + fields.flatMap { objects($1, at: "\(place)/\($0)") }
        case .list(let items):
            items.enumerated().flatMap { objects($1, at: "\(place)/\($0)") }
        default: []
        }
    }

    @Test func `No object schema is open, and no answer is left to chance`() throws {
        for (place, fields) in objects(try document()) {
            if fields["properties"] != nil, fields["type"] != nil {
                #expect(fields["additionalProperties"] == false, "\(place)")
            }
            if place.hasSuffix("/responses") { #expect(fields["default"] == nil, "\(place)") }
        }
    }

    @Test func `Every reference leads somewhere, and nothing is described in vain`() throws {
        let document = try document()
        guard case .object(let schemas) = document["components"]?["schemas"] else {
            Issue.record("there are no schemas")
            return
        }
        let used = objects(document).compactMap { place, fields -> String? in
            guard case .text(let reference) = fields["$ref"] else { return nil }
            return String(reference.dropFirst("#/components/schemas/".count))
        }
        #expect(Set(used) == Set(schemas.keys))
    }

    @Test func `Every call of the table is described once, with all that it may answer`() throws {
        let document = try document()
        let names = FleetAPI.calls.map(\.name)
        #expect(Set(names).count == names.count)
        for call in FleetAPI.calls {
            let path = try #require(document["paths"]?[call.pattern], "\(call.pattern)")
            let operation = try #require(path[call.method.rawValue.lowercased()])
            #expect(operation["operationId"] == .text(call.name))
            guard case .object(let responses) = operation["responses"] else { continue }
            let statuses = Set(call.replies.map(\.status) + call.problems.map(\.status))
            #expect(Set(responses.keys) == Set(statuses.map(String.init)), "\(call.name)")
        }
    }

    @Test func `One code has one status in the whole table`() {
        var known: [String: Int] = [:]
        for kind in FleetAPI.calls.flatMap(\.problems) {
            #expect(known.updateValue(kind.status, forKey: kind.code) ?? kind.status == kind.status)
        }
    }

    @Test func `The server hands out the document, without a token`() throws {
        let rig = try ServerRig()
        let response = try rig.ask(.get, "/openapi.json", token: nil)
        #expect(response.status == 200)
        #expect(response.header("Content-Type") == "application/json")
        #expect(response.body == JSONBody.bytes(try document()))
    }

    @Test func `What may be called by whom is what the document says`() throws {
        let rig = try ServerRig()
        let factory = try rig.enlist()
        for call in FleetAPI.calls where call.name != "openStream" {
            let path = call.pathForms.reduce(call.pattern) { path, parameter in
                path.replacing("{\(parameter.name)}", with: "nobody")
            }
            func status(_ token: String?) throws -> Int {
                try rig.ask(call.method, path + "?misspelt", token: token).status
            }
            let isOpen: [Call.Who] = [.anybody, .reader, .listener]
            let isClosed = !isOpen.contains(call.who)
            let isForPeople = isClosed && call.who != .factory && call.who != .joining
            #expect(try status(nil) == (isClosed ? 401 : 400), "\(call.name)")
            #expect(try status("stranger") == (call.who == .anybody ? 400 : 401), "\(call.name)")
            #expect(try status(factory) == (isForPeople ? 403 : 400), "\(call.name)")
            #expect(
                try status(ServerRig.operatorToken) == (call.who == .factory ? 401 : 400),
                "\(call.name)"
            )
        }
    }

    @Test func `A body of another type is refused before it is read`() throws {
        let rig = try ServerRig()
        let factory = try rig.enlist()
        for call in FleetAPI.calls {
            guard let body = call.body else { continue }
            let path = call.pathForms.reduce(call.pattern) { path, parameter in
                path.replacing("{\(parameter.name)}", with: parameter.form.example)
            }
            let query = call.parameters.filter(\.isRequired).map { "\($0.name)=1" }
            let response = try rig.ask(
                call.method,
                path + (query.isEmpty ? "" : "?" + query.joined(separator: "&")),
                token: call.who == .factory ? factory : ServerRig.operatorToken,
                Array("a=b".utf8),
                headers: ["Content-Type": "application/x-www-form-urlencoded"]
            )
            #expect(response.status == 415, "\(call.name)")
            #expect(response.problem?.code == "http.unknown-type", "\(call.name)")
            #expect(response.problem?.hint?.contains(body.forms[0].type) == true)
        }
    }
}
