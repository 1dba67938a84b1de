/// A pattern laid out for running: trivial instructions in one block.
///
/// Safety: it lives as long as the ``Pattern`` it was made of.
struct FlatPattern: BitwiseCopyable, @unchecked Sendable {
    struct Instruction: BitwiseCopyable {
        enum Kind: UInt8 {
            case literal, end, endOfPrefix, optional, oneOf
            case text, word, rest
            case name, digits, integer, number, hex, ip, quoted, iso, space, blanks, like
        }

        let kind: Kind
        /// Slot of the field, or -1.
        var slot: Int32 = -1
        /// Where an optional part goes on if the rest fails.
        var otherwise: Int32 = 0
        /// A literal, or the shape of `like`.
        var literal = ByteSlice.empty
        var choices = FlatList<ByteSlice>(base: UnsafePointer(bitPattern: 8)!, count: 0)
    }

    let instructions: FlatList<Instruction>
    /// The literal that a match begins with, empty where it begins with something else.
    let opening: ByteSlice

    init(_ instructions: [Pattern.Instruction], constants: [ByteSlice], memory: PlanMemory) {
        let flat = instructions.map { Self.flat($0, constants, memory) }
        self.instructions = memory.list(flat)
        opening = flat.first.map { $0.kind == .literal ? $0.literal : .empty } ?? .empty
    }

    /// Whether a match of this text is out of the question by its first bytes.
    @inline(__always)
    func cannotBegin(_ text: ByteSlice) -> Bool {
        guard opening.count > 0 else { return false }
        return text.count < opening.count || text.base[0] != opening.base[0] || !text.hasPrefix(opening)
    }

    private static func flat(_ instruction: Pattern.Instruction, _ constants: [ByteSlice], _ memory: PlanMemory) -> Instruction {
        switch instruction {
        case .literal(let number): Instruction(kind: .literal, literal: constants[Int(number)])
        case .end: Instruction(kind: .end)
        case .endOfPrefix: Instruction(kind: .endOfPrefix)
        case .optional(let otherwise): Instruction(kind: .optional, otherwise: Int32(otherwise))
        case .oneOf(let choices, let slot):
            Instruction(kind: .oneOf, slot: slot, choices: memory.list(choices.map { constants[Int($0)] }))
        case .field(.like(let shape), let slot):
            Instruction(kind: .like, slot: slot, literal: ByteSlice(base: memory.copy(shape), count: shape.count))
        case .field(let type, let slot): Instruction(kind: kind(of: type), slot: slot)
        }
    }

    private static func kind(of type: Pattern.FieldType) -> Instruction.Kind {
        switch type {
        case .text: .text
        case .rest: .rest
        case .word: .word
        case .name: .name
        case .digits: .digits
        case .integer: .integer
        case .number: .number
        case .hex: .hex
        case .ip: .ip
        case .quoted: .quoted
        case .iso: .iso
        case .space: .space
        case .blanks: .blanks
        case .like: .like
        }
    }
}
