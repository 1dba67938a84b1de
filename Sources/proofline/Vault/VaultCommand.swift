import ArgumentParser
import AuditModel
import EventStore
import Vault

/// `proofline vault`: what lies behind the tokens.
struct VaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract: "Count, find and, under dual control, reveal and erase identities.",
        discussion: """
            Example: proofline vault status --store /var/lib/proofline
            Looking up and revealing are recorded on the timeline before they are answered.
            """,
        subcommands: [VaultStatusCommand.self, VaultTokensCommand.self, VaultRevealCommand.self, VaultEraseCommand.self, VaultErasedCommand.self])

    /// Opens the vault of a store; a folder without a store is told in the store's own words.
    static func open(_ layout: StoreLayout, access: Vault.Access) throws -> Vault {
        _ = try StoreManifest(reading: layout)
        return try Vault.open(directory: layout.vault, access: access)
    }

    enum OutputFormat: String, ExpressibleByArgument { case text, json }
}

/// `proofline vault status`: counts, and nothing about anybody.
struct VaultStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Count tokens, persons, pending bindings, erasures and quarantined records.",
        discussion: "Example: proofline vault status --store /var/lib/proofline --format json")

    @Option(help: "The store's folder.") var store: String
    @Option(help: "text or json.") var format: VaultCommand.OutputFormat = .text

    func run() throws {
        let vault = try VaultCommand.open(StoreLayout(directory: store), access: .reader)
        let status = try vault.status()
        let quarantined = try QuarantineStore(vault: vault).counts()
        switch format {
        case .text: printText(status, quarantined)
        case .json: print(Self.json(status, quarantined).prettyText())
        }
    }

    private func printText(_ status: Vault.Status, _ quarantined: [String: Int]) {
        var table = TextTable(titles: ["what", "count"], flexible: [0])
        for (kind, count) in status.tokens.sorted(by: { $0.key < $1.key }) { table.add(["tokens \(kind)_", String(count)]) }
        table.add(["subjects", String(status.subjects)])
        table.add(["subjects that met and stayed apart", String(status.aliases)])
        table.add(["bindings that no seal holds yet", String(status.pendingBindings)])
        table.add(["batch salts", String(status.batchSalts)])
        table.add(["disclosures", String(status.disclosures)])
        table.add(["erased tokens", String(status.erasedTokens)])
        for (source, count) in quarantined.sorted(by: { $0.key < $1.key }) {
            table.add(["quarantined records of \(source)", String(count)])
        }
        for line in table.lines(width: Terminal.width) { print(line) }
    }

    private static func json(_ status: Vault.Status, _ quarantined: [String: Int]) -> JSONValue {
        [
            "tokens": .object(status.tokens.mapValues { .integer(Int64($0)) }), "subjects": .integer(Int64(status.subjects)),
            "aliases": .integer(Int64(status.aliases)), "pendingBindings": .integer(Int64(status.pendingBindings)),
            "batchSalts": .integer(Int64(status.batchSalts)), "disclosures": .integer(Int64(status.disclosures)),
            "erasedTokens": .integer(Int64(status.erasedTokens)), "quarantined": .object(quarantined.mapValues { .integer(Int64($0)) }),
        ]
    }
}

/// `proofline vault tokens`: the tokens of a person, without revealing anything.
struct VaultTokensCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "List the tokens of the person that a real identity names.",
        discussion: """
            Example: proofline vault tokens alice@example.com --store /var/lib/proofline
            Exit code 1 says that the vault knows no such identity. A token may stand in the identity's place.
            """)

    @Argument(help: "An e-mail address, login, id or address, or a token.") var identity: String
    @Option(help: "The store's folder.") var store: String
    @Option(help: "text or json.") var format: VaultCommand.OutputFormat = .text

    func run() throws {
        let layout = StoreLayout(directory: store)
        let vault = try VaultCommand.open(layout, access: .reader)
        let isToken = Token(identity) != nil
        let tokens = try isToken ? vault.tokens(ofSubjectOf: identity) : vault.tokens(ofPersonWith: identity)
        let aliases = try Set(tokens.flatMap { try vault.aliases(of: $0) }).sorted()
        let now = Timestamp.now
        var act = StoreAct.event("proofline.query.run", now: now)
        act[.message] = "vault tokens"
        act.targets = tokens.map { Event.Target(type: "token", id: $0) }
        try StoreAct.record(act, "looking up a person", in: layout, now: now)
        switch format {
        case .text:
            for token in tokens { print(token) }
            for alias in aliases { print("\(alias)  (met in an event, perhaps the same person)") }
        case .json:
            let members: JSONValue = ["tokens": .array(tokens.map { .string($0) }), "aliases": .array(aliases.map { .string($0) })]
            print(members.prettyText())
        }
        if tokens.isEmpty {
            ExitStatus.printError("the vault knows no such identity: nothing that was seen so far belongs to it")
            throw VerbError.findings
        }
    }
}
