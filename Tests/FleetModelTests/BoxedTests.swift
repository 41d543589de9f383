import Foundation
import Testing

@testable import FleetModel

@Suite struct BoxedTests {
    private struct Owner: Codable, Equatable {
        @BoxedOptional var words: [String]?
    }

    @Test func `a change of one copy is none of the other`() {
        var first = Boxed(wrappedValue: ["a"])
        let second = first
        first.wrappedValue.append("b")
        #expect(first.wrappedValue == ["a", "b"])
        #expect(second.wrappedValue == ["a"])
        first.wrappedValue.append("c")
        #expect(second.wrappedValue == ["a"])
    }

    @Test func `the same holds for what may be absent`() {
        var first = Owner(words: ["a"])
        let second = first
        first.words?.append("b")
        #expect(first.words == ["a", "b"] && second.words == ["a"])
        first.words = nil
        #expect(first.words == nil && second.words == ["a"])
    }

    @Test func `what became nil in place is as absent as what never was there`() {
        var box = BoxedOptional(wrappedValue: "a" as String?)
        func clear(_ text: inout String?) { text = nil }
        clear(&box.wrappedValue)
        #expect(!box.isPresent && box == BoxedOptional(wrappedValue: nil))
        clear(&box.wrappedValue)
        #expect(!box.isPresent)
    }

    @Test func `null is no value, neither of a field nor by itself`() throws {
        let owner = try JSONDecoder().decode(Owner.self, from: Data(#"{"words":null}"#.utf8))
        #expect(owner == Owner(words: nil) && owner.words == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([BoxedOptional<String>].self, from: Data("[null]".utf8))
        }
        #expect(try JSONEncoder().encode(owner) == Data("{}".utf8))
    }
}
