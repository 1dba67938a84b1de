#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a walk has learned of records as a whole: the texts that stand between one scalar value and the next, and what they lead to.
///
/// Records of one source have the same keys in the same order nearly always, written the same way. Between two values then stands the same
/// text: `,"actor":{"id":`. Where it is known, comparing it does for the keys, the containers and the grammar of all that it spans. What is
/// not known is left to ``JSONWalker``, from whose records this learns (docs/decisions/0037).
///
/// Trusts nothing: a route is taken only where its text stands there byte by byte, in a container of the same kind and place. What it learns
/// is limited, so a source cannot make it grow. One per trie and evaluator; not thread-safe.
final class JSONRoutes {
    /// The text before a value, and what it means. Two cache lines.
    struct Route: BitwiseCopyable {
        static let mostBytes = 72

        /// First, so that its words lie where the route does.
        var text: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0, 0)
        /// Bits of the last word that belong to the text.
        var lastMask: UInt64 = 0
        var length: Int32 = 0
        /// Structural positions in the text.
        var structurals: Int32 = 0
        /// Where the value goes, or -1; the counters of a known dropped path and of any other that is not mapped, or -1.
        var slot: Int32 = -1
        var dropped: Int32 = -1
        var other: Int32 = -1
        var firstEffect: Int32 = 0
        var effectCount: Int16 = 0
        /// Whether it ends the record instead of leading to a value.
        var isLast = false
        /// The place behind the value.
        var place: Int32 = 0
        /// The next route from the same place, or -1.
        var sibling: Int32 = -1
        /// The routes that were taken behind the value last time and before that, or -1.
        var foreseen: Int32 = -1
        var alternate: Int32 = -1
    }

    /// What a text does beside leading to a value.
    struct Effect: BitwiseCopyable {
        enum Kind: UInt8 { case openObject, openArray, close }
        var kind: Kind
        /// The slot that holds the container, or -1.
        var slot: Int32
        /// The counter of a dropped path, or -1.
        var dropped: Int32
        /// Byte and structural position at which the container begins or ends, from those of the text.
        var byte: Int32
        var structural: Int32
    }

    static let mostRoutes = 512
    static let mostEffects = 1_024

    let routes: UnsafeMutablePointer<Route>
    let effects: UnsafeMutablePointer<Effect>
    /// The first route from each place, or -1. Place 0 is before the record.
    let firsts: UnsafeMutablePointer<Int32>
    private let state: UnsafeMutablePointer<State>
    // What only learning uses.
    var routeCount = 0
    var effectCount = 0
    var places: [[Int32]: Int32] = [[]: 0]
    var lessons = 0

    private struct State: BitwiseCopyable {
        /// The route to try first.
        var first: Int32 = -1
        /// Records until this is looked at again, and how many of them took another way.
        var untilJudgement = JSONRoutes.judgementInterval
        var misses = 0
        /// Records for which no route is tried.
        var pause = 0
    }

    private static let judgementInterval = 256
    private static let pauseLength = 8_192

    init() {
        routes = .allocate(capacity: Self.mostRoutes)
        effects = .allocate(capacity: Self.mostEffects)
        firsts = .allocate(capacity: Self.mostRoutes + 1)
        firsts.initialize(repeating: -1, count: Self.mostRoutes + 1)
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit {
        routes.deallocate()
        effects.deallocate()
        firsts.deallocate()
        state.deallocate()
    }

    /// Whether a record is worth trying; where most turn out differently, none are for a while.
    @inline(__always)
    var isWorthTrying: Bool {
        if state.pointee.pause > 0 {
            state.pointee.pause &-= 1
            return false
        }
        state.pointee.untilJudgement &-= 1
        if state.pointee.untilJudgement == 0 { judge() }
        return true
    }

    @inline(never)
    private func judge() {
        if state.pointee.misses * 2 > Self.judgementInterval { state.pointee.pause = Self.pauseLength }
        state.pointee.untilJudgement = Self.judgementInterval
        state.pointee.misses = 0
    }

    /// Notes that a record took another way.
    func noteMiss() { state.pointee.misses &+= 1 }

    /// Follows routes from a record's beginning; the structural position behind it, or -1 where the way is not known. Slots and counters may
    /// be half filled then.
    func follow(
        _ view: JSONView, from start: Int, document: Int16, slots: UnsafeMutablePointer<Value>, dropped: UnsafeMutablePointer<Int>
    ) -> Int {
        let (text, positions, routes) = (view.text, view.positions, routes)
        let reach = Reach(view)
        var at = start
        guard at < view.structurals else { return -1 }
        var from = Int(positions[at])
        var before: Int32 = -1
        var number = state.pointee.first
        while true {
            if number < 0 || !reach.holds(routes + Int(number), from, at) {
                number = find(before, from, at, reach)
                if number < 0 { return -1 }
            }
            let route = routes + Int(number)
            if route.pointee.effectCount > 0, !apply(route, view, from, at, document, slots, dropped) { return -1 }
            at &+= Int(route.pointee.structurals)
            if route.pointee.isLast { return at }
            let value = from &+ Int(route.pointee.length)
            // There is one: the route's text was compared only where a position follows its value.
            let next = Int(positions[at &+ 1])
            let kind: Value.Kind
            var (begin, stop) = (value, next)
            if text[value] == UInt8(ascii: "\"") {
                begin &+= 1
                stop &-= 1
                guard stop >= begin, text[stop] == UInt8(ascii: "\"") else { return -1 }
                kind = .text
            } else {
                kind = JSONWalker.scalarKind(text + value, next &- value)
                guard kind != .absent else { return -1 }
            }
            if kind != .null {
                if route.pointee.dropped >= 0 { dropped[Int(route.pointee.dropped)] &+= 1 }
                if route.pointee.other >= 0 { dropped[Int(route.pointee.other)] &+= 1 }
            }
            if route.pointee.slot >= 0 {
                let slot = slots + Int(route.pointee.slot)
                guard slot.pointee.kind == .absent else { return -1 }
                let isEscaped = kind == .text && text + stop > view.escapes && memchr(text + begin, 92, stop &- begin) != nil
                slot.pointee = Value(
                    kind: kind, isEscaped: isEscaped, document: document, structural: Int32(truncatingIfNeeded: at), base: text + begin,
                    count: stop &- begin)
            }
            at &+= 1
            from = next
            before = number
            number = route.pointee.foreseen
        }
    }

    /// Opens and closes the containers that matter; false where a slot is filled already.
    @inline(__always)
    private func apply(
        _ route: UnsafePointer<Route>, _ view: JSONView, _ from: Int, _ at: Int, _ document: Int16, _ slots: UnsafeMutablePointer<Value>,
        _ dropped: UnsafeMutablePointer<Int>
    ) -> Bool {
        var number = Int(route.pointee.firstEffect)
        let end = number &+ Int(route.pointee.effectCount)
        while number < end {
            let effect = effects + number
            number &+= 1
            let place = view.text + (from &+ Int(effect.pointee.byte))
            if effect.pointee.dropped >= 0 { dropped[Int(effect.pointee.dropped)] &+= 1 }
            guard effect.pointee.slot >= 0 else { continue }
            let slot = slots + Int(effect.pointee.slot)
            if effect.pointee.kind == .close {
                slot.pointee.count = place - slot.pointee.raw.base &+ 1
                continue
            }
            guard slot.pointee.kind == .absent else { return false }
            slot.pointee = Value(
                kind: effect.pointee.kind == .openObject ? .object : .array, isEscaped: false, document: document,
                structural: Int32(truncatingIfNeeded: at &+ Int(effect.pointee.structural)), base: place, count: 0)
        }
        return true
    }

    /// Finds a route that was not foreseen, and foresees it from now on; -1 where it is not known.
    @inline(never)
    private func find(_ before: Int32, _ from: Int, _ at: Int, _ reach: Reach) -> Int32 {
        guard before >= 0 else {
            let found = search(firsts[0], from, at, reach)
            if found >= 0 { state.pointee.first = found }
            return found
        }
        let last = routes + Int(before)
        let alternate = last.pointee.alternate
        let found =
            alternate >= 0 && reach.holds(routes + Int(alternate), from, at)
            ? alternate : search(firsts[Int(last.pointee.place)], from, at, reach)
        if found >= 0 {
            last.pointee.alternate = last.pointee.foreseen
            last.pointee.foreseen = found
        }
        return found
    }

    private func search(_ first: Int32, _ from: Int, _ at: Int, _ reach: Reach) -> Int32 {
        var number = first
        while number >= 0, !reach.holds(routes + Int(number), from, at) { number = routes[Int(number)].sibling }
        return number
    }

    /// The text in which routes are looked for.
    struct Reach {
        let text: UnsafePointer<UInt8>
        let positions: UnsafePointer<UInt32>
        let structurals: Int
        let readable: Int

        @inline(__always)
        init(_ view: JSONView) {
            (text, positions, structurals, readable) = (view.text, view.positions, view.structurals, view.readable)
        }

        /// Whether a route's text stands at a place, and behind it a scalar value with something behind that, or the end.
        @inline(__always)
        func holds(_ route: UnsafePointer<Route>, _ from: Int, _ at: Int) -> Bool {
            let length = Int(route.pointee.length)
            let mine = UnsafeRawPointer(route).assumingMemoryBound(to: UInt64.self)
            let theirs = UnsafeRawPointer(text + from)
            // Whole words are read.
            guard from &+ length &+ 8 <= readable else { return false }
            var byte = 0
            while byte &+ 8 < length {
                if theirs.loadUnaligned(fromByteOffset: byte, as: UInt64.self) != mine[byte &>> 3] { return false }
                byte &+= 8
            }
            if (theirs.loadUnaligned(fromByteOffset: byte, as: UInt64.self) ^ mine[byte &>> 3]) & route.pointee.lastMask != 0 {
                return false
            }
            let value = at &+ Int(route.pointee.structurals)
            if route.pointee.isLast { return value <= structurals }
            guard value &+ 1 < structurals, Int(positions[value]) == from &+ length else { return false }
            let first = text[from &+ length]
            return first != UInt8(ascii: "{") && first != UInt8(ascii: "[")
        }
    }
}
