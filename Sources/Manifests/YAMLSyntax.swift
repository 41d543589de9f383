/// What libyaml says about a text that is no YAML, in words that help whoever wrote it.
enum YAMLSyntax {
    static func fault(
        problem: String,
        at mark: Mark,
        seen: String,
        line: String,
        context: String?,
        from start: Mark
    ) -> YAMLFault {
        let here = seen.isEmpty ? "this line" : QuotedText.excerpt(seen)
        var message = "\(here) cannot be read as YAML: \(problem)"
        // Unclosed brackets and quotes are found at the end; what helps is where they began.
        if let context, start < mark, start.line > 0, context.hasPrefix("while") {
            message += ", \(context) that starts at \(start.line):\(start.column)"
        }
        let hint = hint(problem, context ?? "", seen, line)
        return YAMLFault(mark, message, hint: hint, isSyntax: true)
    }

    private static func hint(_ problem: String, _ context: String, _ seen: String, _ line: String)
        -> String
    {
        if context.contains("alias") {
            return "begin an item of a list with \"- \"; put quotes around text that starts with *"
        }
        if problem.contains("mapping values are not allowed") {
            if line.contains("reviewers:") { return "write review-policy: {reviewers: [alice]}" }
            if line.first == " " { return "line up the fields: this one is indented" }
            return "put quotes around it: \": \" inside plain text starts a new value"
        }
        if seen.hasPrefix("\t") || seen.hasPrefix(" \t") {
            return "indent with spaces: YAML takes no tabs there"
        }
        if problem.contains("cannot start any token") {
            return "put quotes around it: plain text starts with none of @ ` %"
        }
        if problem.contains("<document start>") {
            return "one document is read: remove the line ... and what follows it"
        }
        if context.contains("quoted scalar") {
            return "close the quote; inside '…' a quote is written twice"
        }
        if problem.contains("',' or ']'") || problem.contains("',' or '}'") {
            return "close the bracket, put a comma between two items, or quotes around text "
                + "that has brackets"
        }
        if problem.contains("node content") {
            return "between two commas there is nothing: remove one, or write \"\""
        }
        if context.contains("anchor") || context.contains("alias") || context.contains("tag") {
            return "put quotes around it: plain text starts with none of & * !"
        }
        if problem.contains("could not find expected ':'") {
            return "write `field: value`, and indent further lines of a long text"
        }
        return "put quotes around the value, and line up the fields below each other"
    }
}
