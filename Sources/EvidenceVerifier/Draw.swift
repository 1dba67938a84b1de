import Cryptography

/// Draws the items with the smallest SHA-256(seed ‖ newline ‖ item id), as the builder should have (docs/formats/pack.md, "Identifiers").
struct Draw {
    private let prefix: SHA256

    init(seed: String) {
        var hasher = SHA256()
        hasher.update(Array((seed + "\n").utf8))
        prefix = hasher
    }

    /// What decides an item's place.
    func rank(_ itemID: String) -> SHA256Digest {
        var hasher = prefix
        hasher.update(Array(itemID.utf8))
        return hasher.finalize()
    }

    /// Collects the `limit` smallest ranks of any number of items.
    struct Smallest<Item> {
        private let limit: Int
        /// Ascending by rank.
        private(set) var items: [(rank: SHA256Digest, item: Item)] = []

        init(limit: Int) { self.limit = limit }

        mutating func offer(_ item: Item, rank: SHA256Digest) {
            if items.count == limit, let last = items.last, rank >= last.rank { return }
            let place = items.firstIndex { rank < $0.rank } ?? items.count
            items.insert((rank, item), at: place)
            if items.count > limit { items.removeLast() }
        }
    }
}
