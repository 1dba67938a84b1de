/// Learning from records that a walker has read.
extension JSONRoutes {
    private static let mostLessons = 1_024
    private static let deepest = 16

    /// A container that is open, as ``JSONWalker/Level`` has it.
    private struct Level {
        var node: Int32
        var slot: Int32
        var position: Int32 = 0
        var isObject: Bool
        var isInElement: Bool
    }

    /// A record on its way into routes.
    private struct Lesson {
        var levels: [Level] = []
        var effects: [Effect] = []
        /// Structural position and byte at which the text before the next value begins.
        var start: Int
        var from: Int
        var before: Int32 = -1
        var place: Int32 = 0
        /// The counter for the value that comes next, where nothing maps its key.
        var other: Int32 = -1
    }

    /// Learns the routes of an object that was walked without a fault. What it cannot learn it leaves: then such records are walked.
    func learn(_ view: JSONView, from start: Int, _ trie: CompiledTrie) {
        guard lessons < Self.mostLessons else { return }
        lessons += 1
        let (text, positions) = (view.text, view.positions)
        var lesson = Lesson(start: start, from: Int(positions[start]))
        var at = start
        var node: Int32 = 0
        var isInElement = false
        while true {
            let from = Int(positions[at])
            let first = text[from]
            if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                guard lesson.levels.count < Self.deepest else { return }
                let isObject = first == UInt8(ascii: "{")
                open(node, isObject, isInElement, from, at, trie, &lesson)
                at += 1
                if text[Int(positions[at])] != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    guard step(view, &at, &node, &isInElement, trie, &lesson) else { return }
                    continue
                }
            } else {
                guard lead(view, to: at, node, isLast: false, trie, &lesson) else { return }
                at += 1
                lesson.start = at
                lesson.from = Int(positions[at])
            }
            while true {
                guard let level = lesson.levels.last else {
                    _ = lead(view, to: at, -1, isLast: true, trie, &lesson)
                    return
                }
                let place = Int(positions[at])
                at += 1
                if text[place] == UInt8(ascii: ",") {
                    if !level.isObject { lesson.levels[lesson.levels.count - 1].position += 1 }
                    guard step(view, &at, &node, &isInElement, trie, &lesson) else { return }
                    break
                }
                if level.slot >= 0 {
                    lesson.effects.append(
                        Effect(
                            kind: .close, slot: level.slot, dropped: -1, byte: Int32(place - lesson.from),
                            structural: Int32(at - 1 - lesson.start)))
                }
                lesson.levels.removeLast()
            }
        }
    }

    private func open(
        _ node: Int32, _ isObject: Bool, _ isInElement: Bool, _ from: Int, _ at: Int, _ trie: CompiledTrie, _ lesson: inout Lesson
    ) {
        var level = Level(node: -1, slot: -1, isObject: isObject, isInElement: isInElement)
        var dropped = lesson.other
        lesson.other = -1
        if node >= 0 {
            dropped = trie.nodes[Int(node)].dropped
            level.slot = trie.nodes[Int(node)].slot
            if trie.hasChildren(node) { level.node = node }
        }
        if level.slot >= 0 || dropped >= 0 {
            lesson.effects.append(
                Effect(
                    kind: isObject ? .openObject : .openArray, slot: level.slot, dropped: dropped, byte: Int32(from - lesson.from),
                    structural: Int32(at - lesson.start)))
        }
        lesson.levels.append(level)
    }

    /// Goes on to the next value of the innermost container; false where its key cannot be learned.
    private func step(
        _ view: JSONView, _ at: inout Int, _ node: inout Int32, _ isInElement: inout Bool, _ trie: CompiledTrie, _ lesson: inout Lesson
    ) -> Bool {
        let level = lesson.levels[lesson.levels.count - 1]
        guard level.isObject else {
            node = level.node >= 0 ? trie.child(of: level.node, position: Int(level.position)) : -1
            isInElement = level.isInElement || node >= 0
            return true
        }
        isInElement = level.isInElement
        let from = Int(view.positions[at]) + 1
        var close = Int(view.positions[at + 1]) - 1
        while close > from, view.text[close] != UInt8(ascii: "\"") { close -= 1 }
        at += 2
        guard close >= from else { return false }
        let key = ByteSlice(base: view.text + from, count: close - from)
        guard key.firstIndex(of: UInt8(ascii: "\\")) == nil else { return false }
        node = level.node >= 0 ? trie.child(of: level.node, key: key) : -1
        if level.node >= 0, node < 0, !level.isInElement { lesson.other = 0 }
        return true
    }

    /// Takes or makes the route to the value at a structural position, or to the end.
    private func lead(_ view: JSONView, to at: Int, _ node: Int32, isLast: Bool, _ trie: CompiledTrie, _ lesson: inout Lesson) -> Bool {
        let end = isLast ? Int(view.positions[at - 1]) + 1 : Int(view.positions[at])
        let other = lesson.other
        lesson.other = -1
        var route = Route()
        let length = end - lesson.from
        guard length > 0, length <= Route.mostBytes else { return false }
        withUnsafeMutableBytes(of: &route.text) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: view.text + lesson.from, count: length))
        }
        route.length = Int32(length)
        route.lastMask = UInt64.max >> UInt64((8 - length % 8) % 8 * 8)
        route.structurals = Int32(at - lesson.start)
        route.isLast = isLast
        var number = firsts[Int(lesson.place)]
        while number >= 0, !isSame(routes[Int(number)], route) { number = routes[Int(number)].sibling }
        if number < 0 {
            guard routeCount < Self.mostRoutes, effectCount + lesson.effects.count <= Self.mostEffects else { return false }
            if node >= 0 { (route.slot, route.dropped) = (trie.nodes[Int(node)].slot, trie.nodes[Int(node)].dropped) }
            route.other = other
            route.firstEffect = Int32(effectCount)
            route.effectCount = Int16(lesson.effects.count)
            for effect in lesson.effects {
                (effects + effectCount).initialize(to: effect)
                effectCount += 1
            }
            route.place = place(of: lesson.levels, trie)
            route.sibling = firsts[Int(lesson.place)]
            number = Int32(routeCount)
            firsts[Int(lesson.place)] = number
            (routes + routeCount).initialize(to: route)
            routeCount += 1
        }
        if lesson.before >= 0, routes[Int(lesson.before)].foreseen < 0 { routes[Int(lesson.before)].foreseen = number }
        lesson.before = number
        lesson.place = routes[Int(number)].place
        lesson.effects = []
        return true
    }

    private func isSame(_ one: Route, _ other: Route) -> Bool {
        one.length == other.length && one.isLast == other.isLast && one.text.0 == other.text.0 && one.text.1 == other.text.1
            && one.text.2 == other.text.2 && one.text.3 == other.text.3 && one.text.4 == other.text.4 && one.text.5 == other.text.5
            && one.text.6 == other.text.6 && one.text.7 == other.text.7 && one.text.8 == other.text.8
    }

    /// The number of a place: the containers that are open, each as far as it decides what the keys in it mean.
    private func place(of levels: [Level], _ trie: CompiledTrie) -> Int32 {
        var name: [Int32] = []
        for level in levels {
            let position = level.isObject || level.node < 0 ? 0 : min(level.position, Int32(trie.positionLimit(of: level.node)))
            name += [level.node, level.slot, level.isObject ? 1 : 0, level.isInElement ? 1 : 0, position]
        }
        if let known = places[name] { return known }
        let number = Int32(places.count)
        places[name] = number
        return number
    }
}
