/// What the passes of one minimizer share.
final class TextTools {
    let scrubber = Scrubber()
    let literals = LiteralStore()
    let findings: FindingMemory
    /// Invariant: room for `wordCapacity` words.
    @exclusivity(unchecked) private var words = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
    @exclusivity(unchecked) private var wordCapacity = 256

    /// Findings of the text that is looked at.
    @exclusivity(unchecked) var found: [ScrubFinding] = []
    @exclusivity(unchecked) private var spareBytes: [UInt8] = []

    /// What passes that are over left for the next: fresh memory costs a page fault for every 4 KiB.
    @exclusivity(unchecked) private var spare: [Slots] = []

    /// Room for a column's states and signatures.
    struct Slots {
        let states: UnsafeMutablePointer<UInt32>
        let signatures: UnsafeMutablePointer<WordSignature>
        let capacity: Int
    }

    init(findings: FindingMemory) { self.findings = findings }

    deinit {
        words.deallocate()
        for slots in spare { free(slots) }
    }

    func takeSlots(_ count: Int) -> Slots {
        if let place = spare.lastIndex(where: { $0.capacity >= count && $0.capacity <= max(1_024, 8 * count) }) {
            return spare.remove(at: place)
        }
        return Slots(states: .allocate(capacity: count), signatures: .allocate(capacity: count), capacity: count)
    }

    func giveBack(_ slots: Slots) {
        spare.append(slots)
        if spare.count > 4 { free(spare.removeFirst()) }
    }

    /// An empty list with room from before.
    func takeBytes() -> [UInt8] {
        defer { spareBytes = [] }
        return spareBytes
    }

    /// Takes back what ``takeBytes()`` gave.
    func giveBack(bytes: inout [UInt8]) {
        swap(&bytes, &spareBytes)
        spareBytes.removeAll(keepingCapacity: true)
    }

    private func free(_ slots: Slots) {
        slots.states.deallocate()
        slots.signatures.deallocate()
    }

    /// Room for all words of a text of so many bytes; valid until the next call.
    func room(forWordsOf byteCount: Int) -> UnsafeMutablePointer<UInt32> {
        if byteCount + 2 > wordCapacity {
            words.deallocate()
            wordCapacity = 2 * byteCount + 2
            words = .allocate(capacity: wordCapacity)
        }
        return words
    }
}
