import TransparencyLog

/// Whether the log of the newer pack is the older pack's log, only longer.
public enum Growth: Hashable, Sendable {
    /// Who holds the proof.
    public enum Prover: String, Hashable, Sendable {
        /// The newer pack: its proof begins at the older pack's end.
        case pack
        /// The store that was named.
        case store
    }

    /// Both packs were built at one tree head.
    case sameCheckpoint(size: UInt64)
    case proven(Prover, from: UInt64, to: UInt64)
    /// Nothing speaks against it, and the packs alone do not show it.
    case unproven(String)
    /// The heads exclude each other, or a proof does not hold.
    case inconsistent(String)

    /// Whether this is for the worse: what cannot be shown is said, and is no accusation.
    public var isInconsistent: Bool { if case .inconsistent = self { true } else { false } }

    /// - Parameter stored: A proof between the two ends from a store; nil where none was named.
    init(_ old: ReadPack, _ new: ReadPack, stored: ConsistencyProof?) {
        let (from, to) = (old.checkpointEnd, new.checkpointEnd)
        guard from.origin == to.origin else {
            self = .inconsistent("the packs come from two logs, \(from.origin) and \(to.origin)")
            return
        }
        if let growth = new.growth, let fault = Self.fault(growth.proof, growth.start, to) {
            self = .inconsistent("the newer pack's own proof does not hold: \(fault)")
            return
        }
        if from.size == to.size {
            self = from.root == to.root ? .sameCheckpoint(size: to.size) : .inconsistent("at size \(to.size) the log has two roots: it was forked")
            return
        }
        guard from.size < to.size else {
            self = .inconsistent("the newer pack's log has \(to.size) entries, the older pack's had \(from.size)")
            return
        }
        if let start = new.growth?.start, start.size == from.size {
            self =
                start.root == from.root
                ? .proven(.pack, from: from.size, to: to.size) : .inconsistent("at size \(from.size) the log has two roots: it was forked")
            return
        }
        if let stored {
            self = Self.fault(stored, from, to).map { .inconsistent("the store's proof does not hold: \($0)") } ?? .proven(.store, from: from.size, to: to.size)
            return
        }
        self = .unproven(Self.missing(new, from, to))
    }

    private static func missing(_ new: ReadPack, _ from: Checkpoint, _ to: Checkpoint) -> String {
        let spans = new.growth.map { "the newer pack's proof spans sizes \($0.start.size) to \(to.size)" } ?? "the newer pack holds no consistency proof"
        return
            "\(spans), the older pack ends at \(from.size): growth from there cannot be shown from the two packs alone; name the store with --store, or build the newer pack with --previous"
    }

    private static func fault(_ proof: ConsistencyProof, _ old: Checkpoint, _ new: Checkpoint) -> String? {
        guard proof.oldSize == old.size, proof.newSize == new.size, old.origin == new.origin else { return "it is between other tree heads" }
        do throws(ConsistencyProof.Rejection) {
            try proof.verify(oldRoot: old.root, newRoot: new.root)
            return nil
        } catch {
            switch error {
            case .shrunk: return "the log is smaller than it was"
            case .hashCount(let expected, let found): return "it has \(found) hashes, \(expected) are due"
            case .oldRootMismatch: return "it does not begin at the earlier tree head"
            case .newRootMismatch: return "it does not lead to the later tree head"
            }
        }
    }
}
