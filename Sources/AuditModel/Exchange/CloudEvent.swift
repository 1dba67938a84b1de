/// An event in the envelope of CloudEvents 1.0, structured as one JSON document.
public struct CloudEvent {
    private let event: Event
    private let seq: Int64
    private let origin: String

    /// - Parameters:
    ///   - seq: Its position in the store: with the origin it names the event for ever.
    ///   - origin: The log's origin, as its checkpoint says.
    public init(_ event: Event, seq: Int64, origin: String) {
        self.event = event
        self.seq = seq
        self.origin = origin
    }

    /// The document; `data` is the event as our schema says it.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "specversion": "1.0", "id": .string("\(seq)"), "source": .string("//\(origin)/\(Self.path(event[.source] ?? ""))"),
            "type": .string("proofline.\(event[.action] ?? "event")"), "datacontenttype": "application/json", "data": event.json,
        ]
        members["time"] = (event.time ?? event.observed).map { .string($0.description) }
        members["subject"] = event[.tenant].flatMap { $0.isEmpty ? nil : .string($0) }
        return .object(members)
    }

    /// One line of JSON with its line feed.
    public func writeLine(to out: inout [UInt8]) {
        json.writeCanonical(to: &out)
        out.append(UInt8(ascii: "\n"))
    }

    /// A text as one segment of a URI's path (RFC 3986).
    private static func path(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default: out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }
}
