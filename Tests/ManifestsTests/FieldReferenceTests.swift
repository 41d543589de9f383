import Foundation
import Manifests
import Testing

@Suite struct FieldReferenceTests {
    private static let folder = ShippedProfileTests.root.appending(path: "docs/reference")

    @Test func `the reference page is what the field table says`() throws {
        try Golden.check(
            FieldReference.markdown,
            at: Self.folder.appending(path: "manifest.md")
        )
    }

    @Test(arguments: FieldTable.FileKind.allCases)
    func `a schema is JSON and has every field`(kind: FieldTable.FileKind) throws {
        let data = Data(FieldSchema.json(of: kind).utf8)
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: Any])
        #expect(Set(properties.keys) == Set(FieldTable.rows(of: kind).map(\.name)))
    }
}
