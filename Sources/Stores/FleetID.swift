/// The name of one store among all stores; whatever leaves it carries this.
enum FleetID {
    /// Ten random lower-case letters: 47 bits, so that two people's fleets do not meet.
    static func random() -> String {
        let letters = "abcdefghijklmnopqrstuvwxyz"
        return String((0..<10).compactMap { _ in letters.randomElement() })
    }
}
