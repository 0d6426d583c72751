import Foundation

/// Where a laboratory serves what, and by which credentials: its port file.
struct LabAddresses: Decodable {
    var proxmox_urls: [String]
    var proxmox_token: String
    var cluster: String?
    var cloudflare_url: String
    var cloudflare_token: String
    var zone: String
    var zone_id: String
    var edge: String
    var former_edges: [String]
    var technitium_url: String
    var technitium_token: String
    var internal_edge: String
    var internal_former_edges: [String]
    var agent_port: Int
    var agent_token: String
    var agent_networks: [String]
    var velocity_url: String
    var velocity_secret: String
    var webhook_url: String
    var control_url: String

    init(portFile: String) throws {
        self = try JSONDecoder().decode(LabAddresses.self, from: Data(contentsOf: URL(filePath: portFile)))
    }
}
