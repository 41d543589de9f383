import Foundation
import Manifests
import Testing

@Suite struct FieldReferenceTests {
    private static let folder = ShippedProfileTests.root.appending(path: "docs/reference")

    @Test func `the reference pages are what the field table says`() throws {
        try Golden.check(
            FieldReference.manifest,
            at: Self.folder.appending(path: "manifest.md")
        )
        try Golden.check(
            FieldReference.configuration,
            at: Self.folder.appending(path: "configuration.md")
        )
    }

    /// By the table itself, not by the text that was made of it.
    @Test func `every key of the configuration is documented with its variable`() throws {
        let page = try String(
            contentsOf: Self.folder.appending(path: "configuration.md"),
            encoding: .utf8
        )
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for row in FieldTable.rows(of: .configuration) {
            let line = rows.first { $0.hasPrefix("| `\(row.name)` |") }
            #expect(line != nil, "\(row.name)")
            let variable = "GIGA_" + row.name.uppercased().replacing("-", with: "_")
            let maps = ["artifacts", "budget", "engines", "probes", "shares", "weights"]
            let isMap = maps.contains(row.name)
            #expect(line?.contains("`\(variable)`") == !isMap, "\(row.name)")
        }
    }

    @Test(arguments: FieldTable.FileKind.allCases)
    func `a schema is JSON and has every field`(kind: FieldTable.FileKind) throws {
        let data = Data(FieldSchema.json(of: kind).utf8)
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: Any])
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        #expect(Set(properties.keys) == Set(FieldTable.rows(of: kind).map(\.name)))
    }
}
