import AuditModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Times of events.
extension RecordEvaluator {
    /// The day of the last ISO stamp: its ten bytes and its beginning. Neighbours are nearly always of one day.
    struct KnownDay: BitwiseCopyable {
        var first: UInt64 = 0
        var last: UInt16 = 0
        var microseconds: Int64 = 0
    }

    func setTime(_ body: UnsafePointer<FlatBody>, _ number: Int, _ writer: RowWriter) throws(Rejection) {
        let plan = body.pointee.times.base + number
        let site = plan.pointee.value
        let found = site.kind == .load ? text(of: site.slot) : text(site.expression)
        if found.isAbsent { return }
        let value: Int64
        if plan.pointee.formats.base.pointee.kind == .iso, let micros = isoUTC(found.slice) {
            value = micros
        } else {
            value = try moment(found.slice, body, number) &+ (plan.pointee.hasNanoseconds ? try nanoseconds(plan) : 0)
        }
        switch plan.pointee.column {
        case .time: writer.block.set(writer.block.time, value)
        case .approvalExpires: writer.block.set(writer.block.approvalExpires, value)
        }
    }

    /// Microseconds of the nanoseconds that stand by themselves.
    private func nanoseconds(_ plan: UnsafePointer<FlatBody.Moment>) throws(Rejection) -> Int64 {
        guard let text = value(plan.pointee.nanoseconds) else { return 0 }
        guard let nanos = text.decimal, nanos < 1_000_000_000 else { throw Rejection(reason: "a time is not in a known format") }
        return Int64(nanos) / 1_000
    }

    /// `2026-07-01T08:00:00Z`, up to six digits of fraction: the short way of what the formats read. nil for everything else.
    @inline(__always)
    private func isoUTC(_ text: ByteSlice) -> Int64? {
        let count = text.count
        guard count >= 20, count <= 27, text[count &- 1] == UInt8(ascii: "Z"), text[10] == UInt8(ascii: "T") else { return nil }
        let raw = UnsafeRawPointer(text.base)
        guard let time = Self.clock(text) else { return nil }
        var fraction: Int64 = 0
        if count > 20 {
            guard count > 21, text[19] == UInt8(ascii: ".") else { return nil }
            var at = 20
            var scale: Int64 = 1_000_000
            while at < count &- 1 {
                let digit = text[at] &- 48
                guard digit <= 9 else { return nil }
                fraction = fraction &* 10 &+ Int64(digit)
                scale /= 10
                at &+= 1
            }
            fraction &*= scale
        }
        let first = raw.loadUnaligned(as: UInt64.self)
        let last = (raw + 8).loadUnaligned(as: UInt16.self)
        if first != day.pointee.first || last != day.pointee.last {
            guard let (whole, end) = ISOStamp.read(text, 0), end == count, let micros = whole.microseconds() else { return nil }
            day.pointee = KnownDay(first: first, last: last, microseconds: micros &- time &- fraction)
        }
        return day.pointee.microseconds &+ time &+ fraction
    }

    /// The microseconds of `HH:MM:SS` at byte 11, nil where it is not that.
    @inline(__always)
    private static func clock(_ text: ByteSlice) -> Int64? {
        let (h1, h2, m1, m2) = (text[11] &- 48, text[12] &- 48, text[14] &- 48, text[15] &- 48)
        let (s1, s2) = (text[17] &- 48, text[18] &- 48)
        guard text[13] == 58, text[16] == 58, h1 <= 2, h2 <= 9, m1 <= 5, m2 <= 9, s1 <= 5, s2 <= 9 else { return nil }
        let hours = Int64(h1) &* 10 &+ Int64(h2)
        guard hours <= 23 else { return nil }
        let minutes = hours &* 60 &+ Int64(m1) &* 10 &+ Int64(m2)
        return (minutes &* 60 &+ Int64(s1) &* 10 &+ Int64(s2)) &* 1_000_000
    }

    private func moment(_ text: ByteSlice, _ body: UnsafePointer<FlatBody>, _ number: Int) throws(Rejection) -> Int64 {
        let plan = body.pointee.times.base + number
        var format = 0
        while format < plan.pointee.formats.count {
            if let reading = read(text, plan.pointee.formats[format], body, number, format) { return try moment(reading, text, plan) }
            format &+= 1
        }
        throw Rejection(reason: "a time is not in a known format")
    }

    private func read(
        _ text: ByteSlice, _ format: FlatTimeFormat, _ body: UnsafePointer<FlatBody>, _ number: Int, _ place: Int
    ) -> TimeReading? {
        switch format.kind {
        case .iso: TimeReader.iso(text)
        case .epoch: TimeReader.epoch(text, perSecond: format.perSecond).map(TimeReading.moment)
        case .syslog: TimeReader.syslog(text)
        case .pattern: TimeReader.read(text, plan.bodies[Int(body.pointee.number)].times[number].formats[place])
        }
    }

    private func moment(_ reading: TimeReading, _ text: ByteSlice, _ plan: UnsafePointer<FlatBody.Moment>) throws(Rejection) -> Int64 {
        switch reading {
        case .moment(let micros): return micros
        case .civil(let time, let zoneName):
            guard let local = time.year == nil ? years.resolve(time) : time.microseconds() else {
                throw Rejection(reason: "a time names no moment of the calendar")
            }
            let offset: Int64
            if let minutes = time.offsetMinutes {
                offset = Int64(minutes) * 60_000_000
            } else if let name = zoneName.map({ text.sub($0.from, $0.to) }) ?? (plan.pointee.hasZone ? value(plan.pointee.zone) : nil) {
                guard let known = zones.offset(named: name.text, at: local) else {
                    throw Rejection(reason: "a time zone's name is unknown or stands for several; configure the source's timezone")
                }
                offset = known
            } else {
                offset = zones.configuredOffset(at: local)
            }
            let moment = local - offset
            guard moment >= Timestamp.earliest.microseconds, moment <= Timestamp.latest.microseconds else {
                throw Rejection(reason: "a time names no moment of the calendar")
            }
            return moment
        }
    }
}
