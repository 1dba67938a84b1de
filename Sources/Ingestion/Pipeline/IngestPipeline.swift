import AuditModel
import EventStore
import Minimization
import Synchronization
import Vault

/// The way of blocks from their reader to a commit, on the threads of a pool.
///
/// A group of blocks passes: keys (any thread, all blocks at once) → duplicates (groups in order, one at a time) → per block minimization, then
/// trees of its batches and encoding of its columns (any thread) → commit (groups in order, one at a time). Groups are bounded in number and
/// bytes; whoever reads asks ``hasRoom`` before it goes on.
///
/// Safe to share: what changes is touched under its lock.
final class IngestPipeline: @unchecked Sendable {
    let pool: WorkPool
    private let committer: Committer
    private let limits: IngestLimits
    private let clock: @Sendable () -> Timestamp
    private let minimizers: Loans<BlockMinimizer>
    private let encoders = Loans { try SegmentEncoder() }
    private let didCommit: @Sendable (Committer.Outcome, CommitGroup) throws -> Void

    private let lock = Mutex(())
    private var duplicateLane = OrderedLane()
    private var commitLane = OrderedLane()
    private var groups = 0
    private var bytes = 0
    /// Keys of groups whose duplicates were told apart and that are not committed, by number.
    private var uncommitted: [Int: [SortedDuplicateKeys]] = [:]
    private var isMerging = false

    /// - Parameter didCommit: Called after each commit, in order.
    init(
        pool: WorkPool, committer: Committer, policy: MinimizationPolicy, limits: IngestLimits, clock: @escaping @Sendable () -> Timestamp,
        didCommit: @escaping @Sendable (Committer.Outcome, CommitGroup) throws -> Void
    ) {
        self.pool = pool
        self.committer = committer
        self.limits = limits
        self.clock = clock
        self.didCommit = didCommit
        let vault = committer.vault
        minimizers = Loans(most: limits.threads + 2) { BlockMinimizer(policy: policy, vault: vault) }
    }

    private func locked<R>(_ body: () throws -> R) rethrows -> R {
        try lock.withLock { _ in
            nonisolated(unsafe) let body = body
            nonisolated(unsafe) let result = try body()
            return result
        }
    }

    /// Whether another group may be handed on.
    var hasRoom: Bool { locked { groups < limits.groupsInFlight && bytes < limits.memoryBytes / 2 } }

    /// Whether a thread has nothing to do, so that a smaller block is better now than a full one later.
    var isHungry: Bool { hasRoom && pool.hasIdleThread }

    /// Whether nothing is on its way.
    var isEmpty: Bool { locked { groups == 0 } }

    /// Hands cuts on that are to be committed together, in the order of their sources.
    func submit(_ cuts: [SourceCut]) {
        guard !cuts.isEmpty else { return }
        let group = CommitGroup(cuts.sorted { $0.reader.place < $1.reader.place })
        let number = locked {
            groups += 1
            bytes += group.byteCount
            _ = commitLane.takeNumber()
            return duplicateLane.takeNumber()
        }
        let next = Countdown(group.works.count) { [self] in
            start(locked { duplicateLane.becomeReady(number) { [self] in try tellDuplicates(group, number) } })
        }
        for work in group.works {
            pool.add(.block) { [self] in
                makeKeys(work)
                try next.done()
            }
        }
    }

    private func start(_ work: WorkPool.Work?) {
        if let work { pool.add(.ordered, work) }
    }

    // MARK: Stages

    private func makeKeys(_ work: BlockWork) {
        let (keys, owners) = work.block.duplicateKeys(work.reader.duplicateKeys, now: clock().microseconds)
        work.keys = SortedDuplicateKeys(keys)
        work.owners = owners
    }

    /// Finds the duplicates of a group among all records before.
    private func tellDuplicates(_ group: CommitGroup, _ number: Int) throws {
        var before = locked { uncommitted.values.flatMap { $0 } }
        for work in group.works where work.keys.count > 0 {
            let verdicts = try committer.store.verdicts(work.keys, before: before)
            before.append(work.keys)
            work.keptKeys = work.keys.kept(verdicts)
            if verdicts.contains(where: { $0 != .new }) { work.block.resolve(verdicts, owners: work.owners) }
        }
        start(
            locked {
                uncommitted[number] = group.works.map(\.keys)
                return duplicateLane.finish()
            })
        let next = Countdown(group.works.count) { [self] in
            start(locked { commitLane.becomeReady(number) { [self] in try commit(group, number) } })
        }
        for work in group.works {
            pool.add(.block) { [self] in try minimize(work, next) }
        }
    }

    private func minimize(_ work: BlockWork, _ next: Countdown) throws {
        let events = work.block.events
        if events.rowCount > 0 {
            work.minimized = try minimizers.withOne(for: work.reader.place) { minimizer in
                try minimizer.minimize(events, batches: work.block.batches.map(\.rows))
            }
            for (name, value) in work.reader.configuration.attributes { ConfiguredAttributes.set(name, value, in: events) }
        }
        work.drawSalts()
        let salted = work.seals
        let encoding = events.rowCount > 0 ? RowGroupEncoding(events, rows: 0..<events.rowCount) : nil
        let tasks = Self.tasks(of: encoding, rows: events.rowCount)
        let all = Countdown(salted.count + tasks.count) {
            if let encoding { work.finish(encoding) }
            try next.done()
        }
        for (number, salts) in salted.enumerated() {
            pool.add(.block) { [self] in
                let parts = work.hash(batch: number, salts)
                locked { work.set(parts, batch: number) }
                try all.done()
            }
        }
        guard let encoding else { return }
        for task in tasks {
            pool.add(.block) { [self] in
                let parts = try encoders.withOne { encoder in try task.map { try encoder.run(encoding, task: $0) } }
                locked { work.add(parts) }
                try all.done()
            }
        }
    }

    /// The tasks of an encoding in pieces that are worth a thread's while.
    private static func tasks(of encoding: RowGroupEncoding?, rows: Int) -> [Range<Int>] {
        guard let count = encoding?.taskCount else { return [] }
        return rows < 8_192 ? [0..<count] : (0..<count).map { $0..<($0 + 1) }
    }

    private func commit(_ group: CommitGroup, _ number: Int) throws {
        let outcome = try committer.commit(group)
        start(
            locked {
                uncommitted[number] = nil
                groups -= 1
                bytes -= group.byteCount
                return commitLane.finish()
            })
        try didCommit(outcome, group)
        mergeDuplicateKeys()
    }

    /// Merges runs of duplicate keys where that is due, when there is nothing better to do.
    private func mergeDuplicateKeys() {
        let begins = locked {
            defer { isMerging = true }
            return !isMerging
        }
        guard begins else { return }
        pool.add(.background) { [self] in
            defer { locked { isMerging = false } }
            while try committer.store.mergeDuplicateRuns(isCancelled: { pool.isStopping }) {}
        }
    }
}
