import FleetModel
import FleetTesting
import Testing

@Suite struct EqualFactoryTests {
    /// Factories, and stations of each.
    struct Size { let factories, stations: Int }

    static let sizes = [
        Size(factories: 4, stations: 1), Size(factories: 4, stations: 2),
        Size(factories: 3, stations: 4),
    ]

    @Test(arguments: sizes, EqualFactories.Lengths.allCases)
    func `under half load no factory is taken for more than 1.2 times as long as its equal`(
        size: Size,
        lengths: EqualFactories.Lengths
    ) {
        for products in [["main"], ["one", "one", "two"]] {
            var equal = EqualFactories(
                size.factories,
                stations: size.stations,
                products: products,
                lengths: lengths,
                seed: 2
            )
            equal.work(for: .hours(3), percent: 50)
            #expect((45...55).contains(equal.percentTaken), "else it is not half load")
            #expect(equal.ratio <= 120, "\(products): \(equal.taken)")
        }
    }

    @Test(arguments: sizes)
    func `under overload no factory is taken for more than 1.2 times as long as its equal`(
        size: Size
    ) {
        for products in [["main"], ["one", "one", "two"]] {
            var equal = EqualFactories(
                size.factories,
                stations: size.stations,
                products: products,
                lengths: .rarelyLong,
                seed: 1
            )
            equal.work(for: .hours(1), percent: 150)
            #expect(equal.percentTaken > 90, "else it is no overload")
            #expect(equal.ratio <= 120, "\(products): \(equal.taken)")
        }
    }
}
