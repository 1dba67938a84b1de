/// A set of pages of one row group.
public struct PageSet: Hashable, Sendable {
    /// Pages of the row group: members are below it.
    public let pageCount: Int
    private(set) var words: [UInt64]

    /// No page, or every page.
    public init(pageCount: Int, all: Bool = false) {
        self.pageCount = pageCount
        words = Array(repeating: all ? ~0 : 0, count: (pageCount + 63) / 64)
        trim()
    }

    private mutating func trim() {
        let spare = words.count * 64 - pageCount
        if spare > 0 { words[words.count - 1] &= ~0 >> UInt64(spare) }
    }

    /// Whether no page is in it.
    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
    /// How many pages are in it.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Whether it holds a page.
    public func contains(_ page: Int) -> Bool { words[page >> 6] >> UInt64(page & 63) & 1 == 1 }

    /// Adds a page.
    public mutating func insert(_ page: Int) { words[page >> 6] |= 1 << UInt64(page & 63) }

    /// Takes a page away.
    public mutating func remove(_ page: Int) { words[page >> 6] &= ~(1 << UInt64(page & 63)) }

    /// Keeps what `other` holds too.
    public mutating func formIntersection(_ other: PageSet) {
        for i in words.indices { words[i] &= other.words[i] }
    }

    /// Adds what `other` holds.
    public mutating func formUnion(_ other: PageSet) {
        for i in words.indices { words[i] |= other.words[i] }
    }

    /// Keeps the pages below a number of pages.
    func prefix(_ count: Int) -> PageSet {
        var set = PageSet(pageCount: count)
        for i in set.words.indices { set.words[i] = words[i] }
        set.trim()
        return set
    }

    /// The pages, ascending.
    public var pages: [Int] {
        var found: [Int] = []
        for (i, var word) in words.enumerated() {
            while word != 0 {
                found.append(64 * i + word.trailingZeroBitCount)
                word &= word &- 1
            }
        }
        return found
    }
}
