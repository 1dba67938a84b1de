import ArgumentParser
import AuditModel
import EventStore
import Minimization
import TransparencyLog
import Vault

/// `proofline vault erase`: a person is forgotten. Tokens, seals and proofs stay; nobody can say any more whom a token meant.
struct VaultEraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Forget a person for ever; recorded in the log and on the timeline first.",
        discussion: """
            Example: proofline vault erase alice@example.com --store /var/lib/proofline --reason "GDPR-17: request of 3 May" --approved-by ben
            All tokens of the person lose their names, keys and salts; a shared address stands on its own. Events stay, and every proof holds. Packs
            that disclosed the person still do: they are listed. Stop the service meanwhile, since it gives tokens from memory. It cannot be undone.
            """)

    @Argument(help: "An e-mail address, login, id or address, or a token.") var identity: String
    @Option(help: "The store's folder.") var store: String
    @Option(help: "Why.") var reason: String
    @Option(help: "The second person, who agreed.") var approvedBy: String
    @Option(help: "text or json.") var format: VaultCommand.OutputFormat = .text

    func run() throws {
        // The lock: a service would go on giving the tokens that it holds in memory.
        let writer = try EventStore.open(directory: store, access: .writer)
        defer { writer.close() }
        let vault = try VaultCommand.open(writer.layout, access: .writer)
        let request = ErasureRequest(reason: reason, requestedBy: OperatingSystemUser.name, approvedBy: approvedBy)
        try request.check()
        let isToken = Token(identity) != nil
        let tokens = try isToken ? vault.tokens(ofSubjectOf: identity) : vault.tokens(ofPersonWith: identity)
        guard !tokens.isEmpty else {
            ExitStatus.printError("the vault knows no such identity: there is nothing to erase")
            throw VerbError.findings
        }
        let now = Timestamp.now
        try StoreAct.record(try event(request, tokens, vault, now: now), "an erasure", in: writer.layout, now: now)
        let entries = try writer.appendErasure(of: tokens)
        let batches = try destroyRawSalts(of: tokens, writer.snapshot(), vault)
        let receipt = try vault.erase(tokens, now: now)
        tell(receipt, entries, batches)
    }

    /// Destroys the salts of the raw records of all batches in which the person is, so that their roots confirm no guess.
    ///
    /// - Returns: the number of such batches.
    private func destroyRawSalts(of tokens: [String], _ snapshot: StoreSnapshot, _ vault: Vault) throws -> Int {
        let batches = try snapshot.batches(holding: tokens)
        let keys = try batches.compactMap { batch -> BatchSaltKey? in
            try snapshot.rawRoot(of: batch).map { .raw(root: $0.digest) }
        }
        try vault.destroyBatchSalts(keys)
        return batches.count
    }

    /// The act, with tokens for the two persons and a reason that names nobody.
    private func event(_ request: ErasureRequest, _ tokens: [String], _ vault: Vault, now: Timestamp) throws -> Event {
        var event = StoreAct.event("proofline.identity.erase", now: now)
        event[.actorName] = try vault.token(for: Identity(.user, request.requestedBy))
        event[.approvalBy] = try vault.token(for: Identity(.user, request.approvedBy))
        event[.approvalState] = "approved"
        event[.reason] = try Minimizer.minimize(text: request.reason, vault: vault)
        event.targets = tokens.map { Event.Target(type: "token", id: $0) }
        return event
    }

    private func tell(_ receipt: ErasureReceipt, _ entries: [UInt64], _ batches: Int) {
        switch format {
        case .text:
            for token in receipt.tokens { print("erased  \(token)") }
            print("log     \(entries.map { "entry \($0)" }.joined(separator: ", "))")
            print("batches \(batches) hold the person; the salts of their raw records are destroyed")
            for pack in receipt.packs { print("pack    \(pack) holds a disclosure; ask whoever has it to delete that") }
            if !receipt.isLogTruncated { print("note: a reader keeps old pages of the vault; close readers and run any vault verb that writes") }
        case .json:
            let members: JSONValue = [
                "tokens": .array(receipt.tokens.map { .string($0) }), "entries": .array(entries.map { .integer(Int64(clamping: $0)) }),
                "batches": .integer(Int64(batches)), "packs": .array(receipt.packs.map { .string($0) }), "isLogTruncated": .bool(receipt.isLogTruncated),
            ]
            print(members.prettyText())
        }
    }
}
