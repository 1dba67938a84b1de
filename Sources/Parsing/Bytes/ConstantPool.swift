/// The constant texts of a plan: interned while a definition is compiled, then only read.
///
/// Safety: `@unchecked Sendable` because nothing changes after the plan is built; storage is never moved.
final class ConstantPool: @unchecked Sendable {
    private(set) var slices: [ByteSlice] = []
    private var byText: [String: Int32] = [:]
    private let arena = Arena()

    /// The number of an equal constant, added if new.
    func intern(_ text: String) -> Int32 {
        if let known = byText[text] { return known }
        var text = text
        let slice = text.withUTF8 { bytes in
            bytes.baseAddress.map { arena.copy(ByteSlice(base: $0, count: bytes.count)) } ?? .empty
        }
        let number = Int32(slices.count)
        slices.append(slice)
        byText[text] = number
        return number
    }

    func slice(_ text: String) -> ByteSlice { slices[Int(intern(text))] }

    subscript(number: Int32) -> ByteSlice { slices[Int(number)] }
}
