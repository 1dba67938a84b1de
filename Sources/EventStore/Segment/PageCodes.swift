/// One page of a text column: for each row (or list element) a code into ``dictionary``.
///
/// Codes lie in the narrowest unsigned integers that hold them; a slot without a value has all bits set. Immutable; the memory lives as
/// long as the object.
public final class PageCodes: @unchecked Sendable {
    // Safe to share: written in init alone.

    /// Bytes of one code.
    public enum Width: Int, Sendable {
        case one = 1
        case two = 2
        case four = 4
    }

    /// Number of slots.
    public let count: Int
    /// Bytes of one code.
    public let width: Width
    /// What codes refer to.
    enum Source {
        case own(SegmentDictionary)
        /// The row group's, not read yet.
        case shared(SharedDictionary)

        var count: Int {
            switch self {
            case .own(let dictionary): dictionary.count
            case .shared(let dictionary): dictionary.count
            }
        }
    }

    private let source: Source

    /// What codes refer to: the row group's dictionary, or this page's own where ``isPageLocal``. For display: empty where the row group's
    /// cannot be read (``entries()`` says why).
    public var dictionary: SegmentDictionary { (try? entries()) ?? .empty }

    /// The row group's dictionary where codes refer to it, and it may not be read yet.
    var shared: SharedDictionary? {
        if case .shared(let dictionary) = source { return dictionary }
        return nil
    }

    /// What codes refer to. The row group's dictionary is read at the first call.
    ///
    /// - Throws: ``StoreError`` with `damagedSegment`.
    public func entries() throws -> SegmentDictionary {
        switch source {
        case .own(let dictionary): dictionary
        case .shared(let dictionary): try dictionary.entries()
        }
    }

    /// Whether the dictionary belongs to this page alone.
    public let isPageLocal: Bool
    /// The code that all slots have (``absent`` where none has a value), or nil when they differ or it is not known.
    public let constant: UInt32?
    /// The codes, ``count`` times ``width``.
    public let base: UnsafeRawPointer

    /// The code of a slot without a value, as ``subscript(_:)`` gives it.
    public static let absent = UInt32.max

    /// Takes over `base`, which is freed with this object.
    init(base: UnsafeRawPointer, count: Int, width: Width, source: Source, isPageLocal: Bool, constant: UInt32? = nil) {
        (self.base, self.count, self.width, self.source) = (base, count, width, source)
        (self.isPageLocal, self.constant) = (isPageLocal, constant)
    }

    deinit { base.deallocate() }

    /// The narrowest width for a dictionary of this many entries: all bits set must stay free for absent ones.
    static func width(forEntries count: Int) -> Width { count < 0xFF ? .one : count < 0xFFFF ? .two : .four }

    /// Copies codes whose absent value is ``absent``.
    convenience init(codes: some Collection<UInt32>, dictionary: SegmentDictionary, isPageLocal: Bool) {
        let width = Self.width(forEntries: dictionary.count)
        let count = codes.count
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, count * width.rawValue), alignment: 16)
        var place = 0
        for code in codes {
            switch width {
            case .one: memory.storeBytes(of: UInt8(truncatingIfNeeded: code), toByteOffset: place, as: UInt8.self)
            case .two: memory.storeBytes(of: UInt16(truncatingIfNeeded: code), toByteOffset: 2 &* place, as: UInt16.self)
            case .four: memory.storeBytes(of: code, toByteOffset: 4 &* place, as: UInt32.self)
            }
            place &+= 1
        }
        self.init(base: UnsafeRawPointer(memory), count: count, width: width, source: .own(dictionary), isPageLocal: isPageLocal)
    }

    /// Slots that all have the same code.
    convenience init(constant code: UInt32, count: Int, dictionary: SegmentDictionary, isPageLocal: Bool = false) {
        self.init(constant: code, count: count, source: .own(dictionary), isPageLocal: isPageLocal)
    }

    /// The same with a dictionary that is read later.
    convenience init(constant code: UInt32, count: Int, source: Source, isPageLocal: Bool) {
        let width = Self.width(forEntries: source.count)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, count * width.rawValue), alignment: 16)
        switch width {
        case .one: memory.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: code), count: count)
        case .two: memory.initializeMemory(as: UInt16.self, repeating: UInt16(truncatingIfNeeded: code), count: count)
        case .four: memory.initializeMemory(as: UInt32.self, repeating: code, count: count)
        }
        self.init(
            base: UnsafeRawPointer(memory), count: count, width: width, source: source, isPageLocal: isPageLocal, constant: code)
    }

    /// The first slots alone.
    func prefix(_ count: Int) -> PageCodes {
        if let constant { return PageCodes(constant: constant, count: count, source: source, isPageLocal: isPageLocal) }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, count * width.rawValue), alignment: 16)
        memory.copyMemory(from: base, byteCount: count * width.rawValue)
        return PageCodes(
            base: UnsafeRawPointer(memory), count: count, width: width, source: source, isPageLocal: isPageLocal)
    }

    /// Memory that it takes, about, its own dictionary included.
    var costBytes: Int { count * width.rawValue + 96 + (isPageLocal ? dictionary.costBytes : 0) }

    /// The codes where ``width`` is one byte.
    public var u8: UnsafeBufferPointer<UInt8>? { width == .one ? buffer() : nil }
    /// The codes where ``width`` is two bytes.
    public var u16: UnsafeBufferPointer<UInt16>? { width == .two ? buffer() : nil }
    /// The codes where ``width`` is four bytes.
    public var u32: UnsafeBufferPointer<UInt32>? { width == .four ? buffer() : nil }

    private func buffer<Code>() -> UnsafeBufferPointer<Code> {
        UnsafeBufferPointer(start: base.assumingMemoryBound(to: Code.self), count: count)
    }

    /// The code of a slot, ``absent`` where it has no value. Any width.
    @inline(__always)
    public subscript(slot: Int) -> UInt32 {
        switch width {
        case .one:
            let code = base.load(fromByteOffset: slot, as: UInt8.self)
            return code == .max ? Self.absent : UInt32(code)
        case .two:
            let code = base.load(fromByteOffset: 2 &* slot, as: UInt16.self)
            return code == .max ? Self.absent : UInt32(code)
        case .four: return base.load(fromByteOffset: 4 &* slot, as: UInt32.self)
        }
    }

    /// The text of a slot, nil where it has none. For display.
    public func string(_ slot: Int) -> String? {
        let code = self[slot]
        return code == Self.absent ? nil : dictionary.string(Int(code))
    }
}
