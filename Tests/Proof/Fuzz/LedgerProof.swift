import Core
import Postgres

/// A change of the edge as a ledger has it, perhaps a later version's: what is read is written and read again as the same.
enum LedgerProof {
    static func outcome(_ bytes: [UInt8]) -> Decoder.Outcome {
        guard let text = String(validating: bytes, as: UTF8.self), let change = EdgeChangeForm.read(text) else {
            return .refused
        }
        guard JSONTree(bytes) != nil else { return .violated("what is no JSON document was read") }
        do throws(PostgresError) {
            let again = EdgeChangeForm.read(try EdgeChangeForm(change).json)
            return again == change ? .read : .violated("written and read again it is another change")
        } catch {
            return .violated("what was read cannot be written")
        }
    }
}
