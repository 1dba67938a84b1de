import AuditModel

extension PageGrouping {
    /// Most entries of a dictionary whose codes are counted one after another.
    private static let mostEntries = 8

    /// Counts all rows of a page by bucket of time and at most one field, where times ascend and the field has few values: run after run of one
    /// bucket, each code by itself.
    ///
    /// - Returns: False where the page has another shape; then nothing was counted.
    func countRuns(
        _ worker: GroupWorker, _ group: BoundScan.Group, _ page: Int, _ translations: [[UInt32]?]
    ) throws -> Bool {
        guard let bucket, let part = layout.bucket, fields.count <= 1, layout.value == nil, integer == nil, layout.bits <= GroupWorker.denseBits,
            !group.pages[page].mayLackTimes
        else { return false }
        var numbers: [UInt32] = []
        var codes: CodePage?
        if let field = fields.first {
            guard let translation = translations[0], translation.count <= Self.mostEntries else { return false }
            numbers = translation
            if !numbers.isEmpty {
                let found = try group.segment.codes(field, rowGroup: group.rowGroup, page: page)
                guard case .u8 = found.codes else { return false }
                codes = found
            }
        }
        let times = try group.segment.integers(.time, rowGroup: group.rowGroup, page: page)
        guard times.isAscending, times.count == codes?.count ?? times.count else { return false }
        worker.tally.effort.bytesRead += 8 * times.count + (codes?.byteCount ?? 0)
        let counts = try worker.denseCounts()
        var begin = 0
        while begin < times.count {
            let number = bucket.number(times.values[begin])
            let end = Self.end(of: bucket.begin(number) &+ bucket.microseconds, in: times, from: begin)
            let key = try self.number(number, part) << part.shift
            var left = end - begin
            if let codes, case .u8(let base) = codes.codes, let field = layout.fields.first {
                var code = 0
                while code < numbers.count, left > 0 {
                    let found = Self.count(UInt8(truncatingIfNeeded: code), base + begin, end - begin)
                    if found > 0 { counts[Int(truncatingIfNeeded: key | UInt64(numbers[code]) << field.shift)] &+= Int64(found) }
                    left -= found
                    code += 1
                }
            }
            if left > 0, fields.isEmpty || !skipsAbsentKeys { counts[Int(truncatingIfNeeded: key)] &+= Int64(left) }
            begin = end
        }
        return true
    }

    /// The first row behind `from` whose time is not below `limit`: by doubling steps, then halving.
    private static func end(of limit: Int64, in times: IntegerPage, from: Int) -> Int {
        var low = from
        var step = 16
        while low + step < times.count, times.values[low + step] < limit {
            low += step
            step *= 2
        }
        var high = min(low + step, times.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if times.values[middle] < limit { low = middle } else { high = middle }
        }
        return high
    }

    /// How many of `count` codes are `wanted`; the loop over 128 is what the compiler makes vectors of.
    @inline(__always)
    private static func count(_ wanted: UInt8, _ codes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var total = 0
        var at = 0
        while at < count {
            let end = min(at &+ 128, count)
            var some: UInt8 = 0
            while at < end {
                some &+= codes[at] == wanted ? 1 : 0
                at &+= 1
            }
            total &+= Int(some)
        }
        return total
    }
}
