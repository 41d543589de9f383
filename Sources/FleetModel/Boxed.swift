/// A large value in an allocation of its own, so that a copy of its owner is one reference more.
///
/// Whoever changes the value while another owner has it too makes an allocation of his own. Coded as
/// the value itself.
@usableFromInline
@propertyWrapper
package struct Boxed<Value: Sendable>: Sendable {
    // `@unchecked Sendable`: it is written to in one place, `wrappedValue`, and only when the `Boxed`
    // that is being changed is its one owner. Nobody else has a reference to read it by or to make
    // another one from, and Swift lets nobody read a `Boxed` while it is being changed; that is also
    // why access to `value` itself need not be checked.
    @usableFromInline final class Box: @unchecked Sendable {
        @usableFromInline @exclusivity(unchecked) var value: Value
        @usableFromInline init(_ value: Value) { self.value = value }
    }

    @usableFromInline var box: Box

    @inlinable package init(wrappedValue: Value) { box = Box(wrappedValue) }

    @inlinable package var wrappedValue: Value {
        _read { yield box.value }
        _modify {
            if !isKnownUniquelyReferenced(&box) { box = Box(box.value) }
            yield &box.value
        }
    }
}

extension Boxed: Equatable where Value: Equatable {
    @inlinable package static func == (left: Self, right: Self) -> Bool {
        left.box === right.box || left.box.value == right.box.value
    }
}

extension Boxed: Hashable where Value: Hashable {
    @inlinable package func hash(into hasher: inout Hasher) { box.value.hash(into: &hasher) }
}

extension Boxed: Encodable where Value: Encodable {
    @usableFromInline
    package func encode(to encoder: any Encoder) throws { try box.value.encode(to: encoder) }
}

extension Boxed: Decodable where Value: Decodable {
    @usableFromInline
    package init(from decoder: any Decoder) throws {
        self.init(wrappedValue: try Value(from: decoder))
    }
}

/// A large value that is mostly absent: nothing is allocated for nil.
@usableFromInline
@propertyWrapper
package struct BoxedOptional<Value: Sendable>: Sendable {
    /// Never of nil.
    @usableFromInline var box: Boxed<Value?>?

    @inlinable package init(wrappedValue: Value?) {
        box = wrappedValue.map { Boxed(wrappedValue: $0) }
    }

    @inlinable package var isPresent: Bool { box != nil }

    @inlinable package var wrappedValue: Value? {
        _read {
            if let box { yield box.wrappedValue } else { yield nil }
        }
        set { box = newValue.map { Boxed(wrappedValue: $0) } }
        _modify {
            var present = box ?? Boxed(wrappedValue: nil)
            // So that it has one owner, and is changed in place.
            box = nil
            defer { if present.wrappedValue != nil { box = present } }
            yield &present.wrappedValue
        }
    }
}

extension BoxedOptional: Equatable where Value: Equatable {}
extension BoxedOptional: Hashable where Value: Hashable {}

extension KeyedEncodingContainer {
    /// What synthesised coding calls: nil is left out, as any optional is.
    package mutating func encode<Value: Encodable>(
        _ value: BoxedOptional<Value>,
        forKey key: Key
    ) throws {
        try encodeIfPresent(value.wrappedValue, forKey: key)
    }
}

extension KeyedDecodingContainer {
    /// What synthesised coding calls: a key that is not there stands for nil.
    package func decode<Value: Decodable>(
        _ type: BoxedOptional<Value>.Type,
        forKey key: Key
    ) throws -> BoxedOptional<Value> {
        BoxedOptional(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
    }
}

extension BoxedOptional: Encodable where Value: Encodable {
    @usableFromInline
    package func encode(to encoder: any Encoder) throws { try box?.encode(to: encoder) }
}

extension BoxedOptional: Decodable where Value: Decodable {
    @usableFromInline
    package init(from decoder: any Decoder) throws {
        self.init(wrappedValue: try Value(from: decoder))
    }
}
