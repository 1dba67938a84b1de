/// How many items a sample needs.
public enum SampleSize {
    /// How often a control operates, for the customary sizes.
    public enum Frequency: String, Hashable, Sendable, CaseIterable {
        case annual, quarterly, monthly, weekly, daily
    }

    /// The customary size for a control that operates `frequency`: 1, 2, 3, 5, 25, at most the population.
    public static func customary(_ frequency: Frequency, population: Int) -> Int {
        let size =
            switch frequency {
            case .annual: 1
            case .quarterly: 2
            case .monthly: 3
            case .weekly: 5
            case .daily: 25
            }
        return min(size, population)
    }

    /// The customary size for a control that operates many times a day, by the size of the population: 25 up to 100, 40 up
    /// to 250, 60 above.
    public static func customary(population: Int) -> Int {
        switch population {
        case ...100: min(25, population)
        case ...250: 40
        default: 60
        }
    }

    /// The smallest sample that, when it holds no deviation, shows with `confidence` that no more than `tolerable` of the
    /// population deviates (hypergeometric, no deviation expected).
    ///
    /// Both in per cent, `1...99`. With D = ⌊tolerable · population⌋ + 1 deviating items, one more than is
    /// tolerable, a sample of n misses them all with probability
    /// C(N−D, n) / C(N, n); the answer is the smallest n for which that is at most 1 − confidence.
    public static func statistical(population: Int, confidencePercent: Int, tolerablePercent: Int) -> Int {
        precondition((1...99).contains(confidencePercent) && (1...99).contains(tolerablePercent), "per cent of 1 to 99")
        guard population > 0 else { return 0 }
        let deviating = population * tolerablePercent / 100 + 1
        let risk = Double(100 - confidencePercent) / 100
        var missed = 1.0
        for n in 1...population {
            // Probability that the n-th item drawn is also none of the deviating ones.
            let left = population - deviating - (n - 1)
            guard left > 0 else { return n }
            missed *= Double(left) / Double(population - (n - 1))
            if missed <= risk { return n }
        }
        return population
    }
}
