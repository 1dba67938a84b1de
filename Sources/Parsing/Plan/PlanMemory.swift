/// The flat parts of a plan: arrays of trivial elements, copied once and only read afterwards.
///
/// Safety: `@unchecked Sendable` because nothing changes after a plan is built; pointers live as long as this object.
final class PlanMemory: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit {
        for block in blocks { block.deallocate() }
    }

    /// A copy that does not move.
    func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
        let room = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        for (number, element) in elements.enumerated() { (room + number).initialize(to: element) }
        blocks.append(UnsafeMutableRawPointer(room))
        return UnsafePointer(room)
    }

    /// A copy with its number of elements.
    func list<Element: BitwiseCopyable>(_ elements: [Element]) -> FlatList<Element> {
        FlatList(base: copy(elements), count: elements.count)
    }
}

/// Elements in the memory of a plan: passing it on counts no reference.
struct FlatList<Element: BitwiseCopyable>: BitwiseCopyable, @unchecked Sendable {
    let base: UnsafePointer<Element>
    let count: Int

    @inline(__always)
    subscript(index: Int) -> Element { base[index] }

    @inline(__always)
    subscript(index: Int32) -> Element { base[Int(index)] }
}

/// A list with the memory that it lies in.
struct OwnedList<Element: BitwiseCopyable> {
    let list: FlatList<Element>
    private let memory: PlanMemory

    fileprivate init(_ list: FlatList<Element>, _ memory: PlanMemory) {
        self.list = list
        self.memory = memory
    }
}

extension PlanMemory {
    /// A copy that owns this memory.
    func own<Element: BitwiseCopyable>(_ elements: [Element]) -> OwnedList<Element> { OwnedList(list(elements), self) }
}
