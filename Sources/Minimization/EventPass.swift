import AuditModel
import Vault

/// Minimizes one event: first its identities, then, knowing their tokens, every text.
struct EventPass {
    private let plan: FieldPlan
    private let policy: MinimizationPolicy
    private let session: VaultSession
    private let cache: IdentityCache
    private let agents: AgentMemory
    private var texts: TextTreatment
    private var event: Event

    init(
        _ event: Event, plan: FieldPlan, policy: MinimizationPolicy, session: VaultSession, cache: IdentityCache, memory: ScrubMemory,
        agents: AgentMemory
    ) {
        self.event = event
        self.plan = plan
        self.policy = policy
        self.session = session
        self.cache = cache
        self.agents = agents
        texts = TextTreatment(session: session, memory: memory, limitBytes: policy.textLimitBytes)
    }

    mutating func run(_ counts: inout ScrubCounts) throws -> Event {
        try replaceActor()
        try replaceScalars(&counts)
        try replaceTargets(&counts)
        let attributeTexts = try replaceAttributes(&counts)
        // Every identity of the event is known now; texts come last, so that they lose all of them.
        for text in plan.texts where text.field == .message || text.field == .reason {
            if let value = event[text.field] { try texts.learnLogins(in: value) }
        }
        try scrubScalars(&counts)
        try scrubLists(&counts)
        try scrubAttributes(attributeTexts, &counts)
        if texts.isCut { event.setFlag(Event.Flag.truncated) }
        return event
    }

    // MARK: Identities

    /// Id, e-mail and name of the actor hang on one subject.
    private mutating func replaceActor() throws {
        var person = (id: String?.none, email: String?.none, name: String?.none)
        for (field, role) in plan.actor {
            switch role {
            case .id: person.id = event[field]
            case .email: person.email = event[field]
            default: person.name = event[field]
            }
        }
        guard person.id != nil || person.email != nil || person.name != nil else { return }
        let known = try cache.known(
            IdentityCache.Person(kind: .user, id: person.id, email: person.email, name: person.name), session: session)
        for (field, role) in plan.actor {
            switch role {
            case .id: event[field] = known.id
            case .email: event[field] = known.email
            default: event[field] = known.name
            }
        }
        texts.literals.add(known.literals)
    }

    /// The other fields that are not texts: tokens, prefixes, families, drops.
    private mutating func replaceScalars(_ counts: inout ScrubCounts) throws {
        for (field, treatment, dataClass) in plan.replaced {
            guard let value = event[field] else { continue }
            switch treatment {
            case .keep, .scrub: continue
            case .token: event[field] = try learned(Self.kind(of: field), value).token
            case .tokenAndPrefix:
                let known = try learned(.address, value)
                event[field] = known.token
                if field == .originIP { event[.originNet] = known.prefix }
            case .generalize: event[field] = agents.family(of: value)
            case .drop:
                count(drop: dataClass, &counts)
                event[field] = nil
            }
        }
    }

    private static func kind(of field: EventField) -> IdentityKind {
        switch field {
        case .originHost: .host
        case .originIP: .address
        default: .user
        }
    }

    /// A value's token; its occurrences in the event's texts go too.
    private mutating func learned(_ kind: IdentityKind, _ value: String) throws -> IdentityCache.Known {
        let known = try cache.known(kind, value, session: session)
        texts.literals.add(known.literals)
        return known
    }

    private mutating func replaceTargets(_ counts: inout ScrubCounts) throws {
        let isDropped = policy.treatment(of: .identity) == .drop
        for index in event.targets.indices where event.targets[index].isIdentity {
            if isDropped {
                count(drop: .identity, &counts)
                event.targets[index].id = nil
                event.targets[index].name = nil
                continue
            }
            let target = event.targets[index]
            let kind: IdentityKind = target.type == "device" ? .device : target.type == "mailbox" ? .mailbox : .user
            let known = try cache.known(
                IdentityCache.Person(kind: kind, id: target.id, email: nil, name: target.name), session: session)
            event.targets[index].id = known.id
            event.targets[index].name = known.name
            texts.literals.add(known.literals)
        }
    }

    // MARK: Attributes

    /// Treats attributes that are not texts; gives back the names of those that are.
    private mutating func replaceAttributes(_ counts: inout ScrubCounts) throws -> [String] {
        guard !event.attributes.isEmpty else { return [] }
        var texts: [String] = []
        var place = 0
        for attribute in event.attributes {
            // Both lists are in the same order.
            while place < plan.attributes.count, plan.attributes[place].name != attribute.name { place += 1 }
            guard place < plan.attributes.count else { throw unclassified }
            let attributePlan = plan.attributes[place]
            switch attributePlan.treatment {
            case .keep, .scrub: texts.append(attribute.name)
            case .token, .tokenAndPrefix, .generalize:
                event.setAttribute(attribute.name, try replaced(attribute.value, attributePlan.treatment, attributePlan.dataClass))
            case .drop:
                count(drop: attributePlan.dataClass, &counts)
                event.removeAttribute(attribute.name)
            }
        }
        return texts
    }

    private var unclassified: MinimizationError {
        MinimizationError(
            .unclassified,
            "source \(cache.namespace): an attribute has no data class, so nothing was ingested; give it one in the parser definition")
    }

    private mutating func replaced(_ value: String, _ treatment: Treatment, _ dataClass: DataClass) throws -> String {
        if treatment == .generalize { return agents.family(of: value) }
        return try learned(dataClass == .networkIdentity ? .address : .user, value).token
    }

    private func count(drop dataClass: DataClass, _ counts: inout ScrubCounts) {
        if dataClass == .secret { counts.droppedSecrets += 1 } else { counts.droppedByPolicy += 1 }
    }

    // MARK: Texts

    private mutating func scrubScalars(_ counts: inout ScrubCounts) throws {
        for text in plan.texts {
            guard let value = event[text.field] else { continue }
            let changed = try texts.scrubbed(
                value, guarding: text.guarding, limitBytes: text.limitBytes, holdsNames: text.holdsNames, &counts)
            if let changed { event[text.field] = changed }
        }
    }

    private mutating func scrubLists(_ counts: inout ScrubCounts) throws {
        for index in event.roles.indices {
            if let changed = try texts.scrubbed(event.roles[index], &counts) { event.roles[index] = changed }
        }
        for index in event.targets.indices where !event.targets[index].isIdentity {
            if let changed = try scrubbed(event.targets[index].type, &counts) { event.targets[index].type = changed }
            if let changed = try scrubbed(event.targets[index].id, &counts) { event.targets[index].id = changed }
            if let changed = try scrubbed(event.targets[index].name, &counts) { event.targets[index].name = changed }
        }
        for index in event.changes.indices { try scrubChange(index, &counts) }
    }

    private mutating func scrubbed(_ value: String?, _ counts: inout ScrubCounts) throws -> String? {
        guard let value else { return nil }
        return try texts.scrubbed(value, &counts)
    }

    private mutating func scrubChange(_ index: Int, _ counts: inout ScrubCounts) throws {
        let dataClass = plan.classes.changes[event.changes[index].field] ?? .freeText
        event.changes[index].before = try changed(event.changes[index].before, dataClass, &counts)
        event.changes[index].after = try changed(event.changes[index].after, dataClass, &counts)
        if let field = try texts.scrubbed(event.changes[index].field, &counts) { event.changes[index].field = field }
    }

    private mutating func changed(_ value: String?, _ dataClass: DataClass, _ counts: inout ScrubCounts) throws -> String? {
        guard let value else { return nil }
        let treatment = policy.treatment(of: dataClass)
        switch treatment {
        case .keep, .scrub: return try texts.scrubbed(value, &counts) ?? value
        case .token, .tokenAndPrefix, .generalize: return try replaced(value, treatment, dataClass)
        case .drop:
            count(drop: dataClass, &counts)
            return nil
        }
    }

    private mutating func scrubAttributes(_ names: [String], _ counts: inout ScrubCounts) throws {
        for name in names {
            guard let value = event.attribute(name), let changed = try texts.scrubbed(value, &counts) else { continue }
            event.setAttribute(name, changed)
        }
    }
}

/// Families of user agents that came before.
final class AgentMemory {
    private var known: [String: String] = [:]

    func family(of text: String) -> String {
        if let family = known[text] { return family }
        if known.count > 16_384 { known.removeAll() }
        let family = UserAgent.generalize(text)
        known[text] = family
        return family
    }
}
