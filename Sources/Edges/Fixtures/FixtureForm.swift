import Core

/// The file's shape: plain values with the names that the database and the report use, so that a person can write one.
struct FixtureForm: Codable {
    var fixture: Int
    var capturedAt: String
    var settings: SettingsForm
    var looks: [LookForm]

    struct LookForm: Codable {
        var desired: DesiredForm?
        var desiredFailed: FailureForm?
        var proxmox: ProxmoxForm?
        var proxmoxFailed: FailureForm?
        var dnsPublic: ZoneForm?
        var dnsPublicFailed: FailureForm?
        var dnsInternal: TechnitiumForm?
        var dnsInternalFailed: FailureForm?
        var agents: AgentsForm?
        var agentsFailed: FailureForm?
        var velocity: VelocityForm?
        var velocityFailed: FailureForm?
        var queues: QueuesForm?
        var queuesFailed: FailureForm?
    }

    struct FailureForm: Codable {
        var code: String
        var detail: String
        var at: String

        init(_ failure: ReadFailure) {
            code = failure.code.rawValue
            detail = failure.detail
            at = failure.at.exact
        }

        func failure() throws -> ReadFailure {
            guard let known = Unknown(rawValue: code) else { throw FormError(message: "'\(code)' is no failure code") }
            return ReadFailure(known, detail, at: try Timestamp(exact: at))
        }
    }
}

extension FixtureForm {
    init(_ fixture: Fixture) {
        self.fixture = Fixture.version
        capturedAt = fixture.capturedAt.exact
        settings = SettingsForm(fixture.settings)
        looks = fixture.looks.map { look in
            var form = LookForm()
            (form.desired, form.desiredFailed) = split(look.desired, DesiredForm.init)
            if let proxmox = look.proxmox { (form.proxmox, form.proxmoxFailed) = split(proxmox, ProxmoxForm.init) }
            if let zone = look.publicZone { (form.dnsPublic, form.dnsPublicFailed) = split(zone, ZoneForm.init) }
            if let zone = look.internalZone {
                (form.dnsInternal, form.dnsInternalFailed) = split(zone, TechnitiumForm.init)
            }
            if let agents = look.agents { (form.agents, form.agentsFailed) = split(agents, AgentsForm.init) }
            if let list = look.velocity { (form.velocity, form.velocityFailed) = split(list, VelocityForm.init) }
            if let queues = look.queues { (form.queues, form.queuesFailed) = split(queues, QueuesForm.init) }
            return form
        }
    }

    func makeFixture() throws -> Fixture {
        guard !looks.isEmpty else { throw FormError(message: "'looks' is empty: a fixture has one look or two") }
        return Fixture(
            capturedAt: try Timestamp(exact: capturedAt), settings: try settings.settings(),
            looks: try looks.map { form in
                guard let desired = try join(form.desired, form.desiredFailed, { try $0.desired() }) else {
                    throw FormError(message: "a look has neither 'desired' nor 'desired_failed'")
                }
                return Fixture.Look(
                    desired: desired, proxmox: try join(form.proxmox, form.proxmoxFailed) { try $0.reading() },
                    publicZone: try join(form.dnsPublic, form.dnsPublicFailed) { try $0.reading() },
                    internalZone: try join(form.dnsInternal, form.dnsInternalFailed) { try $0.reading() },
                    agents: try join(form.agents, form.agentsFailed) { try $0.reading() },
                    velocity: try join(form.velocity, form.velocityFailed) { try $0.reading() },
                    queues: try join(form.queues, form.queuesFailed) { try $0.reading() })
            })
    }
}

private func split<Value, Form>(
    _ result: Result<Value, ReadFailure>, _ form: (Value) -> Form
) -> (Form?, FixtureForm.FailureForm?) {
    switch result {
    case .success(let value): (form(value), nil)
    case .failure(let failure): (nil, FixtureForm.FailureForm(failure))
    }
}

private func join<Form, Value>(
    _ form: Form?, _ failed: FixtureForm.FailureForm?, _ value: (Form) throws -> Value
) throws -> Result<Value, ReadFailure>? {
    if let form { return .success(try value(form)) }
    return try failed.map { .failure(try $0.failure()) }
}

extension Timestamp {
    /// RFC 3339 with microseconds, so that a moment survives the way there and back.
    var exact: String {
        let part = ((microseconds % 1_000_000) + 1_000_000) % 1_000_000
        guard part != 0 else { return description }
        let digits = String(part)
        return description.dropLast() + "." + String(repeating: "0", count: 6 - digits.count) + digits + "Z"
    }

    init(exact text: String) throws {
        guard let value = Timestamp(rfc3339: text) else { throw FormError(message: "'\(text)' is no RFC 3339 time") }
        self = value
    }
}

extension RawRepresentable where RawValue == String {
    init(word: String) throws {
        guard let value = Self(rawValue: word) else { throw FormError(message: "'\(word)' is not known here") }
        self = value
    }
}

extension VMID {
    init(form: Int) throws {
        guard let value = VMID(form) else { throw FormError(message: "\(form) is no VMID") }
        self = value
    }
}

extension ExternalID {
    init(form: String) throws {
        guard let value = ExternalID(form) else { throw FormError(message: "'\(form)' is no UUID") }
        self = value
    }
}
