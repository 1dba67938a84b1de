import AuditModel

/// How often something was replaced, dropped or cut in a batch.
struct ScrubCounts {
    private var kinds = [Int](repeating: 0, count: ScrubKind.allCases.count)
    var literals = 0
    var droppedSecrets = 0
    var droppedByPolicy = 0
    var truncated = 0

    private static let places = Dictionary(uniqueKeysWithValues: ScrubKind.allCases.enumerated().map { ($0.element, $0.offset) })

    mutating func add(_ kind: ScrubKind) { kinds[Self.places[kind]!] += 1 }

    /// The place of a kind among the counts, for ``add(places:)``.
    static func place(of kind: ScrubKind) -> UInt8 { UInt8(places[kind]!) }

    /// Counts kinds by their places, one each.
    mutating func add(places: ArraySlice<UInt8>) { for place in places { kinds[Int(place)] &+= 1 } }

    mutating func count(drop dataClass: DataClass) {
        if dataClass == .secret { droppedSecrets += 1 } else { droppedByPolicy += 1 }
    }

    /// The counts that are not zero, by name.
    var named: [String: Int] {
        var named: [String: Int] = [:]
        for (kind, place) in Self.places where kinds[place] > 0 { named["scrub.\(kind.rawValue)"] = kinds[place] }
        for (name, count) in [
            ("scrub.known_identity", literals), ("drop.secret", droppedSecrets), ("drop.policy", droppedByPolicy), ("truncated", truncated),
        ] where count > 0 { named[name] = count }
        return named
    }
}
