import Core
import Settings
import Testing

@Suite struct YAMLTests {
    @Test(arguments: [
        ("", "c.yaml:1: is empty"),
        ("# nothing\n", "c.yaml:1: is empty"),
        ("null\n", "c.yaml:1: is empty"),
        ("- a\n", "c.yaml:1: needs a map of keys, and this is a list"),
        ("id: a\nid: b\n", "c.yaml:2: `id` is given twice in one map (first in line 1); remove one"),
        ("a: { b: 1, b: 2 }\n", "c.yaml:1: `b` is given twice in one map; remove one"),
        ("id: a\n---\nid: b\n", "c.yaml:2: begins a second document (`---`); one file holds one"),
        (
            "a: &x 1\nb: 2\n",
            "c.yaml:1: `&` begins an anchor here, and anchors are not supported; write the value out"
        ),
        (
            "a: &x\n  b: c\n",
            "c.yaml:1: `&` begins an anchor here, and anchors are not supported; write the value out"
        ),
        (
            "a: *x\n",
            "c.yaml:1: `*` begins an alias here, and aliases are not supported; write the value out"
        ),
        (
            "a: !!int 5\n",
            "c.yaml:1: `!` begins a YAML tag here, and tags are not supported; leave it out"
        ),
        ("<<: { a: 1 }\n", "c.yaml:1: `<<` (merge) is not supported; write the keys out"),
        ("? [a]\n: b\n", "c.yaml:1: `? ` keys are not supported; write `key: value`"),
        ("{[a]: b}\n", "c.yaml:1: a list cannot be a key; a `{` or `[` may need quotes"),
        ("id: a\u{0}b\n", "c.yaml:1: holds the control character \\u{0}; is this a text file?"),
        ("id: a\nmode: \u{1B}[31m\n", "c.yaml:2: holds the control character \\u{1b}; is this a text file?"),
    ])
    func whatIsNoConfigurationIsToldWithItsLine(text: String, expected: String) {
        let told = complaints(text)
        #expect(told.hasPrefix(expected), "\(told)")
    }

    @Test func aSyntaxErrorNamesItsLine() {
        let told = complaints("id: a\npostgres: { url: [\nmode: x\n")
        #expect(told.hasPrefix("c.yaml:") && told.contains("is not YAML from here on"), "\(told)")
        #expect(!told.contains("\n"))
    }

    @Test func textThatIsNotUTF8NamesItsLine() throws {
        let bytes = Array("id: a\nmode: ".utf8) + [0xFF, 10]
        #expect {
            try Configuration.read(bytes, file: "c.yaml", folder: "/", hasPolicyFolder: false)
        } throws: {
            ($0 as? ConfigurationError)?.description == "c.yaml:2: is not UTF-8 text; save it as UTF-8"
        }
    }

    @Test func ampersandsAndQuestionMarksStayInTexts() throws {
        let url = "postgres://u@h:5432/zlh?sslmode=require&application_name=x"
        // In quotes, as a plain scalar and in a comment.
        #expect(try read("# R &D ?\nid: a\npostgres: { url: \"\(url)\" }\n").postgres.url == url)
        #expect(try read("id: a\npostgres:\n  url: \(url)\n").postgres.url == url)
        let secret = try read(smallest + "redis: { url: 'redis://h', password: { value: '&a ?b' } }\n").redis?.password
        #expect(try secret?.resolve(environment: [:]).reveal() == "&a ?b")
    }

    @Test func aByteOrderMarkIsNotPartOfTheFirstKey() throws {
        #expect(try read("\u{FEFF}" + smallest).id == "detroit-1")
    }

    @Test(arguments: [
        ("mode: no", "`no` is not a mode; there is: dry-run, repair"),
        ("policies: no", "`no` without quotes may mean text or true/false; write \"no\" if it is text"),
        ("policies: On", "`On` without quotes may mean text or true/false; write \"On\" if it is text"),
        ("cycle: 60", "`60` has no unit; write 60s for seconds, or use ms, m, h, d"),
        ("cycle: 1:30", "`1:30` is not a length of time; write a whole number and ms, s, m, h or d, as in 60s"),
        ("cycle: 0s", "0s is out of range: it must be from 1s to 1h"),
        ("cycle: 9223372036854775807d", "is not a length of time"),
        ("cycle: [60s]", "needs a length of time such as 60s, and this is a list"),
        ("cycle:", "has no value; give one (is it indented below the key?) or leave the key out"),
        ("redis:", "has no value; give one (is it indented below the key?) or leave the key out"),
        ("redis: [a]", "needs a map of keys, and this is a list"),
        ("redis: redis://h", "needs a map of keys, and this is a plain value"),
    ])
    func surprisesOfYAMLAreToldAsWhatTheyAre(line: String, expected: String) {
        let told = complaint(line)
        let key = line.prefix { $0 != ":" }
        #expect(told.hasPrefix("c.yaml:3: \(key): ") && told.contains(expected), "\(told)")
    }

    @Test func textKeepsItsNumbersAsWritten() throws {
        #expect(try read(smallest.replacing("\"detroit-1\"", with: "007")).id == "007")
        #expect(try read(smallest.replacing("\"detroit-1\"", with: "1e3")).id == "1e3")
        #expect(try read(smallest.replacing("\"detroit-1\"", with: "\"no\"")).id == "no")
    }

    @Test func allProblemsAreToldAtOnceInOrder() {
        let told = complaints(
            """
            mod: repair
            cycle: 60
            postgres:
              url: mysql://x/y
              timout: 3s
            proxmox:
              urls: []
              tls: { verfy: true }
            """)
        #expect(
            told == """
                c.yaml:1: id: is required: it names this installation in ownership marks, e.g. id: "detroit-1"
                c.yaml:1: mod: unknown key; did you mean `mode`?
                c.yaml:2: cycle: `60` has no unit; write 60s for seconds, or use ms, m, h, d
                c.yaml:4: postgres.url: is not an address of PostgreSQL; write it as postgres://user@host:5432/database
                c.yaml:5: postgres.timout: unknown key; did you mean `timeout`?
                c.yaml:6: proxmox.token: is required: an API token, USER@REALM!NAME=SECRET
                c.yaml:7: proxmox.urls: needs at least one of: addresses
                c.yaml:8: proxmox.tls.verfy: unknown key; did you mean `verify`?
                """)
    }

    @Test func foreignTextCannotDriveATerminal() {
        let told = complaint("\"a\\e[31m\\n\\u202Eb\": 1")
        #expect(told.hasPrefix("c.yaml:3: a\\u{1b}[31m\\u{a}\\u{202e}b: unknown key; known here: id, mode"), "\(told)")
        #expect(told.unicodeScalars.allSatisfy { $0.value >= 32 })
    }
}
