import AuditModel
import Foundation

/// Reading `taxonomy.yaml`, strictly.
enum TaxonomyFile {
    static let name = "taxonomy.yaml"

    /// The taxonomy of some folders of parsers: that of the first one that has a file, with what the files of later folders add.
    ///
    /// - Throws: ``ParsingError``; also where no folder has a file.
    static func load(folders: [String]) throws(ParsingError) -> ActionTaxonomy {
        var taxonomy: ActionTaxonomy?
        for folder in folders {
            let path = "\(folder)/\(name)"
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            guard let text = String(validating: data, as: UTF8.self) else {
                throw ParsingError(code: .invalidYAML, message: "the taxonomy is not UTF-8", path: path)
            }
            taxonomy = try read(text, path: path, over: taxonomy)
        }
        guard let taxonomy else {
            throw ParsingError(
                code: .missing, message: "no folder of parsers has a \(name), the table of actions", path: folders.first ?? name)
        }
        return taxonomy
    }

    /// A file's actions, behind those of the files before.
    static func read(_ text: String, path: String, over base: ActionTaxonomy? = nil) throws(ParsingError) -> ActionTaxonomy {
        let members = try DefinitionNode.parse(text, path: path).members(["version", "ocsf", "classes"], of: "a taxonomy")
        let version = try members.required("version")
        let number = try version.integer()
        guard number == 1 else { throw version.error(.invalidValue, "this proofline reads version 1 of a taxonomy") }
        let schema = try members.required("ocsf")
        let named = try schema.text()
        var taxonomy = base ?? ActionTaxonomy(schemaVersion: named)
        guard named == taxonomy.schemaVersion else {
            throw schema.error(.invalidValue, "the taxonomy before this one is of OCSF \(taxonomy.schemaVersion)")
        }
        for (category, _, node) in try members.required("classes").pairs() {
            let members = try node.members(["uid", "actions"], of: "a class")
            let classUID = try members.required("uid").integer()
            for (action, actionNode, value) in try members.required("actions").pairs() {
                let says = try value.members(["activity", "means"], of: "an action")
                guard isAction(action) else {
                    throw actionNode.error(.invalidValue, "an action is domain.noun.verb, in lower-case letters and _")
                }
                let entry = ActionTaxonomy.Entry(
                    action: action, category: category, classUID: classUID, activityID: try says.required("activity").integer(),
                    meaning: try says.required("means").text())
                guard taxonomy.add(entry) else { throw actionNode.error(.invalidValue, "the action '\(action)' is there already, with another class or activity") }
            }
        }
        for domain in taxonomy.domains where taxonomy.entry(for: ActionTaxonomy.other(in: domain)) == nil {
            throw ParsingError(
                code: .missing, message: "the domain '\(domain)' has no '\(ActionTaxonomy.other(in: domain))', for codes that no table maps",
                path: path)
        }
        return taxonomy
    }

    private static func isAction(_ text: String) -> Bool {
        let words = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return words.count == 3
            && words.allSatisfy { word in
                !word.isEmpty && word.allSatisfy { ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || $0 == UInt8(ascii: "_") }
            }
    }
}
