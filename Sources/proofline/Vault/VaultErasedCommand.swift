import ArgumentParser
import EventStore
import Vault

/// `proofline vault erased`: tokens that stand for nobody any more.
struct VaultErasedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erased",
        abstract: "List the tokens that were erased, one a line.",
        discussion: """
            Example: proofline vault erased --store /var/lib/proofline > erased.txt
            A restore of an older backup must erase them again: proofline restore --erased erased.txt. They name nobody.
            """)

    @Option(help: "The store's folder.") var store: String

    func run() throws {
        let vault = try VaultCommand.open(StoreLayout(directory: store), access: .reader)
        for token in try vault.erasedTokens() { print(token) }
    }
}
