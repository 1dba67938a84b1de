#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Contiguous elements of a trivial type that only ever grow: the storage of a column.
///
/// Safety: `Element` must be trivial (no references), an index must be below ``count``, and a pointer taken from it is valid until the next
/// call that adds. Its parts lie behind a pointer of their own, so an owner keeps it in a `let` and adding checks no exclusive access. Copies
/// share the elements: its owner is a final class that frees it with ``deallocate()``.
@usableFromInline
struct GrowingBuffer<Element: BitwiseCopyable> {
    @usableFromInline
    struct Parts: BitwiseCopyable {
        @usableFromInline var base: UnsafeMutablePointer<Element>
        @usableFromInline var capacity: Int
        @usableFromInline var count: Int

        @usableFromInline
        init(base: UnsafeMutablePointer<Element>, capacity: Int) {
            self.base = base
            self.capacity = capacity
            count = 0
        }
    }

    @usableFromInline let parts: UnsafeMutablePointer<Parts>

    /// A buffer whose parts lie in memory that its owner frees.
    @inlinable @inline(__always)
    init(at parts: UnsafeMutableRawPointer) {
        self.parts = parts.assumingMemoryBound(to: Parts.self)
    }

    /// Makes a buffer of parts that are not initialized yet.
    func begin(capacity: Int) {
        let room = max(16, capacity)
        parts.initialize(to: Parts(base: Self.resize(nil, to: room), capacity: room))
    }

    /// Frees the elements, not the parts.
    func end() { free(parts.pointee.base) }

    init(capacity: Int) {
        let room = max(16, capacity)
        parts = .allocate(capacity: 1)
        parts.initialize(to: Parts(base: Self.resize(nil, to: room), capacity: room))
    }

    /// The elements of another buffer in another order.
    init(_ other: Self, order: UnsafeBufferPointer<Int32>) {
        self.init(capacity: order.count)
        take(other, order: order)
    }

    /// Adds the elements of another buffer in another order.
    func take(_ other: Self, order: UnsafeBufferPointer<Int32>) {
        var place = 0
        while place < order.count {
            append(other[Int(order[place])])
            place &+= 1
        }
    }

    /// Keeps the elements that `keep` lists, ascending, and takes the others away.
    func keep(_ keep: UnsafeBufferPointer<Int32>) {
        var place = 0
        while place < keep.count {
            self[place] = self[Int(keep[place])]
            place &+= 1
        }
        parts.pointee.count = keep.count
    }

    func deallocate() {
        free(parts.pointee.base)
        parts.deallocate()
    }

    @inlinable
    var base: UnsafeMutablePointer<Element> { @inline(__always) get { parts.pointee.base } }

    @inlinable
    var capacity: Int { @inline(__always) get { parts.pointee.capacity } }

    @inlinable
    var count: Int {
        @inline(__always) get { parts.pointee.count }
        @inline(__always) nonmutating set { parts.pointee.count = newValue }
    }

    @inlinable
    subscript(index: Int) -> Element {
        @inline(__always) get { parts.pointee.base[index] }
        @inline(__always) nonmutating set { parts.pointee.base[index] = newValue }
    }

    @inlinable @inline(__always)
    func append(_ element: Element) {
        if count == capacity { grow(to: count &+ 1) }
        base[count] = element
        count &+= 1
    }

    @inline(__always)
    func append(from source: UnsafePointer<Element>, count more: Int) {
        if count &+ more > capacity { grow(to: count &+ more) }
        (base + count).update(from: source, count: more)
        count &+= more
    }

    /// Adds equal elements up to a count; nothing where there are as many already.
    @inlinable @inline(__always)
    func pad(to newCount: Int, with element: Element) {
        guard newCount > count else { return }
        extend(to: newCount, with: element)
    }

    @usableFromInline @inline(never)
    func extend(to newCount: Int, with element: Element) {
        if newCount > capacity { grow(to: newCount) }
        (base + count).update(repeating: element, count: newCount &- count)
        count = newCount
    }

    /// Makes room for `more` elements behind those there are.
    @inline(__always)
    func reserve(_ more: Int) {
        if count &+ more > capacity { grow(to: count &+ more) }
    }

    @usableFromInline @inline(never)
    func grow(to needed: Int) {
        let larger = max(needed, capacity * 2)
        parts.pointee.base = Self.resize(base, to: larger)
        parts.pointee.capacity = larger
    }

    /// Large memory is moved by the page, not copied.
    private static func resize(_ base: UnsafeMutablePointer<Element>?, to capacity: Int) -> UnsafeMutablePointer<Element> {
        guard let room = realloc(base, capacity * MemoryLayout<Element>.stride) else { fatalError("out of memory") }
        return room.assumingMemoryBound(to: Element.self)
    }
}
