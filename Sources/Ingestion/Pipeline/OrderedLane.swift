/// One thing at a time, in the order of numbers that are given out, whenever each becomes ready.
///
/// Not safe by itself: its owner calls it under a lock and adds what it returns to a pool.
struct OrderedLane {
    private var given = 0
    private var done = 0
    private var isBusy = false
    private var ready: [Int: WorkPool.Work] = [:]

    /// The next number.
    mutating func takeNumber() -> Int {
        defer { given += 1 }
        return given
    }

    /// Something became ready; returns what may begin now, if anything.
    mutating func becomeReady(_ number: Int, _ work: @escaping WorkPool.Work) -> WorkPool.Work? {
        ready[number] = work
        return begin()
    }

    /// What was begun is done; returns what may begin now, if anything.
    mutating func finish() -> WorkPool.Work? {
        isBusy = false
        done += 1
        return begin()
    }

    private mutating func begin() -> WorkPool.Work? {
        guard !isBusy, let work = ready.removeValue(forKey: done) else { return nil }
        isBusy = true
        return work
    }
}
