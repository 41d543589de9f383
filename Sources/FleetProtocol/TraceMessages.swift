/// `GET /fleet/jobs/{id}/trace`: a job's life as spans, as collectors of OpenTelemetry take it.
///
/// It is an `ExportTraceServiceRequest` of OTLP in its JSON encoding: ids are hexadecimal digits,
/// 64-bit numbers are text, and enumerations are numbers.
package struct JobTrace: Hashable, Sendable, Codable {
    package var resourceSpans: [ResourceSpans]

    package init(resource: [Attribute], scope: String, spans: [Span]) {
        resourceSpans = [
            ResourceSpans(
                resource: Resource(attributes: resource),
                scopeSpans: [ScopeSpans(scope: Scope(name: scope), spans: spans)]
            )
        ]
    }

    package struct ResourceSpans: Hashable, Sendable, Codable {
        package var resource: Resource
        package var scopeSpans: [ScopeSpans]
    }

    package struct Resource: Hashable, Sendable, Codable {
        package var attributes: [Attribute]
    }

    package struct ScopeSpans: Hashable, Sendable, Codable {
        package var scope: Scope
        package var spans: [Span]
    }

    package struct Scope: Hashable, Sendable, Codable {
        package var name: String
    }

    package struct Span: Hashable, Sendable, Codable {
        /// 32 hexadecimal digits, the same in every span of a job.
        package var traceId: String
        /// 16 hexadecimal digits.
        package var spanId: String
        /// Nil for the job itself.
        package var parentSpanId: String?
        package var name: String
        /// 1 is internal: nothing here is a request or a reply.
        package var kind = 1
        package var startTimeUnixNano: String
        package var endTimeUnixNano: String
        package var attributes: [Attribute]
        package var events: [Moment] = []
        package var status = Status()

        package init(
            traceId: String,
            spanId: String,
            parentSpanId: String?,
            name: String,
            startTimeUnixNano: String,
            endTimeUnixNano: String,
            attributes: [Attribute]
        ) {
            self.traceId = traceId
            self.spanId = spanId
            self.parentSpanId = parentSpanId
            self.name = name
            self.startTimeUnixNano = startTimeUnixNano
            self.endTimeUnixNano = endTimeUnixNano
            self.attributes = attributes
        }
    }

    /// Something that happened within a span.
    package struct Moment: Hashable, Sendable, Codable {
        package var timeUnixNano: String
        package var name: String
        package var attributes: [Attribute]

        package init(timeUnixNano: String, name: String, attributes: [Attribute]) {
            self.timeUnixNano = timeUnixNano
            self.name = name
            self.attributes = attributes
        }
    }

    /// 0 says nothing, 1 is well, 2 is an error.
    package struct Status: Hashable, Sendable, Codable {
        package var code = 0
        package var message: String?

        package init(code: Int = 0, message: String? = nil) {
            self.code = code
            self.message = message
        }
    }

    package struct Attribute: Hashable, Sendable, Codable {
        package var key: String
        package var value: Value

        /// Exactly one of them.
        package struct Value: Hashable, Sendable, Codable {
            package var stringValue: String?
            package var intValue: String?
            package var boolValue: Bool?
        }

        package static func text(_ key: String, _ value: String) -> Attribute {
            Attribute(key: key, value: Value(stringValue: value))
        }

        package static func number(_ key: String, _ value: some BinaryInteger) -> Attribute {
            Attribute(key: key, value: Value(intValue: "\(value)"))
        }

        package static func flag(_ key: String, _ value: Bool) -> Attribute {
            Attribute(key: key, value: Value(boolValue: value))
        }
    }
}
