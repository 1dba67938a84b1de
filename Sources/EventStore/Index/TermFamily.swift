import AuditModel

/// Pivot columns that share filters in the index: terms of any of them are keys of one filter (docs/formats/index.md).
///
/// Sharing is sound: a filter only ever says that a page does not hold a term, and it does so only if none of its columns does. It saves
/// the second copy of what several columns of a row hold (a request that is its own correlation, a person as actor and approver).
enum TermFamily: UInt16, CaseIterable, Sendable {
    case ids = 0
    case people = 1
    case things = 2
    case addresses = 3

    /// The family of a column.
    init(_ column: PivotColumn) {
        switch column {
        case .actorID, .actorName, .actorEmail, .actorOnBehalfOf, .approvalBy: self = .people
        case .targetID, .targetName, .tenant: self = .things
        case .originIP: self = .addresses
        case .session, .request, .trace, .job, .correlation, .eventID, .approvalRef: self = .ids
        }
    }

    /// Its columns.
    var columns: [PivotColumn] { PivotColumn.allCases.filter { TermFamily($0) == self } }
}
