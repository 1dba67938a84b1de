import CSimdjson

/// A stretch of a source with many JSON lines in it, indexed at once.
///
/// Records are taken from it in order. A stretch that is not flawless as a whole is not indexed: its records are then indexed one by one, so
/// that a fault costs its own line and is told as if the line stood alone.
final class JSONWindow {
    /// Bytes indexed at once: with their index they stay in the second-level cache.
    private static let size = 64 << 10

    private struct State: BitwiseCopyable {
        /// Up to where text may be read, and where the next window begins at the earliest.
        var end: UnsafePointer<UInt8>?
        var refused: UnsafePointer<UInt8>?
        var view = JSONView()
        /// The structural position at which the next record begins at the earliest.
        var next = 0
        /// A place in the window before which, from the last record that was asked about on, no backslash stands.
        var escape = ByteSlice.empty.base
    }

    private let index = JSONIndex()
    private let state: UnsafeMutablePointer<State>

    init() {
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit { state.deallocate() }

    /// Forgets what was indexed; records are taken from this text from now on.
    func begin(_ text: ByteSlice) { state.pointee = State(end: text.base + text.count) }

    /// Forgets everything: records stand alone.
    func end() { state.pointee = State() }

    /// The structural position at which a record begins, nil where it has to be indexed by itself.
    ///
    /// - Parameter record: A line of the text, no earlier than the one before.
    @inline(__always)
    func start(of record: ByteSlice) -> Int? {
        let view = state.pointee.view
        if record.base < view.text || record.base + record.count > view.text + view.count {
            guard indexMore(from: record) else { return nil }
        }
        let offset = UInt32(truncatingIfNeeded: record.base - state.pointee.view.text)
        var at = state.pointee.next
        while at < state.pointee.view.structurals, state.pointee.view.positions[at] < offset { at &+= 1 }
        state.pointee.next = at
        return at
    }

    /// What a walker sees of a record that begins in the window.
    @inline(__always)
    func view(of record: ByteSlice) -> JSONView {
        if state.pointee.escape < record.base { findEscape(from: record.base) }
        var view = state.pointee.view
        view.escapes = state.pointee.escape
        return view
    }

    /// Most texts hold no escapes, so that one search does for many records.
    @inline(never)
    private func findEscape(from start: UnsafePointer<UInt8>) {
        let rest = state.pointee.view.text + state.pointee.view.count - start
        state.pointee.escape = start + (ByteSlice(base: start, count: rest).firstIndex(of: UInt8(ascii: "\\")) ?? rest)
    }

    /// Whether a walk that gave this position has taken the record, the whole of it and nothing behind it.
    @inline(__always)
    func ends(_ record: ByteSlice, at next: Int) -> Bool {
        guard next > state.pointee.next else { return false }
        let view = state.pointee.view
        let end = record.base - view.text + record.count
        guard Int(view.positions[next &- 1]) < end, next == view.structurals || Int(view.positions[next]) >= end else { return false }
        state.pointee.next = next
        return true
    }

    @inline(never)
    private func indexMore(from record: ByteSlice) -> Bool {
        guard let end = state.pointee.end, record.base + record.count < end else { return false }
        if let refused = state.pointee.refused, record.base < refused { return false }
        var stop = min(end, record.base + Self.size)
        while stop > record.base + record.count, stop[-1] != 10 { stop -= 1 }
        guard stop - record.base > record.count + 1 else { return false }
        let text = ByteSlice(base: record.base, count: stop - record.base)
        guard index.index(text) == nil, var view = index.view else {
            state.pointee.refused = stop
            state.pointee.view = JSONView()
            return false
        }
        view.readable = end - record.base
        state.pointee.escape = view.escapes
        state.pointee.view = view
        state.pointee.next = 0
        return true
    }
}
