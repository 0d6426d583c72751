import Core
import Testing

@testable import Platform

/// The fast reader says what the lenient one says, or nothing.
@Suite struct PlainStatusTests {
    static let usual = [
        #"{"state":"running"}"#, #"{"state":"Running","processRunning":true,"ready":false}"#,
        #"{"state":"crashed","crashCount":3,"lastCrashExitCode":-9,"lastCrashLogTail":["a \"b\" ü"]}"#,
        #"{"config":{"a":[1,{"b":null}]},"state":"x","ready":null,"lastCrashExitCode":null,"error":null}"#,
        "{ \"state\" : \"idle\" ,\n\t\"operationInProgress\":true, \"maintenance\":false }\n",
    ]

    @Test(arguments: usual) func theUsualIsReadFast(_ body: String) throws {
        let bytes = Array(body.utf8)
        let status = try #require(PlainStatus.read(bytes))
        #expect(status == AgentDecoding.lenient(bytes))
        #expect(status.state != nil)
    }

    static let unusual = [
        "", "null", "[]", "{}", #"{"state":"run"#, #"{"state":"running"}x"#, #"{"state":""}"#, #"{"state":null}"#,
        #"{"state":5}"#, #"{"state":{"a":1}}"#, #"{"state":"r\u0075nning"}"#, #"{"st\u0061te":"running"}"#,
        #"{"state":"running","ready":1}"#, #"{"state":"running","ready":"true"}"#,
        #"{"state":"running","ready":"maybe"}"#, #"{"state":"running","crashCount":"2"}"#,
        #"{"state":"running","crashCount":2.0}"#, #"{"state":"running","crashCount":1e2}"#,
        #"{"state":"running","crashCount":99999999999999999999}"#, #"{"state":"running","crashCount":[]}"#,
        #"{"state":"running","state":"crashed"}"#, #"{"state":"running","ready":null,"ready":true}"#,
        #"{"ready":true}"#, #"{"state":"läuft"}"#,
    ]

    @Test(arguments: unusual) func theRestIsLeftToTheLenientReader(_ body: String) {
        let bytes = Array(body.utf8)
        #expect(PlainStatus.read(bytes) == nil)
        #expect(AgentDecoding.status(bytes) == AgentDecoding.lenient(bytes))
    }
}
