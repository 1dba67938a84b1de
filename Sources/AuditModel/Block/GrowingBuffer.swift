/// Contiguous elements of a trivial type that only ever grow: the storage of a column.
///
/// Safety: `Element` must be trivial (no references), an index must be below ``count``, and a pointer taken from it is valid until the next
/// call that adds. It is not copied: its owner is a final class that frees it with ``deallocate()``.
struct GrowingBuffer<Element: BitwiseCopyable> {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var capacity: Int
    var count = 0

    init(capacity: Int) {
        self.capacity = max(16, capacity)
        base = .allocate(capacity: self.capacity)
    }

    func deallocate() { base.deallocate() }

    subscript(index: Int) -> Element {
        @inline(__always) get { base[index] }
        @inline(__always) nonmutating set { base[index] = newValue }
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow(to: count &+ 1) }
        base[count] = element
        count &+= 1
    }

    @inline(__always)
    mutating func append(from source: UnsafePointer<Element>, count more: Int) {
        if count &+ more > capacity { grow(to: count &+ more) }
        (base + count).update(from: source, count: more)
        count &+= more
    }

    /// Adds equal elements up to a count; nothing where there are as many already.
    @inline(__always)
    mutating func pad(to newCount: Int, with element: Element) {
        guard newCount > count else { return }
        if newCount > capacity { grow(to: newCount) }
        (base + count).update(repeating: element, count: newCount &- count)
        count = newCount
    }

    /// Makes room for `more` elements behind those there are.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if count &+ more > capacity { grow(to: count &+ more) }
    }

    @inline(never)
    private mutating func grow(to needed: Int) {
        let larger = max(needed, capacity * 2)
        let new = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        new.update(from: base, count: count)
        base.deallocate()
        base = new
        capacity = larger
    }
}
