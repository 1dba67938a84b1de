import DurableIO
import Glibc

/// A path pattern: `*`, `?` and `[…]` within a name, `**` for any number of folders. Hidden names need a dot in the pattern.
///
/// `**` does not go through symbolic links to folders: a loop would never end, and a link would lead it out of the folder that was
/// named. A link whose folder was not come to in another way is told, so that it is not passed over in silence.
struct Glob: Hashable, Sendable {
    /// The pattern, absolute or relative to the working directory.
    let pattern: String
    private let parts: [String]

    /// Reads a pattern.
    /// - Throws: ``CollectionError`` with `.badPattern` for an empty one.
    init(_ pattern: String) throws(CollectionError) {
        self.pattern = pattern
        parts = pattern.split(separator: "/").map(String.init).filter { $0 != "." }
        guard !parts.isEmpty, !pattern.hasSuffix("/") else {
            throw CollectionError(
                .badPattern, "The path pattern `\(pattern)` names no file; write the pattern of the files, such as `logs/*.log`")
        }
    }

    /// What a pattern led to.
    struct Expansion {
        /// Files with what the file system says of them.
        var files: [(path: String, status: FileStatus)] = []
        /// Folders whose names decide the result; to be watched.
        var folders: Set<String> = []
        /// What could not be read, and why.
        var unreadable: [(path: String, reason: String)] = []
        /// Folders that `**` went through, and links to folders that it did not.
        fileprivate var visited: Set<[UInt64]> = []
        fileprivate var links: [(path: String, target: [UInt64])] = []
    }

    /// Most folders inside one another.
    private static let maximumDepth = 64

    /// Finds the files, sorted by path.
    func expand(in fileSystem: any FileSystem, into result: inout Expansion) {
        walk(pattern.hasPrefix("/") ? "/" : "", parts[...], fileSystem, &result, depth: 0)
        for link in result.links where !result.visited.contains(link.target) {
            result.unreadable.append((link.path, "it is a link to a folder, which ** does not follow; name that folder itself"))
        }
        result.links = []
    }

    private func walk(
        _ folder: String, _ rest: ArraySlice<String>, _ fileSystem: any FileSystem, _ result: inout Expansion, depth: Int
    ) {
        guard let part = rest.first else { return }
        guard depth < Self.maximumDepth else {
            result.unreadable.append((folder, "it lies more than \(Self.maximumDepth) folders deep; name it in a pattern of its own"))
            return
        }
        let isLast = rest.count == 1
        if part == "**" {
            // No folder in between, or one more and again.
            if !isLast { walk(folder, rest.dropFirst(), fileSystem, &result, depth: depth) }
            if let status = try? fileSystem.status(folder.isEmpty ? "." : folder) { result.visited.insert([status.device, status.inode]) }
            for name in names(of: folder, fileSystem, &result) where !name.hasPrefix(".") {
                take(folder + name, isLast ? [] : rest, isLast: isLast, alsoFolders: rest, fileSystem, &result, depth: depth)
            }
            return
        }
        guard part.contains(where: { "*?[".contains($0) }) else {
            if isLast { result.folders.insert(folder.isEmpty ? "." : folder) }
            take(folder + part, rest.dropFirst(), isLast: isLast, alsoFolders: [], fileSystem, &result, depth: depth)
            return
        }
        for name in names(of: folder, fileSystem, &result) where fnmatch(part, name, FNM_PERIOD) == 0 {
            take(folder + name, rest.dropFirst(), isLast: isLast, alsoFolders: [], fileSystem, &result, depth: depth)
        }
    }

    /// A name that matched: a file where the pattern ends, a folder to go on in otherwise.
    private func take(
        _ path: String, _ rest: ArraySlice<String>, isLast: Bool, alsoFolders again: ArraySlice<String>, _ fileSystem: any FileSystem,
        _ result: inout Expansion, depth: Int
    ) {
        let status: FileStatus?
        do { status = try fileSystem.status(path) } catch {
            result.unreadable.append((path, error.message))
            return
        }
        guard let status else {
            // A listed name that does not exist went away meanwhile, leads nowhere, or could not be written as text.
            if path.contains("\u{FFFD}") { result.unreadable.append((path, "its name is not UTF-8; rename it")) }
            if fileSystem.isSymbolicLink(path) { result.unreadable.append((path, "it is a link that leads nowhere; mend or remove it")) }
            return
        }
        switch status.kind {
        case .file:
            if isLast { result.files.append((path, status)) }
        case .directory:
            let onward = isLast ? again : rest
            if !again.isEmpty, fileSystem.isSymbolicLink(path) {
                result.links.append((path, [status.device, status.inode]))
                return
            }
            if !onward.isEmpty { walk(path + "/", onward, fileSystem, &result, depth: depth + 1) }
        case .other:
            if isLast { result.unreadable.append((path, "it is neither a file nor a folder; name files only")) }
        }
    }

    private func names(of folder: String, _ fileSystem: any FileSystem, _ result: inout Expansion) -> [String] {
        let path = folder.isEmpty ? "." : folder
        // A folder that does not exist yet is no fault: its files may appear later.
        do {
            guard try fileSystem.status(path)?.kind == .directory else { return [] }
            let names = try fileSystem.list(path)
            result.folders.insert(path)
            return names
        } catch {
            result.unreadable.append((path, error.message))
            return []
        }
    }
}
