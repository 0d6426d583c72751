package import Core

/// What `doctor` found, for a person or a machine.
package struct DoctorReport: Equatable, Sendable {
    package static let schema = 1

    package var generatedAt: Timestamp
    /// The installation's.
    package var id: String
    package var mode: String
    package var findings: [Finding]
    package var notConfigured: [Plane]

    package init(generatedAt: Timestamp, id: String, mode: String, findings: [Finding], notConfigured: [Plane]) {
        self.generatedAt = generatedAt
        self.id = id
        self.mode = mode
        self.findings = findings
        self.notConfigured = notConfigured
    }

    package func count(_ status: Finding.Status) -> Int { findings.count { $0.status == status } }

    /// 0 when nothing is broken; warnings do not count.
    package var exitStatus: Int32 { count(.fail) > 0 ? 1 : 0 }

    package var answer: String {
        "\(Words.count(count(.fail), "failure")), \(Words.count(count(.warn), "warning")), \(count(.ok)) ok; installation "
            + "'\(id)', mode \(mode)"
    }

    private var missing: String? {
        notConfigured.isEmpty ? nil : "not configured: \(notConfigured.map(\.rawValue).joined(separator: ", "))"
    }

    // MARK: For a person

    /// One line for each finding, and below it why it matters and what to do.
    package var text: String {
        var lines: [String] = []
        for finding in findings {
            lines.append(
                "\(padded(finding.status.rawValue, 8)) \(padded(finding.part, 13)) \(Foreign.text(finding.what, limit: 600))"
            )
            let room = padded("", 22)
            if let why = finding.why { lines.append("\(room) why: \(Foreign.text(why, limit: 600))") }
            if let remedy = finding.remedy { lines.append("\(room) do:  \(Foreign.text(remedy, limit: 600))") }
        }
        if let missing { lines.append("\(padded("-", 8)) \(missing)") }
        lines.append(Foreign.text(answer, limit: 400))
        return lines.joined(separator: "\n") + "\n"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// First what is broken.
    package var sheet: FactSheet {
        let meanings: [(Finding.Status, String, String)] = [
            (.fail, "FAIL", "what is broken"), (.warn, "WARN", "what to look at"), (.ok, "OK", "what was found well"),
        ]
        let sections = meanings.compactMap { status, title, meaning -> FactSheet.Section? in
            let found = findings.filter { $0.status == status }
            if found.isEmpty { return nil }
            return FactSheet.Section(
                "\(title) (\(found.count))", meaning,
                found.map { finding in
                    var entries = [FactSheet.Entry(finding.part, finding.what)]
                    if let why = finding.why { entries.append(FactSheet.Entry("why", why)) }
                    if let remedy = finding.remedy { entries.append(FactSheet.Entry("do", remedy)) }
                    return FactSheet.Block(entries)
                })
        }
        return FactSheet(
            title: answer, sections: sections, closing: [missing, Words.nothingWritten].compactMap { $0 })
    }

    // MARK: For a machine

    package var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("schema", DoctorReport.schema)
            json.key("generated_at", generatedAt.description)
            json.key("id", id)
            json.key("mode", mode)
            json.key("summary") { json in
                json.object { json in for status in Finding.Status.allCases { json.key(status.rawValue, count(status)) }
                }
            }
            json.key("findings") { json in
                json.array { json in
                    for finding in findings {
                        json.element { json in
                            json.object { json in
                                json.key("part", finding.part)
                                json.key("plane", finding.plane?.rawValue)
                                json.key("status", finding.status.rawValue)
                                json.key("what", finding.what)
                                json.key("why", finding.why)
                                json.key("remedy", finding.remedy)
                            }
                        }
                    }
                }
            }
            json.key("not_configured") { json in
                json.array { json in for plane in notConfigured { json.element { $0.string(plane.rawValue) } } }
            }
        }
        return json.bytes + [10]
    }
}
