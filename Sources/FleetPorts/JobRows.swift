/// What a store must know of a job's row to find it without reading it.
package struct JobMark: Hashable, Sendable {
    /// The job's number: fixed, and unique over all products.
    package let number: UInt64
    package let stage: String
    /// Whether the stage is a final one; the row is then left out of `Store.loadOpen`.
    package let hasEnded: Bool
    /// Fixed, and unique in its product.
    package let idempotencyKey: String?

    package init(number: UInt64, stage: String, hasEnded: Bool, idempotencyKey: String?) {
        self.number = number
        self.stage = stage
        self.hasEnded = hasEnded
        self.idempotencyKey = idempotencyKey
    }
}

extension StoreTable {
    /// The tables, beside that of the jobs, that a coordinator starts from.
    package static let ofStart: [StoreTable] = [.factories, .profiles, .repositories, .state]
}

/// Which jobs a list asks for.
package struct JobPage: Hashable, Sendable {
    /// Only jobs of this product; nil asks for all products.
    package var product: String?
    /// Only jobs that ended in this stage; nil asks for all jobs, open ones too.
    package var endedStage: String?
    /// Only jobs with a greater number.
    package var after: UInt64
    package var limit: Int

    package init(
        product: String? = nil,
        endedStage: String? = nil,
        after: UInt64 = 0,
        limit: Int
    ) {
        self.product = product
        self.endedStage = endedStage
        self.after = after
        self.limit = limit
    }
}

/// One job of a page.
package struct ListedJob: Hashable, Sendable {
    package let number: UInt64
    /// Its row; nil while the job is open, because memory knows that one better.
    package let body: [UInt8]?

    package init(number: UInt64, body: [UInt8]?) {
        self.number = number
        self.body = body
    }
}
