extension Finding {
    /// What exactly is wrong: the id that is printed with a finding, stable from version to version (docs/findings.md).
    public enum Rule: String, CaseIterable, Hashable, Sendable {
        // MARK: Files are those that were signed

        /// SHA256SUMS is missing or cannot be read.
        case sumsMissing = "sums-missing"
        /// SHA256SUMS is not well formed, not sorted, or names a path twice.
        case sumsMalformed = "sums-malformed"
        /// A listed file is not there.
        case fileMissing = "file-missing"
        /// A listed file cannot be read.
        case fileUnreadable = "file-unreadable"
        /// A file has another hash than the one that was signed.
        case fileChanged = "file-changed"

        // MARK: No file was added or left out

        /// A link, device, pipe, empty folder, endless file or a name that no file of a pack has.
        case notAFile = "not-a-file"
        /// A file lies in sig/ that does not belong there.
        case signatureFileAdded = "signature-file-added"
        /// A file is not listed in SHA256SUMS.
        case fileAdded = "file-added"
        /// SHA256SUMS lists itself or a file of sig/.
        case fileWronglyListed = "file-wrongly-listed"
        /// A listed file has no place in a pack.
        case fileMisplaced = "file-misplaced"
        /// A file that every pack has is missing.
        case requiredFileMissing = "required-file-missing"

        // MARK: Signatures hold

        /// A signature or what it signs cannot be read.
        case signatureUnreadable = "signature-unreadable"
        /// A signature does not hold for SHA256SUMS.
        case signatureInvalid = "signature-invalid"
        /// A signature is no CMS of the form that packs use.
        case signatureMalformed = "signature-malformed"
        /// A signer's certificate is expired, not for signing, or leads to no root that is trusted.
        case certificateRejected = "certificate-rejected"
        /// Nobody signed: the pack is a draft.
        case preparerMissing = "preparer-missing"
        /// The file that says who built the pack is missing.
        case builderMissing = "builder-missing"
        /// The file that says who built the pack is not as specified.
        case builderMalformed = "builder-malformed"
        /// The signed statement (DSSE) is missing.
        case statementMissing = "statement-missing"
        /// The envelope is no DSSE in canonical form, or its statement is not about a pack.
        case statementMalformed = "statement-malformed"
        /// The signed statement is about other files or another pack.
        case statementOfOther = "statement-of-other"
        /// The envelope has more or fewer signatures than are due.
        case statementSignatures = "statement-signatures"
        /// A signature of the envelope does not hold, or is by another key than the CMS.
        case statementSignatureInvalid = "statement-signature-invalid"

        // MARK: Somebody else approved

        /// Nobody approved.
        case approverMissing = "approver-missing"
        /// Preparer and approver used one key.
        case sameKey = "same-key"
        /// Preparer and approver are one person.
        case samePerson = "same-person"

        // MARK: The timestamp covers the approval

        /// There is no timestamp.
        case timestampMissing = "timestamp-missing"
        /// The timestamp, or the signature that it should cover, cannot be read.
        case timestampUnreadable = "timestamp-unreadable"
        /// The timestamp is not that of the approver's signature, or was not granted.
        case timestampOfOther = "timestamp-of-other"
        /// The timestamp authority's certificate leads to no root that is trusted, or may not stamp.
        case timestampAuthorityRejected = "timestamp-authority-rejected"
        /// The timestamp is malformed, or its signature does not hold.
        case timestampInvalid = "timestamp-invalid"

        // MARK: Checkpoints are signed by the log, as the policy asks

        /// A checkpoint is missing or cannot be read.
        case checkpointMissing = "checkpoint-missing"
        /// A checkpoint is no signed note of a checkpoint.
        case checkpointMalformed = "checkpoint-malformed"
        /// The signature of a checkpoint by a known key does not hold.
        case checkpointSignatureInvalid = "checkpoint-signature-invalid"
        /// No key that the policy names signed the checkpoint.
        case checkpointUnsigned = "checkpoint-unsigned"
        /// The checkpoint is that of another log.
        case checkpointOfOtherLog = "checkpoint-of-other-log"
        /// Fewer witnesses cosigned than the policy asks for.
        case quorumMissed = "quorum-missed"
        /// The manifest names another checkpointEnd.
        case checkpointEndOther = "checkpoint-end-other"
        /// The manifest names another checkpointStart, or one that is not there.
        case checkpointStartOther = "checkpoint-start-other"
        /// A report was made at another checkpoint.
        case reportCheckpointOther = "report-checkpoint-other"
        /// The log key in the pack is not one that the policy names.
        case logKeyOther = "log-key-other"

        // MARK: Events lead to seals, seals to the checkpoint

        /// The log's entries are missing, cut or cannot be read.
        case entriesMissing = "entries-missing"
        /// There are more or fewer entries than proofs.
        case entryProofsMissing = "entry-proofs-missing"
        /// Without an accepted checkpoint no entry can be proven.
        case entriesUnproven = "entries-unproven"
        /// An entry is not as specified.
        case entryMalformed = "entry-malformed"
        /// The proof of an entry is no tlog-proof.
        case entryProofMalformed = "entry-proof-malformed"
        /// The proof of an entry is about another entry.
        case entryProofOfOther = "entry-proof-of-other"
        /// The proof of an entry leads to another checkpoint than the pack's.
        case entryProofCheckpointOther = "entry-proof-checkpoint-other"
        /// An entry is not in the log: it was changed.
        case entryNotIncluded = "entry-not-included"
        /// The event lines or their proofs are missing, cut or cannot be read.
        case rowsMissing = "rows-missing"
        /// There are more or fewer event lines than proofs.
        case rowProofsMissing = "row-proofs-missing"
        /// The proof of an event line is not as specified.
        case rowProofMalformed = "row-proof-malformed"
        /// The proof of an event line names a seal that is not its own, or not in the pack.
        case rowSealOther = "row-seal-other"
        /// An event line is not in its batch: it was changed, or is not where it says.
        case rowNotIncluded = "row-not-included"
        /// An event line is proven and yet no event.
        case rowMalformed = "row-malformed"
        /// Event lines are not in the order of the log, or one is there twice.
        case rowOrder = "row-order"
        /// The release entry or its proof is missing.
        case releaseIncomplete = "release-incomplete"
        /// The release entry or its proof is not as specified.
        case releaseMalformed = "release-malformed"
        /// The release is proven in a tree before the pack's, or another log's.
        case releaseTreeOlder = "release-tree-older"
        /// The release is not in the log.
        case releaseNotIncluded = "release-not-included"
        /// Another pack was released.
        case releaseOfOther = "release-of-other"
        /// Other signatures or sums were released than those in the pack.
        case releaseFilesOther = "release-files-other"

        // MARK: The log only grew

        /// An earlier checkpoint or the proof from it is missing.
        case growthProofMissing = "growth-proof-missing"
        /// Without two accepted checkpoints growth cannot be proven.
        case growthUnproven = "growth-unproven"
        /// The consistency proof is between other checkpoints.
        case growthProofOther = "growth-proof-other"
        /// The consistency proof is not as specified.
        case growthProofMalformed = "growth-proof-malformed"
        /// The log is smaller than it was.
        case logShrunk = "log-shrunk"
        /// The log was rewritten: the proof does not hold.
        case logRewritten = "log-rewritten"
        /// The pack does not start at the checkpoint that was kept: an older pack, or a fork.
        case keptCheckpointOther = "kept-checkpoint-other"

        // MARK: Nothing is missing, and the counts agree

        /// The manifest is missing, or not as specified.
        case manifestMalformed = "manifest-malformed"
        /// The ipe.json of a report is missing, or not as specified.
        case reportStatementMalformed = "report-statement-malformed"
        /// A source is not in the pack's scope.
        case sourceOutsideScope = "source-outside-scope"
        /// Heartbeats do not number the epochs one by one.
        case epochMissing = "epoch-missing"
        /// An epoch is longer than five minutes, or ends before it begins.
        case epochTooLong = "epoch-too-long"
        /// A heartbeat counts other seals of a source than the pack has.
        case sealsOfSourceMiscounted = "seals-of-source-miscounted"
        /// Entries of the log are missing that are not seals of other sources.
        case entriesLeftOut = "entries-left-out"
        /// Entries behind the last heartbeat are missing.
        case tailLeftOut = "tail-left-out"
        /// A seal is of another epoch, or of a time outside its own.
        case sealOutsideEpoch = "seal-outside-epoch"
        /// The first seal of a source follows one that is not in the pack.
        case chainHeadMissing = "chain-head-missing"
        /// A seal claims to be the first of its source, and is not.
        case chainRestarted = "chain-restarted"
        /// A seal does not follow the one before it: one between them is missing.
        case chainBroken = "chain-broken"
        /// Positions of events overlap, go back, or leave a hole.
        case positionsOverlap = "positions-overlap"
        /// The manifest describes other seals than the pack has.
        case manifestSealsOther = "manifest-seals-other"
        /// The manifest counts other event lines of a seal than there are.
        case manifestRowsMiscounted = "manifest-rows-miscounted"
        /// The ipe.json of a report is about another report, or counts otherwise than the manifest.
        case reportStatementOther = "report-statement-other"
        /// A report was made by another definition than the one in the pack.
        case definitionOther = "definition-other"
        /// A report's input batch is not the one that was sealed.
        case inputBatchOther = "input-batch-other"
        /// The records of a source in a report do not add up to the seals.
        case recordsMiscounted = "records-miscounted"
        /// A report's table is missing or cannot be read.
        case tableMissing = "table-missing"
        /// A report counts another population than its table has.
        case populationMiscounted = "population-miscounted"
        /// An item of a report names an event that is not among the event lines.
        case itemUnproven = "item-unproven"
        /// An item of a report has another name than its event.
        case itemMisnamed = "item-misnamed"
        /// A report counts other exceptions than its table has.
        case exceptionsMiscounted = "exceptions-miscounted"
        /// An exception is about an item that is not in the population.
        case exceptionOutsidePopulation = "exception-outside-population"
        /// The exceptions are not those of ipe.json.
        case exceptionsOther = "exceptions-other"
        /// An exception's id is not that of its report, rule and item.
        case exceptionMisnamed = "exception-misnamed"
        /// Something was drawn without a nonce.
        case drawWithoutNonce = "draw-without-nonce"
        /// The seed is not the checkpoint's root and the nonce.
        case seedOther = "seed-other"
        /// A sample is missing or cannot be read.
        case sampleMissing = "sample-missing"
        /// The nonce draws another sample.
        case sampleOther = "sample-other"
        /// A row that should be shown is not in the pack, or is named twice.
        case shownRowsMissing = "shown-rows-missing"
        /// The nonce draws other rows to be shown.
        case shownRowsOther = "shown-rows-other"
        /// There are too many events to draw the shown rows again.
        case shownRowsTooMany = "shown-rows-too-many"

        // MARK: The pack holds what its level allows

        /// Without a manifest the level is unknown.
        case levelUnknown = "level-unknown"
        /// The manifest counts other events left out than there are.
        case leftOutMiscounted = "left-out-miscounted"
        /// An entry of retention deletes what was not there.
        case deletionImpossible = "deletion-impossible"
        /// An event is in the pack that the log says was deleted.
        case deletedRowPresent = "deleted-row-present"
        /// An internal pack leaves events out.
        case internalRowsLeftOut = "internal-rows-left-out"
        /// A customer's pack holds rows.
        case customerRowsPresent = "customer-rows-present"
        /// A pack of this level has event lines, and they are missing.
        case eventLinesMissing = "event-lines-missing"
        /// A customer's pack shows a count from 1 to 4.
        case customerCountShown = "customer-count-shown"
        /// A customer's pack tells of single items outside tables.
        case customerDetailsPresent = "customer-details-present"
        /// A customer's pack, or a page of it, does not say for whom it is and until when.
        case customerTermsMissing = "customer-terms-missing"

        // MARK: The pack was not revoked

        /// The pack is on the list of revocations.
        case packRevoked = "pack-revoked"

        /// The kind that it belongs to, whose number is the exit code.
        public var kind: Kind {
            switch self {
            case .sumsMissing, .sumsMalformed, .fileMissing, .fileUnreadable, .fileChanged:
                .hash
            case .notAFile, .signatureFileAdded, .fileAdded, .fileWronglyListed, .fileMisplaced, .requiredFileMissing:
                .fileSet
            case .signatureUnreadable, .signatureInvalid, .signatureMalformed, .certificateRejected, .preparerMissing,
                .builderMissing, .builderMalformed, .statementMissing, .statementMalformed, .statementOfOther,
                .statementSignatures, .statementSignatureInvalid:
                .signature
            case .approverMissing, .sameKey, .samePerson:
                .approval
            case .timestampMissing, .timestampUnreadable, .timestampOfOther, .timestampAuthorityRejected, .timestampInvalid:
                .timestamp
            case .checkpointMissing, .checkpointMalformed, .checkpointSignatureInvalid, .checkpointUnsigned,
                .checkpointOfOtherLog, .quorumMissed, .checkpointEndOther, .checkpointStartOther, .reportCheckpointOther,
                .logKeyOther:
                .checkpoint
            case .entriesMissing, .entryProofsMissing, .entriesUnproven, .entryMalformed, .entryProofMalformed,
                .entryProofOfOther, .entryProofCheckpointOther, .entryNotIncluded, .rowsMissing, .rowProofsMissing,
                .rowProofMalformed, .rowSealOther, .rowNotIncluded, .rowMalformed, .rowOrder, .releaseIncomplete,
                .releaseMalformed, .releaseTreeOlder, .releaseNotIncluded, .releaseOfOther, .releaseFilesOther:
                .inclusion
            case .growthProofMissing, .growthUnproven, .growthProofOther, .growthProofMalformed, .logShrunk, .logRewritten,
                .keptCheckpointOther:
                .consistency
            case .manifestMalformed, .reportStatementMalformed, .sourceOutsideScope, .epochMissing, .epochTooLong,
                .sealsOfSourceMiscounted, .entriesLeftOut, .tailLeftOut, .sealOutsideEpoch, .chainHeadMissing, .chainRestarted,
                .chainBroken, .positionsOverlap, .manifestSealsOther, .manifestRowsMiscounted, .reportStatementOther,
                .definitionOther, .inputBatchOther, .recordsMiscounted, .tableMissing, .populationMiscounted, .itemUnproven,
                .itemMisnamed, .exceptionsMiscounted, .exceptionOutsidePopulation, .exceptionsOther, .exceptionMisnamed,
                .drawWithoutNonce, .seedOther, .sampleMissing, .sampleOther, .shownRowsMissing, .shownRowsOther,
                .shownRowsTooMany:
                .coverage
            case .levelUnknown, .leftOutMiscounted, .deletionImpossible, .deletedRowPresent, .internalRowsLeftOut,
                .customerRowsPresent, .eventLinesMissing, .customerCountShown, .customerDetailsPresent, .customerTermsMissing:
                .redaction
            case .packRevoked:
                .revocation
            }
        }
    }
}
