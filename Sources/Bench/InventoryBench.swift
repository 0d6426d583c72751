import Core
import Platform

/// Decoding the inventory of a large cluster, as Proxmox writes it.
enum InventoryBench {
    static func run(guests: Int, runs: Int) throws -> [Figure] {
        let body = answer(guests)
        var decoded: Result<ProxmoxDecoding.Inventory, any Error>?
        let time = Meter.median(runs: runs) { decoded = Result { try ProxmoxDecoding.inventory(body) } }
        let resources = try decoded?.get().resources.count ?? 0
        guard resources == guests + 9 else { throw BenchError("\(resources) rows of the inventory were decoded") }
        var seen = 0
        let floor = Meter.median(runs: runs) { for byte in body where byte == 34 { seen &+= 1 } }
        precondition(seen > 0, "the sum is used, so that it is computed")
        return [
            Figure(
                name: "inventory of \(Figure.text(Double(guests))) guests, \(body.count / 1_000_000) MB, decoded",
                value: time, unit: .milliseconds, goal: 20, floor: floor, floorIs: "its bytes read once")
        ]
    }

    /// All the fields that `GET /cluster/resources` has for a container.
    private static func answer(_ guests: Int) -> [UInt8] {
        var text = #"{"data":["#
        for node in 1...9 {
            text += #"{"cgroup-mode":2,"cpu":0.0312,"disk":9437184,"id":"node/n\#(node)","level":"","maxcpu":64,"#
            text += #""maxdisk":98000000,"maxmem":270000000000,"mem":81000000000,"node":"n\#(node)","status":"online","#
            text += #""type":"node","uptime":8640000},"#
        }
        for index in 0..<guests {
            let vmid = 1_000_000 + index
            text += #"{"cpu":0.01\#(index % 89 + 10),"disk":\#(3_000_000_000 + index),"diskread":\#(index * 4096),"#
            text += #""diskwrite":\#(index * 8192),"id":"lxc/\#(vmid)","maxcpu":4,"maxdisk":21474836480,"#
            text += #""maxmem":8589934592,"mem":\#(2_000_000_000 + index),"name":"mc-paper-\#(vmid)","#
            text += #""netin":\#(index * 977),"netout":\#(index * 1013),"node":"n\#(index % 9 + 1)","pool":"games","#
            text += #""status":"running","tags":"game;zlh","template":0,"type":"lxc","uptime":\#(index * 60),"#
            text += #""vmid":\#(vmid)}"# + (index + 1 < guests ? "," : "]}")
        }
        return Array(text.utf8)
    }
}
