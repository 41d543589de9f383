/// Numbers of bytes for people.
enum Sizes {
    /// `1.4 MiB`: the largest unit of which there is at least one, with one digit.
    static func text(_ bytes: UInt64) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var unit = 0
        var size = bytes
        var rest: UInt64 = 0
        while size >= 1024, unit < units.count - 1 {
            rest = size % 1024
            size /= 1024
            unit += 1
        }
        return unit == 0 ? "\(size) bytes" : "\(size).\(rest * 10 / 1024) \(units[unit])"
    }
}
