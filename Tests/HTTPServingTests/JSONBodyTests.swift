import HTTPServing
import Testing

@Suite struct JSONBodyTests {
    private struct Order: Codable, Equatable {
        let name: String
        let count: Int

        enum CodingKeys: String, CodingKey, CaseIterable { case name, count }

        init(name: String, count: Int) {
            self.name = name
            self.count = count
        }

        init(from decoder: any Decoder) throws {
            try decoder.refuseUnknownFields(CodingKeys.self)
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            name = try fields.decode(String.self, forKey: .name)
            count = try fields.decode(Int.self, forKey: .count)
        }
    }

    private func decode(_ text: String) throws(Problem) -> [Order] {
        let target = RequestTarget("/")
        guard let target else { return [] }
        return try HTTPRequest(method: .post, target: target, body: Array(text.utf8))
            .decode([Order].self)
    }

    @Test(arguments: [
        ("", ""), ("{", ""), ("[{\"name\":\"a\"}]", "/0/count"),
        ("[{\"name\":\"a\",\"count\":\"1\"}]", "/0/count"),
        ("[{\"name\":\"a\",\"count\":1,\"cuont\":2}]", "/0/cuont"),
    ])
    func `a body that does not fit names the place`(text: String, place: String) {
        do {
            _ = try decode(text)
            Issue.record("accepted")
        } catch {
            #expect(error.status == 400)
            #expect(error.detail.contains(place), "\(error.detail)")
        }
    }

    @Test func `a value comes back as it went`() throws {
        let orders = [Order(name: "a/b", count: 1)]
        let response = HTTPResponse.encoding(orders)
        #expect(response.text == #"[{"count":1,"name":"a/b"}]"#)
        let decoded = try decode(response.text)
        #expect(decoded == orders)
        let answer = HTTPResponse.encoding(Double.nan)
        #expect(answer.status == 500)
        #expect(Problem(answer)?.type == "urn:giga:http.unencodable-answer")
    }

    @Test func `a problem survives the way`() {
        let problem = Problem(
            code: "job.unknown",
            title: "There is no job",
            status: 404,
            detail: "No event names it",
            hint: "giga jobs",
            errors: [.init(detail: "x", pointer: "/a")]
        )
        #expect(Problem(problem.response()) == problem)
        #expect(problem.code == "job.unknown")
        #expect(Problem(.text(404, "no")) == nil)
    }
}
