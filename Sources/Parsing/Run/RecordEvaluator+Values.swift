/// Computing texts and testing conditions.
extension RecordEvaluator {
    /// The text of a slot, or nil where there is none. An empty text is no value.
    func text(of slot: Int32) -> ByteSlice? {
        let value = slots[Int(slot)]
        guard value.isScalar, value.count > 0 else { return nil }
        guard value.isEscaped else { return value.raw }
        do {
            let plain = try JSONText.unescape(value.raw, arena: arena)
            slots[Int(slot)].base = plain.base
            slots[Int(slot)].count = plain.count
            slots[Int(slot)].isEscaped = false
            return plain.isEmpty ? nil : plain
        } catch {
            fault = error.rawValue
            return nil
        }
    }

    /// The value of an expression, or nil.
    func value(_ expression: Expression) -> ByteSlice? {
        var result: ByteSlice?
        var at = Int(expression.start)
        let end = Int(expression.end)
        while at < end {
            let operation = plan.operations[at]
            at += 1
            switch operation {
            case .load(let slot): result = text(of: slot)
            case .loadRaw(let slot):
                let value = slots[Int(slot)]
                result = value.kind == .object || value.kind == .array ? value.raw : text(of: slot)
            case .constant(let number): result = plan.constants[Int(number)]
            case .template(let number): result = fill(plan.templates[Int(number)])
            case .jumpIfPresent(let target): if result != nil { at = Int(target) }
            case .onlyWhen(let number): if result != nil, !isTrue(plan.conditions[Int(number)]) { result = nil }
            case .fallback(let number): if result == nil { result = plan.constants[Int(number)] }
            default:
                guard let text = result else { continue }
                result = transform(text, operation)
                if let changed = result, changed.isEmpty { result = nil }
            }
        }
        return result
    }

    private func transform(_ text: ByteSlice, _ operation: Operation) -> ByteSlice? {
        switch operation {
        case .lower: return arena.map(text) { $0.asciiLowered }
        case .upper: return arena.map(text) { $0 >= 97 && $0 <= 122 ? $0 & 0xDF : $0 }
        case .trim: return text.trimmed
        case .trimBytes(let number): return trim(text, plan.constants[Int(number)])
        case .before(let number): return text.firstRange(of: plan.constants[Int(number)]).map { text.sub(0, $0) } ?? text
        case .after(let number):
            let separator = plan.constants[Int(number)]
            return text.firstRange(of: separator).map { text.sub($0 + separator.count, text.count) } ?? text
        case .beforeLast(let number): return text.lastRange(of: plan.constants[Int(number)]).map { text.sub(0, $0) } ?? text
        case .afterLast(let number):
            let separator = plan.constants[Int(number)]
            return text.lastRange(of: separator).map { text.sub($0 + separator.count, text.count) } ?? text
        case .stripPrefix(let number):
            let prefix = plan.constants[Int(number)]
            return text.hasPrefix(prefix) ? text.sub(prefix.count, text.count) : text
        case .stripSuffix(let number):
            let suffix = plan.constants[Int(number)]
            return text.hasSuffix(suffix) ? text.sub(0, text.count - suffix.count) : text
        case .replace(let find, let with): return replace(text, plan.constants[Int(find)], plan.constants[Int(with)])
        case .part(let separator, let number): return part(text, plan.constants[Int(separator)], Int(number))
        case .map(let table): return plan.tables[Int(table)].find(text).map { plan.constants[Int($0)] }
        case .unless(let table): return plan.tables[Int(table)].find(text) == nil ? text : nil
        case .only(let shape): return shape.accepts(text) ? text : nil
        case .pattern(let number, let slot):
            slots[Int(slot)] = Value()
            var matcher = PatternMatcher(plan.patterns[Int(number)], text, slots: slots, arena: arena)
            return matcher.match() ? self.text(of: slot) : nil
        case .hex: return decodeHex(text)
        case .load, .loadRaw, .constant, .template, .jumpIfPresent, .onlyWhen, .fallback: return text
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

    /// Text that a source wrote as hex digits (auditd's commands), or nil where it is not that or not UTF-8.
    private func decodeHex(_ text: ByteSlice) -> ByteSlice? {
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

    private func fill(_ template: Template) -> ByteSlice? {
        var parts: [ByteSlice] = []
        for piece in template.pieces {
            switch piece {
            case .literal(let number): parts.append(plan.constants[Int(number)])
            case .value(let expression):
                if let text = value(expression) { parts.append(text) } else if template.separator < 0 { return nil }
            }
        }
        if template.separator >= 0, parts.isEmpty { return nil }
        let separator = template.separator >= 0 ? plan.constants[Int(template.separator)] : .empty
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
        return ByteSlice(base: room, count: total)
    }

    func isTrue(_ condition: Condition) -> Bool {
        switch condition {
        case .equals(let expression, let number): return value(expression)?.equals(plan.constants[Int(number)]) ?? false
        case .isIn(let expression, let table): return value(expression).map { plan.tables[Int(table)].find($0) != nil } ?? false
        case .prefix(let expression, let number): return value(expression)?.hasPrefix(plan.constants[Int(number)]) ?? false
        case .suffix(let expression, let number): return value(expression)?.hasSuffix(plan.constants[Int(number)]) ?? false
        case .contains(let expression, let number): return value(expression)?.firstRange(of: plan.constants[Int(number)]) != nil
        case .matches(let expression, let number): return value(expression).map { matchFirst([number], $0) } ?? false
        case .shape(let expression, let shape): return value(expression).map(shape.accepts) ?? false
        case .present(let slot):
            let value = slots[Int(slot)]
            return value.kind == .object || value.kind == .array || value.isScalar && value.count > 0
        case .presentValue(let expression): return value(expression) != nil
        case .all(let parts): return parts.allSatisfy(isTrue)
        case .any(let parts): return parts.contains(where: isTrue)
        case .not(let part): return !isTrue(part)
        }
    }
}
