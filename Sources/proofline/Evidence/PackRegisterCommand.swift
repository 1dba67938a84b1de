import ArgumentParser
import AuditModel
import Evidence

/// `proofline pack register`: who got which pack.
struct PackRegisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Write down who gets a pack, or list who got which.",
        discussion: """
            Example: proofline pack register issued.jsonl --add packs/EP-2026Q3-soc2-r1 --recipient "Audit & Co"
            Without --add it lists. Each line holds the hash of the one before: a register that was changed ends with 1. Keep the printed head elsewhere, \
            such as in a ticket, and a cut end shows as well.
            """)

    @Argument(help: "The register's file; made where there is none.") var file: String
    @Option(help: "A pack's folder, approved.") var add: String?
    @Option(help: "Who gets it; by default whom the pack names.") var recipient: String?
    @Option(help: "text or json.") var format: Format = .text

    enum Format: String, ExpressibleByArgument { case text, json }

    func run() throws {
        guard add != nil || recipient == nil else { throw VerbError.usage("--recipient goes with --add") }
        var register = try PackRegister(path: file)
        if let add { try register.add(try PackFolder(path: add), to: recipient, at: Timestamp.now) }
        switch format {
        case .json: print((["head": .string(register.head), "packs": .array(register.entries.map(\.json))] as JSONValue).prettyText())
        case .text:
            var table = TextTable(titles: ["given", "recipient", "pack", "level", "expires", "SHA256SUMS"], flexible: [1])
            for entry in register.entries {
                table.add([entry.text("at"), entry.text("recipient"), entry.text("name"), entry.text("level"), entry.text("expires"), entry.text("sha256sums")])
            }
            for line in table.lines(width: Terminal.width) { print(line) }
            print("head \(register.head)")
        }
    }
}
