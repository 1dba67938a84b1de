import Cryptography

/// Steps 1 and 2: the files have the hashes that were signed, and there are no others.
struct BodyCheck {
    private(set) var hashes = VerificationReport.Step(number: 1, title: "files are those that were signed")
    private(set) var fileSet = VerificationReport.Step(number: 2, title: "no file was added or left out")

    init(_ folder: PackFolder) {
        let sums = folder.read(SumsFile.name, limitBytes: SumsFile.maximumSizeBytes).map { SumsFile($0) }
        if let sums {
            checkHashes(folder, sums)
        } else {
            hashes.refuse(.sumsMissing, "the file is missing or cannot be read; without it nothing is signed", path: SumsFile.name)
        }
        checkFileSet(folder, sums)
    }

    private mutating func checkHashes(_ folder: PackFolder, _ sums: SumsFile) {
        for fault in sums.faults { hashes.refuse(.sumsMalformed, fault.what, path: SumsFile.name, line: fault.line) }
        for entry in sums.entries {
            guard folder.contains(entry.path) else {
                hashes.refuse(.fileMissing, "the file is listed and not there", path: entry.path)
                continue
            }
            var hasher = SHA256()
            guard folder.forEachPiece(of: entry.path, { hasher.update($0) }) else {
                hashes.refuse(.fileUnreadable, "the file cannot be read", path: entry.path)
                continue
            }
            let computed = hasher.finalize()
            if computed != entry.digest {
                hashes.refuse(.fileChanged, "the file was changed: its hash is \(computed.hex), listed is \(entry.digest.hex)", path: entry.path)
            }
        }
        if hashes.state == .holds { hashes.note("\(sums.entries.count) files have their listed SHA-256") }
    }

    private mutating func checkFileSet(_ folder: PackFolder, _ sums: SumsFile?) {
        for stranger in folder.strangers { fileSet.refuse(.notAFile, "\(stranger.what) does not belong in a pack", path: stranger.path) }
        let listed = Set(sums?.entries.map(\.path) ?? [])
        for file in folder.files where file != SumsFile.name {
            if file.hasPrefix("sig/") {
                if !PackLayout.signatureFiles.contains(file) { fileSet.refuse(.signatureFileAdded, "the file does not belong in sig/", path: file) }
            } else if !listed.contains(file) {
                fileSet.refuse(.fileAdded, "the file is not listed in SHA256SUMS: it was added", path: file)
            }
        }
        for entry in sums?.entries ?? [] {
            if entry.path.hasPrefix("sig/") || entry.path == SumsFile.name {
                fileSet.refuse(.fileWronglyListed, "the file is not part of the body and must not be listed", path: entry.path)
            } else if !PackLayout.allows(entry.path) {
                fileSet.refuse(.fileMisplaced, "the file has no place in a pack", path: entry.path)
            }
        }
        for file in [PackLayout.manifest, PackLayout.checkpointEnd, PackLayout.seals] where !folder.contains(file) {
            fileSet.refuse(.requiredFileMissing, "every pack has this file, and it is missing", path: file)
        }
        if fileSet.state == .holds { fileSet.note("\(folder.files.count) files, none besides") }
    }
}
