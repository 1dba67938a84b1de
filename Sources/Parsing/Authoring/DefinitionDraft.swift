public import AuditModel
import Foundation

/// A new parser folder: a definition, a README and a fixture that load and pass, for a person to go on from.
///
/// Made from some lines of the source, or from an invented example. It claims what the letters of the sample show (how bytes fall into
/// records, which value is a time) and nothing else: who acted, on what and how it ended is offered in comments. Every name
/// that is kept is an attribute with a class, the stricter one in doubt. The fixture holds invented values in the place of the sample's.
public struct DefinitionDraft: Sendable {
    public let id: String
    /// What was found in the sample, a line each, for people.
    public let notes: [String]
    let definition: String
    let readme: String
    let fixture: String

    /// Most names of a sample that become attributes.
    static let mostAttributes = 60

    /// - Parameters:
    ///   - sample: Decompressed bytes from the beginning of a file; nil makes an example.
    ///   - isWhole: Whether they are all of it.
    ///   - domain: The domain of codes without an entry, one of the taxonomy's.
    /// - Throws: ``ParsingError`` for an id that is none, a domain that is not there or a sample with nothing in it.
    public init(id: String, sample: [UInt8]?, isWhole: Bool, domain: String, taxonomy: ActionTaxonomy) throws(ParsingError) {
        guard !id.isEmpty, id.utf8.allSatisfy({ $0.isDigit || ($0 >= 97 && $0 <= 122) || $0 == UInt8(ascii: "_") }) else {
            throw ParsingError(code: .invalidValue, message: "'\(id)' is no id: it holds lower-case letters, digits and _ only, such as door_system")
        }
        guard taxonomy.domains.contains(domain) else {
            throw ParsingError(code: .invalidValue, message: "no domain is named '\(domain)'\(DefinitionNode.suggestion(domain, taxonomy.domains))")
        }
        self.id = id
        let shape = try SampleShape(sample ?? Array(Self.example.utf8), isWhole: sample == nil || isWhole)
        var writer = DraftWriter(shape, id: id, domain: domain)
        definition = writer.definition()
        notes = writer.notes
        fixture = writer.fixture()
        readme = Self.readme(id)
    }

    /// Writes the folder `<parent>/<id>` with its recorded fixture.
    ///
    /// - Parameter taxonomy: That of the folders beside which it will be loaded.
    /// - Returns: The files, in the order of writing.
    /// - Throws: ``ParsingError`` where the folder is there already or cannot be written; then nothing is left behind.
    public func write(into parent: String, taxonomy: ActionTaxonomy) throws(ParsingError) -> [String] {
        let folder = "\(parent)/\(id)"
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw ParsingError(code: .invalidValue, message: "it is there already, and nothing was changed; choose another id or remove it", path: folder)
        }
        do {
            try FileManager.default.createDirectory(atPath: "\(folder)/fixtures", withIntermediateDirectories: true)
            for (name, text) in [("parser.yaml", definition), ("README.md", readme), ("fixtures/basic.log", fixture)] {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw ParsingError(code: .unreadable, message: "the folder cannot be written; check its permissions", path: folder)
        }
        do {
            let loaded = try ParserLibrary.loadDefinition(folder: folder, taxonomy: taxonomy)
            for fixture in ParserLibrary.fixtures(of: loaded) { try FixtureRun(fixture, of: loaded).record(fixture) }
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        return ["parser.yaml", "README.md", "fixtures/basic.log", "fixtures/basic.expected.jsonl"].map { "\(folder)/\($0)" }
    }

    private static let example = """
        {"time":"2026-07-01T08:15:02.100Z","event":"door.opened","user":"alice@example.org","door":"main","ip":"192.0.2.7","result":"ok"}
        {"time":"2026-07-01T08:15:40.250Z","event":"door.refused","user":"bob@example.org","door":"lab","ip":"192.0.2.8","result":"denied"}
        {"time":"2026-07-01T08:16:11.000Z","event":"badge.issued","user":"carol@example.org","door":"main","ip":"192.0.2.7","result":"ok"}
        """

    private static func readme(_ id: String) -> String {
        """
        # \(id)

        **Where it comes from.** Say which product writes this log, in which versions, and where its format is documented.

        **How to switch it on.** Say the setting, and how the log reaches proofline (a file, an export, a webhook's spool).

        **What it tells.** Say which of the eight questions a record answers: when, who, did what, to what, through what, with which approval, under
        which policy, with what outcome.

        **What it does not tell.** Say what is missing, how long the vendor keeps it, and how late records come.

        **Personal data.** Say which fields hold it, and the class that the definition gives each.

        """
    }
}
