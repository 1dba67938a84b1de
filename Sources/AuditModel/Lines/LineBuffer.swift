/// Lines one behind the other in one growing piece of memory, and where each begins.
///
/// Made for reuse: ``removeAll()`` keeps the memory. Not thread-safe.
public final class LineBuffer {
    /// A byte before each line, such as the 0x00 of an RFC 6962 leaf; counted as part of it.
    public let opening: UInt8?
    /// A byte behind each line, such as a line feed; counted as part of it.
    public let ending: UInt8?

    private var storage: GrowingBuffer<UInt8>
    private var starts: GrowingBuffer<UInt32>

    /// An empty buffer.
    ///
    /// - Parameter capacityBytes: Bytes to make room for; it grows where they do not do, to less than 4 GiB.
    public init(opening: UInt8? = nil, ending: UInt8? = nil, capacityBytes: Int = 4_096) {
        self.opening = opening
        self.ending = ending
        storage = GrowingBuffer(capacity: capacityBytes + LineWriter.slackBytes)
        starts = GrowingBuffer(capacity: 256)
        starts.append(0)
    }

    deinit {
        storage.deallocate()
        starts.deallocate()
    }

    /// Number of lines.
    public var count: Int { starts.count &- 1 }
    /// All lines, one behind the other. Valid until lines are added.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: storage.base, count: storage.count) }
    /// Where each line begins in ``bytes``, and at the end where the last one ends: ``count`` + 1 values. Valid until lines are added.
    public var offsets: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: starts.base, count: starts.count) }

    /// A line, with its opening and ending.
    public subscript(index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(offsets[index])..<Int(offsets[index + 1])])
    }

    /// Takes all lines away.
    public func removeAll() {
        storage.count = 0
        starts.count = 1
    }

    /// A writer at the end, which ``take(_:)`` must get back.
    func writer() -> LineWriter { LineWriter(base: UnsafeMutableRawPointer(storage.base), count: storage.count, room: roomBytes) }

    /// Notes what a writer wrote.
    func take(_ writer: LineWriter) { storage.count = writer.count }

    /// Ends a line at the writer's place.
    func endLine(_ writer: LineWriter) { starts.append(UInt32(truncatingIfNeeded: writer.count)) }

    /// Makes room for `more` bytes at the writer's place.
    @inline(never)
    func grow(_ writer: inout LineWriter, by more: Int) {
        storage.count = writer.count
        precondition(writer.count &+ more < Int(UInt32.max), "lines of less than 4 GiB: write fewer rows at a time")
        storage.reserve(more &+ LineWriter.slackBytes)
        writer.base = UnsafeMutableRawPointer(storage.base)
        writer.room = roomBytes
    }

    private var roomBytes: Int { storage.capacity &- LineWriter.slackBytes }
}

/// Writes into memory that has room: the caller asks ``lacks(_:)`` before.
///
/// Safety: memory behind `room` goes on for ``slackBytes``, so that whole registers can be stored at any place before it.
struct LineWriter {
    /// Bytes that may be written over behind what counts.
    static let slackBytes = 64

    var base: UnsafeMutableRawPointer
    var count: Int
    var room: Int

    /// Whether there is no room for `more` bytes.
    @inline(__always)
    func lacks(_ more: Int) -> Bool { count &+ more > room }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    /// Copies `size` bytes; 64 may be read and written in any case, so that most pieces take no branch.
    @inline(__always)
    mutating func copy(_ source: UnsafeRawPointer, _ size: Int) {
        let place = base + count
        place.storeBytes(of: source.loadUnaligned(as: SIMD64<UInt8>.self), as: SIMD64<UInt8>.self)
        if size > 64 { (place + 64).copyMemory(from: source + 64, byteCount: size &- 64) }
        count &+= size
    }

    /// Writes a text with the escapes of a JSON string, without quotes. At most six times its size.
    @inline(__always)
    mutating func escape(_ text: UnsafeRawPointer, _ size: Int) {
        count &+= JSONEscaping.write(text, size, to: base + count)
    }
}
