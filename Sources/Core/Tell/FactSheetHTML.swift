/// A sheet of facts as one page of HTML that needs nothing else, in the dress of the report.
package struct FactSheetHTML {
    private var html = HTMLWriter()

    package static func encode(_ sheet: FactSheet) -> [UInt8] {
        var page = FactSheetHTML()
        page.html.head(title: sheet.title)
        page.html.element("<header>\n<h1>", sheet.title, "</h1>\n")
        for line in sheet.closing { page.html.element("<p class=\"quiet\">", line, "</p>\n") }
        page.html.raw("</header>\n<main>\n")
        for section in sheet.sections { page.section(section) }
        page.html.raw("</main>\n</body>\n</html>\n")
        return Array(page.html.text.utf8)
    }

    private mutating func section(_ section: FactSheet.Section) {
        html.element("<section>\n<h2>", section.title.lowercased(), "")
        html.element(" <small>", section.meaning, "</small></h2>\n")
        for block in section.blocks { self.block(block) }
        html.raw("</section>\n")
    }

    private mutating func block(_ block: FactSheet.Block) {
        html.raw("<article>\n")
        if let title = block.title {
            html.element("<h3><span class=\"what\">", title, "</span>")
            if let code = block.code { html.element(" <code>", code, "</code>") }
            html.raw("</h3>\n")
        }
        html.raw("<dl>\n")
        for entry in block.entries {
            html.element("<div><dt>", entry.label, "</dt>")
            html.element("<dd>", entry.text, "</dd></div>\n")
        }
        html.raw("</dl>\n</article>\n")
    }
}
