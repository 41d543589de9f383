import Stores
import Testing

@Suite struct PostgresAddressTests {
    @Test(arguments: [
        "", "postgres", "postgres:/", "sqlite://x", "host=db password=sesame",
        "postgres://ann:sesame@[db/x", "postgres://ann:sesame@db/x?nothing=1",
    ])
    func `what is no address is none`(text: String) {
        #expect(PostgresAddress(text) == nil)
    }

    @Test(arguments: [
        ("postgres://db/giga", "postgres://db/giga"),
        ("postgresql://ann@db:5433/giga", "postgres://ann@db:5433/giga"),
        ("postgres://ann:sesame@db/giga?sslmode=require", "postgres://ann@db/giga"),
        ("postgres://ann@one,two:7/giga?password=sesame", "postgres://ann@one,two:,7/giga"),
        ("postgres://ann:sesame@/g?host=/run/pg&port=7", "postgres://ann@/g?host=/run/pg&port=7"),
        ("postgres://db/giga?sslpassword=sesame", "postgres://db/giga"),
    ])
    func `a label has no password`(url: String, label: String) throws {
        let address = try #require(PostgresAddress(url))
        #expect(address.label == label)
        #expect(address.hasPassword == url.contains("sesame"))
        var dumped = ""
        dump(address, to: &dumped)
        for text in ["\(address)", String(reflecting: address), dumped] {
            #expect(!text.contains("sesame"), "\(text)")
        }
    }
}
