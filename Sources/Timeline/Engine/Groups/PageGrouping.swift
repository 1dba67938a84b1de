import AuditModel

/// Makes the group keys of a page's rows, column after column.
struct PageGrouping: Sendable {
    let layout: GroupKey
    /// The keys' fields, then the measured one.
    let fields: [EventField]
    let columns: [GlobalCodes.Column]
    let bucket: TimeBucket?
    let skipsAbsentKeys: Bool
    /// The integer column that is measured.
    let integer: IntegerName?

    /// Writes keys (and integers) of `count` rows into the worker's buffers.
    ///
    /// - Parameter rows: Which rows; nil for all of the page.
    func fill(
        _ worker: GroupWorker, _ group: BoundScan.Group, _ page: Int, _ translations: [[UInt32]?], rows: UnsafePointer<UInt32>?, _ count: Int
    ) throws {
        let keys = worker.keys
        if let bucket, let part = layout.bucket {
            let shape = group.pages[page]
            if !shape.mayLackTimes, let times = shape.times, bucket.number(times.lowerBound) == bucket.number(times.upperBound) {
                keys.update(repeating: try number(times.lowerBound, bucket, part) << part.shift, count: count)
            } else {
                let times = try group.segment.integers(.time, rowGroup: group.rowGroup, page: page)
                worker.tally.effort.bytesRead += 8 * times.count
                try fill(keys, times, bucket, part, rows, count)
            }
        } else {
            keys.update(repeating: 0, count: count)
        }
        for (place, field) in fields.enumerated() {
            let isMeasured = place == layout.fields.count
            guard let part = isMeasured ? layout.value : layout.fields[place] else { continue }
            let absent = isMeasured || skipsAbsentKeys ? GroupKey.none : 0
            try fill(worker, field, columns[place], part, absent, group, page, translations[place], rows, count)
        }
        if let integer {
            let values = try group.segment.integers(integer, rowGroup: group.rowGroup, page: page)
            for i in 0..<count { worker.integers[i] = values.values[rows.map { Int($0[i]) } ?? i] }
        }
    }

    private func fill(
        _ worker: GroupWorker, _ field: EventField, _ column: GlobalCodes.Column, _ part: GroupKey.Part, _ absent: UInt64,
        _ group: BoundScan.Group, _ page: Int, _ translation: [UInt32]?, _ rows: UnsafePointer<UInt32>?, _ count: Int
    ) throws {
        if let translation, translation.isEmpty {
            if absent != 0 { worker.keys.update(repeating: absent, count: count) }
            return
        }
        let codes = try group.segment.codes(field, rowGroup: group.rowGroup, page: page)
        worker.tally.effort.bytesRead += codes.byteCount
        let numbers = try translation ?? codes.entries.map { try column.dictionary.codes(of: $0) } ?? []
        guard translation != nil || numbers.allSatisfy({ UInt64($0) <= part.mask }) else {
            throw QueryError(.notAnswerable, "another query changed the numbers of this column's texts: ask again")
        }
        numbers.withUnsafeBufferPointer { numbers in
            switch codes.codes {
            case .u8(let codes): Self.add(codes, numbers, part, absent, rows, count, worker.keys)
            case .u16(let codes): Self.add(codes, numbers, part, absent, rows, count, worker.keys)
            case .u32(let codes): Self.add(codes, numbers, part, absent, rows, count, worker.keys)
            }
        }
    }

    @inline(__always)
    private static func add<Code: FixedWidthInteger & UnsignedInteger>(
        _ codes: UnsafePointer<Code>, _ numbers: UnsafeBufferPointer<UInt32>, _ part: GroupKey.Part, _ absent: UInt64,
        _ rows: UnsafePointer<UInt32>?, _ count: Int, _ keys: UnsafeMutablePointer<UInt64>
    ) {
        guard let base = numbers.baseAddress else {
            if absent != 0 { keys.update(repeating: absent, count: count) }
            return
        }
        let size = UInt(numbers.count)
        let shift = part.shift
        var i = 0
        if let rows {
            while i < count {
                let code = UInt(truncatingIfNeeded: codes[Int(truncatingIfNeeded: rows[i])])
                keys[i] |= code < size ? UInt64(base[Int(bitPattern: code)]) &<< shift : absent
                i &+= 1
            }
        } else {
            while i < count {
                let code = UInt(truncatingIfNeeded: codes[i])
                keys[i] |= code < size ? UInt64(base[Int(bitPattern: code)]) &<< shift : absent
                i &+= 1
            }
        }
    }

    /// The part's value for a moment: 0 stands for no time.
    private func number(_ time: Int64, _ bucket: TimeBucket, _ part: GroupKey.Part) throws(QueryError) -> UInt64 {
        try number(bucket.number(time), part)
    }

    /// The part's value for a bucket.
    func number(_ bucket: Int64, _ part: GroupKey.Part) throws(QueryError) -> UInt64 {
        let number = bucket &- layout.firstBucket &+ 1
        guard number > 0, number <= Int64(part.mask) else {
            throw QueryError(.notAnswerable, "a page holds times that its index denies: run `proofline fsck`")
        }
        return UInt64(number)
    }

    /// Neighbouring rows mostly fall into one bucket: the division is made where one leaves it.
    private func fill(
        _ keys: UnsafeMutablePointer<UInt64>, _ times: IntegerPage, _ bucket: TimeBucket, _ part: GroupKey.Part,
        _ rows: UnsafePointer<UInt32>?, _ count: Int
    ) throws(QueryError) {
        var low = Int64.max
        var high = Int64.min
        var key: UInt64 = 0
        var i = 0
        while i < count {
            let row: Int
            if let rows { row = Int(truncatingIfNeeded: rows[i]) } else { row = i }
            let time = times.values[row]
            if time < low || time >= high {
                if time == IntegerPage.absent {
                    keys[i] = 0
                    i &+= 1
                    continue
                }
                let begin = bucket.begin(bucket.number(time))
                low = begin
                high = begin &+ bucket.microseconds
                key = try number(time, bucket, part) << part.shift
            }
            keys[i] = key
            i &+= 1
        }
    }
}
