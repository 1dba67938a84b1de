/// Dictionary pages of several zstd frames: each holds as many whole entries, so that a few are found without those before them.
///
/// To any other reader it is one zstd stream. How many entries a frame has follows from the page's header, so nothing else says it.
enum DictionaryFrames {
    /// Frames have at least so many bytes before compression, on average, and less than twice as many.
    static let leastBytes = 1 << 14

    /// Entries of a frame, the last may have fewer: the smallest power of two that makes ``leastBytes``; nil where one frame holds all.
    ///
    /// - Parameter byteCount: Bytes of the page before compression.
    static func entryCount(of count: Int, byteCount: Int) -> Int? {
        guard count > 1, byteCount >= 2 * leastBytes else { return nil }
        var entries = 1
        while entries < count, entries * byteCount < leastBytes * count { entries *= 2 }
        return entries < count ? entries : nil
    }
}
