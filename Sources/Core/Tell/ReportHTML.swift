/// The report as one page of HTML that needs nothing else: no script, no picture, no font, no request.
package struct ReportHTML {
    private var html = HTMLWriter()

    package static func encode(_ report: Report) -> [UInt8] {
        var page = ReportHTML()
        let outline = ReportOutline(report)
        let (word, sentence) = Words.answer(report)
        page.html.head(title: "\(word): \(sentence)")
        page.headline(report)
        page.fleet(report)
        page.planes(report)
        for group in outline.groups { page.section(group) }
        if let answer = outline.answer {
            page.html.element("<section>\n<h2>", Words.answerMeaning, "</h2>\n")
            page.html.element("<p><code>", answer, "</code></p>\n</section>\n")
        }
        page.unknown(report, outline)
        page.notEvaluated(outline)
        page.footer(report)
        return Array(page.html.text.utf8)
    }

    private mutating func headline(_ report: Report) {
        let (word, sentence) = Words.answer(report)
        html.raw("<header>\n<h1><span class=\"answer ")
        switch report.exitStatus {
        case 2: html.raw("drifted")
        case 3: html.raw("unknown")
        default: html.raw("in-sync")
        }
        html.element("\">", word, "</span> ")
        html.element("<span>", sentence, "</span></h1>\n")
        html.element("<p>", Words.counts(report), "</p>\n")
        if let filter = Words.filter(report) { html.element("<p class=\"filter\">", filter, "</p>\n") }
        html.element("<p class=\"quiet\">", report.mode, " of <time>")
        html.element("", report.generatedAt.description, "</time>; ")
        html.element("", Words.nothingWritten, "</p>\n</header>\n<main>\n")
    }

    // MARK: The fleet at a glance

    private mutating func fleet(_ report: Report) {
        guard !report.instances.isEmpty else { return }
        html.raw("<section>\n<h2>fleet</h2>\n<ul class=\"legend\">\n")
        for word in InstanceStanding.Word.allCases {
            html.raw("<li class=\"")
            html.raw(ReportStyle.cssClass(word))
            html.element("\"><b>", Words.sign(word), "</b> ")
            html.number(report.instances.count { $0.word == word })
            html.element(" ", Words.name(word), "</li>\n")
        }
        html.raw("</ul>\n<ol class=\"grid\">\n")
        let drifts = Dictionary(
            report.decisions.compactMap { decision in decision.drift.subject.vmid.map { ($0, decision.drift.id) } }
        ) { first, _ in first }
        for instance in report.instances { cell(instance, drift: instance.vmid.flatMap { drifts[$0] }) }
        html.raw("</ol>\n</section>\n")
    }

    private mutating func cell(_ instance: InstanceStanding, drift: String?) {
        html.raw("<li class=\"")
        html.raw(ReportStyle.cssClass(instance.word))
        html.raw("\" title=\"")
        html.escaped("\(instance.hostname ?? "no host name"): \(Words.name(instance.word))", limit: 120)
        html.raw("\">")
        let isLinked = instance.word == .drifted && drift != nil
        if isLinked, let drift { html.element("<a href=\"#d-", drift, "\">") }
        html.element("<b aria-hidden=\"true\">", Words.sign(instance.word), "</b>")
        html.escaped(instance.vmid?.description ?? "–")
        html.element("<span class=\"said\"> ", Words.name(instance.word), "</span>")
        if isLinked { html.raw("</a>") }
        html.raw("</li>\n")
    }

    private mutating func planes(_ report: Report) {
        html.raw(
            """
            <section>
            <h2>planes</h2>
            <div class="wide" tabindex="0"><table>
            <thead><tr><th scope="col">plane</th><th scope="col">status</th><th scope="col" class="n">drifts</th>\
            <th scope="col" class="n">unknown</th><th scope="col">what was read</th></tr></thead>
            <tbody>

            """)
        for entry in report.coverage {
            html.element("<tr><th scope=\"row\">", entry.plane.rawValue, "</th><td class=\"")
            html.raw(ReportStyle.cssClass(entry.status))
            html.element("\"><b aria-hidden=\"true\">", Words.sign(entry.status), "</b> ")
            html.element("", Words.name(entry.status), "</td><td class=\"n\">")
            html.number(report.decisions.count { $0.drift.kind.plane == entry.plane })
            html.raw("</td><td class=\"n\">")
            html.number(report.unknown.count { $0.plane == entry.plane })
            html.element("</td><td>", entry.detail ?? "", "")
            if let at = entry.observedAt { html.element(" <time class=\"quiet\">", at.description, "</time>") }
            html.raw("</td></tr>\n")
        }
        html.raw("</tbody>\n</table></div>\n</section>\n")
    }

    // MARK: Drifts

    private mutating func section(_ group: ReportOutline.Group) {
        html.element("<section>\n<h2>", group.name, " <span class=\"count\">")
        html.number(group.decisions.count)
        html.element("</span> <small>", group.meaning, "</small></h2>\n")
        for decision in group.decisions { entry(decision) }
        html.raw("</section>\n")
    }

    private mutating func entry(_ decision: Decision) {
        let drift = decision.drift
        html.element("<article id=\"d-", drift.id, "\">\n<h3>")
        html.element("<span class=\"vmid\">", drift.subject.vmid?.description ?? "no VMID", "</span> ")
        if let hostname = drift.subject.hostname {
            html.raw("<span class=\"host\">")
            html.escaped(hostname, limit: 64)
            html.raw("</span> ")
        }
        html.element("<span class=\"what\">", Words.title(drift.kind), "</span> ")
        html.element("<code>", drift.kind.rawValue, "</code></h3>\n<dl>\n")
        for place in drift.subject.places { detail(place.label, place.text) }
        detail("should be", drift.desired)
        detail("is", drift.observed)
        detail("why", Words.why(decision))
        if let accepted = decision.accepted { detail("accepted", Words.accepted(accepted)) }
        detail("evidence", Words.evidence(drift.evidence))
        detail("id", drift.id)
        html.raw("</dl>\n</article>\n")
    }

    private mutating func detail(_ label: StaticString, _ text: String) {
        html.raw("<div><dt>")
        html.raw(label)
        html.element("</dt><dd>", text, "</dd></div>\n")
    }

    // MARK: What is not known

    private mutating func unknown(_ report: Report, _ outline: ReportOutline) {
        guard !report.unknown.isEmpty else { return }
        html.raw("<section>\n<h2>unknown <span class=\"count\">")
        html.number(report.unknown.count)
        html.element("</span> <small>", Words.unknownMeaning, "</small></h2>\n")
        html.raw(
            """
            <div class="wide" tabindex="0"><table>
            <thead><tr><th scope="col">plane</th><th scope="col">reason</th><th scope="col">of what</th></tr></thead>
            <tbody>

            """)
        for group in outline.unknown {
            html.element("<tr><th scope=\"row\">", group.plane.rawValue, "</th><td>")
            html.element("", group.words, " <code>")
            html.element("", group.reason.rawValue, "</code></td><td>")
            html.element("", group.what, "</td></tr>\n")
        }
        html.raw("</tbody>\n</table></div>\n</section>\n")
    }

    private mutating func notEvaluated(_ outline: ReportOutline) {
        guard !outline.notEvaluated.isEmpty else { return }
        html.raw("<section>\n<h2>not evaluated</h2>\n<dl>\n")
        for group in outline.notEvaluated {
            html.element("<div><dt>", group.why, "</dt><dd>")
            for kind in group.kinds { html.element("<code>", kind.rawValue, "</code> ") }
            html.raw("</dd></div>\n")
        }
        html.raw("</dl>\n</section>\n")
    }

    private mutating func footer(_ report: Report) {
        html.element("</main>\n<footer class=\"quiet\">plan <code>", report.planHash, "</code></footer>\n")
        html.raw("</body>\n</html>\n")
    }
}
