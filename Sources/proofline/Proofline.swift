import ArgumentParser

/// The command line: one verb, one file.
@main
struct Proofline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proofline",
        abstract: "Audit logs in, signed evidence out.",
        subcommands: [])
}
