/// An event as a parser made it, before minimization, with the data classes that the definition gave.
public struct ParsedEvent: Sendable {
    /// Holds what the source wrote, identities included.
    public var event: Event
    /// One shared value per rule of a definition, so that an event costs a reference.
    public let classes: ClassAssignment

    public init(event: Event, classes: ClassAssignment) {
        self.event = event
        self.classes = classes
    }
}

/// The data classes that a parser definition names: one for every attribute, and overrides of schema fields.
public final class ClassAssignment: Sendable {
    public let attributes: [String: DataClass]
    public let overrides: [EventField: DataClass]
    /// The class of `changes[].before` and `.after` by the changed field's name; others are free text.
    public let changes: [String: DataClass]

    /// Names nothing: for events that were minimized already.
    public static let none = ClassAssignment(attributes: [:])

    public init(attributes: [String: DataClass], overrides: [EventField: DataClass] = [:], changes: [String: DataClass] = [:]) {
        self.attributes = attributes
        self.overrides = overrides
        self.changes = changes
    }

    /// The class of a schema field under this definition.
    public func dataClass(of field: EventField) -> DataClass { overrides[field] ?? field.dataClass }
}
