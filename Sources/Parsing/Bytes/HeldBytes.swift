/// Bytes that a parser holds back until the rest of a record is there.
///
/// Records point into it, so its bytes do not move while they may be looked at: where it has to grow, the memory before is kept until
/// ``release()``.
final class HeldBytes {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity = 4_096
    private var from = 0
    private var to = 0
    private var retired: [UnsafeMutablePointer<UInt8>] = []

    init() { base = .allocate(capacity: capacity) }

    deinit {
        release()
        base.deallocate()
    }

    var count: Int { to - from }
    var isEmpty: Bool { to == from }
    var slice: ByteSlice { ByteSlice(base: base + from, count: to - from) }

    /// Gives back memory that records of an earlier call may have pointed into.
    func release() {
        for old in retired { old.deallocate() }
        retired.removeAll()
    }

    func append(_ bytes: ByteSlice) {
        if to + bytes.count > capacity { move(toHold: count + bytes.count) }
        (base + to).update(from: bytes.base, count: bytes.count)
        to += bytes.count
    }

    /// Forgets bytes at the beginning; they stay where they are until ``release()``.
    func drop(_ count: Int) { from += count }

    /// Forgets all but the first `count` bytes.
    func truncate(to count: Int) { to = from + count }

    private func move(toHold needed: Int) {
        let size = max(4_096, needed * 2)
        let new = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        new.update(from: base + from, count: count)
        retired.append(base)
        base = new
        capacity = size
        to -= from
        from = 0
    }

    /// Takes these bytes instead of what is held.
    func replace(_ bytes: ByteSlice) {
        if from != to || from > 0 {
            // What records point into stays as it is.
            retired.append(base)
            capacity = max(4_096, bytes.count * 2)
            base = .allocate(capacity: capacity)
        }
        from = 0
        to = 0
        append(bytes)
    }
}
