import ArgumentParser

/// `proofline pack`: from reports to a signed, released folder.
struct PackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Build, sign, approve and release evidence packs.",
        discussion:
            "In this order: build, sign (preparer), approve (another person), timestamp, release. `proofline verify` checks the result, `pack diff` compares it with the quarter before.",
        subcommands: [
            PackBuildCommand.self, PackSignCommand.self, PackApproveCommand.self, PackTimestampCommand.self, PackReleaseCommand.self,
            PackDiffCommand.self, PackRegisterCommand.self, PackRevokeCommand.self,
        ])
}
