public import JSONWriting

// What JSON holds as one text or number.

extension Instant: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) { json.write(milliseconds) }
}

extension Timespan: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.write(milliseconds) }
}

extension JobID: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) { json.write("job-", number) }
}

extension FactoryID: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.write(name) }
}

extension Principal: JSONWritable {
    @usableFromInline
    package func write(to json: inout JSONBuffer) { json.write(description) }
}

extension Requirement: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.write(text) }
}

extension Fact: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.write(text) }
}

extension FactSet: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.list(facts) }
}

extension Glob: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.write(pattern) }
}

extension Digest: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.write(hex) }
}

extension Stage: JSONReadable, JSONWritable {}
extension Priority: JSONReadable, JSONWritable {}
extension ShipWay: JSONReadable, JSONWritable {}
extension ManifestStyle: JSONReadable, JSONWritable {}
extension Manifest.Output: JSONReadable, JSONWritable {}
extension FailureCause: JSONReadable, JSONWritable {}
extension Lease.Kind: JSONReadable, JSONWritable {}
extension Evidence.Gate: JSONReadable, JSONWritable {}
extension Evidence.Verdict: JSONReadable, JSONWritable {}
extension Artifact.Source: JSONReadable, JSONWritable {}
extension Job.ShipBlock: JSONReadable, JSONWritable {}
extension ShipRefused.Cause: JSONReadable, JSONWritable {}
extension Profile.Network: JSONWritable {}
extension Order.Kind: JSONWritable {}
