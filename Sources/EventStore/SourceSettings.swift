import AuditModel

/// What the operator configured for a source, as far as readers and reports must know it.
public struct SourceSettings: Hashable, Sendable {
    /// When a source is expected to write.
    public enum Calendar: String, Hashable, Sendable {
        /// At all hours.
        case always
        /// Monday to Friday, 08:00 to 18:00 in the source's zone.
        case office
    }

    /// Id of the source.
    public var source: String
    /// Id of its parser.
    public var parser: String
    /// The deployment that the records come from.
    public var instance: String?
    /// Zone of stamps without one, and of the calendar; absent means UTC.
    public var timezone: String?
    /// Longest silence that is no gap; absent means that silence is never judged.
    public var expectedIntervalSeconds: Int64?
    /// When silence is judged.
    public var calendar: Calendar
    /// How long its events are kept, by their own time; absent means for ever.
    public var keepSeconds: Int64?

    /// Makes settings.
    public init(
        source: String, parser: String, instance: String? = nil, timezone: String? = nil,
        expectedIntervalSeconds: Int64? = nil, calendar: Calendar = .always, keepSeconds: Int64? = nil
    ) {
        self.source = source
        self.parser = parser
        self.instance = instance
        self.timezone = timezone
        self.expectedIntervalSeconds = expectedIntervalSeconds
        self.calendar = calendar
        self.keepSeconds = keepSeconds
    }

    /// The settings as they stand in a `config` entry.
    var json: JSONValue {
        var members: [String: JSONValue] = ["source": .string(source), "parser": .string(parser), "calendar": .string(calendar.rawValue)]
        members["instance"] = instance.map { .string($0) }
        members["timezone"] = timezone.map { .string($0) }
        members["expectedIntervalSeconds"] = expectedIntervalSeconds.map { .integer($0) }
        members["keepSeconds"] = keepSeconds.map { .integer($0) }
        return .object(members)
    }

    init?(json: JSONValue) {
        guard let source = json["source"]?.string, let parser = json["parser"]?.string,
            let calendar = json["calendar"]?.string.flatMap(Calendar.init(rawValue:))
        else { return nil }
        self.init(
            source: source, parser: parser, instance: json["instance"]?.string, timezone: json["timezone"]?.string,
            expectedIntervalSeconds: json["expectedIntervalSeconds"]?.integer, calendar: calendar, keepSeconds: json["keepSeconds"]?.integer)
    }
}

/// What a collector says of its source; heartbeats carry it.
public enum SourceState: String, Hashable, Sendable {
    /// Being read.
    case active
    /// Reachable, nothing new.
    case idle
    /// Cannot be reached or read at the moment.
    case unreachable
    /// Stopped after an error that a person must look at.
    case failed
    /// Not collected in this session.
    case stopped
}
