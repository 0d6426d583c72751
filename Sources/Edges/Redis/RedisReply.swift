internal import CHiredis

/// One reply, copied out of hiredis. Bounded: see ``RedisHandle``.
package indirect enum RedisReply: Equatable, Sendable {
    case text(String)
    /// A string that is not UTF-8, by its length: nothing that is read here may be one.
    case binary(bytes: Int)
    case integer(Int64)
    case nothing
    case list([RedisReply])
    case refused(RedisError)
}

extension RedisReply {
    package var text: String? { if case .text(let text) = self { text } else { nil } }
    package var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    package var list: [RedisReply]? { if case .list(let list) = self { list } else { nil } }
    package var error: RedisError? { if case .refused(let error) = self { error } else { nil } }

    /// Nil for a type that RESP2 does not have.
    init?(copying reply: UnsafePointer<redisReply>) {
        let reply = unsafe reply.pointee
        switch unsafe reply.type {
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS:
            let bytes = unsafe UnsafeRawBufferPointer(start: reply.str, count: reply.len)
            self = unsafe String(validating: bytes, as: UTF8.self).map(RedisReply.text) ?? .binary(bytes: bytes.count)
        case REDIS_REPLY_ERROR:
            let bytes = unsafe UnsafeRawBufferPointer(start: reply.str, count: reply.len)
            self = unsafe .refused(RedisError(reply: String(decoding: bytes, as: UTF8.self)))
        case REDIS_REPLY_INTEGER: self = unsafe .integer(Int64(reply.integer))
        case REDIS_REPLY_NIL: self = .nothing
        case REDIS_REPLY_ARRAY:
            var list: [RedisReply] = []
            unsafe list.reserveCapacity(reply.elements)
            for index in unsafe 0..<reply.elements {
                guard let element = unsafe reply.element[index], let copy = unsafe RedisReply(copying: element) else {
                    return nil
                }
                list.append(copy)
            }
            self = .list(list)
        default: return nil
        }
    }
}
