import ArgumentParser
import AuditModel
import EventStore
import Minimization
import Vault

/// `proofline report explain`: a reason beside an exception, recorded in proofline's own trail.
struct ReportExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain an exception: who answers for it, under which ticket, until when.",
        discussion: """
            Example: proofline report explain X-0123456789ab --store /var/lib/proofline --ticket SEC-118 --owner petra --reason "laptop in repair" --expires 2026-12-31 --approved-by anton
            X-… names one exception, K-… the same one in every period. Reports and packs built after the store's writer has sealed it (the next ingest) print it \
            beside the exception. It changes no count and no outcome. Who explains is the user of the operating system; persons are kept as tokens. \
            Explaining again replaces it; both stay on the timeline.
            """)

    @Argument(help: "The exception's id, X-…, or key, K-….") var exception: String
    @Option(help: "The store's folder.") var store: String
    @Option(help: "The ticket that deals with it, such as SEC-118.") var ticket: String
    @Option(help: "Who answers for it.") var owner: String
    @Option(help: "Why it is as it is.") var reason: String
    @Option(help: "Last day on which the explanation holds, such as 2026-12-31.") var expires: String
    @Option(help: "The second person, who agreed.") var approvedBy: String

    func run() throws {
        guard exception.wholeMatch(of: /[XK]-[0-9a-f]{12}/) != nil else {
            throw VerbError.usage("an exception is named by X- or K- and twelve hex digits, as reports print it")
        }
        // A ticket is printed in packs as it is, so nothing may hide in it.
        guard ticket.wholeMatch(of: /[A-Za-z0-9#][A-Za-z0-9._\/#-]{0,63}/) != nil else {
            throw VerbError.usage("--ticket is up to 64 letters, digits and . _ / # -, such as SEC-118")
        }
        let author = OperatingSystemUser.name
        guard !owner.isEmpty, !reason.isEmpty, !approvedBy.isEmpty else { throw VerbError.usage("--owner, --reason and --approved-by must not be empty") }
        guard author.lowercased() != approvedBy.lowercased() else {
            throw VerbError.usage("\(author) explains and cannot agree to it as well; name another person with --approved-by")
        }
        guard expires.utf8.count == 10, let day = Timestamp(dateOrTime: expires) else {
            throw VerbError.usage("--expires is a day, such as 2026-12-31")
        }
        let (layout, now) = (StoreLayout(directory: store), Timestamp.now)
        // The day itself still counts.
        let end = Timestamp(microseconds: day.microseconds + 86_400_000_000)
        guard end > now else { throw VerbError.usage("--expires \(expires) has passed") }
        let vault = try VaultCommand.open(layout, access: .writer)
        var event = StoreAct.event("proofline.exception.explain", now: now)
        event[.actorName] = try vault.token(for: Identity(.user, author))
        event[.approvalBy] = try vault.token(for: Identity(.user, approvedBy))
        event[.approvalState] = "approved"
        event[.approvalRef] = ticket
        event.approvalExpires = end
        event[.reason] = try Minimizer.minimize(text: reason, vault: vault)
        event.setAttribute("owner", try vault.token(for: Identity(.user, owner)))
        event.targets = [Event.Target(type: "exception", id: exception)]
        try StoreAct.record(event, "an explanation", in: layout, now: now)
        print("\(exception) is explained under \(ticket) until \(expires); reports print it after the next ingest")
    }
}
