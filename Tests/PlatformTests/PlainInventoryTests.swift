import Core
import Testing

@testable import Platform

@Suite("An inventory read the fast way")
struct PlainInventoryTests {
    private static let guest =
        #"{"vmid":5001,"type":"lxc","node":"n1","status":"running","name":"mc-5001","template":0,"mem":1.5e9,"tags":"a;b"}"#
    private static let node = #"{"type":"node","node":"n1","status":"online","maxcpu":64}"#

    @Test(arguments: [
        #"{"data":[]}"#, #"{"data":[\#(node),\#(guest)]}"#,
        " { \"data\" : [ \(guest) ] , \"more\" : {\"a\":[1,true,null]} }\n",
        #"{"data":[{"type":"storage","storage":"x","content":"a\"b"},{"type":"pool","pool":"p","maxcpu":3}]}"#,
        #"{"data":[{"type":"qemu","vmid":100,"node":"n1","template":1,"lock":"backup","hastate":"started","pool":"p"}]}"#,
    ])
    func isTheSameAsTheLenientOne(_ text: String) throws {
        let body = Array(text.utf8)
        let lenient = try ProxmoxDecoding.lenientInventory(body)
        #expect(PlainInventory.resources(body) == lenient.resources)
        #expect(lenient.unreadableRows == 0)
    }

    /// What is unusual or wrong is left to Foundation, whole.
    @Test(arguments: [
        "", "null", "[]", #"{"data":null}"#, #"{"data":[]"#, #"{"data":[]}x"#, #"{"data":[],"data":[]}"#,
        #"{"data":[null]}"#,
        #"{"data":[{}]}"#, #"{"data":[{"type":"lxc","node":"n1"}]}"#,
        #"{"data":[{"type":"lxc","vmid":99,"node":"n1"}]}"#,
        #"{"data":[{"type":"lxc","vmid":"5001","node":"n1"}]}"#,
        #"{"data":[{"type":"lxc","vmid":5001.0,"node":"n1"}]}"#,
        #"{"data":[{"type":"lxc","vmid":05001,"node":"n1"}]}"#,
        #"{"data":[{"type":"lxc","vmid":5001,"vmid":5002,"node":"n1"}]}"#,
        #"{"data":[{"type":"lxc","vmid":5001,"node":"n1","name":"a\u0062"}]}"#,
        #"{"data":[{"type":"lxc","vmid":5001,"node":"n1","name":"a\nb"}]}"#,
        #"{"data":[{"type":"lxc","vmid":5001,"node":"n1","name":"é"}]}"#,
        #"{"data":[{"type":"lxc","vmid":5001,"node":"n1","name":""}]}"#,
        #"{"data":[{"type":"lxc","vmid":5001,"node":"n1","name":7}]}"#,
        #"{"data":[{"type":"lxc","vmid":5001,"node":"n1","template":"0"}]}"#,
        #"{"data":[{"type":"lxc","vmid":5001,"node":"n1","mem":1.}]}"#,
        #"{"data":[{"type":"lxc","vmid":5001,"node":"n1",}]}"#,
        "{\"data\":" + String(repeating: "[", count: 100_000),
        #"{"more":"# + String(repeating: "[", count: 100_000),
    ])
    func anythingElseIsNotItsOwn(_ text: String) {
        #expect(PlainInventory.resources(Array(text.utf8)) == nil)
    }

    /// Cut off anywhere, it is no inventory.
    @Test func aCutOffAnswerIsNone() {
        let body = Array(#"{"data":[\#(Self.node),\#(Self.guest)]}"#.utf8)
        for end in 0..<body.count { #expect(PlainInventory.resources(Array(body[..<end])) == nil) }
    }
}
