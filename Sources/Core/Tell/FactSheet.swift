/// Facts in sections, for a person. Text, Markdown and HTML are made from it and say the same.
package struct FactSheet: Equatable, Sendable {
    /// A label of this program, and text that may come from outside. Without a label it goes on with the entry before it.
    package struct Entry: Equatable, Sendable {
        package var label: String
        package var text: String
        /// Whether it belongs under the entry before it.
        package var isUnder: Bool

        package init(_ label: String, _ text: String, isUnder: Bool = false) {
            (self.label, self.text, self.isUnder) = (label, text, isUnder || label.isEmpty)
        }
    }

    /// Entries that belong together.
    package struct Block: Equatable, Sendable {
        /// In this program's own words; nil for entries that stand by themselves.
        package var title: String?
        /// The word for it that other programs rely on.
        package var code: String?
        package var entries: [Entry]

        package init(_ entries: [Entry]) { self.entries = entries }

        package init(_ title: String, code: String?, _ entries: [Entry]) {
            (self.title, self.code, self.entries) = (title, code, entries)
        }
    }

    package struct Section: Equatable, Sendable {
        package var title: String
        /// What the section tells, in a few words.
        package var meaning: String
        package var blocks: [Block]

        package init(_ title: String, _ meaning: String, _ blocks: [Block]) {
            (self.title, self.meaning, self.blocks) = (title, meaning, blocks)
        }
    }

    /// The answer, in one line.
    package var title: String
    package var sections: [Section]
    /// What holds for all of it.
    package var closing: [String]

    package init(title: String, sections: [Section], closing: [String]) {
        (self.title, self.sections, self.closing) = (title, sections, closing)
    }
}
