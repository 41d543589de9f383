package import JSONWriting

// What JSON holds as one text or number.

extension Instant: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.write(milliseconds) }
}

extension Timespan: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.write(milliseconds) }
}

extension JobID: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.write("job-", number) }
}

extension FactoryID: JSONWritable {
    package func write(to json: inout JSONBuffer) { json.write(name) }
}

extension Principal: JSONWritable {
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

extension Stage: JSONWritable {}
extension Priority: JSONWritable {}
extension ShipWay: JSONWritable {}
extension ManifestStyle: JSONWritable {}
extension Manifest.Output: JSONWritable {}
extension FailureCause: JSONWritable {}
extension Lease.Kind: JSONWritable {}
extension Evidence.Gate: JSONWritable {}
extension Evidence.Verdict: JSONWritable {}
extension Artifact.Source: JSONWritable {}
extension Job.ShipBlock: JSONWritable {}
extension ShipRefused.Cause: JSONWritable {}
extension Profile.Network: JSONWritable {}
