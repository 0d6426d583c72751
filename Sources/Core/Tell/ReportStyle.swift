/// How the page looks: light or dark as the reader's system is, and on paper.
enum ReportStyle {
    static func cssClass(_ word: InstanceStanding.Word) -> StaticString {
        switch word {
        case .inSync: "in-sync"
        case .drifted: "drifted"
        case .unknown: "unknown"
        case .suppressed: "suppressed"
        case .excluded: "excluded"
        }
    }

    static func cssClass(_ status: Coverage.Status) -> StaticString {
        switch status {
        case .complete: "in-sync"
        case .partial: "unknown"
        case .failed: "drifted"
        case .notConfigured: "excluded"
        }
    }

    // Each pair of colours has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3): a test computes it from this text.
    static let css: StaticString = """
        :root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --text: #1b1f24; --quiet: #57606a;
          --line: #d5dae1; --link: #0b57c2;
          --in-sync: #1a6334; --in-sync-back: #e3f4e8; --drifted: #a11218; --drifted-back: #fde4e3;
          --unknown: #7a4b00; --unknown-back: #fdf0d0; --suppressed: #5a3a9e; --suppressed-back: #eee8fb;
          --excluded: #57606a; --excluded-back: #eceff2; }
        @media screen and (prefers-color-scheme: dark) { :root { --page: #101418; --card: #191f26; --text: #e6e9ee; --quiet: #9aa6b2;
          --line: #303944; --link: #7db4ff;
          --in-sync: #8fdba6; --in-sync-back: #173524; --drifted: #ffb1ab; --drifted-back: #4b191c;
          --unknown: #f5cf7a; --unknown-back: #42300a; --suppressed: #cdb8ff; --suppressed-back: #2f2450;
          --excluded: #9aa6b2; --excluded-back: #232b34; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 68rem; padding: 1.5rem 1rem 3rem; background: var(--page); color: var(--text);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .5rem; display: flex; flex-wrap: wrap; gap: .25rem .75rem;
          align-items: center; }
        h2 { font-size: 1.125rem; margin: 2rem 0 .75rem; text-transform: capitalize; }
        h2 small { color: var(--quiet); font-size: .9375rem; font-weight: 400; text-transform: none; margin-left: .25rem; }
        h3 { font-size: 1rem; margin: 0 0 .5rem; display: flex; flex-wrap: wrap; gap: .125rem .625rem;
          align-items: baseline; }
        header p { margin: .25rem 0; }
        a { color: inherit; }
        a:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
        code, .vmid, .host, dd { overflow-wrap: anywhere; }
        code { font: .875em/1.4 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; color: var(--quiet); }
        .quiet { color: var(--quiet); font-size: .875rem; }
        .filter { border-left: 3px solid var(--link); padding-left: .625rem; }
        .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
        .answer { padding: .125rem .625rem; border-radius: .375rem; font-size: 1.125rem; letter-spacing: .03em; }
        .count { font-weight: 400; color: var(--quiet); }
        .in-sync { color: var(--in-sync); } .drifted { color: var(--drifted); } .unknown { color: var(--unknown); }
        .suppressed { color: var(--suppressed); } .excluded { color: var(--excluded); }
        .answer.in-sync, li.in-sync { background: var(--in-sync-back); }
        .answer.drifted, li.drifted { background: var(--drifted-back); }
        .answer.unknown, li.unknown { background: var(--unknown-back); }
        li.suppressed { background: var(--suppressed-back); } li.excluded { background: var(--excluded-back); }
        ul.legend, ol.grid { list-style: none; margin: 0 0 .75rem; padding: 0; display: flex; flex-wrap: wrap; gap: .375rem; }
        ul.legend li { padding: .125rem .625rem; border-radius: 1rem; font-size: .875rem; }
        ol.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(4.5rem, 1fr)); gap: .25rem; }
        ol.grid li { position: relative; border-radius: .25rem; font-size: .875rem; font-variant-numeric: tabular-nums; }
        ol.grid li, ol.grid a { display: flex; gap: .375rem; align-items: baseline; }
        ol.grid li { padding: .1875rem .5rem; } ol.grid a { flex: 1; text-decoration: none; }
        ol.grid li.drifted { box-shadow: inset 0 0 0 1px var(--drifted); }
        ol.grid b { display: inline-block; width: .875rem; text-align: center; }
        article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem;
          margin: 0 0 .625rem; }
        article:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
        .vmid { font-variant-numeric: tabular-nums; } .host { font-weight: 400; } .what { flex-basis: auto; }
        h3 code { font-weight: 400; }
        dl { margin: 0; } dl div { display: grid; grid-template-columns: 7rem 1fr; gap: 0 .75rem; padding: .0625rem 0; }
        dt { color: var(--quiet); } dd { margin: 0; }
        .wide { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; background: var(--card); }
        table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
        th, td { text-align: left; vertical-align: top; padding: .4375rem .75rem; border-top: 1px solid var(--line); }
        thead th { border-top: 0; color: var(--quiet); font-weight: 600; } tbody th { font-weight: 600; white-space: nowrap; }
        td.in-sync, td.drifted, td.unknown, td.excluded { white-space: nowrap; } .n { text-align: right; }
        time { white-space: nowrap; } td { min-width: 3rem; } td:last-child { min-width: 14rem; overflow-wrap: anywhere; }
        footer { margin-top: 2rem; overflow-wrap: anywhere; }
        @media (max-width: 36rem) { dl div { grid-template-columns: 1fr; padding: .1875rem 0; } dt { font-size: .8125rem; }
          h1 { font-size: 1.25rem; } th, td { padding: .375rem .5rem; } }
        @media print { :root { --page: #ffffff; --card: #ffffff; --text: #000000; --quiet: #444444; --line: #999999; }
          body { max-width: none; padding: 0; font-size: 10pt; } article, tr, ol.grid li { break-inside: avoid; }
          h2, h3 { break-after: avoid; } .wide { overflow: visible; } ol.grid li, .answer { border: 1px solid currentColor; } }
        """
}
