import FleetModel
import Manifests

/// Durations as flags take them: `90s 45m 4h 2d 1h30m`.
enum Durations {
    static func option(
        _ name: String,
        _ arguments: Arguments
    ) throws(CommandFault) -> Timespan? {
        guard let text = arguments.value(name) else { return nil }
        guard let span = span(of: text), span > .zero else {
            throw .usage(
                "--\(name) is \"\(text)\"",
                why: "a duration is a number with ms, s, m, h or d",
                hint: "--\(name) 60s"
            )
        }
        return span
    }

    /// Besides what files may say also `500ms`: tests and demos live faster than people.
    private static func span(of text: String) -> Timespan? {
        if text.hasSuffix("ms") { return Int64(text.dropLast(2)).map(Timespan.init(milliseconds:)) }
        return Quantities.timespan(text)
    }
}
