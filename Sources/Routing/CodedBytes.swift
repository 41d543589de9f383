/// Pieces of records that are coded once and written often, end to end in one array.
///
/// An array of its own for each would be counted each time that it is written: a placement writes
/// some twenty of them.
struct CodedBytes: Sendable {
    /// Where a piece is.
    struct Piece: Hashable, Sendable {
        fileprivate(set) var start: Int32 = 0
        fileprivate(set) var count: Int32 = 0
        var length: Int { Int(count) }
    }

    private var bytes: [UInt8] = []
    /// Bytes of pieces that were replaced by longer ones.
    private var holes = 0
    var count: Int { bytes.count }
    /// Most of it is holes: worth keeping its pieces anew.
    var isMostlyHoles: Bool { holes > bytes.count / 2 }

    /// Keeps a piece until it is replaced.
    mutating func keep(_ piece: [UInt8]) -> Piece {
        let kept = Piece(start: Int32(bytes.count), count: Int32(piece.count))
        bytes += piece
        return kept
    }

    /// Keeps another piece instead of one that nobody needs any more.
    mutating func replace(_ piece: Piece, with next: [UInt8]) -> Piece {
        holes += Int(piece.count)
        return keep(next)
    }

    @inline(__always)
    func withBytes<Result>(
        of piece: Piece,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        bytes.withUnsafeBufferPointer { all in
            let start = Int(piece.start)
            return body(UnsafeBufferPointer(rebasing: all[start..<start + Int(piece.count)]))
        }
    }
}
