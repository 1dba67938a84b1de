/// Computing texts and testing conditions.
extension RecordEvaluator {
    /// The text of a slot. An empty text is no value.
    @inline(__always)
    func text(of slot: Int32) -> Text {
        let value = slots + Int(slot)
        guard value.pointee.isScalar, value.pointee.count > 0 else { return .absent }
        if value.pointee.isEscaped { return unescaped(value) }
        return Text(base: value.pointee.base, length: Int32(truncatingIfNeeded: value.pointee.count), constant: -1)
    }

    @inline(never)
    private func unescaped(_ value: UnsafeMutablePointer<Value>) -> Text {
        do {
            let plain = try JSONText.unescape(value.pointee.raw, arena: arena)
            value.pointee.base = plain.base
            value.pointee.count = plain.count
            value.pointee.isEscaped = false
            return Text(plain)
        } catch {
            fault = error
            return .absent
        }
    }

    /// The value of an expression, or nil: for ways that need not be short.
    func value(_ expression: Expression) -> ByteSlice? {
        let found = text(expression)
        return found.isAbsent ? nil : found.slice
    }

    /// The value of an expression.
    func text(_ expression: Expression) -> Text {
        var result = Text.absent
        var at = Int(expression.start)
        let end = Int(expression.end)
        while at < end {
            let operation = operations.base + at
            at &+= 1
            switch operation.pointee {
            case .load(let slot): result = text(of: slot)
            case .loadRaw(let slot):
                let value = slots[Int(slot)]
                result = value.kind == .object || value.kind == .array ? Text(value.raw) : text(of: slot)
            case .constant(let number): result = constant(number)
            case .template(let number): result = fill(plan.templates[number])
            case .join(let number): result = join(number)
            case .jumpIfPresent(let target): if !result.isAbsent { at = Int(target) }
            case .onlyWhen(let number): if !result.isAbsent, !isTrue(plan.conditionRoots[number]) { result = .absent }
            case .fallback(let number): if result.isAbsent { result = constant(number) }
            default: if !result.isAbsent { result = transform(result, operation.pointee) }
            }
        }
        return result
    }

    @inline(__always)
    private func constant(_ number: Int32) -> Text {
        let slice = constants[number]
        // An empty constant is a value where it stands by itself, as it is written.
        return Text(base: slice.base, length: Int32(truncatingIfNeeded: slice.count), constant: number)
    }

    private func transform(_ value: Text, _ operation: Operation) -> Text {
        let text = value.slice
        switch operation {
        case .lower: return Text(arena.map(text) { $0.asciiLowered })
        case .upper: return Text(arena.map(text) { $0 >= 97 && $0 <= 122 ? $0 & 0xDF : $0 })
        case .trim: return Text(text.trimmed)
        case .trimBytes(let number): return Text(trim(text, constants[number]))
        case .before(let number): return Text(text.firstRange(of: constants[number]).map { text.sub(0, $0) } ?? text)
        case .after(let number):
            let separator = constants[number]
            return Text(text.firstRange(of: separator).map { text.sub($0 + separator.count, text.count) } ?? text)
        case .beforeLast(let number): return Text(text.lastRange(of: constants[number]).map { text.sub(0, $0) } ?? text)
        case .afterLast(let number):
            let separator = constants[number]
            return Text(text.lastRange(of: separator).map { text.sub($0 + separator.count, text.count) } ?? text)
        case .stripPrefix(let number):
            let prefix = constants[number]
            return Text(text.hasPrefix(prefix) ? text.sub(prefix.count, text.count) : text)
        case .stripSuffix(let number):
            let suffix = constants[number]
            return Text(text.hasSuffix(suffix) ? text.sub(0, text.count - suffix.count) : text)
        case .replace(let find, let with): return Text(replace(text, constants[find], constants[with]))
        case .part(let separator, let number): return Text(part(text, constants[separator], Int(number)))
        case .map(let table):
            let found = plan.tables[table].find(text)
            return found >= 0 && constants[found].count > 0 ? constant(found) : .absent
        case .unless(let table): return plan.tables[table].find(text) < 0 ? value : .absent
        case .only(let shape): return shape.accepts(text) ? value : .absent
        case .pattern(let first, let count, let slot):
            slots[Int(slot)] = Value()
            return matchFirst(first, count, text) ? self.text(of: slot) : .absent
        case .hex: return Text(decodeHex(text))
        case .socketAddress(let part): return Text(SocketAddress(hex: text)?.part(part).flatMap { copied($0) })
        case .load, .loadRaw, .constant, .template, .join, .jumpIfPresent, .onlyWhen, .fallback: return value
        }
    }

    private func trim(_ text: ByteSlice, _ set: ByteSlice) -> ByteSlice {
        var from = 0
        var to = text.count
        while from < to, set.firstIndex(of: text[from]) != nil { from += 1 }
        while to > from, set.firstIndex(of: text[to - 1]) != nil { to -= 1 }
        return text.sub(from, to)
    }

    private func part(_ text: ByteSlice, _ separator: ByteSlice, _ number: Int) -> ByteSlice? {
        var at = 0
        var position = 0
        while true {
            let end = text.firstRange(of: separator, from: at)
            if position == number { return text.sub(at, end ?? text.count) }
            guard let end else { return nil }
            at = end + separator.count
            position += 1
        }
    }

    private func replace(_ text: ByteSlice, _ find: ByteSlice, _ with: ByteSlice) -> ByteSlice {
        guard text.firstRange(of: find) != nil else { return text }
        var out: [UInt8] = []
        var at = 0
        while let hit = text.firstRange(of: find, from: at) {
            out.append(contentsOf: UnsafeBufferPointer(start: text.base + at, count: hit - at))
            out.append(contentsOf: UnsafeBufferPointer(start: with.base, count: with.count))
            at = hit + find.count
        }
        out.append(contentsOf: UnsafeBufferPointer(start: text.base + at, count: text.count - at))
        return out.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { arena.copy(ByteSlice(base: $0, count: buffer.count)) } ?? .empty
        }
    }

    private func copied(_ text: String) -> ByteSlice? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { arena.copy(ByteSlice(base: $0, count: buffer.count)) }
        }
    }

    /// Text that a source wrote as hex digits (auditd's commands), or nil where it is not that or not UTF-8.
    func decodeHex(_ text: ByteSlice) -> ByteSlice? {
        guard text.count % 2 == 0 else { return nil }
        let room = arena.allocate(text.count / 2)
        for i in 0..<(text.count / 2) {
            guard let high = text[2 * i].hexValue, let low = text[2 * i + 1].hexValue else { return nil }
            let byte = high << 4 | low
            room[i] = byte == 0 ? 32 : byte
        }
        let decoded = ByteSlice(base: room, count: text.count / 2)
        return isValidUTF8(decoded) ? decoded : nil
    }

    private func fill(_ template: FlatTemplate) -> Text {
        var parts: [ByteSlice] = []
        for number in template.first..<(template.first + template.count) {
            switch plan.templatePieces[number] {
            case .literal(let number): parts.append(constants[number])
            case .value(let expression):
                if let text = value(expression) { parts.append(text) } else if template.separator < 0 { return .absent }
            }
        }
        if template.separator >= 0, parts.isEmpty { return .absent }
        let separator = template.separator >= 0 ? constants[template.separator] : .empty
        let total = parts.reduce(0) { $0 + $1.count } + max(0, parts.count - 1) * separator.count
        let room = arena.allocate(total)
        var at = 0
        for (number, part) in parts.enumerated() {
            if number > 0, !separator.isEmpty {
                (room + at).initialize(from: separator.base, count: separator.count)
                at += separator.count
            }
            (room + at).initialize(from: part.base, count: part.count)
            at += part.count
        }
        return Text(ByteSlice(base: room, count: total))
    }

    /// Whether the condition at a node holds.
    func isTrue(_ number: Int32) -> Bool {
        let node = plan.conditions.base + Int(number)
        switch node.pointee.test {
        case .present: return hasValue(node.pointee.number)
        case .not: return !isTrue(plan.conditionParts[node.pointee.number])
        case .all, .any:
            let isAny = node.pointee.test == .any
            var part = node.pointee.number
            let end = part &+ node.pointee.count
            while part < end {
                if isTrue(plan.conditionParts[part]) == isAny { return isAny }
                part &+= 1
            }
            return !isAny
        default: break
        }
        let found = text(node.pointee.expression)
        guard !found.isAbsent else { return false }
        let text = found.slice
        switch node.pointee.test {
        case .equals: return text.equals(constants[node.pointee.number])
        case .isIn: return plan.tables[node.pointee.number].find(text) >= 0
        case .prefix: return text.hasPrefix(constants[node.pointee.number])
        case .suffix: return text.hasSuffix(constants[node.pointee.number])
        case .contains: return text.firstRange(of: constants[node.pointee.number]) != nil
        case .matches:
            var matcher = PatternMatcher(plan.patterns[node.pointee.number], text, slots: slots, arena: arena)
            return matcher.match()
        case .shape: return node.pointee.shape.accepts(text)
        case .presentValue: return true
        case .sameAs, .differsFrom:
            let other = self.text(of: node.pointee.number)
            return !other.isAbsent && other.slice.equals(text) == (node.pointee.test == .sameAs)
        case .present, .all, .any, .not: return false
        }
    }
}
