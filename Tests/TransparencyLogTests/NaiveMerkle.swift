import TransparencyLog

/// RFC 6962 §2.1 word for word, slow and obvious: what the tests compare the library with.
enum NaiveMerkle {
    static func root(_ leaves: ArraySlice<MerkleHash>) -> MerkleHash {
        if leaves.isEmpty { return .empty }
        if leaves.count == 1 { return leaves.first! }
        let split = split(leaves.count)
        return .node(root(leaves.prefix(split)), root(leaves.dropFirst(split)))
    }

    static func path(_ index: Int, _ leaves: ArraySlice<MerkleHash>) -> [MerkleHash] {
        if leaves.count == 1 { return [] }
        let split = split(leaves.count)
        if index < split {
            return path(index, leaves.prefix(split)) + [root(leaves.dropFirst(split))]
        }
        return path(index - split, leaves.dropFirst(split)) + [root(leaves.prefix(split))]
    }

    static func proof(_ size: Int, _ leaves: ArraySlice<MerkleHash>) -> [MerkleHash] {
        subproof(size, leaves, true)
    }

    private static func subproof(_ size: Int, _ leaves: ArraySlice<MerkleHash>, _ isKnown: Bool) -> [MerkleHash] {
        if size == leaves.count { return isKnown ? [] : [root(leaves)] }
        let split = split(leaves.count)
        if size <= split {
            return subproof(size, leaves.prefix(split), isKnown) + [root(leaves.dropFirst(split))]
        }
        return subproof(size - split, leaves.dropFirst(split), false) + [root(leaves.prefix(split))]
    }

    private static func split(_ count: Int) -> Int {
        var split = 1
        while split * 2 < count { split *= 2 }
        return split
    }

    static func leaves(_ count: Int) -> [MerkleHash] {
        (0..<count).map { .leaf(Array("entry \($0)".utf8)) }
    }
}
