import ArgumentParser
import AuditModel
import Cryptography
import EventStore
import Minimization
import Vault

/// `proofline vault reveal`: turns a token back into an identity, with a reason, a second person and an expiry.
struct VaultRevealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reveal",
        abstract: "Show the identity behind a token; recorded on the timeline first.",
        discussion: """
            Example: proofline vault reveal usr_abcdefghijklm --store /var/lib/proofline --reason "SEC-118: takeover" --approved-by ben --minutes 30
            Who asks is the user of the operating system. The second person's name is recorded, not proved: whoever can read the vault's key is
            trusted to name one truly. With the salt shown, SHA-256(salt, value) is the commitment in the batch's side file.
            """)

    @Argument(help: "The token.") var token: String
    @Option(help: "The store's folder.") var store: String
    @Option(help: "Why.") var reason: String
    @Option(help: "The second person, who agreed.") var approvedBy: String
    @Option(help: "How long the permission lasts, 1 to 1440 minutes.") var minutes = 15
    @Option(help: "The pack that will hold the disclosure, if one will.") var pack: String?
    @Option(help: "text or json.") var format: VaultCommand.OutputFormat = .text

    func validate() throws {
        guard (1...1_440).contains(minutes) else { throw ValidationError("--minutes is a number from 1 to 1440") }
    }

    func run() throws {
        let layout = StoreLayout(directory: store)
        let vault = try VaultCommand.open(layout, access: .writer)
        let now = Timestamp.now
        let request = RevealRequest(
            reason: reason, requestedBy: OperatingSystemUser.name, approvedBy: approvedBy,
            expires: Timestamp(microseconds: now.microseconds + Int64(minutes) * 60_000_000), pack: pack)
        // The vault refuses before anything is written on the timeline, and nothing is shown before it is.
        let disclosure = try vault.reveal(token, request: request, now: now)
        try StoreAct.record(try event(request, vault, now: now), "a reveal", in: layout, now: now)
        switch format {
        case .text:
            print("value   \(disclosure.value)\nsalt    \(Hex.encode(disclosure.salt))\nexpires \(request.expires)")
        case .json:
            let members: JSONValue = [
                "token": .string(disclosure.token), "value": .string(disclosure.value), "salt": .string(Hex.encode(disclosure.salt)),
                "expires": .string(request.expires.description),
            ]
            print(members.prettyText())
        }
    }

    /// The act, with tokens for the two persons and a reason that names nobody.
    private func event(_ request: RevealRequest, _ vault: Vault, now: Timestamp) throws -> Event {
        var event = StoreAct.event("proofline.identity.reveal", now: now)
        event[.actorName] = try vault.token(for: Identity(.user, request.requestedBy))
        event[.approvalBy] = try vault.token(for: Identity(.user, request.approvedBy))
        event[.approvalState] = "approved"
        event.approvalExpires = request.expires
        event[.reason] = try Minimizer.minimize(text: request.reason, vault: vault)
        event.targets = [Event.Target(type: "token", id: token)]
        return event
    }
}
