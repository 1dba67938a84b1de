import AuditModel

/// Seconds since 1970-01-01 as people read them.
enum UTCTime {
    /// RFC 3339 in UTC, without a fraction.
    static func text(_ seconds: Int64) -> String {
        guard abs(seconds) < 1 << 40 else { return "\(seconds) s" }
        let text = "\(Timestamp(microseconds: seconds * 1_000_000))"
        // Six digits of fraction are always written; here they are zero.
        return text.hasSuffix(".000000Z") ? text.dropLast(8) + "Z" : text
    }
}
