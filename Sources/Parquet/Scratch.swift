/// Room for values of one type, kept from one use to the next.
struct Scratch<Element: BitwiseCopyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int

    init() {
        capacity = 64
        base = .allocate(capacity: 64)
    }

    deinit { base.deallocate() }

    /// Room for `count` values and eight more, whose content is arbitrary; what was there before is lost.
    mutating func room(_ count: Int) -> UnsafeMutablePointer<Element> {
        if capacity < count + 8 {
            base.deallocate()
            capacity = max(count + 8, capacity * 2)
            base = .allocate(capacity: capacity)
        }
        return base
    }
}
