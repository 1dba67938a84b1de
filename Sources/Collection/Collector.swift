import AuditModel

/// One configured source's way of getting bytes.
///
/// A collector is pulled, never pushes: what is not asked for stays where it is (the file, the socket's buffer, the API), so
/// back-pressure needs no queue. It hands out *contents*: stretches of bytes with an identity and offsets of their own, such as a
/// file. It moves its cursors only by ``cursors(parserState:)``, whose result the caller commits together with the events.
///
/// The file collector is the first implementation. A place for those to come, each a type beside it in this target:
///
/// | collector | content | offset | cursor |
/// |---|---|---|---|
/// | files (``FileCollector``) | what is in a file, by hash | decompressed bytes | offset and running hash |
/// | syslog, HTTP push | a listener's spool file, written and synced before the sender is answered | bytes of the spool | as files |
/// | journald | a boot of a machine | the journal's sequence number | `__CURSOR` |
/// | SQL | a table or view | the ordering column's rows so far | value of the ordering column, hash of the last row |
/// | pull APIs | one feed of one tenant | bytes delivered | the vendor's page token or time, hash of the last page |
public protocol Collector: AnyObject {
    /// The source's name from the configuration.
    var source: String { get }

    /// A descriptor that becomes readable when there may be something new, or nil: then asking from time to time must do.
    var readiness: Int32? { get }

    /// Hands roughly up to `budgetBytes` of new bytes to `sink`.
    ///
    /// - Parameter now: Milliseconds of a clock that only goes forward; waiting times are judged by it.
    /// - Throws: ``CollectionError``, and whatever the sink throws.
    func collect(budgetBytes: Int, into sink: any CollectionSink, now: UInt64) throws -> CollectorProgress

    /// Cursors of all contents that moved since the last call, to be committed with the events made from what was handed out.
    ///
    /// - Parameter parserState: The parser's state for a content that is still open, at the offset that the sink last returned.
    func cursors(parserState: (_ contentID: String) throws -> [UInt8]) rethrows -> [CollectorCursor]

    /// Lets go of files and descriptors.
    func close()
}

/// What one call of ``Collector/collect(budgetBytes:into:now:)`` did.
public struct CollectorProgress: Hashable, Sendable {
    /// Bytes read as they lie in the source (compressed where it is).
    public var rawBytes: UInt64 = 0
    /// Bytes handed to the sink.
    public var deliveredBytes: UInt64 = 0
    /// Whether asking again at once will give more.
    public var hasMore = false

    /// Nothing done.
    public init() {}
}

/// Where collected bytes go.
public protocol CollectionSink: AnyObject {
    /// A content begins, or goes on after a restart. Returns the offset to be fed from: `start.offset`, or 0 where the parser must see
    /// the content from its beginning.
    func begin(_ start: ContentStart) throws -> UInt64

    /// The next bytes of a content, valid during the call. Returns the offset up to which records are complete and taken.
    func take(_ contentID: String, _ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws -> UInt64

    /// Nothing came for a while: a record of several lines may end here. Asked again and again while bytes wait and the silence lasts.
    /// Returns the offset up to which records are taken.
    func quiet(_ contentID: String) throws -> UInt64

    /// A content's end: an unfinished last record is one now. Returns the offset up to which it is taken.
    func end(_ contentID: String) throws -> UInt64

    /// The content is let go: returns the parser's state at the last offset returned, and forgets the content until it begins again.
    func release(_ contentID: String) throws -> [UInt8]

    /// Something a person should know; gaps among it.
    func note(_ note: CollectionNote) throws
}

/// A content at the moment that its bytes begin to flow.
public struct ContentStart: Sendable {
    /// The source it belongs to.
    public let source: String
    /// Its identity in the store.
    public let contentID: String
    /// A name for people: the file's path. Never stored.
    public let name: String
    /// Where the committed cursor stands; 0 for a new content.
    public let offset: UInt64
    /// The parser's state at `offset`; nil for a new content.
    public let parserState: [UInt8]?
    /// When the content was last changed, for stamps without a year.
    public let modified: Timestamp
}

/// Something that happened beside the bytes.
public struct CollectionNote: Sendable, Hashable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// Bytes are known to have existed and were never read: a gap. The number is a lower bound.
        case lost(atLeastBytes: UInt64)
        /// A compressed file ends early or is damaged; what could be decoded was handed out.
        case damaged(reason: String)
        /// A file or folder that cannot be read.
        case unreadable(reason: String)
        /// A file that is a beginning of a content already read, told by its hashes; its last bytes could not be compared.
        case shorterCopy(uncomparedBytes: UInt64)
        /// A pattern that matches nothing.
        case noMatch
    }

    /// What happened.
    public let kind: Kind
    /// The source.
    public let source: String
    /// The content, where one is known.
    public let contentID: String?
    /// Where in the content.
    public let offset: UInt64?
    /// The path or pattern, for people; never stored.
    public let name: String

    /// Makes a note.
    public init(_ kind: Kind, source: String, contentID: String? = nil, offset: UInt64? = nil, name: String) {
        self.kind = kind
        self.source = source
        self.contentID = contentID
        self.offset = offset
        self.name = name
    }
}

/// A cursor as the store keeps it.
public struct CollectorCursor: Hashable, Sendable {
    /// The source.
    public let source: String
    /// The content.
    public let contentID: String
    /// Decompressed offset up to which records are taken.
    public let offset: UInt64
    /// The collector's own JSON; the store does not look inside.
    public let text: String

    /// Makes a cursor, as read from the store.
    public init(source: String, contentID: String, offset: UInt64, text: String) {
        self.source = source
        self.contentID = contentID
        self.offset = offset
        self.text = text
    }
}
