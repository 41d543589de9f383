package import JSONWriting

// Bodies that factories send all the time: to be read strictly they are written again.

extension ClaimRequest: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("boot", boot)
        json.member("factory", factory)
        json.member("free", free)
        json.member("id", id)
        json.member("takesShip", takesShip)
        json.member("waitMilliseconds", waitMilliseconds)
        json.close()
    }
}

extension ReportRequest: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("fence", fence)
        json.member("items", items)
        json.close()
    }
}

extension HeartbeatRequest: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("boot", boot)
        json.member("claimsNothing", claimsNothing)
        json.member("drains", drains)
        json.member("facts", facts)
        json.member("held", held)
        json.member("load", load)
        json.close()
    }
}

extension SubmitRequest: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("files", files)
        json.member("product", product)
        json.member("profile", profile)
        json.member("repo", repo)
        json.close()
    }
}

extension SubmitRequest.File: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("name", name)
        json.member("text", text)
        json.close()
    }
}

// What is answered all the time.

extension Receipt: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("id", id)
        json.member("position", position)
        json.member("stage", stage)
        json.close()
    }
}

extension HeartbeatReply: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("lost", lost)
        json.member("orders", orders)
        json.member("paths", paths)
        json.member("renewed", renewed)
        json.close()
    }
}

extension SubmitReply: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("jobs", jobs)
        json.close()
    }
}

extension SubmitReply.Accepted: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("created", created)
        json.member("id", id)
        json.member("notes", notes)
        json.member("stage", stage)
        json.close()
    }
}
