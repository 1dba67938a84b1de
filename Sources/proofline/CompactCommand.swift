import ArgumentParser
import EventStore

/// `proofline compact`: small segments become large ones.
struct CompactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Merge small segments into large ones, sorted by time. No hash changes.",
        discussion: """
            Example: proofline compact --store /var/lib/proofline
            The service does so by itself, where it pays; this merges whatever fits together, and needs the store to itself. Replaced files stay an
            hour for readers that began before.
            """)

    @Option(help: "The store's folder.") var store: String

    func run() throws {
        let eventStore = try EventStore.open(directory: store, access: .writer)
        defer { eventStore.close() }
        let report = try eventStore.compact(isEager: true)
        print(report)
    }
}
